#!/usr/bin/env python3
"""The goals of `marvel taint` and `marvel deploy apply` on a real control plane, beside kubectl.

    tests/cluster/with_cluster.py python3 bench/cluster_goals.py MARVEL [KUBECTL] >bench/results/cluster_goals.txt

Client and server share the machine. Seconds are the median of the runs, MB the largest resident
size of the client. kubectl is any that is not too old for the server; without one its column is
empty. Nodes are small API objects: 70 % edge (tainted), 20 % fog, 10 % cloud.
"""
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "cluster"))
from api import create, create_nodes, get, namespace, node, request  # noqa: E402

MARVEL = sys.argv[1]
KUBECTL = sys.argv[2] if len(sys.argv) > 2 else None
NODES = 5000
RACE_ROUNDS = 1000
WORK = pathlib.Path(tempfile.mkdtemp(prefix="marvel-bench-"))


def resident_mb(pid):
    """The largest resident size so far. The kernel's figure at the end (ru_maxrss) would be ours:
    a child begins as a copy of this process."""
    try:
        with open(f"/proc/{pid}/status") as status:
            return next((int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM")), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0


def run(*words, codes=(0,)):
    """Seconds, MB and output of one run. Memory is looked at every two milliseconds."""
    out = open(WORK / "out", "w+b")
    started = time.monotonic()
    child = subprocess.Popen(words, stdout=out, stderr=subprocess.DEVNULL)
    memory = 0
    while child.poll() is None:
        memory = max(memory, resident_mb(child.pid))
        time.sleep(0.002)
    seconds = time.monotonic() - started
    assert child.returncode in codes, (words, child.returncode)
    out.seek(0)
    return seconds, memory, out.read()


def measure(times, *words, codes=(0,)):
    runs = [run(*words, codes=codes)[:2] for _ in range(times)]
    return statistics.median(one[0] for one in runs), max(one[1] for one in runs)


def row(what, goal, ours, theirs):
    def cell(figures):
        return "-" if figures is None else f"{figures[0]:.3f} s, {figures[1]:.0f} MB"
    print(f"{what:<42} {goal:<18} {cell(ours):<18} {cell(theirs)}", flush=True)


def peer(times, *words, codes=(0,)):
    return measure(times, KUBECTL, *words, codes=codes) if KUBECTL else None


def make_cluster():
    def one(i):
        kind = "edge" if i % 10 < 7 else "fog" if i % 10 < 9 else "cloud"
        site = f"site{i % 441}"
        taints = [{"key": "Layer", "value": site, "effect": "NoSchedule"}] if kind == "edge" else []
        return node(f"n{i}", {"tier": kind, "site": site}, taints, cpu={"edge": "4", "fog": "16", "cloud": "32"}[kind])
    create_nodes([one(i) for i in range(NODES)])


def taint_one():
    def alternate(program, *end):
        figures = []
        for i in range(10):
            spec = "bench=x:NoSchedule" if i % 2 == 0 else "bench-"
            figures.append(run(program, "taint", "nodes", "n0", spec, *end)[:2])
        return statistics.median(f[0] for f in figures), max(f[1] for f in figures)
    row("taint one node", "0.03 s, 20 MB", alternate(MARVEL), alternate(KUBECTL) if KUBECTL else None)


def control_plane_seconds():
    """Processor time of the control plane so far."""
    total = 0
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = path.read_text().split("(", 1)[1].rsplit(")", 1)
        except OSError:  # ended meanwhile
            continue
        if name.startswith(("kube-", "etcd")):
            total += sum(int(ticks) for ticks in rest.split()[11:13]) / os.sysconf("SC_CLK_TCK")
    return total


def taint_many():
    before = control_plane_seconds()
    ours = measure(1, MARVEL, "taint", "nodes", "-l", "tier=edge", "bench=x:NoSchedule")
    server = control_plane_seconds() - before
    run(MARVEL, "taint", "nodes", "-l", "tier=edge", "bench-")
    row("taint 3,500 nodes by selector", "3.5 s", ours, peer(1, "taint", "nodes", "-l", "tier=edge", "bench=y:NoSchedule"))
    print(f"  of that, processor time of the control plane: {server:.1f} s, so at least {server / os.cpu_count():.1f} s "
          f"on {os.cpu_count()} cores", flush=True)
    run(MARVEL, "taint", "nodes", "--all", "bench-", "--ignore-not-found")


def list_many():
    row("list 5,000 nodes", "0.5 s, 80 MB", measure(5, MARVEL, "taint", "list"),
        peer(3, "get", "nodes", "-o", "name"))


def apply_unchanged():
    space = namespace("bench")
    path = WORK / "many.yaml"
    path.write_text("---\n".join(
        f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{i}}}\ndata: {{v: 'x'}}\n" for i in range(200)))
    words = ("deploy", "apply", "-f", str(path), "-n", space, "--name", "many", "--no-wait")
    run(MARVEL, *words)
    ours = measure(5, MARVEL, *words)
    theirs = None
    if KUBECTL:
        space = namespace("bench-kubectl")
        run(KUBECTL, "apply", "--server-side", "-f", str(path), "-n", space)
        theirs = measure(3, KUBECTL, "apply", "--server-side", "-f", str(path), "-n", space)
    row("apply 200 objects, unchanged", "1 s", ours, theirs)


def check_many():
    path = WORK / "pods.yaml"
    path.write_text("\n---\n".join(json.dumps(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"p{i}"},
         "spec": {"tolerations": [{"key": "Layer", "operator": "Equal", "value": f"site{i}"}],
                  "containers": [{"name": "c", "image": "example.org/c:1",
                                  "resources": {"requests": {"cpu": f"{i * 100 + 1}m"}}}]}}) for i in range(100)))
    row("taint check, 100 pods x 5,000 nodes", "1 s", measure(3, MARVEL, "taint", "check", str(path), codes=(0, 1)), None)


def race():
    """Two writers, each with a key of its own, on the same four nodes: what a writer has just
    written must be there when it looks."""
    names, lost = [f"n{i}" for i in range(4)], []

    def writer(key):
        for turn in range(RACE_ROUNDS):
            name = names[turn % 4]
            run_quietly(MARVEL, "taint", "nodes", name, f"{key}={turn}:NoSchedule", "--overwrite")
            taints = get(f"/api/v1/nodes/{name}")["spec"]["taints"]
            if not any(t["key"] == key and t.get("value") == str(turn) for t in taints):
                lost.append((key, turn))

    threads = [threading.Thread(target=writer, args=(key,)) for key in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"two writers x {RACE_ROUNDS} rounds on 4 nodes: {len(lost)} lost updates (goal: 0)", flush=True)


def run_quietly(*words):
    subprocess.run(words, stdout=subprocess.DEVNULL, check=True)


def main():
    version = get("/version")["gitVersion"]
    print(f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
          f"load {os.getloadavg()[0]:.1f} at the start, server {version}")
    print(run(MARVEL, "--version")[2].decode().splitlines()[0])
    if KUBECTL:
        print("kubectl " + json.loads(run(KUBECTL, "version", "--client", "-o", "json")[2])["clientVersion"]["gitVersion"])
    print(f"\n{'':<42} {'goal':<18} {'marvel':<18} kubectl")
    make_cluster()
    taint_one()
    list_many()
    check_many()
    taint_many()
    apply_unchanged()
    race()


main()
