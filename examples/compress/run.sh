#!/bin/bash
# A story: an edge box has room for a small classifier only. Train one that shrinks on the way,
# look inside, and measure what was gained.
#
#   examples/compress/run.sh [MARVEL]
#
# Uses Fashion-MNIST (Debian's dataset-fashion-mnist) and few epochs, so the error is not the best
# that marvel reaches; README has the real figures.
set -euo pipefail

marvel=${1:-marvel}
if [ ! -d /usr/share/datasets/fashion-mnist ]; then
  echo "skipped: Debian's package dataset-fashion-mnist is not installed" >&2
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# 1. Train and prune until nine tenths of the parameters are gone.
"$marvel" compress train --data fashion-mnist --out "$work/run" \
  --epochs 8 --warmup-epochs 2 --finetune-epochs 2 --batch-size 128 --target-reduction 0.9

# 2. What is left, and where it comes from.
"$marvel" compress inspect "$work/run/model.pt" | grep '^architecture'

# 3. Measure the file as it would be measured on the box.
"$marvel" compress eval "$work/run/model.pt" --data fashion-mnist

# 4. The same numbers for a script.
"$marvel" compress eval "$work/run/model.pt" --data fashion-mnist --json | grep test_error_percent
