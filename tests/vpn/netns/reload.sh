#!/bin/bash
# SIGHUP reads marvel.yaml again: routes, access lists, super nodes and limits change while all goes
# on; what needs a restart is named; a file that is wrong changes nothing and is told.
#   reload.sh MARVEL
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

secret
topology
no_nat
supernode sn2
write_sn() {  # RELAY-RATE COMMUNITY
  cat >"$work/sn.yaml" <<YAML
vpn:
  supernode:
    relay-rate: $1
    community: $2
YAML
}
write_sn 100MB grn=10.8.0.0/24
start sn sn "$marvel" --config "$work/sn.yaml" vpn supernode --key-file "$work/pass" \
  --state "$work/state-sn"
write_a() {  # LINES...
  {
    printf 'vpn:\n  edge:\n'
    printf '    %s\n' "$@"
  } >"$work/a.yaml"
}
write_a "accept-routes: 10.244.0.0/16" "name: a"
start a a "$marvel" --config "$work/a.yaml" vpn edge --community grn --supernode 198.51.100.1:4194 \
  --key-file "$work/pass" --device vpn0 --state "$work/state-a" --threads 3
edge b
both_up
wait_for 5 "the first ping" ping_once a "$b_ip"

hup() {  # NAME
  kill -HUP "${pid[$1]}"
}
route_is() {  # NETWORK
  [ "$(ip -n "$tag-a" route show dev vpn0 | grep -c "^$1 ")" -eq 1 ]
}
said() {  # NAME WORDS
  grep -qF -- "$2" "$work/$1.log"
}
registered() {  # NUMBER
  status a | jq -e --argjson n "$1" '[.supernodes[] | select(.registered)] | length == $n'
}
route_is 10.244.0.0/16 || fail "the accepted network is routed"
handshakes=$(status a | jq .peers[0].handshakes)

# --- routes ---
write_a "accept-routes: 10.245.0.0/16" "name: a"
hup a
wait_for 3 "another route" route_is 10.245.0.0/16
! route_is 10.244.0.0/16 || fail "the old route is gone"
wait_for 2 "it says so" said a "configuration, certificate and revocations are read again"
still_pings a "$b_ip" >/dev/null || fail "nothing else stops"
[ "$(status a | jq .peers[0].handshakes)" = "$handshakes" ] || fail "sessions go on"

# --- access lists ---
write_a "allow: '*:tcp/22'" "name: a"
hup a
wait_for 3 "b may not ping a" bash -c \
  "! ip netns exec $tag-b ping -q -c 1 -W 0.3 $a_ip && ! ip -n $tag-a route show dev vpn0 | grep 10.24 >/dev/null"
write_a "name: a"
hup a
wait_for 3 "b may ping a again" ping_once b "$a_ip"

# --- a file that is wrong ---
write_a "accept-routes: nowhere" "name: a"
hup a
wait_for 3 "a wrong network is told" said a "all stays as it was: --accept-routes 'nowhere' is no network"
write_a "acept-routes: 10.244.0.0/16" "name: a"
hup a
wait_for 3 "an unknown key is told, with its file" said a "a.yaml:3"
printf 'vpn: [' >"$work/a.yaml"
hup a
wait_for 3 "a broken file is told" bash -c "[ \$(grep -c 'all stays as it was' $work/a.log) -eq 3 ]"
still_pings b "$a_ip" >/dev/null || fail "nothing has changed by that"

# --- super nodes; a flag that needs a restart ---
write_a "name: other" "mtu: 1200"
sed -i 's/^    mtu/    accept-routes: 10.246.0.0\/16\n&/' "$work/a.yaml"
hup a
wait_for 3 "what needs a restart is named" said a "--mtu has changed, which counts only after a restart"
wait_for 2 "the name, too" said a "--name has changed, which counts only after a restart"
route_is 10.246.0.0/16 || fail "and the rest counts"

# --- super node: limits, communities, reservations ---
sn_has() {  # EDGES COMMUNITIES...
  status sn | jq -e --argjson n "$1" --arg all "${*:2}" \
    '(.edges | length == $n) and ([.edges[].community] | unique | join(" ") == $all)'
}
write_sn 20kB "[grn=10.8.0.0/24, lab=10.9.0.0/24]"
hup sn
wait_for 3 "a super node reads its file, too" said sn "communities, configuration and revocations are read again"
sn_has 2 grn >/dev/null || fail "its edges stay"
# A machine joins several communities: a second edge in the place where the first one is.
a_pid=${pid[a]}
start a lab "$marvel" vpn edge --community lab --supernode 198.51.100.1:4194 --key-file "$work/pass" \
  --name a --device vpn1 --state "$work/state-lab"
pid[lab]=${pid[a]} pid[a]=$a_pid
wait_for 10 "the new community is served" sn_has 3 grn lab
ip -n "$tag-a" -4 addr show dev vpn1 | grep 'inet 10\.9\.0\.' >/dev/null || fail "with an address of its own"
[ "$(status a | jq .peers[0].handshakes)" = "$handshakes" ] || fail "sessions go on"
still_pings a "$b_ip" >/dev/null || fail "and the first community with them"

printf '    reserve: grn/b=10.9.0.7\n' >>"$work/sn.yaml"
hup sn
wait_for 3 "a reservation outside is told" said sn "all stays as it was: --reserve grn/b=10.9.0.7 is outside"
sn_has 3 grn lab >/dev/null || fail "and changes nothing"
write_sn 20kB "[grn=10.8.0.0/24, lab=10.9.0.0/25]"
hup sn
wait_for 10 "another network gives other addresses" bash -c \
  "ip -n $tag-a -4 addr show dev vpn1 | grep 'inet 10.9.0.[0-9]*/25' >/dev/null"
write_sn 20kB grn=10.8.0.0/24
hup sn
wait_for 3 "a community that is gone has no edges" sn_has 2 grn
kill "${pid[lab]}"
wait "${pid[lab]}" || fail "an edge without super node that is stopped ends with 0"

# --- a community that comes back has the passphrase of by then, one that stayed has its own ---
cp -p "$work/pass" "$work/pass-before"
echo "another one for the lab" >"$work/pass"
handshakes=$(status a | jq .peers[0].handshakes)
write_sn 20kB "[grn=10.8.0.0/24, lab=10.9.0.0/24]"
hup sn
a_pid=${pid[a]}
start a lab2 "$marvel" vpn edge --community lab --supernode 198.51.100.1:4194 \
  --key-file "$work/pass" --name a --device vpn1 --state "$work/state-lab2"
pid[lab]=${pid[a]} pid[a]=$a_pid
wait_for 10 "the new passphrase counts" sn_has 3 grn lab
[ "$(status a | jq .peers[0].handshakes)" = "$handshakes" ] || fail "sessions of the other go on"
kill "${pid[lab]}"
wait "${pid[lab]}" || fail "an edge that is stopped ends with 0"
mv "$work/pass-before" "$work/pass"

write_sn 20kB grn=10.8.0.0/24
printf '    reserve: grn/b=10.8.0.77\n' >>"$work/sn.yaml"
hup sn
kill "${pid[b]}"
wait "${pid[b]}" || fail "an edge that is stopped ends with 0"
edge b
b_is() {  # ADDRESS
  [ "$(address_of b)" = "$1" ]
}
wait_for 10 "a node gets the address that was reserved for it" b_is 10.8.0.77
b_ip=10.8.0.77
echo "ok: routes, access lists and limits change, mistakes change nothing"

# --- super nodes of an edge that has them in its file ---
kill "${pid[a]}"
wait "${pid[a]}" || fail "an edge that is stopped ends with 0"
write_a "name: a" "supernode: 198.51.100.1:4194"
start a a2 "$marvel" --config "$work/a.yaml" vpn edge --community grn --key-file "$work/pass" \
  --device vpn0 --state "$work/state-a"
wait_for 10 "an address again" address_of a
registered 1 >/dev/null || fail "one super node"
write_a "name: a" "supernode: 198.51.100.2:4194"
hup a
wait_for 10 "the other super node" bash -c \
  "'$marvel' vpn status --state '$work/state-a' --json | jq -e '.supernodes | length == 1 and .[0].registered and .[0].endpoint == \"198.51.100.2:4194\"'"
[ "$(address_of a)" = "$a_ip" ] || fail "the address stays"
wait_for 3 "the first super node was told goodbye" bash -c \
  "'$marvel' vpn status --state '$work/state-sn' --json | jq -e '.edges | length == 1'"
echo "ok: super nodes change while the address stays"
