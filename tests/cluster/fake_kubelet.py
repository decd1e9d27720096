#!/usr/bin/env python3
"""Stands in for the kubelets of all nodes: brings bound pods to life and lets deleted ones go.

    fake_kubelet.py SERVER FOLDER PORT

An annotation `test/story` of a pod says how it fares: ready (also without one; pods of Jobs
succeed), never, pull (its image cannot be pulled), crash (it ends again and again), fail, succeed.

On PORT it serves logs as a kubelet does: the lines "line 1" to "line 5" of each container, with the
pod's name, and "the last words" of the run before. With `follow` one more line comes each 0.1 s.
"""
import http.client
import http.server
import json
import pathlib
import queue
import ssl
import sys
import threading
import time
import urllib.parse

SERVER = urllib.parse.urlparse(sys.argv[1])
FOLDER = pathlib.Path(sys.argv[2])
TRUST = ssl.create_default_context(cafile=str(FOLDER / "ca.crt"))
HEADERS = {"Authorization": "Bearer " + (FOLDER / "admin.token").read_text().strip()}


def connect(timeout):
    return http.client.HTTPSConnection(SERVER.hostname, SERVER.port, context=TRUST, timeout=timeout)


def story_of(pod):
    told = pod["metadata"].get("annotations", {}).get("test/story")
    owners = [owner["kind"] for owner in pod["metadata"].get("ownerReferences", [])]
    return told or ("succeed" if "Job" in owners else "ready")


def container_states(story):
    """State, last state, ready and restarts of every container."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    ended = {"terminated": {"exitCode": 1 if story != "succeed" else 0, "finishedAt": now, "startedAt": now,
                            "reason": "Error" if story != "succeed" else "Completed"}}
    return {"ready": ({"running": {"startedAt": now}}, {}, True, 0),
            "never": ({"running": {"startedAt": now}}, {}, False, 0),
            "pull": ({"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}, {}, False, 0),
            "crash": ({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s restarting"}}, ended, False, 3),
            "fail": (ended, {}, False, 0),
            "succeed": (ended, {}, False, 0)}[story]


def status_of(pod):
    story = story_of(pod)
    state, last, ready, restarts = container_states(story)
    phase = {"fail": "Failed", "succeed": "Succeeded", "pull": "Pending"}.get(story, "Running")
    flag = "True" if ready else "False"
    return {
        "phase": phase, "podIP": "10.1.0.1", "podIPs": [{"ip": "10.1.0.1"}],
        "conditions": [{"type": "PodScheduled", "status": "True"}, {"type": "Initialized", "status": "True"},
                       {"type": "ContainersReady", "status": flag}, {"type": "Ready", "status": flag}],
        "containerStatuses": [{"name": one["name"], "image": one["image"], "imageID": "", "state": state,
                               "lastState": last, "ready": ready, "restartCount": restarts}
                              for one in pod["spec"]["containers"]]}


def send(connection, method, path, body, content_type):
    connection.request(method, path, body=json.dumps(body),
                       headers=dict(HEADERS, **{"Content-Type": content_type}))
    answer = connection.getresponse()
    answer.read()
    return answer.status


def care_for(connection, pod):
    metadata = pod["metadata"]
    path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"
    if "deletionTimestamp" in metadata:
        send(connection, "DELETE", path, {"gracePeriodSeconds": 0}, "application/json")
    elif pod["status"].get("phase") == "Pending" and not pod["status"].get("containerStatuses"):
        send(connection, "PATCH", path + "/status", {"status": status_of(pod)},
             "application/strategic-merge-patch+json")


def work(pods):
    connection = connect(30)
    while True:
        pod = pods.get()
        for _ in range(3):
            try:
                care_for(connection, pod)
                break
            except (OSError, http.client.HTTPException):
                connection.close()
                connection = connect(30)
                time.sleep(0.5)


def watch(pods):
    connection = connect(None)
    connection.request("GET", "/api/v1/pods?watch=1&resourceVersion=0&timeoutSeconds=600", headers=HEADERS)
    for line in connection.getresponse():
        event = json.loads(line)
        pod = event["object"]
        if event["type"] in ("ADDED", "MODIFIED") and pod["spec"].get("nodeName"):
            pods.put(pod)


class Logs(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def piece(self, text):
        data = text.encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def do_GET(self):
        url = urllib.parse.urlparse(self.path)
        query = {key: values[-1] for key, values in urllib.parse.parse_qs(url.query).items()}
        _, _, _, pod, container = url.path.split("/")  # /containerLogs/NAMESPACE/POD/CONTAINER
        lines = ["the last words"] if query.get("previous") == "true" else [
            f"{pod} {container} line {i}" for i in range(1, 6)]
        if "tailLines" in query:
            lines = lines[-int(query["tailLines"]):]
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.piece("\n".join(lines) + "\n")
        number = 5
        while query.get("follow") == "true":
            time.sleep(0.1)
            number += 1
            self.piece(f"{pod} {container} line {number}\n")
        self.wfile.write(b"0\r\n\r\n")


def serve_logs(port):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Logs)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(FOLDER / "server.crt"), str(FOLDER / "server.key"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


def main():
    threading.Thread(target=serve_logs, args=(int(sys.argv[3]),), daemon=True).start()
    pods = queue.Queue()
    for _ in range(4):
        threading.Thread(target=work, args=(pods,), daemon=True).start()
    while True:
        try:
            watch(pods)
        except (OSError, ValueError, KeyError, http.client.HTTPException):
            time.sleep(0.3)


if __name__ == "__main__":
    main()
