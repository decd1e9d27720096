#!/bin/bash
# Runs of marvel's own trainer that end with another model than they began with, or keep a part of it
# at the client: federated DynHP, differential privacy, personal layers. Small data, real processes.
#   shrink_test.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/federate/story.sh
. "$here/story.sh"
python3 "$here/../compress/make_data.py" data 600 200

# run NAME SERVER-FLAGS -- CLIENT-FLAGS: two clients, to the end; NAME.out is the server's answer.
run() {
  local name=$1 flags=() cid
  shift
  while [ "$1" != -- ]; do
    flags+=("$1")
    shift
  done
  shift
  fresh
  server "$name" --min-available 2 --json "${flags[@]}"
  for cid in 1 2; do
    "$marvel" fedl client --cid "$cid" --nb-clients 2 --server-address "$host:$port" --data data \
      --layers 64,16,4 --lr 0.005 --batch-size 20 "$@" ${personal:+--local-model "$cid.npz"} \
      >"$name.$cid.out" 2>"$name.$cid.err" &
    begun "$name.$cid" "$!"
  done
  all_end
}

personal=
run vote --rounds 10 --strategy dynhp --checkpoint run --evaluate-data data -- --model l0mlp --lambda 0.5 --gate-lr 0.1 --epochs 3 \
  --warmup-rounds 2
# Encoded updates of a model that shrinks, and clients that the server has forgotten after a restart.
gates=(--model l0mlp --lambda 0.5 --gate-lr 0.1 --epochs 3)
run coded --rounds 6 --strategy dynhp --checkpoint coded --update-encoding int8 -- "${gates[@]}" --warmup-rounds 2
run again --rounds 9 --strategy dynhp --checkpoint coded --update-encoding int8 --resume -- "${gates[@]}"
run private --rounds 20 --dp-clip 1 --dp-noise 2 --dp-target-epsilon 8 -- --model mlp
personal=yes
run local --rounds 3 -- --model mlp --local-layers 'layer2.*'
rm 1.npz 2.npz
run ditto --rounds 3 -- --model mlp --ditto 0.5
unset personal

python3 - <<'PYTHON' || fail "what became of the models is wrong"
import json
import zipfile

def rounds(name):
    return json.load(open(name + ".out"))["rounds"]

vote = rounds("vote")
sizes = [r["parameters"] for r in vote]
print("size by round:", sizes)
assert sizes[0] == 64 * 16 + 16 + 64 + 16 * 4 + 4 + 16, sizes
assert sizes[-1] < 0.8 * sizes[0] and sizes == sorted(sizes, reverse=True), sizes
assert vote[-1]["bytes_up"] < vote[0]["bytes_up"] and vote[-1]["bytes_down"] < vote[0]["bytes_down"]
assert vote[-1]["evaluation"]["accuracy"] > 0.8, vote[-1]["evaluation"]
central = vote[-1]["central_evaluation"]  # of the shrunken model, whose network the server was not told
assert central["examples"] == 200 and central["accuracy"] > 0.8, central

coded = rounds("again")
sizes = [r["parameters"] for r in coded]
print("size by round, encoded:", sizes)
assert len(coded) == 9 and sizes[5] < sizes[0] and sizes == sorted(sizes, reverse=True), sizes
assert all(r["merged"] == 2 for r in coded), [r["merged"] for r in coded]

private = json.load(open("private.out"))
assert 0 < private["privacy"]["epsilon"] <= 8 and private["rounds_done"] < 20, private["privacy"]
assert "would exceed --dp-target-epsilon" in private["stop_reason"], private["stop_reason"]

local = rounds("local")
assert local[-1]["parameters"] == 64 * 16 + 16, local[-1]
assert len(zipfile.ZipFile("1.npz").namelist()) == 4  # of ditto: the whole model
PYTHON

# The shrunken model is one that compress reads: the same accuracy as the server has measured.
"$marvel" compress eval run/model.npz --data data --latency-runs 10 --json >eval.json 2>eval.err ||
  fail "compress cannot evaluate run/model.npz: $(cat eval.err)"
"$marvel" compress inspect run/model.npz >inspect.out || fail "compress cannot inspect run/model.npz"
says inspect.out 'architecture_dense'
"$marvel" compress eval run/model.pt --data data --latency-runs 10 --json >script.json 2>eval.err ||
  fail "compress cannot evaluate run/model.pt: $(cat eval.err)"
python3 - <<'PYTHON' || fail "compress measures another model"
import json
central = json.load(open("vote.out"))["rounds"][-1]["central_evaluation"]
told = json.load(open("eval.json"))
print("test error of the shrunken model:", told["test_error_percent"])
assert abs(told["test_error_percent"] - 100 * (1 - central["accuracy"])) < 0.51, (told, central)
assert json.load(open("script.json"))["test_error_percent"] == told["test_error_percent"]
PYTHON
[ -z "$(find . -name 'marvel-??????')" ] || fail "a temporary folder is left"

# Other layers than the server was told are noticed before any training.
fresh
server wrong --rounds 3 --min-available 1 --checkpoint wrong --evaluate-data data --layers 64,8,4
"$marvel" fedl client --cid 1 --server-address "$host:$port" --data data --layers 64,16,4 --give-up 3s \
  >wrong.1.out 2>wrong.1.err &
begun wrong.1 "$!"
ends wrong "$server_id" 2
says wrong.err 'the model has the layers 64,16,4, not 64,8,4 as in --layers'
[ ! -e wrong/model-1.npz ] || fail "a round was trained with wrong layers"

# What excludes each other is refused before any work.
for flags in '--dp-clip 1' '--dp-clip 1 --dp-noise 1 --strategy nus' '--dp-target-epsilon 1'; do
  # shellcheck disable=SC2086
  "$marvel" fedl server $flags >refused 2>&1 && fail "accepted $flags"
  says refused 'dp-'
done
for flags in '--local-layers x --ditto 1' '--local-model x'; do
  # shellcheck disable=SC2086
  "$marvel" fedl client --cid 1 --server-address 127.0.0.1:9 --data data --layers 64,16,4 $flags \
    >refused 2>&1 && fail "accepted $flags"
  says refused local
done

[ "$failures" -eq 0 ] && echo "all well"
[ "$failures" -eq 0 ]
