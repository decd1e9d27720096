#!/bin/bash
# A soak of marvel vpn, of bounded length: two edges behind NATs and two super nodes, while streams
# and pings run, packets are lost, NATs change their addresses, super nodes and an edge restart. At
# the end memory and descriptors must be what they were after the first minute, and both must talk.
#   bench/vpn_soak.sh MARVEL [--minutes N]
# Opt-in: no test runs it. Needs what tests/vpn/netns needs.
set -euo pipefail
minutes=5
if [ "${2:-}" = --minutes ]; then
  minutes=$3
fi
. "$(dirname "${BASH_SOURCE[0]}")/../tests/vpn/netns/common.sh"

readonly kSpareKiB=6144  # that a node may grow by after its first minute
readonly kSpareFiles=4

resident() {  # NAME
  awk '/^VmRSS:/ {print $2}' "/proc/${pid[$1]}/status"
}
files() {  # NAME
  find "/proc/${pid[$1]}/fd" -mindepth 1 | wc -l
}
note() {
  printf '%4d s: %s\n' "$SECONDS" "$1"
}
both_edges() {  # COMMAND...
  "$@" a && "$@" b
}

secret
topology
nat ra port-restricted
nat rb port-restricted
supernode sn
supernode sn2
edge a --supernode 198.51.100.2:4194
edge b --supernode 198.51.100.2:4194
both_up
wait_for 10 "the first ping" ping_once a "$b_ip"

edge_a=${pid[a]} edge_b=${pid[b]}
# Endless, in both directions: 1 MB at a time over a new connection, as services do.
start a serve python3 -c "
import socket
server = socket.create_server(('$a_ip', 5000))
while True:
    link, _ = server.accept()
    link.settimeout(20)
    try:
        while piece := link.recv(1 << 16):
            link.sendall(piece)
    except OSError:
        pass
    link.close()"
start b ask python3 -c "
import os, socket, threading, time
sent, moved = bytes(1 << 20), 0
def ask():
    global moved
    try:
        with socket.create_connection(('$a_ip', 5000), 10) as link:
            link.settimeout(15)
            writer = threading.Thread(target=lambda: (link.sendall(sent), link.shutdown(1)), daemon=True)
            writer.start()
            got = 0
            while piece := link.recv(1 << 16):
                got += len(piece)
            moved += got
    except OSError:
        time.sleep(0.2)
while True:
    ask()
    with open('$work/moved.new', 'w') as out:
        out.write(str(moved))
    os.replace('$work/moved.new', '$work/moved')"
asker=${pid[b]} serving=${pid[a]}
pid[a]=$edge_a pid[b]=$edge_b

declare -A memory=() open_files=()
measure_all() {
  local name
  for name in a b sn sn2; do
    memory[$name]=$(resident "$name")
    open_files[$name]=$(files "$name")
  done
}

fault() {  # NUMBER
  case $(($1 % 6)) in
    0) note "the NAT of a gets another address"
      ip -n "$tag-ra" addr flush dev wan
      ip -n "$tag-ra" addr add "198.51.100.$((30 + $1 % 100))/24" dev wan ;;
    1) note "5 % of the packets are lost at b's router"
      in_space rb nft add rule ip filter through numgen random mod 100 "<" 5 drop ;;
    2) note "nothing is lost any more"
      in_space rb nft flush chain ip filter through
      in_space rb nft add rule ip filter through iifname wan ct state new drop ;;
    3) note "the first super node restarts"
      kill "${pid[sn]}"
      wait "${pid[sn]}" || fail "a super node that is stopped ends with 0"
      sleep 1
      supernode sn ;;
    4) note "the edge b restarts"
      kill "${pid[b]}"
      wait "${pid[b]}" || fail "an edge that is stopped ends with 0"
      edge b --supernode 198.51.100.2:4194
      wait_for 10 "b's address" address_of b ;;
    5) note "status, metrics and a survey are asked for"
      for _ in $(seq 20); do both_edges status >/dev/null; done
      in_space a timeout 60 "$marvel" vpn measure b --state "$work/state-a" \
        >/dev/null || note "the survey found nothing, which may be" ;;
  esac
}

sleep 20
number=0
end=$((SECONDS + minutes * 60))
warm=$((SECONDS + 60))
while [ "$SECONDS" -lt "$end" ]; do
  fault "$number"
  number=$((number + 1))
  sleep 8
  # Only what ran since then can be compared: a node that restarted begins anew.
  if [ "$SECONDS" -ge "$warm" ] && [ ${#memory[@]} -eq 0 ]; then
    measure_all
    note "memory after the first minute: a ${memory[a]} KiB, sn2 ${memory[sn2]} KiB"
  fi
done
[ ${#memory[@]} -gt 0 ] || measure_all

in_space rb nft flush chain ip filter through
in_space rb nft add rule ip filter through iifname wan ct state new drop
wait_for 15 "both talk in the end" ping_once a "$b_ip"
in_space a ping -q -c 20 -i 0.1 -W 1 "$b_ip" >/dev/null || fail "20 pings arrive in the end"
moved=$(cat "$work/moved")
[ "$moved" -gt $((minutes << 20)) ] || fail "streams went on: $moved bytes"
kill -0 "$asker" "$serving" || fail "the programs that talk are there"
for name in a b sn sn2; do
  now=$(resident "$name") open=$(files "$name")
  note "$name: $now KiB (${memory[$name]} after the first minute), $open descriptors"
  [ "$now" -le $((memory[$name] + kSpareKiB)) ] || fail "the memory of $name stays bounded"
  [ "$open" -le $((open_files[$name] + kSpareFiles)) ] || fail "the descriptors of $name stay bounded"
done
drops=$(status a | jq -c '.drops | with_entries(select(.value > 0))')
echo "ok: $minutes minutes, $number faults, $((moved >> 20)) MiB echoed, dropped by a: $drops"
