#!/bin/bash
# Records the clients of this folder anew: each alone with a server, through a proxy that writes down
# what it sends. Needs the environments of tools/flwr-venvs.
#   record.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
here=$(dirname "$folder")
venvs=$(realpath "${MARVEL_FLWR:-$here/../../build/flwr}")
# shellcheck source=tests/federate/story.sh
. "$here/story.sh"
export FLWR_TELEMETRY_ENABLED=0

cid=0
for version in 0.17.0 1.8.0 1.26.1; do
  cid=$((cid + 1))
  fresh
  server "server-$version" --rounds 3 --min-available 1
  mkdir "to-$version"
  "$here/link_proxy.py" "$host" "$port" --record "to-$version" >proxy.out 2>proxy.err &
  started+=("$!")
  until [ -s proxy.out ]; do sleep 0.05; done
  "$venvs/$version/bin/python" "$here/flwr_peer.py" client "$host:$(head -n 1 proxy.out)" "$cid"
  ends "server-$version" "$server_id" 0
  cp "to-$version/1.bin" "$folder/flwr-$version.bin"
  rm proxy.out
done
[ "$failures" -eq 0 ]
