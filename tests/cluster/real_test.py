"""marvel deploy, logs and taint on a real node: what containers really do, and what marvel says of it."""
import pathlib
import subprocess
import sys
import urllib.request

from real_node import ADDRESS
from api import FOLDER, expect, get, marvel, namespace, request, run_tests, wait_for

SERVER = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: web
        image: {image}
        imagePullPolicy: {pull}
        command: {command}
        resources: {{requests: {{cpu: 10m, memory: 8Mi}}}}
{more}"""

WEB = '["sh", "-c", "echo ready to serve; exec httpd -f -p 8080 -h /www"]'
PROBE = "        readinessProbe: {httpGet: {port: 8080, path: /}, periodSeconds: 1}\n"
IMAGE = "marvel.test/busybox:1"


def manifest(name, command=WEB, image=IMAGE, pull="Never", more=""):
    path = FOLDER / f"{name}.yaml"
    path.write_text(SERVER.format(command=command, image=image, pull=pull, more=more))
    return str(path)


def apply(space, path, *words):
    return marvel("deploy", "apply", "-f", path, "-n", space, "--name", "web", "--layer", "REAL", "--wait",
                  "--wait-timeout", "90s", *words)


def pods(space):
    return get(f"/api/v1/namespaces/{space}/pods")["items"]


def answer_of(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.read()
    except OSError:
        return b""


def delete(space):
    expect(marvel("deploy", "delete", "web", "-n", space, "--yes"), 0)


def test_000_the_node_is_ready_and_dedicated():
    def ready():
        status, node = request("GET", "/api/v1/nodes/real1")
        conditions = node["status"].get("conditions", []) if status == 200 else []
        return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
    wait_for(ready, 90, "the node to be ready")
    expect(marvel("taint", "nodes", "real1", "Layer=REAL:NoSchedule", "--label"), 0, "tainted")


def test_a_service_is_ready_when_it_answers_and_its_log_is_its_own():
    space = namespace("serves")
    run = expect(apply(space, manifest("web", more=PROBE)), 0, "ready")
    one, = pods(space)
    address = one["status"]["podIP"]
    with urllib.request.urlopen(f"http://{address}:8080/", timeout=10) as answer:
        assert answer.read() == b"hello from a real container\n"
    run = expect(marvel("deploy", "logs", "web", "-n", space), 0)
    assert run.out == "ready to serve\n", run
    expect(marvel("deploy", "status", "web", "-n", space), 0)
    delete(space)
    wait_for(lambda: not pods(space), 60, "the pod to be gone")


def test_a_service_answers_at_its_own_address_once_deploy_says_ready():
    space = namespace("answers")
    path = manifest("answers", more=PROBE)
    with open(path, "a", encoding="utf-8") as file:
        file.write("---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
                   "spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}\n")
    expect(apply(space, path), 0, "ready")
    spec = get(f"/api/v1/namespaces/{space}/services/web")["spec"]
    node_port = spec["ports"][0]["nodePort"]
    for url in (f"http://{spec['clusterIP']}/", f"http://{ADDRESS}:{node_port}/"):
        wait_for(lambda url=url: answer_of(url) == b"hello from a real container\n", 20, url + " to answer")
    delete(space)


def test_a_crash_is_told_with_the_last_words_of_the_container():
    space = namespace("crashes")
    run = expect(apply(space, manifest("crash", '["sh", "-c", "echo no camera at /dev/video0; exit 3"]')), 1,
                 "CrashLoopBackOff", "no camera at /dev/video0")
    logs = ("deploy", "logs", "web", "-n", space, "--tail", "1")
    expect(marvel(*logs), 0, "no camera")
    # The kubelet keeps one ended container: the run before, while one runs.
    wait_for(lambda: "no camera" in marvel(*logs, "--previous").out, 60, "the log of the run before")
    delete(space)


def test_an_image_that_is_nowhere_is_told():
    space = namespace("pulls")
    expect(apply(space, manifest("pull", image="127.0.0.1:1/grn/none:1", pull="IfNotPresent")), 1,
           "image", "127.0.0.1:1/grn/none:1")
    delete(space)


def test_a_command_that_is_not_in_the_image_is_told():
    space = namespace("commands")
    expect(apply(space, manifest("command", '["no-such-program"]')), 1, "no-such-program")
    delete(space)


def test_a_pod_that_asks_for_too_much_is_told():
    space = namespace("greedy")
    path = pathlib.Path(manifest("greedy"))
    path.write_text(path.read_text().replace("cpu: 10m", 'cpu: "1000"'))
    expect(apply(space, str(path)), 1, "Insufficient cpu")
    delete(space)


def test_logs_follow_until_they_are_stopped():
    space = namespace("follows")
    command = '["sh", "-c", "i=0; while true; do i=$((i+1)); echo line $i; sleep 0.2; done"]'
    expect(apply(space, manifest("lines", command)), 0)
    child = subprocess.Popen([sys.argv[1], "deploy", "logs", "web", "-n", space, "--follow", "--tail", "1"],
                             stdout=subprocess.PIPE, text=True)
    lines = [child.stdout.readline().strip() for _ in range(6)]
    child.send_signal(2)
    assert child.wait(20) == 130
    numbers = [int(line.split()[1]) for line in lines]
    assert numbers == list(range(numbers[0], numbers[0] + 6)), lines
    delete(space)


def test_a_stateful_set_goes_on_from_a_crashing_pod_without_a_probe():
    """It is ready for a moment at each start, so the wait for the new revision goes on as well."""
    space = namespace("states")

    def stateful(name, command):
        path = pathlib.Path(manifest(name, command))
        path.write_text(path.read_text().replace("kind: Deployment", "kind: StatefulSet").replace(
            "spec:\n  selector", "spec:\n  serviceName: web\n  selector"))
        return str(path)

    expect(apply(space, stateful("crashes", '["sh", "-c", "exit 3"]')), 1, "CrashLoopBackOff")
    expect(apply(space, stateful("fixed", WEB)), 0, "ready")
    delete(space)


def test_a_no_execute_taint_is_previewed_and_then_evicts():
    space = namespace("evicted")
    expect(apply(space, manifest("web")), 0)
    before, = pods(space)
    name = before["metadata"]["name"]
    expect(marvel("taint", "nodes", "real1", "fire=now:NoExecute", "--dry-run", "client"), 0,
           f"pod {space}/{name} would leave node real1 at once")
    assert [one["metadata"]["name"] for one in pods(space)] == [name]
    expect(marvel("taint", "nodes", "real1", "fire=now:NoExecute", "--yes"), 0, "tainted")
    wait_for(lambda: name not in [one["metadata"]["name"] for one in pods(space)], 60, "the pod to leave")
    expect(marvel("deploy", "status", "web", "-n", space), 1, "untolerated taint")
    expect(marvel("taint", "nodes", "real1", "fire-"), 0, "untainted")
    expect(marvel("deploy", "wait", "web", "-n", space, "--wait-timeout", "60s"), 0)
    delete(space)


run_tests(dict(globals()))
