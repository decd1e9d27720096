#!/bin/bash
# Help screens, letter by letter: what `marvel help ...` prints is what tests/golden/help/ holds.
#   help.sh MARVEL [--update]      --update writes the files anew; look at the difference
set -euo pipefail
marvel=$1 golden=$(cd "$(dirname "${BASH_SOURCE[0]}")/../golden/help" && pwd)

failed=false
for topic in "" compress "compress train" "compress eval" "compress inspect" config "config show" \
  completion help deploy "deploy lint" "deploy render" "deploy template" "deploy template add" \
  "deploy images" "deploy images list" "deploy images inspect" "deploy images push" \
  "deploy images delete" "deploy images check" "deploy dataset" "deploy dataset add" "deploy dataset list" \
  "deploy dataset delete" "deploy logs" "deploy apply" "deploy diff" "deploy status" \
  "deploy wait" "deploy list" "deploy delete" taint "taint nodes" "taint list" "taint check" \
  "taint apply" regex fedl "fedl server" "fedl client" "fedl status" "fedl export" "fedl simulate" vpn "vpn supernode" "vpn edge" "vpn status" "vpn ping" "vpn measure" "vpn keygen" "vpn pubkey" \
  "vpn cert" "vpn cert issue" "vpn cert show" "vpn cert revoke"; do
  file=$golden/${topic// /-}
  file=${file%/}
  [ -n "$topic" ] || file=$golden/marvel
  # shellcheck disable=SC2086
  if [ "${2:-}" = --update ]; then
    "$marvel" help $topic >"$file.txt"
  elif ! difference=$("$marvel" help $topic | diff -u "$file.txt" -); then
    printf '%s\n' "$difference"
    echo "FAILED: marvel help $topic; if it is meant so: tests/cli/help.sh MARVEL --update" >&2
    failed=true
  fi
done
! $failed
