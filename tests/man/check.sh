#!/bin/bash
# Does man format the pages without a warning, and does each hold its main sections? Does marvel(1)
# know all commands, and all other pages?
#   check.sh MARVEL PAGE.gz...
set -euo pipefail
marvel=$1
shift
[ $# -gt 0 ] || { echo "no man pages" >&2; exit 1; }
warnings=$(mktemp)
trap 'rm -f "$warnings"' EXIT

for page in "$@"; do
  text=$(MANWIDTH=80 LC_ALL=C.UTF-8 man --warnings=all --local-file "$page" 2>"$warnings")
  if [ -s "$warnings" ]; then
    cat "$warnings" >&2
    echo "$page: man warns" >&2
    exit 1
  fi
  for section in NAME SYNOPSIS DESCRIPTION "EXIT STATUS" "SEE ALSO"; do
    grep -qx "$section" <<<"$text" || { echo "$page: no section $section" >&2; exit 1; }
  done
  ! grep -q '@OPTIONS' <<<"$text" || { echo "$page: options are missing" >&2; exit 1; }
  [ "$(basename "$page")" != marvel.1.gz ] || overview=$text
done

# The lines of help that begin with a command, below headings that are no flags' or examples'.
commands=$("$marvel" --help | awk '/^[^ ]/ { inside = !/^(Usage|Examples|Global flags|Environment|Exit codes):/ }
  inside && /^  [a-z]/ { print $1 }')
[ -n "$commands" ] || { echo "no commands in marvel --help" >&2; exit 1; }
section=$(awk '/^[A-Z]/ { inside = ($0 == "COMMANDS") } inside' <<<"$overview")
for command in $commands; do
  grep -qE "^ +marvel $command( |\$)" <<<"$section" ||
    { echo "marvel(1): COMMANDS lacks $command" >&2; exit 1; }
done
also=$(awk '/^[A-Z]/ { inside = ($0 == "SEE ALSO") } inside' <<<"$overview" | tr -d ' \n')  # names are broken at hyphens
for page in "$@"; do
  name=$(basename "$page" .1.gz)
  [ "$name" = marvel ] || grep -qF "$name(1)" <<<"$also" ||
    { echo "marvel(1): SEE ALSO lacks $name" >&2; exit 1; }
done
echo "$# pages"
