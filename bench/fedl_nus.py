#!/usr/bin/env python3
"""NUS against uniform choice: bytes until the same test accuracy.

    bench/fedl_nus.py MARVEL DATA [--targets 0.9,0.93,0.95] [--seeds 3] [--rounds 120] [--jobs 2]
                      [--runs FOLDER] [--output FILE]

MARVEL: the program; DATA: mnist, fashion-mnist or a folder of IDX files. 20 clients that hold
labels by a Dirichlet distribution of 0.3 and are there 30 to 95 % of the time (each its own share)
train in `marvel fedl simulate`; 5 of them per round. All variants of a seed have the same clients,
shares and absences. Bytes are those of models down and updates up, evaluation on the test set is
the server's, and an accuracy is reached in the first round that has it. Each run takes 2 minutes of
one core; what else the machine does changes nothing. With --runs the runs' reports stay, and those
that are there are not run again.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

VARIANTS = {
    "uniform": ["--strategy", "fedavg"],
    "uniform-lr1.5": ["--strategy", "fedavgm", "--server-lr", "1.5"],
    "nus": ["--strategy", "nus"],
    "nus-memory": ["--strategy", "nus", "--nus-memory"],
    "nus-memory-lr2": ["--strategy", "nus", "--nus-memory", "--server-lr", "2"],
}
CLIENTS = ["--clients", "20", "--clients-per-round", "5", "--availability", "0.3,0.95", "--cycle", "1m",
           "--deal", "dirichlet", "--alpha", "0.3", "--hidden", "32", "--batch-size", "32", "--lr", "0.05"]


def report_of(options, folder, name, seed):
    path = folder / f"{name}-{seed}.json"
    if not path.exists():
        words = [options.marvel, "fedl", "simulate", "--data", options.data, *CLIENTS, "--seed", str(seed),
                 "--rounds", str(options.rounds), "--no-evaluate", "--json", *VARIANTS[name]]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)}: exit code {done.returncode}\n{done.stderr}")
        path.write_text(done.stdout)
    return json.loads(path.read_text())["server"]["rounds"]


def reached(rounds, target):
    """Rounds, megabytes down and up until the accuracy; None when it is not reached."""
    down = up = 0
    for number, one in enumerate(rounds, 1):
        down, up = down + one["bytes_down"] / 1e6, up + one["bytes_up"] / 1e6
        if one["central_evaluation"]["accuracy"] >= target:
            return number, down, up
    return None


def row(name, runs, uniform, target):
    """`runs` and `uniform` have the same seeds, in order. The share is of the sums over the seeds."""
    found = [reached(one, target) for one in runs]
    other = [reached(one, target) for one in uniform]
    cells = f"  {name:16} " + " ".join(f"{one[0] if one else '-':>5}" for one in found)
    if not all(found) or not all(other):
        return cells
    down, up = (statistics.mean(one[i] for one in found) for i in (1, 2))
    share = sum(one[1] + one[2] for one in found) / sum(one[1] + one[2] for one in other)
    return f"{cells}   {down:6.1f} MB down, {up:6.1f} up: {share:4.0%} of uniform's bytes"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("marvel")
    parser.add_argument("data")
    parser.add_argument("--targets", default="0.9,0.93,0.95")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=120)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--runs", type=pathlib.Path)
    parser.add_argument("--output")
    options = parser.parse_args()
    seeds = range(1, options.seeds + 1)
    with tempfile.TemporaryDirectory() as temporary, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        folder = options.runs or pathlib.Path(temporary)
        jobs = {(name, seed): pool.submit(report_of, options, folder, name, seed) for seed in seeds for name in VARIANTS}
        try:
            runs = {key: job.result() for key, job in jobs.items()}
        except RuntimeError as error:
            pool.shutdown(cancel_futures=True)
            sys.exit(str(error))
    lines = ["20 clients there 30 to 95 % of the time, labels by Dirichlet 0.3, 5 per round, simulated;",
             f"rounds until a test accuracy, by seed (1 to {options.seeds}), of {options.rounds}; - where it was not reached"]
    for target in (float(word) for word in options.targets.split(",")):
        lines += ["", f"{target:.0%}"]
        for name in VARIANTS:
            lines.append(row(name, [runs[name, seed] for seed in seeds], [runs["uniform", seed] for seed in seeds], target))
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if options.output:
        pathlib.Path(options.output).write_text(text)


if __name__ == "__main__":
    main()
