#!/bin/bash
# The command line as users and scripts meet it: help, suggestions, exit codes, streams, settings,
# completion. Needs no plug-in.
#   basics.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
# shellcheck disable=SC2034
front=()
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME=$work XDG_CONFIG_HOME=$work/xdg TERM=xterm
unset NO_COLOR FORCE_COLOR CLICOLOR_FORCE MARVEL_CONFIG 2>/dev/null || true

failures=0
fail() {
  echo "FAILED: $1" >&2
  failures=$((failures + 1))
}

empty() { [ ! -s "$1" ] || fail "$1 is not empty: $(head -n 2 "$1")"; }

# --- help: 0 when asked for, 2 when something is missing ---
for words in --help -h help "help compress" "compress --help" "compress train --help" "help compress train"; do
  # shellcheck disable=SC2086
  expect 0 $words
  says out "Usage:"
  empty err
done
expect 0 --help
for command in deploy taint compress fedl regex vpn; do says out "$command"; done
expect 2
expect 2 compress
if "$marvel" --help | grep $'\x1b'; then fail "escape codes in a pipe"; fi
awk 'length($0) > 80 { exit 1 }' out || fail "help is wider than 80 columns"

# --- version without LibTorch ---
expect 0 --version
says out "marvel 0."
expect 2 --version --output jsn
says err "did you mean 'json'?"
says err "jsn"
expect 0 --version --json
jq -e . out >/dev/null || fail "--version --json is no JSON"
if ldd "$marvel" | grep -E 'torch|grpc'; then fail "marvel links LibTorch or gRPC"; fi

# --- typos are answered, never run ---
expect 2 compres
says err "compress"
expect 2 compress trian
says err "train"
expect 2 compress train --epoch 3
says err "--epochs"
expect 2 compress train
says err "--data"
expect 2 compress train --data x --epochs many
says err "--epochs"
expect 2 compress train --data x --epochs 0
says err "--epochs"
expect 2 regex -e a --count=false
says err "--count takes no value"

# --- a file may be named like a command ---
printf 'no model' >help
expect 2 compress eval help
says err "--data is missing"
expect 2 help help nonsense
says err "unknown command 'nonsense'"
rm help

# --- errors as JSON, on stderr ---
expect 2 compress train --data x --lr -1 --json
empty out
jq -e '.error.code == "usage" and (.error.message | length) > 0' err >/dev/null ||
  fail "no JSON error: $(cat err)"

# --- a closed or full stdout ---
if "$marvel" --help >/dev/full 2>err; then fail "a full stdout is success"; fi
"$marvel" help compress train | head -n 1 >/dev/null || [ "${PIPESTATUS[0]}" -eq 141 ] || fail "SIGPIPE"

# --- flag > environment > project > user > built-in ---
value() {
  "$marvel" config show --json 2>/dev/null |
    jq -r '.settings[] | select(.key == "compress.train.epochs") | .value'
}
mkdir -p xdg/marvel
printf 'compress:\n  train:\n    epochs: 11\n' >xdg/marvel/config.yaml
user=$(value)
printf 'compress:\n  train:\n    epochs: 12\n' >marvel.yaml
project=$(value)
environment=$(MARVEL_EPOCHS=13 value)
[ "$user $project $environment" = "11 12 13" ] || fail "precedence is '$user $project $environment'"
printf 'compress:\n  train:\n    epocs: 12\n' >marvel.yaml
expect 2 config show
says err "epochs"
expect 2 regex -e a marvel.yaml # though the command is another
says err "epocs"
rm marvel.yaml
MARVEL_EPOCHS=many expect 2 compress train --data x
says err "MARVEL_EPOCHS"
expect 2 --config nowhere.yaml config show
says err "nowhere.yaml"

# --- completion ---
expect 0 __complete compress tr
says out train
expect 0 __complete compress train --me
says out --method
says out --memory-budget
for shell in bash zsh fish; do
  expect 0 completion "$shell"
  if command -v "$shell" >/dev/null; then
    "$shell" -n out || fail "completion for $shell does not parse"
  fi
done

[ "$failures" -eq 0 ] && echo "the command line behaves"
