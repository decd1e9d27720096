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

# 5. Another: a fog server's log against rules that have numbers.
"$marvel" regex -p "$here/rules.txt" -n --which "$here/auth.log" | tee "$work/alarms"
grep -q '^9:20:.*Killed process 4411' "$work/alarms"
[ "$(wc -l <"$work/alarms")" -eq 7 ]

# 6. Who tries to log in, and how often?
"$marvel" regex -o -e 'from ([0-9]{1,3}\.){3}[0-9]{1,3}' "$here/auth.log" | sort | uniq -c

# 7. The same rules compiled once, over a packed log, as a cron job would.
gzip -c "$here/auth.log" >"$work/auth.log.gz"
"$marvel" regex --save-db "$work/rules.db" -p "$here/rules.txt"
"$marvel" regex --load-db "$work/rules.db" -z --count-by-pattern "$work/auth.log.gz" | tee "$work/counts"
grep -q "^10$(printf '\t')3\$" "$work/counts"
