// One fixed adaptor per shell: it hands the words to `marvel __complete` and shows what comes
// back. They hold no names of commands or flags, so they never grow stale.
#include "cli/completion.hpp"

namespace marvel::cli {
namespace {

// Bash splits words at '=', so --output=js arrives as three; they are glued together first, and
// candidates lose what stands before the '='.
constexpr const char* kBash = R"(# marvel completion for bash: source <(marvel completion bash)
_marvel() {
  local -a words=() replies=()
  local i word reply
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ ${#words[@]} -gt 0 && ($word == "=" || ${COMP_WORDS[i - 1]} == "=") ]]; then
      words[${#words[@]} - 1]+=$word
    else
      words+=("$word")
    fi
  done
  local current=${words[${#words[@]} - 1]}
  local name=${current#*=}
  COMPREPLY=()
  mapfile -t replies < <("${COMP_WORDS[0]}" __complete "${words[@]}" 2>/dev/null)
  for reply in "${replies[@]}"; do
    case $reply in
      :file) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$name") ;;
      :folder) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$name") ;;
      *)
        word=${reply%%$'\t'*}
        [[ $current == *=* ]] && word=${word#*=}
        COMPREPLY+=("$word")
        ;;
    esac
  done
  case ${replies[*]: -1} in
    :file | :folder) compopt -o filenames 2>/dev/null ;;
  esac
}
complete -F _marvel marvel
)";

constexpr const char* kZsh = R"(#compdef marvel
# marvel completion for zsh: source <(marvel completion zsh), or a file _marvel in $fpath
_marvel() {
  local -a replies candidates
  local reply files=''
  replies=("${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for reply in $replies; do
    case $reply in
      :file | :folder) files=$reply ;;
      *) candidates+=("${${reply%%$'\t'*}//:/\\:}:${reply#*$'\t'}") ;;
    esac
  done
  ((${#candidates})) && _describe 'marvel' candidates
  if [[ -n $files ]]; then
    [[ $words[CURRENT] == --*=* ]] && compset -P '*='
    [[ $files == :folder ]] && _files -/ || _files
  fi
}
if [[ $funcstack[1] == _marvel ]]; then
  _marvel "$@"
else
  compdef _marvel marvel
fi
)";

constexpr const char* kFish = R"(# marvel completion for fish: marvel completion fish | source
function __marvel_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for reply in ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
        switch $reply
            case :file
                __fish_complete_path "$current"
            case :folder
                __fish_complete_directories "$current"
            case '*'
                echo $reply
        end
    end
end
complete -c marvel -f -a '(__marvel_complete)'
)";

}  // namespace

Result<std::string> completion_script(const std::string& shell) {
  if (shell == "bash") {
    return kBash;
  }
  if (shell == "zsh") {
    return kZsh;
  }
  if (shell == "fish") {
    return kFish;
  }
  return fail(Errc::kUsage, "no completion for the shell '" + shell + "'",
              "choose bash, zsh or fish");
}

}  // namespace marvel::cli
