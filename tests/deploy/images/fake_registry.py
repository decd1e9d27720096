#!/usr/bin/python3
"""A registry for what real ones do not do on demand.

Prints its port. Repository names choose the fault; see handle_one(). A second port, which is another
server to a client, has what "moved" leads to. The log of the requests to both, with their
Authorization, is at /log.
"""
import base64
import hashlib
import http.server
import json
import threading

LOG = []
UPLOADS = {}
BLOBS = {}
MANIFEST = b'{"schemaVersion":2,"manifests":[]}'


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    counts = {}

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def count(self, what):
        Handler.counts[what] = Handler.counts.get(what, 0) + 1
        return Handler.counts[what]

    def handle_one(self):
        authorization = self.headers.get("Authorization", "-")
        port = self.server.server_address[1]
        path = self.path.split("?")[0]
        if path == "/log":
            return self.answer(200, "\n".join(LOG))
        LOG.append(f"{self.command} {self.path} {authorization}")
        if path == "/token":
            if "Basic " + base64.b64encode(b"anna:hush").decode() != authorization:
                return self.answer(401, '{"errors":[{"code":"DENIED","message":"who?"}]}')
            return self.answer(200, '{"token":"of-' + self.path.split("scope=")[1] + '"}')
        if path == "/store/blob":
            return self.answer(200, b"elsewhere")
        name = path.split("/")[2]
        if name == "_catalog":
            more = {} if "last=b" in self.path else {"Link": '</v2/_catalog?last=b&n=1>; rel="next"'}
            names = ["c"] if "last=b" in self.path else ["b", "a"]
            return self.answer(200, json.dumps({"repositories": names}), **more)
        if name == "bearer" and not authorization.startswith("Bearer of-repository:bearer:"):
            return self.answer(401, WWW_Authenticate=f'Bearer realm="http://127.0.0.1:{port}/token",service="s"')
        if name == "moved" and authorization == "-":
            return self.answer(401, WWW_Authenticate='Basic realm="x"')
        if name == "moved":
            target = self.path.replace("/moved/", "/there/")
            return self.answer(307, Location=f"http://127.0.0.1:{other.server_address[1]}{target}")
        if name == "there" and path.endswith("/tags/list"):
            more = {} if "last=1" in self.path else {"Link": '</v2/there/tags/list?last=1>; rel="next"'}
            return self.answer(200, json.dumps({"tags": ["2" if "last=1" in self.path else "1"]}), **more)
        if name == "circle":
            return self.answer(308, Location=self.path)
        if name == "unknown":
            return self.answer(401, WWW_Authenticate="Negotiate")
        if name == "busy" and self.count("busy") < 3:
            return self.answer(503, "later")
        if name == "down":
            return self.answer(500, '{"errors":[{"code":"UNKNOWN","message":"disk\\u001b[31m"}]}')
        if name == "rude" and path.endswith("/tags/list"):
            return self.answer(200, json.dumps({"tags": ["1", "2\u001b[31m"]}))
        if name == "rude":
            return self.answer(200, MANIFEST, Docker_Content_Digest="sha256:../[31m")
        if "/blobs/uploads/" in path:
            return self.upload(name, path)
        if "/blobs/" in path and self.command == "HEAD" and name == "good":
            return self.answer(200 if path.rsplit("/", 1)[1] in BLOBS else 404)
        if "/blobs/" in path:
            return self.answer(307, Location=f"http://localhost:{port}/store/blob")
        if name == "lying":
            return self.answer(200, MANIFEST, Docker_Content_Digest="sha256:" + "0" * 64)
        digest = "sha256:" + hashlib.sha256(MANIFEST).hexdigest()
        return self.answer(200, MANIFEST, Docker_Content_Digest=digest,
                           Content_Type="application/vnd.oci.image.index.v1+json")

    # Reports true offsets after a cut, which docker-registry does not.
    def upload(self, name, path):
        key = path.rsplit("/", 1)[1]
        if self.command == "POST":
            if name == "elsewhere":
                return self.answer(202, Location="http://elsewhere.example/x")
            key = str(len(UPLOADS) + 1)
            UPLOADS[key] = b""
            return self.answer(202, Location=path + key)
        data = UPLOADS[key]
        if self.command == "GET" and name == "hiccup" and self.count("hiccup") == 1:
            return self.answer(503, "later")
        if self.command == "GET":
            return self.answer(204, Location=path, Range=f"0-{max(len(data) - 1, 0)}")
        length = int(self.headers.get("Content-Length", "0"))
        if name == "cut" and self.command == "PATCH" and self.count("cut") == 2:
            UPLOADS[key] += self.rfile.read(length // 3)
            self.close_connection = True
            self.connection.close()
            return None
        if name == "taken" and key == "1":
            self.rfile.read(length)
            return self.answer(416, '{"errors":[{"code":"RANGE_INVALID"}]}')
        UPLOADS[key] += self.rfile.read(length)
        if name == "stuck":
            UPLOADS[key] = data
            return self.answer(202, Location=path, Range="0-0")
        if self.command == "PATCH":
            return self.answer(202, Location=path, Range=f"0-{len(UPLOADS[key]) - 1}")
        digest = self.path.split("digest=")[1].replace("%3A", ":")
        if digest != "sha256:" + hashlib.sha256(UPLOADS[key]).hexdigest():
            return self.answer(400, '{"errors":[{"code":"DIGEST_INVALID"}]}')
        BLOBS[digest] = UPLOADS[key]
        return self.answer(201)

    do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = handle_one


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
other = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=other.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever).run()
