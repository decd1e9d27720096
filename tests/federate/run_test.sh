#!/bin/bash
# marvel fedl server and client as processes, with the faults of real networks: a server that is
# killed in a round, clients that die, are early, stall, or send garbage.
#   run_test.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/federate/story.sh
. "$here/story.sh"

# --- two clients of equal weight that add 1 and 3: 2 per round ---
server plain --rounds 3 --min-available 2 --checkpoint plain --json --metrics-out plain.jsonl
client a 1 && a=$client_id
client b 3 && b=$client_id
ends plain "$server_id" 0
ends a "$a" 0
ends b "$b" 0
model_is plain 6
python3 - <<'EOF' || fail "the server's answer is wrong"
import json
answer = json.load(open("plain.out"))
assert answer["schema"] == "marvel.fedl.server/1" and answer["status"] == "done", answer
assert answer["rounds_done"] == 3 and answer["parameters"] == 4, answer
assert [c["client"] for c in answer["rounds"][0]["clients"]] == ["a", "b"], answer
assert abs(answer["rounds"][2]["evaluation"]["loss"] - 6) < 1e-6, answer
lines = [json.loads(line) for line in open("plain.jsonl")]
assert [line["round"] for line in lines] == [1, 2, 3]
EOF

# What is no perceptron has no model.pt, which is said once and is no error.
says plain.err "No model.pt for compress and PyTorch: 'plain/model.npz' holds no perceptron"
[ ! -e plain/model.pt ] || fail "a model.pt of four numbers"
code=0
"$marvel" fedl export plain/model.npz >export.out 2>export.err || code=$?
[ "$code" -eq 2 ] || fail "fedl export of four numbers ended with $code"
says export.err 'holds no perceptron'

# --- a run is not overwritten ---
if "$marvel" fedl server --address 127.0.0.1:0 --checkpoint plain >/dev/null 2>again.err; then
  fail "a second run went over the first"
fi
says again.err 'holds a run already'

# --- clients that are there before the server; the server is killed in round 2 and resumed ---
rm -f ./*.ledger ./*.begun
WORK=1
export WORK
client a 1 --ready-file a.ready && a=$client_id
client b 3 && b=$client_id
sleep 0.5
[ ! -e a.ready ] || fail "a client without a server is ready"
server first --rounds 3 --min-available 2 --checkpoint killed --metrics-out killed.jsonl
lines_reach 2 a.begun b.begun  # both are training round 2
[ -e a.ready ] || fail "a client that trains is not ready"
slay first "$server_id"
lines_reach 2 a.ledger b.ledger  # they finish it without a server
for ((i = 0; i < 100; ++i)); do
  [ -e a.ready ] || break
  sleep 0.05
done
[ ! -e a.ready ] || fail "a client whose server was killed is ready"
server second --rounds 3 --min-available 2 --checkpoint killed --resume --metrics-out killed.jsonl --json \
  --report killed.html
begun=$(date +%s%N)
appears 10 killed/model-2.npz "a server that was killed goes on"
back=$((($(date +%s%N) - begun) / 1000000))
ends second "$server_id" 0
ends a "$a" 0
ends b "$b" 0
[ ! -e a.ready ] || fail "a client that has ended is ready"
says second.err 'going on after round 1 of 3'
for file in killed.jsonl killed/rounds.jsonl; do
  [ "$(grep -o '"round":[0-9]*' "$file" | tr '\n' ' ')" = '"round":1 "round":2 "round":3 ' ] ||
    fail "rounds are missing or twice in $file: $(cut -c1-80 "$file")"
done
[ "$(grep -c '"round": [0-9]' second.out)" -eq 3 ] || fail "the resumed run's answer lacks rounds"
[ "$(grep -o '"round": [0-9]' killed.html | wc -l)" -eq 3 ] || fail "the resumed run's page lacks rounds"
model_is killed 6
echo "round 2 was merged $back ms after the server listened again"
[ "$back" -lt 15000 ] || # 2 s on an idle machine
  fail "clients came back after $back ms"
for cid in a b; do
  [ "$(sort "$cid.ledger" | tr '\n' ' ')" = "1 2 3 " ] ||
    fail "client $cid trained the rounds $(tr '\n' ' ' <"$cid.ledger")"
  says "$cid.out" 'resent 1'
done
WORK=0

# --- a client is killed after it has trained, before the server has its update: it sends it again ---
fresh
server store --rounds 2 --min-available 2 --min-results 2 --checkpoint store
WORK=1 client a 1 --state states && a=$client_id
WORK=1 client b 3 --state states && b=$client_id
lines_reach 1 a.begun b.begun
slay store "$server_id"
lines_reach 1 a.ledger b.ledger
appears 10 states/update-a.bin "an update is kept"
slay a "$a"
server stored --rounds 2 --min-available 2 --min-results 2 --checkpoint store --resume
client a 1 --state states && a=$client_id
ends stored "$server_id" 0
ends a "$a" 0
ends b "$b" 0
model_is store 4
for cid in a b; do
  [ "$(sort "$cid.ledger" | tr '\n' ' ')" = "1 2 " ] ||
    fail "client $cid trained the rounds $(tr '\n' ' ' <"$cid.ledger") with --state"
  says "$cid.out" 'resent 1'
done
[ -z "$(ls states)" ] || fail "updates are kept after the run: $(ls states)"

# --- encoded updates: fewer bytes, the same model, and plain ones from who does not want it ---
for encoding in fp16 int8 top-k; do
  fresh
  server "$encoding" --rounds 3 --min-available 2 --checkpoint "$encoding" --update-encoding "$encoding" \
    --keep 1 --no-evaluate --json --report "$encoding.html"
  client a 1 && a=$client_id
  client b 3 --plain-updates && b=$client_id
  ends "$encoding" "$server_id" 0
  ends a "$a" 0
  ends b "$b" 0
  model_is "$encoding" 6
  says "$encoding.html" 'Traffic'
done

# --- messages in parts, between marvel's peers that have agreed on it: 64 bytes instead of 1 GiB ---
fresh
export MARVEL_TESTING_CHUNK=64
server parts --rounds 3 --min-available 2 --checkpoint parts --json
client a 1 && a=$client_id
unset MARVEL_TESTING_CHUNK  # this one sends whole messages and joins parts all the same
client b 3 && b=$client_id
ends parts "$server_id" 0
ends a "$a" 0
ends b "$b" 0
model_is parts 6

# --- the end is told to a client that is still busy ---
fresh
server busy --rounds 1 --min-available 2 --clients-per-round 1 --over-selection 1 --no-evaluate
client a 1 && a=$client_id
WORK=12 client b 1 && b=$client_id
ends busy "$server_id" 0
ends a "$a" 0
ends b "$b" 0

# --- one client is killed while it trains: the others finish the round ---
fresh
server death --rounds 2 --min-available 3 --clients-per-round 3 --min-results 2 --rejoin-grace 300ms \
  --checkpoint death
client a 2 && a=$client_id
client b 2 && b=$client_id
WORK=30 client c 90 && c=$client_id
lines_reach 1 a.ledger b.ledger c.begun
slay c "$c"
appears 5 death/model-1.npz "a dead client does not hold the round up"
says death.err 'client c is gone'
client d 2 && d=$client_id  # three must be there for round 2
ends death "$server_id" 0
ends a "$a" 0
ends b "$b" 0
ends d "$d" 0
model_is death 4

# --- a client that stalls: the deadline ends the round, and the others go on ---
fresh
server slow --rounds 1 --min-available 2 --min-results 1 --round-deadline 1s --no-evaluate \
  --checkpoint slow
client a 5 && a=$client_id
WORK=4 client b 90 && b=$client_id
ends slow "$server_id" 0
ends a "$a" 0
ends b "$b" 0
model_is slow 5
says slow.err '1 late'

# --- two clients of one name: the first one stays, the second one is told, and ends after a while ---
fresh
server twins --rounds 2 --min-available 2 --checkpoint twins
client a 1 --ready-file first.ready && first=$client_id
appears 20 first.ready "a client finds its server"
mv a.err first.err
client a 1 --give-up 2s && second=$client_id
ends a "$second" 3
says a.err 'same name.*trying again'
says a.err 'cid of its own'
says twins.err 'another client wants to join as a'
client b 3 && b=$client_id
ends twins "$server_id" 0
ends first "$first" 0
ends b "$b" 0
fates twins a 'merged merged'
fates twins b 'merged merged'
model_is twins 4

# --- the first one dies in a round, and the second one takes over: each round has one update of the name ---
fresh
server heirs --rounds 4 --min-available 2 --min-results 2 --checkpoint heirs
WORK=1 client b 3 && b=$client_id
WORK=1 client a 1 && first=$client_id
lines_reach 1 a.begun
LEDGER=$work/heir.ledger BEGUN=$work/heir.begun STEP=1 "$marvel" fedl client --cid a --server-address "$host:$port" \
  --exec "$here/plain_client.py" >heir.out 2>heir.err &
begun heir "$!"
lines_reach 2 a.begun  # round 2 is under way, and the second one is refused again and again
slay a "$first"
all_end
says heir.err 'same name.*trying again'
fates heirs a 'merged merged merged merged'
fates heirs b 'merged merged merged merged'
model_is heirs 8
# Together they have trained each round; what was trained twice was merged once.
[ "$(sort -nu a.ledger heir.ledger | tr '\n' ' ')" = "1 2 3 4 " ] ||
  fail "the twins trained the rounds $(tr '\n' ' ' <a.ledger) and $(tr '\n' ' ' <heir.ledger)"
python3 - <<'EOF' || fail "the histories of twins are wrong"
import json
rows = json.load(open("heirs/state.json"))["clients"]
assert sorted(rows) == ["a", "b"] and all(row["merged"] == row["last_merged"] == 4 for row in rows.values()), rows
EOF

# --- a disk that refuses the checkpoint: the server ends, the client waits for a better one ---
fresh
server full --rounds 1 --min-available 1 --checkpoint full --initial plain/model.npz
mkdir full/model-1.npz  # which no file can replace
client a 1 && a=$client_id
ends full "$server_id" 3
rmdir full/model-1.npz
server better --rounds 1 --min-available 1 --checkpoint full --resume
ends better "$server_id" 0
ends a "$a" 0
says a.out 'resent 1'
model_is full 7

# --- an initial model that no client could take is refused before anybody comes ---
python3 - <<'EOF'
import struct
import zipfile
header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }".ljust(117) + b"\n"
array = b"\x93NUMPY\x01\0" + struct.pack("<H", 118) + header + struct.pack("<2f", 1, float("nan"))
zipfile.ZipFile("none.npz", "w").close()
with zipfile.ZipFile("nan.npz", "w") as file:
    file.writestr("arr_0.npy", array)
EOF
for bad in nan none; do
  code=0
  timeout 20 "$marvel" fedl server --address 127.0.0.1:0 --initial "$bad.npz" >"$bad.out" 2>"$bad.err" || code=$?
  [ "$code" -eq 2 ] || fail "--initial $bad.npz ended with $code"
  says "$bad.err" "'$bad.npz' cannot be the initial model"
done

# --- garbage on the port harms nobody ---
fresh
server garbage --rounds 1 --min-available 1 --checkpoint garbage --initial plain/model.npz
python3 - "$port" <<'EOF'
import os
import socket
import sys
for junk in (b"", b"GET / HTTP/1.1\r\n\r\n", os.urandom(4096), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + os.urandom(999)):
    link = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    link.sendall(junk)
    link.close()
EOF
client a 1 && a=$client_id
ends garbage "$server_id" 0
ends a "$a" 0
model_is garbage 7

# --- signals: the server keeps what is done, the client just ends ---
fresh
server stopped --rounds 9 --min-available 2 --checkpoint stopped
cp plain.jsonl kept.jsonl
"$marvel" fedl server --address "127.0.0.1:$port" --rounds 1 --metrics-out kept.jsonl 2>taken.err && fail "a port was taken twice"
says taken.err 'cannot listen on'
cmp -s plain.jsonl kept.jsonl || fail "a server that cannot listen has emptied the --metrics-out of another"
client a 1 && a=$client_id
sleep 0.5
kill -INT "$server_id"
ends stopped "$server_id" 130
kill -TERM "$a"
ends a "$a" 143

# --- TLS on both sides; the certificate names the client ---
if command -v openssl >/dev/null; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=ca \
    -keyout ca.key -out ca.pem 2>/dev/null
  for name in localhost edge-9; do
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$name" \
      -keyout "$name.key" -out "$name.csr" 2>/dev/null
    openssl x509 -req -in "$name.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
      -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1") -out "$name.pem" 2>/dev/null
  done
  fresh
  server tls --rounds 1 --min-available 1 --checkpoint tls --json --tls-cert localhost.pem \
    --tls-key localhost.key --client-ca ca.pem
  client stranger 1 --tls-ca ca.pem --give-up 1s && stranger=$client_id
  ends stranger "$stranger" 3
  client a 1 --tls-ca ca.pem --tls-cert edge-9.pem --tls-key edge-9.key && a=$client_id
  ends tls "$server_id" 0
  ends a "$a" 0
  says tls.out '"client": "edge-9"'
fi

# --- the other exits ---
code=0
"$marvel" fedl client --cid 1 --server-address 127.0.0.1:1 --exec true --give-up 1s 2>none.err || code=$?
[ "$code" -eq 3 ] || fail "a client without a server ended with $code instead of 3"
says none.err 'no server at 127.0.0.1:1'
fresh
server failing --rounds 1 --min-available 1
code=0
"$marvel" fedl client --cid 1 --server-address "127.0.0.1:$port" --exec 'exit 7' 2>failing-client.err || code=$?
[ "$code" -eq 3 ] || fail "a failing command ended with $code instead of 3"
says failing-client.err 'ended with code 7'
for words in "--cid 1" "--server-address h:1 --exec true" "--cid 1 --server-address nowhere --exec true" \
  "--cid 1 --server-address h:1" "--cid x --server-address h:1 --nb-clients 2 --data mnist" \
  "--cid 7 --server-address h:1 --nb-clients 5 --data mnist"; do
  code=0
  # shellcheck disable=SC2086
  "$marvel" fedl client $words >/dev/null 2>&1 || code=$?
  [ "$code" -eq 2 ] || fail "client $words ended with $code instead of 2"
done
for words in "--rounds 0" "--resume" "--client-ca x" "--clients-per-round 1 --min-results 2" "--trim 0.5"; do
  code=0
  # shellcheck disable=SC2086
  "$marvel" fedl server $words >/dev/null 2>&1 || code=$?
  [ "$code" -eq 2 ] || fail "server $words ended with $code instead of 2"
done

[ "$failures" -eq 0 ] && echo "all well"
[ "$failures" -eq 0 ]
