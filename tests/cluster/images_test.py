"""marvel deploy images check --nodes: images in a real registry (Debian's docker-registry) against
the platforms of a real API server's nodes."""
import os
import pathlib
import shutil
import subprocess
import sys

from api import FOLDER, create_nodes, expect, marvel, node, run_tests

if shutil.which("docker-registry") is None:
    print("skipped: docker-registry is not installed")
    sys.exit(77)

SHELL = pathlib.Path(__file__).resolve().parent.parent / "deploy" / "images"
TEMPLATE = """\
apiVersion: v1
kind: Pod
metadata: {{name: sed}}
spec:
  containers: [{{name: sed, image: "{image}"}}]
"""


def platform(arch):
    return {"kubernetes.io/os": "linux", "kubernetes.io/arch": arch}


def layer(name):
    return [{"key": "Layer", "value": name, "effect": "NoSchedule"}]


class Registry:
    """Runs until the program ends; has grn/sed:amd64 and grn/sed:both."""

    def __enter__(self):
        script = f'''
            cd "{FOLDER}"; . "{SHELL}/archives.sh"; . "{SHELL}/registry.sh"
            fail() {{ echo "$1" >&2; exit 1; }}
            start_registry; make_layers; make_oci amd64.tar amd64; make_index both.tar
            echo "$port $registry_id"; cat >/dev/null'''
        self.shell = subprocess.Popen(["bash", "-c", script], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True)
        port, self.process = self.shell.stdout.readline().split()
        self.place = f"localhost:{port}"
        for tag in ("amd64", "both"):
            expect(marvel("deploy", "images", "push", str(FOLDER / f"{tag}.tar"),
                          f"{self.place}/grn/sed:{tag}", "--insecure"), 0)
        return self

    def __exit__(self, *what):
        os.kill(int(self.process), 9)
        self.shell.communicate()

    def check(self, tag, *words):
        path = FOLDER / "pod.yaml"
        path.write_text(TEMPLATE.format(image=f"{self.place}/grn/sed:{tag}"))
        return marvel("deploy", "images", "check", str(path), "--registry", self.place, "--insecure",
                      "--nodes", *words)


def test_images_must_have_the_platforms_of_the_nodes_that_take_their_pods():
    create_nodes([node("cloud", {**platform("amd64")}),
                  node("edge", {**platform("arm64"), "Layer": "GRNEDGE1"}, layer("GRNEDGE1"))])
    with Registry() as registry:
        expect(registry.check("amd64"), 0, "good")
        run = expect(registry.check("amd64", "--layer", "GRNEDGE1"), 1, "wrong platform", "linux/arm64")
        assert "linux/amd64" in run.out, run
        expect(registry.check("both", "--layer", "GRNEDGE1"), 0, "good")
        expect(registry.check("amd64", "--layer", "NOWHERE"), 0, "fits on no node")
        expect(registry.check("amd64", "--platform", "linux/arm64"), 1, "not for linux/arm64")


run_tests(dict(globals()))
