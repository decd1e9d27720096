#!/usr/bin/env python3
"""Runs the code blocks of the documentation as a reader would.

    blocks.py MARVEL PAGE...              the blocks that need nothing but marvel
    blocks.py --cluster MARVEL PAGE...    those for a cluster, under tests/cluster/with_cluster.py

A block is run when its fence says so, and a block that a later one reads is kept as a file:

    ```sh run        ```sh run cluster        ```yaml save layers.yaml

All blocks of a page run in one folder with a home of its own and the files that FILES names. A line
must end with exit code 0; with 1 as well where its comment says "exit code 1".
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIMIT_S = 120
FILES = [*(f"examples/regex/{name}" for name in ("keywords.txt", "rules.txt", "captions.txt", "auth.log")),
         "examples/catalogue/kafka.template.yaml", "tests/docs/app.yaml"]
FENCE = re.compile(r"^```(\w+) (run|save)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(text):
    """(line, "run" or "save", what for, text) of each marked block."""
    for found in FENCE.finditer(text):
        yield text.count("\n", 0, found.start()) + 2, found[2], found[3], found[4]


def script(first, text):
    """A block as a shell script that ends at the first line that fails, and names it."""
    lines = ["set -uo pipefail"]
    for number, line in enumerate(text.replace("\\\n", " ").splitlines()):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        most = 1 if "exit code 1" in line else 0
        lines += [line, f"code=$?; [ $code -le {most} ] || "
                        f"{{ echo \"line {first + number}: exit code $code\" >&2; exit 1; }}"]
    return "\n".join(lines) + "\n"


def furnish(folder, marvel):
    for name in FILES:
        shutil.copy(ROOT / name, folder)
    (folder / "examples").symlink_to(ROOT / "examples")
    for programs in (folder / "build/release/bin", folder / "bin"):
        programs.mkdir(parents=True)
        (programs / "marvel").symlink_to(marvel)
    return {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / ".config"),
            "XDG_DATA_HOME": str(folder / ".local/share"), "XDG_CACHE_HOME": str(folder / ".cache"),
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}


def run_page(page, marvel, kind):
    """How many blocks ran; raises at one that failed."""
    ran = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        environment = dict(os.environ, **furnish(folder, marvel))
        for line, action, argument, text in blocks((ROOT / page).read_text()):
            if action == "save":
                (folder / argument).write_text(text)
            elif argument == kind:
                done = subprocess.run(["bash", "-c", script(line, text)], cwd=folder, env=environment,
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, text=True, timeout=LIMIT_S)
                if done.returncode != 0:
                    sys.exit(f"{done.stdout}\nFAILED  {page}, the block at line {line}")
                ran += 1
    return ran


def main():
    words = sys.argv[1:]
    kind = None
    if words[0] == "--cluster":
        kind = words.pop(0)[2:]
    marvel, *pages = words
    if kind == "cluster":
        import cluster_stage
        with tempfile.TemporaryDirectory() as folder:
            cluster_stage.set_up(marvel, folder)
    for page in pages:
        count = run_page(page, pathlib.Path(marvel).resolve(), kind)
        if count == 0:
            sys.exit(f"FAILED  {page} has no block to run")
        print(f"ok      {page}: {count} blocks")


main()
