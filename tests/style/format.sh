#!/bin/bash
# Is all C++ formatted as .clang-format says? Only version 19 decides: others differ.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need_tool clang-format-19 clang

mapfile -t files < <(project_files '*.cpp' '*.hpp')
need_files ${#files[@]}
findings=$(clang-format-19 --dry-run -Werror "${files[@]}" 2>&1 |
  sed -nE 's/^([^:]*):[0-9]+:[0-9]+: error: .*clang-format.*/\1/p' |
  sort | uniq -c | sed -E 's/^ *([0-9]+) (.*)/\2: not formatted in \1 places/' || true)
conclude "$findings" "clang-format-19 -i FILE..."
