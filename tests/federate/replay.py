#!/usr/bin/env python3
"""Clients that say once more what real ones of Flower said to a server of marvel (recorded/README.md).

    replay.py HOST PORT FILE...

A FILE is the byte stream of one client. Its settings, headers and answers are sent as they were; each answer
when the server has asked something of its kind. Prints per file how many answers of each kind were
given, and "goodbye" when the server has sent the client home. Flower's own clients then go without an answer:
they reset the stream.
"""
import collections
import pathlib
import sys
import threading

from http2_link import DATA, HEADERS, PREFACE, RESET, SETTINGS, WINDOW, Link, frames

CONTINUATION = 9
NAMES = {b"/flower.transport.FlowerService/Join": {1: "goodbye", 2: "parameters", 3: "fit", 4: "evaluate"},
         b"/flwr.proto.FlowerService/Join": {1: "goodbye", 2: "properties", 3: "parameters", 4: "fit", 5: "evaluate"}}


class Recording:
    def __init__(self, path):
        stream = path.read_bytes()
        assert stream.startswith(PREFACE), f"{path} is no client's stream"
        self.begin, self.end, self.answers = b"", b"", collections.defaultdict(collections.deque)
        pending, body = b"", b""
        for kind, flags, number, whole in frames(stream[len(PREFACE):]):
            if kind == HEADERS or kind == CONTINUATION or kind == WINDOW or kind == SETTINGS and not flags & 1:
                self.begin += whole
            elif kind == RESET:
                self.end += whole
            elif kind == DATA and number == 1:
                pending, body = pending + whole, body + whole[9:]
                if len(body) >= 6 and len(body) == 5 + int.from_bytes(body[1:5], "big"):
                    # The first byte of a message is the tag of what it holds.
                    self.answers[body[5] >> 3].append(pending)
                    pending, body = b"", b""
        assert not body, f"{path} ends within an answer"
        self.names = next(names for path, names in NAMES.items() if path in stream)


def play(host, port, path):
    recording = Recording(path)
    link = Link(host, port, recording.begin)
    given = collections.Counter()
    while question := link.question():
        kind = question[0] >> 3  # questions and answers of a kind have the same number
        if recording.names[kind] == "goodbye":
            given["goodbye"] += 1
            link.socket.sendall(b"".join(recording.answers[kind]) + recording.end)
            break
        if not recording.answers[kind]:
            raise RuntimeError(f"{path.name}: no answer was recorded to another question of kind {kind}")
        given[recording.names[kind]] += 1
        link.socket.sendall(recording.answers[kind].popleft())
    link.socket.close()
    words = [f"{name} {given[name]}" for name in ("parameters", "fit", "evaluate", "goodbye")]
    sys.stdout.write(f"{path.name}: {' '.join(words)}\n")


def main():
    host, port, files = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    threads = [threading.Thread(target=play, args=(host, port, pathlib.Path(file))) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


main()
