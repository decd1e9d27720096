#!/bin/bash
# Misspelt words in any text. Words that codespell takes wrongly stand in spelling-ignore.txt.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need_tool codespell style

mapfile -t files < <(project_files '*' | grep -vE '^(fuzz/(corpus|crashes)/|LICENSE$|tests/golden/)')
need_files ${#files[@]}
findings=$(codespell --ignore-words "$style_dir/spelling-ignore.txt" "${files[@]}" 2>&1 || true)
conclude "$findings" "correct the word, or add it in lower case to tests/style/spelling-ignore.txt"
