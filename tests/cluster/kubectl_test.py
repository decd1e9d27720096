"""marvel taint --compat kubectl beside kubectl itself: the same commands on the same nodes must print
the same, end with the same exit code and leave the same nodes. tools/kubectl says where kubectl is;
skipped where there is none.

Words on standard error are compared where scripts may look for them. What is wrong before the
cluster is asked (a taint that cannot be read, a selector beside names) and what the server itself
refuses is told in words of their own by both."""
import pathlib
import subprocess
import sys

from api import Run, create_nodes, get, marvel, node, request, run_tests

TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools" / "kubectl"
KUBECTL = subprocess.run([TOOL, "--no-fetch"], stdout=subprocess.PIPE, text=True).stdout.strip()
POOL = ("--selector", "pool=compat")
NODES = {
    "compat1": [],
    "compat2": [{"key": "Layer", "value": "A", "effect": "NoSchedule"},
                {"key": "Layer", "value": "A", "effect": "NoExecute"}],
    "compat3": [{"key": "node.kubernetes.io/unreachable", "effect": "NoExecute", "timeAdded": "2024-01-02T03:04:05Z"},
                {"key": "example.org/gpu", "value": "x", "effect": "PreferNoSchedule"}],
}


def kubectl(*words):
    return Run(subprocess.run([KUBECTL, *words], capture_output=True, text=True, timeout=120))


def in_compat_mode(*words):
    return marvel(*words, "--compat", "kubectl")


def make_nodes():
    for name in NODES:
        request("DELETE", f"/api/v1/nodes/{name}")
    create_nodes([node(name, {"pool": "compat", "of": name}, taints) for name, taints in NODES.items()])


def nodes_now():
    """What a taint command may change of a node, and what it must leave."""
    found = {}
    for name in NODES:
        one = get(f"/api/v1/nodes/{name}")
        found[name] = (one["spec"], one["metadata"]["labels"], one["metadata"].get("annotations"),
                       one["status"]["conditions"], one["status"]["allocatable"])
    return found


def record(run, commands):
    """Each command's outcome and the nodes after it, from the same beginning."""
    make_nodes()
    outcomes = []
    for words in commands:
        done = run("taint", *words)
        outcomes.append((done.code, done.out, done.err, nodes_now()))
    return outcomes


def compare(commands, with_words=True):
    theirs, ours = record(kubectl, commands), record(in_compat_mode, commands)
    for words, his, mine in zip(commands, theirs, ours):
        told = f"{words}\nkubectl: {his}\nmarvel:  {mine}"
        assert his[:2] == mine[:2], told
        assert his[3] == mine[3], told
        assert not with_words or his[2] == mine[2], told
    return theirs


def test_adding_replacing_and_removing():
    codes = [one[0] for one in compare([
        ("nodes", "compat1", "k=v:NoSchedule"),
        ("nodes", "compat1", "k=v:NoSchedule"),                    # is there
        ("nodes", "compat1", "k=w:NoSchedule"),
        ("nodes", "compat1", "k=w:NoSchedule", "--overwrite"),
        ("nodes", "compat1", "k=w:NoSchedule", "--overwrite"),     # written all the same
        ("node", "compat1", "k=w:NoExecute", "empty:PreferNoSchedule"),
        ("nodes", "compat1", "k:NoSchedule-", "new=1:NoSchedule"),  # both at once
        ("nodes", "compat1", "k:NoSchedule-"),                     # gone already
        ("nodes", "compat1", "k=w:NoSchedule-"),                   # its value does not matter
        ("nodes", "compat1", "k-", "empty:PreferNoSchedule-"),
        ("nodes", "compat1", "k-"),
        ("nodes", "compat1", "new-", "--overwrite"),
        ("nodes", "compat1", "a=1:NoSchedule", "b=2:NoSchedule", "c=3:NoExecute"),
        ("nodes", "compat1", "b=2:NoSchedule", "d:NoSchedule", "c=4:NoExecute"),  # two of three are there
        ("nodes", "compat1", "a-", "z=1:NoSchedule"),
    ])]
    assert codes == [0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 1, 0, 0, 1, 0], codes


def test_what_was_there_stays_as_it_was():
    compare([
        ("nodes", "compat2", "Layer=B:NoSchedule", "--overwrite"),
        ("nodes", "compat2", "Layer:NoExecute-"),
        ("nodes", "compat2", "compat3", "example.com/with.dots_and-dashes=V1:NoSchedule"),
        ("nodes", "compat3", "example.org/gpu-"),
    ])


def test_selections():
    compare([
        ("nodes", *POOL, "k=v:NoSchedule"),
        ("nodes", *POOL, "k=v:NoSchedule", "--overwrite"),
        ("nodes", "-l", "pool in (compat), of notin (compat1)", "k:NoSchedule-"),
        ("nodes", "-l", "pool=nobody", "k=v:NoSchedule"),
        ("nodes", "compat3", "compat1", "z=1:NoExecute"),           # in the order given
    ])


def test_several_failures():
    """kubectl's words for them depend on how many there are and who found them."""
    compare([
        ("nodes", "compat2", "x-", "y:NoExecute-", "Layer:NoSchedule-"),  # two of three are not there
        ("nodes", *POOL, "Layer=A:NoSchedule"),                     # compat2 has it
        ("nodes", *POOL, "example.org/gpu-"),                       # only compat3 has it
        ("nodes", "compat1", "no-such-node", "k=v:NoSchedule"),
        ("nodes", "no-such-node", "k=v:NoSchedule"),
    ], with_words=False)


def test_dry_runs():
    compare([
        ("nodes", "compat1", "k=v:NoSchedule", "--dry-run=client"),
        ("nodes", "compat1", "k=v:NoSchedule", "--dry-run=server"),
        ("nodes", "compat2", "Layer-", "--dry-run=server"),
        ("nodes", "compat2", "Layer=A:NoSchedule", "--dry-run=client"),
        ("nodes", "compat1", "k=v:NoSchedule", "--dry-run=none"),
    ])


def test_commands_that_both_refuse():
    refused = compare([
        ("nodes", "compat1"), ("nodes", "compat1", "k"), ("nodes",),
        ("nodes", "compat1", "k=v:NoSchedule", "compat2"),
    ])
    refused += compare([
        ("nodes", "compat1", "k=v"), ("nodes", "compat1", "k=v:Bad"), ("nodes", "compat1", "=v:NoSchedule"),
        ("nodes", "compat1", "k=v=w:NoSchedule"), ("nodes", "compat1", "k=v:NoSchedule:NoExecute"),
        ("nodes", "compat1", "a/b/c=v:NoSchedule"), ("nodes", "compat1", "k=v!:NoSchedule"),
        ("nodes", "compat1", "k=1:NoSchedule", "k=2:NoSchedule"),
        ("nodes", "compat1", "k=1:NoSchedule", "k:NoSchedule-"), ("nodes", "compat1", "k=1:NoSchedule", "k-"),
        ("nodes", "--all", *POOL, "k=v:NoSchedule"),
        ("nodes", "k=v:NoSchedule"), ("nodes", "compat1", "-"),
        ("nodes", *POOL, "k=v:NoSchedule", "--context", "no-such-context"),
        ("nodes", "compat1", "k=v:NoSchedule", "--context", "nobody"),
    ], with_words=False)
    assert all(one[0] == 1 for one in refused), refused


def test_pods_are_evicted_without_a_question():
    """kubectl asks nobody, and so does its mode; marvel itself would want --yes."""
    space = "/api/v1/namespaces/default/pods"
    body = {"metadata": {"name": "compat"}, "spec": {"nodeName": "compat1", "containers": [
        {"name": "c", "image": "example.org/c:1"}]}}

    def with_pod(run):
        make_nodes()
        request("DELETE", f"{space}/compat?gracePeriodSeconds=0")
        status, answer = request("POST", space, body)
        assert status == 201, answer
        done = run("taint", "nodes", "compat1", "fire=now:NoExecute")
        return done.code, done.out, done.err, nodes_now()

    assert with_pod(kubectl) == with_pod(in_compat_mode)
    request("DELETE", f"{space}/compat?gracePeriodSeconds=0")


if not KUBECTL:
    print("skipped: no kubectl (see above)", file=sys.stderr)
    sys.exit(77)
print(f"        with {KUBECTL}: {kubectl('version', '--client').out.splitlines()[0]}", flush=True)
run_tests(dict(globals()))
