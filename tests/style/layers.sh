#!/bin/bash
# Does every include under src/ point downwards, and does each library stay in its place?
# The table is layers.txt, of ROOT if it has one.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

table=$style_dir/layers.txt
[ ! -f tests/style/layers.txt ] || table=tests/style/layers.txt
mapfile -t files < <(project_files 'src/*.cpp' 'src/*.hpp')
need_files ${#files[@]}

findings=$(awk '
  # Whether any of the words in `places` covers `file` (a path below src/).
  function covers(places, file,    words, count, i) {
    count = split(places, words, " ")
    for (i = 1; i <= count; ++i)
      if (file == words[i] || index(file, words[i] "/") == 1) return 1
    return 0
  }
  function report(what) { printf "%s:%d: %s\n", FILENAME, FNR, what }

  FNR == NR {  # the table comes first
    if ($1 == "layer" || $1 == "library") {
      name = $2; sub(/:$/, "", name)
      places = $0; sub(/^[^:]*: */, "", places); sub(/^[^:]*:$/, "", places)
      if ($1 == "layer") { layer[name] = places; known[name] = 1 } else library[name] = places
    } else if ($1 == "source-only") source_only[$2] = 1
    next
  }

  FNR == 1 {
    file = FILENAME; sub(/^src\//, "", file)
    folder = file; sub(/\/.*/, "", folder)
    if (!(folder in known)) report("folder " folder " has no line in layers.txt")
  }

  /^[ \t]*#[ \t]*include[ \t]*"/ {
    target = $0; sub(/^[^"]*"/, "", target); sub(/".*/, "", target)
    if (target !~ /\//) { report("\"" target "\" must be written from src/, as in \"" folder "/" target "\""); next }
    sub(/\/.*/, "", target)
    if (target != folder && !covers(layer[folder], target))
      report(folder " may not include " target " (it may: " layer[folder] ")")
  }

  /^[ \t]*#[ \t]*include[ \t]*</ {
    header = $0; sub(/^[^<]*</, "", header); sub(/>.*/, "", header)
    for (name in library)
      if (index(header, name) == 1 && !covers(library[name], file))
        report("<" header "> belongs to: " (library[name] == "" ? "tests only" : library[name]))
    for (name in source_only)
      if (index(header, name) == 1 && file ~ /\.hpp$/)
        report("<" header "> must not stand in a header")
  }' "$table" "${files[@]}")
conclude "$findings" "move the code to the folder that may, pass plain data instead, or hide the \
library behind one .cpp; the table is tests/style/layers.txt"
