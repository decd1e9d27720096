#!/bin/bash
# Secure aggregation over real sockets: FedAvg's result, a client that is killed while it trains, too
# few that survive, clients and servers that are refused.
#   secure_test.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/federate/story.sh
. "$here/story.sh"

model_near() {  # FOLDER VALUE: within the error of fixed-point numbers
  "$here/plain_client.py" --show "$1/model.npz" |
    python3 -c 'import sys; v = [float(x) for x in sys.stdin.read().split()]
assert len(v) == 4 and all(abs(x - float(sys.argv[1])) < 1e-6 for x in v), v' "$2" ||
    fail "the model of $1 is not $2"
}

# --- four clients: the mean of 1, 2, 4 and 8 is 3.75 per round, as without secure aggregation ---
for way in plain secure; do
  flag=()
  [ $way = plain ] || flag=(--secure-aggregation)
  fresh
  server $way --json --rounds 2 --min-available 4 --checkpoint $way "${flag[@]}"
  client 1 1 "${flag[@]}"
  client 2 2
  client 3 4
  client 4 8
  all_end
  model_near $way 7.5
done
python3 - <<'PYTHON' || fail "the server's answer tells too much, or too little"
import json
for r in json.load(open("secure.out"))["rounds"]:
    assert r["merged"] == 4, r
    assert all(c["examples"] == 0 and "loss" not in c for c in r["clients"]), r["clients"]
PYTHON

# --- one of four is killed while it trains: the mean of the others, 11 / 3 per round ---
fresh
server killed --rounds 1 --min-available 4 --checkpoint killed --secure-aggregation --rejoin-grace 1s
export WORK=5
for cid in 1 2 8 4; do client "$cid" "$cid"; done
lines_reach 1 1.begun 2.begun 8.begun 4.begun
slay 4 "$client_id"
all_end
model_near killed 3.6666667
says killed.err 'client 4 is gone'

# --- two of three are killed: the round is void, nothing is merged ---
fresh
server void --rounds 1 --min-available 3 --checkpoint void --secure-aggregation --rejoin-grace 1s
client 1 1
client 2 2 && second=$client_id
client 3 4 && third=$client_id
lines_reach 1 1.begun 2.begun 3.begun
slay 2 "$second"
slay 3 "$third"
all_end
model_near void 0
says void.err 'round 1: void: 1 of the 2 clients that a secure sum needs'
unset WORK

# --- who cannot, and who must not ---
fresh
server refuse --rounds 1 --min-available 2 --secure-aggregation
client 1 1 --dialect 0.x
ends 1 "$client_id" 3
says 1.err 'secure aggregation only'
slay refuse "$server_id"
fresh
server insecure --rounds 1 --min-available 1
client 1 1 --secure-aggregation
ends 1 "$client_id" 3
says 1.err "asks for this client's update itself"
slay insecure "$server_id"
for flags in '--strategy krum' '--strategy nus' '--strategy dynhp' '--dp-clip 1 --dp-noise 1' '--late carry' \
  '--update-encoding int8' '--clients-per-round 1'; do
  # shellcheck disable=SC2086
  "$marvel" fedl server --secure-aggregation $flags >refused 2>&1 && fail "accepted $flags"
  says refused --secure-aggregation
done

[ "$failures" -eq 0 ] && echo "all well"
[ "$failures" -eq 0 ]
