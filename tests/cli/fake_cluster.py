"""A Kubernetes API server of a few pages, in this process, for what the command line does with one:
it keeps objects, merges what is applied, and lists, deletes and refuses. What only a real server
knows (schemas, owners of fields, controllers) is tested on one in tests/cluster.

    cluster = FakeCluster()
    cluster.objects["/api/v1/nodes/n1"] = {...}
    cluster.write_kubeconfig(path)

`on_apply` may answer an apply in its place: (path, body, live) -> None or (status, answer).
`requests` has the method and path of each request so far.
"""
import copy
import http.server
import json
import re
import threading
import urllib.parse

KINDS = {  # group version: plural, kind, namespaced
    "v1": [("namespaces", "Namespace", False), ("nodes", "Node", False), ("configmaps", "ConfigMap", True),
           ("secrets", "Secret", True), ("services", "Service", True), ("pods", "Pod", True)],
    "apps/v1": [("deployments", "Deployment", True), ("replicasets", "ReplicaSet", True)],
    "coordination.k8s.io/v1": [("leases", "Lease", True)],
}


def discovery(root):
    items = {}
    for version, kinds in KINDS.items():
        if ("/" in version) == (root == "/apis"):
            resources = [{"resource": plural, "scope": "Namespaced" if namespaced else "Cluster",
                          "responseKind": {"kind": kind}, "verbs": ["get", "list", "patch", "delete"]}
                         for plural, kind, namespaced in kinds]
            group, _, short = version.rpartition("/")
            items.setdefault(group, []).append({"version": short, "resources": resources})
    return {"kind": "APIGroupDiscoveryList",
            "items": [{"metadata": {"name": group}, "versions": versions} for group, versions in items.items()]}


def merged(old, new):
    """What `old` becomes when `new` is applied: maps are joined, null takes away, the rest replaces."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return copy.deepcopy(new)
    result = dict(old)
    for key, value in new.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(old.get(key), value)
    return result


def status(code, reason, message, causes=()):
    return code, {"kind": "Status", "code": code, "reason": reason, "message": message,
                  "details": {"causes": list(causes)}}


def selected(item, selector):
    labels = item["metadata"].get("labels", {})
    for part in selector.split(",") if selector else []:
        key, equals, value = part.partition("=")
        if key not in labels or (equals and labels[key] != value):
            return False
    return True


def has_field(item, selector):
    """Whether a field is as `selector` ("spec.nodeName=n1") says; an empty one selects all."""
    path, _, value = selector.partition("=")
    for key in path.split(".") if path else []:
        item = item.get(key, {})
    return not path or item == value


def is_in(path, folder):
    """Whether the object at `path` is in the list at `folder`: of one namespace, or of all."""
    own = path.rsplit("/", 1)[0]
    return folder in (own, re.sub("/namespaces/[^/]+/", "/", own))


class FakeCluster:
    def __init__(self):
        self.objects, self.requests, self.version = {}, [], 0
        self.on_apply = lambda path, body, live: None
        self.lock = threading.Lock()
        cluster = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                url = urllib.parse.urlsplit(self.path)
                query = dict(urllib.parse.parse_qsl(url.query))
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with cluster.lock:
                    cluster.requests.append((self.command, url.path))
                    code, answer = cluster.handle(self.command, urllib.parse.unquote(url.path), query,
                                                  json.loads(body) if body else None,
                                                  self.headers.get("Content-Type", ""))
                data = json.dumps(answer).encode()
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def write_kubeconfig(self, path):
        server = f"http://127.0.0.1:{self.server.server_address[1]}"
        path.write_text(f"""\
apiVersion: v1
kind: Config
current-context: fake
clusters: [{{name: fake, cluster: {{server: "{server}"}}}}]
users: [{{name: fake, user: {{token: a-token}}}}]
contexts: [{{name: fake, context: {{cluster: fake, user: fake, namespace: grn}}}}]
""")

    def writes(self):
        return [one for one in self.requests if one[0] != "GET" and "/leases" not in one[1]]

    def store(self, path, body):
        self.version += 1
        body["metadata"]["resourceVersion"] = str(self.version)
        body["metadata"].setdefault("uid", f"uid-{self.version}")
        self.objects[path] = body

    def handle(self, method, path, query, body, content_type):
        if path in ("/api", "/apis"):
            return 200, discovery(path)
        live = self.objects.get(path)
        if method == "GET":
            return self.read(path, query)
        if method == "POST":
            return self.create(path, body)
        if method == "PATCH":
            return self.patch(path, query, body, content_type, live)
        if live is None:
            return status(404, "NotFound", path + " not found")
        if method == "DELETE" and "dryRun" not in (body or {}):
            del self.objects[path]
        elif method == "PUT":
            self.store(path, body)
        return 200, body if method == "PUT" else {"kind": "Status", "status": "Success"}

    def read(self, path, query):
        if path in self.objects:
            return 200, self.objects[path]
        plural = path.rsplit("/", 1)[1]
        if not any(plural == kind[0] for kinds in KINDS.values() for kind in kinds):
            return status(404, "NotFound", path + " not found")
        items = [one for at, one in sorted(self.objects.items()) if is_in(at, path)]
        return 200, {"kind": "List", "metadata": {"resourceVersion": str(self.version)},
                     "items": [one for one in items if selected(one, query.get("labelSelector", ""))
                               and has_field(one, query.get("fieldSelector", ""))]}

    def create(self, folder, body):
        path = folder + "/" + body["metadata"]["name"]
        if path in self.objects:
            return status(409, "AlreadyExists", path + " already exists")
        self.store(path, body)
        return 201, body

    def patch(self, path, query, body, content_type, live):
        if live is None and "apply" not in content_type:
            return status(404, "NotFound", path + " not found")
        special = self.on_apply(path, body, live) if "force" not in query else None
        if special is not None:
            return special
        guard = body["metadata"].pop("resourceVersion", None)
        if guard is not None and guard != live["metadata"]["resourceVersion"]:
            return status(409, "Conflict", "the object has been modified")
        result = merged(live or {}, body)
        if "dryRun" in query:
            return 200, result
        if result != live:
            self.store(path, result)
        return 200 if live else 201, result
