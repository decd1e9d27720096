"""marvel deploy against a real API server: apply, prune, conflicts, waits and what they say, cut-off
runs, and the way back to nothing."""
import json
import os
import signal
import subprocess
import sys
import threading
import time

from api import (FOLDER, create, create_nodes, expect, get, marvel, namespace, node, request,
                 run_tests, wait_for)

PLAIN = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {mode: fast}
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
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
      annotations: {test/story: STORY}
    spec:
      containers:
      - {name: web, image: "example.org/web:1", resources: {requests: {cpu: 10m, memory: 8Mi}}}
"""


def file(name, text):
    path = FOLDER / name
    path.write_text(text)
    return str(path)


def apply(space, path, *words, name="web", limit_s=120):
    return marvel("deploy", "apply", "-f", path, "-n", space, "--name", name, *words, limit_s=limit_s)


def actions(run):
    return {f"{one['kind']}/{one['name']}": one["action"] for one in run.json()["objects"]}


def versions(space):
    paths = ("/api/v1/namespaces/{}/configmaps/settings", "/api/v1/namespaces/{}/services/web",
             "/api/v1/namespaces/{}/secrets/marvel-web", "/apis/apps/v1/namespaces/{}/deployments/web")
    return [get(path.format(space))["metadata"]["resourceVersion"] for path in paths]


def test_000_nodes():
    create_nodes([node("dep1"), node("dep2")])


def test_apply_waits_until_all_is_ready_and_the_second_apply_writes_nothing():
    space, path = namespace("first"), file("plain.yaml", PLAIN.replace("STORY", "ready"))
    run = expect(apply(space, path, "--wait", "--json"), 0)
    assert set(actions(run).values()) == {"created"} and run.json()["revision"] == 1, run
    assert all(member["state"] == "ready" for member in run.json()["members"]), run
    before = versions(space)
    run = expect(apply(space, path, "--json"), 0)
    assert set(actions(run).values()) == {"unchanged"} and run.json()["revision"] == 1, run
    assert versions(space) == before
    expect(marvel("deploy", "diff", "-f", path, "-n", space, "--name", "web"), 0)
    expect(marvel("deploy", "status", "web", "-n", space), 0, "Deployment first/web")
    expect(marvel("deploy", "wait", "web", "-n", space), 0)
    expect(marvel("deploy", "list", "-n", space), 0, "web")


def test_diff_shows_fields_and_what_would_be_pruned():
    space, path = namespace("differ"), file("plain.yaml", PLAIN.replace("STORY", "ready"))
    expect(apply(space, path), 0)
    changed = PLAIN.replace("STORY", "ready").replace("replicas: 2", "replicas: 3").split("---\n", 1)[1]
    run = expect(marvel("deploy", "diff", "-f", file("changed.yaml", changed), "-n", space, "--name", "web"), 1,
                 ".spec.replicas: 2 -> 3", "- ConfigMap differ/settings")
    assert "Service" not in run.out, run
    run = apply(space, file("changed.yaml", changed), "--dry-run", "server", "--json")
    assert actions(run) == {"Deployment/web": "configured", "Service/web": "unchanged", "ConfigMap/settings": "pruned"}
    assert get(f"/api/v1/namespaces/{space}/configmaps/settings")


def test_what_is_gone_from_the_files_is_pruned_and_nothing_else():
    space, path = namespace("prune"), file("plain.yaml", PLAIN.replace("STORY", "ready"))
    create(f"/api/v1/namespaces/{space}/configmaps", {"metadata": {"name": "bystander"}})
    expect(apply(space, path), 0)
    rest = file("rest.yaml", PLAIN.replace("STORY", "ready").split("---\n", 1)[1])
    expect(apply(space, rest, "--no-prune"), 0)
    assert request("GET", f"/api/v1/namespaces/{space}/configmaps/settings")[0] == 200
    expect(apply(space, rest), 2, "no longer wanted: ConfigMap prune/settings", "nothing was applied")
    run = expect(apply(space, rest, "--yes"), 0, "no longer wanted: ConfigMap prune/settings",
                 "ConfigMap prune/settings pruned")
    assert request("GET", f"/api/v1/namespaces/{space}/configmaps/settings")[0] == 404, run
    assert request("GET", f"/api/v1/namespaces/{space}/configmaps/bystander")[0] == 200
    kinds = get(f"/api/v1/namespaces/{space}/secrets/marvel-web")["metadata"]["annotations"]
    assert kinds["applyset.kubernetes.io/contains-group-kinds"] == "Deployment.apps,Service", kinds


def test_fields_of_others_are_conflicts_until_forced():
    space, path = namespace("conflict"), file("plain.yaml", PLAIN.replace("STORY", "ready"))
    expect(apply(space, path), 0)
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"mode": "slow"}}
    status, _ = request("PATCH", f"/api/v1/namespaces/{space}/configmaps/settings?fieldManager=other&force=true",
                        body, "application/apply-patch+yaml")
    assert status == 200
    run = apply(space, path, "--json")
    assert run.code == 3 and run.json()["code"] == "conflict", run
    conflict = [one for one in run.json()["objects"] if "conflicts" in one][0]["conflicts"]
    assert conflict == [{"field": ".data.mode", "owner": "other", "theirs": '"slow"', "ours": '"fast"'}], conflict
    expect(apply(space, path, "--force-conflicts"), 0, "ConfigMap conflict/settings configured")


JOB = """\
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: once, image: "example.org/once:1"}]
"""
CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {storageClassName: none-such, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""
WORKLOADS = {
    "deployment": PLAIN.split("---\n")[2],
    "daemonset": PLAIN.split("---\n")[2].replace("kind: Deployment", "kind: DaemonSet").replace("  replicas: 2\n", ""),
    "statefulset": PLAIN.split("---\n")[2].replace("kind: Deployment", "kind: StatefulSet").replace(
        "  replicas: 2\n", "  replicas: 2\n  serviceName: web\n  podManagementPolicy: Parallel\n")}


def test_a_claim_that_no_storage_answers_is_told():
    space = namespace("claim")
    expect(apply(space, file("claim.yaml", CLAIM), "--wait", "--wait-timeout", "60s", name="claim"), 1, "none-such")


def test_waits_end_early_with_the_cause_in_words():
    for story, cause in (("pull", "ImagePullBackOff"), ("crash", "CrashLoopBackOff"), ("never", "")):
        space = namespace("wait-" + story)
        started = time.monotonic()
        run = apply(space, file(f"{story}.yaml", PLAIN.replace("STORY", story)), "--wait", "--wait-timeout",
                    "60s" if cause else "3s", "--json")
        if cause:
            assert run.code == 1 and run.json()["code"] == "not_ready" and cause in run.out, run
            assert time.monotonic() - started < 30
        else:
            assert run.code == 3 and run.json()["code"] == "timeout", run
    space = namespace("wait-unschedulable")
    run = apply(space, file("big.yaml", PLAIN.replace("STORY", "ready").replace("cpu: 10m", "cpu: 99")),
                "--wait", "--wait-timeout", "60s")
    expect(run, 1, "Unschedulable: 0/2 nodes are available: 2 Insufficient cpu.")
    space = namespace("wait-quota")
    create(f"/api/v1/namespaces/{space}/resourcequotas",
           {"metadata": {"name": "none"}, "spec": {"hard": {"pods": "0"}}})
    wait_for(lambda: get(f"/api/v1/namespaces/{space}/resourcequotas/none").get("status", {}).get("hard"))
    time.sleep(1)
    expect(apply(space, file("plain.yaml", PLAIN.replace("STORY", "ready")), "--wait", "--wait-timeout", "60s"), 1,
           "exceeded quota")
    for name, text in (("daemons", WORKLOADS["daemonset"]), ("states", WORKLOADS["statefulset"]), ("once", JOB)):
        expect(apply(space, file("quota.yaml", text.replace("STORY", "ready")), "--wait", "--wait-timeout", "60s",
                     name=name), 1, "exceeded quota")


def test_pods_of_the_revision_before_are_not_blamed_on_the_new_one():
    for kind, text in WORKLOADS.items():
        space = namespace("fixed-" + kind)
        expect(apply(space, file("crash.yaml", text.replace("STORY", "crash")), "--wait"), 1, "CrashLoopBackOff")
        run = apply(space, file("ready.yaml", text.replace("STORY", "ready").replace("web:1", "web:2")), "--wait")
        expect(run, 0, "ready")
        assert "CrashLoopBackOff" not in run.out, run


def container_statuses(path):
    """None while there is no pod, or none of its containers has begun."""
    status, pod = request("GET", path)
    return pod.get("status", {}).get("containerStatuses") if status == 200 else None


def test_an_old_pod_that_holds_up_its_stateful_set_is_named():
    """A StatefulSet that makes its pods in order waits for ever for a broken pod of the old revision."""
    ordered = WORKLOADS["statefulset"].replace("  podManagementPolicy: Parallel\n", "")
    probed = ordered.replace('image: "example.org/web:1"',
                             'image: "example.org/web:1", readinessProbe: {tcpSocket: {port: 80}}')
    for number, (text, story, code, limit, word) in enumerate((
            (probed, "crash", 1, "60s", "delete the pod, and it comes back"),
            (ordered, "crash", 3, "4s", "of the old revision, which is not ready (container web: CrashLoopBackOff"),
            (ordered, "pull", 1, "60s", "delete the pod, and it comes back"),
            (ordered, "never", 3, "4s", "of the old revision, which is not ready: "))):
        space = namespace(f"in-order-{number}")
        expect(apply(space, file("broken.yaml", text.replace("STORY", story)), "--no-wait"), 0)
        pod = f"/api/v1/namespaces/{space}/pods/web-0"
        wait_for(lambda: container_statuses(pod))
        fixed = file("fixed.yaml", text.replace("STORY", "ready").replace("web:1", "web:2"))
        expect(apply(space, fixed, "--wait", "--wait-timeout", limit), code, f"{space}/web-0", word)
        assert request("DELETE", pod + "?gracePeriodSeconds=0")[0] == 200
        expect(marvel("deploy", "wait", "web", "-n", space), 0)


def test_the_server_s_refusals_keep_their_words_and_places():
    space = namespace("refuse")
    bad = PLAIN.replace("STORY", "ready").replace("replicas: 2", "replicas: 2, paused: 7")
    run = apply(space, file("bad.yaml", bad.replace("replicas: 2, paused: 7", "replicas: 2\n  unknownField: 7")), "--json")
    assert run.code == 2 and "unknownField" in run.err and "bad.yaml:" in run.err, run
    run = apply("no-such-namespace", file("plain.yaml", PLAIN), "--json")
    assert run.code == 3, run
    run = apply(space, file("plain.yaml", PLAIN), "--context", "nobody", "--json")
    assert run.code == 3 and json.loads(run.err.splitlines()[-1])["error"]["code"] == "forbidden", run
    run = apply(space, file("kind.yaml", "apiVersion: no.such/v1\nkind: Thing\nmetadata: {name: a}\n"), "--json")
    assert run.code == 2 and "kind.yaml:1:1" in run.err, run


def test_objects_as_kubectl_shows_them_can_be_applied_again():
    space = namespace("shown")
    create(f"/api/v1/namespaces/{space}/configmaps", {"metadata": {"name": "settings"}, "data": {"mode": "fast"}})
    shown = get(f"/api/v1/namespaces/{space}/configmaps/settings")
    shown["data"]["mode"] = "slow"
    path = file("shown.yaml", json.dumps({"apiVersion": "v1", "kind": "ConfigMap", **shown}))
    expect(apply(space, path, "--force-conflicts"), 0, "configured")
    expect(apply(space, path), 0, "unchanged")


def test_an_object_that_is_being_deleted_is_made_anew():
    space, path = namespace("going"), file("plain.yaml", PLAIN.replace("STORY", "ready"))
    expect(apply(space, path), 0)
    settings = f"/api/v1/namespaces/{space}/configmaps/settings"
    hold = {"metadata": {"finalizers": ["test.marvel/hold"]}}
    assert request("PATCH", settings, hold, "application/merge-patch+json")[0] == 200
    expect(marvel("deploy", "delete", "web", "-n", space, "--yes"), 0)
    assert "deletionTimestamp" in get(settings)["metadata"]
    let_go = threading.Timer(2, lambda: request("PATCH", settings, {"metadata": {"finalizers": None}},
                                                "application/merge-patch+json"))
    let_go.start()
    expect(apply(space, path), 0, "ConfigMap going/settings created", "is being deleted")
    let_go.join()
    assert "deletionTimestamp" not in get(settings)["metadata"]


def test_what_somebody_deleted_is_missing():
    space, path = namespace("missing"), file("plain.yaml", PLAIN.replace("STORY", "ready"))
    expect(apply(space, path, "--wait"), 0)
    assert request("DELETE", f"/apis/apps/v1/namespaces/{space}/deployments/web")[0] == 200
    expect(marvel("deploy", "status", "web", "-n", space), 1, "Deployment missing/web", "not there")


def test_a_new_kind_and_its_objects_go_in_one_run():
    space = namespace("custom")
    text = """\
apiVersion: test.marvel/v1
kind: Widget
metadata: {name: one}
spec: {size: 3}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.test.marvel}
spec:
  group: test.marvel
  scope: Namespaced
  names: {kind: Widget, plural: widgets, singular: widget}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""
    for scope, name in (("Namespaced", f"{space}/one"), ("Cluster", "one")):
        group = f"{scope.lower()}.marvel"
        path = file("widgets.yaml", text.replace("Namespaced", scope).replace("test.marvel", group))
        expect(apply(space, path, name="widgets"), 0, f"Widget {name} created")
        again = expect(apply(space, path, "--json", name="widgets"), 0)
        assert set(actions(again).values()) == {"unchanged"} and again.json()["revision"] == 1, again
        expect(marvel("deploy", "delete", "widgets", "-n", space, "--yes"), 0)


def test_a_singleton_runs_once_per_namespace():
    space = namespace("single")
    text = ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '${NAME}'}\n---\nkind: Template\nname: Only\n"
            "singleton: true\nvariables:\n- {name: NAME, default: only}\n")
    path = file("only.template.yaml", text)
    expect(apply(space, path, name="one"), 0)
    expect(apply(space, path, name="one"), 0, "unchanged")
    run = apply(space, path, "--json", name="two")
    assert run.code == 1 and run.json()["code"] == "already_running", run
    expect(marvel("deploy", "delete", "one", "-n", space, "--yes"), 0)
    expect(apply(space, path, name="two"), 0)


def test_a_service_is_not_taken_over_by_files_of_another_origin():
    space = namespace("origin")
    template = ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '${NAME}'}\n---\nkind: Template\nname: First\n"
                "variables:\n- {name: NAME, default: web}\n")
    expect(apply(space, file("first.template.yaml", template)), 0)
    other = file("other.yaml", many(1, "x"))
    for words in ((), ("--dry-run", "server")):
        expect(apply(space, other, *words), 3, "was made from template first, not from plain manifests", "--replace")
    assert request("GET", f"/api/v1/namespaces/{space}/configmaps/web")[0] == 200
    expect(apply(space, other, "--replace", "--yes"), 0, "ConfigMap origin/web pruned")
    expect(apply(space, other), 0, "unchanged")
    expect(marvel("deploy", "rollback", "web", "-n", space, "--no-wait", "--yes"), 0, "ConfigMap origin/web created")
    expect(apply(space, file("first.template.yaml", template)), 0, "unchanged")


def test_an_object_is_in_one_service_only():
    space, text = namespace("shared"), PLAIN.replace("STORY", "ready")
    expect(apply(space, file("one.yaml", text), name="first"), 0)
    before = get(f"/api/v1/namespaces/{space}/configmaps/settings")
    run = apply(space, file("settings.yaml", text.split("---\n")[0].replace("fast", "slow")), "--json", name="second")
    assert run.code == 1 and run.json()["code"] == "other_service", run
    assert "belongs to service first of namespace shared" in run.err, run
    assert get(f"/api/v1/namespaces/{space}/configmaps/settings") == before
    assert request("GET", f"/api/v1/namespaces/{space}/secrets/marvel-second")[0] == 404


def test_files_that_bring_their_own_namespace_can_be_tried_before():
    path = file("bring.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: brought}\n---\n"
                + PLAIN.replace("STORY", "ready"))
    expect(apply("brought", path, "--dry-run", "server"), 0, "Deployment brought/web created (server dry run)")
    expect(marvel("deploy", "diff", "-f", path, "-n", "brought", "--name", "web"), 1, "+ Namespace brought",
           "+ ConfigMap brought/settings")
    assert request("GET", "/api/v1/namespaces/brought")[0] == 404
    expect(apply("brought", path), 0, "Namespace brought created", "Deployment brought/web created")
    expect(apply("brought", path), 0, "Namespace brought unchanged")
    expect(marvel("deploy", "delete", "web", "-n", "brought", "--confirm", "brought"), 0)


def history(space, name="web"):
    return [(one["revision"], one["cause"], one["current"]) for one in
            expect(marvel("deploy", "history", name, "-n", space, "--json"), 0).json()["revisions"]]


def test_history_keeps_what_was_and_rollback_brings_it_back():
    space, text = namespace("history"), PLAIN.replace("STORY", "ready")
    expect(apply(space, file("one.yaml", text)), 0)
    expect(apply(space, file("one.yaml", text)), 0, "unchanged")
    secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: extra}\nstringData: {password: hunter2}\n"
    expect(apply(space, file("two.yaml", text.replace("fast", "slow") + secret)), 0)
    assert history(space) == [(2, "apply", True), (1, "apply", False)], history(space)
    shown = expect(marvel("deploy", "history", "web", "-n", space, "--revision", "2"), 0, "mode: slow").out
    assert "hunter2" not in shown, shown
    expect(marvel("deploy", "rollback", "web", "-n", space, "--dry-run", "server"), 0,
           "ConfigMap history/settings configured (server dry run)", "Secret history/extra pruned (server dry run)")
    assert len(history(space)) == 2
    run = expect(marvel("deploy", "rollback", "web", "-n", space, "--wait", "--json", "--yes"), 0)
    assert run.json()["revision"] == 3 and actions(run)["Secret/extra"] == "pruned", run
    assert get(f"/api/v1/namespaces/{space}/configmaps/settings")["data"] == {"mode": "fast"}
    expect(marvel("deploy", "diff", "-f", file("one.yaml", text), "-n", space, "--name", "web"), 0)
    expect(marvel("deploy", "rollback", "web", "-n", space, "--to", "2", "--no-wait"), 0, "Secret history/extra created")
    assert history(space)[0] == (4, "rollback to 2", True), history(space)
    run = marvel("--json", "deploy", "rollback", "web", "-n", space, "--to", "9")
    assert run.code == 3 and json.loads(run.err)["error"]["code"] == "not_found", run
    expect(apply(space, file("one.yaml", text), "--history-limit", "2", "--yes"), 0)
    assert [one[0] for one in history(space)] == [5, 4], history(space)
    expect(marvel("deploy", "delete", "web", "-n", space, "--yes"), 0)
    left = [one["metadata"]["name"] for one in get(f"/api/v1/namespaces/{space}/secrets")["items"]
            if one["type"] != "kubernetes.io/service-account-token"]
    assert not left, left


def test_a_run_cut_off_before_its_record_is_recorded_by_the_next():
    space, path = namespace("unrecorded"), file("one.yaml", PLAIN.replace("STORY", "ready"))
    expect(apply(space, path), 0)
    parent = f"/api/v1/namespaces/{space}/secrets/marvel-web"
    patch = {"metadata": {"annotations": {"marvel/revision": "0"}}, "data": {"digest": None}}
    assert request("PATCH", parent, patch, "application/merge-patch+json")[0] == 200
    assert request("DELETE", parent + ".v1")[0] == 200
    expect(apply(space, path), 0, "unchanged")
    assert history(space) == [(1, "apply", True)], history(space)


def test_a_revision_that_cannot_be_kept_is_no_failure():
    space = namespace("unkept")
    noise = "---\n".join(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: big{i}}}\n"
                         f"data: {{v: '{os.urandom(450_000).hex()}'}}\n" for i in range(3))
    expect(apply(space, file("noise.yaml", noise), name="big"), 0, "revision 1 of big is not kept",
           "does not fit into a Secret")
    assert not history(space, "big")
    run = marvel("--json", "deploy", "rollback", "big", "-n", space)
    assert run.code == 3 and "no revision before the one that runs" in run.err, run
    path = file("one.yaml", PLAIN.replace("STORY", "ready"))
    expect(apply(space, path), 0)
    count = len(get(f"/api/v1/namespaces/{space}/secrets")["items"])
    create(f"/api/v1/namespaces/{space}/resourcequotas",
           {"metadata": {"name": "few"}, "spec": {"hard": {"secrets": str(count)}}})
    wait_for(lambda: get(f"/api/v1/namespaces/{space}/resourcequotas/few").get("status", {}).get("used"))
    changed = file("changed.yaml", PLAIN.replace("STORY", "ready").replace("fast", "slow"))
    expect(apply(space, changed), 0, "revision 2 of web is not kept", "exceeded quota")
    expect(apply(space, changed, "--history-limit", "0"), 0, "unchanged")
    assert get(f"/api/v1/namespaces/{space}/configmaps/settings")["data"] == {"mode": "slow"}


def test_a_damaged_revision_is_named_and_left_out():
    space, text = namespace("damaged"), PLAIN.replace("STORY", "ready")
    for mode in ("one", "two", "three"):
        expect(apply(space, file("mode.yaml", text.replace("fast", mode))), 0)
    patch = {"data": {"objects": "AAAA"}}
    assert request("PATCH", f"/api/v1/namespaces/{space}/secrets/marvel-web.v2", patch,
                   "application/merge-patch+json")[0] == 200
    expect(marvel("deploy", "history", "web", "-n", space), 0, "marvel-web.v2 is no whole gzip file")
    expect(marvel("deploy", "rollback", "web", "-n", space, "--no-wait"), 0)
    assert get(f"/api/v1/namespaces/{space}/configmaps/settings")["data"] == {"mode": "one"}


def test_secret_variables_reach_the_cluster_and_nobody_s_eyes():
    space = namespace("hide")
    text = PLAIN.replace("STORY", "ready").replace("mode: fast", "mode: fast, url: 'db://${PASSWORD}@db'").replace(
        'image: "example.org/web:1"', 'image: "example.org/web:1", env: [{name: PW, value: "${PASSWORD}"}]')
    path = file("hide.template.yaml", text + "---\nkind: Template\nname: h\n"
                "variables: [{name: PASSWORD, secret: true}]\n")
    for i, secret in enumerate(("hunter2-old", "hunter2-new")):
        values = file("password.yaml", f"PASSWORD: {secret}\n")
        runs = [marvel("deploy", "diff", "-f", path, "-n", space, "--name", "web", "--values", values),
                apply(space, path, "--values", values),
                marvel("deploy", "history", "web", "-n", space, "--revision", str(i + 1))]
        for run in runs:
            assert "hunter2" not in run.out + run.err, run
        assert get(f"/api/v1/namespaces/{space}/configmaps/settings")["data"]["url"] == f"db://{secret}@db"
    assert 'env[name=PW].value: "********" -> "********"' in runs[0].out, runs[0]
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"url": "theirs"}}
    status, _ = request("PATCH", f"/api/v1/namespaces/{space}/configmaps/settings?fieldManager=other&force=true",
                        body, "application/apply-patch+yaml")
    assert status == 200
    run = expect(apply(space, path, "--values", values), 3, ".data.url belongs to 'other'", "db://********@db")
    assert "hunter2" not in run.out + run.err and "theirs, " not in run.err, run


def test_a_namespace_is_deleted_by_its_name_only():
    space = namespace("owner")
    path = file("owned.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: owned}\n")
    expect(apply(space, path, name="owned"), 0)
    expect(marvel("deploy", "delete", "owned", "-n", space, "--yes"), 2, "--confirm owned")
    assert request("GET", "/api/v1/namespaces/owned")[0] == 200
    expect(marvel("deploy", "delete", "owned", "-n", space, "--confirm", "owned"), 0)
    wait_for(lambda: request("GET", "/api/v1/namespaces/owned")[0] == 404)


def test_logs_of_all_containers_with_their_names():
    space = namespace("logs")
    two = PLAIN.replace("STORY", "ready").replace("      containers:\n", "      containers:\n"
                                                  "      - {name: side, image: \"example.org/side:1\"}\n")
    expect(apply(space, file("two.yaml", two), "--wait"), 0)
    pods = sorted(one["metadata"]["name"] for one in get(f"/api/v1/namespaces/{space}/pods")["items"])
    run = expect(marvel("deploy", "logs", "web", "-n", space), 0)
    want = [f"{pod}/{container}: {pod} {container} line {i}"
            for pod in pods for container in ("side", "web") for i in range(1, 6)]
    assert sorted(run.out.splitlines()) == sorted(want), run
    run = expect(marvel("deploy", "logs", "web", "-n", space, "--tail", "1", "--container", "side", "--json"), 0)
    lines = [json.loads(line) for line in run.out.splitlines()]
    assert [(line["pod"], line["line"]) for line in lines] == [(pod, f"{pod} side line 5") for pod in pods], run
    expect(marvel("deploy", "logs", "web", "-n", space, "--container", "none"), 3, "has a log of container none")


def test_logs_of_a_crash_loop_and_of_the_run_before():
    space = namespace("logs-crash")
    one = PLAIN.replace("STORY", "crash").replace("replicas: 2", "replicas: 1")
    expect(apply(space, file("crash.yaml", one), "--wait"), 1, "CrashLoopBackOff", "| the last words")
    assert expect(marvel("deploy", "logs", "web", "-n", space, "--previous"), 0).out == "the last words\n"


def follow_logs_of_one_pod(space):
    """A run of `logs --follow` that has printed the first line of the only pod."""
    one = PLAIN.replace("STORY", "ready").replace("replicas: 2", "replicas: 1")
    expect(apply(space, file("one.yaml", one), "--wait"), 0)
    child = subprocess.Popen([sys.argv[1], "deploy", "logs", "web", "-n", space, "--follow"],
                             stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline().endswith("web line 1\n")
    return child


def expect_two_followed(child, space):
    """A second pod's lines come as well, and Ctrl-C ends it."""
    expect(apply(space, file("two.yaml", PLAIN.replace("STORY", "ready")), "--wait"), 0)
    seen, limit = set(), time.monotonic() + 20
    while len(seen) < 2 and time.monotonic() < limit:
        head = child.stdout.readline().split(": ")
        if len(head) == 2:
            seen.add(head[0])
    child.send_signal(signal.SIGINT)
    rest, _ = child.communicate(timeout=10)
    assert len(seen) == 2 and child.returncode == 130, (seen, child.returncode, rest[-300:])


def test_followed_logs_take_in_pods_that_come_later():
    space = namespace("logs-follow")
    expect_two_followed(follow_logs_of_one_pod(space), space)


def test_followed_logs_end_on_a_full_disk():
    space = namespace("logs-full")
    expect(apply(space, file("two.yaml", PLAIN.replace("STORY", "ready")), "--wait"), 0)
    with open("/dev/full", "wb") as full:
        run = subprocess.run([sys.argv[1], "deploy", "logs", "web", "-n", space, "--follow"],
                             stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert run.returncode == 3 and "No space left on device" in run.stderr, run


def test_delete_takes_everything_of_the_service_and_nothing_else():
    space, path = namespace("remove"), file("plain.yaml", PLAIN.replace("STORY", "ready"))
    create(f"/api/v1/namespaces/{space}/configmaps", {"metadata": {"name": "bystander"}})
    expect(apply(space, path, "--wait"), 0)
    expect(marvel("deploy", "delete", "web", "-n", space), 2, "nobody can be asked")
    expect(marvel("deploy", "delete", "web", "-n", space, "--dry-run", "client"), 0, "Deployment remove/web deleted (dry run)")
    expect(marvel("deploy", "delete", "web", "-n", space, "--yes"), 0)
    wait_for(lambda: request("GET", f"/apis/apps/v1/namespaces/{space}/deployments/web")[0] == 404)
    wait_for(lambda: not get(f"/api/v1/namespaces/{space}/pods")["items"], what="pods gone")
    assert request("GET", f"/api/v1/namespaces/{space}/configmaps/bystander")[0] == 200
    assert request("GET", f"/api/v1/namespaces/{space}/secrets/marvel-web")[0] == 404
    run = marvel("--json", "deploy", "status", "web", "-n", space)
    assert run.code == 3 and json.loads(run.err)["error"]["code"] == "not_found", run


def many(count, value):
    return "---\n".join(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{i}}}\ndata: {{v: '{value}'}}\n"
                        for i in range(count))


def configmaps(space):
    return {one["metadata"]["name"]: one["data"]["v"]
            for one in get(f"/api/v1/namespaces/{space}/configmaps")["items"] if one["metadata"]["name"] != "kube-root-ca.crt"}


def test_a_killed_run_is_completed_by_the_next():
    space = namespace("killed")
    expect(apply(space, file("many.yaml", many(60, "old")), name="many"), 0)
    path = file("fewer.yaml", many(50, "new"))
    for delay in (0.02, 0.05, 0.08, 0.12):
        child = subprocess.Popen([sys.argv[1], "deploy", "apply", "-f", path, "-n", space, "--name", "many",
                                  "--yes"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        child.kill()
        child.wait()
        # The dead run's lease would hold the next one up for 30 s.
        request("DELETE", f"/apis/coordination.k8s.io/v1/namespaces/{space}/leases/marvel-many")
    expect(apply(space, path, "--yes", name="many"), 0)
    assert configmaps(space) == {f"c{i}": "new" for i in range(50)}
    newest = expect(marvel("deploy", "history", "many", "-n", space, "--json"), 0).json()["revisions"][0]
    assert newest["current"] and newest["objects"] == 50, newest


def test_two_runs_at_once_do_not_mix():
    space = namespace("twice")
    paths = [file(f"at-once-{v}.yaml", many(40, v)) for v in ("a", "b")]
    runs = [None, None]

    def go(i):
        runs[i] = apply(space, paths[i], name="both")

    threads = [threading.Thread(target=go, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(run.code == 0 for run in runs), runs
    assert len(set(configmaps(space).values())) == 1, configmaps(space)


def test_a_run_that_slept_and_lost_its_lease_goes_no_further():
    space = namespace("slept")
    paths = [file(f"slept-{v}.yaml", many(300, v)) for v in ("a", "b")]
    words = [sys.argv[1], "deploy", "apply", "-f", paths[0], "-n", space, "--name", "many"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as sleeper:
        wait_for(lambda: len(configmaps(space)) > 20)
        sleeper.send_signal(signal.SIGSTOP)
        expect(apply(space, paths[1], name="many"), 0, "another run is changing service many")
        sleeper.send_signal(signal.SIGCONT)
        _, err = sleeper.communicate(timeout=60)
    assert sleeper.returncode == 3 and "may not change service many any more" in err, (sleeper.returncode, err)
    assert list(configmaps(space).values()) == ["b"] * 300


def test_a_dead_run_s_lease_ends():
    space = namespace("lease")
    create(f"/apis/coordination.k8s.io/v1/namespaces/{space}/leases",
           {"metadata": {"name": "marvel-held"},
            "spec": {"holderIdentity": "a dead run", "leaseDurationSeconds": 30,
                     "renewTime": time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(time.time() - 26))}})
    expect(apply(space, file("one.yaml", many(1, "x")), name="held"), 0)
    create(f"/apis/coordination.k8s.io/v1/namespaces/{space}/leases",
           {"metadata": {"name": "marvel-busy"},
            "spec": {"holderIdentity": "a live run", "leaseDurationSeconds": 300,
                     "renewTime": time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime())}})
    run = apply(space, file("one.yaml", many(1, "x")), name="busy")
    expect(run, 3, "a live run")


def kill_api_server():
    os.kill(int((FOLDER / "apiserver.pid").read_text()), signal.SIGKILL)


def wait_for_api_server():
    def back():
        try:
            return request("GET", "/readyz")[0] == 200
        except OSError:
            return False
    wait_for(back, 90, "the API server to come back")


def test_zz_the_api_server_is_killed_in_the_middle():
    space = namespace("outage")
    path = file("outage.yaml", many(300, "x"))
    child = subprocess.Popen([sys.argv[1], "deploy", "apply", "-f", path, "-n", space, "--name", "many"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: len(configmaps(space)) > 20)
    kill_api_server()
    out, err = child.communicate(timeout=120)
    assert child.returncode == 3, (child.returncode, err)
    wait_for_api_server()
    # The run that failed could not give its lease back: this one waits until it ends.
    expect(apply(space, path, name="many"), 0)
    assert len(configmaps(space)) == 300


def test_zz_followed_logs_outlive_the_api_server():
    space = namespace("logs-outage")
    child = follow_logs_of_one_pod(space)
    kill_api_server()
    wait_for_api_server()
    expect_two_followed(child, space)


run_tests(dict(globals()))
