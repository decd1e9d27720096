#!/bin/bash
# fedl over links that are slow, and over address translators that forget connections. The links are
# a proxy, so that nothing needs root; netns_test.sh does the same with the kernel's own means.
#   links_test.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/federate/story.sh
. "$here/story.sh"
# shellcheck source=tests/federate/slow_links.sh
. "$here/slow_links.sh"

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

# --- a slow link ---
on_slow_link() { link "$1" --rate 500000; }
on_fast_link() { direct; }
slow_link_stories

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
trained_once a 1
fates forgotten a 'merged'
fates forgotten b 'merged'
model_is forgotten 2
echo "ok: a forgotten link"

[ "$failures" -eq 0 ] && echo "all well"
[ "$failures" -eq 0 ]
