#!/usr/bin/env python3
"""How fast does marvel regex find lines, beside its peers? regex_speed.py [options]

Two questions per case. Scan: text in memory, patterns compiled, 2 threads: `marvel regex --bench`
on the host and on the first OpenCL device, Hyperscan and RE2::Set through peers/regex_peers.cpp.
Process: from the shell to the last line, counting lines of a file in the page cache: marvel,
ripgrep, grep, ugrep and the Hyperscan driver. All take turns in rounds; figures are medians, and
counts of lines must agree. Texts and patterns come from regex_corpora.py.

Needs g++ and the Debian packages of section [bench]. MARVEL names another binary.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
MARVEL = os.environ.get("MARVEL", str(ROOT / "build/release/bin/marvel"))

# Name, pattern set, text, literal?, goal of the scan in MB/s.
CASES = [
    ("10 rare literals", "lit10_rare", "source.txt", True, 10000),
    ("1,000 rare literals", "lit1k_rare", "source.txt", True, 6200),
    ("10,000 rare literals", "lit10k_rare", "source.txt", True, 5000),
    ("10 common literals", "lit10_common", "source.txt", True, None),
    ("1 regex, 30 % of lines", "one", "auth.log", False, 4400),
    ("11 rare regexes", "re11", "auth.log", False, 5200),
    ("20 regexes", "re20", "access.log", False, 3400),
    ("500 rules", "rules500", "access.log", False, None),
    ("logcheck500", "logcheck500", "auth.log", False, None),
]
LIMIT_S = 60  # a peer that takes longer in one run is left out


class Figures:
    """All values of all measurements, by name."""

    def __init__(self) -> None:
        self.values: dict[str, list[float]] = {}
        self.units: dict[str, tuple[str, str]] = {}

    def add(self, name: str, value: float, unit: str, better: str) -> None:
        self.values.setdefault(name, []).append(value)
        self.units[name] = (unit, better)

    def median(self, name: str) -> float | None:
        return statistics.median(self.values[name]) if name in self.values else None


def run(command: list[str]) -> tuple[float, str] | None:
    """Seconds and output; nothing when it failed or took too long."""
    environment = {**os.environ, "LC_ALL": "C"}
    start = time.monotonic()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S,
                              env=environment, check=False)
    except subprocess.TimeoutExpired:
        return None
    taken = time.monotonic() - start
    return (taken, done.stdout.strip()) if done.returncode in (0, 1) else None


class Bench:
    def __init__(self, corpora: Path, peers: Path, rounds: int) -> None:
        self.corpora, self.peers, self.rounds = corpora, peers, rounds
        self.figures = Figures()
        self.gone: set[str] = set()  # peers that failed or are too slow
        self.lines: dict[str, dict[str, int]] = {}

    def scan_commands(self, patterns: Path, text: Path, literal: bool) -> dict[str, list[str]]:
        flag = ["-F"] if literal else []
        marvel = [MARVEL, "regex", "--bench", "--json", "--threads", "2", *flag, "-p",
                  str(patterns), str(text), "--device"]
        peer = [str(self.peers), "", str(patterns), str(text), "--threads", "2", "--rounds", "5",
                *(["--literal"] if literal else [])]
        return {"host": [*marvel, "host"], "OpenCL": [*marvel, "cpu"],
                "Hyperscan": [peer[0], "hyperscan", *peer[2:]],
                "RE2::Set": [peer[0], "re2", *peer[2:]]}

    def process_commands(self, patterns: Path, text: Path, literal: bool) -> dict[str, list[str]]:
        p, t = str(patterns), str(text)
        return {
            "marvel": [MARVEL, "regex", "-c", *(["-F"] if literal else []), "-p", p, t],
            "ripgrep": ["rg", "-a", "-c", "--no-unicode", *(["-F"] if literal else []), "-f", p, t],
            "grep": ["grep", "-a", "-c", "-F" if literal else "-E", "-f", p, t],
            "ugrep": ["ugrep", "-a", "-U", "-c", "-F" if literal else "-E", "-f", p, t],
            "Hyperscan": [str(self.peers), "hyperscan", p, t, "--threads", "2", "--rounds", "0",
                          *(["--literal"] if literal else [])],
        }

    def measure(self, name: str, who: str, kind: str, command: list[str]) -> None:
        key = f"{name}: {kind}: {who}"
        if key in self.gone:
            return
        result = run(command)
        if result is None:
            self.gone.add(key)
            print(f"  {key}: failed or took more than {LIMIT_S} s", file=sys.stderr)
            return
        seconds, output = result
        if kind == "process":
            self.figures.add(key, seconds * 1e3, "ms", "lower")
            if who not in ("Hyperscan", "ugrep"):  # ugrep's dialect is another one
                self.lines.setdefault(name, {})[who] = int(output or 0)
        elif who in ("host", "OpenCL"):
            engines = json.loads(output)["engines"]
            its = [e for e in engines if (e["device"] == "host") == (who == "host")]
            if its:
                # With a filter, that engine is the one that searches use; it races both.
                self.figures.add(key, its[0]["mb_per_s"], "MB/s", "higher")
                self.lines.setdefault(name, {})[who] = its[0]["lines"]
        else:
            peer = json.loads(output)
            self.figures.add(key, peer["mb_per_s"], "MB/s", "higher")
            self.figures.add(f"{name}: compile: {who}", peer["compile_ms"], "ms", "lower")
            if peer["refused"] == 0:
                self.lines.setdefault(name, {})[who] = peer["lines"]

    def run_case(self, name: str, patterns: str, text: str, literal: bool) -> None:
        paths = self.corpora / patterns, self.corpora / text
        if not paths[0].exists():
            print(f"  {name}: left out, {paths[0]} is missing", file=sys.stderr)
            return
        for _ in range(self.rounds):
            for who, command in self.scan_commands(*paths, literal).items():
                self.measure(name, who, "scan", command)
            for who, command in self.process_commands(*paths, literal).items():
                if shutil.which(command[0]):
                    self.measure(name, who, "process", command)

    def run_small(self) -> None:
        text, patterns = str(self.corpora / "small.txt"), str(self.corpora / "re20")
        commands = {"marvel": [MARVEL, "regex", "-c", "-p", patterns, text],
                    "ripgrep": ["rg", "-a", "-c", "--no-unicode", "-f", patterns, text],
                    "grep": ["grep", "-a", "-c", "-E", "-f", patterns, text]}
        for _ in range(self.rounds * 10):
            for who, command in commands.items():
                self.measure("1 KiB, 20 regexes", who, "process", command)

    def disagreements(self) -> list[str]:
        return [f"{name}: {counts}" for name, counts in self.lines.items()
                if len(set(counts.values())) > 1]


def ratio(ours: float | None, others: list[float | None], higher: bool) -> str:
    known = [value for value in others if value is not None]
    if ours is None or not known:
        return "-"
    return f"{ours / max(known):.2f}" if higher else f"{min(known) / ours:.2f}"


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


def table(bench: Bench) -> str:
    median = bench.figures.median
    scan = ["| scan, MB/s | goal | host | OpenCL | Hyperscan | RE2::Set | host to best | OpenCL to best |",
            "|---|---|---|---|---|---|---|---|"]
    process = ["| process, ms | marvel | ripgrep | grep | ugrep | Hyperscan | best to marvel |",
               "|---|---|---|---|---|---|---|"]
    for name, _, _, _, goal in CASES:
        host, device, hyper, re2 = (median(f"{name}: scan: {who}")
                                    for who in ("host", "OpenCL", "Hyperscan", "RE2::Set"))
        scan.append(f"| {name} | {number(goal)} | {number(host)} | {number(device)} | "
                    f"{number(hyper)} | {number(re2)} | {ratio(host, [hyper, re2], True)} | "
                    f"{ratio(device, [hyper, re2], True)} |")
    for name in [case[0] for case in CASES] + ["1 KiB, 20 regexes"]:
        times = [median(f"{name}: process: {who}")
                 for who in ("marvel", "ripgrep", "grep", "ugrep", "Hyperscan")]
        process.append(f"| {name} | " + " | ".join(number(t) for t in times) +
                       f" | {ratio(times[0], times[1:], False)} |")
    return "\n".join([*scan, "", *process]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--cases", default="", help="only cases whose name holds this")
    parser.add_argument("--work", type=Path,
                        default=Path(os.environ.get("MARVEL_BENCH_WORK", ROOT / "build/bench")))
    parser.add_argument("--output", type=Path, default=BENCH / "results/regex-speed.json")
    options = parser.parse_args()
    if not Path(MARVEL).exists():
        sys.exit(f"regex_speed: {MARVEL} is missing; build it or set MARVEL")
    corpora = options.work / f"corpora-{options.megabytes}"
    subprocess.run([BENCH / "regex_corpora.py", corpora, "--megabytes", str(options.megabytes)],
                   check=True)
    peers = options.work / "regex_peers"
    subprocess.run(["g++", "-O2", "-std=c++17", BENCH / "peers/regex_peers.cpp", "-lhs", "-lre2",
                    "-lpthread", "-o", peers], check=True)
    load_before = os.getloadavg()[0]
    bench = Bench(corpora, peers, options.rounds)
    for name, patterns, text, literal, _ in CASES:
        if options.cases in name:
            print(name, file=sys.stderr)
            bench.run_case(name, patterns, text, literal)
    bench.run_small()
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"],
                            capture_output=True, text=True, check=False).stdout.strip()
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
                if line.startswith("model name")), platform.machine())
    figures = bench.figures
    result = {
        "schema": "marvel.bench/1",
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "commit": commit,
        "machine": {"cpu": cpu, "cores": os.cpu_count(), "kernel": platform.release()},
        "load": [load_before, os.getloadavg()[0]],
        "left_out": sorted(bench.gone),
        "disagreements": bench.disagreements(),
        "measurements": [
            {"name": name, "unit": figures.units[name][0], "better": figures.units[name][1],
             "median": statistics.median(values), "values": values}
            for name, values in figures.values.items()],
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(result, indent=1) + "\n")
    options.output.with_suffix(".md").write_text(table(bench))
    print(table(bench))
    for line in result["disagreements"]:
        print(f"regex_speed: different counts: {line}", file=sys.stderr)
    sys.exit(1 if result["disagreements"] else 0)


if __name__ == "__main__":
    main()
