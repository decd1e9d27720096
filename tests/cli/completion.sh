#!/bin/bash
# TAB as the shells themselves do it: each loads the script that `marvel completion SHELL` prints and
# completes real command lines. Shells that are not installed are named and left out.
#   completion.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/runs"
ln -s "$marvel" "$work/bin/marvel"
touch "$work/runs/model.pt"
cd "$work"
export HOME=$work PATH=$work/bin:$PATH TERM=xterm

failures=0
check() {  # NAME GOT WANTED: every word of WANTED is in GOT
  local word
  for word in $3; do
    if ! grep -qF -- "$word" <<<"$2"; then
      echo "FAILED: $1: no '$word' in: $2" >&2
      failures=$((failures + 1))
    fi
  done
}

# --- bash: the words as readline would hand them over ---
in_bash() {  # WORDS...: prints the candidates for the last one
  bash --norc --noprofile -c '
    source <(marvel completion bash)
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _marvel
    printf "%s\n" "${COMPREPLY[@]}"' _ "$@"
}
check "bash command" "$(in_bash marvel compress tr)" train
check "bash flag" "$(in_bash marvel compress train --me)" "--method --memory-budget"
check "bash value" "$(in_bash marvel compress train --method "")" "none sp hp dynhp"
check "bash value behind =" "$(in_bash marvel --output = js)" json
check "bash file" "$(in_bash marvel compress inspect runs/mo)" runs/model.pt

# --- fish answers what it would offer ---
if command -v fish >/dev/null; then
  in_fish() { fish --no-config -c "marvel completion fish | source; complete -C '$1'" 2>&1; }
  check "fish command" "$(in_fish "marvel compress tr")" train
  check "fish flag" "$(in_fish "marvel compress train --me")" "--method --memory-budget"
  check "fish file" "$(in_fish "marvel compress inspect runs/mo")" runs/model.pt
else
  echo "left out: fish is not installed"
fi

# --- zsh completes only while somebody types, so a pseudo-terminal types ---
if command -v zsh >/dev/null; then
  cat >type.zsh <<'EOF'
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'autoload -Uz compinit; compinit -u -D; source <(marvel completion zsh); print re""ady >state'
while [[ ! -s state ]]; do sleep 0.05; done
zpty -w -n shell $'marvel compress tr\t--help >command\n'
zpty -w -n shell $'marvel regex -Hce x runs/mo\t>file\n'
zpty -w -n shell $'marvel --out\t yaml --version >flag\n'
zpty -w shell 'print done >end'
while [[ ! -s end ]]; do sleep 0.05; done
EOF
  timeout 60 zsh -f type.zsh || echo "zsh took too long" >&2
  check "zsh command" "$(cat command 2>&1)" "marvel compress train"
  check "zsh file" "$(cat file 2>&1)" "runs/model.pt:0"
  check "zsh flag" "$(cat flag 2>&1)" "schema:"
else
  echo "left out: zsh is not installed"
fi

[ "$failures" -eq 0 ] && echo "the shells complete"
