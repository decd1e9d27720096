#!/bin/bash
# YAML's types, what render writes, and --compat karvdash, held against Python itself.
#   karvdash.sh MARVEL [SEED]
set -euo pipefail

marvel=$(realpath "$1")
script=$(cd "$(dirname "${BASH_SOURCE[0]}")/../deploy" && pwd)/against_python.py
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work

# The distribution's Python has the distribution's PyYAML.
for python in /usr/bin/python3 python3; do
  if "$python" -c 'import yaml' 2>/dev/null; then
    "$python" "$script" "$marvel" "$work" "${2:-1}"
    exit
  fi
done
echo "skipped: no Python with PyYAML (tools/install-packages.sh test)"
exit 77
