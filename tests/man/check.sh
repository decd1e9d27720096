#!/bin/bash
# Does man format the pages without a warning, and does each hold its main sections?
#   check.sh PAGE.gz...
set -euo pipefail
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
done
echo "$# pages"
