# shellcheck shell=bash disable=SC2034,SC2154
# What stories of fedl's processes share. Sourced with $marvel and $here set; the working folder is
# then one of its own that goes at the end, with all processes that were begun.
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
work=$(mktemp -d)
started=()
clean_up() {
  for id in "${started[@]}"; do kill -9 "$id" 2>/dev/null || true; done
  wait
  if declare -F clean_more >/dev/null; then clean_more; fi  # of the story itself
  rm -rf "$work"
}
trap clean_up EXIT
cd "$work" || exit 1
export HOME=$work XDG_CONFIG_HOME=$work/xdg TMPDIR=$work
unset CID SERVER_ADDRESS NB_CLIENTS EPOCHS

failures=0
fail() {
  echo "FAILED: $1" >&2
  failures=$((failures + 1))
}
# Whether $marvel is built with a sanitizer, which needs much memory itself and must be loaded first.
is_sanitized() { grep -qaE '__(asan|tsan)_init' "$marvel"; }
says() { grep -qE -- "$2" "$1" || fail "no '$2' in $1: $(tail -n 5 "$1")"; }

# A story may put words in front of its processes, as ip netns exec NAME, and choose the address.
in_server=()
in_client=()
host=127.0.0.1

# begun NAME ID: a process of the story whose messages go to NAME.err.
running=()
begun() {
  running+=("$1=$2")
  started+=("$2")
}
# server NAME WORDS...: begins one; its id is in server_id, its messages in NAME.err. $port is
# taken from the first one, so that clients find the second one there too.
port=0
server() {
  local name=$1
  shift
  "${in_server[@]}" "$marvel" fedl server --address "$host:$port" "$@" >"$name.out" 2>"$name.err" &
  server_id=$!
  begun "$name" "$server_id"
  for ((i = 0; i < 600; ++i)); do  # LibTorch alone takes ten seconds to load on a machine that is busy
    grep -qs 'listening on port' "$name.err" && break
    kill -0 "$server_id" 2>/dev/null || break
    sleep 0.1
  done
  port=$(sed -n 's/.*listening on port \([0-9]*\).*/\1/p' "$name.err")
  [ -n "$port" ] || { fail "server $name does not listen: $(cat "$name.err")"; exit 1; }
}
# client CID STEP [WORDS...]: its id is in client_id; trained rounds go to CID.ledger.
client() {
  local cid=$1 step=$2
  shift 2
  STEP=$step LEDGER=$work/$cid.ledger BEGUN=$work/$cid.begun "${in_client[@]}" "$marvel" fedl client --cid "$cid" \
    --server_address "$host:$port" --exec "$here/plain_client.py" "$@" >"$cid.out" 2>"$cid.err" &
  client_id=$!
  begun "$cid" "$client_id"
}
# fresh: nothing is left of what went before, and the next server takes a port of its own.
fresh() {
  rm -f ./*.ledger ./*.begun
  running=()
  port=0
}
# slay NAME ID: kills a process; nobody expects a good end of it any more.
slay() {
  local each others=()
  kill -9 "$2"
  wait "$2" 2>/dev/null || true
  for each in "${running[@]}"; do
    [ "$each" = "$1=$2" ] || others+=("$each")
  done
  running=("${others[@]}")
}
# ends NAME ID CODE: waits for the end of a process.
ends() {
  local code=0
  wait "$2" || code=$?
  [ "$code" -eq "$3" ] || fail "$1 ended with $code instead of $3: $(tail -n 3 "$1.err")"
}
# all_end: all that were begun since the last `fresh` end well.
all_end() {
  local each
  for each in "${running[@]}"; do
    ends "${each%%=*}" "${each#*=}" 0
  done
}
lines_reach() {  # COUNT FILE...: waits until each file has so many lines
  local count=$1 file
  shift
  for file in "$@"; do
    for ((i = 0; i < 1200; ++i)); do
      [ ! -e "$file" ] || [ "$(wc -l <"$file")" -lt "$count" ] || continue 2
      sleep 0.05
    done
    fail "$file does not get $count lines"
  done
}
appears() {  # SECONDS FILE WHAT: waits so long for it; WHAT is said when it does not come
  local i
  for ((i = 0; i < 20 * $1; ++i)); do
    [ ! -e "$2" ] || return 0
    sleep 0.05
  done
  fail "$3: no $2 within $1 s"
}
model_begins() {  # FOLDER VALUE: as model_is, of a large one
  local seen
  seen=$("$here/plain_client.py" --show "$1/model.npz" | cut -c1-40)
  case $seen in "$2.0 $2.0 $2.0 "*) ;; *) fail "the model of $1 begins with $seen instead of $2" ;; esac
}
model_is() {  # FOLDER VALUE
  local seen
  seen=$("$here/plain_client.py" --show "$1/model.npz")
  [ "$seen" = "$2.0 $2.0 $2.0 $2.0" ] || fail "the model of $1 is $seen instead of $2"
}
# fates FOLDER CLIENT FATES: what the ledger says became of it, in each round in which it was asked;
# FATES is an extended regular expression.
fates() {
  local seen
  seen=$(python3 - "$1/rounds.jsonl" "$2" <<'END'
import json, sys
rounds = [json.loads(line) for line in open(sys.argv[1]) if line.strip()]
assert [r["round"] for r in rounds] == list(range(1, len(rounds) + 1)), [r["round"] for r in rounds]
print(" ".join(c["fate"] for r in rounds for c in r["clients"] if c["client"] == sys.argv[2]))
END
  ) || fail "the ledger of $1 does not have each round once"
  [[ $seen =~ ^($3)$ ]] || fail "client $2 in the ledger of $1: '$seen' instead of '$3'"
}
# ledger FOLDER ROUNDS CLIENT...: each client was merged once in each round, and the sums agree.
ledger() {
  python3 - "$@" <<'END' || fail "the ledger of $1 is wrong"
import json, sys
folder, rounds, clients = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
state = json.load(open(folder + "/state.json"))
assert state["round"] == rounds, state
for name in clients:
    row = state["clients"][name]
    assert row["merged"] == rounds and row["last_merged"] == rounds, (name, row)
assert sum(row["merged"] for row in state["clients"].values()) == rounds * len(clients), state
END
}
trained_once() {  # CLIENT ROUNDS: it did each round's work once
  local wanted
  wanted=$(seq "$2" | tr '\n' ' ')
  [ "$(sort -n "$1.ledger" | tr '\n' ' ')" = "$wanted" ] ||
    fail "client $1 trained the rounds $(tr '\n' ' ' <"$1.ledger")"
}
