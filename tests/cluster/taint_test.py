"""marvel taint against a real API server: what it writes, what it refuses, and that no concurrent
change is ever lost."""
import json
import os
import threading

from api import (FOLDER, create, create_nodes, expect, get, marvel, namespace, node, request,
                 run_tests)

ROUNDS = 60 * int(os.environ.get("MARVEL_SEEDS", "1"))


def taints(name):
    return [(t["key"], t.get("value", ""), t["effect"])
            for t in get(f"/api/v1/nodes/{name}")["spec"].get("taints", [])]


def labels(name):
    return get(f"/api/v1/nodes/{name}")["metadata"]["labels"]


def version(name):
    return get(f"/api/v1/nodes/{name}")["metadata"]["resourceVersion"]


def test_adding_is_idempotent_and_the_second_run_writes_nothing():
    create_nodes([node("add1")])
    expect(marvel("taint", "nodes", "add1", "Layer=A:NoSchedule"), 0, "node/add1 tainted")
    before = version("add1")
    expect(marvel("taint", "nodes", "add1", "Layer=A:NoSchedule"), 0, "node/add1 unchanged")
    assert version("add1") == before
    assert taints("add1") == [("Layer", "A", "NoSchedule")]


def test_another_value_needs_overwrite():
    create_nodes([node("over1", taints=[{"key": "Layer", "value": "A", "effect": "NoSchedule"}])])
    run = marvel("taint", "nodes", "over1", "Layer=B:NoSchedule", "--json")
    assert run.code == 1 and run.json()["code"] == "taint_exists", run
    expect(marvel("taint", "nodes", "over1", "Layer=B:NoSchedule", "--overwrite"), 0, "modified")
    assert taints("over1") == [("Layer", "B", "NoSchedule")]


def test_removing_by_key_or_effect_and_what_is_absent():
    create_nodes([node("rm1", taints=[{"key": "a", "effect": "NoSchedule"},
                                      {"key": "a", "effect": "PreferNoSchedule"},
                                      {"key": "b", "effect": "NoSchedule"}])])
    expect(marvel("taint", "nodes", "rm1", "a:PreferNoSchedule-"), 0, "node/rm1 untainted")
    assert taints("rm1") == [("a", "", "NoSchedule"), ("b", "", "NoSchedule")]
    expect(marvel("taint", "nodes", "rm1", "a-", "b-"), 0, "untainted")
    assert taints("rm1") == []
    expect(marvel("taint", "nodes", "rm1", "a-"), 1, 'taint "a" not found')
    expect(marvel("taint", "nodes", "rm1", "a-", "--ignore-not-found"), 0, "unchanged")


def test_a_label_goes_with_the_taint_in_one_write():
    create_nodes([node("lab1")])
    before = int(version("lab1"))
    expect(marvel("taint", "nodes", "lab1", "Layer=E:NoSchedule", "--label"), 0, "tainted")
    assert labels("lab1")["Layer"] == "E" and taints("lab1") == [("Layer", "E", "NoSchedule")]
    managers = [m for m in get("/api/v1/nodes/lab1")["metadata"]["managedFields"] if m["manager"] == "marvel"]
    assert len(managers) == 1 and int(version("lab1")) > before
    expect(marvel("taint", "nodes", "lab1", "Layer-", "--label"), 0, "untainted")
    assert "Layer" not in labels("lab1") and taints("lab1") == []
    expect(marvel("taint", "nodes", "lab1", "Layer=E:NoSchedule", "--label"), 0)
    expect(marvel("taint", "nodes", "lab1", "Layer=E:NoSchedule", "--label"), 0, "unchanged")


def test_selectors_all_and_partial_failure():
    create_nodes([node(f"sel{i}", labels={"pool": "sel"}) for i in range(11)])
    run = expect(marvel("taint", "nodes", "-l", "pool=sel", "x=y:NoSchedule"), 0)
    assert run.out.count("tainted") == 11, run
    expect(marvel("taint", "nodes", "-l", "pool=none", "x=y:NoSchedule"), 0)
    run = expect(marvel("taint", "nodes", "sel1", "nosuchnode", "x-"), 3, "node/sel1 untainted", "nosuchnode")
    run = marvel("taint", "nodes", "sel2", "nosuchnode", "x-", "--json")
    assert run.code == 3 and run.json()["code"] == "partial", run
    run = marvel("--json", "taint", "nodes", "nosuchnode", "x-")
    assert run.code == 3 and json.loads(run.err)["error"]["code"] == "not_found", run
    expect(marvel("taint", "nodes", "--all", "-l", "a=b", "x-"), 2, "prohibited")


def test_dry_runs_change_nothing():
    create_nodes([node("dry1")])
    before = version("dry1")
    expect(marvel("taint", "nodes", "dry1", "x=y:NoSchedule", "--dry-run", "client"), 0, "tainted (dry run)")
    expect(marvel("taint", "nodes", "dry1", "x=y:NoSchedule", "--dry-run=server"), 0, "tainted (server dry run)")
    assert version("dry1") == before


def test_untouched_taints_keep_their_times():
    added = {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute", "timeAdded": "2024-01-02T03:04:05Z"}
    create_nodes([node("time1", taints=[added])])
    expect(marvel("taint", "nodes", "time1", "x=y:NoSchedule"), 0)
    kept = [t for t in get("/api/v1/nodes/time1")["spec"]["taints"] if t["key"] == added["key"]]
    assert kept == [added], kept


def test_desired_state_diff_and_undo():
    create_nodes([node("want1", taints=[{"key": "Layer", "value": "OLD", "effect": "NoSchedule"},
                                        {"key": "other", "effect": "NoSchedule"}]),
                  node("want2", labels={"pool": "want", "Layer": "X"})])
    file = FOLDER / "layers.yaml"
    file.write_text("keys: [Layer]\nnodes:\n  want1: {taints: ['Layer=NEW:NoSchedule'], labels: {Layer: NEW}}\n"
                    "selectors:\n  pool=want: {taints: ['Layer=W:NoExecute'], labels: {Layer: null}}\n")
    expect(marvel("taint", "apply", "-f", str(file), "--diff"), 1,
           "- node/want1: Layer=OLD:NoSchedule", "+ node/want1: Layer=NEW:NoSchedule", "- node/want2: label Layer=X")
    expect(marvel("taint", "apply", "-f", str(file), "--undo", "/no/such/folder/undo.yaml"), 3)
    assert taints("want1")[0] == ("Layer", "OLD", "NoSchedule") and taints("want2") == []
    undo = str(FOLDER / "undo.yaml")
    expect(marvel("taint", "apply", "-f", str(file), "--undo", undo), 0, "node/want1 modified")
    assert taints("want1") == [("Layer", "NEW", "NoSchedule"), ("other", "", "NoSchedule")]
    assert taints("want2") == [("Layer", "W", "NoExecute")] and "Layer" not in labels("want2")
    expect(marvel("taint", "apply", "-f", str(file)), 0, "node/want1 unchanged", "node/want2 unchanged")
    expect(marvel("taint", "apply", "-f", str(file), "--diff"), 0)
    expect(marvel("taint", "apply", "-f", undo), 0)
    assert taints("want1") == [("Layer", "OLD", "NoSchedule"), ("other", "", "NoSchedule")]
    assert "Layer" not in labels("want1") and labels("want2")["Layer"] == "X" and taints("want2") == []


def test_no_execute_shows_who_leaves():
    create_nodes([node("evict1")])
    space = namespace("evict")
    for name, tolerations in (("stays", [{"operator": "Exists"}]), ("leaves", []),
                              ("later", [{"key": "fire", "operator": "Exists", "effect": "NoExecute",
                                          "tolerationSeconds": 60}])):
        create(f"/api/v1/namespaces/{space}/pods",
               {"metadata": {"name": name},
                "spec": {"nodeName": "evict1", "tolerations": tolerations,
                         "containers": [{"name": "c", "image": "example.org/c:1"}]}})
    run = expect(marvel("taint", "nodes", "evict1", "fire:NoExecute", "--dry-run", "client"), 0,
                 "pod evict/leaves would leave node evict1 at once", "pod evict/later would leave node evict1 after 60 s")
    assert "evict/stays" not in run.err, run


def test_refusals_have_their_exit_codes_and_words():
    create_nodes([node("ref1")])
    for words, code, word in (
            (["--context", "nobody"], 3, "forbidden"), (["--context", "bad-token"], 3, "unauthorized"),
            (["--context", "wrong-ca"], 3, "tls"), (["--context", "none"], 2, "kubeconfig_invalid"),
            (["--kubeconfig", "/no/such/file"], 2, "kubeconfig_invalid")):
        run = marvel("--json", "taint", "nodes", "ref1", "x:NoSchedule", *words)
        assert run.code == code and json.loads(run.err.splitlines()[-1])["error"]["code"] == word, (words, run)
    expect(marvel("taint", "nodes", "ref1", "x=y:Bad"), 2, "no effect")
    expect(marvel("taint", "list", "ref1", "--context", "token"), 0, "ref1")
    run = marvel("--json", "taint", "list", environment={"KUBECONFIG": str(FOLDER / "gone")})
    assert run.code == 2, run
    unreachable = (FOLDER / "kubeconfig").read_text().replace(f'server: "', 'server: "https://127.0.0.1:1/')
    (FOLDER / "unreachable").write_text(unreachable.replace("127.0.0.1:1/https://", "127.0.0.1:1/x/"))
    run = marvel("--json", "taint", "list", environment={"KUBECONFIG": str(FOLDER / "unreachable")})
    assert run.code == 3 and json.loads(run.err)["error"]["code"] == "unreachable", run


def test_two_writers_lose_nothing():
    """Two writers set and clear their own keys on the same nodes; a third keeps touching labels.
    Whatever a writer has just written must be there when it looks."""
    names = [f"race{i}" for i in range(4)]
    create_nodes([node(name) for name in names])
    rounds, lost, ended = ROUNDS, [], threading.Event()

    def writer(key):
        for turn in range(rounds):
            name = names[turn % len(names)]
            run = marvel("taint", "nodes", name, f"{key}={turn}:NoSchedule", "--overwrite")
            if run.code != 0:
                lost.append(run)
            if (key, str(turn), "NoSchedule") not in taints(name):
                lost.append((key, turn))

    def noise():
        turn = 0
        while not ended.is_set():
            turn += 1
            request("PATCH", f"/api/v1/nodes/{names[turn % len(names)]}",
                    {"metadata": {"labels": {"noise": str(turn)}}}, "application/merge-patch+json")

    threads = [threading.Thread(target=writer, args=(key,)) for key in ("one", "two")]
    other = threading.Thread(target=noise)
    other.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended.set()
    other.join()
    assert not lost, lost[:3]
    for name in names:
        assert {key for key, _, _ in taints(name)} == {"one", "two"}, name


def test_kubectl_mode_speaks_as_kubectl():
    create_nodes([node("compat1")])
    compat = ("--compat", "kubectl")
    for words, code, out, err in (
            (["compat1", "k=v:NoSchedule"], 0, "node/compat1 tainted\n", ""),
            (["compat1", "k=v:NoSchedule"], 1, "", "error: node compat1 already has k taint(s) with same "
             "effect(s) and --overwrite is false\n"),
            (["compat1", "k=v:NoSchedule", "--overwrite"], 0, "node/compat1 modified\n", ""),
            (["compat1", "k:NoSchedule-"], 0, "node/compat1 untainted\n", ""),
            (["compat1", "k:NoSchedule-"], 1, "", 'error: taint "k:NoSchedule" not found\n')):
        run = marvel("taint", "nodes", *words, *compat)
        assert (run.code, run.out, run.err) == (code, out, err), (words, run)


run_tests(dict(globals()))
