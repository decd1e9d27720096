#!/bin/bash
# Runs of marvel's own trainer that end with another model than they began with, or keep a part of it
# at the client: federated DynHP, differential privacy, personal layers. Small data, real processes.
#   shrink_test.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
started=()
clean_up() {
  for id in "${started[@]}"; do kill -9 "$id" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap clean_up EXIT
cd "$work"
export HOME=$work XDG_CONFIG_HOME=$work/xdg
python3 "$here/../compress/make_data.py" data 600 200

# run NAME SERVER-FLAGS -- CLIENT-FLAGS: two clients, to the end; NAME.json is the server's answer.
run() {
  local name=$1 flags=() port=
  shift
  while [ "$1" != -- ]; do
    flags+=("$1")
    shift
  done
  shift
  "$marvel" fedl server --address 127.0.0.1:0 --min-available 2 --json "${flags[@]}" \
    >"$name.json" 2>"$name.err" &
  started=("$!")
  for ((i = 0; i < 100; ++i)); do
    grep -qs 'listening on port' "$name.err" && break
    sleep 0.1
  done
  port=$(sed -n 's/.*listening on port \([0-9]*\).*/\1/p' "$name.err")
  for cid in 1 2; do
    "$marvel" fedl client --cid "$cid" --nb-clients 2 --server-address "127.0.0.1:$port" --data data \
      --layers 64,16,4 --lr 0.005 --batch-size 20 "$@" ${personal:+--local-model "$cid.npz"} \
      >"$name.$cid" 2>"$name.$cid.err" &
    started+=("$!")
  done
  for id in "${started[@]}"; do
    wait "$id" || { echo "FAILED $name: $(tail -n 3 "$name".*err)" >&2; exit 1; }
  done
  started=()
}

personal=
run vote --rounds 10 --strategy dynhp --checkpoint run -- --model l0mlp --lambda 0.5 --gate-lr 0.1 --epochs 3 \
  --warmup-rounds 2
run private --rounds 20 --dp-clip 1 --dp-noise 2 --dp-target-epsilon 8 -- --model mlp
personal=yes
run local --rounds 3 -- --model mlp --local-layers 'layer2.*'
rm 1.npz 2.npz
run ditto --rounds 3 -- --model mlp --ditto 0.5
unset personal

python3 - <<'PYTHON'
import json
import zipfile

def rounds(name):
    return json.load(open(name + ".json"))["rounds"]

vote = rounds("vote")
sizes = [r["parameters"] for r in vote]
print("size by round:", sizes)
assert sizes[0] == 64 * 16 + 16 + 64 + 16 * 4 + 4 + 16, sizes
assert sizes[-1] < 0.8 * sizes[0] and sizes == sorted(sizes, reverse=True), sizes
assert vote[-1]["bytes_up"] < vote[0]["bytes_up"] and vote[-1]["bytes_down"] < vote[0]["bytes_down"]
assert vote[-1]["evaluation"]["accuracy"] > 0.8, vote[-1]["evaluation"]

private = json.load(open("private.json"))
assert 0 < private["privacy"]["epsilon"] <= 8 and private["rounds_done"] < 20, private["privacy"]

local = rounds("local")
assert local[-1]["parameters"] == 64 * 16 + 16, local[-1]
assert len(zipfile.ZipFile("1.npz").namelist()) == 4  # of ditto: the whole model
PYTHON

# What excludes each other is refused before any work.
for flags in '--dp-clip 1' '--dp-clip 1 --dp-noise 1 --strategy nus' '--dp-target-epsilon 1'; do
  # shellcheck disable=SC2086
  "$marvel" fedl server $flags >refused 2>&1 && { echo "FAILED: accepted $flags" >&2; exit 1; }
  grep -q 'dp-' refused || { cat refused >&2; exit 1; }
done
for flags in '--local-layers x --ditto 1' '--local-model x'; do
  # shellcheck disable=SC2086
  "$marvel" fedl client --cid 1 --server-address 127.0.0.1:9 --data data --layers 64,16,4 $flags \
    >refused 2>&1 && { echo "FAILED: accepted $flags" >&2; exit 1; }
  grep -q 'local' refused || { cat refused >&2; exit 1; }
done
echo "all well"
