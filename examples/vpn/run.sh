#!/bin/bash
# The manifests and units of this folder are clean.
#   run.sh MARVEL
set -euo pipefail
marvel=$1
here=$(dirname "${BASH_SOURCE[0]}")
for file in supernode edge; do
  "$marvel" deploy lint "$here/$file.yaml"
done
# Units name the installed program; here they are judged with the one that is at hand.
if command -v systemd-analyze >/dev/null; then
  units=$(mktemp -d)
  trap 'rm -rf "$units"' EXIT
  for unit in "$here"/*.service; do
    sed "s|/usr/bin/marvel|$(realpath "$marvel")|" "$unit" >"$units/$(basename "$unit")"
  done
  complaints=$(systemd-analyze verify --man=no "$units"/*.service 2>&1) || true
  # Other units of the machine are not ours to judge.
  if grep -F marvel-vpn <<<"$complaints"; then
    exit 1
  fi
else
  echo "SKIPPED: systemd-analyze is not installed, so units are not checked"
fi
echo "examples/vpn: clean"
