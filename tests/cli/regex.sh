#!/bin/bash
# marvel regex as shells and scripts meet it: grep's habits, exit codes, pipes, signals. grep itself
# is the judge where it can be.
#   regex.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
# shellcheck disable=SC2034
front=(regex)
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export LC_ALL=C HOME=$work XDG_CONFIG_HOME=$work/xdg

# A program under a sanitizer is many times slower, and its memory says nothing.
sanitized=false
lines=300000 wide=200000
if grep -qaE '__(asan|tsan)_init' "$marvel"; then
  sanitized=true
  lines=30000 wide=20000
fi

failures=0
fail() {
  echo "FAILED: $1" >&2
  failures=$((failures + 1))
}
is() { [ "$(cat out)" = "$1" ] || fail "'$(head -n 3 out)' instead of '$1'"; }

printf 'a dog barks\nA Siren in the street\ncrowd cheering\n\nlast, no line end' >captions.txt
printf '# key words\nsiren\n\ncheer\n' >keywords.txt

# --- the call line of D3.2, listing 19 ---
expect 0 -p keywords.txt -i captions.txt
is "crowd cheering"
says err "1 empty lines left out"

# --- exit codes ---
expect 1 -e helicopter captions.txt
expect 2 -e 'a(' captions.txt
says err "column 2: missing )"
expect 2 captions.txt
says err "no pattern"
expect 2 -e dog captions.txt --output yaml
says err "--json"
expect 2 -e a --memory-limit 1 captions.txt
says err "1MiB or more"
expect 2 -e dog captions.txt gone.txt
says out "captions.txt:a dog barks"
says err "gone.txt"
expect 2 -e a .
says err "is a folder"
expect 0 -q -e dog captions.txt gone.txt
[ ! -s out ] || fail "-q printed something"
expect 2 -p gone.txt captions.txt
if [ -w /dev/full ]; then
  got=0
  "$marvel" regex -e . captions.txt >/dev/full 2>err || got=$?
  [ "$got" -eq 2 ] || fail "exit $got on a full disk"
  says err "standard output"
fi

# --- an input that is the output would be read as it grows ---
printf 'a dog\nno cat\n' >grows.txt
(
  ulimit -f 1000
  got=0
  # shellcheck disable=SC2094 # it is what must be refused
  timeout 20 "$marvel" regex -e dog captions.txt grows.txt >>grows.txt 2>err || got=$?
  [ "$got" -eq 2 ]
) || fail "an input that is the output is not refused"
says err "input file is also the output"
says grows.txt "captions.txt:a dog barks"
[ "$(wc -l <grows.txt)" -eq 3 ] || fail "what was printed was searched: $(head -n 5 grows.txt)"
for flags in -c -q -l -m1; do
  cp captions.txt grows.txt
  # shellcheck disable=SC2094 # grep takes these, too
  timeout 20 "$marvel" regex $flags -e dog grows.txt >>grows.txt 2>err ||
    fail "$flags minds that the input is the output: $(cat err)"
done

# --- -h is grep's here, --help works as everywhere ---
expect 0 -h -e dog captions.txt keywords.txt
is "a dog barks"
expect 0 --help
says out "Usage:"

# --- grep agrees ---
same() {
  local mine=0 his=0
  "$marvel" regex "$@" >out 2>err </dev/null || mine=$?
  grep -E "$@" >grep.out 2>/dev/null </dev/null || his=$?
  cmp -s out grep.out || fail "differs from grep -E $*: $(diff out grep.out | head -n 3)"
  [ "$mine" -eq "$his" ] || fail "exit $mine, grep $his: $*"
}
seq 1 "$lines" | sed 's/7$/x & word,s/; s/4$/& \r/' >numbers.txt
turn=0
for flags in "" -v -n -b -c -o -w -x -H -h -l "-n -b -H" "-o -b" "-m 3" "-v -c" "-c -m 5" "-v -m 2" "-w -x" "-c -l"; do
  for pattern in 'word' '99+' '^1.*7|x' '[[:digit:]]{6}' '\<word\>' 's$' '(12|34)+5?' '^$' 'none'; do
    turn=$((turn + 1))
    # Each flag and each pattern, if not each pair: most of the time would go into starting programs.
    ! $sanitized || [ $((turn % 5)) -eq 0 ] || continue
    # shellcheck disable=SC2086
    same $flags -e "$pattern" numbers.txt
  done
done
same -e one -e 99 -n numbers.txt captions.txt
"$marvel" regex -F -e 'word,s' -e '(' numbers.txt >out
grep -F -e 'word,s' -e '(' numbers.txt >grep.out
cmp -s out grep.out || fail "differs from grep -F"
same --null -l -e dog captions.txt keywords.txt

# --- pipes: output while the input stays open, and a reader that leaves ---
mkfifo slow
"$marvel" regex -e o <slow >lines &
pid=$!
exec 3>slow
echo one >&3
for _ in $(seq 100); do
  [ -s lines ] && break
  sleep 0.05
done
[ "$(cat lines)" = one ] || fail "nothing came out while the pipe was open"
exec 3>&-
wait "$pid" || fail "exit $? at the end of a pipe"

yes siren | timeout 20 "$marvel" regex -e siren | head -n 2 >out || true
is "$(printf 'siren\nsiren')"
set +o pipefail
yes siren | "$marvel" regex -e siren 2>err | true
set -o pipefail
[ ! -s err ] || fail "a reader that left was worth a message: $(cat err)"

# Until marvel answers SIGINT (bit 1 of what it catches): a background job begins by ignoring it, and
# before it is marvel it is a bash that would answer by the trap above, which removes the folder.
wait_for_handler() {  # PID
  for _ in $(seq 600); do
    [ "/proc/$1/exe" -ef "$marvel" ] && grep -q '^SigCgt:.*[2367abef]$' "/proc/$1/status" && return
    sleep 0.05
  done
  fail "no handler of SIGINT after 30 s"
}

# --- Ctrl-C while it waits ---
"$marvel" regex -e o <slow >out 2>err &
pid=$!
exec 3>slow
wait_for_handler "$pid"
kill -INT "$pid" 2>/dev/null || fail "regex was gone before the signal"
got=0
wait "$pid" || got=$?
exec 3>&-
[ "$got" -eq 130 ] || fail "exit $got instead of 130 after SIGINT"

# and while it works hard on little text
awk 'BEGIN { srand(1); for (i = 0; i < 400000; ++i) printf "%s", rand() < 0.5 ? "a" : "b" }' >ab.txt
stops_at_work() {  # SECONDS-BEFORE FLAGS...
  local pause=$1
  shift
  "$marvel" regex "$@" -c -e 'a[ab]{2000}z' ab.txt >out 2>err &
  pid=$!
  wait_for_handler "$pid"
  sleep "$pause"
  kill -INT "$pid" 2>/dev/null || true
  begun=$SECONDS
  got=0
  wait "$pid" || got=$?
  [ "$got" -eq 130 ] || [ "$got" -eq 1 ] || fail "exit $got after SIGINT in hard work: $*"
  [ $((SECONDS - begun)) -le 10 ] || fail "hard work ended $((SECONDS - begun)) s after SIGINT: $*"
}
stops_at_work 0.2

# --- JSON lines ---
# A failure is one, too; for people it is text.
fails_in_json() {
  expect 2 --json "$@"
  [ -s err ] || fail "no error: $*"
  while IFS= read -r line; do
    jq -e .error.message <<<"$line" >/dev/null || fail "no JSON error for $*: $line"
  done <err
}
fails_in_json -e dog gone.txt
fails_in_json -e '(' -e '[' captions.txt
fails_in_json -e dog -r gone
expect 2 -e dog gone.txt
says err "error: cannot "
printf 'x\n\xff dog\n' >odd.txt
expect 0 --json --which -e dog captions.txt odd.txt
jq -es 'length == 2 and all(.schema == "marvel.regex.match/1") and .[1].base64 == "/yBkb2c="' \
  out >/dev/null || fail "JSON is not as documented: $(cat out)"
expect 0 --json -c -e dog captions.txt
jq -e '.schema == "marvel.regex.count/1" and .lines == 1' out >/dev/null || fail "$(cat out)"
expect 0 --json -l -e dog captions.txt
jq -e '.schema == "marvel.regex.file/1" and .file == "captions.txt"' out >/dev/null || fail "$(cat out)"
head -c "$wide" /dev/zero | tr '\0' 'x' >wide.txt
{ printf '\303\244%s\n' "$(cat wide.txt)"; printf '\377%s\n' "$(cat wide.txt)"; } >wide-lines.txt
expect 0 --json -e x wide-lines.txt
jq -r 'select(.text) | .text' out | cmp -s - <(head -n 1 wide-lines.txt) || fail "a long text in JSON"
jq -r 'select(.base64) | .base64' out | base64 -d | cmp -s - <(tail -n 1 wide-lines.txt | tr -d '\n') ||
  fail "a long line in base64"
got=0
"$marvel" regex --json -e '(' captions.txt >out 2>err || got=$?
[ "$got" -eq 2 ] || fail "exit $got for a bad pattern with --json"

# --- packed input, folders ---
gzip -k captions.txt
expect 0 -z -n -e dog captions.txt.gz
is "1:a dog barks"
head -c 60 captions.txt.gz >cut.gz
expect 2 -z -e dog cut.gz captions.txt
says out "captions.txt:a dog barks"
says err "cut off"
mkdir -p tree/sub
cp captions.txt tree/sub/a.txt
cp captions.txt tree/b.log
expect 0 -r -c -e dog tree
is "$(printf 'tree/b.log:1\ntree/sub/a.txt:1')"
expect 0 -r -l --include '*.txt' -e dog tree
is tree/sub/a.txt
expect 1 -r -l --exclude '*.txt' --exclude '*.log' -e dog tree
(cd tree && "$marvel" regex -r -l -e dog --exclude-dir sub) >out || fail "-r without a folder"
is ./b.log

# --- pattern databases ---
expect 0 --save-db words.db -p keywords.txt
[ ! -s out ] || fail "--save-db printed something"
expect 0 --load-db words.db --which captions.txt
is "4:crowd cheering"
expect 2 --load-db words.db -e dog captions.txt
says err "brings its own patterns"
expect 2 --load-db captions.txt captions.txt
says err "no pattern database"
head -c 100 words.db >cut.db
expect 2 --load-db cut.db captions.txt
says err "damaged"

# --- patterns from odd places ---
printf 'dog\n' | "$marvel" regex -p - captions.txt >out || fail "exit $? for -p -"
is "a dog barks"
printf 'crowd\ndog\n' >odd.txt
{
  read -r _  # leaves the file's offset behind its first line
  "$marvel" regex -p - captions.txt >out || fail "exit $? for -p - in the middle of a file"
} <odd.txt
is "a dog barks"
expect 2 -p - -i -
says err "both patterns and text"
expect 0 -e "$(printf 'dog\ncheer')" captions.txt
is "$(printf 'a dog barks\ncrowd cheering')"
printf '7:/dog/q\n3:/dog/\nx\n3:/barks/\n' >odd.rules
expect 0 --which -p odd.rules captions.txt
says err "odd.rules:1: begins as ID:/REGEX/FLAGS"
says err "two patterns have the id '3'"

# --- engines: the same lines, whoever finds them ---
seq 1 200000 | sed 's/$/ some text with 17 and dogs/; 77~1000s/some/a siren and some/' >many.txt
grep -cE 'siren|99[0-9]{3} ' many.txt >expected
expect 0 --device host --stats -c -e siren -e '99[0-9]{3} ' many.txt
cmp -s out expected || fail "the host counts $(cat out) lines, grep $(cat expected)"
says err "on the CPU, 0 B on OpenCL devices"
expect 0 --explain -e siren -e '[0-9]{5}$'
says out '"siren"'
expect 0 --explain --json -e siren
jq -e '.schema == "marvel.regex.explain/1" and .patterns[0].literals == ["siren"]' out >/dev/null ||
  fail "--explain --json: $(cat out)"
expect 0 --bench --json --device host -e siren many.txt
jq -e '.schema == "marvel.regex.bench/1" and all(.engines[]; .mb_per_s > 0 and .lines == 200)' \
  out >/dev/null || fail "--bench --json: $(cat out)"
expect 2 --device fpga -e siren many.txt
says err "is no device"
expect 2 --bench --explain -e siren many.txt
expect 2 --bench -r -e siren .
says err "--bench reads plain files"
expect 2 --bench -z -e siren many.txt
says err "--bench reads plain files"
"$marvel" regex --bench --device host --threads 1 -e 'a[ab]{2000}z' ab.txt >out 2>err &
pid=$!
wait_for_handler "$pid"
kill -INT "$pid" 2>/dev/null || fail "--bench was gone before the signal"
got=0
wait "$pid" || got=$?
[ "$got" -eq 130 ] || fail "exit $got instead of 130 after SIGINT in --bench"
expect 2 --count-by-pattern -l -e siren many.txt
says err "exclude each other"
expect 2 --threads 1025 -e siren many.txt
says err "from 0 to 1024"

# Without a driver the loader finds nothing, and the host does the work.
export OCL_ICD_VENDORS=$work/no-drivers
expect 1 --list-devices
says err "driver is missing"
expect 0 --device cpu -c -e siren -e '99[0-9]{3} ' many.txt
cmp -s out expected || fail "without a driver: $(cat out) lines"
says err "the CPU does the work"
unset OCL_ICD_VENDORS

# ThreadSanitizer and LeakSanitizer cannot see into a driver's threads.
if ! $sanitized && "$marvel" regex --list-devices >/dev/null 2>&1; then
  expect 0 --list-devices --json
  jq -e '.schema == "marvel.regex.devices/1" and .devices[0].number == 0' out >/dev/null ||
    fail "--list-devices --json: $(cat out)"
  expect 0 --warm-up
  says out "ready in"
  [ -n "$(ls .cache/marvel/opencl)" ] || fail "--warm-up kept no kernel"
  for flags in "" "--threads 1"; do
    # shellcheck disable=SC2086  # words
    expect 0 --device 0 $flags --stats -c -e siren -e '99[0-9]{3} ' many.txt
    cmp -s out expected || fail "the device counts $(cat out) lines"
    says err "0 B on the CPU"
  done
  # Folders for compiled kernels that cannot be used; the first is ours, the second PoCL's.
  XDG_CACHE_HOME=/proc/none POCL_CACHE_DIR=/proc/none expect 0 --device 0 -c -e siren many.txt
  is 200
  # The host walks the text for the pattern that no table holds, the device looks for the word.
  stops_at_work 2 --device 0 -e siren
  expect 0 --device 0 -c -e 'a.{40}b$' -e siren many.txt
  is 200
  expect 1 --device 0 -c -e 'a.{40}b$' many.txt
  says err "the CPU does the work"
else
  echo "left out: there is no OpenCL device, or a sanitizer"
fi

# Small work never loads a driver.
if strace -f -o trace true 2>/dev/null; then
  # LeakSanitizer cannot work beside strace.
  ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=openat -o trace "$marvel" regex -e dog captions.txt >/dev/null
  ! grep -qE 'OpenCL/vendors|libpocl' trace || fail "a driver was loaded for a small file"
else
  echo "left out: strace is not installed or not allowed"
fi

# --- memory grows neither with the input nor with the length of a line ---
echo siren >short.txt
head -c 20000000 /dev/zero | tr '\0' x >long.txt
TMPDIR=/proc/self expect 2 -e siren long.txt short.txt
is short.txt:siren
says err "set TMPDIR"
if $sanitized; then
  echo "left out: bounds on memory under a sanitizer"
else
  "$marvel" regex -c -e nothing <slow >out &
  pid=$!
  { yes 'some line of text that goes on for a while' || true; } 2>/dev/null |
    head -c 300000000 >slow &
  peak=0
  while read -r _ now _ < <(grep VmHWM "/proc/$pid/status" 2>/dev/null); do
    peak=$now
    sleep 0.02
  done
  wait
  [ "$(cat out)" = 0 ] || fail "counted $(cat out) lines"
  if [ "$peak" -eq 0 ] || [ "$peak" -ge 65536 ]; then
    fail "300 MB through a pipe took $peak KiB"
  fi

  {
    echo short
    head -c 300000000 /dev/zero | tr '\0' x
    echo ' siren'
    echo 'a siren'
  } >long.txt
  tail -n 2 long.txt >expected
  # RLIMIT_DATA bounds what a process has of its own; files are not that.
  TMPDIR=$work prlimit --data=$((96 << 20)) "$marvel" regex --threads 2 -e siren long.txt >out ||
    fail "exit $? for a long line"
  cmp -s out expected || fail "a long line was not printed as it is"
  TMPDIR=$work prlimit --data=$((96 << 20)) "$marvel" regex --which -c -e siren - <long.txt >out ||
    fail "exit $? for a long line from a pipe"
  is 2
fi

[ "$failures" -eq 0 ] && echo "regex: all as expected"
exit $((failures > 0))
