"""marvel's verdicts against the real scheduler's, on random nodes and random pods: a pod that the
scheduler binds must be one that marvel would have let there, and the message for one that it does
not bind must be marvel's, word for word. Schedulers before 1.23 have words of their own; there the
verdicts alone count. MARVEL_SEEDS multiplies the rounds, each with nodes of its own."""
import json
import os
import random
import time

from api import FOLDER, create, create_nodes, marvel, namespace, node, request, run_tests, server_minor

SEED = 20240601
ROUNDS = 14 * int(os.environ.get("MARVEL_SEEDS", "1"))
PODS = 150
NODES = 10
KEYS = ("Layer", "gpu", "site")
VALUES = ("a", "b", "3", "")
EFFECTS = ("NoSchedule", "NoExecute", "PreferNoSchedule")


def random_taints(rng):
    taints = {}
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        key, effect = rng.choice(KEYS), rng.choice(EFFECTS)
        taints[key, effect] = {"key": key, "value": rng.choice(VALUES), "effect": effect}
    return list(taints.values())


def random_node(rng, name):
    labels = {key: rng.choice(VALUES) for key in KEYS if rng.random() < 0.6}
    labels["cores"] = str(rng.randint(1, 8))
    made = node(name, labels, random_taints(rng), cpu=rng.choice(("1", "1500m", "4")),
                memory=rng.choice(("512Mi", "1Gi", "4G")), pods=rng.choice(("2", "110")))
    if rng.random() < 0.3:
        made["status"]["allocatable"]["example.org/gpu"] = made["status"]["capacity"]["example.org/gpu"] = "2"
    made["spec"]["unschedulable"] = rng.random() < 0.1
    return made


def random_requests(rng):
    requests = {}
    if rng.random() < 0.6:
        requests["cpu"] = rng.choice(("1m", "0.5", "700m", "1", "2", "3"))
    if rng.random() < 0.6:
        requests["memory"] = rng.choice(("1Mi", "300M", "0.5Gi", "900Mi", "2e9"))
    if rng.random() < 0.2:
        requests["example.org/gpu"] = rng.choice(("1", "2", "3"))
    return requests


def random_port(rng):
    return {"containerPort": 80, "hostPort": rng.choice((80, 81)), "protocol": rng.choice(("TCP", "UDP"))}


def container(rng, name):
    requests = random_requests(rng)
    made = {"name": name, "image": "example.org/c:1", "resources": {"requests": requests}}
    limits = {key: value for key, value in requests.items() if key.startswith("example.org")}
    if limits:
        made["resources"]["limits"] = limits
    if rng.random() < 0.1:
        made["ports"] = [random_port(rng)]
    return made


def init_container(rng, name):
    """Half of them are sidecars. Their host ports count for schedulers since 1.34, and by a late fix
    of 1.33."""
    made = container(rng, name)
    made.pop("ports", None)
    if rng.random() < 0.5 and server_minor() >= 29:
        made["restartPolicy"] = "Always"
        if server_minor() >= 34 and rng.random() < 0.4:
            made["ports"] = [random_port(rng)]
    return made


def random_tolerations(rng):
    tolerations = []
    for _ in range(rng.choice((0, 1, 2, 3))):
        operator = rng.choice(("Equal", "Exists", None))
        one = {"key": rng.choice(KEYS)}
        if operator:
            one["operator"] = operator
        if operator != "Exists":
            one["value"] = rng.choice(VALUES)
        if rng.random() < 0.4:
            one["effect"] = rng.choice(EFFECTS)
        tolerations.append(one)
    if rng.random() < 0.3:
        tolerations.append({"operator": "Exists"})
    return tolerations


def random_expression(rng):
    operator = rng.choice(("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"))
    one = {"key": rng.choice(KEYS + ("cores",)), "operator": operator}
    if operator in ("In", "NotIn"):
        one["values"] = rng.sample(VALUES[:3], rng.randint(1, 2))
    if operator in ("Gt", "Lt"):
        one.update(key=rng.choice(("cores", "Layer")), values=[str(rng.randint(1, 8))])
    return one


def random_term(rng, names):
    term = {}
    if rng.random() < 0.8:
        term["matchExpressions"] = [random_expression(rng) for _ in range(rng.randint(1, 2))]
    if rng.random() < 0.3 or not term:
        term["matchFields"] = [{"key": "metadata.name", "operator": rng.choice(("In", "In", "NotIn")),
                                "values": [rng.choice(names)]}]
    return term


def random_pod(rng, name, names):
    spec = {"containers": [container(rng, f"c{i}") for i in range(rng.choice((1, 1, 2)))],
            "tolerations": random_tolerations(rng)}
    if rng.random() < 0.25:
        spec["initContainers"] = [init_container(rng, "i0")]
    if rng.random() < 0.2:
        spec["nodeSelector"] = {rng.choice(KEYS): rng.choice(VALUES)}
    if rng.random() < 0.4:
        terms = [random_term(rng, names) for _ in range(rng.choice((1, 1, 2)))]
        spec["affinity"] = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution":
                                             {"nodeSelectorTerms": terms}}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def schedulers_answer(path):
    """The node, or the message."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        pod = request("GET", path)[1]
        if "nodeName" in pod["spec"]:
            return pod["spec"]["nodeName"], ""
        for condition in pod.get("status", {}).get("conditions", []):
            if condition["type"] == "PodScheduled" and condition["status"] == "False":
                return "", condition["message"]
        time.sleep(0.002)
    raise AssertionError(f"the scheduler said nothing about {path}")


def make_fillers(rng, names, path):
    """Something runs already, part of it finished."""
    for name in names:
        for i in range(rng.choice((0, 1, 2))):
            filler = random_pod(rng, f"filler-{name}-{i}", names)
            filler["spec"].update(nodeName=name, tolerations=[{"operator": "Exists"}])
            request("POST", path, filler)
            if rng.random() < 0.3:
                request("PATCH", f"{path}/filler-{name}-{i}/status", {"status": {"phase": "Succeeded"}},
                        "application/merge-patch+json")


def agrees(message, check):
    """Old schedulers refuse a pod that asks for nothing of a resource of which a node has given away
    too much; no pods are given away twice but by the fillers here."""
    if server_minor() < 23:
        return not check["fits"] or "Insufficient" in message
    return not check["fits"] and message.startswith(check["message"])


def compare(seed):
    """How many of the pods of one round were bound."""
    rng = random.Random(seed)
    names = [f"diff{i}" for i in range(NODES)]
    create_nodes([random_node(rng, name) for name in names])
    space = namespace(f"diff{seed}")
    path = f"/api/v1/namespaces/{space}/pods"
    make_fillers(rng, names, path)
    pods = [random_pod(rng, f"pod{i}", names) for i in range(PODS)]
    file = FOLDER / "pods.yaml"
    file.write_text("\n---\n".join(json.dumps(pod) for pod in pods))
    run = marvel("taint", "check", str(file), "--json")
    assert run.code in (0, 1), run
    checks = run.json()["pods"]
    assert len(checks) == PODS
    bound = 0
    for pod, check in zip(pods, checks):
        if request("POST", path, pod)[0] == 422:
            continue  # such as a host port that two containers want
        name = pod["metadata"]["name"]
        where, message = schedulers_answer(f"{path}/{name}")
        request("DELETE", f"{path}/{name}?gracePeriodSeconds=0")
        told = f"seed {seed}, {json.dumps(pod)}\nscheduler: {where or message}\nmarvel: {json.dumps(check)}"
        if where:
            bound += 1
            assert where in check["fits"], told
        else:
            assert agrees(message, check), told
    for pod in request("GET", path)[1]["items"]:
        request("DELETE", f"{path}/{pod['metadata']['name']}?gracePeriodSeconds=0")
    for name in names:
        request("DELETE", f"/api/v1/nodes/{name}")
    return bound


def test_random_pods_fare_as_marvel_says():
    bound = sum(compare(SEED + i) for i in range(ROUNDS))
    total = ROUNDS * PODS
    print(f"        {total} pods, {bound} bound, {total - bound} refused as marvel said", flush=True)


run_tests(dict(globals()))
