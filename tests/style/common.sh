# Shared by the style checks; source it, do not run it.
# shellcheck shell=bash
#
# Every check is called as `CHECK.sh [ROOT]`, looks at the files of the project at ROOT (this one
# if none is given), prints one line per finding as FILE:LINE: what is wrong, says what to do, and
# exits 1. It exits 77, which ctest calls skipped, when its tool is not installed.

style_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "${1:-$style_dir/../..}" && pwd)
cd "$root" || exit 2

# The project's files that match any of the shell patterns, one path per line from the root.
# Files that git does not track are left out: they are nobody's promise yet. Without git (a
# tarball) everything but build/ counts.
project_files() {
  local file pattern
  if [ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$root" ]; then
    git ls-files
  else
    find . -name .git -prune -o -path ./build -prune -o -type f -print | sed 's|^\./||'
  fi | sort | while IFS= read -r file; do
    [ -f "$file" ] || continue
    for pattern in "$@"; do
      # shellcheck disable=SC2254  # the pattern is meant to be one
      case $file in $pattern) printf '%s\n' "$file" && break ;; esac
    done
  done
}

# A check that looks at nothing proves nothing. $1 is the number of files.
need_files() {
  [ "$1" -gt 0 ] && return
  echo "no files to check in $root: is this the project's root?"
  exit 1
}

need_tool() {
  command -v "$1" >/dev/null && return
  echo "skipped: $1 is not installed (tools/install-packages.sh $2)"
  exit 77
}

# Ends the check: $1 is what was found, empty for nothing; $2 what to do about it.
conclude() {
  if [ -n "$1" ]; then
    printf '%s\n' "$1"
    printf 'What to do: %s\n' "$2"
    exit 1
  fi
}
