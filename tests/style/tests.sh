#!/bin/bash
# Has every src/FOLDER/FILE.cpp its tests/FOLDER/FILE_test.cpp (or FILE.sh, FILE_test.sh)?
# Files that shall have none stand in untested.txt with a reason.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

allowed=$style_dir/untested.txt
[ ! -f tests/style/untested.txt ] || allowed=tests/style/untested.txt

has_test() {
  local stem=tests/${1#src/}
  stem=${stem%.cpp}
  [ -f "${stem}_test.cpp" ] || [ -f "${stem}_test.sh" ] || [ -f "$stem.sh" ]
}
is_allowed() {
  awk -v file="$1" '$1 == file { found = 1 } END { exit !found }' "$allowed"
}

mapfile -t files < <(project_files 'src/*.cpp')
need_files ${#files[@]}
findings=$(
  for file in "${files[@]}"; do
    if has_test "$file"; then
      is_allowed "$file" && echo "$file:1: has a test; delete its line in untested.txt"
    else
      is_allowed "$file" || echo "$file:1: has no test file"
    fi
  done
  while read -r file reason; do
    case $file in '' | '#'*) continue ;; esac
    [ -f "$file" ] || echo "$allowed: $file does not exist; delete its line"
    [ -n "$reason" ] || echo "$allowed: $file needs a reason"
  done <"$allowed"
)
conclude "$findings" "add tests/FOLDER/FILE_test.cpp (adding a file is enough), or a line with the \
reason to tests/style/untested.txt"
