#!/bin/bash
# Could a Debian 12 machine install these packages? check-depends.sh FILE.deb...
# Every dependency must be a package that Debian has, in a version that fits, or one of the files.
set -euo pipefail
[ $# -gt 0 ] || { echo "check-depends: name the .deb files" >&2; exit 2; }

files=()
for deb in "$@"; do
  files+=("$(realpath "$deb")")
  printf '%s: %s\n' "$(dpkg-deb --field "$deb" Package)" "$(dpkg-deb --field "$deb" Depends)"
done
apt-get install --simulate --no-install-recommends "${files[@]}" </dev/null
