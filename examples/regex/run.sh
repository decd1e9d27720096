#!/bin/bash
# A story: microphones are captioned by a model, and an operator wants the captions that matter.
#
#   examples/regex/run.sh [MARVEL]
set -euo pipefail

marvel=${1:-marvel}
here=$(dirname "${BASH_SOURCE[0]}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# 1. The captions that matter, with the ids of the key words in them.
"$marvel" regex -p "$here/keywords.txt" --which -i "$here/captions.txt" | tee "$work/found"
[ "$(wc -l <"$work/found")" -eq 3 ]
grep -q '^2,3:cam-11 08:14:22' "$work/found"

# 2. How often each was heard.
"$marvel" regex -p "$here/keywords.txt" --count-by-pattern "$here/captions.txt"

# 3. Both a shot and a siren: somebody should look at once.
"$marvel" regex -e 'gun ?shot' -e siren --all-of "$here/captions.txt"

# 4. As a filter in a pipe, for a program.
"$marvel" regex -p "$here/keywords.txt" --json <"$here/captions.txt" | grep -c '"id": "1"'
