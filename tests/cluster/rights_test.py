"""marvel deploy and marvel taint with the rights of examples/rbac and no others, and what they say
when one of them is missing."""
import json
import os
import pathlib
import signal
import subprocess
import sys

from api import FOLDER, SERVER, create, expect, get, marvel, namespace, node, request, run_tests

RBAC = pathlib.Path(__file__).resolve().parents[2] / "examples" / "rbac"
ROLES = "/apis/rbac.authorization.k8s.io/v1"

SERVICE = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {mode: MODE}
---
apiVersion: v1
kind: Secret
metadata: {name: key}
stringData: {key: k}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "example.org/web:1"}]
"""


def account(space, name):
    """An environment in which marvel is that service account."""
    status, answer = request("POST", f"/api/v1/namespaces/{space}/serviceaccounts/{name}/token",
                             {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})
    assert status == 201, answer
    path = FOLDER / f"{space}-{name}.config"
    path.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "it",
        "clusters": [{"name": "it", "cluster": {"server": SERVER.geturl(), "certificate-authority": "ca.crt"}}],
        "users": [{"name": "it", "user": {"token": answer["status"]["token"]}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it", "namespace": space}}]}))
    os.chmod(path, 0o600)
    return {"KUBECONFIG": str(path)}


def deployer(space):
    expect(marvel("deploy", "apply", "-f", str(RBAC / "deployer.yaml"), "-n", space, "--no-wait"), 0)
    return account(space, "marvel-deployer")


def service(mode):
    path = FOLDER / f"rights-{mode}.yaml"
    path.write_text(SERVICE.replace("MODE", mode))
    return str(path)


def without(space, resource):
    """Takes a resource out of the role."""
    path = f"{ROLES}/namespaces/{space}/roles/marvel-deployer"
    role = get(path)
    for rule in role["rules"]:
        rule["resources"] = [one for one in rule["resources"] if one != resource]
    role["rules"] = [rule for rule in role["rules"] if rule["resources"]]
    status, answer = request("PUT", path, role)
    assert status == 200, answer


def test_the_role_is_enough_for_the_whole_life_of_a_service():
    space = namespace("rights")
    it = deployer(space)
    apply = ("deploy", "apply", "--name", "web", "-f")
    expect(marvel(*apply, service("fast"), "--dry-run", "server", environment=it), 0)
    expect(marvel(*apply, service("fast"), "--wait", environment=it), 0, "ready")
    expect(marvel("deploy", "diff", "--name", "web", "-f", service("slow"), environment=it), 1, "slow")
    expect(marvel(*apply, service("slow"), "--wait", environment=it), 0)
    run = expect(marvel(*apply, service("slow"), "--no-wait", "--json", environment=it), 0)
    assert {one["action"] for one in run.json()["objects"]} == {"unchanged"}, run
    expect(marvel("deploy", "status", "web", environment=it), 0)
    expect(marvel("deploy", "wait", "web", environment=it), 0)
    expect(marvel("deploy", "list", environment=it), 0, "web")
    with subprocess.Popen([sys.argv[1], "deploy", "logs", "web", "--follow"], stdout=subprocess.PIPE, text=True,
                          env=dict(os.environ, **it)) as logs:
        assert logs.stdout.readline().endswith("line 1\n")
        logs.send_signal(signal.SIGINT)
    expect(marvel("deploy", "history", "web", environment=it), 0)
    expect(marvel("deploy", "rollback", "web", "--no-wait", environment=it), 0)
    assert get(f"/api/v1/namespaces/{space}/configmaps/settings")["data"] == {"mode": "fast"}
    expect(marvel("deploy", "delete", "web", "--yes", environment=it), 0)
    left = [one["metadata"]["name"] for one in get(f"/api/v1/namespaces/{space}/secrets")["items"]]
    assert not any("web" in one for one in left), left


def test_a_missing_right_is_named_and_leaves_nothing_half_known():
    space = namespace("rights-missing")
    it = deployer(space)
    without(space, "deployments")
    run = expect(marvel("deploy", "apply", "--name", "web", "-f", service("fast"), "--no-wait", environment=it), 3,
                 "deployments", "forbidden")
    assert "marvel-deployer" in run.err, run
    expect(marvel("deploy", "apply", "-f", str(RBAC / "deployer.yaml"), "-n", space, "--no-wait",
                  "--force-conflicts"), 0)
    expect(marvel("deploy", "apply", "--name", "web", "-f", service("fast"), "--wait", environment=it), 0)
    expect(marvel("deploy", "delete", "web", "--yes", environment=it), 0)


def test_without_leases_or_secrets_nothing_is_written():
    for resource in ("leases", "secrets"):
        space = namespace(f"rights-no-{resource}")
        it = deployer(space)
        without(space, resource)
        expect(marvel("deploy", "apply", "--name", "web", "-f", service("fast"), "--no-wait", environment=it), 3,
               resource, "forbidden")
        assert request("GET", f"/api/v1/namespaces/{space}/configmaps/settings")[0] == 404


def test_a_tainter_may_taint_and_nothing_else():
    space = namespace("rights-taint")
    expect(marvel("deploy", "apply", "-f", str(RBAC / "tainter.yaml"), "-n", space, "--name", "tainter", "--no-wait"), 0)
    create(f"/api/v1/namespaces/{space}/serviceaccounts", {"metadata": {"name": "tainter"}})
    create(f"{ROLES}/clusterrolebindings", {
        "metadata": {"name": "rights-tainter"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "marvel-tainter"},
        "subjects": [{"kind": "ServiceAccount", "name": "tainter", "namespace": space}]})
    create("/api/v1/nodes", node("rights1", taints=[{"key": "no", "effect": "NoSchedule"}]))
    it = account(space, "tainter")
    expect(marvel("taint", "nodes", "rights1", "Layer=R:NoSchedule", "--label", environment=it), 0, "tainted")
    expect(marvel("taint", "nodes", "rights1", "out:NoExecute", "--yes", environment=it), 0, "tainted")
    expect(marvel("taint", "list", environment=it), 0, "rights1")
    expect(marvel("taint", "nodes", "rights1", "out-", "Layer-", "--label", environment=it), 0, "untainted")
    expect(marvel("deploy", "list", environment=it), 3, "forbidden")


create("/api/v1/nodes", node("rights0"))
run_tests(dict(globals()))
