"""marvel deploy lint --server on what a real API server says, and the built-in schema against it."""
import json
import pathlib
import re

from api import FOLDER, create, expect, get, marvel, request, run_tests, server_minor, wait_for

ROOT = pathlib.Path(__file__).resolve().parents[2]
MARKS = {"string": "s", "integer": "i", "number": "n", "boolean": "b"}

ROBOT = {"type": "object", "required": ["spec"], "properties": {
    "spec": {"type": "object", "required": ["arms"],
             "properties": {"arms": {"type": "integer"}, "name": {"type": "string"}}}}}


def manifest(name, text):
    path = FOLDER / f"{name}.yaml"
    path.write_text(text)
    return str(path)


def robot(spec):
    return f"apiVersion: example.com/v1\nkind: Robot\nmetadata: {{name: r}}\nspec: {spec}\n"


def lint(path, *words):
    return marvel("deploy", "lint", path, "--json", *words)


def rules(run):
    return {(one["rule"], one["path"]) for one in run.json()["findings"]}


def document(path):
    body = get(path)
    return json.loads(body) if isinstance(body, str) else body


def schema_is_served(group, version):
    """Servers describe custom kinds some seconds after they serve them; before 1.24 in one document for all."""
    if server_minor() >= 24:
        return f"apis/{group}/{version}" in document("/openapi/v3")["paths"]
    return any(group in path for path in document("/openapi/v2")["paths"])


def test_custom_kinds_are_checked_against_the_server():
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    create(path, {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                  "metadata": {"name": "robots.example.com"},
                  "spec": {"group": "example.com", "scope": "Namespaced",
                           "names": {"kind": "Robot", "plural": "robots", "singular": "robot"},
                           "versions": [{"name": "v1", "served": True, "storage": True,
                                         "schema": {"openAPIV3Schema": ROBOT}}]}})
    wait_for(lambda: request("GET", "/apis/example.com/v1/robots")[0] == 200)
    wait_for(lambda: schema_is_served("example.com", "v1"))
    good, bad = manifest("good", robot("{arms: 2}")), manifest("bad", robot("{arms: two, arm: 1}"))
    expect(lint(bad), 0)
    expect(lint(good, "--server"), 0)
    run = expect(lint(bad, "--server"), 1)
    assert {("wrong-type", "spec.arms"), ("unknown-field", "spec.arm")} <= rules(run), run
    expect(lint(manifest("none", robot("{}")), "--server"), 1, "has no arms")
    kind = manifest("kind", robot("{arms: 2}").replace("Robot", "Robto"))
    expect(lint(kind, "--server"), 1, "did you mean Robot?")


def test_the_catalogue_is_right_by_the_server_too():
    files = sorted(str(path) for path in (ROOT / "examples" / "catalogue").glob("*.yaml"))
    run = expect(marvel("deploy", "lint", *files, "--server", "--json"), 0)
    assert run.json()["errors"] == 0 and len(files) > 20, run


def test_without_a_server_it_says_so():
    run = marvel("deploy", "lint", manifest("good", robot("{arms: 2}")), "--server",
                 "--context", "bad-token")
    expect(run, 3)


# --- the built-in schema ---

def builtin():
    text = (ROOT / "src" / "deploy" / "kubernetes_table.cpp").read_text()
    types = {}
    for line in re.findall(r"^[A-Z][A-Za-z0-9]*(?: [a-z0-9./]+)?: .*$", text, re.M):
        name, fields = line.split(": ", 1)
        types[name] = dict(word.replace("!=", "=").split("=", 1) for word in fields.split())
    return types


def fields_of(schemas, full):
    return schemas[full].get("properties", {})


def mark(schemas, schema, name):
    """What the table would say of a field, without the names of objects."""
    target = schema.get("$ref") or next((part["$ref"] for part in schema.get("allOf", []) if "$ref" in part), "")
    target = target.rsplit("/", 1)[-1]
    if target.endswith("resource.Quantity"):
        return "q"
    if target.endswith("intstr.IntOrString") or schema.get("format") == "int-or-string":
        return "p"
    if target:
        inner = schemas[target]
        return target if inner.get("properties") else mark(schemas, dict(inner), name)
    if schema.get("type") == "array":
        return "[" + mark(schemas, schema["items"], name) + "]"
    if "additionalProperties" in schema:
        return "{" + mark(schemas, schema["additionalProperties"], name) + "}"
    return MARKS.get(schema.get("type"), "*")


def compare(schemas, types, name, full, seen, problems):
    """Follows both from a kind: the same fields, and the same marks."""
    if (name, full) in seen:
        return
    seen.add((name, full))
    there, here = fields_of(schemas, full), types.get(name, types.get(name + " v1"))
    if here is None:
        problems.append(f"{name} has no line")
        return
    lacking = set(there) - set(here) - {"managedFields"}  # which server-side apply refuses
    if lacking or set(here) - set(there):
        problems.append(f"{name}: only there {lacking}, only here {set(here) - set(there)}")
    for field in set(there) & set(here):
        if field == "status":
            continue
        wanted, have = mark(schemas, there[field], field), here[field]
        brackets = re.match(r"[\[{]*", wanted).group()
        inner, own = wanted.strip("[]{}"), have.strip("[]{}")
        if not have.startswith(brackets) or (len(inner) == 1 and inner != own and "*" not in (inner, own)):
            problems.append(f"{name}.{field}: {wanted} there, {have} here")
        elif len(inner) > 1 and len(own) > 1:
            compare(schemas, types, own, inner, seen, problems)


def test_the_builtin_schema_says_what_the_server_says():
    if server_minor() < 37:
        print(f"        not applicable on 1.{server_minor()}: the schema is that of 1.37", flush=True)
        return
    types, seen, problems = builtin(), set(), []
    kinds = [name for name in types if " " in name]
    assert len(kinds) > 20 and len(types) > 200, types.keys()
    for version in sorted({name.split()[1] for name in kinds}):
        path = ("api/" if "/" not in version else "apis/") + version
        schemas = get("/openapi/v3/" + path)["components"]["schemas"]
        for full, schema in schemas.items():
            for one in schema.get("x-kubernetes-group-version-kind", []):
                own = one["version"] if not one["group"] else f"{one['group']}/{one['version']}"
                name = f"{one['kind']} {version}"
                if own == version and name in types and full.endswith("." + one["kind"]):
                    compare(schemas, {**types, one["kind"]: types[name]}, name, full, seen, problems)
    assert not problems, "\n".join(problems)
    assert len(seen) > 200, len(seen)


run_tests(dict(globals()))
