#!/bin/bash
# Makes one man page: man-page.sh MARVEL PAGE.scd OUTPUT.gz
# A line "@OPTIONS compress train@" is replaced by what `marvel __docs compress train` prints.
set -euo pipefail
marvel=$1 page=$2 output=$3

joined() {
  local line words
  while IFS= read -r line; do
    if [[ $line =~ ^@OPTIONS\ ?(.*)@$ ]]; then
      read -ra words <<<"${BASH_REMATCH[1]}"
      "$marvel" __docs "${words[@]}"
    else
      printf '%s\n' "$line"
    fi
  done <"$page"
}

# A fixed date, so that the same sources give the same page.
joined | SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-0} scdoc | gzip -9n >"$output"
