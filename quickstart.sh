#!/bin/bash
# From a bare Debian 12 to a pruned network: installs what is missing, builds marvel, and trains and
# prunes 784-300-100-10 on Fashion-MNIST. Run it again and only the training is repeated.
#
#   ./quickstart.sh [FLAGS OF marvel compress train]
#
# The result is in quickstart-run/. Needs root or sudo when packages are missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

echo "1/3 packages"
tools/install-packages.sh build product plug-in data

echo "2/3 build (some minutes the first time)"
mkdir -p build
log=build/quickstart-build.log
if ! { cmake --preset release -DBUILD_TESTING=OFF && cmake --build --preset release; } >"$log" 2>&1; then
  tail -n 30 "$log" >&2
  echo "quickstart: the build failed; the whole log is $log" >&2
  exit 1
fi

# An interrupted run goes on with --resume; otherwise the last one is replaced. A folder that is named
# is not ours to replace.
replace=--force
for argument in "$@"; do
  case $argument in --resume | --out | --out=*) replace= ;; esac
done
# The default of 220 epochs is for the best result; 60 show the same in a quarter of the time.
echo "3/3 training and pruning on Fashion-MNIST (one to three minutes on two cores)"
exec build/release/bin/marvel compress train --data fashion-mnist --method dynhp --epochs 60 \
  --out quickstart-run $replace "$@"
