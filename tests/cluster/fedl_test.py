"""The templates of examples/fedl on a real API server: `marvel deploy apply` has them accepted by strict
validation, volumes and pods are bound by the real controllers and scheduler, and each client has a
number, a readiness probe and the addresses of its server."""
import pathlib

from api import create, create_nodes, expect, get, marvel, namespace, node, request, run_tests, server_minor, wait_for

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples" / "fedl"
SPACE = "fedl"
EDGE = ("edge1", "edge2", "edge3")


def apply(template, name, *words):
    return marvel("deploy", "apply", "-f", str(EXAMPLES / f"{template}.template.yaml"), "-n", SPACE, "--name", name, *words)


def pods_of(app, count):
    def bound():
        found = [pod for pod in get(f"/api/v1/namespaces/{SPACE}/pods")["items"]
                 if pod["metadata"]["labels"].get("app") == app]
        return found if len(found) == count and all("nodeName" in pod["spec"] for pod in found) else None
    return wait_for(bound, 60, f"{count} bound pods of {app}")


def environment(pod):
    """Values, and where a value comes from the pod itself that field."""
    container = pod["spec"]["containers"][0]
    return {one["name"]: one.get("value") or one["valueFrom"]["fieldRef"]["fieldPath"] for one in container["env"]}


def expect_client(pod):
    container = pod["spec"]["containers"][0]
    assert container["readinessProbe"]["exec"]["command"] == ["test", "-e", "/run/fedl/ready"], container
    assert "--ready-file=/run/fedl/ready" in container["args"], container["args"]
    assert pod["metadata"]["labels"]["fedl"] == "client", pod["metadata"]  # or the server's policy keeps it out
    assert environment(pod)["SERVER_ADDRESS"] == "fedl-server:8080", environment(pod)


def test_000_nodes_volumes_and_secrets():
    taint = [{"key": "Layer", "value": "EDGE", "effect": "NoSchedule"}]
    create_nodes([node(name, {"Layer": "EDGE"}, taint) for name in EDGE] + [node("cloud1"), node("cloud2")])
    create("/apis/storage.k8s.io/v1/storageclasses",
           {"metadata": {"name": "test", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
            "provisioner": "kubernetes.io/no-provisioner"})
    for i in range(6):
        create("/api/v1/persistentvolumes",
               {"metadata": {"name": f"volume{i}"},
                "spec": {"capacity": {"storage": "10Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "test",
                         "hostPath": {"path": "/tmp"}}})
    namespace(SPACE)
    secrets = f"/api/v1/namespaces/{SPACE}/secrets"
    create(secrets, {"metadata": {"name": "fedl-server-tls"}, "stringData": {"tls.crt": "c", "tls.key": "k"}})
    create(secrets, {"metadata": {"name": "fedl-ca"}, "stringData": {"ca.crt": "c"}})


def test_the_server_is_ready_with_its_run_on_a_volume_and_its_port_for_clients_alone():
    run = expect(apply("server", "fedl-server", "--wait", "--json"), 0)
    assert {one["action"] for one in run.json()["objects"]} == {"created"}, run
    (pod,) = pods_of("fedl-server", 1)
    container = pod["spec"]["containers"][0]
    assert all(container[probe]["tcpSocket"]["port"] == "fedl"
               for probe in ("startupProbe", "readinessProbe", "livenessProbe")), container
    assert {"--checkpoint=/run/fedl", "--resume"} <= set(container["args"]), container["args"]
    claim = get(f"/api/v1/namespaces/{SPACE}/persistentvolumeclaims/run-fedl-server-0")
    assert claim["status"]["phase"] == "Bound", claim
    policy = get(f"/apis/networking.k8s.io/v1/namespaces/{SPACE}/networkpolicies/fedl-server")["spec"]
    clients = policy["ingress"][0]
    assert clients["from"] == [{"podSelector": {"matchLabels": {"fedl": "client"}}}], policy
    assert [port["port"] for port in clients["ports"]] == ["fedl"], policy
    expect(apply("server", "fedl-server", "--json"), 0, '"unchanged"')


def test_clients_of_a_job_have_numbers_of_their_own_and_end():
    if server_minor() < 22:  # Jobs have no numbers yet, and the server says so
        expect(apply("clients-job", "job", "--set", "NAME=job", "--set", "NB_CLIENTS=4"), 2, "completionMode")
        return
    expect(apply("clients-job", "job", "--set", "NAME=job", "--set", "NB_CLIENTS=4", "--wait"), 0)
    pods = pods_of("job", 4)
    key = "batch.kubernetes.io/job-completion-index"
    assert sorted(pod["metadata"]["annotations"][key] for pod in pods) == ["0", "1", "2", "3"], pods
    for pod in pods:
        expect_client(pod)
        assert environment(pod)["CID"] == f"metadata.annotations['{key}']", environment(pod)
        assert environment(pod)["NB_CLIENTS"] == "4", environment(pod)
    path = f"/apis/batch/v1/namespaces/{SPACE}/jobs/job"
    wait_for(lambda: get(path)["status"].get("succeeded") == 4, what="the end of all four")


def test_lasting_clients_have_numbers_and_volumes_of_their_own():
    expect(apply("clients", "lasting", "--set", "NAME=lasting", "--set", "NB_CLIENTS=3", "--wait"), 0)
    pods = pods_of("lasting", 3)
    for pod in pods:
        expect_client(pod)
    if server_minor() >= 28:
        numbers = [pod["metadata"]["labels"]["apps.kubernetes.io/pod-index"] for pod in pods]
        assert sorted(numbers) == ["0", "1", "2"], numbers
    for i in range(3):
        claim = get(f"/api/v1/namespaces/{SPACE}/persistentvolumeclaims/run-lasting-{i}")
        assert claim["status"]["phase"] == "Bound", claim


def test_clients_of_nodes_are_one_on_each_node_of_the_layer_and_named_after_it():
    expect(apply("clients-edge", "edge", "--set", "NAME=edge", "--wait"), 0)
    pods = pods_of("edge", len(EDGE))
    assert sorted(pod["spec"]["nodeName"] for pod in pods) == sorted(EDGE), pods
    for pod in pods:
        expect_client(pod)
        assert environment(pod)["CID"] == "spec.nodeName", environment(pod)


def test_all_of_it_goes_again():
    for name in ("edge", "lasting", "job", "fedl-server"):
        expect(marvel("deploy", "delete", name, "-n", SPACE, "--yes"), 0)
    wait_for(lambda: not get(f"/api/v1/namespaces/{SPACE}/pods")["items"], 60, "no pods")
    assert request("GET", f"/apis/apps/v1/namespaces/{SPACE}/statefulsets/fedl-server")[0] == 404


run_tests(dict(globals()))
