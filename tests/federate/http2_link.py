"""A client's side of HTTP/2, as far as one call of gRPC needs it, without any package."""
import select
import socket
import struct

DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, WINDOW = 0, 1, 3, 4, 6, 7, 8
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(name, value):
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


def joining(*metadata, path=b"/flwr.proto.FlowerService/Join"):
    """How a client of ours begins: settings, and the headers of a call to Join."""
    headers = b"".join(literal(n, v) for n, v in (
        (b":method", b"POST"), (b":scheme", b"http"), (b":path", path), (b":authority", b"x"),
        (b"content-type", b"application/grpc"), (b"te", b"trailers"), *metadata))
    window = 2**31 - 1
    return (frame(SETTINGS, 0, 0, struct.pack(">HI", 4, window))
            + frame(WINDOW, 0, 0, struct.pack(">I", window - 65535)) + frame(HEADERS, 4, 1, headers))


def frames(stream):
    """Kind, flags, stream and the bytes of each whole frame of HTTP/2 in `stream`."""
    at = 0
    while at + 9 <= len(stream):
        end = at + 9 + int.from_bytes(stream[at:at + 3], "big")
        if end > len(stream):
            return
        yield stream[at + 3], stream[at + 4], int.from_bytes(stream[at + 5:at + 9], "big"), stream[at:end]
        at = end


class Link:
    """A connection with one stream, number 1. `begin`: frames that come first."""

    def __init__(self, host, port, begin):
        self.socket = socket.create_connection((host, port))
        self.buffer = b""
        self.ended = ""
        self.room = {0: 65535, 1: 65535}  # what may be sent
        self.socket.sendall(PREFACE + begin)

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
        """Reads one whole message of gRPC; returns it, or what is there of it when the stream ends."""
        got = b""
        while not self.ended and (len(got) < 5 or len(got) < 5 + int.from_bytes(got[1:5], "big")):
            found = self.next_frame()
            if found and found[0] == DATA:
                got += found[1]
        return got[5:]

    def send(self, announced, count, begin=b""):
        """A message of `announced` bytes, as far as `count` of them; it begins with `begin`."""
        rest = struct.pack(">BI", 0, announced) + begin
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
