"""Every template of examples/catalogue is accepted by a real API server with strict validation, and
the real scheduler binds its pods to nodes of the layer that the template names."""
import pathlib
import re

from api import FOLDER, create, create_nodes, get, marvel, namespace, node, run_tests, wait_for

CATALOGUE = pathlib.Path(__file__).resolve().parents[2] / "examples" / "catalogue"
LAYERS = ("EDGE", "FOG", "CLOUD")
VOLUMES = 40


def big_node(name, layer):
    made = node(name, {"Layer": layer}, [{"key": "Layer", "value": layer, "effect": "NoSchedule"}],
                cpu="256", memory="4Ti", pods="500")
    for amounts in (made["status"]["capacity"], made["status"]["allocatable"]):
        amounts.update({"nvidia.com/gpu": "64", "sgx.intel.com/epc": "64Gi", "sgx.intel.com/enclave": "64",
                        "sgx.intel.com/provision": "64"})
    return made


def test_000_nodes_and_volumes():
    create_nodes([big_node(f"{layer.lower()}{i}", layer) for layer in LAYERS for i in range(4)])
    create("/apis/storage.k8s.io/v1/storageclasses",
           {"metadata": {"name": "test", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
            "provisioner": "kubernetes.io/no-provisioner"})
    for i in range(VOLUMES):
        create("/api/v1/persistentvolumes",
               {"metadata": {"name": f"volume{i}"},
                "spec": {"capacity": {"storage": "2Ti"}, "accessModes": ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"],
                         "storageClassName": "test", "hostPath": {"path": "/tmp"}}})


def header_of(text):
    return next(part for part in text.split("\n---\n") if "kind: Template" in part)


def secrets_of(header):
    blocks = re.split(r"\n- name: ", header)[1:]
    return [block.split()[0] for block in blocks if "secret: true" in block]


def create_claims(space, header):
    """Volumes that a template expects to be there."""
    for name in re.findall(r"- name: DATA_CLAIM\n  default: (\S+)", header):
        create(f"/api/v1/namespaces/{space}/persistentvolumeclaims",
               {"metadata": {"name": name},
                "spec": {"accessModes": ["ReadOnlyMany"], "resources": {"requests": {"storage": "1Gi"}}}})


def all_bound(space):
    pods = get(f"/api/v1/namespaces/{space}/pods")["items"]
    return pods and all("nodeName" in pod["spec"] for pod in pods) and pods


def expect_in_layer(template):
    text = template.read_text()
    header = header_of(text)
    name = template.name.split(".")[0]
    space = namespace("c-" + name)
    create_claims(space, header)
    values = FOLDER / "secrets.yaml"
    values.write_text("".join(f"{secret}: 'value-of-a-secret'\n" for secret in secrets_of(header)) or "{}")
    run = marvel("deploy", "apply", "-f", str(template), "-n", space, "--name", name, "--values", str(values))
    assert run.code == 0, (name, run)
    assert "value-of-a-secret" not in run.out + run.err, name
    layer = re.search(r"- name: LAYER\n(?:  .*\n)*?  default: (\w+)", header).group(1)
    pods = wait_for(lambda: all_bound(space), 60, f"the pods of {name}")
    nodes = {pod["spec"]["nodeName"] for pod in pods}
    assert all(one.rstrip("0123456789").upper() == layer for one in nodes), (name, layer, nodes)
    return len(pods)


def test_every_template_is_accepted_and_its_pods_are_bound_in_their_layer():
    templates = sorted(CATALOGUE.glob("*.template.yaml"))
    assert len(templates) > 20
    pods, failures = 0, []
    for template in templates:
        try:
            pods += expect_in_layer(template)
        except AssertionError as failure:
            failures.append(f"{template.name}: {failure}")
    assert not failures, "\n".join(failures)
    print(f"        {len(templates)} templates, {pods} pods", flush=True)


run_tests(dict(globals()))
