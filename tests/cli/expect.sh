# Shared by the stories of commands; source it before the first cd, do not run it.
# shellcheck shell=bash
#
# A story has `marvel` (the program), `front` (an array: the words in front, as in (deploy images))
# and `fail MESSAGE`, and works in a folder of its own.

# Runs the command without input; its output is in the files out and err.
expect() {  # CODE WORDS...
  local wanted=$1 got=0
  shift
  # shellcheck disable=SC2154
  "$marvel" "${front[@]}" "$@" >out 2>err </dev/null || got=$?
  [ "$got" -eq "$wanted" ] ||
    fail "exit $got instead of $wanted: marvel ${front[*]} $* ($(tail -n 1 err))"
}
says() {  # FILE TEXT
  grep -qF -- "$2" "$1" || fail "no '$2' in $1: $(head -n 5 "$1")"
}
