#!/bin/bash
# Do the style checks catch what they are for? Each gets a small project without fault, which it
# must accept, and the same with one fault, which it must refuse in the expected words.
set -euo pipefail
checks=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

# A project that every check accepts, in $scratch/project.
fresh_project() {
  rm -rf "$scratch/project"
  mkdir -p "$scratch/project"/{src/base,src/vpn,src/regex,tests/base,tests/vpn,tests/style}
  cd "$scratch/project"
  cp "$checks/../../.clang-format" .
  cp "$checks/layers.txt" tests/style/
  echo '# none' >tests/style/untested.txt
  printf '#include "base/tool.hpp"\n\n#include <vector>\n' >src/base/tool.cpp
  printf '#pragma once\n' | tee src/base/tool.hpp src/regex/dfa.hpp >src/vpn/peer.hpp
  printf '#include "vpn/peer.hpp"\n\n#include "base/tool.hpp"\n' >src/vpn/peer.cpp
  touch tests/base/tool_test.cpp tests/vpn/peer_test.cpp
  # shellcheck disable=SC2016
  printf '#!/bin/sh\necho "$1"\n' >start.sh
  echo 'Plain text about /usr/share.' >README.md
}

# $1: check. It must accept the project as it is.
accepts() {
  local output
  if ! output=$("$checks/$1.sh" "$scratch/project" 2>&1); then
    echo "FAILED: $1 refuses a good project: $output"
    failures=$((failures + 1))
  fi
}

# $1: check; $2: what its output must hold. It must refuse the project with exit code 1.
refuses() {
  local output status=0
  output=$("$checks/$1.sh" "$scratch/project" 2>&1) || status=$?
  if [ "$status" -ne 1 ] || [[ $output != *"$2"* ]] || [[ $output != *"What to do:"* ]]; then
    echo "FAILED: $1 must refuse with '$2'; exit code $status, output: $output"
    failures=$((failures + 1))
  fi
}

for check in format spelling layers shell tests words; do
  case $check in
    format) tool=clang-format-19 ;;
    spelling) tool=codespell ;;
    shell) tool=shellcheck ;;
    *) tool=bash ;;
  esac
  if ! command -v "$tool" >/dev/null; then
    echo "skipped: $tool is not installed"
    exit 77
  fi
  fresh_project
  accepts "$check"
done

fresh_project && printf 'int  x ;\n' >>src/base/tool.cpp
refuses format "src/base/tool.cpp: not formatted"

fresh_project && echo 'We receive it.' >>README.md
accepts spelling
printf 'We reci%s it.\n' eve >>README.md
refuses spelling "README.md:3"

fresh_project && echo '#include "vpn/peer.hpp"' >>src/base/tool.cpp
refuses layers "src/base/tool.cpp:4: base may not include vpn"
fresh_project && echo '#include "regex/dfa.hpp"' >>src/vpn/peer.cpp
refuses layers "src/vpn/peer.cpp:4: vpn may not include regex"
fresh_project && echo '#include "peer.hpp"' >>src/vpn/peer.cpp
refuses layers 'must be written from src/, as in "vpn/peer.hpp"'
fresh_project && echo '#include <torch/torch.h>' >>src/vpn/peer.cpp
refuses layers "<torch/torch.h> belongs to: model/torch.hpp"
fresh_project && mkdir src/cli && echo '#include <CLI/CLI.hpp>' >src/cli/bind.hpp
refuses layers "src/cli/bind.hpp:1: <CLI/CLI.hpp> must not stand in a header"
fresh_project && mkdir src/misc && echo '#pragma once' >src/misc/all.hpp
refuses layers "folder misc has no line in layers.txt"

# shellcheck disable=SC2016
fresh_project && echo 'echo $1' >>start.sh
refuses shell "start.sh:3"
# shellcheck disable=SC2016
fresh_project && mkdir tools && printf '#!/usr/bin/env bash\necho $1\n' >tools/shape
refuses shell "tools/shape:2"
fresh_project && echo 'seq 9 | gr''ep -aqE 1 || grep -q 1 README.md' >>start.sh
refuses shell "start.sh:3: a pipe ends in grep -q"
fresh_project && echo 'grep -q 1 start.sh || grep -q 1 README.md || seq 9 | grep -v q' >>start.sh
accepts shell

fresh_project && rm tests/vpn/peer_test.cpp
refuses tests "src/vpn/peer.cpp:1: has no test file"
echo 'src/vpn/peer.cpp a reason' >>tests/style/untested.txt
accepts tests
touch tests/vpn/peer_test.cpp
refuses tests "src/vpn/peer.cpp:1: has a test; delete its line"
fresh_project && echo 'src/gone.cpp a reason' >>tests/style/untested.txt
refuses tests "src/gone.cpp does not exist"

for word in "see /wo""rk/notes" "from ../sha""red/data" "cd /ro""ot/x" "in /ho""me/anna/x"; do
  fresh_project && echo "$word" >>README.md
  refuses words "README.md:2: a path that exists on one machine only"
done
fresh_project && echo "// TO""DO tidy this" >>src/base/tool.cpp
refuses words "src/base/tool.cpp:4: a note without issue or name"
fresh_project && echo "// TO""DO(#7): tidy this" >>src/base/tool.cpp
accepts words

[ "$failures" -eq 0 ] || exit 1
echo "Every style check accepts the good project and refuses the bad ones."
