#!/bin/bash
# Keys, certificates and mistakes of marvel vpn. What runs on a network is tested in tests/vpn/netns.
#   vpn.sh MARVEL
set -euo pipefail
marvel=$(realpath "$1")
# shellcheck disable=SC2034
front=(vpn)
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() {
  echo "FAILED: $1" >&2
  cat out err >&2 || true
  exit 1
}

# --- keys ---
expect 0 keygen edge.key
grep -qE '^[0-9a-f]{64}$' out || fail "a public key has 64 digits"
public=$(cat out)
[ "$(stat -c %a edge.key)" = 600 ] || fail "a secret key is its owner's alone"
expect 0 pubkey edge.key
[ "$(cat out)" = "$public" ] || fail "pubkey says what keygen said"
expect 0 pubkey edge.key --json
jq -e --arg key "$public" '.schema == "marvel.vpn.key/1" and .public_key == $key' out >/dev/null ||
  fail "the same as JSON"
expect 3 keygen edge.key
says err "exists"
chmod 644 edge.key
expect 3 pubkey edge.key
says err "chmod 600"
chmod 600 edge.key
expect 2 pubkey missing.key
expect 2 keygen

# X25519 by another implementation, where there is one.
if python3 -c 'import cryptography' 2>/dev/null; then
  python3 - "$public" <<'EOF' || fail "the public key is X25519's"
import sys
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
secret = bytes.fromhex(open("edge.key").read().strip().split(":")[1])
public = X25519PrivateKey.from_private_bytes(secret).public_key()
sys.exit(public.public_bytes(Encoding.Raw, PublicFormat.Raw).hex() != sys.argv[1])
EOF
fi

# --- a super node's part of a passphrase ---
(umask 077 && echo "correct horse" >pass)
expect 0 keygen --from-passphrase pass --community grn sn.part
grep -q '^marvel-vpn-supernode-secret:' sn.part || fail "it says what it is"
first=$(cat out)
expect 0 keygen --from-passphrase pass --community lab lab.part
[ "$(cat out)" != "$first" ] || fail "another community has another key"
expect 2 keygen --from-passphrase pass x.part
says err "--community"

# --- certificates ---
expect 0 keygen --signing grn.authority
cp out grn.pub
grep -q '^marvel-vpn-authority:' grn.pub || fail "an authority's public key says what it is"
expect 0 cert issue edge.cert --authority grn.authority --name edge1 --public-key "$public" \
  --address 10.8.0.7 --valid-for 1d
expect 0 cert show edge.cert --json
jq -e '.name == "edge1" and .valid and .addresses == ["10.8.0.7"]' out >/dev/null ||
  fail "show says what was issued"
expect 0 cert issue old.cert --authority grn.authority --name old --public-key "$public" \
  --valid-for 0s
expect 1 cert show old.cert
says out "not now"
expect 0 cert revoke grn.revoked edge.cert --authority grn.authority
expect 0 cert revoke grn.revoked 00000000000000ff --authority grn.authority --json
jq -e '.serials | length == 2' out >/dev/null || fail "the list grows"
first=$(jq .issued out)
expect 0 cert revoke grn.revoked 00000000000000fe --authority grn.authority --json
jq -e --argjson first "$first" '.issued > $first' out >/dev/null ||
  fail "a list is newer than the one it follows, within a second too"
mapfile -t many < <(printf '%016x\n' {1..65536})
expect 2 cert revoke many.revoked "${many[@]}" --authority grn.authority
says err "a list holds 65535"
[ ! -e many.revoked ] || fail "a list that is too long is not written"
expect 2 cert issue x.cert --authority grn.authority --name "a b" --public-key "$public"
says err "--name"
expect 2 cert issue x.cert --authority grn.authority --name a --public-key 12
says err "--public-key"
expect 2 cert issue x.cert --authority edge.key --name a --public-key "$public"
says err "marvel-vpn-authority-secret"
expect 2 cert show edge.key
cp edge.key kept.key
expect 3 cert issue edge.key --authority grn.authority --name edge1 --public-key "$public"
says err "'edge.key' exists and is no certificate"
cmp -s edge.key kept.key || fail "a secret key is not overwritten"
expect 0 cert issue edge.cert --authority grn.authority --name edge1 --public-key "$public"
expect 0 keygen --signing other.authority
expect 2 cert revoke grn.revoked edge.cert --authority other.authority

# --- a renewal has the serial of what it renews, so both are revoked together ---
serial() {  # FILE
  "$marvel" vpn cert show "$1" --json | jq -r .serial
}
renewed=(--authority grn.authority --name renewed --public-key "$public")
expect 0 cert issue renewed.cert "${renewed[@]}"
cp renewed.cert before.cert
expect 0 cert issue renewed.cert "${renewed[@]}" --valid-for 2d
cmp -s before.cert renewed.cert && fail "it is another certificate"
[ "$(serial renewed.cert)" = "$(serial before.cert)" ] || fail "a renewal keeps the serial"
expect 0 cert issue other-file.cert "${renewed[@]}"
[ "$(serial other-file.cert)" != "$(serial before.cert)" ] || fail "another file is no renewal"
expect 0 keygen other.key
expect 0 cert issue renewed.cert --authority grn.authority --name renewed --public-key "$(cat out)"
[ "$(serial renewed.cert)" != "$(serial before.cert)" ] || fail "another key is no renewal"
cp old.cert ended.cert
expect 0 cert issue ended.cert "${renewed[@]}"
[ "$(serial ended.cert)" != "$(serial old.cert)" ] || fail "what has ended needs no revocation"

# --- revocations: all that run at once count, and none of another authority ---
for number in $(seq 20); do
  "$marvel" vpn cert revoke twenty.revoked "$(printf '%016x' "$number")" \
    --authority grn.authority >/dev/null &
done
wait
expect 0 cert revoke twenty.revoked --authority grn.authority --json
jq -e '.serials | length == 20' out >/dev/null || fail "no revocation is lost: $(cat out)"
expect 0 cert issue foreign.cert --authority other.authority --name f --public-key "$public"
expect 2 cert revoke grn.revoked foreign.cert --authority grn.authority
says err "'foreign.cert' is not signed by this authority"

expect 0 cert issue pods.cert --authority grn.authority --name pods --public-key "$public" \
  --network 10.244.1.0/24 --group camera --group lab
expect 0 cert show pods.cert --json
jq -e '.networks == ["10.244.1.0/24"] and .groups == ["camera", "lab"]' out >/dev/null ||
  fail "networks and groups are in it"
expect 2 cert issue x.cert --authority grn.authority --name a --public-key "$public" --group "a b"
says err "--group"
(umask 077 && : >empty)
expect 2 keygen --from-passphrase empty --community grn x.part
says err "no passphrase"

# --- nodes that cannot start say why ---
expect 2 supernode --community grn=10.8.0.0/24 --key-file empty --state state
says err "no passphrase"
expect 2 supernode --community grn=10.8.0.0/24 --key-file pass --revoked grn.revoked --state state
says err "--revoked needs certificates"
two=(--community grn=10.8.0.0/24 --community lab=10.9.0.0/24 --state state)
expect 0 keygen sn.key
sn=$(cat out)
expect 2 supernode "${two[@]}" --identity sn.key --authority grn.pub
says err "--community: with certificates a super node serves one community"
expect 2 supernode "${two[@]}" --key-file sn.part
says err "--community: 'sn.part' is the super node's part of one community's passphrase"
expect 2 edge --community grn --name renewed --supernode "$sn@127.0.0.1:1" --identity edge.key \
  --cert before.cert --authority grn.pub --state state --announce 10.244.1.0/24
says err "--announce 10.244.1.0/24: the certificate of this node does not allow it"
edge=(edge --community grn --name a --supernode 127.0.0.1:1 --key-file pass --state state)
expect 2 "${edge[@]}" --announce 10.244.1.1/24
says err "--announce"
expect 2 "${edge[@]}" --accept-routes all
says err "--accept-routes"
expect 2 "${edge[@]}" --allow camera:sctp
says err "--allow"
expect 2 "${edge[@]}" --metrics nowhere
says err "HOST:PORT"
for threads in many 1.5 5000; do
  expect 2 "${edge[@]}" --threads "$threads"
  says err "'$threads' is no number of threads"
done
expect 2 edge
says err "--community"
expect 2 edge --community grn --name a --supernode 127.0.0.1:4194 --state state
says err "--key-file"
expect 2 edge --community grn --name a/b --supernode 127.0.0.1:4194 --key-file pass --state state
says err "--name"
expect 2 edge --community grn --name a --supernode 127.0.0.1 --key-file pass --state state
says err "HOST:PORT"
expect 2 edge --community grn --name a --supernode 127.0.0.1:1 --key-file pass --mtu 5 --state state
says err "--mtu"
expect 2 supernode --community grn=10.8.0.1/24 --key-file pass --state state
says err "NAME=NETWORK"
expect 2 supernode --community grn=10.8.0.0/24 --key-file pass --state state --reserve x=1
says err "--reserve"
expect 2 supernode --community grn=10.8.0.0/24 --key-file pass --authority grn.pub --state state
says err "two kinds"
expect 3 status --state state
says err "no node runs"
expect 3 status --state state --wait --timeout 300ms
says err "no address after 300ms"
got=0
timeout -s KILL 1 "$marvel" vpn up --state state --wait --timeout 200000d >out 2>err || got=$?
[ "$got" -eq 137 ] || fail "a long wait ended by itself, with $got"
expect 3 ping --state state edge2
says err "no node runs"
expect 2 ping --packets 0 127.0.0.1
says err "--packets"
expect 3 measure --state state edge2
says err "no edge that can measure"
expect 2 measure --state state a/b
says err "no name of a node"
expect 2 measure --state state --burst 1GiB
says err "--burst"
expect 2 measure --state state --network pass
says err "'pass' is no document of the schema marvel.network/1"
# --- networks of n2n ---
n2n=(edge --n2n --community grn --name a --supernode 127.0.0.1:1 --state state)
expect 2 "${n2n[@]}"
says err "--key-file"
expect 2 "${n2n[@]}" --key-file pass --cipher twofish
says err "--cipher"
expect 2 "${n2n[@]}" --key-file pass --identity edge.key
says err "--identity"
expect 2 "${n2n[@]}" --key-file pass --address 10.8.0.7/40
says err "--address"
expect 2 "${n2n[@]}" --key-file pass --mtu 2000
says err "1900"
expect 2 edge --n2n --community a-name-of-twenty-bytes --name a --supernode 127.0.0.1:1 \
  --key-file pass --state state
says err "19 bytes"
expect 2 supernode --n2n --state state
says err "--community"
expect 2 supernode --n2n --community grn=10.8.0.1/24 --state state
says err "NAME=NETWORK"
expect 2 supernode --n2n --community grn --reserve grn/a=10.8.0.7 --state state
says err "--reserve"

expect 2 supernode --n2n --community grn --supernode 127.0.0.1:1 --state state
says err "--federation"
printf 'grn\n* a b\n' >communities.list
expect 2 supernode --n2n --community-file communities.list --state state
says err "communities.list:2"

# --- users of n2n; the keys are n2n's own ---
(umask 077 && echo 007 >logan.pass && echo secretFed >federation.name)
expect 0 pubkey --n2n-user logan logan.pass
[ "$(cat out)" = "* logan nHWum+r42k1qDXdIeH-WFKeylK5UyLStRzxofRNAgpG" ] || fail "a user's line"
expect 0 pubkey --n2n-federation federation.name --json
jq -e '.kind == "n2n-federation" and
  .public_key == "opIyaWhWjKLJSNOHNpKnGmelhHWRqkmY5pAx7lbDHp4"' out >/dev/null ||
  fail "a federation's key"
expect 2 pubkey --n2n-federation --n2n-user logan logan.pass
says err "two kinds"
expect 2 pubkey --n2n-user a-name-of-16-byt logan.pass
says err "15 characters"
expect 2 "${n2n[@]}" --key-file pass --password-file logan.pass --cipher aes
says err "speck or chacha20"
expect 2 "${n2n[@]}" --key-file pass --password-file logan.pass --federation-key abc
says err "--federation-key 'abc'"
expect 2 "${n2n[@]}" --key-file pass --federation-key abc
says err "--password-file"
chmod 644 logan.pass
expect 3 "${n2n[@]}" --key-file pass --password-file logan.pass
says err "chmod 600"

# --- what would be without effect is refused ---
for flag in --announce=10.9.0.0/24 --accept-routes=10.9.0.0/24 "--allow=*:icmp"; do
  expect 2 "${n2n[@]}" --key-file pass "$flag"
  says err "--n2n goes without ${flag%%=*}"
done
expect 2 supernode --n2n --community grn --relay-rate 1M --state state
says err "--relay-rate"

chmod 640 pass
expect 3 supernode --community grn=10.8.0.0/24 --key-file pass --state state
says err "chmod 600"
chmod 600 pass

# --- a passphrase from a pipe, for two communities ---
"$marvel" vpn supernode --community grn=10.8.0.0/24 --community lab=10.9.0.0/24 --state piped \
  --key-file <(cat pass) --listen 127.0.0.1:0 2>log &
program=$!
for _ in $(seq 100); do
  grep -q "super node on UDP port" log && break
  sleep 0.1
done
kill "$program" || fail "a pipe is read once, for all communities: $(cat log)"
wait "$program" || fail "a super node that is stopped ends with 0"
[ "$("$marvel" vpn pubkey <(cat edge.key))" = "$public" ] || fail "a key comes from a pipe, too"

# --- an identity that a power failure has left empty ---
mkdir -p emptied
: >emptied/identity.key
expect 2 edge --community grn --name a --supernode 127.0.0.1 --key-file pass --state emptied
says err "emptied/identity.key' was empty"
[ -s emptied/identity.key ] || fail "it is made anew"

# --- a super node that runs ---
"$marvel" vpn supernode --community grn=10.8.0.0/24 --key-file sn.part --state state \
  --listen 127.0.0.1:0 2>log &
program=$!
for _ in $(seq 100); do
  "$marvel" vpn status --state state --json >out 2>err && break
  sleep 0.1
done
jq -e '.schema == "marvel.vpn.supernode/1" and .edges == []' out >/dev/null ||
  fail "a super node says how it is"
[ "$(stat -c %a state/status.sock)" = 700 ] || fail "only the owner may ask"
expect 0 status --state state
says out "EDGE"
expect 2 status --state state --print-address
says err "super node"
expect 2 up --state state
says err "super node"
expect 3 up --state nowhere
"$marvel" vpn status --state state --watch --json >out 2>err &
watcher=$!
for ((i = 0; i < 200; ++i)); do
  [ "$(grep -c marvel.vpn.supernode/1 out)" -lt 2 ] || break
  sleep 0.05
done
[ "$(grep -c marvel.vpn.supernode/1 out)" -ge 2 ] || { kill -9 "$watcher" || true; fail "--watch says it again"; }
kill -INT "$watcher" || true
wait "$watcher" || fail "--watch ends with $?"
grep -v '^{"schema":.*}$' out && fail "one document is one line"
# A reader that goes away ends it without a word.
timeout 10 "$marvel" vpn status --state state --watch --json 2>err | head -n 1 >out || true
jq -e . out >/dev/null || fail "the reader got its line"
[ ! -s err ] || fail "a closed pipe is no mistake"
{ timeout 10 "$marvel" vpn status --state state --watch 2>>err || echo $? >code; } | true
[ "$(cat code)" -eq 141 ] || fail "it ends as every program of a pipe does, not with $(cat code)"
[ ! -s err ] || fail "a closed pipe is no mistake of the table either"
kill -HUP "$program"
expect 0 status --state state
expect 3 measure --state state
says err "no edge that can measure"
expect 3 supernode --community grn=10.8.0.0/24 --key-file sn.part --state state
says err "another node runs with the state folder 'state'"
says err "--state"
kill "$program"
wait "$program" || fail "a super node that is stopped ends with 0"
grep -q "super node on UDP port" log || fail "it says where it listens"

# --- the same for n2n, with the network that n2n would choose ---
"$marvel" vpn supernode --n2n --community testnet --state n2n --listen 127.0.0.1:0 2>log &
program=$!
for _ in $(seq 100); do
  "$marvel" vpn status --state n2n --json >out 2>err && break
  sleep 0.1
done
jq -e '.schema == "marvel.vpn.n2n-supernode/1" and .edges == []' out >/dev/null ||
  fail "a super node of n2n says how it is"
expect 0 status --state n2n
says out "EDGE"
port=$(sed -n 's/.*n2n super node on UDP port //p' log)
# A recorded REGISTER_SUPER in an encrypted header is too old; a recorded ping is answered.
python3 - "$port" <<'EOF' || fail "a ping of n2n is answered"
import socket, sys
ping = bytes.fromhex("0302000b746573746e657400000000000000000000000000226219f248fa0000000000000000")
old = bytes.fromhex(
    "b52a42fa6ce549e9276c7b1bf42b902197ac6c7b6841292c610ba1fa12e753c8a2146c12850d25dd40fbe22a0e45"
    "e18f965e517bd285be6f7f55289c6729972165dcb98c435710b852c7ea9d3e12b9")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.settimeout(5)
    s.connect(("127.0.0.1", int(sys.argv[1])))
    s.send(old)
    s.send(ping)
    pong = s.recv(2048)
    seen = s.getsockname()[1].to_bytes(2, "big") + socket.inet_aton("127.0.0.1")
sys.exit(not (pong[:2] == b"\x03\x02" and pong[3] & 0x1F == 10 and pong[40:46] == seen))
EOF
"$marvel" vpn status --state n2n --json >out
jq -e '.drops.replayed == 1' out >/dev/null || fail "an old stamp is refused"
kill "$program"
wait "$program" || fail "a super node of n2n that is stopped ends with 0"
grep -q insecure log || fail "it warns of its insecurity"
echo "marvel vpn: keys, certificates, mistakes"
