#!/bin/bash
# Compression goals of `marvel compress train`: runs every row of compress_goals.txt per seed.
#
#   compress_goals.sh [--rows PATTERN] [--seeds "1 2 3"] [--again] [--dry-run]
#
# A row and seed that finished earlier with the same command is reused (--again runs it anew), so
# an interrupted session goes on where it stopped. Runs live under build/bench/goals. The table
# (mean and range of the final epoch, never of the best) goes to bench/results/compress-goals.json
# and .md, with all rows and seeds finished so far, elsewhere too. PATTERN is a shell pattern on row
# names.
# A run that fails is named and the others go on; exit 1 then. MARVEL names another binary.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

rows='*' seeds='1 2 3' again='' dry_run=''
while [ $# -gt 0 ]; do
  case $1 in
    --rows) need_value "$@" && rows=$2 && shift 2 ;;
    --seeds) need_value "$@" && seeds=$2 && shift 2 ;;
    --again) again=1 && shift ;;
    --dry-run) dry_run=1 && shift ;;
    --help) help_of "$0" && exit ;;
    *) fail "unknown option $1" 2 ;;
  esac
done

config=$bench_dir/compress_goals.txt
goals=$work/goals
failed=0

# finished FOLDER COMMAND: did this very command finish here before?
finished() {
  [ -z "$again" ] && [ -f "$1/report.json" ] && [ "$(cat "$1/command" 2>/dev/null)" = "$2" ] &&
    grep -q '"status": *"finished"' "$1/report.json"
}

# run_row NAME DATA SEED FLAG...
run_row() {
  local name=$1 data=$2 seed=$3 folder=$goals/$1/seed-$3
  shift 3
  local words=(compress train --data "$data" "$@" --seed "$seed")
  local command="marvel ${words[*]}"
  if finished "$folder" "$command"; then
    echo "reused   $name seed $seed" >&2
    return
  fi
  if [ -n "$dry_run" ]; then
    echo "$command --out $folder/run"
    return
  fi
  echo "running  $name seed $seed (load $(load)): $command" >&2
  rm -rf "$folder"
  mkdir -p "$folder"
  if "$marvel" "${words[@]}" --out "$folder/run" >"$folder/log" 2>&1; then
    cp "$folder/run/report.json" "$folder/report.json"
    echo "$command" >"$folder/command"
  else
    echo "failed   $name seed $seed: $(tail -n 1 "$folder/log") (all in $folder/log)" >&2
    failed=1
  fi
}

[ -n "$dry_run" ] || need_marvel
matched=''
while IFS='|' read -r name data flags _; do
  name=$(xargs <<<"$name")
  [[ -z $name || $name == \#* ]] && continue
  # shellcheck disable=SC2053  # a pattern on purpose
  [[ $name == $rows ]] || continue
  matched=1
  read -ra words <<<"$flags"
  for seed in $seeds; do
    run_row "$name" "$(xargs <<<"$data")" "$seed" "${words[@]}" </dev/null
  done
done <"$config"
[ -n "$matched" ] || fail "no row of $config matches '$rows'" 2
[ -n "$dry_run" ] || "$bench_dir/summary.py" goals --config "$config" --output "$results" "$goals"
exit $failed
