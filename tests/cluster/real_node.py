"""A real node for with_cluster.py: containerd, a kubelet with real containers and kube-proxy,
everything of its own in one folder and one network namespace. Needs root, and Debian's containerd,
runc, containernetworking-plugins, iptables and busybox-static. Kubelet and kube-proxy are the control
plane's version; cgroups may be of version 1 or 2.

Images are made here of busybox, without a registry: marvel.test/busybox:1 and marvel.test/pause:1.
Pods name them with imagePullPolicy: Never. The node is called real1 and has an address of its own on
a link of its own, since kubelets do not take 127.0.0.1; pods are on a bridge.
"""
import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import tarfile
import time

NAME = "real1"
BUSYBOX = pathlib.Path("/bin/busybox")
PLUGINS = pathlib.Path("/usr/lib/cni")
LINK, BRIDGE = "node", "pods"
ADDRESS, SUBNET = "10.251.7.1", "10.251.8.0/24"
IMAGE = "marvel.test/busybox:1"
PAUSE = "marvel.test/pause:1"
LINKS = ("sh", "echo", "sleep", "cat", "true", "false", "httpd", "wget", "test", "date")


def missing(programs):
    """Why no real node can be had here, with the control plane's folder `programs`; empty when one can."""
    for program in ("kubelet", "kube-proxy"):
        if not (programs / program).exists():
            return f"a real node needs {program}"
    if os.geteuid() != 0:
        return "a real node needs root"
    for program in ("containerd", "ctr", "runc", "ip", "unshare", "iptables"):
        if shutil.which(program) is None:
            return f"a real node needs {program}"
    for path, package in ((BUSYBOX, "busybox-static"), (PLUGINS / "bridge", "containernetworking-plugins")):
        if not path.exists():
            return f"a real node needs {package}"
    return ""


def call(*words, check=True, **more):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {done.stdout[-500:]}")
    return done.stdout


def add(archive, name, content, mode=0o644):
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))


def layer():
    """A root file system with busybox in it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name in ("bin", "tmp", "www", "etc"):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
        add(archive, "bin/busybox", BUSYBOX.read_bytes(), 0o755)
        for name in LINKS:
            entry = tarfile.TarInfo(f"bin/{name}")
            entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(entry)
        add(archive, "www/index.html", b"hello from a real container\n")
    return out.getvalue()


def write_image(path, reference, command):
    """A docker archive of one layer."""
    files = layer()
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Cmd": command, "Env": ["PATH=/bin"]},
                         "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(files).hexdigest()]}})
    name = hashlib.sha256(config.encode()).hexdigest() + ".json"
    with tarfile.open(path, "w") as archive:
        add(archive, name, config.encode())
        add(archive, "layer.tar", files)
        add(archive, "manifest.json",
            json.dumps([{"Config": name, "RepoTags": [reference], "Layers": ["layer.tar"]}]).encode())


def make_link():
    """The node's address, on a link that takes the default route, which the API server looks for."""
    call("ip", "link", "set", "lo", "up")
    call("ip", "link", "add", LINK, "type", "bridge")  # not every kernel has dummy links
    call("ip", "address", "add", ADDRESS + "/32", "dev", LINK)
    call("ip", "link", "set", LINK, "up")
    call("ip", "route", "add", "default", "dev", LINK)


class RealNode:
    def __init__(self, plane):
        self.plane = plane
        self.folder = plane.folder / "node"
        self.socket = self.folder / "containerd.sock"

    # --- what the programs read ---

    def write_files(self, port, health_port):
        (self.folder / "cni").mkdir(parents=True)
        plugin = {"type": "bridge", "bridge": BRIDGE, "isGateway": True,
                  "ipam": {"type": "host-local", "ranges": [[{"subnet": SUBNET}]],
                           "routes": [{"dst": "0.0.0.0/0"}], "dataDir": str(self.folder / "addresses")}}
        (self.folder / "cni" / "pods.conflist").write_text(
            json.dumps({"cniVersion": "0.4.0", "name": "pods", "plugins": [plugin]}))
        cri = 'plugins."io.containerd.grpc.v1.cri"'
        (self.folder / "containerd.toml").write_text(f"""\
version = 2
root = "{self.folder}/root"
state = "{self.folder}/state"
[grpc]
address = "{self.socket}"
[{cri}]
sandbox_image = "{PAUSE}"
restrict_oom_score_adj = true
[{cri}.cni]
bin_dir = "{PLUGINS}"
conf_dir = "{self.folder}/cni"
""")
        (self.folder / "kubelet.yaml").write_text(f"""\
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
failCgroupV1: false
containerRuntimeEndpoint: unix://{self.socket}
authentication: {{anonymous: {{enabled: true}}, webhook: {{enabled: false}}}}
authorization: {{mode: AlwaysAllow}}
cgroupDriver: cgroupfs
cgroupsPerQOS: false
enforceNodeAllocatable: []
failSwapOn: false
evictionHard: {{memory.available: 10Mi}}
localStorageCapacityIsolation: false
imageGCHighThresholdPercent: 100
address: {ADDRESS}
port: {port}
healthzPort: {health_port}
readOnlyPort: 0
""")

    # --- containers ---

    def ctr(self, *words, check=True):
        return call("ctr", "-a", str(self.socket), "-n", "k8s.io", *words, check=check)

    def start_containerd(self):
        self.plane.start("containerd", "-c", str(self.folder / "containerd.toml"), path=shutil.which("containerd"))
        end = time.monotonic() + 30
        while "Server" not in self.ctr("version", check=False):
            if time.monotonic() > end:
                raise RuntimeError("containerd does not answer")
            time.sleep(0.1)
        for reference, command in ((IMAGE, ["sh"]), (PAUSE, ["sleep", "2147483647"])):
            path = self.folder / "image.tar"
            write_image(path, reference, command)
            self.ctr("images", "import", str(path))

    def can_run(self):
        """Whether this machine lets containers run at all: containers in containers may not."""
        return "it runs" in self.ctr("run", "--rm", IMAGE, "probe", "echo", "it runs", check=False)

    # --- beginning and end ---

    def begin(self, free_ports):
        """False when containers cannot run here."""
        self.folder.mkdir()
        self.write_files(*free_ports(2))
        self.start_containerd()
        if not self.can_run():
            return False
        self.plane.start("kubelet", "--kubeconfig=kubeconfig", f"--config={self.folder}/kubelet.yaml",
                         f"--root-dir={self.folder}/kubelet", f"--hostname-override={NAME}", f"--node-ip={ADDRESS}",
                         f"--cert-dir={self.folder}/certificates", "--node-labels=Layer=REAL")
        self.start_proxy(*free_ports(2))
        return True

    def start_proxy(self, health_port, metrics_port):
        """Services answer on this node. Limits of connection tracking belong to the whole machine: 0 leaves them."""
        self.plane.start("kube-proxy", "--kubeconfig=kubeconfig", "--proxy-mode=iptables", f"--hostname-override={NAME}",
                         "--conntrack-max-per-core=0", "--conntrack-tcp-timeout-established=0",
                         "--conntrack-tcp-timeout-close-wait=0", f"--healthz-bind-address=127.0.0.1:{health_port}",
                         f"--metrics-bind-address=127.0.0.1:{metrics_port}")

    def end(self):
        """The kubelet first, so that it starts nothing again; then what runs, then containerd."""
        kubelet = self.plane.children.pop("kubelet", None)
        if kubelet:
            kubelet.terminate()
            kubelet.wait()
        containerd = self.plane.children.pop("containerd", None)
        if containerd:
            self.end_containers()
            containerd.terminate()
            containerd.wait()
        mounts = [line.split()[1] for line in pathlib.Path("/proc/mounts").read_text().splitlines()]
        for path in sorted((one for one in mounts if one.startswith(str(self.folder))), reverse=True):
            call("umount", "-l", path, check=False)

    def end_containers(self):
        for task in self.ctr("tasks", "list", "-q", check=False).split():
            self.ctr("tasks", "kill", "-s", "KILL", task, check=False)
        for task in self.ctr("tasks", "list", "-q", check=False).split():
            self.ctr("tasks", "delete", "-f", task, check=False)
