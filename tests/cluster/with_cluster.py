#!/usr/bin/env python3
"""Runs a command beside a real Kubernetes control plane of its own.

    with_cluster.py [--kubelet|--node] COMMAND...

etcd, kube-apiserver, kube-controller-manager and kube-scheduler run as processes on free ports of
127.0.0.1, in a temporary folder, and are ended (these processes, no others) when the command ends.
With --kubelet a stand-in for kubelets brings bound pods to life (fake_kubelet.py); with --node there
is one real node with real containers and services (real_node.py), and all of it runs in a network
namespace of its own, so that the machine's addresses and packet rules stay as they are. An API server
that the command kills is started again after a second. The command finds in its environment

    KUBECONFIG          contexts: admin (a certificate), token, nobody (no rights), wrong-ca, bad-token
    MARVEL_TEST_DIR     the folder: ca.crt, admin.crt, admin.key, apiserver.pid, logs
    MARVEL_TEST_SERVER  https://127.0.0.1:PORT

The exit code is the command's; 77 when the programs are not there (tools/kube-binaries builds them),
or no real node can be had.
"""
import contextlib
import os
import pathlib
import random
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from real_node import RealNode, make_link, missing

HERE = pathlib.Path(__file__).resolve().parent
ADMIN_TOKEN = "admin-token-of-the-tests"
NOBODY_TOKEN = "nobody-token-of-the-tests"
START_LIMIT_S = 120


def find_programs():
    tool = HERE.parent.parent / "tools" / "kube-binaries"
    found = subprocess.run([str(tool), "--no-build"], stdout=subprocess.PIPE, text=True)
    if found.returncode != 0:
        print("skipped: no Kubernetes control plane (see above)", file=sys.stderr)
        sys.exit(77)
    if shutil.which("openssl") is None:
        print("skipped: openssl is not installed", file=sys.stderr)
        sys.exit(77)
    return pathlib.Path(found.stdout.strip())


def free_ports(count):
    """Ports that are free now, below those that the kernel gives to others who ask for any."""
    ports = []
    for port in random.sample(range(11000, 30000), 1000):
        with contextlib.suppress(OSError), socket.socket() as one:
            one.bind(("127.0.0.1", port))
            ports.append(port)
        if len(ports) == count:
            break
    return ports


def minor_version(program):
    """20 of v1.20.2"""
    return int(subprocess.run([str(program), "--version"], check=True, stdout=subprocess.PIPE,
                              text=True).stdout.split(".")[1])


class ControlPlane:
    def __init__(self, programs, folder):
        self.programs = programs
        self.folder = folder
        self.children = {}
        self.ending = False
        self.node = None
        self.etcd_port, self.peer_port, self.port, self.cm_port, self.scheduler_port = free_ports(5)
        self.server = f"https://127.0.0.1:{self.port}"
        self.minor = minor_version(programs / "kube-apiserver")

    # --- keys and files ---

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def make_certificate(self, name, subject, extensions):
        (self.folder / f"{name}.ext").write_text(extensions)
        self.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")
        self.openssl("req", "-new", "-key", f"{name}.key", "-subj", subject, "-out", f"{name}.csr")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
                     "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.crt")

    def make_authority(self, name):
        self.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")
        self.openssl("req", "-x509", "-new", "-key", f"{name}.key", "-days", "2", "-subj",
                     f"/CN={name}", "-out", f"{name}.crt")

    def make_keys(self):
        self.make_authority("ca")
        self.make_authority("other-ca")
        names = "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:10.0.0.1"
        self.make_certificate("server", "/CN=kube-apiserver", f"subjectAltName={names}\n")
        self.make_certificate("admin", "/O=system:masters/CN=admin", "extendedKeyUsage=clientAuth\n")
        self.openssl("genrsa", "-out", "sa.key", "2048")
        self.openssl("rsa", "-in", "sa.key", "-pubout", "-out", "sa.pub")
        (self.folder / "tokens.csv").write_text(
            f'{ADMIN_TOKEN},token-admin,1,"system:masters"\n{NOBODY_TOKEN},nobody,2,"nobodies"\n')
        (self.folder / "admin.token").write_text(ADMIN_TOKEN + "\n")

    def write_kubeconfig(self):
        (self.folder / "kubeconfig").write_text(f"""\
apiVersion: v1
kind: Config
current-context: admin
clusters:
- name: test
  cluster: {{server: "{self.server}", certificate-authority: ca.crt}}
- name: wrong
  cluster: {{server: "{self.server}", certificate-authority: other-ca.crt}}
users:
- name: admin
  user: {{client-certificate: admin.crt, client-key: admin.key}}
- name: token
  user: {{tokenFile: admin.token}}
- name: nobody
  user: {{token: {NOBODY_TOKEN}}}
- name: stranger
  user: {{token: no-such-token}}
contexts:
- {{name: admin, context: {{cluster: test, user: admin}}}}
- {{name: token, context: {{cluster: test, user: token}}}}
- {{name: nobody, context: {{cluster: test, user: nobody}}}}
- {{name: bad-token, context: {{cluster: test, user: stranger}}}}
- {{name: wrong-ca, context: {{cluster: wrong, user: admin}}}}
""")
        version = "v1" if self.minor >= 25 else "v1beta1"
        (self.folder / "scheduler.yaml").write_text(f"""\
apiVersion: kubescheduler.config.k8s.io/{version}
kind: KubeSchedulerConfiguration
clientConnection: {{kubeconfig: "{self.folder}/kubeconfig", qps: 2000, burst: 4000}}
leaderElection: {{leaderElect: false}}
percentageOfNodesToScore: 100
""")

    # --- processes ---

    def start(self, program, *arguments, path=None):
        with open(self.folder / f"{program}.log", "ab") as log:
            child = subprocess.Popen([str(path or self.programs / program), *arguments],
                                     cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                                     stderr=log, start_new_session=True)
        self.children[program] = child
        return child

    def start_etcd(self):
        client, peer = (f"http://127.0.0.1:{port}" for port in (self.etcd_port, self.peer_port))
        self.start("etcd", "--data-dir", "etcd", "--listen-client-urls", client,
                   "--advertise-client-urls", client, "--listen-peer-urls", peer,
                   "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}",
                   "--unsafe-no-fsync", "--log-level", "warn")

    def start_api_server(self):
        child = self.start(
            "kube-apiserver", f"--etcd-servers=http://127.0.0.1:{self.etcd_port}",
            "--bind-address=127.0.0.1", f"--secure-port={self.port}",
            "--tls-cert-file=server.crt", "--tls-private-key-file=server.key",
            "--client-ca-file=ca.crt", "--service-account-key-file=sa.pub",
            "--service-account-signing-key-file=sa.key",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--token-auth-file=tokens.csv", "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.0.0.0/16", "--allow-privileged=true", "--cert-dir=apiserver",
            "--endpoint-reconciler-type=none", "--disable-admission-plugins=TaintNodesByCondition",
            "--max-requests-inflight=0", "--max-mutating-requests-inflight=0",
            "--enable-priority-and-fairness=false", "--kubelet-preferred-address-types=InternalIP")
        (self.folder / "apiserver.pid").write_text(f"{child.pid}\n")

    def start_the_others(self):
        # These watch for heartbeats, which nodes without a kubelet do not have.
        idle = ("-node-lifecycle-controller,-node-ipam-controller,-ttl-controller" if self.minor >= 28
                else "-nodelifecycle,-nodeipam,-ttl")
        self.start("kube-controller-manager", "--kubeconfig=kubeconfig",
                   "--service-account-private-key-file=sa.key", "--root-ca-file=ca.crt",
                   "--leader-elect=false", "--use-service-account-credentials=false",
                   "--bind-address=127.0.0.1", f"--secure-port={self.cm_port}",
                   "--cert-dir=controller-manager", "--kube-api-qps=500", "--kube-api-burst=1000",
                   f"--controllers=*,{idle}")
        self.start("kube-scheduler", "--config=scheduler.yaml", "--bind-address=127.0.0.1",
                   f"--secure-port={self.scheduler_port}", "--cert-dir=scheduler")

    def start_kubelet(self):
        (port,) = free_ports(1)
        self.start("fake-kubelet", str(HERE / "fake_kubelet.py"), self.server, str(self.folder), str(port),
                   path=sys.executable)
        (self.folder / "kubelet.port").write_text(str(port))

    def ready(self, path):
        trust = ssl.create_default_context(cafile=str(self.folder / "ca.crt"))
        request = urllib.request.Request(self.server + path,
                                         headers={"Authorization": "Bearer " + ADMIN_TOKEN})
        try:
            with urllib.request.urlopen(request, timeout=5, context=trust) as answer:
                return answer.status == 200
        except OSError:
            return False

    def wait_until(self, path, program):
        limit = time.monotonic() + START_LIMIT_S
        while time.monotonic() < limit:
            if self.ready(path):
                return
            if self.children[program].poll() is not None:
                break
            time.sleep(0.1)
        log = (self.folder / f"{program}.log").read_text(errors="replace")
        print(f"{program} did not start:\n{log[-3000:]}", file=sys.stderr)
        sys.exit(1)

    def keep_alive(self):
        """Starts the API server again when it is gone."""
        while not self.ending:
            if self.children["kube-apiserver"].poll() is not None:
                time.sleep(1)
                if not self.ending:
                    self.start_api_server()
            time.sleep(0.1)

    def begin_node(self):
        self.node = RealNode(self)
        if not self.node.begin(free_ports):
            print("skipped: containers cannot run here", file=sys.stderr)
            sys.exit(77)

    def begin(self, life):
        self.make_keys()
        self.write_kubeconfig()
        self.start_etcd()
        self.start_api_server()
        self.wait_until("/readyz", "kube-apiserver")
        self.start_the_others()
        self.wait_until("/api/v1/namespaces/default/serviceaccounts/default", "kube-controller-manager")
        if life == "--kubelet":
            self.start_kubelet()
        if life == "--node":
            self.begin_node()
        threading.Thread(target=self.keep_alive, daemon=True).start()

    def end(self):
        self.ending = True
        if self.node:
            self.node.end()
        children = list(reversed(self.children.values()))
        for child in children:
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        for child in children[:-1]:
            try:
                child.wait(3)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        children[-1].kill()  # etcd holds nothing that is needed
        children[-1].wait()


def enter_network():
    """Goes on in a network namespace of its own, which ends with the last process in it."""
    if "MARVEL_TEST_NETWORK" not in os.environ:
        os.environ["MARVEL_TEST_NETWORK"] = "own"
        os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv])
    try:
        make_link()
    except RuntimeError as error:
        print(f"skipped: {error}", file=sys.stderr)
        sys.exit(77)


def main():
    arguments = sys.argv[1:]
    life = arguments[0] if arguments[:1] in (["--kubelet"], ["--node"]) else ""
    command = arguments[1:] if life else arguments
    if not command or command[0] in ("-h", "--help"):
        print(__doc__)
        return 2
    programs = find_programs()
    if life == "--node" and missing(programs):
        print(f"skipped: {missing(programs)}", file=sys.stderr)
        return 77
    if life == "--node":
        enter_network()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="marvel-cluster-", ignore_cleanup_errors=True) as folder:
        plane = ControlPlane(programs, pathlib.Path(folder))
        try:
            plane.begin(life)
            environment = dict(os.environ, KUBECONFIG=f"{folder}/kubeconfig", MARVEL_TEST_DIR=folder,
                               MARVEL_TEST_SERVER=plane.server)
            return subprocess.run(command, env=environment).returncode
        finally:
            if plane.children:
                plane.end()


if __name__ == "__main__":
    sys.exit(main())
