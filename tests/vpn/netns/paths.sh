#!/bin/bash
# Two edges, one super node, and NATs of several kinds: pings and a stream arrive, first over the
# relay and then directly where that can be, by one thread and by several; a frame as large as the
# device takes passes; an edge that ends leaves nothing behind.
#   paths.sh MARVEL
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

try() {  # NAT-OF-A NAT-OF-B PATH THREADS
  threads=$4
  topology
  if [ "$1" = none ]; then
    no_nat
  else
    nat ra "$1"
    nat rb "$2"
  fi
  supernode sn
  edge a
  edge b
  both_up
  has_threads a "$threads"
  has_threads sn "$((threads < 2 ? threads : 2))"
  ping_once a "$b_ip" || wait_for 3 "the first ping" ping_once a "$b_ip"
  in_space a ping -q -c 20 -i 0.1 -W 1 "$b_ip" >"$work/ping.log" || fail "20 pings arrive"
  path_is a "$3" >/dev/null || wait_for 3 "path $3 from a" path_is a "$3"
  path_is b "$3" >/dev/null || wait_for 3 "path $3 from b" path_is b "$3"
  in_space b ping -q -c 2 -M "do" -s 1352 -W 1 "$a_ip" >/dev/null || fail "a full frame passes"
  in_space a "$marvel" vpn ping b --state "$work/state-a" --json >"$work/vpn-ping.log" ||
    fail "vpn ping reaches a peer by its name"
  jq -e '.received == 4 and .round_trip_ms.median > 0' "$work/vpn-ping.log" >/dev/null ||
    fail "vpn ping says how long it took"
  stream 32
  local drops
  drops=$(status a | jq '.drops | .forged + .spoofed + .malformed')
  [ "$drops" -eq 0 ] || fail "nothing of a peer is refused; $drops packets were"
  kill "${pid[a]}"
  wait "${pid[a]}" || fail "an edge that is stopped ends with 0"
  ! in_space a ip link show vpn0 >/dev/null 2>&1 || fail "the device goes with its edge"
  echo "ok: $1 and $2: $3, $4 threads, $(sed -n 's/^rtt/rtt/p' "$work/ping.log")"
  finish
  namespaces=() programs=()
  work=$(mktemp -d)
  secret
}

secret
try none none direct 3
try port-restricted port-restricted direct 1
try symmetric symmetric relay 3
try symmetric symmetric relay 1
