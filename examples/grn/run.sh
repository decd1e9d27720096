#!/bin/bash
# The GRN pilot's edge host (D3.2, sections 3.1.3 and 3.1.4): pods for the nodes of one layer.
# Listings 31 and 33 as they are printed, what is wrong with them, and how it is done.
#
#   examples/grn/run.sh [MARVEL]
set -euo pipefail

marvel=${1:-marvel}
here=$(dirname "${BASH_SOURCE[0]}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# 1. Listing 33 as printed: the affinity is at the wrong depth, and Kubernetes would drop it.
if "$marvel" deploy lint "$here/listing33.yaml" | tee "$work/found"; then
  echo "listing 33 passed" >&2
  exit 1
fi
grep -q 'listing33.yaml:15:6: error: nodeSelectorTerms stands beside' "$work/found"

# 2. Listing 31 alone: the pod may run on the edge host, and lands anywhere.
"$marvel" deploy lint "$here/listing31.yaml" | tee "$work/found"
grep -q 'nothing brings it there' "$work/found"

# 3. Both halves, right: one flag.
"$marvel" deploy lint "$here/camera.template.yaml"
"$marvel" deploy render "$here/camera.template.yaml" --set REPLICAS=3 --layer Layer=GRNEDGE1 |
  tee "$work/camera.yaml"
grep -q 'replicas: 3' "$work/camera.yaml"
[ "$(grep -c GRNEDGE1 "$work/camera.yaml")" -eq 2 ]
"$marvel" deploy lint "$work/camera.yaml"

# 4. Listing 31's pod gets the other half and keeps its own.
"$marvel" deploy render "$here/listing31.yaml" --layer Layer=GRNEDGE1 >"$work/pod.yaml"
[ "$(grep -c 'key: Layer' "$work/pod.yaml")" -eq 2 ]
"$marvel" deploy lint "$work/pod.yaml"
