#!/bin/bash
# Clients that tell something before the draw of a round, over real sockets: their loss (probe) or the
# size of an update they keep (post), among them one that knows nothing of it.
#   nus_test.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/federate/story.sh
. "$here/story.sh"
nus=(--strategy nus --no-evaluate --json)

# --- probe: six clients tell their loss, two of them train ---
fresh
server probe "${nus[@]}" --rounds 3 --min-available 6 --clients-per-round 2 --nus-mode probe
for cid in 1 2 3 4 5 6; do client "$cid" "$cid" --json; done
all_end
python3 - <<'PYTHON' || fail "the rounds of probe are wrong"
import json
rounds = json.load(open("probe.out"))["rounds"]
for r in rounds:
    assert r["probed"] == 6 and r["merged"] == 2, r
    assert len(r["nus"]) == 6 and abs(sum(row["probability"] for row in r["nus"]) - 2) < 1e-9, r["nus"]
    keys = {"client", "weight", "norm", "loss", "variance", "staleness", "rarity", "score", "probability",
            "availability", "response", "correction", "since_merge", "draw"}
    assert all(set(row) == keys for row in r["nus"]), r["nus"]
    for row in r["nus"]:
        product = 1
        for factor in ("weight", "norm", "loss", "variance", "staleness", "rarity"):
            product *= row[factor]
        assert abs(product - row["score"]) < 1e-9 * row["score"] and row["draw"] == 1, row
        wanted = min(10, 1 / (row["probability"] * max(0.2, row["response"])))
        assert abs(row["correction"] - wanted) < 1e-9, row
assert sum(json.load(open(f"{cid}.out"))["evaluations"] for cid in range(1, 7)) == 18
PYTHON

# --- probe in turn, and coins ---
fresh
server turn "${nus[@]}" --rounds 4 --min-available 6 --clients-per-round 2 --nus-mode probe \
  --nus-probes 3 --nus-sampling poisson
for cid in 1 2 3 4 5 6; do client "$cid" "$cid" --json; done
all_end
python3 - <<'PYTHON' || fail "not three are asked in turn"
import json
rounds = json.load(open("turn.out"))["rounds"]
assert [r["probed"] for r in rounds] == [3] * 4, [r["probed"] for r in rounds]
PYTHON

# --- post: all train, the large update is fetched; nothing is trained twice ---
fresh
server post "${nus[@]}" --rounds 4 --min-available 6 --clients-per-round 2 --nus-mode post
for cid in 1 2 3 4 5; do client "$cid" 0.001; done
client 6 50
all_end
python3 - <<'PYTHON' || fail "the rounds of post are wrong"
import json
rounds = json.load(open("post.out"))["rounds"]
for r in rounds:
    fates = [c["fate"] for c in r["clients"]]
    assert fates.count("merged") == 2 and fates.count("reported") == 4, fates
    six = next(row for row in r["nus"] if row["client"] == "6")
    assert abs(six["norm"] - 50) < 1e-3 and six["probability"] == 1, six
    assert next(c for c in r["clients"] if c["client"] == "6")["fate"] == "merged", r
down = [r["bytes_down"] for r in rounds]
assert len(set(down)) == 1 and down[0] == 6 * (128 + 16), down  # one model for each, none for the upload
PYTHON
for cid in 1 2 3 4 5 6; do
  [ "$(tr '\n' ' ' <"$cid.ledger")" = "1 2 3 4 " ] ||
    fail "client $cid trained $(tr '\n' ' ' <"$cid.ledger")"
done

# --- post: the server is killed between the reports and the uploads, and resumed ---
words=("${nus[@]}" --rounds 2 --min-available 3 --clients-per-round 1 --nus-mode post --checkpoint run)
fresh
server first "${words[@]}"
for cid in 1 2; do client "$cid" 1; done
WORK=3 client 3 1
lines_reach 1 1.ledger 2.ledger
slay first "$server_id"
server second "${words[@]}" --resume
all_end
python3 - <<'PYTHON' || fail "the rounds of the resumed run are wrong"
import json
rounds = json.load(open("second.out"))["rounds"]
assert len(rounds) == 2 and all(r["merged"] == 1 for r in rounds), rounds
PYTHON
for cid in 1 2 3; do
  [ "$(tr '\n' ' ' <"$cid.ledger")" = "1 2 " ] ||
    fail "client $cid trained $(tr '\n' ' ' <"$cid.ledger")"
done

# --- memory: clients that change alike each time have news only once ---
fresh
server memory "${nus[@]}" --rounds 9 --min-available 3 --clients-per-round 1 --nus-memory
for cid in 1 2 3; do client "$cid" "$cid"; done
all_end
python3 - <<'PYTHON' || fail "the norms with memory are not those of what is new"
import json
merged = {}
for r in json.load(open("memory.out"))["rounds"]:
    for row in r["nus"]:
        times = merged.get(row["client"], 0)
        wanted = float(row["client"]) * 0.8 ** (times - 1)
        assert times == 0 or abs(row["norm"] - wanted) < 1e-3, (row, times)
    for c in r["clients"]:
        merged[c["client"]] = merged.get(c["client"], 0) + (c["fate"] == "merged")
assert max(merged.values()) > 1 and sum(merged.values()) == 9, merged
PYTHON

[ "$failures" -eq 0 ] && echo "all well"
[ "$failures" -eq 0 ]
