#!/bin/bash
# Edges in one local network behind one NAT that does no hairpin: they find each other directly, by
# the addresses that the super node hands on; and by beacons when there is no super node any more.
# A beacon shows nothing to who listens.
#   lan.sh MARVEL
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

secret
topology
nat ra port-restricted
# c is a's neighbour: a switch in the router's place of a's wire.
space c
ip -n "$tag-ra" link add sw type bridge
ip -n "$tag-ra" addr del 10.1.0.1/24 dev lan
ip -n "$tag-ra" link set lan master sw
ip -n "$tag-ra" link set sw up
ip -n "$tag-ra" addr add 10.1.0.1/24 dev sw
wire c eth 10.1.0.3/24 ra lan2 ""
ip -n "$tag-ra" link set lan2 master sw
ip -n "$tag-c" route add default via 10.1.0.1
supernode sn

endpoint_is() {  # NAME PREFIX
  status "$1" | jq -e --arg prefix "$2" '.peers[] | .endpoint // "" | startswith($prefix)'
}

# --- with a super node, and no beacons ---
edge a --no-lan-discovery
edge c --no-lan-discovery
wait_for 10 "an address for a" address_of a
wait_for 10 "an address for c" address_of c
c_ip=$(address_of c)
wait_for 5 "the first ping" ping_once a "$c_ip"
wait_for 5 "a direct path inside of the NAT" endpoint_is a 10.1.0.3:
wait_for 5 "the same from c" endpoint_is c 10.1.0.2:
echo "ok: $(status a | jq -c '.peers[0] | [.path, .endpoint]') without hairpin"
for name in a c; do
  kill "${pid[$name]}"
  wait "${pid[$name]}" || fail "an edge that is stopped ends with 0"
done

# --- beacons, and no super node ---
edge a
edge c
wait_for 10 "an address for a" address_of a
wait_for 10 "an address for c" address_of c
kill -KILL "${pid[sn]}"
in_space c timeout 20 python3 - "$work/beacons" <<'PY' &
import socket, sys
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
wire.bind(("eth", 0))
with open(sys.argv[1], "wb") as out:
    seen = 0
    while seen < 4:
        frame, place = wire.recvfrom(65536)
        if frame[12:14] == b"\x08\0" and frame[30:34] == bytes([239, 255, 77, 86]) and frame[23] == 17:
            out.write(frame[42:])
            seen += 1
PY
listener=$!
wait_for 20 "a ping without a super node" ping_once a "$(address_of c)"
wait_for 5 "a direct path" endpoint_is a 10.1.0.3:
in_space c ping -q -c 5 -i 0.2 -W 1 "$(address_of a)" >/dev/null || fail "pings arrive"
wait "$listener" || fail "beacons are on the wire"
size=$(stat -c %s "$work/beacons")
[ "$size" -eq $((4 * 368)) ] || fail "every beacon has one size: $size"
for text in grn marvel "$(status a | jq -r .key | head -c 16)"; do
  ! grep -qaF "$text" "$work/beacons" || fail "a beacon does not show '$text'"
done
# What is random cannot be made smaller.
packed=$(gzip -c "$work/beacons" | wc -c)
[ "$packed" -ge "$size" ] || fail "a beacon has no pattern: $size bytes become $packed"
echo "ok: found by beacons, which show nothing"
