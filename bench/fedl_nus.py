#!/usr/bin/env python3
"""NUS against uniform choice: bytes until the same test accuracy.

    bench/fedl_nus.py MARVEL DATA [--target 0.95] [--seeds 5] [--rounds 150] [--output FILE]

MARVEL: the program; DATA: mnist, fashion-mnist or a folder of IDX files. 20 clients that hold
labels by a Dirichlet distribution of 0.3 and are there 30 to 95 % of the time (each its own share)
train in `marvel fedl simulate`; 5 of them per round. All variants of a seed have the same clients,
shares and absences. Bytes are those of models down and updates up, evaluation on the test set is
the server's. Takes 20 minutes of one core; what else the machine does changes nothing.
"""
import argparse
import json
import statistics
import subprocess
import sys

VARIANTS = {
    "uniform": ["--strategy", "fedavg"],
    "nus": ["--strategy", "nus"],
    "nus, registered weights": ["--strategy", "nus", "--nus-weights", "registered"],
    "nus, divided by its weights": ["--strategy", "nus", "--nus-hajek"],
    "nus, of all the updates": ["--strategy", "nus", "--nus-mode", "post"],
}
CLIENTS = ["--clients", "20", "--clients-per-round", "5", "--availability", "0.3,0.95", "--cycle", "1m",
           "--deal", "dirichlet", "--alpha", "0.3", "--hidden", "32", "--batch-size", "32", "--lr", "0.05"]


def run(options, seed, words):
    """Rounds, megabytes down and up, and the accuracies of one run."""
    done = subprocess.run([options.marvel, "fedl", "simulate", "--data", options.data, *CLIENTS, "--seed", str(seed),
                           "--rounds", str(options.rounds), "--target-accuracy", str(options.target),
                           "--no-evaluate", "--json", *words], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}, seed {seed}: exit code {done.returncode}\n{done.stderr}")
    rounds = json.loads(done.stdout)["server"]["rounds"]
    reached = rounds[-1]["central_evaluation"]["accuracy"] >= options.target
    return (len(rounds) if reached else None, sum(one["bytes_down"] for one in rounds) / 1e6,
            sum(one["bytes_up"] for one in rounds) / 1e6, rounds[-1]["central_evaluation"]["accuracy"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("marvel")
    parser.add_argument("data")
    parser.add_argument("--target", type=float, default=0.95)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=150)
    parser.add_argument("--output")
    options = parser.parse_args()
    lines = [f"fedl_nus.py MARVEL {options.data} --target {options.target} --seeds {options.seeds}",
             "20 clients there 30 to 95 % of the time, labels by Dirichlet 0.3, 5 per round, simulated", "",
             f"{'':30} rounds to {options.target:.0%} by seed{'':18} MB down  MB up  of uniform's bytes"]
    print("\n".join(lines), flush=True)
    uniform = None
    for name, words in VARIANTS.items():
        runs = [run(options, seed, words) for seed in range(1, options.seeds + 1)]
        down, up = (statistics.mean(one[i] for one in runs) for i in (1, 2))
        uniform = uniform or down + up
        rounds = " ".join(f"{one[0] or '>' + str(options.rounds):>5}" for one in runs)
        lines.append(f"{name:30} {rounds:40} {down:8.1f} {up:6.1f}  {(down + up) / uniform:16.0%}")
        print(lines[-1], flush=True)
    if options.output:
        with open(options.output, "w") as file:
            file.write("\n".join(lines) + "\n")


main()
