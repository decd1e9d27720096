#!/bin/bash
# Paths whose MTU is smaller than the device's and that do not say so: full frames and streams pass,
# directly and over the relay, and the size is found. Then an underlay of IPv6 alone, with firewalls
# that let in only what answers.
#   small_paths.sh MARVEL
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

path_mtu() {  # NAME
  status "$1" | jq '.peers[0].path_mtu'
}
mtu_below() {  # NAME LIMIT
  [ "$(path_mtu "$1")" -le "$2" ]
}

black_hole() {  # PATH
  wait_for 5 "the first ping" ping_once a "$b_ip"
  wait_for 10 "the path $1" path_is a "$1"
  wait_for 10 "a sees the path's size" mtu_below a 1252
  wait_for 10 "b sees it, too" mtu_below b 1252
  in_space b ping -q -c 3 -M "do" -s 1352 -W 1 "$a_ip" >/dev/null || fail "a full frame passes"
  in_space a ping -q -c 3 -M "do" -s 1352 -W 1 "$b_ip" >/dev/null || fail "and back"
  stream 4
  echo "ok: $1 path of 1280 bytes that says nothing: size $(path_mtu a), full frames and a stream pass"
}

secret
topology
no_nat
for router in ra rb; do
  ip -n "$tag-$router" link set dev wan mtu 1280
  in_space "$router" nft add table ip hole
  in_space "$router" nft add chain ip hole out "{ type filter hook output priority 0; }"
  in_space "$router" nft add rule ip hole out icmp type destination-unreachable drop
done
supernode sn
edge a
edge b
both_up
black_hole direct
for router in ra rb; do
  in_space "$router" nft add chain ip hole through "{ type filter hook forward priority 0; }"
  in_space "$router" nft add rule ip hole through ip saddr 10.1.0.0/24 ip daddr 10.2.0.0/24 drop
  in_space "$router" nft add rule ip hole through ip saddr 10.2.0.0/24 ip daddr 10.1.0.0/24 drop
done
wait_for 10 "the relay" path_is a relay
black_hole relay
finish

# --- IPv6 alone ---
namespaces=() programs=()
work=$(mktemp -d)
secret
topology
for place in "sn wan 2001:db8::1" "ra wan 2001:db8::10" "rb wan 2001:db8::20" \
  "ra lan 2001:db8:1::1" "a eth 2001:db8:1::2" "rb lan 2001:db8:2::1" "b eth 2001:db8:2::2"; do
  read -r name device address <<<"$place"
  ip -n "$tag-$name" -6 addr add "$address/64" dev "$device" nodad
done
for name in ra rb; do in_space "$name" sysctl -qw net.ipv6.conf.all.forwarding=1; done
ip -n "$tag-a" -6 route add default via 2001:db8:1::1
ip -n "$tag-b" -6 route add default via 2001:db8:2::1
for name in sn ra; do ip -n "$tag-$name" -6 route add 2001:db8:2::/64 via 2001:db8::20; done
for name in sn rb; do ip -n "$tag-$name" -6 route add 2001:db8:1::/64 via 2001:db8::10; done
for name in a b; do ip -n "$tag-$name" route flush dev eth; done
for name in ra rb; do
  in_space "$name" nft add table ip6 filter
  in_space "$name" nft add chain ip6 filter through "{ type filter hook forward priority 0; }"
  in_space "$name" nft add rule ip6 filter through iifname wan ct state new drop
done
supernode sn
for name in a b; do
  start "$name" "$name" "$marvel" vpn edge --community grn --supernode "[2001:db8::1]:4194" \
    --key-file "$work/pass" --name "$name" --device vpn0 --state "$work/state-$name"
done
both_up
wait_for 5 "the first ping" ping_once a "$b_ip"
wait_for 5 "a direct path" path_is a direct
status a | jq -e '.peers[0].endpoint | startswith("[2001:db8:2::2]")' >/dev/null ||
  fail "the path is IPv6's"
in_space b ping -q -c 2 -M "do" -s 1352 -W 1 "$a_ip" >/dev/null || fail "a full frame passes"
echo "ok: an underlay of IPv6 alone, with firewalls, $(path_mtu a) bytes"
