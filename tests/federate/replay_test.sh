#!/bin/bash
# What real clients of Flower once sent, played to a server of today: each of three releases alone, and all in one
# run. Needs no Flower.
#   replay_test.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/federate/story.sh
. "$here/story.sh"
recorded=$here/recorded
files=("$recorded"/flwr-0.17.0.bin "$recorded"/flwr-1.8.0.bin "$recorded"/flwr-1.26.1.bin)  # CID 1, 2, 3

play() {  # NAME FILE...
  local name=$1
  shift
  timeout 100 "$here/replay.py" "$host" "$port" "$@" >"$name.played" 2>"$name.played.err" ||
    fail "$name: $(tail -n 1 "$name.played.err")"
  [ ! -s "$name.played.err" ] || fail "$name: $(tail -n 1 "$name.played.err")"
}
# first_is FOLDER VALUE: of the model's first array, float32 (3, 2)
first_is() {
  python3 - "$1/model.npz" "$2" <<'END' || fail "the model of $1 is wrong"
import struct, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    arrays = [archive.read(f"arr_{i}.npy") for i in range(5)]
assert len(archive.namelist()) == 5 and b"'<f4', 'fortran_order': False, 'shape': (3, 2)" in arrays[0], arrays
values = struct.unpack("<6f", arrays[0][-24:])
assert all(abs(value - float(sys.argv[2])) < 1e-5 for value in values), values
END
}

# --- each release alone, from the initial model that it is asked for to its goodbye ---
cid=0
for file in "${files[@]}"; do
  cid=$((cid + 1))
  name=$(basename "$file" .bin)
  fresh
  server "$name" --rounds 3 --min-available 1 --checkpoint "$name"
  play "$name" "$file"
  ends "$name" "$server_id" 0
  says "$name.played" 'parameters 1 fit 3 evaluate 3 goodbye 1'
  first_is "$name" $((3 * cid))
done

# --- all in one run: a mean of 1, 2 and 3 with weights 10, 20 and 30 is 7/3 per round ---
fresh
server mixed --rounds 3 --min-available 3 --min-results 3 --checkpoint mixed
play mixed "${files[@]}"
ends mixed "$server_id" 0
[ "$(grep -c 'fit 3 evaluate 3 goodbye 1' mixed.played)" -eq 3 ] || fail "answers: $(cat mixed.played)"
first_is mixed 7

[ "$failures" -eq 0 ] && echo "all well"
[ "$failures" -eq 0 ]
