#!/bin/bash
# What marvel deploy and marvel taint say to a cluster, and to people, with a stand-in for the API
# server: secrets, consent, exit codes, the way back.
#   deploy_cluster.sh MARVEL
set -euo pipefail
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
exec python3 "$(dirname "${BASH_SOURCE[0]}")/deploy_cluster.py" "$(realpath "$1")"
