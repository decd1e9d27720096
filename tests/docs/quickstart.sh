#!/bin/bash
# Which folders quickstart.sh lets marvel replace. Packages, build and marvel are stand-ins.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cp "$root/quickstart.sh" .
mkdir -p tools bin build/release/bin
printf '#!/bin/bash\n' | tee tools/install-packages.sh >bin/cmake
printf '#!/bin/bash\necho "$*"\n' >build/release/bin/marvel
chmod +x tools/install-packages.sh bin/cmake build/release/bin/marvel

# expect yes|no FLAGS...: whether --force is handed on with them.
expect() {
  local wanted=$1 got=no
  shift
  local words
  words=$(PATH="$work/bin:$PATH" ./quickstart.sh "$@" | tail -n 1)
  case " $words " in *" --force "*) got=yes ;; esac
  [ "$got" = "$wanted" ] || { echo "FAILED: --force: $got for '$*': $words" >&2; exit 1; }
}

expect yes
expect yes --epochs 3
expect no --resume
expect no --out mine
expect no --out=mine
expect no --epochs 3 --out mine
expect yes --out mine --force
echo "only its own folder is replaced"
