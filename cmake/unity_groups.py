#!/usr/bin/python3
"""Which sources can be compiled as one text: prints NUMBER FILE for each.

Sanitizer and fuzz builds and clang-tidy spend most of their time on the same templates in every
file. Files that have a name of their own in common, a helper `refusal` in each of two anonymous
namespaces, say, go to different groups. It reads names line by line, as the project's format puts them; what it does
not see is an error of the compiler, which UNITY_ALONE in the file's text keeps out of all groups.
"""
import os
import re
import sys

LINES = 1800  # of a group, at most: enough groups for all cores
OPEN, CLOSE = "namespace {", "}  // namespace"
ALIAS = re.compile(r"using (?:(\w+) = )?((?:\w+::)*(\w+).*);")
TYPE = re.compile(r"(?:template <.*> )?(?:struct|class|enum(?: class)?) (\w+)")
OTHER = re.compile(r"[^(={\[;]*?(\w+) ?(?:\(|=|\{|\[|;|$)")


def own_names(text):
    """{name: what it stands for} of anonymous namespaces, and of aliases, which may be the same."""
    names, inside = {}, False
    for line in text.splitlines():
        if line in (OPEN, CLOSE):
            inside = line == OPEN
        elif line.startswith(("namespace ", "using namespace ")) or not line[:1].isalpha():
            continue
        elif alias := ALIAS.match(line):
            names[alias[1] or alias[3]] = alias[2]
        elif inside and (found := TYPE.match(line) or OTHER.match(line)):
            if not found[1].isupper():  # TEST_CASE
                names[found[1]] = object()
    return names


def clash(names, others):
    return any(others.get(name, what) != what for name, what in names.items())


def grouped(files, most_lines):
    """Groups of the files that can stand in one text of at most so many lines, one file at least."""
    groups = []  # [files, lines, names]
    for file in files:
        with open(file) as source:
            text = source.read()
        names, lines = own_names(text), text.count("\n")
        alone = "UNITY_ALONE" in text
        for group in groups:
            if group[1] + lines <= most_lines and not alone and not clash(names, group[2]):
                break
        else:
            group = [[], most_lines if alone else 0, {}]
            groups.append(group)
        group[0].append(file)
        group[1] += lines
        group[2].update(names)
    return [group[0] for group in groups]


def main(files):
    sources = [file for file in files if file.endswith(".cpp") and os.path.exists(file)]  # the build makes some
    for number, group in enumerate(grouped(sources, LINES)):
        for file in group if len(group) > 1 else ():
            print(number, file)


if __name__ == "__main__":
    main(sys.argv[1:])
