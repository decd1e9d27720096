#!/bin/bash
# The mode for networks of n2n: two edges, a super node, NATs; with clear and encrypted headers and
# every cipher, pings and a stream arrive, over the super node at first and directly where that can
# be; and with users, over two super nodes of a federation. Where a program of n2n version 3 is installed, it is the third member.
#   n2n.sh MARVEL
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

n2n_supernode() {
  start sn sn "$marvel" vpn supernode --n2n --community grn=10.8.0.0/24 --listen 7654 \
    --state "$work/state-sn" --threads "$threads"
}
n2n_edge() {  # NAME FLAGS...
  local name=$1
  shift
  start "$name" "$name" "$marvel" vpn edge --n2n --community grn --supernode 198.51.100.1:7654 \
    --key-file "$work/pass" --name "$name" --device vpn0 --state "$work/state-$name" \
    --threads "$threads" "$@"
}

drops() {  # NAME REASONS...
  local name=$1 sum
  shift
  sum=$(printf '.drops.%s + ' "$@")
  status "$name" | jq "${sum}0"
}

try() {  # NAT-OF-A NAT-OF-B PATH FLAGS...
  local one=$1 other=$2 path=$3
  shift 3
  topology
  nat ra "$one"
  nat rb "$other"
  n2n_supernode
  n2n_edge a "$@"
  n2n_edge b "$@"
  both_up
  wait_for 3 "the first ping" ping_once a "$b_ip"
  wait_for 5 "path $path from a" path_is a "$path"
  wait_for 5 "path $path from b" path_is b "$path"
  in_space a ping -q -c 10 -i 0.1 -W 1 "$b_ip" >"$work/ping.log" || fail "10 pings arrive"
  in_space b ping -q -c 2 -M "do" -s 1352 -W 1 "$a_ip" >/dev/null || fail "a full frame passes"
  stream 8
  [ "$(drops a malformed other_key other_cipher replayed)" -eq 0 ] ||
    fail "nothing of a peer is refused"
  grep -q insecure "$work/a.log" || fail "it warns of its insecurity"
  kill "${pid[a]}"
  wait "${pid[a]}" || fail "an edge that is stopped ends with 0"
  wait_for 3 "the super node hears of it" sh -c \
    "'$marvel' vpn status --state '$work/state-sn' --json | jq -e '.edges | length == 1'"
  echo "ok: $one and $other: $path $*, $(sed -n 's/^rtt/rtt/p' "$work/ping.log")"
  finish
  namespaces=() programs=()
  work=$(mktemp -d)
  secret
}

# Two super nodes of a federation that serve users, an edge at each behind a symmetric NAT: frames go
# over both; when one is gone its edge goes to the other.
federated() {
  local name lost task
  topology
  nat ra symmetric
  nat rb symmetric
  (umask 077 && echo secretFed >"$work/federation" && echo 007 >"$work/password")
  {
    echo "grn 10.8.0.0/24"
    for name in a b; do "$marvel" vpn pubkey --n2n-user "$name" "$work/password"; done
  } >"$work/communities"
  for name in sn sn2; do
    start "$name" "$name" "$marvel" vpn supernode --n2n --community-file "$work/communities" \
      --federation "$work/federation" --supernode 198.51.100.1:7654 --listen 7654 \
      --state "$work/state-$name"
  done
  local key
  key=$("$marvel" vpn pubkey --n2n-federation "$work/federation")
  wait_for 5 "the super nodes know each other" sh -c \
    "'$marvel' vpn status --state '$work/state-sn2' --json | jq -e '.federated[0].connected'"
  n2n_edge a --password-file "$work/password" --federation-key "$key"
  start b b "$marvel" vpn edge --n2n --community grn --supernode 198.51.100.2:7654 \
    --key-file "$work/pass" --name b --device vpn0 --state "$work/state-b" \
    --password-file "$work/password" --federation-key "$key" --user nobody --threads 3
  both_up
  has_threads b 3
  for task in "/proc/${pid[b]}/task/"*; do
    [ "$(stat -c %U "$task")" = nobody ] || fail "--user is obeyed by all threads"
    grep -q '^CapEff:.*0000000000001000$' "$task/status" || fail "which may set up the network alone"
  done
  wait_for 3 "the first ping over two super nodes" ping_once a "$b_ip"
  wait_for 5 "path relay from a" path_is a relay
  stream 8
  wait_for 10 "a is told of the other super node" sh -c \
    "'$marvel' vpn status --state '$work/state-a' --json | jq -e '.supernodes | length == 2'"
  kill -9 "${pid[sn]}"
  lost=$(outage b "$a_ip")
  [ "$lost" -lt 6000 ] || fail "fail-over took $lost ms"
  echo "ok: users at two super nodes, fail-over within $lost ms"
  finish
  namespaces=() programs=()
  work=$(mktemp -d)
  secret
}

# An edge and a super node read their files again, and a machine that moves is found.
changes() {
  topology
  no_nat
  printf 'vpn:\n  supernode:\n    community: [grn=10.8.0.0/24]\n' >"$work/sn.yaml"
  for name in sn sn2; do
    start "$name" "$name" "$marvel" --config "$work/sn.yaml" vpn supernode --n2n --listen 7654 \
      --state "$work/state-$name" --metrics 127.0.0.1:9194
  done
  printf 'vpn:\n  edge:\n    supernode: 198.51.100.1:7654\n' >"$work/a.yaml"
  start a a "$marvel" --config "$work/a.yaml" vpn edge --n2n --community grn --key-file "$work/pass" \
    --name a --device vpn0 --state "$work/state-a"
  n2n_edge b
  both_up
  wait_for 5 "the first ping" ping_once a "$b_ip"
  wait_for 5 "a direct path" path_is a direct
  in_space sn python3 -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:9194/metrics").read().decode())' \
    >"$work/metrics" || fail "metrics are served"
  grep -q '^marvel_vpn_edges{community="grn"} 2' "$work/metrics" || fail "with the edges"
  ip -n "$tag-a" addr del 10.1.0.2/24 dev eth
  ip -n "$tag-a" addr add 10.1.0.9/24 dev eth
  ip -n "$tag-a" route add default via 10.1.0.1
  local lost
  lost=$(outage b "$a_ip")
  [ "$lost" -lt 6000 ] || fail "a machine that moved was away for $lost ms"
  wait_for 10 "a direct path again" path_is a direct

  printf 'vpn:\n  edge:\n    supernode: 198.51.100.2:7654\n    mtu: 1200\n' >"$work/a.yaml"
  kill -HUP "${pid[a]}"
  wait_for 5 "the other super node" sh -c \
    "'$marvel' vpn status --state '$work/state-sn2' --json | jq -e '.edges | length == 1'"
  wait_for 3 "the first one was told" sh -c \
    "'$marvel' vpn status --state '$work/state-sn' --json | jq -e '.edges | length == 1'"
  grep -q -- "--mtu has changed" "$work/a.log" || fail "what needs a restart is named"
  still_pings a "$b_ip" >/dev/null || fail "paths stay"

  printf 'vpn:\n  supernode:\n    community: [lab=10.9.0.0/24]\n' >"$work/sn.yaml"
  kill -HUP "${pid[sn]}"
  wait_for 5 "a community that is gone has no edges" sh -c \
    "'$marvel' vpn status --state '$work/state-sn' --json | jq -e '.edges | length == 0'"

  echo "ok: files are read again, and a machine that moved is back after $lost ms"
  finish
  namespaces=() programs=()
  work=$(mktemp -d)
  secret
}

# A program of n2n version 3 as the edge b. Debian 12 has version 1, which is another protocol.
with_n2n() {
  local program
  program=$(command -v edge || true)
  if [ -z "$program" ] || ! "$program" -h 2>&1 | grep 'v\.3\.' >/dev/null; then
    echo "NOT TRIED: no program edge of n2n version 3 is installed"
    return 0
  fi
  topology
  nat ra port-restricted
  nat rb port-restricted
  n2n_supernode
  n2n_edge a --address 10.8.0.7
  start b b "$program" -f -c grn -l 198.51.100.1:7654 -k "$(cat "$work/pass")" -A5 \
    -a 10.8.0.8/24 -d vpn0
  wait_for 10 "a ping to n2n" ping_once a 10.8.0.8
  echo "ok: with n2n"
}

secret
threads=3
try port-restricted port-restricted direct
try symmetric symmetric relay
threads=auto
for cipher in speck aes chacha20 null; do
  try port-restricted port-restricted direct --cipher "$cipher"
done
try port-restricted port-restricted direct --header-encryption
try symmetric symmetric relay --header-encryption
federated
changes
with_n2n
