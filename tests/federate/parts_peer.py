#!/usr/bin/env python3
"""Clients made of bare gRPC, for messages in parts: what does a server send to those that join them
and to those that do not, and what does it make of hostile ones?

    parts_peer.py ADDRESS CHUNK    a server that wants five clients and sends at most CHUNK bytes in one
"""
import queue
import struct
import sys

import grpc

MARK = 0xD6


class Peer:
    """One stream that has read the server's first question."""

    def __init__(self, channel, name, joins):
        self.answers = queue.SimpleQueue()
        call = channel.stream_stream("/flwr.proto.FlowerService/Join")
        metadata = [("marvel-client-id", name)] + ([("marvel-chunks", "1")] if joins else [])
        self.call = call(iter(self.answers.get, None), metadata=metadata, timeout=60)

    def says_parts(self):
        return any(key == "marvel-chunks" for key, _ in self.call.initial_metadata())

    def messages(self):
        """The gRPC messages that make the next message."""
        found = [next(self.call)]
        if found[0][0] == MARK:
            total = struct.unpack("<Q", found[0][2:10])[0]
            while sum(len(part) - 10 for part in found) < total:
                found.append(next(self.call))
        return found

    def is_refused(self, *answers):
        for answer in answers:
            self.answers.put(answer)
        try:
            next(self.call)
        except grpc.RpcError as error:
            return error.code() == grpc.StatusCode.INVALID_ARGUMENT
        return False


def part(total, payload):
    return struct.pack("<BBQ", MARK, 1, total) + payload


def main():
    address, chunk = sys.argv[1], int(sys.argv[2])
    channels = [grpc.insecure_channel(address) for _ in range(5)]
    names = ["whole", "parts", "liar", "mixer", "stranger"]
    peers = [Peer(channel, name, name not in ("whole", "stranger")) for channel, name in zip(channels, names)]
    questions = [peer.messages() for peer in peers]
    whole, parts, liar, mixer, stranger = peers

    assert not whole.says_parts() and parts.says_parts()
    assert len(questions[0]) == len(questions[4]) == 1 and len(questions[0][0]) > chunk
    assert len(questions[1]) > 1, questions[1]
    assert all(part[:2] == b"\xD6\x01" and len(part) <= 10 + chunk for part in questions[1])
    assert b"".join(part[10:] for part in questions[1]) == questions[0][0]

    assert liar.is_refused(part(2**40, b"\x22"))  # far more than an update can have
    assert mixer.is_refused(part(1000, b"\x22"), b"\x22\x00")  # something else in between
    assert stranger.is_refused(part(3, b"\x22\x00\x00"))  # parts that were not agreed on
    print("parts are well")


main()
