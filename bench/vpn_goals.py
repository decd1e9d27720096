#!/usr/bin/env python3
"""The goals of `marvel vpn`, measured in network namespaces beside other user-space tunnels.

    bench/vpn_goals.py MARVEL [--edges BENCH_VPN_EDGES] [--rounds N] [--only TEXT] [--output FILE]

Needs root, /dev/net/tun, iperf3, nft and ping; peers that are not installed are named and left out.
All programs, the router and both ends of iperf3 share the machine, so a figure is the whole path.
Tunnels take turns in rounds; a figure is the median of the rounds. cpu1 and cpu4 are CPU seconds of
both ends per GB, which other work on the machine moves less than the throughput. loss20, 50 and 100
are of a receiver that has room for some milliseconds of packets; tight100 is of one with iperf3's
default, which holds 277 packets of 64 bytes, 2.8 ms of 100,000 a second: a receiver that waits longer
for a processor loses them behind the tunnel, out of its own queue. Recovery times come
from tests/vpn/netns/recovery.sh, 5,000 simulated edges from the target bench_vpn_edges.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import time

from vpn_tunnels import PEERS, Absent, Net, marvel_pair, plain

ROOT = pathlib.Path(__file__).resolve().parents[1]
RATES = (20, 50, 100)  # thousands of packets per second
SECONDS = "3"
ROOM = 2 << 20  # bytes of the receiver's queue, where the system allows so much

# name: unit, which is better, goal
GOALS = {
    "direct/tcp1": ("Gbit/s", "higher", ">= 5"), "direct/tcp4": ("Gbit/s", "higher", ">= 6"),
    "direct/ratio": ("x wireguard-go", "higher", ">= 10"), "relay/tcp1": ("Gbit/s", "higher", ">= 2"),
    "n2n-speck/tcp1": ("Gbit/s", "higher", ">= 1.5"), "n2n-aes/tcp1": ("Gbit/s", "higher", ">= 1.5"),
    "direct/loss100": ("%", "lower", "< 1"), "direct/added_ping": ("ms", "lower", "<= 0.2"),
    "recovery/direct_path": ("ms", "lower", "< 2000"), "recovery/address": ("ms", "lower", "< 2000"),
    "recovery/restart": ("ms", "lower", "< 3000"), "recovery/failover": ("ms", "lower", "< 5000"),
    "edges/registered": ("s", "lower", ""), "edges/relayed": ("%", "higher", ""),
    "edges/memory": ("MB", "lower", "<= 200"), "direct/memory": ("MB", "lower", "<= 20"),
}


def iperf(net, pair, *words):
    answer = net.within("a", "iperf3", "-c", pair.b, "-J", "-t", SECONDS, *words, check=False)
    end = json.loads(answer.stdout).get("end", {})
    if "sum" not in end and "sum_received" not in end:
        raise RuntimeError(f"iperf3 {' '.join(words)}: {json.loads(answer.stdout).get('error')}")
    return end


def receive_room():
    """For iperf3, which sets both buffers and gives up when one is cut."""
    allowed = (pathlib.Path(f"/proc/sys/net/core/{name}").read_text() for name in ("rmem_max", "wmem_max"))
    return str(min(ROOM, *map(int, allowed)))


def median_ping(net, pair):
    out = net.within("a", "ping", "-c", "100", "-i", "0.01", pair.b).stdout
    return statistics.median(float(one) for one in re.findall(r"time=([\d.]+)", out))


def memory_mb(program, what):
    """VmRSS: resident now; VmHWM: at most so far."""
    status = pathlib.Path(f"/proc/{program.pid}/status").read_text()
    return int(re.search(rf"{what}:\s+(\d+)", status)[1]) / 1024


def cpu_seconds(pair):
    """What both ends of the tunnel have used so far, in all their threads; 0 where there are none."""
    tasks = [task for name in "ab" if name in pair.programs
             for task in pathlib.Path(f"/proc/{pair.programs[name].pid}/task").iterdir()]
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def streams(net, pair, count):
    """Gbit/s of `count` streams, CPU seconds of both ends per GB, and retransmits."""
    before = cpu_seconds(pair)
    end = iperf(net, pair, "-P", str(count))
    received = end["sum_received"]
    used = (cpu_seconds(pair) - before) / (received["bytes"] / 1e9)
    return received["bits_per_second"] / 1e9, used, end["sum_sent"].get("retransmits", 0)


def small_packets(net, pair, rate, *words):
    """64 bytes each, `rate` thousands of them a second."""
    return iperf(net, pair, "-u", "-l", "64", "-b", f"{rate * 512}K", *words)["sum"]


def measure(net, pair):
    figures = {}
    server = net.start("b", "iperf3", "-s", "-B", pair.b)
    try:
        time.sleep(0.3)
        figures["ping"] = median_ping(net, pair)
        figures["tcp1"], figures["cpu1"], figures["retransmits"] = streams(net, pair, 1)
        figures["tcp4"], figures["cpu4"], _ = streams(net, pair, 4)
        for rate in RATES:
            udp = small_packets(net, pair, rate, "-w", receive_room())
            figures[f"loss{rate}"] = udp["lost_percent"]
            figures[f"offered{rate}"] = udp["packets"] / udp["seconds"] / 1000
        figures[f"tight{RATES[-1]}"] = small_packets(net, pair, RATES[-1])["lost_percent"]
        if "a" in pair.programs:
            figures["memory"] = memory_mb(pair.programs["a"], "VmRSS")
            figures["memory_peak"] = memory_mb(pair.programs["a"], "VmHWM")
    finally:
        net.stop(server)
    return figures


def rounds(options, rows):
    makers = {"veth": plain, "direct": lambda net: marvel_pair(net, options.marvel, False),
              "relay": lambda net: marvel_pair(net, options.marvel, True),
              "n2n-speck": lambda net: marvel_pair(net, options.marvel, False, "speck"),
              "n2n-aes": lambda net: marvel_pair(net, options.marvel, False, "aes"), **PEERS}
    for count in range(options.rounds):
        for name, maker in makers.items():
            if options.only and options.only not in name:
                continue
            net = Net()
            try:
                with maker(net) as pair:
                    for figure, value in measure(net, pair).items():
                        rows.setdefault(f"{name}/{figure}", []).append(value)
            except Absent as absent:
                if count == 0:
                    print(f"SKIPPED: {name}: {absent} is not installed", file=sys.stderr)
            except (RuntimeError, subprocess.CalledProcessError, KeyError) as error:
                print(f"FAILED: {name}: {error} {getattr(error, 'stderr', '') or ''}", file=sys.stderr)
            finally:
                net.close()
            print(f"round {count + 1}: {name}", file=sys.stderr, flush=True)


def added_figures(rows):
    """What follows from two tunnels of the same round."""
    def both(one, other, how):
        return [how(x, y) for x, y in zip(rows.get(one, []), rows.get(other, [])) if y > 0]
    for name in ("direct", "relay", *PEERS):
        if added := both(f"{name}/ping", "veth/ping", lambda x, y: x - y):
            rows[f"{name}/added_ping"] = added
    if ratio := both("direct/tcp1", "wireguard-go/tcp1", lambda x, y: x / y):
        rows["direct/ratio"] = ratio


def recovery(options, rows):
    script = ROOT / "tests" / "vpn" / "netns" / "recovery.sh"
    words = {"direct_path": "a direct path", "address": "the address of a NAT changes",
             "restart": "a super node is restarted", "failover": "one of two super nodes is gone"}
    for _ in range(options.rounds):
        out = subprocess.run(("bash", str(script), options.marvel), capture_output=True, text=True,
                             check=False).stdout
        for name, text in words.items():
            if found := re.search(rf"{text}: (\d+) ms", out):
                rows.setdefault(f"recovery/{name}", []).append(int(found[1]))
            else:
                print(f"FAILED: recovery/{name}: {out.strip().splitlines()[-1:]}", file=sys.stderr)


def edges(options, rows):
    if not options.edges:
        print("SKIPPED: 5,000 edges: --edges names the program", file=sys.stderr)
        return
    out = subprocess.run((options.edges, options.marvel, "5000"), capture_output=True, text=True, check=False)
    sys.stderr.write(out.stderr)
    for name, value in re.findall(r"^(\w+) ([\d.]+)$", out.stdout, re.MULTILINE):
        rows.setdefault(f"edges/{name}", []).append(float(value))


def meets(value, goal):
    word, _, limit = goal.partition(" ")
    limit = float(limit)
    return {">=": value >= limit, "<=": value <= limit, "<": value < limit}[word]


def report(rows):
    print(f"\n{'goal':<26} {'wanted':>10} {'median':>10}  all")
    for name, (unit, _, goal) in GOALS.items():
        if name in rows:
            value = statistics.median(rows[name])
            verdict = "" if not goal else "met" if meets(value, goal) else "MISSED"
            print(f"{name:<26} {goal:>10} {value:>10.3f}  {unit} {verdict} {[round(v, 3) for v in rows[name]]}")
    columns = ("tcp1", "tcp4", "cpu1", "cpu4", "retransmits", "ping", "loss20", "loss50", "loss100", "tight100", "offered100")
    print(f"\n{'tunnel':<14}" + "".join(f"{c:>13}" for c in columns))
    for tunnel in ("veth", "direct", "relay", *PEERS):
        if f"{tunnel}/tcp1" in rows:
            print(f"{tunnel:<14}" + "".join(
                f"{statistics.median(rows[f'{tunnel}/{c}']):>13.3f}" for c in columns))


def save(options, rows, load):
    def better(name):
        return GOALS[name][1] if name in GOALS else "higher" if "tcp" in name or "offered" in name else "lower"
    cpu = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    version = subprocess.run((options.marvel, "--version"), capture_output=True, text=True, check=True).stdout
    document = {
        "schema": "marvel.bench/1", "date": time.strftime("%Y-%m-%d"), "commit": version.splitlines()[0],
        "machine": {"cpu": cpu[1] if cpu else "", "cores": os.cpu_count(), "kernel": os.uname().release},
        "load": [round(load, 2), round(os.getloadavg()[0], 2)],
        "measurements": [{"name": name, "unit": GOALS.get(name, ("",))[0], "better": better(name),
                          "median": statistics.median(values), "values": values}
                         for name, values in sorted(rows.items())]}
    pathlib.Path(options.output).write_text(json.dumps(document, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("marvel")
    parser.add_argument("--edges", help="the program bench_vpn_edges")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="tunnels whose name holds this, and nothing else")
    parser.add_argument("--output", help="JSON file")
    options = parser.parse_args()
    options.marvel = str(pathlib.Path(options.marvel).resolve())
    for program in ("iperf3", "ip", "nft", "ping", "jq"):
        if shutil.which(program) is None:
            sys.exit(f"SKIPPED: {program} is not installed")
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
        sys.exit("SKIPPED: this needs root and /dev/net/tun")
    load = os.getloadavg()[0]
    print(f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, load {load:.1f} at the start", flush=True)
    rows = {}
    rounds(options, rows)
    added_figures(rows)
    if not options.only:
        recovery(options, rows)
        edges(options, rows)
    report(rows)
    if options.output:
        save(options, rows, load)


main()
