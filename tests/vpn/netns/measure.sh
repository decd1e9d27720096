#!/bin/bash
# marvel vpn measure on links of known rate and delay: what it finds is what they have, in both
# directions; over the relay, too; and it fills a slow link only for a moment.
#   measure.sh MARVEL
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
command -v tc >/dev/null || skip "tc is not installed"

secret
topology
no_nat
for router in ra rb; do
  in_space "$router" tc qdisc add dev wan root tbf rate 20mbit burst 3000 limit 60000 2>/dev/null ||
    skip "this kernel has no token bucket (sch_tbf)"
done
in_space rb tc qdisc replace dev wan root tbf rate 5mbit burst 3000 limit 60000

# Datagrams of one size leave as one piece that only the receiving end would take apart: what stands
# between here would not know.
for name in ra rb sn; do
  ip -n "$tag-$name" link set wan gso_max_segs 1
done
# Not every kernel has netem: rb's wire leads through a program that holds each frame for 15 ms.
ip -n "$tag-wan" link set p4 nomaster
ip -n "$tag-wan" link add x0 type veth peer name x1
ip -n "$tag-wan" link set x0 master br0 up
ip -n "$tag-wan" link set x1 up
start wan delay python3 -c '
import heapq, select, socket, time
def wire(name):
    one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    one.bind((name, 0))
    one.setblocking(False)
    return one
ends = [wire("x1"), wire("p4")]
held, number = [], 0
while True:
    wait = max(0, held[0][0] - time.monotonic()) if held else 1
    for end in select.select(ends, [], [], wait)[0]:
        for _ in range(64):
            try:
                frame, place = end.recvfrom(65536)
            except BlockingIOError:
                break
            if place[2] == socket.PACKET_OUTGOING:
                continue
            if frame[12:14] == b"\x08\0" and frame[23] == 17:  # its checksum may be left to a card
                frame = frame[:40] + b"\0\0" + frame[42:]
            number += 1
            heapq.heappush(held, (time.monotonic() + 0.015, number, ends[end is ends[0]], frame))
    while held and held[0][0] <= time.monotonic():
        _, _, to, frame = heapq.heappop(held)
        try:
            to.send(frame)
        except OSError:
            pass
'

supernode sn
edge a
edge b
both_up
measure() {  # FLAGS...
  in_space a timeout 60 "$marvel" vpn measure --state "$work/state-a" --json "$@" >"$work/found" ||
    fail "vpn measure $* finds something"
}
# FROM TO KEY LEAST MOST
between() {
  jq -e --arg from "$1" --arg to "$2" --arg key "$3" --argjson least "$4" --argjson most "$5" '
    .links[] | select(.from == $from and .to == $to) | .[$key] as $found |
    if $found >= $least and $found <= $most then $found
    else error("\($key) from \($from) to \($to) is \($found)") end' "$work/found" ||
    fail "$3 from $1 to $2 is between $4 and $5"
}

sent() {
  in_space ra cat /sys/class/net/wan/statistics/tx_bytes
}
before=$(sent)
measure b --network "$work/net.json"
bytes=$(($(sent) - before))
# 20 Mbit/s and 5 Mbit/s on the wire, of which 1420 of 1494 bytes are frames inside.
between a b bandwidth_mbit_per_s 15 20.5 >/dev/null
between b a bandwidth_mbit_per_s 3.7 5.2 >/dev/null
between a b latency_ms 15 25 >/dev/null
jq -e 'all(.links[]; .path == "direct" and .loss == 0)' "$work/found" >/dev/null ||
  fail "the path is direct and loses nothing: $(cat "$work/found")"
[ "$bytes" -lt 4000000 ] || fail "a link of 20 Mbit/s is filled for less than two seconds: $bytes"
jq -e '.schema == "marvel.network/1" and (.links | length) == 2' "$work/net.json" >/dev/null ||
  fail "the file has both links"
echo "ok: direct: $(jq -c '[.links[] | [.bandwidth_mbit_per_s, .latency_ms]]' "$work/found")"

# Measured again into the same file: links are replaced, not doubled.
measure b --network "$work/net.json"
jq -e '(.links | length) == 2' "$work/net.json" >/dev/null || fail "links are replaced"

# Over the relay: the way to the super node is not delayed for a, and is for b.
for router in ra rb; do
  in_space "$router" nft -f - <<'NFT'
table ip filter {
  chain through {
    type filter hook forward priority 0;
    ip saddr 198.51.100.1 accept
    ip daddr 198.51.100.1 accept
    ip protocol udp drop
  }
}
NFT
done
wait_for 10 "the relay" path_is a relay
measure b
jq -e 'all(.links[]; .path == "relay")' "$work/found" >/dev/null || fail "the path is relayed"
between a b bandwidth_mbit_per_s 14 20.5 >/dev/null
between b a bandwidth_mbit_per_s 3.5 5.2 >/dev/null
between a b latency_ms 15 25 >/dev/null
echo "ok: relayed: $(jq -c '[.links[] | [.bandwidth_mbit_per_s, .latency_ms]]' "$work/found")"

status=0
in_space a timeout 60 "$marvel" vpn measure nobody --state "$work/state-a" >"$work/found" ||
  status=$?
[ "$status" -eq 1 ] || fail "a peer that is not there is a no, not $status"
