#!/bin/bash
# Installs what is missing, builds everything and runs all tests. Any bare Debian 12 will do.
#
#   ./test.sh            all steps; up to an hour on two cores the first time
#   ./test.sh --quick    style, build and tests; no sanitizers, clang-tidy, fuzzing or package
#
# A step that fails does not stop the others, so the last line counts all of them:
#   N passed, N failed
# Exit code 0 when nothing failed, 1 when something did, 2 for a wrong option, 130 for Ctrl-C.
# The log of every command lies in build/test-logs/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null  # no step may wait for a key

quick=false
case "$#,${1:-}" in
  0,) ;;
  1,--quick) quick=true ;;
  *)
    sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"
    [ "$1" != --help ] || exit 0
    exit 2
    ;;
esac

passed=0 failed=0 skipped=0
logs=build/test-logs
rm -rf "$logs"
mkdir -p "$logs"
lane=  # the process group of what is compiled ahead
leave() {
  [ -z "$lane" ] || kill -- "-$lane" 2>/dev/null || true
}
trap leave EXIT
trap 'echo; echo "Interrupted."; exit 130' INT
trap 'exit 143' TERM

# --- Counting ------------------------------------------------------------------------------------

pass() {
  passed=$((passed + 1))
  echo "  ok      $1"
}
culprits=()  # what has failed, said once more at the end
fail() {
  failed=$((failed + 1))
  culprits+=("$1")
  echo "  FAILED  $1"
}

log_of() {  # NAME
  echo "$logs/${1//[^[:alnum:]]/-}.log"
}

# judge NAME STATUS: one test that passes when a command did. The end of its output is shown when it
# failed; the whole is in the log.
judge() {
  if [ "$2" -eq 0 ]; then
    pass "$1"
  else
    tail -n 40 "$(log_of "$1")" | sed 's/^/    | /'
    fail "$1 (log: $(log_of "$1"))"
    return 1
  fi
}

try() {  # NAME COMMAND...
  local status=0
  "${@:2}" >"$(log_of "$1")" 2>&1 || status=$?
  judge "$1" "$status"
}

# --- Ahead -----------------------------------------------------------------------------------------
# Most tests wait for something, a timer or a peer. What later steps need is compiled meanwhile, one
# thing after the other, with the processor time that nobody else wants.

ahead() {  # NAME COMMAND...
  local status=0
  "${@:2}" >"$(log_of "$1")" 2>&1 || status=$?
  echo "$status" >"$(log_of "$1").status"
}

come() {  # NAME: waits for it and returns its exit code
  local file
  file=$(log_of "$1").status
  until [ -s "$file" ]; do
    kill -0 "$lane" 2>/dev/null || [ -s "$file" ] || return 1
    sleep 0.5
  done
  return "$(cat "$file")"
}

landed() {  # NAME: judges it
  local status=0
  come "$1" || status=$?
  judge "$1" "$status"
}

# Each test that failed, and the first lines in which it says why; LOG is of ctest.
reasons() {  # LOG
  awk '
    / Test +#[0-9]+: |^The following tests/ { told = 3 }
    / Test +#[0-9]+: .*\*\*\*(Failed|Timeout|Exception|Not Run)/ {
      sub(/^[^#]*#[0-9]+: /, "")
      sub(/ \.\.+[^*]*\*\*\*/, ": ")
      print
      told = 0
      next
    }
    told < 3 && /FAILED:|ERROR:|Error:|Sanitizer:/ { print "        " substr($0, 1, 160); ++told }
  ' told=3 "$1"
}

# suite NAME PRESET ARGUMENTS...: the tests of a build folder, one by one.
suite() {
  local name=$1 preset=$2 log junit ran bad skips missing
  log=$(log_of "$name")
  junit=$PWD/${log%.log}.xml
  shift 2
  ctest --test-dir "build/$preset" -j "$(($(nproc) * 2))" --output-on-failure --no-tests=error \
    --output-junit "$junit" "$@" >"$log" 2>&1 || true
  if [ ! -s "$junit" ]; then
    tail -n 20 "$log" | sed 's/^/    | /'
    fail "$name: ctest did not run (log: $log)"
    return
  fi
  ran=$(grep -c 'status="run"' "$junit" || true)
  bad=$(grep -c 'status="fail"' "$junit" || true)
  skips=$(grep -c '<skipped message="SKIP_RETURN_CODE' "$junit" || true)
  # What could not even start, for example a program that was not built.
  missing=$(($(grep -c 'status="notrun"' "$junit" || true) - skips))
  passed=$((passed + ran))
  failed=$((failed + bad + missing))
  skipped=$((skipped + skips))
  if [ $((bad + missing)) -gt 0 ]; then
    awk '/\*\*\*Failed|\*\*\*Timeout|\*\*\*Exception|\*\*\*Not Run/ { show = 30 }
      show-- > 0 && shown++ < 200 { print "    | " $0 }' "$log"
    culprits+=("$name:"$'\n'"$(reasons "$log" | sed 's/^/    /')")
    echo "  FAILED  $name: $((bad + missing)) of $((ran + bad + missing)) tests (log: $log)"
  else
    echo "  ok      $name: $ran tests"
  fi
  sed -n 's/.*Test *#[0-9]*: \(.*[^.]\) \.*\*\*\*Skipped.*/  SKIPPED \1/p' "$log"
}

started=$SECONDS
# step TITLE FUNCTION
step() {
  local begun=$SECONDS
  printf '\n== %s\n' "$1"
  "$2"
  printf '   %d s, %d min since the start\n' $((SECONDS - begun)) $(((SECONDS - started) / 60))
}

# --- Steps ---------------------------------------------------------------------------------------

packages() {
  local sections=(build product plug-in data test clang style)  # clang: for clang-format too
  $quick || sections+=(package)
  if tools/install-packages.sh "${sections[@]}"; then
    pass packages
  else
    fail packages
  fi
}

style() {
  try "configure ci" cmake --preset ci || return 0
  suite style ci -L '^style$'
  try "shape of the code" tools/shape || true
  sed 's/^/    | /' "$logs/shape-of-the-code.log"
}

build_ci() { try "build ci" cmake --build --preset ci || true; }

tests() {
  local status=0
  # Releases of Flower for the interop test; where pip cannot have them, it is skipped and named.
  tools/flwr-venvs >"$logs/flwr.log" 2>&1 || status=$?
  [ "$status" -eq 0 ] || echo "  SKIPPED environments of Flower (log: $logs/flwr.log)"
  suite "tests ci" ci -LE '^(style|cluster)$'
}

# The programs of a real Kubernetes: built once per machine.
control_plane() {
  tools/kube-binaries --no-build && return
  [ -x /usr/local/go/bin/go ] || tools/install-packages.sh cluster || true
  tools/kube-binaries
}

# The tests on it. Where it cannot be had, they are skipped and named.
cluster() {
  local status=0
  if ! $quick; then
    come "control plane" || status=$?
    if [ "$status" -eq 77 ]; then
      echo "  SKIPPED control plane: $(tail -n 1 "$(log_of "control plane")")"
    else
      judge "control plane" "$status" || true
    fi
  fi
  $quick || tools/kubectl >"$logs/kubectl.log" 2>&1 || true  # without it cluster/kubectl is skipped and named
  suite "tests on a cluster" ci -L '^cluster$'
}

old_control_plane() {
  tools/kube-binaries-old --no-build && return
  tools/install-packages.sh cluster || true
  tools/kube-binaries-old
}

# The same tests on Kubernetes 1.20, since clusters of every age exist.
old_cluster() {
  local status=0 folder
  come "old control plane" || status=$?
  if [ "$status" -eq 77 ]; then
    echo "  SKIPPED tests on an old cluster: $(tail -n 1 "$(log_of "old control plane")")"
    return
  fi
  judge "old control plane" "$status" || return 0
  folder=$(tools/kube-binaries-old --no-build)
  MARVEL_KUBE_BIN=$folder suite "tests on an old cluster" ci -L '^cluster$'
}

address() {
  landed "build asan" || true
  suite "tests asan" asan -LE '^(style|bench|cluster)$'
}

# Only the modules in which threads meet. Those of `kernels` are OpenMP's, whose barriers the
# sanitizer does not see (GCC's libgomp is built without it), so that it would report all of them.
threaded=(base net regex vpn kube taint rollout deploy_images federate)
! pkg-config --exists grpc++ || threaded+=(federate_transport)

threads() {
  landed "build tsan" || true
  suite "tests tsan" tsan -L "^($(IFS='|' && echo "${threaded[*]}"))\$"
}

tidy() { landed "clang-tidy" || true; }

fuzz() {
  local line
  landed "build fuzz targets" || return 0
  MARVEL_FUZZ_SEED=1 tools/fuzz 5 >"$logs/fuzz.log" 2>&1 || true
  while IFS= read -r line; do
    case $line in
      fuzz/*": ok"*) pass "$line" ;;
      fuzz/*": FAILED"*) fail "$line" ;;
      *) echo "    | $line" ;;
    esac
  done <"$logs/fuzz.log"
  grep -q '^fuzz/' "$logs/fuzz.log" || fail "fuzz targets (log: $logs/fuzz.log)"
}

package() {
  local packages=build/ci/packages root=build/ci/package-root story
  rm -rf "$packages" "$root"
  mkdir -p "$root"
  try "cpack" cpack --config build/ci/CPackConfig.cmake -B "$packages" || return 0
  for deb in "$packages"/*.deb; do
    try "lintian $(basename "$deb")" lintian --allow-root --fail-on error "$deb" || true
    try "unpack $(basename "$deb")" dpkg-deb --extract "$deb" "$root" || true
  done
  try "dependencies can be installed" tools/check-depends.sh "$packages"/*.deb || true
  try "installed marvel starts" "$root/usr/bin/marvel" --version || true
  for story in "$root"/usr/share/doc/marvel/examples/*/run.sh; do
    try "installed example $(basename "$(dirname "$story")")" "$story" "$root/usr/bin/marvel" || true
  done
}

build() {  # PRESET TARGET...
  cmake --preset "$1" && cmake --build --preset "$1" "${@:2}"
}

everything_ahead() {
  local targets=("${threaded[@]/%/_tests}")
  ahead "control plane" control_plane
  ahead "build asan" build asan
  ahead "build tsan" build tsan --target "${targets[@]/#/marvel_}"
  ahead "build fuzz targets" tools/fuzz 0
  ahead "clang-tidy" tools/tidy
  ahead "old control plane" old_control_plane
}

start_ahead() {
  set -m  # a process group of its own, so that it can be ended as a whole
  (
    trap - EXIT INT TERM
    set +m
    chrt --idle --pid 0 "$BASHPID" || true
    everything_ahead
  ) &
  lane=$!
  set +m
}

step "1 packages of Debian" packages
step "2 style" style
step "3 build" build_ci
$quick || start_ahead
step "4 tests" tests
step "5 tests on a real Kubernetes control plane" cluster
if ! $quick; then
  step "6 AddressSanitizer and UBSan, without LibTorch" address
  step "7 ThreadSanitizer, without LibTorch" threads
  step "8 fuzzing, 5 s per target" fuzz
  step "9 clang-tidy, without LibTorch" tidy
  step "10 tests on an old Kubernetes control plane" old_cluster
  step "11 Debian packages" package
fi

echo
if [ "$skipped" -gt 0 ]; then
  echo "$skipped tests were skipped; the lines SKIPPED above name them."
fi
[ "$failed" -eq 0 ] || printf 'FAILED  %s\n' "${culprits[@]}"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
