#!/bin/bash
# What travels inside besides IPv4 from node to node: broadcast, IPv6, networks of pods behind edges,
# VXLAN; what an access list stops; a reload of the revocations, metrics, and a node without root.
#   networks.sh MARVEL
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

member() {  # NAME FLAGS...
  local name=$1
  shift
  "$marvel" vpn keygen "$work/$name.key" >"$work/$name.pub"
  "$marvel" vpn cert issue "$work/$name.cert" --authority "$work/grn.authority" --name "$name" \
    --public-key "$(cat "$work/$name.pub")" "$@" >/dev/null
}
join() {  # NAME FLAGS...
  local name=$1
  shift
  start "$name" "$name" "$marvel" vpn edge --community grn --supernode "$sn_key@198.51.100.1:4194" \
    --identity "$work/$name.key" --cert "$work/$name.cert" --authority "$work/grn.pub" \
    --revoked "$work/grn.revoked" --name "$name" --device vpn0 --state "$work/state-$name" "$@"
}

topology
no_nat
"$marvel" vpn keygen --signing "$work/grn.authority" >"$work/grn.pub"
sn_key=$("$marvel" vpn keygen "$work/sn.key")
member a --network 10.244.1.0/24 --group edge
member b --network 10.244.2.0/24 --group cloud
"$marvel" vpn cert revoke "$work/grn.revoked" 00000000000000ff --authority "$work/grn.authority" \
  >/dev/null
chmod 755 "$work"
start sn sn "$marvel" vpn supernode --community grn=10.8.0.0/24 --identity "$work/sn.key" \
  --authority "$work/grn.pub" --revoked "$work/grn.revoked" --state "$work/state-sn" --user nobody --metrics 127.0.0.1:9194
join a --announce 10.244.1.0/24 --accept-routes 10.244.0.0/16 --multicast
join b --announce 10.244.2.0/24 --accept-routes 10.244.0.0/16 --multicast \
  --allow "edge:icmp" --allow "edge:udp/4789" --user nobody --metrics 127.0.0.1:9194
both_up
wait_for 5 "the first ping" ping_once a "$b_ip"

for node in sn b; do
  uid=$(awk '/^Uid:/ { print $2 }' "/proc/${pid[$node]}/status")
  [ "$uid" = "$(id -u nobody)" ] || fail "$node gave up root"
done
grep -q '^CapEff:.*1000$' "/proc/${pid[b]}/status" || fail "and kept CAP_NET_ADMIN alone"
echo "ok: nodes without root"

# --- IPv6 and broadcast ---
b_ip6=$(status b | jq -r .ipv6)
wait_for 5 "IPv6 inside" ping_once a "$b_ip6"
in_space b sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
in_space a ping -q -b -c 3 -i 0.3 -W 1 10.8.0.255 >"$work/broadcast.log" 2>&1 || fail "a broadcast ping is answered"
echo "ok: IPv6 and broadcast"

# --- IPv6 in the large frames of the kernel's offloads ---
a_ip6=$(status a | jq -r .ipv6)
stream_between 20 b a "$a_ip6"
in_space a timeout 60 python3 - "$a_ip6" <<'EOF' >"$work/udp6.count" &
import socket, sys
sink = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
sink.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)  # SO_RCVBUFFORCE
sink.bind((sys.argv[1], 5001))
sink.settimeout(10)
seen = set()
try:
    while len(seen) < 800:
        piece = sink.recv(65536)
        if len(piece) == 1200:
            seen.add(piece[:4])
except socket.timeout:
    pass
print(len(seen))
EOF
sink=$!
listening a udp 5001
in_space b python3 - "$a_ip6" <<'EOF' || fail "large UDP over IPv6 is taken"
import socket, sys, time
source = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
source.setsockopt(17, 103, 1200)  # UDP_SEGMENT
source.connect((sys.argv[1], 5001))
for turn in range(20):
    pieces = (i.to_bytes(4, "big") + bytes(1196) for i in range(40 * turn, 40 * turn + 40))
    source.send(b"".join(pieces))
    time.sleep(0.02)
EOF
wait "$sink" || fail "UDP over IPv6 is counted"
[ "$(cat "$work/udp6.count")" -ge 790 ] || fail "UDP over IPv6 arrives: $(cat "$work/udp6.count") of 800"
echo "ok: streams and large UDP frames over IPv6"

# --- networks behind edges: a pod in each ---
for place in "a 1" "b 2"; do
  read -r name number <<<"$place"
  space "pod-$name"
  wire "$name" pods "10.244.$number.1/24" "pod-$name" eth "10.244.$number.5/24"
  ip -n "$tag-pod-$name" route add default via "10.244.$number.1"
  in_space "$name" sysctl -qw net.ipv4.ip_forward=1
done
wait_for 5 "pod to pod" ping_once pod-a 10.244.2.5
still_pings pod-b 10.244.1.5 >/dev/null || fail "and back"
stream_between 16 pod-b pod-a 10.244.1.5
echo "ok: pods reach each other without NAT, and so does a stream"

# --- an access list ---
in_space b python3 -c 'import socket; s = socket.create_server(("", 7000)); s.settimeout(8); s.accept()' \
  >/dev/null 2>&1 &
listening b tcp 7000
! in_space a timeout 3 bash -c "exec 3<>/dev/tcp/$b_ip/7000" 2>/dev/null || fail "TCP is not allowed"
[ "$(status b | jq .drops.denied)" -gt 0 ] || fail "what is denied is counted"
echo "ok: what no rule allows is stopped"

# --- VXLAN inside ---
for place in "a $a_ip $b_ip 1" "b $b_ip $a_ip 2"; do
  read -r name own other number <<<"$place"
  ip -n "$tag-$name" link add vx type vxlan id 7 local "$own" remote "$other" dstport 4789 dev vpn0
  ip -n "$tag-$name" addr add "192.168.77.$number/24" dev vx
  ip -n "$tag-$name" link set vx up
done
wait_for 5 "VXLAN inside" ping_once a 192.168.77.2
inner=$(($(in_space a cat /sys/class/net/vx/mtu) - 28))
in_space a ping -q -c 2 -M "do" -s "$inner" -W 1 192.168.77.2 >/dev/null || fail "a full frame in VXLAN"
stream_between 16 b a 192.168.77.1
# One call, 40 datagrams: a kernel with offloads hands them over as one, inside of VXLAN.
in_space a python3 - <<'EOF' >"$work/segments.log" &
import socket
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
receiver.bind(("192.168.77.1", 5001))
receiver.settimeout(5)
for number in range(40):
    assert receiver.recv(2000) == bytes([number]) * 1000, number
print("all")
EOF
receiver=$!
listening a udp 5001
in_space b python3 - <<'EOF' || fail "a train of datagrams is taken"
import socket
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.setsockopt(socket.IPPROTO_UDP, 103, 1000)  # UDP_SEGMENT
sender.sendto(b"".join(bytes([number]) * 1000 for number in range(40)), ("192.168.77.1", 5001))
EOF
wait "$receiver" || fail "a train of datagrams arrives in VXLAN, each as it was"
echo "ok: VXLAN with $inner bytes, a stream and a train of datagrams in it"

# --- metrics, and a revocation while all runs ---
in_space b python3 -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:9194/metrics").read().decode())' \
  >"$work/metrics" || fail "metrics are served"
grep -q '^marvel_vpn_drops_total{reason="denied"} [1-9]' "$work/metrics" || fail "with the drops"
cp "$work/grn.revoked" "$work/older"
"$marvel" vpn cert revoke "$work/grn.revoked" "$work/a.cert" --authority "$work/grn.authority" >/dev/null
chmod 644 "$work/grn.revoked" "$work/b.cert" "$work/grn.pub"
kill -HUP "${pid[b]}"
silent() { ! ping_once a "$b_ip" >/dev/null; }
wait_for 5 "b takes no frame of a revoked member" silent
sleep 3
silent || fail "and not later, either"
edges() {  # NUMBER
  status sn | jq -e --argjson n "$1" '.edges | length == $n'
}
edges 2 >/dev/null || fail "the super node does not know yet"
kill -HUP "${pid[sn]}"
wait_for 3 "the super node expels it, too" edges 1
# Who puts the list of yesterday in its place lets nobody in.
cp "$work/older" "$work/grn.revoked"
kill -HUP "${pid[sn]}"
wait_for 3 "an older list is refused" grep -q "the list of revocations is older" "$work/sn.log"
sleep 2
edges 1 >/dev/null || fail "and lets nobody in"
echo "ok: a list that is read again expels a member"
