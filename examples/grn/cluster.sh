#!/bin/bash
# The GRN pilot's edge host on a cluster (D3.2, Listings 30 to 33 and Table 1): one node is dedicated
# to the layer GRNEDGE1, a service is brought there, and everything is taken back.
#
#   examples/grn/cluster.sh MARVEL NODE [NAMESPACE]      with the cluster of your kubeconfig
#   tests/cluster/with_cluster.py --kubelet ...          a cluster for trying it; NODE must be there
set -euo pipefail

marvel=$1 node=$2 namespace=${3:-default}
here=$(dirname "${BASH_SOURCE[0]}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Listings 30 and 32 in one write, with the way back.
"$marvel" taint nodes "$node" Layer=GRNEDGE1:NoSchedule --label --undo "$work/back.yaml"
"$marvel" taint list "$node"

# Listing 31 alone: the node takes the pod, and so do others.
"$marvel" taint check "$here/listing31.yaml"

# Listings 31 and 33 done right, and waited for.
"$marvel" deploy apply -f "$here/camera.template.yaml" -n "$namespace" --set REPLICAS=2 \
  --layer GRNEDGE1 --wait --wait-timeout 2m
"$marvel" deploy status camera -n "$namespace"

# Back to where it was.
"$marvel" deploy delete camera -n "$namespace" --yes
"$marvel" taint apply -f "$work/back.yaml"
