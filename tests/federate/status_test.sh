#!/bin/bash
# What a running server tells: marvel fedl status, metrics for Prometheus, the live table.
#   status_test.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/federate/story.sh
. "$here/story.sh"

# metric FILE NAME VALUE: the sample has this value.
metric() { grep -qxF -- "$2 $3" "$1" || fail "metric $2 is not $3: $(grep -F -- "$2" "$1" || echo none)"; }
fetch() {  # FILE: the metrics
  python3 -c 'import sys, urllib.request as r; print(r.urlopen("http://127.0.0.1:%s/metrics" % sys.argv[1], timeout=5).read().decode(), end="")' \
    "$metrics" >"$1"
}

# --- nobody runs ---
code=0
"$marvel" fedl status --checkpoint nothing 2>nobody.err || code=$?
[ "$code" -eq 3 ] || fail "status without a server ended with $code instead of 3"
says nobody.err "no server runs with the checkpoint folder 'nothing'"
code=0
"$marvel" fedl status 2>which.err || code=$?
[ "$code" -eq 2 ] || fail "status of no server in particular ended with $code instead of 2"

# --- a server with two clients, of which one takes its time ---
server watched --rounds 2 --min-available 2 --checkpoint watched --metrics 127.0.0.1:0
metrics=$(sed -n 's/.*metrics on port \([0-9]*\).*/\1/p' watched.err)
[ -n "$metrics" ] || fail "the port of the metrics is not told: $(cat watched.err)"
"$marvel" fedl status --checkpoint watched --json >before.json
WORK=12 client slow 1 && slow=$client_id
client quick 3 && quick=$client_id
lines_reach 1 slow.begun quick.ledger
for ((i = 0; i < 60; ++i)); do
  "$marvel" fedl status --checkpoint watched --json >during.json
  grep -q '"answers": 1' during.json && break
  sleep 0.05
done
"$marvel" fedl status --checkpoint watched >during.txt
fetch during.prom
python3 - <<'END' || fail "the status is wrong: $(cat during.json)"
import json
before = json.load(open("before.json"))
assert before["schema"] == "marvel.fedl.status/1" and before["phase"] == "waiting", before
assert before["connected"] == 0 and before["clients"] == [] and before["last_round"] is None, before
during = json.load(open("during.json"))
assert during["phase"] == "training" and during["strategy"] == "fedavg", during
assert (during["answers"], during["wanted"], during["rounds"], during["connected"]) == (1, 2, 2, 2), during
rows = {row["client"]: row for row in during["clients"]}
assert rows["slow"]["state"] == "trains" and rows["slow"]["fate"] == "asked", rows
assert rows["quick"]["state"] == "idle" and rows["quick"]["fate"] == "merged", rows
END
says during.txt 'round 1: 1 of 2 answers'
says during.txt 'slow +trains'
metric during.prom 'marvel_fedl_clients{state="trains"}' 1
metric during.prom marvel_fedl_rounds_total 0

# --- a second server must not take the folder ---
code=0
"$marvel" fedl server --address 127.0.0.1:0 --checkpoint watched --resume 2>second.err || code=$?
[ "$code" -eq 3 ] || fail "a second server of the folder ended with $code instead of 3"
says second.err "another server runs with the checkpoint folder 'watched'"

# --- after a round ---
for ((i = 0; i < 200; ++i)); do
  [ -e watched/model-1.npz ] && break
  sleep 0.05
done
lines_reach 2 slow.begun
fetch after.prom
metric after.prom marvel_fedl_rounds_total 1
metric after.prom 'marvel_fedl_answers_total{fate="merged"}' 2
metric after.prom 'marvel_fedl_client_merged_rounds_total{client="slow"}' 1
python3 - <<'END' || fail "sent and received bytes are not told"
values = dict(line.rsplit(" ", 1) for line in open("after.prom") if not line.startswith("#"))
assert float(values["marvel_fedl_sent_bytes_total"]) > 0
assert float(values["marvel_fedl_received_bytes_total"]) > 0
END
# Both at once, and well before the end of the round. They look every two seconds.
looks() { grep -c '^run ' watch.txt || true; }
begun=$(date +%s%N)
"$marvel" fedl status --checkpoint watched --watch --json >watch.jsonl 2>/dev/null &
json=$!
"$marvel" fedl status --checkpoint watched --watch >watch.txt 2>/dev/null &
table=$!
started+=("$json" "$table")
lines_reach 2 watch.jsonl
for ((i = 0; i < 200; ++i)); do
  [ "$(looks)" -lt 2 ] || break
  sleep 0.05
done
kill -INT "$json" "$table" || true
wait "$json" || fail "--watch --json ends with $?"
wait "$table" || fail "--watch ends with $?"
most=$((1 + ($(date +%s%N) - begun) / 2000000000))
documents=$(jq -s length watch.jsonl) lines=$(wc -l <watch.jsonl)
[ "$documents" -eq "$lines" ] || fail "--watch --json prints $documents documents in $lines lines"
for seen in "$lines" "$(looks)"; do
  if [ "$seen" -lt 2 ] || [ "$seen" -gt "$most" ]; then fail "--watch looked $seen times, of $most at most"; fi
done
ends watched "$server_id" 0
ends slow "$slow" 0
ends quick "$quick" 0
[ ! -e watched/status.sock ] || fail "the socket is there after the end"

# --- a folder whose path is too long for a socket costs the status, not the run ---
fresh
long=$(printf 'x%.0s' {1..120})
server long --rounds 1 --min-available 1 --checkpoint "$long"
says long.err 'will not see this server'
client a 1 && a=$client_id
ends long "$server_id" 0
ends a "$a" 0
code=0
"$marvel" fedl server --address 127.0.0.1:0 --control "$long" 2>control.err || code=$?
[ "$code" -eq 2 ] || fail "a control socket that cannot be ended with $code instead of 2"

# --- of two that begin at the same moment one gets the folder, with or without its socket ---
for at in 1 2 3 4 5; do
  "$marvel" fedl server --address 127.0.0.1:0 --checkpoint "twins$at" 2>left.err &
  left=$!
  "$marvel" fedl server --address 127.0.0.1:0 --checkpoint "twins$at" 2>right.err &
  right=$!
  started+=("$left" "$right")
  for ((i = 0; i < 1200; ++i)); do
    if ! kill -0 "$left" 2>/dev/null || ! kill -0 "$right" 2>/dev/null; then break; fi
    sleep 0.05
  done
  loser=left loser_id=$left winner=right winner_id=$right
  if kill -0 "$left" 2>/dev/null; then
    loser=right loser_id=$right winner=left winner_id=$left
  fi
  kill -9 "$loser_id" 2>/dev/null && fail "two servers run with the folder twins$at"
  ends "$loser" "$loser_id" 3
  says "$loser.err" "another server runs with the checkpoint folder 'twins$at'"
  for ((i = 0; i < 600; ++i)); do
    grep -qs 'listening on port' "$winner.err" && break
    sleep 0.1
  done
  rm -f "twins$at/status.sock"
  code=0
  timeout 60 "$marvel" fedl server --address 127.0.0.1:0 --checkpoint "twins$at" 2>third.err || code=$?
  [ "$code" -eq 3 ] || fail "a server of a folder without socket ended with $code instead of 3"
  says third.err 'each server needs a folder of its own: --checkpoint'
  kill -INT "$winner_id"
  ends "$winner" "$winner_id" 130
done

# --- the live table of a terminal ---
fresh
cat >terminal.py <<'END'
import os, pty, re, subprocess, sys, time
master, slave = pty.openpty()
import fcntl, struct, termios
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 12, 100, 0, 0))
os.environ["TERM"] = "xterm"
server = subprocess.Popen(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=slave)
os.close(slave)
seen = b""
with open(sys.argv[1], "wb") as copy:
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        if not piece:
            break
        copy.write(piece)
        copy.flush()
sys.exit(server.wait())
END
timeout 150 python3 terminal.py screen.err "$marvel" fedl server --address 127.0.0.1:0 --rounds 1 --min-available 2 &
server_id=$!
started+=("$server_id")
for ((i = 0; i < 600; ++i)); do
  grep -qsa 'listening on port' screen.err && break
  sleep 0.1
done
port=$(sed -n 's/.*listening on port \([0-9]*\).*/\1/p' screen.err)
WORK=2 client a 1 && a=$client_id
client b 1 && b=$client_id
ends screen "$server_id" 0
ends a "$a" 0
ends b "$b" 0
python3 - <<'END' || fail "the live table is wrong: $(cat -v screen.err)"
import re
text = open("screen.err", newline="").read()
assert re.search(r"CLIENT +STATE", text), "no head"
assert re.search(r"\na +trains", text) and re.search(r"\nb +idle", text), "no rows"

# What a terminal would show in the end: no row of the table may be left on it.
screen, at = [""], 0
for part in re.findall(r"\x1b\[A|\x1b\[K|\r|\n|[^\x1b\r\n]+", text):
    if part == "\x1b[A":
        at -= 1
    elif part == "\x1b[K":
        screen[at] = ""
    elif part == "\n":
        at += 1
        if at == len(screen):
            screen.append("")
    elif part != "\r":
        screen[at] += part
assert not [line for line in screen if re.search("CLIENT|trains|idle", line)], screen
assert [line for line in screen if line.startswith("round 1: 2 of 2")], screen
END

[ "$failures" -eq 0 ] && echo "all well"
[ "$failures" -eq 0 ]
