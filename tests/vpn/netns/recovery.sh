#!/bin/bash
# How long pings fail when the world changes: the address of a NAT, a path that lets only one side
# through, a restarted super node, a super node that is gone for good. Also packets that somebody
# repeats or forges.
#   recovery.sh MARVEL [THREADS]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
threads=${2:-auto}

# Twice the goal is allowed, because the machine may be busy.
within() {  # WHAT MILLISECONDS GOAL
  echo "ok: $1: $2 ms (goal $3)"
  [ "$2" -le $((2 * $3)) ] || fail "$1 takes at most twice $3 ms, not $2"
}

# Everything that a's wire carries, sent once more, and once with a bit changed, to the same places.
replay() {
  in_space a python3 - "$1" <<'EOF'
import socket, struct, sys, time
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
wire.bind(("eth", 0))
wire.settimeout(0.2)
end, seen = time.time() + float(sys.argv[1]), []
while time.time() < end and len(seen) < 200:
    try:
        frame, place = wire.recvfrom(65536)
    except TimeoutError:
        continue
    if place[2] == socket.PACKET_OUTGOING and frame[12:14] == b"\x08\0" and frame[23] == 17:
        seen.append(frame)
def udp_without_checksum(frame):
    return frame[:40] + b"\0\0" + frame[42:]
for frame in seen:
    wire.send(udp_without_checksum(frame))
    forged = bytearray(udp_without_checksum(frame))
    forged[-1] ^= 1
    wire.send(bytes(forged))
print(len(seen))
EOF
}

secret
topology
nat ra port-restricted
nat rb port-restricted
supernode sn
supernode sn2
edge a --supernode 198.51.100.2:4194
wait_for 10 "an address for a" address_of a
begin=$(date +%s%N)
edge b --supernode 198.51.100.2:4194
both_up
wait_for 5 "the first ping" ping_once a "$b_ip"
wait_for 3 "a direct path" path_is a direct
within "a direct path" $((($(date +%s%N) - begin) / 1000000)) 2000
in_space a ping -q -c 20 -i 0.1 -W 1 "$b_ip" >/dev/null || fail "20 pings arrive"

in_space a ping -q -c 30 -i 0.05 -W 1 "$b_ip" >/dev/null &
repeated=$(replay 1)
[ "$repeated" -gt 10 ] || fail "packets were seen on the wire"
sleep 0.5
replays=$(status b | jq .drops.replayed)
forged=$(status b | jq .drops.forged)
[ "$replays" -gt 5 ] || fail "repeated packets are refused: $replays"
[ "$forged" -gt 5 ] || fail "forged packets are refused: $forged"
ping_once a "$b_ip" >/dev/null || fail "and the true ones arrive"
echo "ok: of $repeated packets repeated and forged, b refused $replays and $forged"

ip -n "$tag-ra" addr del 198.51.100.10/24 dev wan
ip -n "$tag-ra" addr add 198.51.100.11/24 dev wan
within "the address of a NAT changes" "$(outage a "$b_ip")" 2000
wait_for 10 "a direct path again" path_is a direct

# The machine itself moves to another address of its network.
ip -n "$tag-a" addr del 10.1.0.2/24 dev eth
ip -n "$tag-a" addr add 10.1.0.9/24 dev eth
ip -n "$tag-a" route add default via 10.1.0.1
within "a machine has another address" "$(outage b "$a_ip")" 2000
wait_for 10 "a direct path from there" path_is a direct

# What a sends to b is lost from here on, what b sends to a arrives.
in_space ra nft add chain ip filter one_way "{ type filter hook forward priority 1; }"
in_space ra nft add rule ip filter one_way udp dport 4194 accept
in_space ra nft add rule ip filter one_way iifname lan ip protocol udp drop
within "one side of the path is lost" "$(outage a "$b_ip")" 2000
path_is a relay >/dev/null || wait_for 3 "the relay for a" path_is a relay
in_space a ping -q -c 20 -i 0.1 -W 1 "$b_ip" >/dev/null || fail "20 pings arrive over the relay"
in_space ra nft delete chain ip filter one_way
wait_for 30 "a direct path when both sides are there" path_is a direct

# From here on over the relay only.
for router in ra rb; do
  in_space "$router" nft add rule ip filter through udp dport 4194 accept
  in_space "$router" nft add rule ip filter through udp sport 4194 accept
  in_space "$router" nft add rule ip filter through ip protocol udp drop
done
wait_for 10 "the relay" path_is a relay
wait_for 5 "pings over the relay" ping_once a "$b_ip"

kill "${pid[sn2]}"
wait "${pid[sn2]}" || true
sleep 3
kill "${pid[sn]}"
wait "${pid[sn]}" || fail "a super node that is stopped ends with 0"
sleep 1
supernode sn
within "a super node is restarted" "$(outage a "$b_ip")" 3000
[ "$(address_of a)" = "$a_ip" ] || fail "addresses stay"

supernode sn2
sleep 4
kill -KILL "${pid[sn]}"
within "one of two super nodes is gone" "$(outage a "$b_ip")" 5000
