#!/bin/bash
# marvel's own trainer in a federated run: three clients with unlike shares of a small data set.
#   data_test.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
started=()
clean_up() {
  for id in "${started[@]}"; do kill -9 "$id" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap clean_up EXIT
cd "$work"
export HOME=$work XDG_CONFIG_HOME=$work/xdg
python3 "$here/../compress/make_data.py" data 600 200

"$marvel" fedl server --address 127.0.0.1:0 --rounds 8 --min-available 3 --strategy fedprox \
  --proximal-mu 0.1 --checkpoint run --json --evaluate-data data --layers 64,16,4 --report run.html \
  >server.out 2>server.err &
server=$!
started+=("$server")
for ((i = 0; i < 100; ++i)); do
  grep -qs 'listening on port' server.err && break
  sleep 0.1
done
port=$(sed -n 's/.*listening on port \([0-9]*\).*/\1/p' server.err)
# As the seed's images start it: all from the environment.
for cid in 1 2 3; do
  CID=$cid SERVER_ADDRESS=127.0.0.1:$port NB_CLIENTS=3 EPOCHS=2 "$marvel" fedl client --data data \
    --layers 64,16,4 --lr 0.005 --batch-size 20 --deal dirichlet --alpha 0.5 --validation 0.2 >"$cid.out" 2>"$cid.err" &
  started+=("$!")
done
for id in "${started[@]}"; do
  wait "$id" || { echo "FAILED: $(tail -n 3 ./*.err)" >&2; exit 1; }
done
python3 - <<'EOF'
import json
rounds = json.load(open("server.out"))["rounds"]
accuracy = [r["evaluation"]["accuracy"] for r in rounds]
print("accuracy by round:", accuracy)
assert len(rounds) == 8 and accuracy[-1] > 0.9, accuracy
told = sum(c["examples"] for c in rounds[0]["clients"])
assert 480 <= told <= 483, rounds[0]  # 600 without the fifth that each client keeps back, rounded down
central = [r["central_evaluation"] for r in rounds]  # on all 200 test images, which nobody trains on
print("accuracy on the server's data:", [c["accuracy"] for c in central])
assert all(c["examples"] == 200 and c["clients"] == 0 for c in central), central
assert central[-1]["accuracy"] > 0.9 and central[-1]["loss"] < central[0]["loss"], central
for client in rounds[-1]["clients"]:
    assert client["accuracy"] > 0.8 and client["validation_accuracy"] > 0.5, client
page = open("run.html").read()
for figure in ("Training error", "Validation error", "Test error", "Model size"):
    assert figure in page, figure
EOF
echo "all well"
