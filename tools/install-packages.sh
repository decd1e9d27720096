#!/bin/bash
# Installs the Debian packages of the named sections of .ci/packages.txt that are missing.
#
#   tools/install-packages.sh SECTION...
#   tools/install-packages.sh --list SECTION...     print the names, install nothing
#
# Says nothing but one line and needs no rights when all are there. Otherwise it needs Debian 12,
# and root or sudo. The output of apt-get goes to a file, which is named when apt-get fails.
# Exit codes: 0 all there, 1 could not install, 2 wrong section.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
list=${MARVEL_PACKAGE_LIST:-$root/.ci/packages.txt}

fail() {
  echo "install-packages: $1" >&2
  exit "${2:-1}"
}

# The packages of section $1.
section() {
  grep -qxF "[$1]" "$list" || fail "no section [$1] in $list" 2
  awk -v wanted="[$1]" '
    /^\[/ { inside = ($0 == wanted); next }
    inside && NF && !/^#/ { print $1 }' "$list"
}

# A package that is there for two architectures has a line for each.
is_installed() {
  local states
  states=$(dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null) || return 1
  grep -qx installed <<<"$states"
}

# Words to put before apt-get so that it runs as root; fails when there is no way.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    return
  fi
  command -v sudo >/dev/null || return 1
  # sudo asks there for the password, whatever stdin is.
  if { : </dev/tty; } 2>/dev/null; then
    echo sudo
  else
    sudo -n true 2>/dev/null && echo "sudo -n"
  fi
}

check_debian() {
  local ID='' VERSION_ID='' PRETTY_NAME='this system'
  # shellcheck source=/dev/null
  if [ -r /etc/os-release ]; then . /etc/os-release; fi
  if [ "$ID" != debian ] || [ "$VERSION_ID" != 12 ]; then
    fail "marvel is built from packages of Debian 12, and this is $PRETTY_NAME.
Missing here: ${missing[*]}
Install what corresponds to them and run this again."
  fi
}

only_list=false
if [ "${1:-}" = --list ]; then
  only_list=true
  shift
fi
[ $# -gt 0 ] || fail "name at least one section of $list" 2

wanted=()
for name in "$@"; do
  names=$(section "$name")
  mapfile -t -O "${#wanted[@]}" wanted <<<"$names"
done
if $only_list; then
  printf '%s\n' "${wanted[@]}"
  exit
fi

missing=()
for package in "${wanted[@]}"; do
  is_installed "$package" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "Packages: all ${#wanted[@]} are installed."
  exit
fi

check_debian
elevate=$(as_root) || fail "these Debian packages are missing: ${missing[*]}
Neither root nor sudo is at hand. Ask an administrator to run:
  apt-get install --no-install-recommends ${missing[*]}"
read -ra elevate <<<"$elevate"

log=$(mktemp "${TMPDIR:-/tmp}/marvel-packages.XXXXXX.log")
apt() {
  "${elevate[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" >>"$log" 2>&1 </dev/null
}

echo "Packages: installing ${#missing[@]} of ${#wanted[@]}: ${missing[*]}"
# A repository of the machine that has nothing to do with Debian may fail; install decides.
apt update || echo "Packages: apt-get update had errors, going on with the lists that are here."
if ! apt install --no-install-recommends "${missing[@]}"; then
  tail -n 15 "$log" >&2
  fail "apt-get failed; its whole output is in $log"
fi
rm -f "$log"
echo "Packages: done."
