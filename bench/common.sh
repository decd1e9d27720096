# Shared by the benchmark scripts; source it, do not run it.
# shellcheck shell=bash

bench_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$bench_dir")
marvel=${MARVEL:-$root/build/release/bin/marvel}
# shellcheck disable=SC2034  # used by the scripts
results=$bench_dir/results
# shellcheck disable=SC2034
work=${MARVEL_BENCH_WORK:-$root/build/bench}

fail() {
  echo "$(basename "$0"): $1" >&2
  exit "${2:-1}"
}

need_marvel() {
  [ -x "$marvel" ] ||
    fail "$marvel is missing; build it (cmake --build --preset release) or set MARVEL"
}

# Is there a word after the option? need_value "$@"
need_value() {
  [ $# -ge 2 ] || fail "$1 needs a value" 2
}

# The comment on top of script $1 is its help.
help_of() {
  sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$1"
}

load() {
  cut -d' ' -f1 /proc/loadavg
}
