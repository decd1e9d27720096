"""Holds marvel against Python, on a table and on random input:
  - types of plain scalars                      PyYAML's safe_load
  - what `deploy render` writes                 PyYAML's safe_load
  - `deploy render --compat karvdash`           safe_dump_all and string.Template, byte for byte

against_python.py MARVEL FOLDER [SEED]   FOLDER is for scratch files
"""

import datetime
import json
import math
import os
import random
import string
import subprocess
import sys

import yaml

marvel, folder = sys.argv[1:3]
seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
rng = random.Random(seed)
failures = 0

WORDS = ["a", "kafka", "$NAME", "${NAME}", "${HOSTNAME##*-}", "$$", "$", "${", "$1", "$NAMEX", "${name}",
         "${ NAME }", "$(x)", "$((1 + ${SERVERS}))", "3", "0644", "yes", "no", "on", "y", "null", "~",
         "1e3", "1.5", ".5", "12:30", "-", "- a", "a: b", "a:", ":a", "#x", "a #b", "'", '"', "\\", "{x}",
         "[1]", ",", "&a", "*a", "!t", "|", ">", "%", "@", "`", "=", "<<", "?", "? a", "---", "...",
         "--- a", "\t", "\u00e9", "\u4e2d\u6587", "\U0001f600", "\u2028", "\u0085", "\u00a0", "0x1F",
         "0b11", "1_000", "+5", ".inf", "-.INF", ".nan", "2022-06-30", "T", "http://x/y?z=1&w=2", "/etc"]


def fail(what):
    global failures
    failures += 1
    if failures <= 12:
        print("FAILED (seed %d): %s" % (seed, what), file=sys.stderr)


def text():
    glue = rng.choice([" ", "", "\n", " ", "  ", " \n", "\n ", "\n\n", ": "])
    count = rng.choice([0, 1, 1, 1, 2, 3, 5, 30])
    out = glue.join(rng.choice(WORDS) for _ in range(count))
    return out if rng.random() < 0.8 else out + rng.choice(["\n", " ", "\n\n", "\t"])


def value(depth):
    kind = rng.random()
    if depth > 0 and kind < 0.25:
        return {key: value(depth - 1) for key in {text() for _ in range(rng.randrange(5))}}
    if depth > 0 and kind < 0.45:
        return [value(depth - 1) for _ in range(rng.randrange(4))]
    if kind < 0.6:
        return rng.choice([0, 3, -7, 1.5, 1e20, 1e-7, 123456.789, True, False, None, 10**15, 1e16,
                           -0.0, 2**70])
    return text()


class Refused(Exception):
    """marvel said that readers do not agree on this source."""


def run(*words):
    done = subprocess.run([marvel, "deploy", "render", *words], capture_output=True)
    if b"before the closing quote" in done.stderr:
        raise Refused
    if done.returncode != 0:
        fail("exit %d: %s: %s" % (done.returncode, words, done.stderr.decode()))
    return done.stdout.decode()


def store(name, content):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(content)
    return path


def source_of(document):
    """One of the ways to write a document."""
    if any(c in str([document]) or c in json.dumps(document) for c in ("\\x85", "u2028", "u0085")):
        # YAML 1.1 takes these two for line ends, others do not: only escapes say the same to all.
        return yaml.safe_dump(document, default_style='"')
    if rng.random() < 0.3:
        # JSON's surrogate pairs are not YAML's.
        return json.dumps(document, ensure_ascii=False) + "\n"
    return yaml.safe_dump(document, default_style=rng.choice([None, None, "'", '"']),
                          default_flow_style=rng.choice([True, False, None]),
                          width=rng.choice([40, 80, 1000]), allow_unicode=rng.choice([True, False]))


# The table of the old engine's behaviour, then random documents.
TABLE = ["${HOSTNAME##*-}", "$((31090 + ${KAFKA_BROKER_ID}))", "${HOSTNAME}", "$host", "$1", "$scheme",
         "$NAMEX", "${name}", "${ NAME }", "$$", "$$NAME", "${NAME}", "a $NAME b", "$NAME$NAME", "$"]


def check_karvdash(documents):
    values = {"NAME": rng.choice(["kafka", "a-b"]), "SERVERS": rng.choice(["3", "a: b", "x\ny", "$NAME", "'"])}
    header = {"kind": "Template", "name": "t", "variables": [{"name": n, "default": "x"} for n in values]}
    source = "---\n".join([source_of(d) for d in documents] + [yaml.safe_dump(header)])
    read = [d for d in yaml.safe_load_all(source) if d is not None]
    expected = string.Template(yaml.safe_dump_all(read[:-1])).safe_substitute(values)
    got = run(store("t.yaml", source), "--compat", "karvdash", "--values",
              store("v.yaml", json.dumps(values)))
    if got != expected:
        for ours, theirs in zip(got.split("\n"), expected.split("\n")):
            if ours != theirs:
                fail("karvdash: %r instead of %r" % (ours, theirs))
                return
        fail("karvdash: lengths differ: %r instead of %r" % (got[-200:], expected[-200:]))


def plain(value):
    """A value as JSON has it."""
    if isinstance(value, (datetime.date, datetime.datetime)):
        return "date"
    if isinstance(value, float) and not math.isfinite(value):
        return "infinite"
    if isinstance(value, int) and not isinstance(value, bool) and not -2**63 <= value < 2**63:
        return float(value)
    return value


def same(ours, theirs):
    return theirs in ("date", "infinite") or (ours == theirs and type(ours) is type(theirs))


def check_types(scalars):
    good = []
    for scalar in scalars:
        try:
            read = yaml.safe_load("- %s\n- x\n" % scalar)
        except (yaml.YAMLError, ValueError, OverflowError, IndexError):
            continue
        if isinstance(read, list) and len(read) == 2 and not isinstance(read[0], (dict, list)):
            good.append((scalar, plain(read[0])))
    body = "apiVersion: example.com/v1\nkind: X\nmetadata: {name: x}\nspec:\n"
    path = store("s.yaml", body + "".join("- %s\n" % scalar for scalar, _ in good))
    spec = json.loads(run(path, "--json"))["objects"][0]["spec"]
    for (scalar, theirs), ours in zip(good, spec):
        if not same(ours, theirs):
            fail("plain %r: %r instead of %r" % (scalar, ours, theirs))


def check_written(documents):
    path = store("w.yaml", "---\n".join(map(source_of, documents)))
    objects = json.loads(run(path, "--json"))["objects"]
    read = list(yaml.safe_load_all(run(path)))
    if read != objects:
        fail("written: %r" % next(((a, b) for a, b in zip(read, objects) if a != b), None).__repr__()[:1500])


def document(spec):
    return {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "x"}, "spec": spec}


check_karvdash([document({"list": TABLE, "map": {str(i): word for i, word in enumerate(TABLE)}})])
for name in ("kafka.template.yaml", "smartviz.template.yaml"):
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", name)
    with open(path, encoding="utf-8") as file:
        parts = list(yaml.safe_load_all(file))
    values = {v["name"]: str(v["default"]) for v in parts[-1]["variables"]}
    expected = string.Template(yaml.safe_dump_all(parts[:-1])).safe_substitute(values)
    if run(path, "--compat", "karvdash") != expected:
        fail("karvdash: " + name)

check_types([w for w in WORDS if w not in "\u0085\u2028"] + ["%s%s" % (a, b) for a in ("", "-", "+") for b in
                     ("0", "00", "01", "08", "0x", "0xg", "0b2", "1.", ".", "1.e5", "1.e+5", "1e+5", "12:3", "12:60",
                      "1:2:3", "190:20:30.15", "0:30", "1_", "_1", "1__2", "0o7", ".inf", ".Inf", "9" * 25)])
LETTERS = "0123456789_.:eE+-xob~ynYNtTfF"
for _ in range(20):
    check_types(["".join(rng.choice(LETTERS) for _ in range(rng.randrange(1, 7))) for _ in range(400)])
checked = 0
for _ in range(150):
    documents = [document(value(4)) for _ in range(4)]
    for check in (check_karvdash, check_written):
        try:
            check(documents)
            checked += 1
        except Refused:
            pass
if checked < 150:
    fail("only %d of 300 checks ran" % checked)

if failures:
    sys.exit("%d differences from Python" % failures)
print("marvel and Python agree (seed %d)" % seed)
