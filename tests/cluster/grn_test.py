"""The seed's GRN case on a real scheduler: Listings 30 to 33 and the steps of Table 1. A taint alone
repels, a toleration alone does not attract, an affinity alone waits in front of the taint; both
halves bring all pods to the wanted node."""
import pathlib
import subprocess
import sys

from api import (FOLDER, create, create_nodes, expect, get, marvel, namespace, node, request, run_tests,
                 wait_for)

EXAMPLE = pathlib.Path(__file__).resolve().parents[2] / "examples" / "grn"
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: NAME}
spec:
  containers: [{name: c, image: "example.org/c:1", resources: {requests: {cpu: 10m, memory: 8Mi}}}]
"""
TOLERATION = "  tolerations: [{key: Layer, operator: Equal, value: GRNEDGE1}]\n"
AFFINITY = ("  affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
            "[{matchExpressions: [{key: Layer, operator: In, values: [GRNEDGE1]}]}]}}}\n")


def where(space, name):
    """The node of a pod, or the scheduler's message."""
    def look():
        pod = get(f"/api/v1/namespaces/{space}/pods/{name}")
        if "nodeName" in pod["spec"]:
            return pod["spec"]["nodeName"]
        return next((c["message"] for c in pod.get("status", {}).get("conditions", [])
                     if c["type"] == "PodScheduled" and c["status"] == "False"), None)
    return wait_for(look, what=f"an answer for {name}")


def pod(space, name, more=""):
    path = FOLDER / f"{name}.yaml"
    path.write_text(POD.replace("NAME", name) + more)
    expect(marvel("deploy", "apply", "-f", str(path), "-n", space, "--name", name), 0)
    return where(space, name)


def test_table_1_from_the_first_step_to_the_last():
    space = namespace("grn")
    create_nodes([node("grnedge1"), node("grnfog1", {"tier": "fog"}), node("psnc1", {"tier": "cloud"})])
    # Listing 30: the taint repels.
    expect(marvel("taint", "nodes", "grnedge1", "Layer=GRNEDGE1:NoSchedule"), 0, "node/grnedge1 tainted")
    assert {pod(space, f"plain{i}") for i in range(6)} <= {"grnfog1", "psnc1"}
    # Listing 31: a toleration allows, and does not attract: marvel says that all three would take it.
    run = marvel("taint", "check", "--json", "-", stdin=POD.replace("NAME", "x") + TOLERATION)
    assert run.json()["pods"][0]["fits"] == ["grnedge1", "grnfog1", "psnc1"], run
    # Listing 32: the label.
    expect(marvel("taint", "nodes", "grnedge1", "Layer=GRNEDGE1:NoSchedule", "--label"), 0, "modified")
    assert get("/api/v1/nodes/grnedge1")["metadata"]["labels"]["Layer"] == "GRNEDGE1"
    # Listing 33, alone: it waits in front of the taint, and marvel says so in the same words.
    message = pod(space, "attracted", AFFINITY)
    run = marvel("taint", "check", "attracted", "-n", space, "--json")
    assert run.code == 1 and message.startswith(run.json()["pods"][0]["message"]), (message, run)
    # Both.
    assert pod(space, "both", TOLERATION + AFFINITY) == "grnedge1"


def test_one_flag_does_both_halves():
    space = namespace("camera")
    template = str(EXAMPLE / "camera.template.yaml")
    expect(marvel("deploy", "apply", "-f", template, "-n", space, "--set", "REPLICAS=4", "--layer", "GRNEDGE1",
                  "--wait"), 0)
    nodes = {one["spec"].get("nodeName") for one in get(f"/api/v1/namespaces/{space}/pods")["items"]}
    assert nodes == {"grnedge1"}, nodes
    space = namespace("named")
    expect(marvel("deploy", "apply", "-f", template, "-n", space, "--node", "grnedge1", "--wait"), 0)
    nodes = {one["spec"].get("nodeName") for one in get(f"/api/v1/namespaces/{space}/pods")["items"]}
    assert nodes == {"grnedge1"}, nodes


def test_the_example_takes_everything_back():
    create_nodes([node("grnedge2")])
    space = namespace("example")
    done = subprocess.run([str(EXAMPLE / "cluster.sh"), sys.argv[1], "grnedge2", space], capture_output=True,
                          text=True, timeout=200)
    assert done.returncode == 0, (done.stdout, done.stderr)
    left = get("/api/v1/nodes/grnedge2")
    assert "taints" not in left["spec"] and "Layer" not in left["metadata"]["labels"], left
    assert not get(f"/apis/apps/v1/namespaces/{space}/deployments")["items"]


def test_the_example_takes_everything_back_when_a_step_fails():
    create_nodes([node("grnedge3")])
    done = subprocess.run([str(EXAMPLE / "cluster.sh"), sys.argv[1], "grnedge3", "no-such-namespace"],
                          capture_output=True, text=True, timeout=200)
    assert done.returncode != 0, (done.stdout, done.stderr)
    left = get("/api/v1/nodes/grnedge3")
    assert "taints" not in left["spec"] and "Layer" not in left["metadata"]["labels"], left


def test_listing_33_as_printed_never_reaches_the_cluster():
    space = namespace("printed")
    run = marvel("deploy", "apply", "-f", str(EXAMPLE / "listing33.yaml"), "-n", space, "--name", "printed")
    assert run.code == 2 and "nodeSelectorTerms" in run.err, run
    assert not get(f"/api/v1/namespaces/{space}/pods")["items"]


run_tests(dict(globals()))
