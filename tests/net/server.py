#!/usr/bin/python3
"""A web server, or proxy, that behaves as it is asked to, badly too.

    server.py [CERTIFICATE KEY [CLIENT_CA]]

Prints its port. Every connection has a thread; what a path does stands in PATHS.
"""
import select
import socket
import ssl
import sys
import threading
import time

CONNECT_LOG = []  # heads of CONNECT requests
DEAF_LOG = []  # methods of requests that got no answer


class Connection:
    number = 0

    def __init__(self, sock):
        Connection.number += 1
        self.id = Connection.number
        self.sock = sock
        self.file = sock.makefile("rb")

    def send(self, data):
        self.sock.sendall(data.encode() if isinstance(data, str) else data)

    def answer(self, body, status="200 OK", headers=""):
        body = body.encode() if isinstance(body, str) else body
        self.send(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n")
        self.send(body)

    def serve(self):
        while self.one_request():
            pass

    def one_request(self):
        head = []
        if self.file.peek(1)[:1] == b"\x16":  # a TLS handshake on a plain port
            self.answer("", "400 Bad Request")
            return False
        while True:
            line = self.file.readline(65536)
            if not line:
                return False
            if line in (b"\r\n", b"\n"):
                break
            head.append(line.decode("latin-1").rstrip("\r\n"))
        method, target, _ = head[0].split(" ")
        if method == "CONNECT":
            CONNECT_LOG.append("\n".join(head))
            return self.tunnel(target)
        fields = {line.split(":", 1)[0].lower(): line.split(":", 1)[1].strip() for line in head[1:]}
        if "://" in target:  # asked as a proxy
            self.answer("proxied " + target)
            return True
        path, _, argument = target.lstrip("/").partition("/")
        if path == "early":
            self.answer("no room", "413 Too Large", "Connection: close\r\n")
            return False
        body = self.read_body(fields)
        stay = PATHS[path](self, argument, "\n".join(head), body)
        return stay is not False

    def read_body(self, fields):
        if "content-length" in fields:
            return self.file.read(int(fields["content-length"]))
        body = b""
        if fields.get("transfer-encoding") == "chunked":
            while True:
                size = int(self.file.readline(), 16)
                body += self.file.read(size)
                self.file.readline()
                if size == 0:
                    break
        return body

    def tunnel(self, target):
        host, _, port = target.rpartition(":")
        other = socket.create_connection((host, int(port)))
        self.send("HTTP/1.1 200 Connected\r\n\r\n")
        pair = {self.sock: other, other: self.sock}
        while True:
            for ready in select.select(list(pair), [], [])[0]:
                data = ready.recv(65536)
                if not data:
                    return False
                pair[ready].sendall(data)


def drip(c, argument, head, body):
    c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    count = 0
    while True:
        line = f"line {count}\n"
        c.send(f"{len(line):x}\r\n{line}\r\n")
        count += 1
        time.sleep(int(argument) / 1000)


def chunked(c, argument, head, body):
    c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(int(argument) // 1000):
        c.send("3e8\r\n" + "x" * 1000 + "\r\n")
    c.send("0\r\n\r\n")


def endless_header(c, argument, head, body):
    c.send("HTTP/1.1 200 OK\r\n")
    while True:
        c.send("X-More: " + "y" * 1000 + "\r\n")


def begin_and_hang(c, argument, head, body):
    c.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegin")
    time.sleep(3600)


def hang(c, argument, head, body):
    time.sleep(3600)


def cut(c, argument, head, body):
    c.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegin")
    return False


def vanish(c, argument, head, body):
    c.answer("once")
    return False  # closed without "Connection: close"


def vanish_late(c, argument, head, body):
    c.answer("once")
    c.file.peek(1)  # the next request has begun
    return False  # what is unread makes this a reset


def deaf(c, argument, head, body):
    DEAF_LOG.append(head.split(" ")[0])
    return False


def garbage(c, argument, head, body):
    c.send(b"\x00\xff not HTTP\r\n\r\n")
    return False


PATHS = {
    "echo": lambda c, a, head, body: c.answer(head.encode() + b"\n\n" + body),
    "status": lambda c, a, head, body: c.answer("" if a == "204" else "why", a + " Odd", "X-Odd: 1\r\nx-odd: 2\r\n"),
    "redirect": lambda c, a, head, body: c.answer("", "302 Found", "Location: http://elsewhere.invalid/\r\n"),
    "big": lambda c, a, head, body: c.answer(b"z" * int(a)),
    "size": lambda c, a, head, body: c.answer(str(len(body))),
    "connection": lambda c, a, head, body: c.answer(str(c.id)),
    "connects": lambda c, a, head, body: c.answer("\n\n".join(CONNECT_LOG)),
    "deafs": lambda c, a, head, body: c.answer(" ".join(DEAF_LOG)),
    "drip": drip, "deaf": deaf, "chunked": chunked, "header": endless_header, "begin": begin_and_hang,
    "hang": hang, "cut": cut, "vanish": vanish, "vanish-late": vanish_late, "garbage": garbage,
}


def serve(sock, context):
    try:
        if context:
            sock = context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
            try:
                sock.do_handshake()
            except OSError:
                time.sleep(0.3)  # else the reset overtakes the alert
                raise
        Connection(sock).serve()
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
    except (OSError, ValueError, KeyError):
        pass
    finally:
        sock.close()


def main():
    context = None
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        if len(sys.argv) > 3:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(sys.argv[3])
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(listener.getsockname()[1], flush=True)
    while True:
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(sock, context), daemon=True).start()


main()
