#!/bin/bash
# marvel's own trainer in a federated run: three clients with unlike shares of a small data set.
#   data_test.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/federate/story.sh
. "$here/story.sh"
python3 "$here/../compress/make_data.py" data 600 200

server run --rounds 8 --min-available 3 --strategy fedprox --proximal-mu 0.1 --checkpoint run \
  --json --evaluate-data data --layers 64,16,4 --report run.html
# As the seed's images start it: all from the environment.
for cid in 1 2 3; do
  CID=$cid SERVER_ADDRESS=$host:$port NB_CLIENTS=3 EPOCHS=2 "$marvel" fedl client --data data \
    --layers 64,16,4 --lr 0.005 --batch-size 20 --deal dirichlet --alpha 0.5 --validation 0.2 >"$cid.out" 2>"$cid.err" &
  begun "$cid" "$!"
done
all_end
python3 - <<'EOF' || fail "the server's answer is wrong"
import json
rounds = json.load(open("run.out"))["rounds"]
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

"$marvel" compress eval run/model.npz --data data --latency-runs 10 --json >eval.json 2>eval.err ||
  fail "compress cannot evaluate run/model.npz: $(cat eval.err)"
python3 - <<'EOF' || fail "compress measures another model"
import json
central = json.load(open("run.out"))["rounds"][-1]["central_evaluation"]
told = json.load(open("eval.json"))
assert told["architecture"] == [64, 16, 4], told
assert abs(told["test_error_percent"] - 100 * (1 - central["accuracy"])) < 0.51, (told, central)
EOF

# The end of a run leaves model.pt, which is the same to compress and to plain PyTorch; so does an explicit command.
"$marvel" compress eval run/model.pt --data data --latency-runs 10 --json >script.json 2>script.err ||
  fail "compress cannot evaluate run/model.pt: $(cat script.err)"
"$marvel" compress inspect run/model.pt >inspect.out || fail "compress cannot inspect run/model.pt"
says inspect.out 'method: "federated"'
"$marvel" fedl export run/model.npz --out again.pt --json >export.json || fail "no model.pt of run/model.npz"
"$marvel" compress eval again.pt --data data --latency-runs 10 --json >again.json || fail "again.pt is no model"
python3 - <<'EOF' || fail "model.pt is another model"
import json
read = lambda name: json.load(open(name))
error = read("eval.json")["test_error_percent"]
assert read("script.json")["test_error_percent"] == read("again.json")["test_error_percent"] == error
assert read("run.out")["script_path"] == "run/model.pt", read("run.out")["script_path"]
assert read("export.json")["script_path"] == "again.pt", read("export.json")
EOF
if /usr/bin/python3 -c 'import numpy, torch' 2>/dev/null; then
  /usr/bin/python3 - <<'EOF' || fail "PyTorch reads another model.pt"
import json, numpy, torch
model = torch.jit.load("run/model.pt")
about = json.loads(model.marvel)
assert about["architecture"] == [64, 16, 4] and about["provenance"]["method"] == "federated", about
labels = numpy.fromfile("data/t10k-labels-idx1-ubyte", numpy.uint8, offset=8)
images = numpy.fromfile("data/t10k-images-idx3-ubyte", numpy.uint8, offset=16).reshape(len(labels), -1)
images = images.astype(numpy.float32) / 255
wrong = 100 * float((model(torch.from_numpy(images)).argmax(1).numpy() != labels).mean())
assert abs(wrong - json.load(open("eval.json"))["test_error_percent"]) < 1e-6, wrong
arrays = numpy.load("run/model.npz")
hidden = numpy.maximum(0, images @ arrays["arr_0"].T + arrays["arr_1"])
assert numpy.abs(model(torch.from_numpy(images)).numpy() - (hidden @ arrays["arr_2"].T + arrays["arr_3"])).max() < 1e-4
EOF
else
  echo "without PyTorch in Python: model.pt was read by marvel alone"
fi

[ "$failures" -eq 0 ] && echo "all well"
[ "$failures" -eq 0 ]
