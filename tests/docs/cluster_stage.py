"""What the pages about clusters take for granted: nodes of three tiers, and a service that runs already."""
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "cluster"))
import api  # noqa: E402, a folder beside this one

NAMES = {"grnedge1": "edge", "grnedge2": "edge", "grnfog1": "fog", "cloud1": "cloud"}


def set_up(marvel, folder):
    layer = {"key": "Layer", "value": "GRNEDGE1", "effect": "NoSchedule"}
    api.create_nodes([api.node(name, {"tier": tier, **({"Layer": "GRNEDGE1"} if name == "grnedge2" else {})},
                               [layer] if name == "grnedge2" else [])
                      for name, tier in NAMES.items()])
    path = "/api/v1/namespaces/default/serviceaccounts/default"
    api.wait_for(lambda: api.request("GET", path)[0] == 200, what="the default service account")
    before = pathlib.Path(folder) / "before.yaml"
    before.write_text((HERE / "app.yaml").read_text().replace("app:1.0", "app:0.9"))
    subprocess.run([marvel, "deploy", "apply", "-f", before, "--name", "app", "--layer", "GRNEDGE1", "--wait"],
                   check=True, env=os.environ, timeout=120)
