#!/bin/bash
# Runs shellcheck over every script, found by its name or its first line, and finds one fault that
# it does not know: `PROGRAM | grep -q` under pipefail. grep leaves at its first match; a PROGRAM
# that still writes then dies of SIGPIPE, and the pipe fails although grep found its line, now and
# then on a busy machine. `| grep WORD >/dev/null` reads to the end.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need_tool shellcheck style

mapfile -t files < <(project_files '*' | while IFS= read -r file; do
  case $file in
    *.sh) echo "$file" ;;
    *) if head -c 64 "$file" | head -n 1 | grep -aE '^#!.*\b(ba|da)?sh\b' >/dev/null; then echo "$file"; fi ;;
  esac
done)
need_files ${#files[@]}
findings=$(shellcheck --format=gcc --external-sources --source-path=SCRIPTDIR "${files[@]}" || true)
conclude "$findings" "follow the hint; 'shellcheck FILE' explains it (SCnnnn names the rule)"

quiet='\|[[:space:]]*grep([[:space:]]+-[-a-zA-Z0-9=]+([[:space:]]+[0-9]+)?)*[[:space:]]+-(-quiet|[a-pr-zA-Z]*q)'
findings=$(grep -HnE "^([^#]|[^[:space:]]#)*[^|]$quiet" "${files[@]}" | sed 's/^\([^:]*:[0-9]*\):.*/\1: a pipe ends in grep -q/' || true)
conclude "$findings" "write '| grep WORD >/dev/null': grep -q kills what still writes, and pipefail calls that a failure"
