#!/bin/bash
# Every pair of NATs: two edges get a direct path where there can be one, and stay on the relay where
# not; in both cases pings arrive in both directions.
#   nats.sh MARVEL
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

kinds=(none full-cone restricted port-restricted symmetric)

# From a symmetric NAT each place sees another port, which a NAT that looks at ports does not expect.
expected() {  # KIND KIND
  case "$1 $2" in
    "port-restricted symmetric" | "symmetric symmetric") echo relay ;;
    *) echo direct ;;
  esac
}

try() {  # KIND KIND
  local path
  path=$(expected "$1" "$2")
  topology
  # Networks behind NATs are nowhere known; the way to one without must be.
  [ "$1" = none ] && for name in sn sn2 rb; do
    ip -n "$tag-$name" route replace 10.1.0.0/24 via 198.51.100.10
  done
  [ "$2" = none ] && for name in sn sn2 ra; do
    ip -n "$tag-$name" route replace 10.2.0.0/24 via 198.51.100.20
  done
  [ "$1" = none ] || nat ra "$1"
  [ "$2" = none ] || nat rb "$2"
  supernode sn
  edge a
  edge b
  both_up
  wait_for 5 "the first ping" ping_once a "$b_ip"
  wait_for 5 "path $path from a" path_is a "$path"
  wait_for 5 "path $path from b" path_is b "$path"
  in_space a ping -q -c 5 -i 0.05 -W 1 "$b_ip" >/dev/null || fail "pings arrive"
  in_space b ping -q -c 5 -i 0.05 -W 1 "$a_ip" >/dev/null || fail "and back"
  path_is a "$path" >/dev/null || fail "the path stays"
  echo "ok: $1 and $2: $path"
  finish
  namespaces=() programs=()
  work=$(mktemp -d)
  secret
}

secret
for ((i = 0; i < ${#kinds[@]}; i++)); do
  for ((j = i; j < ${#kinds[@]}; j++)); do
    try "${kinds[i]}" "${kinds[j]}"
  done
done
