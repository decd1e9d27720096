# Shared by the tests in network namespaces; source it, do not run it.
# shellcheck shell=bash
#
#   lan A 10.1.0.0/24      lan B 10.2.0.0/24         wan 198.51.100.0/24, on a bridge
#   [a] --- [ra] ============= [wan] ============= [rb] --- [b]
#                               |  \
#                             [sn]  [sn2]
#
# ra and rb are routers that may do NAT. Every name carries this process's number, so tests do not
# meet. Needs root, network namespaces and /dev/net/tun; without them the test is skipped, loudly.

marvel=$1
work=$(mktemp -d)
tag=mv$$
threads=auto  # of the nodes that supernode() and edge() start
namespaces=()
programs=()
# Of the last program in a namespace; the scripts that source this read it.
# shellcheck disable=SC2034
declare -A pid

finish() {
  local program space
  for program in "${programs[@]}"; do
    kill "$program" 2>/dev/null || true
  done
  wait 2>/dev/null || true
  for space in "${namespaces[@]}"; do
    ip netns del "$tag-$space" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap finish EXIT

skip() {
  echo "SKIPPED: $1"
  exit 77
}
fail() {
  echo "FAILED: $1"
  for log in "$work"/*.log; do
    echo "--- $(basename "$log")"
    tail -n 20 "$log"
  done
  exit 1
}

for tool in ip ss nft ping jq python3; do
  command -v "$tool" >/dev/null || skip "$tool is not installed"
done
[ "$(id -u)" -eq 0 ] || skip "this needs root"
[ -c /dev/net/tun ] || skip "there is no /dev/net/tun"
ip netns add "$tag-probe" 2>/dev/null || skip "this machine allows no network namespaces"
ip netns del "$tag-probe"

space() {  # NAME
  ip netns add "$tag-$1"
  namespaces+=("$1")
  ip -n "$tag-$1" link set lo up
}
in_space() {  # NAME COMMAND...
  local name=$1
  shift
  ip netns exec "$tag-$name" "$@"
}
# A wire between two namespaces: NAME DEVICE ADDRESS NAME DEVICE ADDRESS; an empty address: none.
wire() {
  ip -n "$tag-$1" link add "$2" type veth peer name "$5" netns "$tag-$4"
  ip -n "$tag-$1" link set "$2" up
  ip -n "$tag-$4" link set "$5" up
  [ -z "$3" ] || ip -n "$tag-$1" addr add "$3" dev "$2"
  [ -z "$6" ] || ip -n "$tag-$4" addr add "$6" dev "$5"
}
# A machine on the wan: NAME DEVICE-ON-THE-BRIDGE ADDRESS
on_wan() {
  wire "$1" wan "$3/24" wan "$2" ""
  ip -n "$tag-wan" link set "$2" master br0
}

topology() {
  local name
  for name in wan sn sn2 ra rb a b; do
    space "$name"
  done
  ip -n "$tag-wan" link add br0 type bridge
  ip -n "$tag-wan" link set br0 up
  on_wan sn p1 198.51.100.1
  on_wan sn2 p2 198.51.100.2
  on_wan ra p3 198.51.100.10
  on_wan rb p4 198.51.100.20
  wire a eth 10.1.0.2/24 ra lan 10.1.0.1/24
  wire b eth 10.2.0.2/24 rb lan 10.2.0.1/24
  ip -n "$tag-a" route add default via 10.1.0.1
  ip -n "$tag-b" route add default via 10.2.0.1
  in_space ra sysctl -qw net.ipv4.ip_forward=1
  in_space rb sysctl -qw net.ipv4.ip_forward=1
}

# The router translates. KIND (RFC 3489, 5): full-cone lets everybody in at a port that was used,
# restricted the addresses that were sent to, port-restricted their ports; symmetric is that with
# another port for each place.
nat() {  # ROUTER KIND
  local how=masquerade from="" inside=10.1.0.2
  [ "$2" = symmetric ] && how="masquerade fully-random"
  [ "$1" = rb ] && inside=10.2.0.2
  in_space "$1" nft -f - <<EOF
table ip nat {
  set known { type ipv4_addr; size 1024; flags dynamic,timeout; timeout 60s; }
  chain out { type nat hook postrouting priority 100; oifname wan $how; }
  chain seen {
    type filter hook forward priority -10;
    oifname wan meta l4proto udp update @known { ip daddr }
  }
}
table ip filter {
  chain in { type filter hook input priority 0; iifname wan ct state new drop; }
  chain through {
    type filter hook forward priority 0;
    ct status dnat accept
    iifname wan ct state new drop
  }
}
EOF
  case $2 in
    full-cone) ;;
    restricted) from="ip saddr @known" ;;
    *) return 0 ;;
  esac
  in_space "$1" nft -f - <<EOF
table ip nat {
  chain in {
    type nat hook prerouting priority -100;
    iifname wan meta l4proto udp $from dnat to $inside
  }
}
EOF
}
# Without NAT the wan knows the way.
no_nat() {
  local name
  for name in sn sn2 ra; do ip -n "$tag-$name" route replace 10.2.0.0/24 via 198.51.100.20; done
  for name in sn sn2 rb; do ip -n "$tag-$name" route replace 10.1.0.0/24 via 198.51.100.10; done
}

secret() {
  (umask 077 && echo "correct horse battery staple" >"$work/pass")
}
# Starts a program in the background; its process number is in pid[NAME].
start() {  # NAME LOG COMMAND...
  local name=$1 log=$work/$2.log
  shift 2
  ip netns exec "$tag-$name" "$@" >>"$log" 2>&1 &
  programs+=($!)
  # shellcheck disable=SC2034
  pid[$name]=$!
}
supernode() {  # NAME
  start "$1" "$1" "$marvel" vpn supernode --community grn=10.8.0.0/24 --key-file "$work/pass" \
    --state "$work/state-$1" --threads "$threads"
}
edge() {  # NAME FLAGS...
  local name=$1
  shift
  start "$name" "$name" "$marvel" vpn edge --community grn --supernode 198.51.100.1:4194 \
    --key-file "$work/pass" --name "$name" --device vpn0 --state "$work/state-$name" \
    --threads "$threads" "$@"
}
status() {  # NAME
  "$marvel" vpn status --state "$work/state-$1" --json
}
# Waits up to SECONDS for a command to succeed; four times as long under a sanitizer, which is slow.
patience=1
if grep -qaE '__(asan|tsan)_init' "$marvel"; then patience=4; fi
wait_for() {  # SECONDS WHAT COMMAND...
  local limit=$((patience * $1)) what=$2 end
  shift 2
  end=$((SECONDS + limit))
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || fail "$what within $limit s"
    sleep 0.1
  done
}
address_of() {  # NAME
  status "$1" | jq -er '.address | values | split("/")[0]'
}
# Whether a node says that so many threads carry its packets, and has them.
has_threads() {  # NAME NUMBER
  [ "$(status "$1" | jq .threads)" -eq "$2" ] || fail "$1 carries packets by $2 threads"
  local tasks=(/proc/"${pid[$1]}"/task/*)
  [ "${#tasks[@]}" -ge "$2" ] || fail "$1 has $2 threads"
}
path_is() {  # NAME PATH
  status "$1" | jq -e --arg path "$2" '.peers | length > 0 and all(.path == $path)'
}
ping_once() {  # NAME ADDRESS
  in_space "$1" ping -q -c 1 -W 0.3 "$2"
}
still_pings() {  # NAME ADDRESS: one of three pings in a second is answered
  in_space "$1" ping -q -c 3 -i 0.3 -W 0.3 "$2"
}
# Waits until a program in NAME listens at a PORT. A fixed pause is not enough on a busy machine.
listening() {  # NAME tcp|udp PORT
  wait_for 20 "a listener at $2 port $3 of $1" has_listener "$@"
}
has_listener() {  # NAME tcp|udp PORT
  in_space "$1" ss --no-header --listening --numeric "--$2" "sport = :$3" | grep . >/dev/null
}
# How long pings of NAME to ADDRESS fail from now on, in milliseconds; up to 30 s.
outage() {
  local begin now
  begin=$(date +%s%N)
  until ping_once "$1" "$2" >/dev/null 2>&1; do
    now=$(date +%s%N)
    [ $(((now - begin) / 1000000)) -lt 30000 ] || fail "pings come back within 30 s"
  done
  now=$(date +%s%N)
  echo $(((now - begin) / 1000000))
}
both_up() {
  wait_for 10 "an address for a" address_of a
  wait_for 10 "an address for b" address_of b
  # Read by the scripts that source this.
  # shellcheck disable=SC2034
  a_ip=$(address_of a) b_ip=$(address_of b)
}

# So many MiB from b to a, at the address in a_ip; what arrives must be what was sent.
stream() {  # MIB
  stream_between "$1" b a "$a_ip"
}
stream_between() {  # MIB FROM TO ADDRESS-OF-TO
  local from=$2 to=$3 address=$4
  python3 - "$work/sent" "$1" <<'EOF'
import random, sys
open(sys.argv[1], "wb").write(random.Random(1).randbytes(int(sys.argv[2]) << 20))
EOF
  in_space "$to" python3 - "$address" "$work/received" <<'EOF' &
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
server = socket.create_server((sys.argv[1], 5000), family=family)
server.settimeout(20)
link, _ = server.accept()
with open(sys.argv[2], "wb") as out:
    while piece := link.recv(1 << 20):
        out.write(piece)
EOF
  local receiver=$!
  listening "$to" tcp 5000
  in_space "$from" timeout 60 python3 - "$address" "$work/sent" <<'EOF' || fail "the stream is taken"
import socket, sys
with socket.create_connection((sys.argv[1], 5000), 10) as link:
    link.settimeout(None)
    link.sendall(open(sys.argv[2], "rb").read())
EOF
  wait "$receiver" || fail "the stream comes to its end"
  cmp -s "$work/sent" "$work/received" || fail "the stream arrives as it was sent"
}
