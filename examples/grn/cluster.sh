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

# Back to where it was, also when a step has failed. The way back is kept until it has been taken.
applied=
take_back() {
  local code=$?
  trap - EXIT
  if [ -n "$applied" ]; then
    "$marvel" deploy delete camera -n "$namespace" --yes || code=1
  fi
  if [ ! -f "$work/back.yaml" ] || "$marvel" taint apply -f "$work/back.yaml"; then
    rm -rf "$work"
  else
    echo "node $node is not what it was: marvel taint apply -f $work/back.yaml" >&2
    code=1
  fi
  exit "$code"
}
trap take_back EXIT

# Listings 30 and 32 in one write, with the way back.
"$marvel" taint nodes "$node" Layer=GRNEDGE1:NoSchedule --label --undo "$work/back.yaml"
"$marvel" taint list "$node"

# Listing 31 alone: the node takes the pod, and so do others.
"$marvel" taint check "$here/listing31.yaml"

# Listings 31 and 33 done right, and waited for. A service that is there already is not ours to delete.
if "$marvel" deploy history camera -n "$namespace" >/dev/null 2>&1; then
  echo "there is a service camera in namespace $namespace already" >&2
  exit 1
fi
applied=yes
"$marvel" deploy apply -f "$here/camera.template.yaml" -n "$namespace" --set REPLICAS=2 \
  --layer GRNEDGE1 --wait --wait-timeout 2m
"$marvel" deploy status camera -n "$namespace"
