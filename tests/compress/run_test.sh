#!/bin/bash
# The real program on real files: train, kill -9 at a random moment, resume, compare to the bit,
# load the result in plain Python, and meet damaged input and a full disk.
#   run_test.sh MARVEL
set -euo pipefail

marvel=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=/usr/bin/python3

fail() {
  echo "FAILED: $1" >&2
  exit 1
}

# Runs a command that must exit with code $1; its stderr is in $work/err.
expect() {
  local wanted=$1 got=0
  shift
  "$@" >out 2>err || got=$?
  [ "$got" -eq "$wanted" ] || fail "exit $got instead of $wanted: $* ($(tail -n 1 err))"
}

says() {
  grep -qF -- "$1" err || fail "no '$1' in: $(cat err)"
}

"$python" "$here/make_data.py" data
train=("$marvel" compress train --data data --layers "64,40,20,4" --epochs 30 --warmup-epochs 6
  --finetune-epochs 8 --batch-size 20 --target-reduction 0.6 --validation 200 --threads 2 --quiet)

# --- a run, its files and its numbers ---
expect 0 "${train[@]}" --out whole --json
jq -e '.schema == "marvel.compress.report/1" and .status == "finished" and .reduction_percent >= 60
  and (.epochs | length) == 30 and .equality_max_difference <= 1e-5
  and .memory.peak_rss_bytes > 0' out >/dev/null || fail "report: $(head -c 600 out)"
cmp -s <(jq -S . out) <(jq -S . whole/report.json) || fail "--json differs from report.json"
grep -q '<svg' whole/report.html || fail "report.html has no figures"
error=$(jq .test_error_percent out)
expect 0 "${train[@]}" --inputs haar --out haar --json

# --- plain PyTorch, if this machine has it ---
if "$python" -c 'import torch' 2>/dev/null; then
  "$python" "$here/load_in_python.py" whole/model.pt data "$error" || fail "Python disagrees"
  "$python" "$here/load_in_python.py" haar/model.pt data "$(jq .test_error_percent out)" ||
    fail "Python disagrees about wavelet coefficients"
else
  echo "SKIPPED: no python3-torch, model.pt was not loaded in Python" >&2
fi

# --- kill -9 in every phase, then resume: the same weights, to the bit ---
killed_after() {  # EPOCH WHOLE FLAGS...: a run of train FLAGS ends in what is in the folder WHOLE
  local epoch=$1 whole=$2 flags=("${@:3}") victim
  rm -rf killed
  "${train[@]/--quiet/--verbose}" "${flags[@]}" --out killed >/dev/null 2>progress &
  victim=$!
  until grep -q "epoch *$epoch/30" progress || ! kill -0 "$victim" 2>/dev/null; do sleep 0.01; done
  kill -9 "$victim" 2>/dev/null || true
  wait "$victim" 2>/dev/null || true
  expect 0 "${train[@]}" "${flags[@]}" --out killed --resume
  jq -e '.seconds_total >= .seconds_training' killed/report.json >/dev/null ||
    fail "killed after epoch $epoch: the seconds before it are lost"
  cmp -s <("$marvel" compress eval "$whole/model.pt" --data data --json | jq .test_error_percent) \
    <("$marvel" compress eval killed/model.pt --data data --json | jq .test_error_percent) ||
    fail "killed after epoch $epoch: another error"
  "$python" - "$whole/model.pt" killed/model.pt <<'PY' || fail "killed after epoch $epoch: other weights"
import sys, zipfile
def weights(path):
    with zipfile.ZipFile(path) as archive:
        return {n.split('/', 1)[1]: archive.read(n) for n in archive.namelist() if '/data/' in n}
a, b = map(weights, sys.argv[1:])
assert a and a == b, sorted(set(a) ^ set(b))
PY
}
for epoch in 3 $((7 + RANDOM % 15)) $((23 + RANDOM % 7)); do killed_after "$epoch" whole; done
killed_after $((3 + RANDOM % 26)) haar --inputs haar

# --- Ctrl-C saves and says how to go on ---
"${train[@]/--quiet/--verbose}" --out stopped >out 2>err &
victim=$!
until grep -q "epoch *2/30" err || ! kill -0 "$victim" 2>/dev/null; do sleep 0.01; done
kill -TERM "$victim" 2>/dev/null || true
code=0
wait "$victim" || code=$?
if [ "$code" -ne 0 ]; then # a fast machine may have finished
  [ "$code" -eq 143 ] || fail "SIGTERM gave exit $code"
  [ -s stopped/checkpoint.pt ] || fail "SIGTERM left no checkpoint"
  says "--resume"
  expect 0 "${train[@]}" --out stopped --resume
fi

# --- a result whose checkpoint is lost is not replaced unasked ---
cp -r whole again
rm again/checkpoint.pt
expect 2 "${train[@]}" --out again --resume
says "no checkpoint"
cmp -s whole/model.pt again/model.pt || fail "--resume without a checkpoint replaced the model"

# --- Ctrl-C ends an evaluation ---
"$marvel" compress eval whole/model.pt --data data --latency-runs 1000000 >out 2>err &
victim=$!
# It handles SIGTERM from here on.
until grep -qs "^SigCgt:.*[4567cdef]...\$" "/proc/$victim/status" || ! kill -0 "$victim" 2>/dev/null; do sleep 0.05; done
sleep 1.2
kill -TERM "$victim" 2>/dev/null || true
code=0
wait "$victim" || code=$?
[ "$code" -eq 143 ] || fail "SIGTERM gave an evaluation exit $code"
says "stopping"

# --- bad input: one clear message, the right code, nothing lost ---
before=$(sha256sum whole/model.pt)
expect 0 "$marvel" compress eval whole/model.pt --data data/ --json
[ "$(jq -r .data out)" = data ] || fail "data/ has another name than data"
expect 2 "${train[@]}" --out whole
says "not empty"
expect 2 "${train[@]}" --out whole --resume --lr 0.5
says "other settings"
[ "$before" = "$(sha256sum whole/model.pt)" ] || fail "a refused run changed the model"
head -c 5000 data/train-images-idx3-ubyte >short.bin
cp -r data broken
cp short.bin broken/train-images-idx3-ubyte
expect 2 "$marvel" compress train --data broken --layers "64,8,4" --out o1
says "truncated"
printf 'garbage' >broken/train-images-idx3-ubyte
expect 2 "$marvel" compress train --data broken --layers "64,8,4" --out o1
says "wrong magic"
expect 2 "$marvel" compress train --data data --out o1
says "begin --layers with 64"
expect 2 "$marvel" compress train --data data --layers 64,8,3 --out o1
says "has label 3"
expect 2 "$marvel" compress train --data nowhere --out o1
says "nowhere"
expect 2 "$marvel" compress train --data data --layers 64,8,4 --validation 0 --memory-budget 100B --out o1
says "smallest that works"
expect 2 "$marvel" compress train --data data --layers 64,8,4 --device cuda --out o1
says "CUDA"
expect 2 "$marvel" compress eval short.bin --data data
says "short.bin"
expect 2 env OMP_THREAD_LIMIT=1 "${train[@]}" --out o1
says "OpenMP gives this process 1 at most"
expect 2 "$marvel" compress train --data data --layers 64,1000000,1000000,4 --validation 200 --out o1
says "but this machine has"
expect 2 "$marvel" compress eval whole/model.pt --data data --threads 257
says "--threads is 257"
[ ! -e o1 ] || fail "a refused run left a folder"
expect 3 "$marvel" compress train --data data --layers 64,8,4 --validation 0 --lr 1e30 --epochs 4 --out o2
says "NaN or infinite"

# --- a full disk stops the run and keeps what was there ---
if mkdir full && mount -t tmpfs -o size=64k tmpfs full 2>/dev/null; then
  expect 3 "${train[@]}" --out full/run
  says "No space left"
  umount full
else
  echo "SKIPPED: no right to mount a small disk" >&2
fi

echo "all as it should be: error $error %"
