"""Network namespaces and the tunnels that bench/vpn_goals.py compares in them.

    [a] 10.1.0.2 --- 10.1.0.1 [r] 10.2.0.1 --- 10.2.0.2 [b]      [s] 10.3.0.2 behind r as well

Each tunnel is a generator: it sets itself up, yields a Pair, and takes itself down.
"""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field

TAG = f"mvb{os.getpid()}"
MTU = "1380"  # of every tunnel device, so that all cut streams alike


class Absent(Exception):
    """A program that this machine does not have."""


@dataclass
class Pair:
    """Both ends of a tunnel: addresses inside it, and the programs that run it."""
    a: str
    b: str
    programs: dict = field(default_factory=dict)


def run(*words, check=True):
    return subprocess.run(words, check=check, capture_output=True, text=True)


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            raise Absent(program)


class Net:
    """The namespaces. Removed at the end, with every program that was started in them."""

    def __init__(self):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="mvb-"))
        self.programs = []
        for name in "arbs":
            run("ip", "netns", "add", self.name(name))
            run("ip", "-n", self.name(name), "link", "set", "lo", "up")
        for number, name in enumerate("abs", start=1):
            self._wire(name, number)
        self.within("r", "sysctl", "-qw", "net.ipv4.ip_forward=1")

    @staticmethod
    def name(space):
        return f"{TAG}-{space}"

    def _wire(self, name, number):
        run("ip", "-n", self.name(name), "link", "add", "eth", "type", "veth",
            "peer", "name", name, "netns", self.name("r"))
        for space, device, last in ((name, "eth", 2), ("r", name, 1)):
            run("ip", "-n", self.name(space), "addr", "add", f"10.{number}.0.{last}/24", "dev", device)
            run("ip", "-n", self.name(space), "link", "set", "dev", device, "up")
        run("ip", "-n", self.name(name), "route", "add", "default", "via", f"10.{number}.0.1")

    def within(self, space, *words, check=True):
        return run("ip", "netns", "exec", self.name(space), *words, check=check)

    def start(self, space, *words, env=None):
        """`ip netns exec` becomes the program, so the number is the program's own."""
        log = open(self.work / f"{pathlib.Path(words[0]).name}-{space}.log", "ab")
        program = subprocess.Popen(("ip", "netns", "exec", self.name(space), *words), stdout=log,
                                   stderr=log, env={**os.environ, **(env or {})})
        self.programs.append(program)
        return program

    def stop(self, *programs):
        for program in programs:
            program.terminate()
        for program in programs:
            with contextlib.suppress(subprocess.TimeoutExpired):
                program.wait(5)
            program.kill()
            program.wait()
            if program in self.programs:
                self.programs.remove(program)

    def wait_for_ping(self, address, seconds=15):
        end = time.monotonic() + seconds
        while self.within("a", "ping", "-q", "-c1", "-W1", address, check=False).returncode != 0:
            if time.monotonic() > end:
                raise RuntimeError(f"no answer from {address} through the tunnel; logs in {self.work}")
            time.sleep(0.1)

    def close(self):
        self.stop(*list(self.programs))
        for name in "arbs":
            run("ip", "netns", "del", self.name(name), check=False)
        shutil.rmtree(self.work, ignore_errors=True)


@contextlib.contextmanager
def plain(net):
    """No tunnel: the upper bound."""
    yield Pair("10.1.0.2", "10.2.0.2")


def _marvel_status(marvel, state):
    answer = run(marvel, "vpn", "status", "--state", str(state), "--json", check=False)
    return json.loads(answer.stdout) if answer.returncode == 0 else {}


@contextlib.contextmanager
def marvel_pair(net, marvel, relay, n2n=None):
    """Two edges and a super node; with `relay` the router lets nothing pass between the two. `n2n`
    is the cipher of a network of n2n's kind."""
    mode = ("--n2n",) if n2n else ()
    cipher = ("--cipher", n2n) if n2n else ()
    secret = net.work / "pass"
    secret.write_text("correct horse battery staple\n")
    secret.chmod(0o600)
    if relay:
        net.within("r", "nft", "add table ip only; add chain ip only f { type filter hook forward priority 0; }; "
                   "add rule ip only f ip saddr 10.1.0.0/16 ip daddr 10.2.0.0/16 drop; "
                   "add rule ip only f ip saddr 10.2.0.0/16 ip daddr 10.1.0.0/16 drop")
    key = () if n2n else ("--key-file", str(secret))  # a super node of n2n has none
    programs = {"supernode": net.start("s", marvel, "vpn", "supernode", "--community", "bench=10.8.0.0/24",
                                       "--state", str(net.work / "s"), *mode, *key)}
    for name in "ab":
        programs[name] = net.start(name, marvel, "vpn", "edge", "--community", "bench", "--supernode",
                                   "10.3.0.2:4194", "--key-file", str(secret), "--name", name,
                                   "--device", "vpn0", "--mtu", MTU, "--state", str(net.work / name), *mode, *cipher)
    try:
        addresses = {}
        end = time.monotonic() + 10
        while len(addresses) < 2 and time.monotonic() < end:
            for name in "ab":
                if address := _marvel_status(marvel, net.work / name).get("address"):
                    addresses[name] = address.split("/")[0]
            time.sleep(0.1)
        net.wait_for_ping(addresses["b"])
        want, end = "relay" if relay else "direct", time.monotonic() + 10
        while {p["path"] for p in _marvel_status(marvel, net.work / "a")["peers"]} != {want}:
            if time.monotonic() > end:
                raise RuntimeError(f"the path is not {want}")
            net.wait_for_ping(addresses["b"])
        yield Pair(addresses["a"], addresses["b"], programs)
    finally:
        net.stop(*programs.values())
        net.within("r", "nft", "delete", "table", "ip", "only", check=False)


@contextlib.contextmanager
def wireguard_go(net):
    need("wireguard-go", "wg")
    programs, keys, devices = {}, {}, {"a": f"{TAG}a", "b": f"{TAG}b"}
    for name in "ab":
        secret = net.work / f"wg-{name}"
        secret.write_text(run("wg", "genkey").stdout)
        secret.chmod(0o600)
        keys[name] = subprocess.run(("wg", "pubkey"), input=secret.read_text(), capture_output=True,
                                    text=True, check=True).stdout.strip()
        programs[name] = net.start(name, "wireguard-go", "-f", devices[name],
                                   env={"WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD": "1"})
    try:
        time.sleep(0.5)
        for name, other, number in (("a", "b", 1), ("b", "a", 2)):
            net.within(name, "wg", "set", devices[name], "listen-port", "51820", "private-key",
                       str(net.work / f"wg-{name}"), "peer", keys[other], "allowed-ips", "10.9.0.0/24",
                       "endpoint", f"10.{3 - number}.0.2:51820")
            net.within(name, "ip", "addr", "add", f"10.9.0.{number}/24", "dev", devices[name])
            net.within(name, "ip", "link", "set", "dev", devices[name], "mtu", MTU, "up")
        net.wait_for_ping("10.9.0.2")
        yield Pair("10.9.0.1", "10.9.0.2", programs)
    finally:
        net.stop(*programs.values())


@contextlib.contextmanager
def tinc(net):
    need("tincd")
    folders = {name: net.work / f"tinc-{name}" for name in "ab"}
    for (name, other), number in zip(("ab", "ba"), (1, 2)):
        hosts = folders[name] / "hosts"
        hosts.mkdir(parents=True, exist_ok=True)
        (folders[name] / "tinc.conf").write_text(
            f"Name = {name}\nMode = switch\nDeviceType = tap\nInterface = tinc0\nConnectTo = {other}\n")
        (hosts / name).write_text(f"Address = 10.{number}.0.2\nCipher = aes-256-cbc\nDigest = sha256\n")
        subprocess.run(("tincd", "-c", str(folders[name]), "-K2048"), stdin=subprocess.DEVNULL,
                       capture_output=True, check=True)
    programs = {}
    for name, other, number in (("a", "b", 1), ("b", "a", 2)):
        shutil.copy(folders[other] / "hosts" / other, folders[name] / "hosts" / other)
    try:
        for name, number in (("a", 1), ("b", 2)):
            programs[name] = net.start(name, "tincd", "-c", str(folders[name]), "-D",
                                       f"--pidfile={folders[name]}/pid")
            time.sleep(0.5)
            net.within(name, "ip", "addr", "add", f"10.9.1.{number}/24", "dev", "tinc0")
            net.within(name, "ip", "link", "set", "tinc0", "mtu", MTU, "up")
        net.wait_for_ping("10.9.1.2")
        yield Pair("10.9.1.1", "10.9.1.2", programs)
    finally:
        net.stop(*programs.values())


@contextlib.contextmanager
def openvpn(net):
    need("openvpn", "openssl")
    prints = {}
    for name in "ab":
        key, cert = net.work / f"ovpn-{name}.key", net.work / f"ovpn-{name}.crt"
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", str(key), "-out", str(cert), "-days", "2", "-subj", f"/CN={name}")
        prints[name] = run("openssl", "x509", "-in", str(cert), "-noout", "-fingerprint",
                           "-sha256").stdout.split("=")[1].strip()
    programs = {}
    try:
        for name, other, number in (("a", "b", 1), ("b", "a", 2)):
            role = ("--tls-client",) if name == "a" else ("--tls-server", "--dh", "none")
            programs[name] = net.start(
                name, "openvpn", "--dev", "tun0", "--proto", "udp", "--remote", f"10.{3 - number}.0.2",
                *role, "--key", str(net.work / f"ovpn-{name}.key"), "--cert", str(net.work / f"ovpn-{name}.crt"),
                "--peer-fingerprint", prints[other], "--ifconfig", f"10.9.2.{number}", f"10.9.2.{3 - number}",
                "--data-ciphers", "AES-256-GCM", "--tun-mtu", MTU, "--mssfix", "0")
        net.wait_for_ping("10.9.2.2")
        yield Pair("10.9.2.1", "10.9.2.2", programs)
    finally:
        net.stop(*programs.values())


@contextlib.contextmanager
def fastd(net):
    """With its authenticated method for CPUs that have no faster one of their own."""
    need("fastd")
    keys, programs = {}, {}
    for name in "ab":
        lines = run("fastd", "--machine-readable", "--generate-key").stdout.split()
        secret = lines[-1] if len(lines) < 2 else lines[0]
        place = net.work / f"fastd-{name}.conf"
        place.write_text(f'secret "{secret}";\n')
        place.chmod(0o600)
        keys[name] = run("fastd", "--machine-readable", "-c", str(place), "--show-key").stdout.split()[-1]
    try:
        for name, other, number in (("a", "b", 1), ("b", "a", 2)):
            place = net.work / f"fastd-{name}.conf"
            place.write_text(place.read_text() + f"""
mode tap; interface "fastd0"; mtu {MTU}; bind 0.0.0.0:10000; method "salsa2012+umac";
peer "{other}" {{ key "{keys[other]}"; remote 10.{3 - number}.0.2:10000; }}
""")
            programs[name] = net.start(name, "fastd", "-c", str(place))
        time.sleep(0.5)
        for name, number in (("a", 1), ("b", 2)):
            net.within(name, "ip", "addr", "add", f"10.9.3.{number}/24", "dev", "fastd0")
            net.within(name, "ip", "link", "set", "fastd0", "up")
        net.wait_for_ping("10.9.3.2", 45)  # it asks each 20 s, and the first time maybe too early
        yield Pair("10.9.3.1", "10.9.3.2", programs)
    finally:
        net.stop(*programs.values())


@contextlib.contextmanager
def nebula(net):
    need("nebula", "nebula-cert")
    work, programs = net.work, {}
    run("nebula-cert", "ca", "-name", "bench", "-out-crt", str(work / "nebula-ca.crt"),
        "-out-key", str(work / "nebula-ca.key"))
    try:
        for name, number in (("a", 1), ("b", 2)):
            run("nebula-cert", "sign", "-ca-crt", str(work / "nebula-ca.crt"), "-ca-key",
                str(work / "nebula-ca.key"), "-name", name, "-ip", f"10.9.4.{number}/24",
                "-out-crt", str(work / f"nebula-{name}.crt"), "-out-key", str(work / f"nebula-{name}.key"))
            place = work / f"nebula-{name}.yml"
            anybody = [{"port": "any", "proto": "any", "host": "any"}]
            place.write_text(json.dumps({
                "pki": {"ca": str(work / "nebula-ca.crt"), "cert": str(work / f"nebula-{name}.crt"),
                        "key": str(work / f"nebula-{name}.key")},
                "static_host_map": {f"10.9.4.{3 - number}": [f"10.{3 - number}.0.2:4242"]},
                "lighthouse": {"am_lighthouse": False, "hosts": []},
                "listen": {"host": "0.0.0.0", "port": 4242},
                "tun": {"dev": "nebula0", "mtu": int(MTU)},
                "firewall": {"outbound": anybody, "inbound": anybody}}))
            programs[name] = net.start(name, "nebula", "-config", str(place))
        net.wait_for_ping("10.9.4.2")
        yield Pair("10.9.4.1", "10.9.4.2", programs)
    finally:
        net.stop(*programs.values())


PEERS = {"wireguard-go": wireguard_go, "tinc": tinc, "openvpn": openvpn, "fastd": fastd, "nebula": nebula}
