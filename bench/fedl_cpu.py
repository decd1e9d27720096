#!/usr/bin/env python3
"""The CPU of `marvel fedl server` per round, of several builds in turn, so that the machine's moods hit all alike.

    bench/fedl_cpu.py [--venvs FOLDER] [--times N] [--rounds N] [--clients N] [--parameters N] [--tmp FOLDER] MARVEL...

The row "2 clients x 25 M" of fedl_goals.py, by the same light clients (bench/peers/fedl_clients.py), with a
checkpoint of each round. Prints, per build, the median of the runs: user and system seconds per round from the
moment that the server listens, its largest resident size, and seconds per round.
"""
import argparse
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TICK = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def times_of(process):
    words = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return int(words[11]) / TICK, int(words[12]) / TICK


def peak_of(process):
    lines = pathlib.Path(f"/proc/{process}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0)


def run(marvel, options, work):
    """User and system seconds per round, MiB, and seconds per round."""
    port, checkpoint, log = free_port(), work / "checkpoint", work / "tasks"
    shutil.rmtree(checkpoint, ignore_errors=True)
    server = subprocess.Popen(
        [marvel, "fedl", "server", "--address", f"127.0.0.1:{port}", "--rounds", str(options.rounds), "--no-evaluate",
         "--min-available", str(options.clients), "--checkpoint", str(checkpoint)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not listens(port):
        assert server.poll() is None, "the server does not listen"
        time.sleep(0.05)
    before = times_of(server.pid)
    peers = subprocess.Popen([str(options.venvs / "0.17.0" / "bin" / "python"), str(HERE / "peers" / "fedl_clients.py"),
                              f"127.0.0.1:{port}", "1.x", str(options.clients), str(options.parameters), "0", str(log)])
    used, peak = before, 0
    while server.poll() is None:
        try:
            used, peak = times_of(server.pid), max(peak, peak_of(server.pid))
        except (FileNotFoundError, ProcessLookupError):
            pass
        time.sleep(0.005)
    assert server.returncode == 0 and peers.wait() == 0, (server.returncode, peers.returncode)
    begins = sorted(float(line) for line in log.read_text().split())[::options.clients]
    between = statistics.median(b - a for a, b in zip(begins, begins[1:]))
    return *((after - first) / options.rounds for first, after in zip(before, used)), peak, between


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
