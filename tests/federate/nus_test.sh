#!/bin/bash
# Clients that tell something before the draw of a round, over real sockets: their loss (probe) or the
# size of an update they keep (post), among them one that knows nothing of it.
#   nus_test.sh MARVEL
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
  "$marvel" fedl server --address 127.0.0.1:0 --strategy nus --json "$@" >"$name.json" 2>"$name.err" &
  server_id=$!
  started=("$server_id")
  for ((i = 0; i < 100; ++i)); do
    grep -qs 'listening on port' "$name.err" && break
    sleep 0.1
  done
  port=$(sed -n 's/.*listening on port \([0-9]*\).*/\1/p' "$name.err")
  [ -n "$port" ] || { echo "FAILED: no server: $(cat "$name.err")" >&2; exit 1; }
}
client() {  # CID STEP
  STEP=$2 LEDGER=$work/$1.ledger "$marvel" fedl client --cid "$1" --give-up 60s \
    --server-address "127.0.0.1:$port" --exec "$here/plain_client.py" --json >"$1.json" 2>"$1.err" &
  client_id=$!
  started+=("$client_id")
}
all_end() {  # NAME
  for id in "${started[@]}"; do
    wait "$id" || { echo "FAILED $1: $(tail -n 3 ./*.err)" >&2; exit 1; }
  done
}

# --- probe: six clients tell their loss, two of them train ---
server probe --rounds 3 --min-available 6 --clients-per-round 2 --nus-mode probe --no-evaluate
for cid in 1 2 3 4 5 6; do client "$cid" "$cid"; done
all_end probe
python3 - <<'PYTHON'
import json
rounds = json.load(open("probe.json"))["rounds"]
for r in rounds:
    assert r["probed"] == 6 and r["merged"] == 2, r
    assert len(r["nus"]) == 6 and abs(sum(row["probability"] for row in r["nus"]) - 2) < 1e-9, r["nus"]
    keys = {"client", "weight", "norm", "loss", "variance", "staleness", "rarity", "score", "probability",
            "availability", "response"}
    assert all(set(row) == keys for row in r["nus"]), r["nus"]
assert sum(json.load(open(f"{cid}.json"))["evaluations"] for cid in range(1, 7)) == 18
PYTHON
rm -f ./*.ledger

# --- probe in turn, and coins ---
server turn --rounds 4 --min-available 6 --clients-per-round 2 --nus-mode probe --nus-probes 3 \
  --nus-sampling poisson --no-evaluate
for cid in 1 2 3 4 5 6; do client "$cid" "$cid"; done
all_end turn
python3 - <<'PYTHON'
import json
rounds = json.load(open("turn.json"))["rounds"]
assert [r["probed"] for r in rounds] == [3] * 4, [r["probed"] for r in rounds]
PYTHON
rm -f ./*.ledger

# --- post: all train, the large update is fetched; nothing is trained twice ---
server post --rounds 4 --min-available 6 --clients-per-round 2 --nus-mode post --no-evaluate
for cid in 1 2 3 4 5; do client "$cid" 0.001; done
client 6 50
all_end post
python3 - <<'PYTHON'
import json
rounds = json.load(open("post.json"))["rounds"]
for r in rounds:
    fates = [c["fate"] for c in r["clients"]]
    assert fates.count("merged") == 2 and fates.count("reported") == 4, fates
    six = next(row for row in r["nus"] if row["client"] == "6")
    assert abs(six["norm"] - 50) < 1e-3 and six["probability"] == 1, six
    assert next(c for c in r["clients"] if c["client"] == "6")["fate"] == "merged", r
down = [r["bytes_down"] for r in rounds]
assert len(set(down)) == 1 and down[0] == 6 * (128 + 16), down  # one model for each, none for the upload
PYTHON
for cid in 1 2 3 4 5 6; do
  [ "$(tr '\n' ' ' <"$cid.ledger")" = "1 2 3 4 " ] ||
    { echo "FAILED: client $cid trained $(tr '\n' ' ' <"$cid.ledger")" >&2; exit 1; }
done
rm -f ./*.ledger

# --- post: the server is killed between the reports and the uploads, and resumed ---
server first --rounds 2 --min-available 3 --clients-per-round 1 --nus-mode post --no-evaluate --checkpoint run
for cid in 1 2; do client "$cid" 1; done
WORK=3 client 3 1
for ((i = 0; i < 200; ++i)); do
  [ -e 1.ledger ] && [ -e 2.ledger ] && break
  sleep 0.05
done
kill -9 "$server_id"
wait "$server_id" 2>/dev/null || true
old=("${started[@]:1}")
"$marvel" fedl server --address "127.0.0.1:$port" --strategy nus --rounds 2 --min-available 3 \
  --clients-per-round 1 --nus-mode post --no-evaluate --checkpoint run --resume --json >first.json 2>first.err &
started=("$!" "${old[@]}")
all_end first
python3 - <<'PYTHON'
import json
rounds = json.load(open("first.json"))["rounds"]
assert len(rounds) == 2 and all(r["merged"] == 1 for r in rounds), rounds
PYTHON
for cid in 1 2 3; do
  [ "$(tr '\n' ' ' <"$cid.ledger")" = "1 2 " ] ||
    { echo "FAILED: client $cid trained $(tr '\n' ' ' <"$cid.ledger")" >&2; exit 1; }
done
echo "all well"
