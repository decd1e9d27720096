#!/bin/bash
# Federated DynHP against dense FedAvg: two clients, each with half of a data set, 784-300-100-10.
#
#   fedl_dynhp.sh MARVEL DATA OUT [ROUNDS [LAMBDA]]
#
# MARVEL: the program; DATA: a name or a folder of IDX files, as for marvel fedl client --data;
# OUT: a new folder for the lines of each run. Runs vote (dynhp), plain (the seed's way, without a
# vote) and dense (fedavg) one after the other and prints a table: size, test error, bytes, dips.
set -euo pipefail
[ $# -ge 3 ] || { echo "usage: fedl_dynhp.sh MARVEL DATA OUT [ROUNDS [LAMBDA]]" >&2; exit 2; }
marvel=$1 data=$2 out=$3 rounds=${4:-30} lambda=${5:-0.1}
mkdir -p "$out"

# run NAME STRATEGY-FLAGS -- CLIENT-FLAGS
run() {
  local name=$1 server=() pids=()
  shift
  while [ "$1" != -- ]; do
    server+=("$1")
    shift
  done
  shift
  "$marvel" fedl server --address 127.0.0.1:0 --rounds "$rounds" --min-available 2 \
    --checkpoint "$out/$name" --metrics-out "$out/$name.jsonl" "${server[@]}" \
    >"$out/$name.table" 2>"$out/$name.log" &
  local pid=$!
  until grep -qs 'listening on port' "$out/$name.log"; do
    kill -0 "$pid" || { cat "$out/$name.log" >&2; exit 1; }
    sleep 0.2
  done
  local port
  port=$(sed -n 's/.*listening on port \([0-9]*\).*/\1/p' "$out/$name.log" | head -1)
  for cid in 1 2; do
    "$marvel" fedl client --cid "$cid" --nb-clients 2 --server-address "127.0.0.1:$port" \
      --data "$data" "$@" >"$out/$name.client$cid" 2>&1 &
    pids+=($!)
  done
  wait "$pid" "${pids[@]}"
}

run vote --strategy dynhp -- --model l0mlp --lambda "$lambda"
run plain --strategy dynhp --dynhp-plain -- --model l0mlp --lambda "$lambda"
run dense --strategy fedavg -- --model mlp

python3 - "$out" <<'PYTHON'
import json
import sys

runs = {}
for name in ("vote", "plain", "dense"):
    with open(f"{sys.argv[1]}/{name}.jsonl") as file:
        runs[name] = [json.loads(line) for line in file]
print("run    parameters  of start  test error  MB in all  MB to the error of vote  largest dip")
goal = min(100 * (1 - row["evaluation"]["accuracy"]) for row in runs["vote"][-5:])
for name, rows in runs.items():
    errors = [100 * (1 - row["evaluation"]["accuracy"]) for row in rows]
    total, reached = 0.0, None
    for row, error in zip(rows, errors):
        total += (row["bytes_down"] + row["bytes_up"]) / 1e6
        if reached is None and error <= goal:
            reached = total
    dip = max([0.0] + [b - a for a, b in zip(errors, errors[1:])])
    share = rows[-1]["parameters"] / rows[0]["parameters"]
    print(f"{name:6} {rows[-1]['parameters']:10} {100 * share:8.1f}% {errors[-1]:10.2f}% {total:10.1f} "
          f"{'-' if reached is None else f'{reached:.1f}':>24} {dip:12.2f}")
PYTHON
