#!/usr/bin/env python3
"""The CPU of `marvel fedl server` per round, of several builds in turn, so that the machine's moods hit all alike.

    bench/fedl_cpu.py [--venvs FOLDER] [--times N] [--rounds N] [--clients N] [--parameters N] [--tmp FOLDER] MARVEL...

The row "2 clients x 25 M" of fedl_goals.py, by the same light clients (bench/peers/fedl_clients.py), with a
checkpoint of each round. Prints, per build, the median of the runs: user and system seconds per round from the
moment that the server listens, its largest resident size, and seconds per round.
"""
import argparse
import pathlib
import shutil
import statistics
import tempfile
import time

from fedl_process import HERE, Watched, free_port, light_clients, round_seconds


def run(marvel, options, work):
    """User and system seconds per round, MiB, and seconds per round."""
    port, checkpoint, log = free_port(), work / "checkpoint", work / "tasks"
    shutil.rmtree(checkpoint, ignore_errors=True)
    server = Watched([marvel, "fedl", "server", "--address", f"127.0.0.1:{port}", "--rounds", str(options.rounds),
                      "--no-evaluate", "--min-available", str(options.clients), "--checkpoint", str(checkpoint)], port)
    peers = light_clients(options.venvs, port, "1.x", options.clients, options.parameters, 0, log)
    while server.look():
        time.sleep(0.005)
    codes = server.child.wait(), peers.wait()
    assert codes == (0, 0), codes
    return (server.user / options.rounds, server.system / options.rounds, server.memory,
            round_seconds(log, options.clients))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("marvel", nargs="+")
    parser.add_argument("--venvs", type=pathlib.Path, default=HERE.parent / "build" / "flwr")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--parameters", type=int, default=25_000_000)
    parser.add_argument("--tmp")
    options = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="marvel-fedl-", dir=options.tmp))
    try:
        found = {marvel: [] for marvel in options.marvel}
        for _ in range(options.times):
            for marvel in options.marvel:
                found[marvel].append(run(marvel, options, work))
        for marvel, runs in found.items():
            user, system, peak, between = (statistics.median(column) for column in zip(*runs))
            total = statistics.median(one[0] + one[1] for one in runs)
            print(f"{marvel}: {total:.3f} s CPU per round ({user:.3f} user, {system:.3f} system), {peak:.0f} MiB, "
                  f"{between:.2f} s per round; {' '.join(f'{one[0] + one[1]:.3f}' for one in runs)}")
    finally:
        shutil.rmtree(work, ignore_errors=True)


main()
