#!/bin/bash
# How long the user waits for answers that need no work: --help, completion, --version.
#
#   startup.sh [--rounds 5] [--runs 10] [--output FILE]
#
# The peers run in the same rounds, in turn: an empty C program (the floor of starting a process),
# and `git --help` and `kubectl --help` where they are installed. Medians over rounds x runs;
# JSON goes to bench/results/startup.json. Exit 1 if a marvel command takes more than 20 ms.
# Needs hyperfine, cc and python3. MARVEL names another binary.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

rounds=5 runs=10 output=$results/startup.json
while [ $# -gt 0 ]; do
  case $1 in
    --rounds) need_value "$@" && rounds=$2 && shift 2 ;;
    --runs) need_value "$@" && runs=$2 && shift 2 ;;
    --output) need_value "$@" && output=$2 && shift 2 ;;
    --help) help_of "$0" && exit ;;
    *) fail "unknown option $1" 2 ;;
  esac
done
need_marvel
command -v hyperfine >/dev/null || fail "hyperfine is missing (Debian package hyperfine)"

mkdir -p "$work"
scratch=$(mktemp -d "$work/startup.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
echo 'int main(void) { return 0; }' >"$scratch/empty.c"
cc -O2 -o "$scratch/empty" "$scratch/empty.c"

names=("marvel --help" "marvel __complete compress tr" "marvel --version" "empty C program")
commands=("$marvel --help" "$marvel __complete compress tr" "$marvel --version" "$scratch/empty")
for peer in git kubectl; do
  if command -v "$peer" >/dev/null; then
    names+=("$peer --help")
    commands+=("$peer --help")
  fi
done
arguments=()
for i in "${!names[@]}"; do
  arguments+=(--command-name "${names[i]}" "${commands[i]}")
done

load_before=$(load)
for ((round = 1; round <= rounds; round++)); do
  hyperfine --shell=none --warmup 3 --runs "$runs" --style none \
    --export-json "$scratch/round-$round.json" "${arguments[@]}" >/dev/null
done
"$bench_dir/summary.py" startup --load "$load_before" --output "$output" "$scratch"/round-*.json
