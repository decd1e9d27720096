#!/bin/bash
# Runs shellcheck over every script, found by its name or its first line.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need_tool shellcheck style

mapfile -t files < <(project_files '*' | while IFS= read -r file; do
  case $file in
    *.sh) echo "$file" ;;
    *) if head -c 64 "$file" | head -n 1 | grep -aqE '^#!.*\b(ba|da)?sh\b'; then echo "$file"; fi ;;
  esac
done)
need_files ${#files[@]}
findings=$(shellcheck --format=gcc --external-sources --source-path=SCRIPTDIR "${files[@]}" || true)
conclude "$findings" "follow the hint; 'shellcheck FILE' explains it (SCnnnn names the rule)"
