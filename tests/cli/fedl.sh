#!/bin/bash
# marvel fedl simulate and status as commands; servers and clients are in tests/federate.
#   fedl.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME=$work XDG_CONFIG_HOME=$work/xdg TMPDIR=$work

failures=0
fail() {
  echo "FAILED: $1" >&2
  failures=$((failures + 1))
}
# exits CODE WORDS...: the command ends so; its streams are in out and err.
exits() {
  local wanted=$1 code=0
  shift
  timeout 120 "$marvel" "$@" >out 2>err || code=$?
  [ "$code" -eq "$wanted" ] || fail "marvel $* ended with $code instead of $wanted: $(cat err)"
}
says() { grep -qE -- "$2" "$1" || fail "no '$2' in $1: $(tail -n 5 "$1")"; }

# --- a small run, twice ---
run=(fedl simulate --clients 20 --rounds 3 --samples 20 --hidden 0 --clients-per-round 8
  --availability '0.4,0.9' --cycle 60s --dropout 0.1 --corrupt 0.1 --round-deadline 30s)
exits 0 "${run[@]}" --json --report page.html
cp out first.json
exits 0 "${run[@]}" --json
cmp -s out first.json || fail "the same seed gave another report"
exits 0 "${run[@]}" --json --seed 2
! cmp -s out first.json || fail "another seed gave the same report"
says first.json '"schema": "marvel.fedl.simulation/1"'
says first.json '"central_evaluation"'
says page.html 'Training'
says page.html 'Traffic'
exits 0 "${run[@]}"
says out '20 clients, [0-9]+ s of simulated time, seed 1'
[ -z "$(find . -name '*.tmp*' -o -name 'spool*')" ] || fail "files are left: $(ls)"

# --- a private run: epsilon in each round, and the same noise from the same seed ---
private=(fedl simulate --clients 20 --min-available 20 --clients-per-round 5 --rounds 3 --samples 20 --hidden 0
  --dp-clip 1 --dp-noise 1.5)
exits 0 "${private[@]}" --json
cp out first.json
exits 0 "${private[@]}" --json
cmp -s out first.json || fail "the same seed gave other noise"
exits 0 "${private[@]}"
says out '^epsilon [0-9.]+ for delta 1e-05$'
python3 -c 'import json
rounds = json.load(open("first.json"))["server"]["rounds"]
spent = [one["privacy"]["epsilon"] for one in rounds]
assert len(spent) == 3 and 0 < spent[0] < spent[1] < spent[2], spent' || fail "epsilon does not grow by round"

# --- what cannot be ---
exits 2 "${private[@]}" --dp-mode client
says err '--dp-mode client cannot be simulated'
exits 2 "${private[@]}" --late carry
exits 2 fedl simulate --availability 0
says err '--availability'
exits 2 fedl simulate --availability 0.1,0.2,0.3
exits 2 fedl simulate --dropout 1
exits 2 fedl simulate --strategy dynhp
exits 2 fedl simulate --data nowhere
exits 3 fedl simulate --clients 2 --min-available 3
says err 'waiting for clients: 2 of 3'
exits 2 fedl status
exits 3 fedl status --control nothing.sock
says err 'no server runs with the control socket'

[ "$failures" -eq 0 ] && echo "all well"
[ "$failures" -eq 0 ]
