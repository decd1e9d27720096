#!/bin/bash
# The manifests and units of this folder are clean, and pods run commands that there are.
#   run.sh MARVEL
set -euo pipefail
marvel=$1
here=$(dirname "${BASH_SOURCE[0]}")
for file in supernode edge; do
  "$marvel" deploy lint "$here/$file.yaml"
done
# A container runs the ENTRYPOINT of its image with the words of `args`, or of CMD, behind it.
words_of() {  # PATTERN FILE: the list in brackets that follows it on a line
  sed -n "s/^ *$1 *\[\([^]]*\).*/\1/p" "$2" | tr -d '",'
}
entry=$(words_of ENTRYPOINT "$here/Containerfile")
for words in "$(words_of CMD "$here/Containerfile")" "$(words_of args: "$here/supernode.yaml")" \
  "$(words_of args: "$here/edge.yaml")" \
  "$(words_of args: "$here/../catalogue/edgesec-vpn.template.yaml")"; do
  read -ra line <<<"$entry $words"
  if [[ "${line[*]:0:3}" != "marvel vpn "@(edge|supernode) ]]; then
    echo "a container of the image runs: ${line[*]}" >&2
    exit 1
  fi
done
for unit in "$here"/*.service; do
  for line in StartLimitIntervalSec=0 RestartSec=2; do
    grep -qx "$line" "$unit" || { echo "$unit: no $line, so it stays down" >&2; exit 1; }
  done
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
