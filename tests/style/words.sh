#!/bin/bash
# Words that must not stand in a project file:
#   absolute paths of somebody's machine; the product must not know where it was written
#   TODO and FIXME without an issue or a name: TODO(#12): say when it can go
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Brackets keep this file from finding itself.
paths='(^|[^[:alnum:]_./-])/(work|root)/[[:alnum:]]|(^|[^[:alnum:]_.-])/home/[[:alnum:]]|[.][.]/shared\b'
notes='\b(TO[D]O|FIX[M]E|XX[X])\b'
excused='\b(TO[D]O|FIX[M]E)\([^)]+\): '

mapfile -t files < <(project_files '*' | grep -vE '^(fuzz/(corpus|crashes)/|LICENSE$)')
need_files ${#files[@]}
findings=$(
  for file in "${files[@]}"; do
    grep -nIE "$paths" "$file" | sed "s|^\([0-9]*\):.*|$file:\1: a path that exists on one machine only|"
    grep -nIE "$notes" "$file" | grep -vE "$excused" |
      sed "s|^\([0-9]*\):.*|$file:\1: a note without issue or name|"
  done || true)
conclude "$findings" "take the path from an argument or the environment; write TO""DO(#issue): text"
