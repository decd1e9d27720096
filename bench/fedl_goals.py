#!/usr/bin/env python3
"""The goals of `marvel fedl server`, beside Flower 0.17 and 1.26 in the same run.

    bench/fedl_goals.py MARVEL [VENVS] >bench/results/fedl_goals.txt

VENVS is what tools/flwr-venvs made (build/flwr). Server and clients share the machine. The clients
of the rows on memory and time are light ones (bench/peers/fedl_clients.py), the same for every
server. MiB is the largest resident size of the server, looked at every 5 ms; CPU is the server's
from the moment that it listens, divided by the rounds (twelve where it has a goal, so that the first
model, which a client brings, weighs little); seconds are the median time from one
round's first task to the next one's. No client evaluates. marvel keeps a checkpoint of each round,
as in everyday use; Flower keeps none, so one row is measured without it as well.
"""
import os
import pathlib
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from fedl_process import HERE, Watched, free_port, light_clients, python, round_seconds

MARVEL = os.path.abspath(sys.argv[1])
VENVS = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else HERE.parent / "build" / "flwr").absolute()
WORK = pathlib.Path(tempfile.mkdtemp(prefix="marvel-fedl-"))  # on a disk, where $TMPDIR is on one
CHECKPOINT = WORK / "checkpoint"
PATIENCE = 180  # seconds for one server's rounds
SERVERS = ("marvel", "0.17.0", "1.26.1")


def start(kind, port, rounds, clients, per_round, keeps=True):
    address = f"127.0.0.1:{port}"
    if kind == "marvel":
        words = [MARVEL, "fedl", "server", "--address", address, "--rounds", str(rounds), "--no-evaluate",
                 "--min-available", str(clients), "--clients-per-round", str(per_round)]
        words += ["--checkpoint", str(CHECKPOINT)] if keeps else []
        shutil.rmtree(CHECKPOINT, ignore_errors=True)
    else:
        words = [python(VENVS, kind), str(HERE / "peers" / "fedl_flower.py"), address, str(rounds), str(clients),
                 str(per_round)]
    return Watched(words, port, WORK / f"{kind}.err", env={**os.environ, "FLWR_TELEMETRY_ENABLED": "0"})


def measure(kind, clients, per_round, parameters, work, rounds, keeps):
    """MiB, CPU seconds per round and seconds per round, or why there are none."""
    port, log = free_port(), WORK / "tasks"
    server = start(kind, port, rounds, clients, per_round, keeps)
    dialect = "0.x" if kind == "0.17.0" else "1.x"
    with open(WORK / "peers.err", "w") as errors:
        peers = light_clients(VENVS, port, dialect, clients, parameters, work, log, stderr=errors)
    deadline = time.monotonic() + PATIENCE
    while server.look() and time.monotonic() < deadline:
        time.sleep(0.005)
    late = server.child.poll() is None
    for child in (server.child, peers):
        if late:
            child.kill()
    code = server.child.wait()
    peers.wait()
    if late or code != 0:
        return f"no end in {PATIENCE} s" if late else f"ended with {code}"
    return server.memory, server.cpu / rounds, round_seconds(log, per_round)


def cell(figures):
    if isinstance(figures, str):
        return figures
    memory, cpu, seconds = figures
    return f"{memory:.0f} MiB, {cpu:.2f} s CPU, {'-' if seconds is None else f'{seconds:.2f}'} s"


def row(what, goal, *arguments, servers=SERVERS, keeps=True):
    cells = [cell(measure(kind, *arguments, keeps)) for kind in servers]
    print(f"{what:<30} {goal:<24} " + " ".join(f"{text:<32}" for text in cells).rstrip(), flush=True)


# --- a server that is killed in a round ---

def exec_client(port, cid):
    words = [MARVEL, "fedl", "client", "--cid", str(cid), "--server-address", f"127.0.0.1:{port}", "--exec",
             str(HERE.parent / "tests" / "federate" / "plain_client.py")]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            env={**os.environ, "WORK": "1", "BEGUN": str(WORK / f"begun-{cid}")})


def wait_for(condition, what):
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def killed_server(clients=10):
    """Seconds from the second server's start to the model of the round in which the first one died."""
    port, folder = free_port(), WORK / "killed"
    words = [MARVEL, "fedl", "server", "--address", f"127.0.0.1:{port}", "--rounds", "3", "--min-available",
             str(clients), "--no-evaluate", "--checkpoint", str(folder)]
    first = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peers = [exec_client(port, cid) for cid in range(clients)]

    def begun(cid):
        path = WORK / f"begun-{cid}"
        return path.exists() and len(path.read_text().split()) >= 2

    wait_for(lambda: all(begun(cid) for cid in range(clients)), "round 2 does not begin")
    first.send_signal(signal.SIGKILL)
    first.wait()
    time.sleep(3)  # the clients finish their work without a server
    started = time.monotonic()
    second = subprocess.Popen([*words, "--resume"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for((folder / "model-2.npz").exists, "round 2 is not merged")
    back = time.monotonic() - started
    codes = [second.wait(), *(peer.wait() for peer in peers)]
    trained = sum(len((WORK / f"begun-{cid}").read_text().split()) for cid in range(clients))
    return f"{back:.2f} s, exit codes {sorted(set(codes))}, {trained} trainings for {3 * clients} tasks"


def killed_flower(version):
    port = free_port()
    server = start(version, port, 9, 2, 2)
    peers = [subprocess.Popen([python(VENVS, version), str(HERE.parent / "tests" / "federate" / "flwr_peer.py"), "client",
                               f"127.0.0.1:{port}", str(cid)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
             for cid in (1, 2, 3)]
    time.sleep(4)
    server.child.kill()
    server.child.wait()
    deadline = time.monotonic() + 20
    while any(peer.poll() is None for peer in peers) and time.monotonic() < deadline:
        time.sleep(0.1)
    dead = sum(peer.poll() is not None for peer in peers)
    for peer in peers:
        peer.kill()
        peer.wait()
    return f"run lost, {dead} of {len(peers)} clients ended"


def main():
    print(f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
          f"load {os.getloadavg()[0]:.1f} at the start")
    print(subprocess.run([MARVEL, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0])
    print(f"\n{'':<30} {'goal':<24} " + " ".join(
        f"{name:<32}" for name in ("marvel", "Flower 0.17.0", "Flower 1.26.1")).rstrip())
    row("50 clients x 1 M", "250 MiB", 50, 50, 1_000_000, 0, 4)
    row("10 clients x 25 M", "600 MiB", 10, 10, 25_000_000, 0, 3)
    row("2 clients x 25 M", "500 MiB, 0.30 s CPU", 2, 2, 25_000_000, 0, 12)
    row("  marvel without a checkpoint", "", 2, 2, 25_000_000, 0, 12, servers=["marvel"], keeps=False)
    row("10 clients x 2 s of work", "2.10 s", 10, 10, 1000, 2, 4)
    row("100 of 1,000 clients x 1 M", "500 MiB", 1000, 100, 1_000_000, 0, 3)
    print(f"{'killed in a round, 10 clients':<30} {'5 s':<24} {killed_server():<32}", flush=True)
    for version in SERVERS[1:]:
        print(f"{'':<30} {'':<24} Flower {version}: {killed_flower(version)}", flush=True)


try:
    main()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
