# shellcheck shell=bash disable=SC2154
# Stories of a client on a slow link, for those who can make one: links_test.sh with a proxy,
# netns_test.sh with the kernel. Sourced behind story.sh. The caller has two functions:
#   on_slow_link SERVER   from now on clients have 500 kB a second each way: four seconds for the model
#   on_fast_link          from now on nothing slows them down
slow_link_stories() {
  local a b
  "$here/plain_client.py" --zeros large.npz 500000  # 2 MB

  # A short deadline: the others go on without it, round after round.
  fresh
  server short --rounds 3 --min-available 2 --min-results 1 --round-deadline 2s --no-evaluate \
    --initial large.npz --checkpoint short
  on_slow_link short && client a 90 && a=$client_id
  on_fast_link && client b 2 && b=$client_id
  ends short "$server_id" 0
  ends b "$b" 0
  ends a "$a" 0
  fates short a 'late( late)*'
  fates short b 'merged merged merged'
  model_begins short 6
  echo "ok: a slow link is left behind"

  # A deadline that it can meet: nothing is lost.
  fresh
  server long --rounds 2 --min-available 2 --min-results 2 --round-deadline 60s --no-evaluate \
    --initial large.npz --checkpoint long
  on_slow_link long && client a 1 && a=$client_id
  on_fast_link && client b 3 && b=$client_id
  ends long "$server_id" 0
  ends a "$a" 0
  ends b "$b" 0
  fates long a 'merged merged'
  fates long b 'merged merged'
  model_begins long 4
  ledger long 2 a b
  trained_once a 2
  echo "ok: a slow link within the deadline"
}
