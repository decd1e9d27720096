#!/bin/bash
# Installs what the tests need, builds, and runs every test. Ends with "N passed, N failed".
#
#   ./test.sh           everything: style, ci build, sanitizers, fuzzing, package
#   ./test.sh --quick   style and the ci build's tests only
#
# A step that fails does not stop the later ones. Logs of builds are in build/logs/.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

quick=false
[ "${1:-}" = --quick ] && quick=true

passed=0
failed=0
skipped=0
started=$SECONDS
mkdir -p build/logs

say() { printf '\n== %s (after %d s)\n' "$1" $((SECONDS - started)); }

# One thing that passes or fails as a whole: count NAME COMMAND...
count() {
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $name"
  fi
}

# Configures and builds a preset; the log is shown when it fails.
build() {
  local log=build/logs/$1.log
  if { cmake --preset "$1" && cmake --build --preset "$1"; } >"$log" 2>&1; then
    return 0
  fi
  grep -E 'error|warning|FAILED' "$log" | head -n 40
  echo "the whole log is $log"
  return 1
}

# Runs a preset's tests and adds ctest's own counts.
run_tests() {
  local log=build/logs/$1-tests.log total bad none
  shift 0
  ctest --preset "$@" 2>&1 | tee "$log" | grep -vE '^ *Start|Passed|^$' || true
  total=$(sed -nE 's/.*tests failed out of ([0-9]+).*/\1/p; s/^100% tests passed.* out of ([0-9]+).*/\1/p' "$log" | tail -n 1)
  bad=$(sed -nE 's/.*, ([0-9]+) tests failed out of.*/\1/p' "$log" | tail -n 1)
  none=$(grep -cE '\*\*\*(Skipped|Not Run)' "$log")
  if [ -z "$total" ]; then
    failed=$((failed + 1))
    echo "FAILED: ctest did not run"
    return
  fi
  failed=$((failed + ${bad:-0}))
  skipped=$((skipped + none))
  passed=$((passed + total - ${bad:-0} - none))
}

build_and_test() {
  local preset=$1
  say "$preset: build"
  if build "$preset"; then
    passed=$((passed + 1))
    say "$preset: tests"
    run_tests "$@"
  else
    failed=$((failed + 1))
    echo "FAILED: build of preset $preset"
  fi
}

say "packages"
tools/install-packages.sh build product plug-in data test clang style package || {
  echo "FAILED: packages"
  printf '\n%d passed, %d failed\n' 0 1
  exit 1
}

build_and_test ci -j2
if ! $quick; then
  build_and_test asan -LE style
  build_and_test tsan -LE style
  say "fuzzing"
  count fuzz tools/fuzz 20
  say "package"
  count package tools/check-package
fi
say "shape of the code (informative)"
tools/shape || true

[ "$skipped" -eq 0 ] || printf '\n%d tests were skipped; ctest says why above\n' "$skipped"
printf '\nfinished after %d s\n\n%d passed, %d failed\n' $((SECONDS - started)) "$passed" "$failed"
[ "$failed" -eq 0 ]
