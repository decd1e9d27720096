#!/usr/bin/python3
"""Which sources of a target can be compiled as one text: prints NUMBER FILE for each.

Sanitizer and fuzz builds spend most of their time on the same templates in every file. Files that
have a name of their own in common, a helper `refusal` in each of two anonymous namespaces, say, go
to different groups. It reads names line by line, as the project's format puts them; what it does
not see is an error of the compiler, which UNITY_ALONE in the file's text keeps out of all groups.
"""
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


def main(files):
    groups = []  # (lines, names, number)
    for file in files:
        try:
            with open(file) as source:
                text = source.read()
        except FileNotFoundError:  # made by the build
            continue
        if "UNITY_ALONE" in text or not file.endswith(".cpp"):
            continue
        names, lines = own_names(text), text.count("\n")
        for number, group in enumerate(groups):
            if group[0] + lines <= LINES and not clash(names, group[1]):
                break
        else:
            number, group = len(groups), [0, {}]
            groups.append(group)
        group[0] += lines
        group[1].update(names)
        print(number, file)


main(sys.argv[1:])
