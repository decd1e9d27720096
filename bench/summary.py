#!/usr/bin/env python3
"""Turns the raw files of a benchmark script into one result document and a verdict.

Called by startup.sh, compress_speed.sh and compress_goals.sh. Result documents have the schema
marvel.bench/1 (README.md); compare reads them.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Iterable

Json = dict[str, Any]

STARTUP_LIMIT_MS = 20
SPEED_GOALS = {"dense": 2.0, "pruning": 4.0}  # peer seconds / marvel seconds


def cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def commit() -> str:
    folder = Path(__file__).parent
    git = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=12"]
    answer = subprocess.run(git, capture_output=True, text=True)
    return answer.stdout.strip() or "unknown"


def document(load_before: str | None = None) -> Json:
    """The head that every result carries: where, when and what was measured."""
    loads = [float(load_before)] if load_before else []
    return {
        "schema": "marvel.bench/1",
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": {"cpu": cpu_model(), "cores": os.cpu_count(), "kernel": platform.release()},
        "load": loads + [round(os.getloadavg()[0], 2)],
    }


def measurement(name: str, unit: str, values: Iterable[float], better: str = "lower") -> Json:
    values = list(values)
    return {
        "name": name,
        "unit": unit,
        "better": better,
        "median": statistics.median(values),
        "values": values,
    }


def read(path: Path) -> Json:
    return json.loads(path.read_text())


def write(path: Path, text: str) -> None:
    """Writes beside the target and renames, so that nobody meets half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text)
    partial.replace(path)


def write_json(path: Path, content: Json) -> None:
    write(path, json.dumps(content, indent=2) + "\n")


# startup.sh


def startup(args: argparse.Namespace) -> int:
    times: dict[str, list[float]] = {}
    for path in args.rounds:
        for result in read(path)["results"]:
            times.setdefault(result["command"], []).extend(1000 * t for t in result["times"])
    result = document(args.load)
    result["limit_ms"] = STARTUP_LIMIT_MS
    result["measurements"] = [measurement(name, "ms", values) for name, values in times.items()]
    missed = False
    for row in result["measurements"]:
        ours = row["name"].startswith("marvel ")
        late = row["median"] > STARTUP_LIMIT_MS
        missed = missed or (ours and late)
        verdict = ("MISS" if late else "pass") if ours else "peer"
        print(f"{verdict}  {row['median']:8.2f} ms  {row['name']}")
    result["pass"] = not missed
    write_json(args.output, result)
    print(f"{'MISS' if missed else 'pass'}: start-up within {STARTUP_LIMIT_MS} ms; {args.output}")
    return 1 if missed else 0


# compress_speed.sh


def best_threads(args: argparse.Namespace) -> int:
    """Prints the thread count whose runs have the lowest median."""
    seconds: dict[int, list[float]] = {}
    for path in args.runs:
        run = read(path)
        seconds.setdefault(run["threads"], []).append(run["seconds_training"])
    print(min(seconds, key=lambda threads: statistics.median(seconds[threads])))
    return 0


def training_seconds(run: Json) -> float:
    """Seconds in training steps alone; both sides record them per epoch."""
    return sum(epoch["seconds"] for epoch in run["epochs"])


def last_epoch_seconds(run: Json) -> float:
    return run["epochs"][-1]["seconds"]


def runs_of(folder: Path, stem: str) -> list[Json]:
    return [read(path) for path in sorted(folder.glob(f"{stem}-*.json"))]


def medians(runs: list[Json], what: Callable[[Json], float]) -> float:
    return statistics.median(what(run) for run in runs)


def speed_rows(folder: Path) -> list[Json]:
    rows = []
    for phase in SPEED_GOALS:
        seconds = {}
        for side in ("marvel", "peer"):
            seconds[side] = [training_seconds(run) for run in runs_of(folder, f"{phase}-{side}")]
            rows.append(measurement(f"{phase} {side}", "s", seconds[side]))
        pairs = zip(seconds["marvel"], seconds["peer"])
        ratios = measurement(f"{phase} speed-up", "ratio", (b / a for a, b in pairs), "higher")
        ratios["goal"] = SPEED_GOALS[phase]
        rows.append(ratios)
    last = map(last_epoch_seconds, runs_of(folder, "pruning-marvel"))
    rows.append(measurement("pruning marvel last epoch", "s", last))
    return rows


def quality(runs: list[Json]) -> Json:
    """What the runs arrived at, so that speed is not bought with a different result."""
    return {
        "test_error_percent": medians(runs, lambda run: run["test_error_percent"]),
        "parameters": medians(runs, lambda run: run["parameters"]),
        "threads": runs[0]["threads"],
    }


def speed(args: argparse.Namespace) -> int:
    result = document(args.load)
    result["measurements"] = speed_rows(args.folder)
    for side in ("marvel", "peer"):
        result[side] = quality(runs_of(args.folder, f"pruning-{side}"))
    peer = runs_of(args.folder, "pruning-peer")[0]
    kept = ("batch_size", "lambda", "ramp_epochs", "lr", "gate_lr", "samples")
    result["settings"] = {key: peer[key] for key in kept}
    result["settings"]["epochs"] = len(peer["epochs"])
    result["peer_threads_seconds"] = {
        str(threads): medians(runs_of(args.folder, f"threads-{threads}"), training_seconds)
        for threads in (1, 2)
    }
    missed = False
    for row in result["measurements"]:
        line = f"{row['median']:9.3f} {row['unit']:6} {row['name']}"
        if "goal" in row:
            miss = row["median"] < row["goal"]
            missed = missed or miss
            line += f"  (goal {row['goal']}: {'MISS' if miss else 'pass'})"
        print(line)
    for side in ("marvel", "peer"):
        end = result[side]
        print(
            f"{side}: {end['test_error_percent']:.2f} % error, {end['parameters']:.0f} parameters, "
            f"{end['threads']} threads"
        )
    print(f"load {result['load']}")
    result["pass"] = not missed
    write_json(args.output, result)
    print(args.output)
    return 1 if missed else 0


# compress_goals.sh


def goal(text: str) -> float | None:
    return None if text == "-" else float(text)


def read_config(path: Path) -> list[Json]:
    rows = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) != 7:
            raise SystemExit(f"{path}:{number}: {len(cells)} columns; a row has 7")
        name, data, flags, error, reduction, memory, anchor = cells
        mean_memory, _, whole_memory = memory.partition("/")
        rows.append(
            {
                "name": name,
                "data": data,
                "flags": flags,
                "goal_error_percent": goal(error),
                "goal_reduction_percent": goal(reduction),
                "goal_memory_mean_epoch_kib": goal(mean_memory),
                "goal_memory_sum_kib": goal(whole_memory or "-"),
                "anchor": anchor,
            }
        )
    return rows


def command_of(row: Json, seed: int) -> str:
    """As compress_goals.sh notes it beside a finished run."""
    words = ["marvel compress train --data", row["data"], *row["flags"].split()]
    return " ".join([*words, "--seed", str(seed)])


def finished_runs(folder: Path, row: Json) -> list[Json]:
    """The runs of this row that were made with the command it has now."""
    runs = []
    for path in folder.glob(f"{row['name']}/seed-*/report.json"):
        seed = int(path.parent.name.removeprefix("seed-"))
        command = path.with_name("command")
        if not command.exists() or command.read_text().strip() != command_of(row, seed):
            continue
        report = read(path)
        if report["status"] != "finished":
            continue
        memory = report["memory"]
        runs.append(
            {
                "seed": seed,
                "test_error_percent": report["test_error_percent"],
                "parameters": report["parameters"],
                "parameters_dense": report["parameters_dense"],
                "reduction_percent": report["reduction_percent"],
                "architecture": report["architecture"],
                "macs": report["macs"],
                "memory_sum_bytes": memory["seed_sum_bytes"],
                "memory_mean_epoch_bytes": memory["mean_epoch_bytes"],
                "peak_rss_bytes": memory["peak_rss_bytes"],
                "seconds_training": report["seconds_training"],
                "marvel": report.get("marvel"),
            }
        )
    return sorted(runs, key=lambda run: run["seed"])


def kept_runs(result: Path, row: Json) -> list[Json]:
    """What an earlier result says of this row, if it is the same command still."""
    if not result.exists():
        return []
    for old in read(result)["rows"]:
        if all(old[key] == row[key] for key in ("name", "data", "flags")):
            return old["runs"]
    return []


# (goal, what it bounds, how many of its units make one of the goal, whether it is a lower bound)
GOALS = [
    ("goal_error_percent", "test_error_percent", 1, False),
    ("goal_reduction_percent", "reduction_percent", 1, True),
    ("goal_memory_mean_epoch_kib", "memory_mean_epoch_bytes", 1024, False),
    ("goal_memory_sum_kib", "memory_sum_bytes", 1024, False),
]


def meets(row: Json, runs: list[Json]) -> bool:
    """Whether the mean of the runs keeps all goals of the row."""
    for name, key, scale, lower in GOALS:
        if row[name] is not None:
            value = statistics.fmean(run[key] for run in runs) / scale
            if value < row[name] if lower else value > row[name]:
                return False
    return True


def verdict(row: Json) -> str:
    runs = row["runs"]
    if all(row[name] is None for name, *_ in GOALS):
        return "-"
    if not runs:
        return "not run"
    each = [meets(row, [run]) for run in runs]
    word = "met" if meets(row, runs) else "missed"
    return f"{word} ({sum(each)} of {len(each)} seeds)"


def spread(runs: list[Json], key: str, form: str = "{:.2f}", scale: float = 1) -> str:
    """Mean and, from two runs on, the range."""
    values = [run[key] / scale for run in runs if run[key] is not None]
    if not values:
        return "-"
    mean = form.format(statistics.fmean(values))
    if len(values) == 1:
        return mean
    return f"{mean} ({form.format(min(values))}–{form.format(max(values))})"


def bound(value: float | None, sign: str) -> str:
    return "-" if value is None else f"{sign} {value:,.10g}"


def goals_table(rows: list[Json], head: Json) -> str:
    columns = [
        "row", "seeds", "error %", "goal", "parameters", "reduction %", "goal",
        "verdict", "memory per epoch KiB", "goal", "all epochs KiB", "goal", "peak RSS MiB", "training s", "anchor",
    ]  # fmt: skip
    lines = [
        "# Compression goals",
        "",
        "Made by `bench/compress_goals.sh`; do not edit. Mean (range) over seeds; the error is the",
        "final epoch's on the test set. Memory per epoch is parameters and one batch of inputs,",
        "averaged over epochs.",
        "",
        f"{head['machine']['cpu']}, {head['machine']['cores']} cores; {head['date']}; "
        f"commit {head['commit']}.",
        "",
        "| " + " | ".join(columns) + " |",
        "|" + "---|" * len(columns),
    ]
    for row in rows:
        runs = row["runs"]
        cells = [
            row["name"],
            str(len(runs)),
            spread(runs, "test_error_percent"),
            bound(row["goal_error_percent"], "≤"),
            spread(runs, "parameters", "{:,.0f}"),
            spread(runs, "reduction_percent", "{:.1f}"),
            bound(row["goal_reduction_percent"], "≥"),
            row["verdict"],
            spread(runs, "memory_mean_epoch_bytes", "{:,.0f}", 1024),
            bound(row["goal_memory_mean_epoch_kib"], "≤"),
            spread(runs, "memory_sum_bytes", "{:,.0f}", 1024),
            bound(row["goal_memory_sum_kib"], "≤"),
            spread(runs, "peak_rss_bytes", "{:,.0f}", 1 << 20),
            spread(runs, "seconds_training", "{:.0f}"),
            row["anchor"],
        ]
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", "Commands, with `--seed` 1, 2, 3 and so on:", ""]
    for row in rows:
        command = f"marvel compress train --data {row['data']} {row['flags']}".strip()
        lines.append(f"- {row['name']}: `{command}`")
    return "\n".join(lines) + "\n"


def goals(args: argparse.Namespace) -> int:
    result = document()
    rows = read_config(args.config)
    for row in rows:
        fresh = {run["seed"]: run for run in finished_runs(args.folder, row)}
        kept = {run["seed"]: run for run in kept_runs(args.output / "compress-goals.json", row)}
        # A seed that was tried here and did not finish has no result any more.
        tried = (args.folder / row["name"]).glob("seed-*")
        for path in tried:
            kept.pop(int(path.name.removeprefix("seed-")), None)
        row["runs"] = [run for _, run in sorted({**kept, **fresh}.items())]
        row["verdict"] = verdict(row)
    result["rows"] = rows
    write_json(args.output / "compress-goals.json", result)
    write(args.output / "compress-goals.md", goals_table(rows, result))
    for row in rows:
        runs = row["runs"]
        print(
            f"{row['name']:14} {row['verdict']:22} error {spread(runs, 'test_error_percent')}  "
            f"reduction {spread(runs, 'reduction_percent', '{:.1f}')}"
        )
    print(args.output / "compress-goals.md")
    return 0


def parse(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(required=True)

    def command(run: Callable[[argparse.Namespace], int], name: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name)
        sub.set_defaults(run=run)
        return sub

    sub = command(startup, "startup")
    sub.add_argument("--load")
    sub.add_argument("--output", type=Path, required=True)
    sub.add_argument("rounds", type=Path, nargs="+", help="hyperfine's JSON files")
    command(best_threads, "best-threads").add_argument("runs", type=Path, nargs="+")
    sub = command(speed, "speed")
    sub.add_argument("--load")
    sub.add_argument("--output", type=Path, required=True)
    sub.add_argument("folder", type=Path)
    sub = command(goals, "goals")
    sub.add_argument("--config", type=Path, required=True)
    sub.add_argument("--output", type=Path, required=True, help="folder of the table and JSON")
    sub.add_argument("folder", type=Path, help="where the runs lie")
    return parser.parse_args(words)


if __name__ == "__main__":
    arguments = parse()
    sys.exit(arguments.run(arguments))
