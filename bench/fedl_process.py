"""What the benchmarks of `marvel fedl server` share: a port, light clients, and what a server uses."""
import os
import pathlib
import socket
import statistics
import subprocess
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


def python(venvs, version):
    return str(venvs / version / "bin" / "python")


def light_clients(venvs, port, dialect, clients, parameters, work, log, **more):
    """One process with all the clients (peers/fedl_clients.py); `log` gets the time of each task."""
    return subprocess.Popen([python(venvs, "0.17.0"), str(HERE / "peers" / "fedl_clients.py"), f"127.0.0.1:{port}",
                             dialect, str(clients), str(parameters), str(work), str(log)], **more)


class Watched:
    """A server process and what it has used since it listens: seconds of user and system, largest MiB."""

    def __init__(self, words, port, errors=os.devnull, **more):
        with open(errors, "w") as file:
            self.child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=file, **more)
        while not listens(port):
            assert self.child.poll() is None, (words, pathlib.Path(errors).read_text())
            time.sleep(0.05)
        self.before = self.times()
        self.user, self.system, self.memory = 0, 0, 0

    def times(self):
        words = pathlib.Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(words[11]) / TICK, int(words[12]) / TICK

    def look(self):
        """To be called every few milliseconds. False when the process has ended."""
        try:
            status = pathlib.Path(f"/proc/{self.child.pid}/status").read_text()
            self.user, self.system = (now - before for now, before in zip(self.times(), self.before))
        except (FileNotFoundError, ProcessLookupError):
            return False
        peak = next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0)
        self.memory = max(self.memory, peak)
        return self.child.poll() is None

    @property
    def cpu(self):
        return self.user + self.system


def round_seconds(log, per_round):
    """Median between the first tasks of consecutive rounds, each of which has as many tasks; None with one round."""
    begins = sorted(float(line) for line in log.read_text().split())[::per_round]
    return statistics.median(b - a for a, b in zip(begins, begins[1:])) if len(begins) > 1 else None
