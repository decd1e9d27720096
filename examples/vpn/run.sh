#!/bin/bash
# The manifests of this folder are clean.
#   run.sh MARVEL
set -euo pipefail
marvel=$1
here=$(dirname "${BASH_SOURCE[0]}")
for file in supernode edge; do
  "$marvel" deploy lint "$here/$file.yaml"
done
echo "examples/vpn: clean"
