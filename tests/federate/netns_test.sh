#!/bin/bash
# fedl's processes on machines of their own, with the faults of links, clocks, disks and strangers.
# After each, the checkpoint's ledger says that nothing was merged twice and nothing was lost.
#   netns_test.sh MARVEL
# Needs root, network namespaces, tmpfs, tc, nft and a C compiler for the clock; skipped loudly without.
set -euo pipefail

marvel=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
skip() {
  echo "SKIPPED: $1"
  exit 77
}
for tool in ip nft ss mount; do
  command -v "$tool" >/dev/null || skip "$tool is not installed"
done
[ "$(id -u)" -eq 0 ] || skip "this needs root"
tag=mf$$
ip netns add "$tag-probe" 2>/dev/null || skip "this machine allows no network namespaces"
ip netns del "$tag-probe"

mounts=()
clean_more() {
  local space place
  for space in srv a b; do ip netns del "$tag-$space" 2>/dev/null || true; done
  for place in "${mounts[@]}"; do umount "$place" 2>/dev/null || true; done
}
# shellcheck source=tests/federate/story.sh
. "$here/story.sh"
# shellcheck source=tests/federate/slow_links.sh
. "$here/slow_links.sh"

# --- the server in the middle, a and b on wires of their own; it has one address for both ---
host=10.97.0.1
ip netns add "$tag-srv"
ip -n "$tag-srv" link set lo up
ip -n "$tag-srv" addr add "$host/32" dev lo
number=0
for name in a b; do
  number=$((number + 1))
  ip netns add "$tag-$name"
  ip -n "$tag-$name" link set lo up
  ip -n "$tag-$name" link add eth type veth peer name "to-$name" netns "$tag-srv"
  ip -n "$tag-$name" addr add "10.97.$number.2/24" dev eth
  ip -n "$tag-$name" link set eth up
  ip -n "$tag-srv" addr add "10.97.$number.1/24" dev "to-$name"
  ip -n "$tag-srv" link set "to-$name" up
  ip -n "$tag-$name" route add "$host/32" via "10.97.$number.1"
done
in_server=(ip netns exec "$tag-srv")
at() {  # NAME: where the next clients run
  in_client=(ip netns exec "$tag-$1")
}
# Rules that lose packets without a word.
lose() { ip netns exec "$tag-srv" nft add rule ip faults in "$@" drop; }
heal() { ip netns exec "$tag-srv" nft flush chain ip faults in; }
ip netns exec "$tag-srv" nft add table ip faults
ip netns exec "$tag-srv" nft add chain ip faults in '{ type filter hook input priority 0; }'

anew() {
  fresh
  heal
}

# --- a partition in the middle of a round that heals ---
anew
server partition --rounds 3 --min-available 2 --min-results 2 --checkpoint partition
at a && WORK=3 client a 1 && a=$client_id
at b && WORK=1 client b 3 && b=$client_id
lines_reach 2 a.begun b.begun  # both are in round 2
lose iifname to-a
lines_reach 2 a.ledger b.ledger
sleep 4  # the update of a is on its way and does not arrive
[ ! -e partition/model-2.npz ] || fail "round 2 ended without a"
heal
ends partition "$server_id" 0
ends a "$a" 0
ends b "$b" 0
model_is partition 6
ledger partition 3 a b
trained_once a 3
trained_once b 3
echo "ok: a partition heals"

# --- a partition that outlasts the round: the others go on, and the one that was away comes back ---
anew
server away --rounds 4 --min-available 1 --clients-per-round 2 --min-results 1 --round-deadline 3s \
  --checkpoint away --json --goodbye 60s
at a && WORK=1 client a 2 --keepalive 10s && a=$client_id
at b && WORK=1 client b 2 && b=$client_id
lines_reach 1 a.begun b.begun
lose iifname to-a
appears 20 away/model-2.npz "a partition does not hold the others up"
heal
ends away "$server_id" 0
ends b "$b" 0
ends a "$a" 0  # the server has waited to tell it
model_is away 8
python3 - <<'END' || fail "the ledger of a run with an absent client is wrong"
import json
state = json.load(open("away/state.json"))["clients"]
rounds = json.load(open("away.out"))["rounds"]
for name in ("a", "b"):
    told = sum(1 for r in rounds for c in r["clients"] if c["client"] == name and c["fate"] == "merged")
    assert told == state[name]["merged"], (name, told, state[name])
assert state["b"]["merged"] >= 3, state
END
echo "ok: a partition that lasts"

# --- a half-open link: this connection alone is dead, without a word; the client's keepalive finds it ---
anew
server half --rounds 2 --min-available 2 --min-results 2 --checkpoint half
at a && WORK=2 client a 1 --keepalive 10s && a=$client_id
at b && WORK=1 client b 3 && b=$client_id
lines_reach 1 a.begun b.begun
old=$(ip netns exec "$tag-a" ss -Htn state established dst "$host" | awk 'NR == 1 {sub(/.*:/, "", $3); print $3}')
[ -n "$old" ] || fail "a has no connection"
lose tcp sport "$old"
ends half "$server_id" 0
ends a "$a" 0
ends b "$b" 0
says half.err 'client a has a new link'
says a.out 'resent 1'
model_is half 4
ledger half 2 a b
trained_once a 2
echo "ok: a half-open link"

# --- a slow wire ---
if ! ip netns exec "$tag-srv" tc qdisc add dev to-a root tbf rate 4mbit burst 32kb latency 50ms 2>slow.err ||
  ! ip netns exec "$tag-a" tc qdisc add dev eth root tbf rate 4mbit burst 32kb latency 50ms 2>slow.err; then
  echo "SKIPPED: no wire can be made slow here: $(cat slow.err)"
else
  on_slow_link() { at a; }
  on_fast_link() { at b; }
  heal
  slow_link_stories
  ip netns exec "$tag-srv" tc qdisc del dev to-a root
  ip netns exec "$tag-a" tc qdisc del dev eth root
fi

# --- strangers: messages that are cut, claim 4 GiB, or are none ---
cat >stranger.py <<'END'
"""A gRPC client by hand that joins and answers what it is asked with something else."""
import socket, struct, sys

host, port, kind = sys.argv[1], int(sys.argv[2]), sys.argv[3]


def frame(of_type, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + bytes([of_type, flags]) + struct.pack(">I", stream) + payload


def literal(name, value):
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


link = socket.create_connection((host, port), timeout=20)
headers = b"".join(literal(n, v) for n, v in (
    (b":method", b"POST"), (b":scheme", b"http"), (b":path", b"/flwr.proto.FlowerService/Join"),
    (b":authority", b"x"), (b"content-type", b"application/grpc"), (b"te", b"trailers"),
    (b"marvel-client-id", b"stranger-" + kind.encode())))
link.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + frame(1, 4, 1, headers))
stream = link.makefile("rb")
while True:
    head = stream.read(9)
    size, of_type, flags = int.from_bytes(head[:3], "big"), head[3], head[4]
    stream.read(size)
    if of_type == 4 and not flags & 1:
        link.sendall(frame(4, 1, 0, b""))
    if of_type == 0 and size:
        break  # asked for something
message = {"garbage": b"\x00" + struct.pack(">I", 9) + b"\xff" * 9,
           "cut": b"\x00" + struct.pack(">I", 1000) + b"\x22" * 10,
           "claims": b"\x00" + struct.pack(">I", 0xFFFFFFFF) + b"\x00" * 16000,
           "packed": b"\x01" + struct.pack(">I", 9) + b"\xff" * 9}[kind]
link.sendall(frame(0, 0, 1, message))
if kind == "garbage":  # the server says what it thinks of it
    while True:
        head = stream.read(9)
        if len(head) < 9:
            sys.exit("closed without a word")
        body = stream.read(int.from_bytes(head[:3], "big"))
        if head[3] == 1 and head[4] & 1 or head[3] == 3:
            break
link.close()
END
anew
server strangers --rounds 2 --min-available 2 --min-results 2 --rejoin-grace 300ms --checkpoint strangers
at a && client a 1 --ready-file a.ready && a=$client_id  # one of two: nobody is asked yet
appears 20 a.ready "a client finds its server"
WORK=1
export WORK
for kind in garbage cut claims packed; do
  timeout 30 ip netns exec "$tag-b" python3 stranger.py "$host" "$port" "$kind" 2>"$kind.err" ||
    fail "stranger '$kind': $(tail -n 1 "$kind.err")"
done
unset WORK
at b && client b 3 && b=$client_id
ends strangers "$server_id" 0
ends a "$a" 0
ends b "$b" 0
python3 - <<'END' || fail "the ledger of a run with strangers is wrong"
import json
state = json.load(open("strangers/state.json"))
merged = {name: row["merged"] for name, row in state["clients"].items()}
assert state["round"] == 2 and sum(merged.values()) == 4, state
assert not [name for name in merged if name.startswith("stranger") and merged[name]], merged
assert merged["a"] == 2 and merged["b"] == 2, merged
END
says strangers.err 'client stranger-garbage: .*its link is closed'
model_is strangers 4
echo "ok: strangers"

# --- full disks: the server's, that of its ledger alone, a client's ---
anew
mkdir -p disk state log
for place in disk state log; do
  mount -t tmpfs -o size=256k tmpfs "$place" || skip "no tmpfs can be mounted"
  mounts+=("$work/$place")
done
server full --rounds 4 --min-available 2 --min-results 2 --checkpoint disk
at a && WORK=2 client a 1 && a=$client_id
at b && WORK=1 client b 3 && b=$client_id
lines_reach 2 a.begun b.begun
dd if=/dev/zero of=disk/filler bs=4k count=1000 2>/dev/null || true  # nothing is left
ends full "$server_id" 3
says full.err "cannot write 'disk/.*': No space left on device"
says full.err 'free some space'
[ "$(python3 -c 'import json; print(json.load(open("disk/state.json"))["round"])')" -eq 1 ] ||
  fail "the checkpoint of a full disk is not that of round 1"
rm disk/filler
server freed --rounds 4 --min-available 2 --min-results 2 --checkpoint disk --resume
ends freed "$server_id" 0
ends a "$a" 0
ends b "$b" 0
model_is disk 8
ledger disk 4 a b
fates disk a 'merged merged merged merged'
trained_once a 4
trained_once b 4
echo "ok: a full disk of the server"

# What a strategy keeps on disk is in the same folder; the memory of NUS also grows there.
anew
python3 "$here/plain_client.py" --zeros large.npz 20000
umount disk && mount -t tmpfs -o size=700k tmpfs disk
nus=(--strategy nus --nus-memory --no-evaluate --min-available 2 --min-results 2 --checkpoint disk)
server memory "${nus[@]}" --rounds 4 --initial large.npz
at a && WORK=2 client a 1 && a=$client_id
at b && WORK=1 client b 3 && b=$client_id
lines_reach 2 a.begun b.begun
dd if=/dev/zero of=disk/filler bs=4k count=1000 2>/dev/null || true
ends memory "$server_id" 3
says memory.err "cannot keep updates in 'disk': No space left on device"
says memory.err 'free some space'
rm disk/filler
server killed "${nus[@]}" --rounds 4 --resume
lines_reach 3 a.begun b.begun
slay killed "$server_id"
[ -z "$(find disk -name 'spool*')" ] || fail "a killed server leaves its memory behind"
server again "${nus[@]}" --rounds 4 --resume
ends again "$server_id" 0
ends a "$a" 0
ends b "$b" 0
ledger disk 4 a b
trained_once a 4
trained_once b 4
umount disk && mount -t tmpfs -o size=256k tmpfs disk
echo "ok: a full disk and a kill of a server with a memory"

# Reports wait in memory for room; a round is no worse for it.
anew
server line --rounds 1 --min-available 2 --min-results 2 --checkpoint lines
at a && client a 1
at b && client b 3
all_end
mv lines/rounds.jsonl log/
ln -s "$work/log/rounds.jsonl" lines/rounds.jsonl
# Up to the end of its page, in which there would be room.
python3 -c 'import os; size = os.path.getsize("log/rounds.jsonl"); open("log/rounds.jsonl", "a").write(" " * (4095 - size) + "\n")'
dd if=/dev/zero of=log/filler bs=4k count=1000 2>/dev/null || true
fresh
server lines --rounds 4 --min-available 2 --min-results 2 --checkpoint lines --resume
at a && WORK=1 client a 1 && a=$client_id
at b && WORK=1 client b 3 && b=$client_id
lines_reach 3 a.begun b.begun  # two more rounds are over
[ "$(stat -c %s log/rounds.jsonl)" -eq 4096 ] || fail "a full disk took a report"
says lines.err "report of round 2 waits for room: cannot write 'lines/rounds.jsonl': No space left on device"
rm log/filler
ends lines "$server_id" 0
ends a "$a" 0
ends b "$b" 0
if grep -q 'were not kept' lines.err; then fail "reports were lost although there was room: $(cat lines.err)"; fi
fates lines a 'merged merged merged merged'
ledger lines 4 a b
# Without any room to the end the run ends well, says what is missing, and can be resumed.
ln -sf /dev/full lines/rounds.jsonl
fresh
server missing --rounds 6 --min-available 2 --min-results 2 --checkpoint lines --resume
at a && client a 1
at b && client b 3
all_end
says missing.err "reports of 2 rounds were not kept: .*No space left on device"
ln -sf "$work/log/rounds.jsonl" lines/rounds.jsonl
fresh
server whole --rounds 7 --min-available 2 --min-results 2 --checkpoint lines --resume
at a && client a 1
at b && client b 3
all_end
model_is lines 14
ledger lines 7 a b
echo "ok: a full disk of the ledger"

anew
server kept --rounds 2 --min-available 1 --checkpoint kept
dd if=/dev/zero of=state/filler bs=4k count=1000 2>/dev/null || true
at a && client a 1 --state state && a=$client_id
ends kept "$server_id" 0
ends a "$a" 0
says a.err 'the update is not kept'
model_is kept 2
ledger kept 2 a
echo "ok: a full disk of a client"

# --- the wall clock jumps a day ahead and two days back in the middle of a round ---
if ! command -v cc >/dev/null; then
  echo "SKIPPED: no C compiler, so clocks cannot be made to jump"
elif is_sanitized; then
  echo "SKIPPED: a sanitized program takes no clock of ours"
else
  cat >clock.c <<'END'
// Moves the wall clock by as many seconds as stand in the file $CLOCK_FILE.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long offset(void) {
  char text[32] = {0};
  const char *path = getenv("CLOCK_FILE");
  const int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file >= 0) {
    if (read(file, text, sizeof text - 1) < 0) text[0] = 0;
    close(file);
  }
  return atol(text);
}
int clock_gettime(clockid_t clock, struct timespec *now) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
  const int code = real(clock, now);
  if (code == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += offset();
  return code;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec exact;
  const int code = clock_gettime(CLOCK_REALTIME, &exact);
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return code;
}
time_t time(time_t *out) {
  struct timespec exact;
  clock_gettime(CLOCK_REALTIME, &exact);
  if (out) *out = exact.tv_sec;
  return exact.tv_sec;
}
END
  cc -shared -fPIC -O1 -o clock.so clock.c -ldl
  anew
  echo 0 >clock
  export CLOCK_FILE=$work/clock
  seen=$(LD_PRELOAD=$work/clock.so date +%s)
  echo 86400 >clock
  [ $(($(LD_PRELOAD=$work/clock.so date +%s) - seen)) -ge 86400 ] || fail "the clock does not jump"
  echo 0 >clock
  in_server+=(env LD_PRELOAD="$work/clock.so")
  server clocks --rounds 3 --min-available 2 --min-results 2 --round-deadline 20s --checkpoint clocks --json
  for name in a b; do
    at "$name"
    in_client+=(env LD_PRELOAD="$work/clock.so")
    WORK=2 client "$name" 2 --give-up 60s
    declare "$name=$client_id"
  done
  lines_reach 1 a.begun b.begun
  echo 86400 >clock
  lines_reach 2 a.begun b.begun
  echo -86400 >clock
  ends clocks "$server_id" 0
  ends a "$a" 0
  ends b "$b" 0
  model_is clocks 6
  ledger clocks 3 a b
  trained_once a 3
  trained_once b 3
  python3 - <<'END' || fail "the clock's jumps are in the report"
import json
for r in json.load(open("clocks.out"))["rounds"]:
    assert 1 < r["seconds"] < 20, r
    assert [c["fate"] for c in r["clients"]] == ["merged", "merged"], r
END
  echo "ok: a clock that jumps"
fi

[ "$failures" -eq 0 ] && echo "all well"
[ "$failures" -eq 0 ]
