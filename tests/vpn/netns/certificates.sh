#!/bin/bash
# A community with certificates: a member gets in, a member that was revoked and one with another
# authority's certificate do not; the secrets stand in no command line.
#   certificates.sh MARVEL
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

member() {  # NAME AUTHORITY
  "$marvel" vpn keygen "$work/$1.key" >"$work/$1.pub"
  "$marvel" vpn cert issue "$work/$1.cert" --authority "$work/$2" --name "$1" \
    --public-key "$(cat "$work/$1.pub")" >/dev/null
}
join() {  # NAMESPACE NAME
  start "$1" "$2" "$marvel" vpn edge --community grn --supernode "$sn_key@198.51.100.1:4194" \
    --identity "$work/$2.key" --cert "$work/$2.cert" --authority "$work/grn.pub" --name "$2" \
    --device "${2}0" --state "$work/state-$2"
}

topology
no_nat
"$marvel" vpn keygen --signing "$work/grn.authority" >"$work/grn.pub"
"$marvel" vpn keygen --signing "$work/other.authority" >/dev/null
sn_key=$("$marvel" vpn keygen "$work/sn.key")
member a grn.authority
member b grn.authority
member old grn.authority
member alien other.authority
"$marvel" vpn cert revoke "$work/grn.revoked" "$work/old.cert" --authority "$work/grn.authority" \
  >/dev/null
start sn sn "$marvel" vpn supernode --community grn=10.8.0.0/24 --identity "$work/sn.key" \
  --authority "$work/grn.pub" --revoked "$work/grn.revoked" --state "$work/state-sn"
join a a
join b b
both_up
wait_for 5 "the first ping" ping_once a "$b_ip"
wait_for 5 "a direct path" path_is a direct
join sn2 old
wait_for 5 "the revoked member runs" status old
sleep 2
[ "$(status old | jq .address)" = null ] || fail "a revoked member gets no address"
status=0
"$marvel" vpn edge --community grn --supernode "$sn_key@198.51.100.1:4194" \
  --identity "$work/alien.key" --cert "$work/alien.cert" --authority "$work/grn.pub" --name alien \
  --state "$work/state-alien" 2>"$work/alien.log" || status=$?
[ "$status" -eq 2 ] || fail "a certificate of another authority is refused with 2, not $status"
[ "$(status sn | jq '.edges | length')" -eq 2 ] || fail "the super node has two edges"
secret_digits=$(sed 's/.*://' "$work/a.key")
for line in /proc/[0-9]*/cmdline; do
  ! grep -qsa "$secret_digits" "$line" ||
    fail "no secret in a command line"
done
! grep -q "$secret_digits" "$work"/*.log || fail "no secret in a log"
echo "ok: two members talk; a revoked one and a stranger do not"
