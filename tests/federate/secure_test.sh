#!/bin/bash
# Secure aggregation over real sockets: FedAvg's result, a client that is killed while it trains, too
# few that survive, clients and servers that are refused.
#   secure_test.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
work=$(mktemp -d)
started=()
clean_up() {
  for id in "${started[@]}"; do kill -9 "$id" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap clean_up EXIT
cd "$work"
export HOME=$work XDG_CONFIG_HOME=$work/xdg TMPDIR=$work
unset CID SERVER_ADDRESS NB_CLIENTS EPOCHS

server() {  # NAME FLAGS...: begins one and finds its port
  local name=$1
  shift
  rm -f ./*.ledger ./*.begun
  "$marvel" fedl server --address 127.0.0.1:0 --json "$@" >"$name.json" 2>"$name.err" &
  server_id=$!
  started=("$server_id")
  for ((i = 0; i < 100; ++i)); do
    grep -qs 'listening on port' "$name.err" && break
    sleep 0.1
  done
  port=$(sed -n 's/.*listening on port \([0-9]*\).*/\1/p' "$name.err")
  [ -n "$port" ] || { echo "FAILED: no server: $(cat "$name.err")" >&2; exit 1; }
}
client() {  # CID STEP WORDS...
  local cid=$1 step=$2
  shift 2
  STEP=$step BEGUN=$work/$cid.begun LEDGER=$work/$cid.ledger "$marvel" fedl client --cid "$cid" \
    --give-up 60s --server-address "127.0.0.1:$port" --exec "$here/plain_client.py" "$@" >"$cid.out" 2>"$cid.err" &
  client_id=$!
  started+=("$client_id")
}
fail() { echo "FAILED: $1" >&2; exit 1; }
all_end() {  # NAME IDS...
  local name=$1
  shift
  for id in "$@"; do
    wait "$id" || fail "$name: $(tail -n 3 ./*.err)"
  done
}
wait_for() {  # FILE...
  local file
  for file in "$@"; do
    for ((i = 0; i < 400; ++i)); do
      [ -s "$file" ] && continue 2
      sleep 0.05
    done
    fail "$file does not come"
  done
}
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
  server $way --rounds 2 --min-available 4 --checkpoint $way "${flag[@]}"
  client 1 1 "${flag[@]}"
  client 2 2
  client 3 4
  client 4 8
  all_end $way "${started[@]}"
  model_near $way 7.5
done
python3 - <<'PYTHON' || fail "the server's answer tells too much, or too little"
import json
for r in json.load(open("secure.json"))["rounds"]:
    assert r["merged"] == 4, r
    assert all(c["examples"] == 0 and "loss" not in c for c in r["clients"]), r["clients"]
PYTHON

# --- one of four is killed while it trains: the mean of the others, 11 / 3 per round ---
server killed --rounds 1 --min-available 4 --checkpoint killed --secure-aggregation --rejoin-grace 1s
export WORK=2
for cid in 1 2 8; do client "$cid" "$cid"; done
alive=("${started[@]}")
client 4 4
wait_for 1.begun 2.begun 8.begun 4.begun
kill -9 "$client_id"
all_end killed "${alive[@]}"
model_near killed 3.6666667
grep -q 'client 4 is gone' killed.err || fail "nobody misses client 4: $(cat killed.err)"

# --- two of three are killed: the round is void, nothing is merged ---
server void --rounds 1 --min-available 3 --checkpoint void --secure-aggregation --rejoin-grace 1s
client 1 1
alive=("${started[@]}")
client 2 2 && second=$client_id
client 3 4 && third=$client_id
wait_for 1.begun 2.begun 3.begun
kill -9 "$second" "$third"
all_end void "${alive[@]}"
model_near void 0
grep -q 'round 1: void: 1 of the 2 clients that a secure sum needs' void.err || fail "$(cat void.err)"
unset WORK

# --- who cannot, and who must not ---
server refuse --rounds 1 --min-available 2 --secure-aggregation
client 1 1 --dialect 0.x
code=0
wait "$client_id" || code=$?
[ "$code" -eq 3 ] || fail "a client of 0.x ended with $code"
grep -q 'secure aggregation only' 1.err || fail "a client of 0.x: $(cat 1.err)"
kill "$server_id"
wait "$server_id" || true
server insecure --rounds 1 --min-available 1
client 1 1 --secure-aggregation
code=0
wait "$client_id" || code=$?
[ "$code" -eq 3 ] || fail "a client that wants secure sums only ended with $code"
grep -q "asks for this client's update itself" 1.err || fail "a server that asks: $(cat 1.err)"
kill "$server_id"
wait "$server_id" || true
for flags in '--strategy krum' '--strategy nus' '--strategy dynhp' '--dp-clip 1 --dp-noise 1' '--late carry' \
  '--update-encoding int8' '--clients-per-round 1'; do
  # shellcheck disable=SC2086
  "$marvel" fedl server --secure-aggregation $flags >refused 2>&1 && fail "accepted $flags"
  grep -q -- '--secure-aggregation' refused || fail "$flags: $(cat refused)"
done
echo "all well"
