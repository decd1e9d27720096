#!/bin/bash
# marvel and real Flower: unmodified clients of both protocols in one run on one port, and marvel's
# client with Flower's own servers. tools/flwr-venvs makes what this needs.
#   flwr_test.sh MARVEL
# MARVEL_FLWR names the folder of environments, build/flwr of the source tree if it is not set.
set -euo pipefail

marvel=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venvs=${MARVEL_FLWR:-$here/../../build/flwr}
for version in 0.17.0 1.8.0 1.26.1; do
  [ -x "$venvs/$version/bin/python" ] ||
    { echo "skipped: no flwr $version; tools/flwr-venvs gets it where pip can"; exit 77; }
done
venvs=$(realpath "$venvs")
# shellcheck source=tests/federate/story.sh
. "$here/story.sh"
export FLWR_TELEMETRY_ENABLED=0
begin() {  # NAME COMMAND...
  local name=$1
  shift
  "$@" >"$name.out" 2>"$name.err" &
  begun "$name" "$!"
}

# --- three releases, and marvel's own client, in one run; none of them gets messages in parts ---
MARVEL_TESTING_CHUNK=64 server mixed --rounds 3 --min-available 3 --checkpoint run --json
cid=0
for version in 0.17.0 1.8.0 1.26.1; do
  cid=$((cid + 1))
  begin "client-$version" "$venvs/$version/bin/python" "$here/flwr_peer.py" client "$host:$port" $cid
done
all_end
# A mean of 1, 2 and 3 with weights 10, 20 and 30 is 7/3 per round; whole numbers are rounded.
"$venvs/0.17.0/bin/python" - <<'EOF' || fail "the model of the mixed run is wrong"
import json
import numpy
with numpy.load("run/model.npz") as model:
    arrays = [model[f"arr_{i}"] for i in range(5)]
assert [a.dtype.name for a in arrays] == ["float32", "float64", "int64", "float32", "float16"], arrays
assert [a.shape for a in arrays] == [(3, 2), (4,), (), (0, 3), (2, 2)], arrays
assert abs(arrays[0] - 7).max() < 1e-6 and abs(arrays[1] - 7).max() < 1e-12, arrays
assert arrays[2] == 6 and abs(arrays[4] - 7).max() < 0.02, arrays
answer = json.load(open("mixed.out"))
assert all(r["merged"] == 3 and r["evaluation"]["clients"] == 3 for r in answer["rounds"]), answer
EOF

# --- a client as deliverable D3.2 has it for 0.17 (no config, no metrics), named by nothing but its address ---
fresh
server listing --rounds 6 --min-available 2 --checkpoint listing --json
for cid in 1 2; do
  begin "listing-$cid" "$venvs/0.17.0/bin/python" "$here/flwr_listing.py" --cid $cid \
    --server_address "$host:$port" --nb_clients 2 --epochs 5
done
all_end
python3 - <<'EOF' || fail "clients without config do not learn"
import json
rounds = json.load(open("listing.out"))["rounds"]
assert len(rounds) == 6 and all(r["merged"] == 2 and r["evaluation"]["clients"] == 2 for r in rounds), rounds
accuracy = [r["evaluation"]["accuracy"] for r in rounds]
print("accuracy of clients without config:", accuracy)
assert accuracy[-1] > 0.95 and rounds[-1]["evaluation"]["loss"] < rounds[0]["evaluation"]["loss"], rounds
assert [c["examples"] for c in rounds[0]["clients"]] == [100, 100], rounds[0]
EOF

# --- TLS with Flower's clients, which know the server by its root certificate and have none of their own ---
if ! command -v openssl >/dev/null; then
  echo "SKIPPED: no openssl, so no TLS with Flower's clients"
else
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=ca \
    -keyout ca.key -out ca.pem 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=localhost" \
    -keyout server.key -out server.csr 2>/dev/null
  openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
    -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1") -out server.pem 2>/dev/null
  fresh
  server tls --rounds 3 --min-available 2 --checkpoint tls --json --tls-cert server.pem --tls-key server.key
  cid=0
  for version in 1.8.0 1.26.1; do
    cid=$((cid + 1))
    begin "tls-$version" "$venvs/$version/bin/python" "$here/flwr_peer.py" client "$host:$port" $cid ca.pem
  done
  all_end
  [ "$(grep -c '"merged": 2' tls.out)" -eq 3 ] || fail "not all was merged over TLS"
  # Whoever has another root goes away, and the server stays.
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=other \
    -keyout other.key -out other.pem 2>/dev/null
  fresh
  server roots --rounds 1 --min-available 1 --checkpoint roots --tls-cert server.pem --tls-key server.key
  code=0
  timeout 60 "$venvs/1.8.0/bin/python" "$here/flwr_peer.py" client "$host:$port" 1 other.pem \
    >wrong.out 2>wrong.err || code=$?
  [ "$code" -ne 0 ] || fail "a client took a certificate of an unknown root"
  begin right "$venvs/1.8.0/bin/python" "$here/flwr_peer.py" client "$host:$port" 1 ca.pem
  all_end
fi

# --- messages in parts: bare clients that join them, that do not, and hostile ones ---
"$here/plain_client.py" --zeros zeros.npz
fresh
MARVEL_TESTING_CHUNK=64 server parts --min-available 5 --initial zeros.npz
timeout 100 "$venvs/1.26.1/bin/python" "$here/parts_peer.py" "$host:$port" 64 ||
  fail "messages in parts: $(tail -n 5 parts.err)"
slay parts "$server_id"

# --- marvel's client with Flower's servers ---
first=$((20000 + RANDOM % 10000))
for version in 0.17.0 1.8.0 1.26.1; do
  fresh
  first=$((first + 1))
  port=$first
  begin "flower-$version" "$venvs/$version/bin/python" "$here/flwr_peer.py" server "$host:$port" 2
  for step in 1 3; do
    STEP=$step begin "to-$version-$step" "$marvel" fedl client --cid $step \
      --server-address "$host:$port" --exec "$here/plain_client.py" --give-up 60s
  done
  all_end
  if [ "$(grep -c '^model' "flower-$version.out")" -ne 3 ] || ! grep -q '^model 6' "flower-$version.out"; then
    fail "Flower $version made: $(cat "flower-$version.out")"
  fi
done

[ "$failures" -eq 0 ] && echo "all well"
[ "$failures" -eq 0 ]
