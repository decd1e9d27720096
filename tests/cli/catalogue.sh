#!/bin/bash
# Every template of examples/catalogue: lints without a word, renders, reads back the same, places
# its pods on its layer, and stands in docs/catalogue.md.
#   catalogue.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C HOME=$work XDG_DATA_HOME=$work/data

failures=0
fail() {
  echo "FAILED: $1" >&2
  failures=$((failures + 1))
}

# Values for variables that must have one.
secrets=(MINIO_PASSWORD CAMERA_URL REGISTRY_TOKEN PASSWORD KEY)
for name in "${secrets[@]}"; do export "MARVEL_VAR_$name=0644"; done

count=0
for file in "$root"/examples/catalogue/*.template.yaml; do
  name=$(basename "$file" .template.yaml)
  count=$((count + 1))
  "$marvel" deploy lint "$file" >"$work/lint" || fail "$name: lint says no"
  grep -q '^1 file: 0 errors, 0 warnings$' "$work/lint" || fail "$name: $(head -n 1 "$work/lint")"
  "$marvel" deploy render "$file" --set LAYER=SOMEWHERE >"$work/$name.yaml" 2>"$work/err" ||
    fail "$name: $(cat "$work/err")"
  "$marvel" deploy render "$file" --set LAYER=SOMEWHERE --json >"$work/first.json"
  "$marvel" deploy render "$work/$name.yaml" --json >"$work/second.json"
  cmp -s "$work/first.json" "$work/second.json" || fail "$name: YAML reads back as something else"
  pods=$(grep -cE '^kind: (Deployment|StatefulSet|DaemonSet|Job)$' "$work/$name.yaml")
  placed=$(grep -cE '^ +(- |value: )SOMEWHERE$' "$work/$name.yaml")
  [ "$placed" -eq $((2 * pods)) ] || fail "$name: $pods kinds of pods, and $placed times the layer"
  # Aiming again at the same layer changes nothing.
  "$marvel" deploy render "$file" --set LAYER=SOMEWHERE --layer SOMEWHERE --json >"$work/third.json"
  cmp -s "$work/first.json" "$work/third.json" || fail "$name: --layer doubles what is there"
  grep -qF "catalogue/$name.template.yaml" "$root/docs/catalogue.md" ||
    fail "$name: no row in docs/catalogue.md"
done
[ "$count" -ge 25 ] || fail "only $count templates"
rows=$(grep -c '^| \[' "$root/docs/catalogue.md")
[ "$rows" -eq "$count" ] || fail "docs/catalogue.md has $rows rows for $count templates"

[ "$failures" -eq 0 ] || exit 1
echo "$count templates lint, render and read back."
