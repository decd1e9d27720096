"""marvel deploy dataset against a real API server that has Datashim's kind (its operator is not
there: the volume claims that it would make are made here)."""
import base64

from api import create, create_nodes, expect, get, marvel, namespace, node, request, run_tests, wait_for

KEYS = "[default]\naws_access_key_id = minio\naws_secret_access_key = hunter2\n"


def definition(group):
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": f"datasets.{group}"},
            "spec": {"group": group, "scope": "Namespaced",
                     "names": {"kind": "Dataset", "plural": "datasets", "singular": "dataset"},
                     "versions": [{"name": "v1alpha1", "served": True, "storage": True,
                                   "schema": {"openAPIV3Schema": schema}}]}}


def install(group):
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    create(path, definition(group))
    wait_for(lambda: request("GET", f"/apis/{group}/v1alpha1/datasets")[0] == 200)
    return path + "/datasets." + group


def dataset(*words, stdin=None):
    return marvel("deploy", "dataset", *words, stdin=stdin)


def add(space, *words, stdin=None):
    return dataset("add", "audio", "s3://grn-audio", "--endpoint", "http://minio.grn:9000", "-n", space,
                   *words, stdin=stdin)


def stored(space, name="audio", group="datashim.io"):
    return get(f"/apis/{group}/v1alpha1/namespaces/{space}/datasets/{name}")


def actions(run):
    return {one["kind"]: one["action"] for one in run.json()["objects"]}


def pod(claim):
    return {"metadata": {"name": "sed"},
            "spec": {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}],
                     "containers": [{"name": "c", "image": "example.org/sed:1",
                                     "volumeMounts": [{"name": "data", "mountPath": "/data"}]}]}}


def claim(name):
    return {"metadata": {"name": name},
            "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Gi"}}}}


def test_00_without_datashim_the_cluster_is_named_and_nothing_is_written():
    create_nodes([node("data1")])
    space = namespace("none")
    expect(add(space), 3, "knows no datasets", "Datashim")
    expect(dataset("list", "-n", space), 3, "knows no datasets")


def test_01_the_kind_of_old_releases_is_found_too():
    path = install("com.ie.ibm.hpsys")
    space = namespace("old")
    expect(dataset("add", "labels", "https://data.example/labels.tar", "-n", space), 0)
    local = stored(space, "labels", "com.ie.ibm.hpsys")["spec"]["local"]
    assert local == {"type": "ARCHIVE", "url": "https://data.example/labels.tar", "format": "application/x-tar"}
    request("DELETE", path)
    wait_for(lambda: request("GET", path)[0] == 404)
    install("datashim.io")


def test_add_keeps_keys_in_a_secret_and_the_second_time_changes_nothing():
    space = namespace("keys")
    run = expect(add(space, "--credentials", "-", "--json", stdin=KEYS), 0)
    assert actions(run) == {"Secret": "created", "Dataset": "created"}, run
    assert "hunter2" not in run.out + run.err
    assert stored(space)["spec"]["local"] == {
        "type": "COS", "bucket": "grn-audio", "endpoint": "http://minio.grn:9000",
        "secret-name": "audio-credentials"}
    secret = get(f"/api/v1/namespaces/{space}/secrets/audio-credentials")["data"]
    assert {key: base64.b64decode(value).decode() for key, value in secret.items()} == {
        "accessKeyID": "minio", "secretAccessKey": "hunter2"}
    version = stored(space)["metadata"]["resourceVersion"]
    run = expect(add(space, "--credentials", "-", "--json", stdin=KEYS), 0)
    assert set(actions(run).values()) == {"unchanged"}, run
    assert stored(space)["metadata"]["resourceVersion"] == version
    run = expect(add(space, "--credentials", "-", "--read-only", "--json", stdin=KEYS), 0)
    assert actions(run) == {"Secret": "unchanged", "Dataset": "configured"}, run


def test_a_dry_run_writes_nothing():
    space = namespace("dry")
    for kind in ("client", "server"):
        expect(add(space, "--credentials", "-", "--dry-run", kind, stdin=KEYS), 0, "created", "dry run")
    assert get(f"/apis/datashim.io/v1alpha1/namespaces/{space}/datasets")["items"] == []
    assert request("GET", f"/api/v1/namespaces/{space}/secrets/audio-credentials")[0] == 404


def test_what_cannot_be_is_refused_before_anything_is_written():
    space = namespace("wrong")
    expect(add(space, "--credentials", "-", stdin="nothing"), 2, "no aws_access_key_id")
    expect(add(space, "--credentials", "-", "--secret", "other", stdin=KEYS), 2, "--secret")
    expect(dataset("add", "audio", "s3://grn-audio", "-n", space), 2, "--endpoint")
    expect(dataset("add", "audio", "ftp://host/a.tar", "-n", space), 2, "no source")
    expect(dataset("add", "Not_A_Name", "nfs://nas/video", "-n", space), 2, "Not_A_Name")
    assert get(f"/apis/datashim.io/v1alpha1/namespaces/{space}/datasets")["items"] == []


def test_fields_of_others_stay_unless_they_are_taken_over():
    space = namespace("conflict")
    path = f"/apis/datashim.io/v1alpha1/namespaces/{space}/datasets"
    create(path, {"apiVersion": "datashim.io/v1alpha1", "kind": "Dataset", "metadata": {"name": "audio"},
                  "spec": {"local": {"type": "COS", "bucket": "other"}}})
    expect(add(space), 3, "conflict", "--force-conflicts")
    assert stored(space)["spec"]["local"]["bucket"] == "other"
    expect(add(space, "--force-conflicts"), 0, "configured")
    assert stored(space)["spec"]["local"]["bucket"] == "grn-audio"


def test_a_mounted_dataset_is_not_deleted_and_its_own_secret_goes_with_it():
    space = namespace("mounted")
    expect(add(space, "--credentials", "-", stdin=KEYS), 0)
    create(f"/api/v1/namespaces/{space}/persistentvolumeclaims", claim("audio"))
    create(f"/api/v1/namespaces/{space}/pods", pod("audio"))
    run = expect(dataset("list", "-n", space, "--json"), 0)
    one, = run.json()["datasets"]
    assert one["source"] == "s3://grn-audio" and one["claim"] == "Pending" and one["used_by"] == ["sed"], run
    expect(dataset("list", "-A"), 0, "s3://grn-audio", "sed")
    expect(dataset("delete", "audio", "-n", space, "--yes"), 3, "mounted by sed")
    expect(dataset("delete", "audio", "-n", space, "--yes", "--force", "--dry-run", "server"), 0, "deleted")
    stored(space)
    expect(dataset("delete", "audio", "-n", space, "--yes", "--force"), 0, "deleted")
    assert request("GET", f"/apis/datashim.io/v1alpha1/namespaces/{space}/datasets/audio")[0] == 404
    assert request("GET", f"/api/v1/namespaces/{space}/secrets/audio-credentials")[0] == 404
    expect(dataset("delete", "audio", "-n", space, "--yes"), 3, "no dataset audio")


def test_a_secret_that_was_named_stays():
    space = namespace("named")
    create(f"/api/v1/namespaces/{space}/secrets", {"metadata": {"name": "audio-credentials"},
                                                    "stringData": {"accessKeyID": "a", "secretAccessKey": "b"}})
    expect(add(space, "--secret", "audio-credentials"), 0)
    expect(dataset("delete", "audio", "-n", space, "--yes"), 0)
    get(f"/api/v1/namespaces/{space}/secrets/audio-credentials")


run_tests(dict(globals()))
