"""The stories of deploy_cluster.sh: each function test_* has a cluster and a folder of its own."""
import contextlib
import os
import pathlib
import pty
import resource
import select
import subprocess
import sys
import tempfile
import traceback

from fake_cluster import FakeCluster, status

MARVEL = sys.argv[1]
SECRET = "hunter2-of-the-tests"
DEPLOYMENT = "/apis/apps/v1/namespaces/grn/deployments/web"
SETTINGS = "/api/v1/namespaces/grn/configmaps/settings"

TEMPLATE = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {mode: fast, url: "db://web:${PASSWORD}@db"}
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
      containers:
      - name: web
        image: example.org/web:1
        args: ["--pin", "${PIN}"]
        env:
        - {name: DB, value: "db://web:${PASSWORD}@db"}
        - {name: PASSWORD, value: "${PASSWORD}"}
---
kind: Template
name: Web
variables:
- {name: PASSWORD, secret: true}
- {name: PIN, secret: true, default: "99"}
"""


class Story:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="marvel-story."))
        self.cluster = FakeCluster()
        self.cluster.write_kubeconfig(self.folder / "kubeconfig")
        self.environment = {**os.environ, "KUBECONFIG": str(self.folder / "kubeconfig"), "HOME": str(self.folder),
                            "XDG_CONFIG_HOME": str(self.folder / "config"), "LC_ALL": "C"}

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def marvel(self, *words):
        # SIGXFSZ stays ignored, as Python has it, so that a file beyond its limit is an error and no signal.
        run = subprocess.run([MARVEL, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                             env=self.environment, cwd=self.folder, restore_signals=False)
        self.text = run.stdout + run.stderr
        return run

    def expect(self, code, *words, says=(), silent=()):
        run = self.marvel(*words)
        assert run.returncode == code, (words, run)
        for text in says:
            assert text in self.text, (text, run)
        for text in silent:
            assert text not in self.text, (text, run)
        return run

    def on_terminal(self, answer, *words):
        """Runs it where somebody can answer: the exit code and all that was on the screen."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execve(MARVEL, [MARVEL, *words], self.environment)
        screen, answered = b"", False
        while select.select([terminal], [], [], 60)[0]:
            try:
                screen += os.read(terminal, 4096)
            except OSError:
                break
            if not answered and (b"[y/N] " in screen or b"delete it: " in screen):
                os.write(terminal, answer.encode() + b"\n")
                answered = True
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), screen.decode()

    def apply(self, path, *words, code=0, **checks):
        return self.expect(code, "deploy", "apply", "-f", path, "--name", "web", *words, **checks)


def with_password(story, text=TEMPLATE, secret=SECRET):
    story.file("values.yaml", f"PASSWORD: {secret}\n")
    return story.file("web.template.yaml", text), "--values", "values.yaml"


# --- secrets ---

def test_a_secret_variable_is_sent_and_never_shown(story):
    words = with_password(story)
    for verb in (["apply", "--dry-run", "server"], ["diff"], ["apply"]):
        story.marvel("deploy", verb[0], "-f", *words, "--name", "web", *verb[1:], "--json")
        assert SECRET not in story.text and '"99"' not in story.text, (verb, story.text)
    sent = story.cluster.objects[DEPLOYMENT]["spec"]["template"]["spec"]["containers"][0]
    assert sent["env"][1]["value"] == SECRET and sent["args"][1] == "99", sent


def test_diff_hides_the_old_secret_and_the_new_one_but_says_that_they_differ(story):
    story.apply(*with_password(story))
    words = with_password(story, TEMPLATE.replace("fast", "slow"), "another-secret")
    run = story.expect(1, "deploy", "diff", "-f", *words, "--name", "web", silent=[SECRET, "another-secret"],
                       says=['.data.mode: "fast" -> "slow"', '.data.url: "db://web:********@db" ->',
                             'env[name=PASSWORD].value: "********" -> "********"'])
    assert run.stdout.count("->") == 4, run.stdout


def test_diff_hides_a_secret_that_goes_or_moves(story):
    story.apply(*with_password(story))
    less = TEMPLATE.replace('        - {name: PASSWORD, value: "${PASSWORD}"}\n', "") \
        .replace('["--pin", "${PIN}"]', '["--slow", "--pin", "${PIN}"]')
    words = with_password(story, less, "another-secret")
    story.expect(1, "deploy", "diff", "-f", *words, "--name", "web", silent=[SECRET, "another-secret", '"99"'])
    plain = TEMPLATE.split("---\nkind: Template")[0].replace("${PASSWORD}", "none").replace("${PIN}", "0")
    plain += "---\nkind: Template\nname: Web\nvariables: [{name: NAME, default: web}]\n"
    story.expect(1, "deploy", "diff", "-f", story.file("web.template.yaml", plain), "--name", "web",
                 silent=[SECRET, '"99"'], says=['env[name=PASSWORD].value: "********" ->'])


def test_conflicts_name_the_field_and_not_the_secret(story):
    story.apply(*with_password(story))
    cause = [{"reason": "FieldManagerConflict", "field": ".data.url", "message": 'conflict with "other"'},
             {"reason": "FieldManagerConflict", "field": ".data.mode", "message": 'conflict with "other"'}]
    story.cluster.objects[SETTINGS]["data"].update(url="db://web:not-ours@db", mode="slow")
    story.cluster.on_apply = lambda path, body, live: \
        status(409, "Conflict", "2 conflicts", cause) if path == SETTINGS else None
    for words in ((), ("--json",)):
        story.apply(*with_password(story), *words, code=3, silent=[SECRET, "not-ours"],
                    says=["db://web:********@db", ".data.url", "slow"])


def test_a_server_that_quotes_what_it_refuses_gives_nothing_away(story):
    story.cluster.on_apply = lambda path, body, live: \
        status(422, "Invalid", f'env[1].value: Invalid value: "{SECRET}"') if path == DEPLOYMENT else None
    for words in ((), ("--json",)):
        story.apply(*with_password(story), *words, code=2, silent=[SECRET], says=["********"])


def test_history_of_a_later_run_hides_secrets_and_rollback_brings_them_back(story):
    story.apply(*with_password(story))
    story.apply(*with_password(story, TEMPLATE.replace("fast", "slow"), "another-secret"))
    for words in ((), ("--json",)):
        story.expect(0, "deploy", "history", "web", "--revision", "1", *words, silent=[SECRET, "99"],
                     says=["db://web:********@db", "fast"])
    story.expect(0, "deploy", "rollback", "web", "--no-wait", silent=[SECRET, "another-secret"])
    assert story.cluster.objects[DEPLOYMENT]["spec"]["template"]["spec"]["containers"][0]["env"][1]["value"] == SECRET
    story.expect(0, "deploy", "history", "web", "--revision", "3", silent=[SECRET, "99"])


def test_rollback_after_a_failed_apply_brings_back_what_ran(story):
    path = [story.file(f"{mode}.yaml", TEMPLATE.split("---\nkind: Template")[0].replace("fast", mode))
            for mode in ("one", "two", "three")]
    story.apply(path[0])
    story.apply(path[1])
    story.cluster.on_apply = lambda at, body, live: status(422, "Invalid", "no") if at == DEPLOYMENT else None
    story.apply(path[2], code=2)
    assert story.cluster.objects[SETTINGS]["data"]["mode"] == "three"
    story.cluster.on_apply = lambda at, body, live: None
    story.expect(0, "deploy", "rollback", "web", "--no-wait")
    assert story.cluster.objects[SETTINGS]["data"]["mode"] == "two"
    story.apply(path[2])
    story.expect(0, "deploy", "rollback", "web", "--no-wait")
    assert story.cluster.objects[SETTINGS]["data"]["mode"] == "two"


POD = "/api/v1/namespaces/grn/pods/job"
PARENT = "/api/v1/namespaces/grn/secrets/marvel-web"
CRASHING = TEMPLATE.replace("---\nkind: Template", """---
apiVersion: v1
kind: Pod
metadata: {name: job}
spec: {containers: [{name: c, image: "example.org/c:1", env: [{name: PASSWORD, value: "${PASSWORD}"}]}]}
---
kind: Template""")


def refuse(*paths):
    return lambda path, body, live: status(422, "Invalid", "no") if path in paths else None


def crash(story, words):
    """The pod that runs now crashes, and says so."""
    story.cluster.objects[POD]["status"] = {"containerStatuses": [
        {"name": "c", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}
    story.cluster.objects[POD + "/log"] = words


def test_last_words_hide_secrets_after_a_first_apply_that_failed(story):
    story.cluster.on_apply = refuse(DEPLOYMENT)
    story.apply(*with_password(story, CRASHING), code=2)
    crash(story, f"cannot log in with {SECRET}")
    for verb in (("status",), ("wait", "--wait-timeout", "1s")):
        for words in ((), ("--json",)):
            story.expect(1, "deploy", verb[0], "web", *verb[1:], *words, silent=[SECRET],
                         says=["cannot log in with ********"])


def test_last_words_hide_the_old_secret_and_the_new_one_after_a_second_apply_that_failed(story):
    story.apply(*with_password(story, CRASHING))
    story.cluster.on_apply = refuse(POD)
    story.apply(*with_password(story, CRASHING, "another-secret"), code=2)
    crash(story, f"neither {SECRET} nor another-secret")
    story.expect(1, "deploy", "status", "web", silent=[SECRET, "another-secret"], says=["neither ******** nor ********"])


def test_last_words_hide_secrets_of_a_revision_that_is_not_kept(story):
    story.apply(*with_password(story, CRASHING), "--history-limit", "0")
    crash(story, f"cannot log in with {SECRET}")
    story.expect(1, "deploy", "status", "web", silent=[SECRET], says=["cannot log in with ********"])


def test_no_last_words_where_nobody_knows_the_secrets(story):
    story.apply(*with_password(story, CRASHING), "--history-limit", "0")
    del story.cluster.objects[PARENT]["data"]["wanted"]  # as an older program wrote it
    crash(story, f"cannot log in with {SECRET}")
    story.expect(1, "deploy", "status", "web", silent=[SECRET, "cannot log in"],
                 says=["its last words are not shown", "CrashLoopBackOff"])


# --- half of a service ---

SETTINGS_ONLY = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {mode: fast}\n"


def test_a_service_that_is_half_applied_is_not_ready(story):
    both = story.file("both.yaml", SETTINGS_ONLY + "---\n" + SETTINGS_ONLY.replace("settings", "more"))
    story.cluster.on_apply = refuse("/api/v1/namespaces/grn/configmaps/more")
    story.apply(both, code=2)
    told = ["the last run did not come to its end", "ConfigMap grn/more", "missing"]
    story.expect(1, "deploy", "status", "web", says=told)
    story.expect(1, "deploy", "wait", "web", "--wait-timeout", "1s", says=told)
    story.expect(0, "deploy", "list", says=["changing"])
    story.expect(1, "deploy", "status", "web", "--json", says=['"changing": true'])
    story.cluster.on_apply = refuse()
    story.apply(both)
    story.expect(0, "deploy", "status", "web", silent=["did not come to its end", "missing"])
    story.expect(0, "deploy", "wait", "web")


def test_what_somebody_deleted_is_missing(story):
    story.apply(story.file("settings.yaml", SETTINGS_ONLY))
    story.expect(0, "deploy", "status", "web")
    del story.cluster.objects[SETTINGS]
    for verb in ("status", "wait"):
        story.expect(1, "deploy", verb, "web", says=["ConfigMap grn/settings", "missing"])


# --- consent ---

def test_scripts_say_yes_before_a_service_is_deleted(story):
    story.apply(*with_password(story))
    before = len(story.cluster.writes())
    story.expect(2, "deploy", "delete", "web", says=["nobody can be asked", "--yes"])
    assert len(story.cluster.writes()) == before
    story.expect(0, "deploy", "delete", "web", "--dry-run", "client", says=["deleted (dry run)"])
    code, screen = story.on_terminal("n", "deploy", "delete", "web")
    assert code == 2 and "Deployment grn/web" in screen and "nothing was deleted" in screen, screen
    assert DEPLOYMENT in story.cluster.objects
    story.expect(0, "deploy", "delete", "web", "--yes")
    assert DEPLOYMENT not in story.cluster.objects


def test_people_are_asked_before_a_service_is_deleted(story):
    story.apply(*with_password(story))
    code, screen = story.on_terminal("y", "deploy", "delete", "web")
    assert code == 0 and DEPLOYMENT not in story.cluster.objects, screen


NAMESPACED = "apiVersion: v1\nkind: Namespace\nmetadata: {name: lab}\n---\n"


def test_a_namespace_is_deleted_by_its_name_only(story):
    path = story.file("lab.yaml", NAMESPACED + TEMPLATE.split("---\nkind: Template")[0])
    story.apply(path)
    for words in ((), ("--yes",), ("--yes", "--confirm", "other")):
        story.expect(2, "deploy", "delete", "web", *words, says=["namespace lab", "--confirm lab"])
    code, screen = story.on_terminal("y", "deploy", "delete", "web", "--yes")
    assert code == 2 and "Namespace lab goes with all that is in it" in screen, screen
    assert "/api/v1/namespaces/lab" in story.cluster.objects
    story.expect(0, "deploy", "delete", "web", "--confirm", "lab")
    assert "/api/v1/namespaces/lab" not in story.cluster.objects
    story.apply(path)
    code, screen = story.on_terminal("lab", "deploy", "delete", "web")
    assert code == 0 and "/api/v1/namespaces/lab" not in story.cluster.objects, screen


def test_scripts_say_yes_before_apply_prunes_and_nothing_is_written_without(story):
    full = TEMPLATE.split("---\nkind: Template")[0]
    story.apply(story.file("full.yaml", full))
    rest = story.file("rest.yaml", full.split("---\n")[1].replace("replicas: 1", "replicas: 2"))
    before = len(story.cluster.writes())
    story.apply(rest, code=2, says=["no longer wanted: ConfigMap grn/settings", "--yes", "--no-prune"])
    assert len(story.cluster.writes()) == before and story.cluster.objects[DEPLOYMENT]["spec"]["replicas"] == 1
    code, screen = story.on_terminal("n", "deploy", "apply", "-f", rest, "--name", "web", "--no-wait")
    assert code == 2 and len(story.cluster.writes()) == before, screen
    story.apply(rest, "--no-prune")
    assert SETTINGS in story.cluster.objects and story.cluster.objects[DEPLOYMENT]["spec"]["replicas"] == 2
    story.apply(rest, "--yes", says=["ConfigMap grn/settings pruned"])
    assert SETTINGS not in story.cluster.objects


def test_apply_prunes_a_namespace_by_its_name_only(story):
    full = TEMPLATE.split("---\nkind: Template")[0]
    story.apply(story.file("lab.yaml", NAMESPACED + full))
    rest = story.file("rest.yaml", full)
    story.apply(rest, "--yes", code=2, says=["--confirm lab"])
    assert "/api/v1/namespaces/lab" in story.cluster.objects
    story.apply(rest, "--confirm", "lab", says=["Namespace lab pruned"])


# --- answers ---

def test_a_place_that_the_manifest_rules_out_is_exit_code_1_everywhere(story):
    path = story.file("pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {nodeSelector: {Layer: A}}\n")
    for words in (["render", path], ["diff", "-f", path], ["apply", "-f", path]):
        story.expect(1, "deploy", *words, "--layer", "Layer=B", says=["pod.yaml:4:30"])
    assert not story.cluster.writes()


def test_a_wait_timeout_that_is_none_is_told_before_anything_is_applied(story):
    story.apply(*with_password(story), "--wait", "--wait-timeout", "5x", code=2, says=["5x"])
    assert not story.cluster.writes()


# --- taints ---

NODE = "/api/v1/nodes/edge1"


def with_node(story):
    story.cluster.store(NODE, {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "edge1"}, "spec": {}, "status": {}})


def with_pods(story):
    with_node(story)
    for name, tolerations in (("camera", []), ("agent", [{"operator": "Exists"}])):
        story.cluster.store(f"/api/v1/namespaces/grn/pods/{name}", {
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "grn"},
            "spec": {"nodeName": "edge1", "tolerations": tolerations, "containers": []}, "status": {}})


def taints(story):
    return [one["key"] for one in story.cluster.objects[NODE]["spec"].get("taints") or []]


def test_scripts_say_yes_before_pods_are_evicted(story):
    with_pods(story)
    fire = ("taint", "nodes", "edge1", "fire:NoExecute")
    file = story.file("fire.yaml", "nodes:\n  edge1: {taints: ['fire:NoExecute']}\n")
    for words in (fire, ("taint", "apply", "-f", file), (*fire, "--undo", "back.yaml")):
        story.expect(2, *words, says=["pod grn/camera would leave node edge1 at once",
                                      "nobody can be asked whether to evict 1 pod(s)", "--yes"], silent=["grn/agent"])
    assert not story.cluster.writes() and not (story.folder / "back.yaml").exists()
    story.expect(0, *fire, "--dry-run", "client", says=["grn/camera", "tainted (dry run)"])
    story.expect(0, "taint", "apply", "-f", file, "--yes", says=["grn/camera", "node/edge1 tainted"])
    assert taints(story) == ["fire"]
    story.expect(0, *fire, says=["unchanged"], silent=["grn/camera"])  # nobody leaves for what is there


def test_people_are_asked_before_pods_are_evicted(story):
    with_pods(story)
    for answer, code, there in (("n", 2, []), ("y", 0, ["fire"])):
        got, screen = story.on_terminal(answer, "taint", "nodes", "edge1", "fire:NoExecute")
        assert got == code and "grn/camera" in screen and "Evict 1 pod(s)?" in screen, screen
        assert taints(story) == there, screen


def test_kubectl_s_mode_evicts_as_kubectl_does(story):
    with_pods(story)
    run = story.expect(0, "taint", "nodes", "edge1", "fire:NoExecute", "--compat", "kubectl")
    assert run.stdout == "node/edge1 tainted\n" and not run.stderr and taints(story) == ["fire"], run


def test_no_node_changes_when_the_way_back_cannot_be_kept(story):
    with_node(story)
    words = ("taint", "nodes", "edge1", "Layer=A:NoSchedule", "--undo")
    story.expect(3, *words, "/no/such/folder/back.yaml", says=["back.yaml"])
    assert not story.cluster.writes() and not taints(story)
    story.expect(0, *words, "back.yaml")
    assert taints(story) == ["Layer"]
    story.expect(0, "taint", "apply", "-f", "back.yaml")
    assert not taints(story)


def test_repeating_a_command_keeps_the_way_back_to_the_beginning(story):
    with_node(story)
    other = NODE.replace("edge1", "edge2")
    story.cluster.store(other, {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "edge2"}, "status": {},
                                "spec": {"taints": [{"key": "Layer", "value": "B", "effect": "NoSchedule"}]}})
    before = [story.cluster.objects[path]["spec"].get("taints") or [] for path in (NODE, other)]
    words = ("taint", "nodes", "edge1", "edge2", "Layer=A:NoSchedule", "--overwrite", "--label", "--undo", "back.yaml")
    story.cluster.on_apply = lambda path, body, live: status(500, "InternalError", "no") if path == other else None
    story.expect(3, *words, says=["changing node edge2"])
    story.expect(3, *words, says=["has the way back of earlier runs"])
    story.cluster.on_apply = lambda path, body, live: None
    story.expect(0, *words)
    assert story.cluster.objects[other]["spec"]["taints"][0]["value"] == "A"
    story.expect(0, "taint", "apply", "-f", "back.yaml")
    after = [story.cluster.objects[path]["spec"].get("taints") or [] for path in (NODE, other)]
    assert after == before, after
    assert all("Layer" not in story.cluster.objects[path]["metadata"].get("labels", {}) for path in (NODE, other))


def test_nobody_asks_for_pods_when_no_taint_evicts_any(story):
    with_pods(story)
    story.cluster.objects[NODE]["spec"]["taints"] = [{"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"}]
    file = story.file("layers.yaml", "nodes:\n  edge1: {taints: ['Layer=A:NoSchedule']}\n")
    story.expect(0, "taint", "apply", "-f", file, says=["node/edge1 tainted"])
    assert not [one for one in story.cluster.requests if one[1].endswith("/pods")], story.cluster.requests


@contextlib.contextmanager
def full_disk():
    """Programs that are started meanwhile find no room for a byte in any file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def fill_disk_of_children():
    """The program that runs now finds no more room."""
    for pid in pathlib.Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        resource.prlimit(int(pid), resource.RLIMIT_FSIZE, (0, 0))


def test_a_full_disk_under_the_way_back_costs_no_node(story):
    with_node(story)
    file = story.file("layers.yaml", "nodes:\n  edge1: {taints: ['Layer=A:NoSchedule']}\n")
    (story.folder / "back.yaml").write_text("of an earlier run\n")
    for words in (("nodes", "edge1", "Layer=A:NoSchedule"), ("apply", "-f", file)):
        with full_disk():
            story.expect(3, "taint", *words, "--undo", "back.yaml",
                         says=["cannot write 'back.yaml': File too large", "free some space"])
        assert not story.cluster.writes() and not taints(story), story.cluster.requests
        assert (story.folder / "back.yaml").read_text() == "of an earlier run\n"
        assert not list(story.folder.glob("back.yaml.tmp*"))


def test_a_way_back_that_was_kept_stays_when_the_disk_fills_up_later(story):
    """Somebody else taints the node between the look and the write, so the way back changes; by then
    the disk is full."""
    with_node(story)

    def meanwhile(_path, _body, live):
        if "taints" not in live["spec"]:
            live["spec"]["taints"] = [{"key": "Layer", "value": "B", "effect": "NoSchedule"}]
            live["metadata"]["resourceVersion"] = "another"
            fill_disk_of_children()

    story.cluster.on_apply = meanwhile
    story.expect(0, "taint", "nodes", "edge1", "Layer=A:NoSchedule", "--overwrite", "--undo", "back.yaml",
                 says=["node/edge1 modified", "back.yaml is the way back from what was planned", "File too large"])
    assert story.cluster.objects[NODE]["spec"]["taints"][0]["value"] == "A"
    story.expect(0, "taint", "apply", "-f", "back.yaml")
    assert not taints(story)


def main():
    failed = 0
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            try:
                test(Story())
                print("ok      " + name, flush=True)
            except Exception:  # the next story still runs
                failed += 1
                print(f"FAILED  {name}\n{traceback.format_exc()}", flush=True)
    sys.exit(1 if failed else 0)


main()
