#!/usr/bin/env python3
"""Peers that no gRPC library would be, made of bare HTTP/2.

    raw_peer.py stall HOST PORT COUNT BYTES   clients that announce an update of BYTES, send 60,000 and no more
    raw_peer.py flood HOST PORT COUNT BYTES   clients that answer with BYTES whatever they are asked
    raw_peer.py idle HOST PORT COUNT          clients that join and answer nothing
    raw_peer.py huge HOST PORT legacy|modern|parts  a client whose answer has no end: its frame announces the
                                              most that gRPC can, or its first part a terabyte
    raw_peer.py ingress HOST PORT SECONDS     a server that answers every call with 404 for so long

Clients run until the server ends their streams, and then say how they were ended.
"""
import socket
import struct
import sys
import threading
import time

from http2_link import HEADERS, PREFACE, SETTINGS, Link, frame, joining, literal


def named(name):
    return b"marvel-client-id", name.encode()


def client(host, port, name, size, part):
    link = Link(host, port, joining(named(name)))
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


def huge(host, port, kind):
    """Old clients of Flower have no name but their address."""
    if kind == "legacy":
        link = Link(host, port, joining(path=b"/flower.transport.FlowerService/Join"))
    else:
        link = Link(host, port, joining(named(f"huge-{kind}"), (b"marvel-chunks", b"1")))
    begin = struct.pack("<BBQ", 0xD6, 1, 1 << 40) if kind == "parts" else b""
    try:
        link.question()
        if begin:
            link.send(1000, 990, begin)
        else:
            link.send(0xFFFFFFFF, 1 << 32)
        link.wait()
    except OSError as error:
        link.ended = str(error)
    print(link.ended)


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
elif mode == "huge":
    huge(host, port, sys.argv[4])
else:
    clients(host, port, mode, int(sys.argv[4]), int(sys.argv[5]) if len(sys.argv) > 5 else 0)
