#!/bin/bash
# fedl over links that are slow, and over address translators that forget connections. The links are
# a proxy, so that nothing needs root; netns_test.sh does the same with the kernel's own means.
#   links_test.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/federate/story.sh
. "$here/story.sh"

# link NAME WORDS...: a proxy to the server; clients are sent there until `direct`.
link() {
  local name=$1 i
  shift
  server_port=$port
  "$here/link_proxy.py" "$host" "$port" "$@" >"$name.link" 2>"$name.link.err" &
  started+=("$!")
  for ((i = 0; i < 100; ++i)); do
    [ ! -s "$name.link" ] || break
    sleep 0.05
  done
  port=$(head -n 1 "$name.link")
  [ -n "$port" ] || { fail "no link: $(cat "$name.link.err")"; exit 1; }
}
direct() { port=$server_port; }

"$here/plain_client.py" --zeros large.npz 500000  # 2 MB

# --- a slow link and a short deadline: the others go on without it, round after round ---
server short --rounds 3 --min-available 2 --min-results 1 --round-deadline 2s --no-evaluate \
  --initial large.npz --checkpoint short
link short --rate 500000  # four seconds down, four up
client a 90 && a=$client_id
direct
client b 2 && b=$client_id
ends short "$server_id" 0
ends b "$b" 0
ends a "$a" 0
fates short a 'late( late)*'
fates short b 'merged merged merged'
model_begins short 6
echo "ok: a slow link is left behind"

# --- the same link and a deadline that it can meet: nothing is lost ---
fresh
server long --rounds 2 --min-available 2 --min-results 2 --round-deadline 60s --no-evaluate \
  --initial large.npz --checkpoint long
link long --rate 500000
client a 1 && a=$client_id
direct
client b 3 && b=$client_id
ends long "$server_id" 0
ends a "$a" 0
ends b "$b" 0
fates long a 'merged merged'
fates long b 'merged merged'
model_begins long 4
[ "$(wc -l <a.ledger)" -eq 2 ] || fail "the slow client has trained $(wc -l <a.ledger) times"
echo "ok: a slow link within the deadline"

# --- an address translator that would forget the link while its client trains: keepalive prevents it ---
"$here/plain_client.py" --zeros zeros.npz
fresh
server kept --rounds 1 --min-available 1 --no-evaluate --initial zeros.npz --checkpoint kept
link kept --forget 25
WORK=30 client a 2 --keepalive 10s && a=$client_id
ends kept "$server_id" 0
ends a "$a" 0
says a.out 'reconnected 0'
if grep -q forgotten kept.link; then fail "the link was forgotten all the same"; fi
model_is kept 2
echo "ok: keepalive keeps a link"

# --- one that forgets it sooner: the update goes nowhere; keepalive finds out, and it is sent once more ---
fresh
server forgotten --rounds 1 --min-available 2 --min-results 2 --no-evaluate --initial zeros.npz --checkpoint forgotten
link forgotten --forget 3
WORK=6 client a 1 --keepalive 10s && a=$client_id
direct
WORK=1 client b 3 && b=$client_id
ends forgotten "$server_id" 0
ends a "$a" 0
ends b "$b" 0
says forgotten.link forgotten
says forgotten.err 'client a has a new link'
says a.out 'resent 1'
[ "$(wc -l <a.ledger)" -eq 1 ] || fail "client a has trained $(wc -l <a.ledger) times"
fates forgotten a 'merged'
fates forgotten b 'merged'
model_is forgotten 2
echo "ok: a forgotten link"

[ "$failures" -eq 0 ] && echo "all well"
[ "$failures" -eq 0 ]
