#!/bin/bash
# The templates of examples/fedl and FedL's in examples/catalogue: they lint without a word, render,
# and what their containers are told is what `marvel fedl` takes.
#   examples_test.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work XDG_CONFIG_HOME=$work/xdg
unset CID SERVER_ADDRESS NB_CLIENTS EPOCHS

failures=0
fail() {
  echo "FAILED: $1" >&2
  failures=$((failures + 1))
}

count=0
for file in "$root"/examples/fedl/*.template.yaml "$root"/examples/catalogue/fedl-*.template.yaml; do
  name=$(basename "$file" .template.yaml)
  count=$((count + 1))
  "$marvel" deploy lint "$file" >"$work/lint" || true
  grep -q '^1 file: 0 errors, 0 warnings$' "$work/lint" || fail "$name: $(head -n 3 "$work/lint")"
  "$marvel" deploy render "$file" --json >"$work/objects.json" || fail "$name does not render"
  python3 - "$work/objects.json" >"$work/args" <<'END'
import json
import sys

def find(value):
    if isinstance(value, dict):
        if value.get("args", [""])[0] == "fedl":
            yield value
        for part in value.values():
            yield from find(part)
    elif isinstance(value, list):
        for part in value:
            yield from find(part)

containers = list(find(json.load(open(sys.argv[1]))))
assert len(containers) == 1, containers
print("\n".join(containers[0]["args"]))
END
  mapfile -t words <"$work/args"
  # A last word that is wrong in itself: nothing runs, and all the others have been taken.
  code=0
  if [ "${words[1]}" = server ]; then
    "$marvel" "${words[@]}" --keep 2 >"$work/out" 2>&1 || code=$?
    grep -q -- '--keep must be in' "$work/out" || fail "$name: $(cat "$work/out")"
  else
    CID=3 SERVER_ADDRESS=fog:8080 NB_CLIENTS=5 EPOCHS=2 "$marvel" "${words[@]}" --keepalive 1s \
      >"$work/out" 2>&1 || code=$?
    grep -q -- '--keepalive must be at least' "$work/out" || fail "$name: $(cat "$work/out")"
  fi
  [ "$code" -eq 2 ] || fail "$name: ended with $code instead of 2"
done
[ "$count" -ge 6 ] || fail "only $count templates"

# Two federations on one node: what their clients keep there must not meet.
for name in fed-a fed-b; do
  "$marvel" deploy render "$root/examples/fedl/clients-edge.template.yaml" --name "$name" --json >"$work/$name.json" ||
    fail "clients-edge does not render as $name"
done
python3 - "$work/fed-a.json" "$work/fed-b.json" <<'END' || fail "two federations share a folder of the node"
import json
import sys

def kept_in(value):
    if isinstance(value, dict):
        if value.get("name") == "run" and "hostPath" in value:
            yield value["hostPath"]["path"]
        for part in value.values():
            yield from kept_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from kept_in(part)

first, second = (list(kept_in(json.load(open(path)))) for path in sys.argv[1:])
assert len(first) == len(second) == 1 and first != second, (first, second)
END

[ "$failures" -eq 0 ] || exit 1
echo "$count templates lint, render and are understood."
