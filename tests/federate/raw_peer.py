#!/usr/bin/env python3
"""Peers that no gRPC library would be, made of bare HTTP/2.

    raw_peer.py stall HOST PORT COUNT BYTES   clients that announce an update of BYTES, send 60,000 and no more
    raw_peer.py flood HOST PORT COUNT BYTES   clients that answer with BYTES whatever they are asked
    raw_peer.py idle HOST PORT COUNT          clients that join and answer nothing
    raw_peer.py ingress HOST PORT SECONDS     a server that answers every call with 404 for so long

Clients run until the server ends their streams, and then say how they were ended.
"""
import select
import socket
import struct
import sys
import threading
import time

DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, WINDOW = 0, 1, 3, 4, 6, 7, 8
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(name, value):
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


class Link:
    """A connection with one stream."""

    def __init__(self, host, port, name):
        self.socket = socket.create_connection((host, port))
        self.buffer = b""
        self.ended = ""
        self.room = {0: 65535, 1: 65535}  # what may be sent
        headers = b"".join(literal(n, v) for n, v in (
            (b":method", b"POST"), (b":scheme", b"http"), (b":path", b"/flwr.proto.FlowerService/Join"),
            (b":authority", b"x"), (b"content-type", b"application/grpc"), (b"te", b"trailers"),
            (b"marvel-client-id", name.encode())))
        window = 2**31 - 1
        self.socket.sendall(PREFACE + frame(SETTINGS, 0, 0, struct.pack(">HI", 4, window))
                            + frame(WINDOW, 0, 0, struct.pack(">I", window - 65535)) + frame(HEADERS, 4, 1, headers))

    def next_frame(self, wait=None):
        """The next frame's kind and payload; None after `wait` seconds."""
        while True:
            if len(self.buffer) >= 9:
                size = int.from_bytes(self.buffer[:3], "big")
                if len(self.buffer) >= 9 + size:
                    break
            if not select.select([self.socket], [], [], wait)[0]:
                return None
            more = self.socket.recv(1 << 20)
            if not more:
                self.ended = self.ended or "closed"
                return None
            self.buffer += more
        kind, flags, stream = self.buffer[3], self.buffer[4], int.from_bytes(self.buffer[5:9], "big")
        payload, self.buffer = self.buffer[9:9 + size], self.buffer[9 + size:]
        self.heed(kind, flags, stream, payload)
        return kind, payload

    def heed(self, kind, flags, stream, payload):
        if kind == SETTINGS and not flags & 1:
            for at in range(0, len(payload), 6):
                name, value = struct.unpack(">HI", payload[at:at + 6])
                if name == 4:
                    self.room[1] += value - 65535
            self.socket.sendall(frame(SETTINGS, 1, 0, b""))
        if kind == PING and not flags & 1:
            self.socket.sendall(frame(PING, 1, 0, payload))
        if kind == WINDOW:
            self.room[stream] = self.room.get(stream, 0) + struct.unpack(">I", payload)[0]
        if kind in (RESET, GOAWAY) or kind == HEADERS and flags & 1:
            self.ended = "ended"

    def question(self):
        """Reads one whole message of gRPC."""
        got = b""
        while not self.ended and (len(got) < 5 or len(got) < 5 + int.from_bytes(got[1:5], "big")):
            found = self.next_frame()
            if found and found[0] == DATA:
                got += found[1]

    def send(self, announced, count):
        """A message of `announced` bytes, as far as `count` of them."""
        rest = struct.pack(">BI", 0, announced)
        piece = b"\0" * 16384
        while (count > 0 or rest) and not self.ended:
            while not self.ended and self.next_frame(0):
                pass
            size = min(len(piece), self.room[0], self.room[1], count + len(rest))
            if size < (5 if rest else 1):
                self.next_frame(1)
                continue
            payload = rest + piece[:size - len(rest)]
            count -= size - len(rest)
            rest = b""
            self.room[0] -= size
            self.room[1] -= size
            self.socket.sendall(frame(DATA, 0, 1, payload))

    def wait(self):
        while not self.ended:
            self.next_frame(1)


def client(host, port, name, size, part):
    link = Link(host, port, name)
    try:
        if part:
            link.question()
            link.send(size, part)
        link.wait()
    except OSError as error:
        link.ended = str(error)
    sys.stdout.write(f"{name} {link.ended}\n")  # in one go: others say it, too
    sys.stdout.flush()


def clients(host, port, kind, count, size):
    part = {"stall": 60000, "flood": size, "idle": 0}[kind]
    threads = [threading.Thread(target=client, args=(host, port, f"{kind}-{i}", size, part)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def refuse(link):
    """404 to every call on a connection."""
    stream = link.makefile("rb")
    stream.read(len(PREFACE))
    link.sendall(frame(SETTINGS, 0, 0, b""))
    while len(head := stream.read(9)) == 9:
        stream.read(int.from_bytes(head[:3], "big"))
        if head[3] == SETTINGS and not head[4] & 1:
            link.sendall(frame(SETTINGS, 1, 0, b""))
        if head[3] == HEADERS:
            status = b"\x8d" + literal(b"content-type", b"text/html")  # :status 404
            link.sendall(frame(HEADERS, 5, int.from_bytes(head[5:9], "big"), status))
            sys.stdout.write("404\n")
            sys.stdout.flush()


def ingress(host, port, seconds):
    listening = socket.create_server((host, port))
    listening.settimeout(0.1)
    links = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            link, _ = listening.accept()
        except TimeoutError:
            continue
        link.settimeout(None)
        links.append(link)
        threading.Thread(target=refuse, args=(link,), daemon=True).start()
    for link in links:
        link.close()


mode, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
if mode == "ingress":
    ingress(host, port, float(sys.argv[4]))
else:
    clients(host, port, mode, int(sys.argv[4]), int(sys.argv[5]) if len(sys.argv) > 5 else 0)
