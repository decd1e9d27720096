#!/bin/bash
# Training speed of `marvel compress train` beside plain Python PyTorch (peers/l0_mlp.py).
#
#   compress_speed.sh [--data DIR] [--repeats 3] [--epochs 20] [--batch-size 100]
#                     [--lambda 0.1,0.5,5] [--gate-lr 0.01] [--threads 0] [--output FILE]
#
# Two ratios, peer / marvel, of seconds spent training (no loading, no measuring):
#   dense    one epoch of gated training in which nothing is removed
#   pruning  a whole run; marvel removes units as it goes, the peer cannot
# Both sides get the same data, batch, epochs, prices (which rise over the first half of the epochs)
# and step sizes, and run in turn. The peer gets the better of 1 and 2 threads, measured first;
# marvel chooses its own unless --threads is given. Medians go to bench/results/compress-speed.json.
# Exit 1 if a ratio misses its goal (2 and 4). DIR holds the IDX files (peers/fetch-mnist.sh);
# default: MNIST if fetched, else Debian's Fashion-MNIST. Needs python3-torch for /usr/bin/python3.
# MARVEL names another binary.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

data=${XDG_DATA_HOME:-$HOME/.local/share}/mnist
[ -d "$data" ] || data=/usr/share/datasets/fashion-mnist
repeats=3 epochs=20 batch=100 lambda=0.1,0.5,5 gate_lr=0.01 threads=0
output=$results/compress-speed.json
while [ $# -gt 0 ]; do
  case $1 in
    --data) need_value "$@" && data=$2 && shift 2 ;;
    --repeats) need_value "$@" && repeats=$2 && shift 2 ;;
    --epochs) need_value "$@" && epochs=$2 && shift 2 ;;
    --batch-size) need_value "$@" && batch=$2 && shift 2 ;;
    --lambda) need_value "$@" && lambda=$2 && shift 2 ;;
    --gate-lr) need_value "$@" && gate_lr=$2 && shift 2 ;;
    --threads) need_value "$@" && threads=$2 && shift 2 ;;
    --output) need_value "$@" && output=$2 && shift 2 ;;
    --help) help_of "$0" && exit ;;
    *) fail "unknown option $1" 2 ;;
  esac
done
need_marvel
[ -d "$data" ] || fail "$data: no such folder; bench/peers/fetch-mnist.sh fetches MNIST"
/usr/bin/python3 -c 'import torch' 2>/dev/null ||
  fail "/usr/bin/python3 has no torch (Debian package python3-torch)"

mkdir -p "$work"
scratch=$(mktemp -d "$work/speed.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

same=(--data "$data" --batch-size "$batch" --lambda "$lambda" --lr 0.001 --gate-lr "$gate_lr")

# peer NAME THREADS EPOCHS SEED -> $scratch/NAME.json
peer() {
  "$bench_dir/peers/l0_mlp.py" "${same[@]}" --threads "$2" --epochs "$3" --seed "$4" --json \
    --ramp-epochs "$(($3 / 2))" \
    >"$scratch/$1.json" 2>"$scratch/log" || fail "the peer failed: $(tail -n 3 "$scratch/log")"
  echo "load $(load)  $1 done" >&2
}

# ours NAME METHOD EPOCHS SEED -> $scratch/NAME.json
ours() {
  "$marvel" compress train "${same[@]}" --method "$2" --epochs "$3" --seed "$4" \
    --threads "$threads" --threshold 0.5 --warmup-epochs 0 --finetune-epochs 0 --distill 0 \
    --augment none --validation 0 --weight-decay 0 --out "$scratch/out" --force \
    >"$scratch/log" 2>&1 || fail "marvel failed: $(tail -n 3 "$scratch/log")"
  mv "$scratch/out/report.json" "$scratch/$1.json"
  echo "load $(load)  $1 done" >&2
}

load_before=$(load)
for ((i = 1; i <= 3; i++)); do
  peer "threads-1-$i" 1 1 "$i"
  peer "threads-2-$i" 2 1 "$i"
done
best=$("$bench_dir/summary.py" best-threads "$scratch"/threads-*.json)
for ((i = 1; i <= repeats; i++)); do
  ours "dense-marvel-$i" sp 1 "$i"
  peer "dense-peer-$i" "$best" 1 "$i"
  ours "pruning-marvel-$i" hp "$epochs" "$i"
  peer "pruning-peer-$i" "$best" "$epochs" "$i"
done
"$bench_dir/summary.py" speed --load "$load_before" --output "$output" "$scratch"
