#!/bin/bash
# Federated DynHP against dense FedAvg: two clients, each with half of a data set, 784-300-100-10.
#
#   fedl_dynhp.sh MARVEL DATA OUT [ROUNDS [GATE-FLAGS...]]
#
# MARVEL: the program; DATA: a name or a folder of IDX files, as for marvel fedl client --data;
# OUT: a new folder for the lines of each run; GATE-FLAGS: of clients with gates; SEED (environment,
# 1 if not set): of all clients. Runs vote (dynhp), plain (the seed's way, without a vote) and dense
# (fedavg) one after the other and prints a table: size, test error, bytes in all and to the dense
# run's last and best error, and the largest dip, a rise of the error from one round to the next.
# Errors are means over three rounds, as one round's is a matter of luck: on MNIST it comes and goes
# by 0.1 points; dips are of single rounds. Both ways of pruning have one of the seed's thresholds, 0.98: a
# unit that is open in fewer steps goes.
set -euo pipefail
[ $# -ge 3 ] || { echo "usage: fedl_dynhp.sh MARVEL DATA OUT [ROUNDS [GATE-FLAGS...]]" >&2; exit 2; }
marvel=$1 data=$2 out=$3 rounds=${4:-25}
gates=("${@:5}")
[ ${#gates[@]} -gt 0 ] || gates=(--lambda "0.01,0.03,0.2")
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
  port=$(sed -n '0,/listening on port/s/.*listening on port \([0-9]*\).*/\1/p' "$out/$name.log")
  for cid in 1 2; do
    "$marvel" fedl client --cid "$cid" --nb-clients 2 --server-address "127.0.0.1:$port" \
      --data "$data" --seed "${SEED:-1}" "$@" >"$out/$name.client$cid" 2>&1 &
    pids+=($!)
  done
  local client
  for client in "${pids[@]}"; do
    wait "$client" || { tail -n 3 "$out/$name".client*; kill "$pid"; exit 1; }
  done
  wait "$pid"
}

patience=${MARVEL_DYNHP_PATIENCE:-}
pruning=(--strategy dynhp --dynhp-threshold 0.98)
run vote "${pruning[@]}" ${patience:+--dynhp-patience "$patience"} -- --model l0mlp "${gates[@]}"
run plain "${pruning[@]}" --dynhp-plain -- --model l0mlp "${gates[@]}"
run dense --strategy fedavg -- --model mlp

python3 - "$out" <<'PYTHON'
import json
import sys

runs = {}
for name in ("vote", "plain", "dense"):
    with open(f"{sys.argv[1]}/{name}.jsonl") as file:
        runs[name] = [json.loads(line) for line in file]


def single_errors(rows):
    return [100 * (1 - row["evaluation"]["accuracy"]) for row in rows]


def errors_of(rows):
    single = single_errors(rows)
    return [sum(single[max(0, i - 2):i + 1]) / len(single[max(0, i - 2):i + 1]) for i in range(len(single))]


dense = errors_of(runs["dense"])
goals = (dense[-1], min(dense))
print(f"run    parameters  of start  test error  largest dip  MB in all  MB to {goals[0]:.2f} %  to {goals[1]:.2f} %")
for name, rows in runs.items():
    errors, single = errors_of(rows), single_errors(rows)
    total, reached = 0.0, {}
    for row, error in zip(rows, errors):
        total += (row["bytes_down"] + row["bytes_up"]) / 1e6
        for goal in goals:
            if error <= goal + 1e-9:
                reached.setdefault(goal, f"{total:.1f}")
    dip = max([0.0] + [b - a for a, b in zip(single, single[1:])])
    share = rows[-1]["parameters"] / rows[0]["parameters"]
    print(f"{name:6} {rows[-1]['parameters']:10} {100 * share:8.1f}% {errors[-1]:10.2f}% {dip:12.2f} {total:10.1f} "
          f"{reached.get(goals[0], '-'):>12} {reached.get(goals[1], '-'):>10}")
PYTHON
