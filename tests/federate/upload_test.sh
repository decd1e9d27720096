#!/bin/bash
# What a server with marvel's own clients bears from peers that no gRPC library would be: uploads
# that stop in the middle, answers of any length, an ingress without a server behind it, more
# connections than descriptors were meant for.
#   upload_test.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/federate/story.sh
. "$here/story.sh"

peer() {  # MODE WORDS...: raw peers; their id is in peer_id
  local mode=$1
  shift
  "$here/raw_peer.py" "$mode" "$host" "$port" "$@" >"$mode.out" 2>"$mode.err" &
  peer_id=$!
  started+=("$peer_id")
}
lines_are() {  # FILE COUNT PATTERN
  [ "$(grep -cE "$3" "$1")" -eq "$2" ] || fail "$1 has not $2 lines with '$3': $(cat "$1")"
}

# --- eight uploads that stop in the middle hold all places; others come to theirs all the same ---
"$here/plain_client.py" --zeros large.npz 2500000
server stalled --rounds 1 --min-available 10 --clients-per-round 2 --over-selection 4 --no-evaluate \
  --initial large.npz --checkpoint stalled
peer stall 8 10000000
WORK=4 client a 1 && a=$client_id
WORK=4 client b 3 && b=$client_id
appears 120 stalled/model-1.npz "peers that stall do not hold the round up"
ends stalled "$server_id" 0
ends a "$a" 0
ends b "$b" 0
wait "$peer_id" || fail "peers that stall: $(cat stall.err)"
lines_are stall.out 8 '^stall'

# --- answers of any length to small questions cost no memory ---
fresh
"$here/plain_client.py" --zeros zeros.npz
server floods --rounds 2 --min-available 5 --no-evaluate --initial zeros.npz --checkpoint flood
peer flood 4 500000000
client a 1 && a=$client_id
wait "$peer_id" || fail "peers that flood: $(cat flood.err)"
appears 30 flood/model-1.npz "peers that flood do not hold the round up"
lines_are flood.out 4 'ended'
lines_are floods.err 4 "client flood.*more than it was asked for"
peak=$(awk '/VmHWM/ { print int($2 / 1024) }' "/proc/$server_id/status")
echo "four answers of 500 MB each to small questions: the server took $peak MiB at most"
if ! is_sanitized; then
  [ "$peak" -lt 300 ] || fail "the server took $peak MiB"
fi
slay floods "$server_id"
slay a "$a"

# --- answers without an end, in both protocols and in parts: each is refused by name, the run goes on ---
fresh
server huge --rounds 3 --min-available 2 --min-results 2 --rejoin-grace 300ms --no-evaluate \
  --initial zeros.npz --checkpoint huge
WORK=1 client a 1 && a=$client_id
for kind in legacy modern parts; do
  timeout 100 "$here/raw_peer.py" huge "$host" "$port" "$kind" >"$kind.out" 2>"$kind.err" ||
    fail "the endless $kind client: $(tail -n 1 "$kind.err")"
done
client b 3 && b=$client_id
ends huge "$server_id" 0
ends a "$a" 0
ends b "$b" 0
says huge.err 'client ipv4:127.0.0.1: it sends more than it was asked for; its link is closed'
says huge.err 'client huge-modern: it sends more than it was asked for; its link is closed'
says huge.err 'client huge-parts: .*; its link is closed'
fates huge a 'merged merged merged'
fates huge b 'merged merged merged'
model_is huge 6

# --- a client that comes back with another model than it was asked for is refused by name, no more ---
fresh
server grown --rounds 2 --min-available 3 --min-results 2 --no-evaluate --initial zeros.npz --checkpoint grown
client a 1 && a=$client_id
client b 3 && b=$client_id
GROW=1 client c 90
all_end
says grown.err 'client c is left out: tensor 0 has shape \(5,\) instead of \(4,\)'
fates grown c 'refused refused'
fates grown a 'merged merged'
model_is grown 4

# --- an ingress that says 404 while its server is away is no reason to go ---
fresh
server first --rounds 3 --min-available 1 --initial zeros.npz --checkpoint ingress
WORK=2 client a 1 && a=$client_id
lines_reach 2 a.begun  # one round is done, so the client knows that this is its server
slay first "$server_id"
peer ingress 8
wait "$peer_id" || fail "the ingress: $(cat ingress.err)"
[ "$(grep -c 404 ingress.out)" -ge 2 ] || fail "the client met no ingress"
server second --rounds 3 --min-available 1 --checkpoint ingress --resume
ends second "$server_id" 0
ends a "$a" 0
model_is ingress 3

# --- more clients than the shell's limit of descriptors has room for ---
fresh
in_server=(prlimit --nofile=64:4096)
server many --rounds 1 --min-available 41 --min-results 1 --round-deadline 2s --no-evaluate \
  --initial zeros.npz --checkpoint many
in_server=()
peer idle 40
client a 1 && a=$client_id
ends a "$a" 0
kill "$peer_id"
ends many "$server_id" 0
model_is many 1

[ "$failures" -eq 0 ] && echo "all well"
[ "$failures" -eq 0 ]
