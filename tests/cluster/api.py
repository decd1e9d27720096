"""What the cluster tests share: plain requests to the API server of with_cluster.py, runs of
marvel, and checks that print one line each."""
import concurrent.futures
import functools
import http.client
import json
import os
import pathlib
import ssl
import subprocess
import sys
import threading
import time
import traceback
import urllib.parse

FOLDER = pathlib.Path(os.environ["MARVEL_TEST_DIR"])
SERVER = urllib.parse.urlparse(os.environ["MARVEL_TEST_SERVER"])
TRUST = ssl.create_default_context(cafile=str(FOLDER / "ca.crt"))
TOKEN = (FOLDER / "admin.token").read_text().strip()
LOCAL = threading.local()


def request(method, path, body=None, content_type="application/json", token=TOKEN):
    """Status and parsed body. One kept connection per thread."""
    headers = {"Authorization": "Bearer " + token, "Content-Type": content_type}
    data = None if body is None else json.dumps(body)
    for attempt in (1, 2):
        connection = getattr(LOCAL, "connection", None)
        if connection is None:
            connection = http.client.HTTPSConnection(SERVER.hostname, SERVER.port, context=TRUST,
                                                     timeout=30)
            LOCAL.connection = connection
        try:
            connection.request(method, path, body=data, headers=headers)
            answer = connection.getresponse()
            text = answer.read()
            is_json = "json" in answer.getheader("Content-Type", "")
            return answer.status, json.loads(text) if is_json else text.decode()
        except (http.client.HTTPException, OSError):
            connection.close()
            LOCAL.connection = None
            if attempt == 2:
                raise


def get(path):
    status, body = request("GET", path)
    assert status == 200, (path, status, body)
    return body


def create(path, body):
    status, answer = request("POST", path, body)
    assert status in (200, 201), (path, status, answer)
    return answer


def node(name, labels=None, taints=None, cpu="4", memory="16Gi", pods="110"):
    amounts = {"cpu": cpu, "memory": memory, "pods": pods}
    port = FOLDER / "kubelet.port"  # of the stand-in, where there is one
    kubelet = {"addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
               "daemonEndpoints": {"kubeletEndpoint": {"Port": int(port.read_text())}}} if port.exists() else {}
    return {
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name, **(labels or {})}},
        "spec": {"taints": taints or []},
        "status": {"capacity": amounts, "allocatable": amounts,
                   "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}], **kubelet}}


def create_nodes(nodes):
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: create("/api/v1/nodes", one), nodes))


@functools.cache
def server_minor():
    """37 of v1.37.2"""
    return int(get("/version")["minor"].rstrip("+"))


def namespace(name):
    """A fresh namespace in which pods can be made: with its default service account, which had a
    token of its own before 1.24."""
    create("/api/v1/namespaces", {"metadata": {"name": name}})
    path = f"/api/v1/namespaces/{name}/serviceaccounts/default"
    wait_for(lambda: request("GET", path)[0] == 200)
    wait_for(lambda: server_minor() >= 24 or get(path).get("secrets"))
    return name


def wait_for(condition, limit_s=60, what="condition"):
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {limit_s} s: {what}")


class Run:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.code}\nstdout: {self.out}\nstderr: {self.err}"


def marvel(*words, stdin=None, limit_s=120, environment=None):
    done = subprocess.run([sys.argv[1], *words], input=stdin, capture_output=True, text=True,
                          timeout=limit_s, env=dict(os.environ, **(environment or {})))
    return Run(done)


def expect(run, code, *texts):
    """The run ended with `code`, and all of `texts` are in its output."""
    assert run.code == code, run
    for text in texts:
        assert text in run.out or text in run.err, (text, run)
    return run


def run_tests(scope):
    """Runs every function test_* of `scope`; the exit code is 1 when one failed."""
    failed = 0
    for name, test in scope.items():
        if name.startswith("test_"):
            started = time.monotonic()
            try:
                test()
                print(f"ok      {name} ({time.monotonic() - started:.1f} s)", flush=True)
            except Exception:  # the next test still runs
                failed += 1
                print(f"FAILED  {name}\n{traceback.format_exc()}", flush=True)
    sys.exit(1 if failed else 0)
