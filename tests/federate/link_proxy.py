#!/usr/bin/env python3
"""A link that is not as it should be, between a client and a server on one machine; needs no rights.

    link_proxy.py HOST PORT [--rate BYTES] [--forget SECONDS] [--record FOLDER]

Prints the port on which it listens and passes connections on to HOST:PORT.
  --rate    each direction of all connections together carries so many bytes a second
  --forget  a connection on which nothing has passed for so long is forgotten, as an address
            translator does: from then on it swallows what comes and tells neither side
  --record  what clients send goes to FOLDER/1.bin, FOLDER/2.bin and so on, a file per connection
"""
import argparse
import pathlib
import socket
import sys
import threading
import time


class Bucket:
    """So many bytes a second; `None`: any number."""

    def __init__(self, rate):
        self.rate, self.lock, self.free_at = rate, threading.Lock(), 0.0

    def take(self, count):
        if self.rate is None:
            return
        with self.lock:
            begin = max(self.free_at, time.monotonic())
            self.free_at = begin + count / self.rate
            wait = self.free_at - time.monotonic()
        if wait > 0:
            time.sleep(wait)


class Connection:
    """One client's connection and the one to the server behind it."""

    def __init__(self, near, far, forget, record):
        self.sockets, self.forget, self.record = (near, far), forget, record
        self.last, self.forgotten = time.monotonic(), False

    def is_forgotten(self):
        if self.forget is not None and time.monotonic() - self.last > self.forget:
            if not self.forgotten:
                self.forgotten = True
                sys.stdout.write("forgotten\n")
                sys.stdout.flush()
        return self.forgotten

    def pump(self, source, target, bucket, is_client):
        try:
            while data := source.recv(4096):
                if self.is_forgotten():
                    continue
                self.last = time.monotonic()
                if is_client and self.record:
                    self.record.write(data)
                    self.record.flush()
                bucket.take(len(data))
                target.sendall(data)
        except OSError:
            pass
        if not self.is_forgotten():  # the end is told, too
            for each in self.sockets:
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def start(self, up, down):
        near, far = self.sockets
        threading.Thread(target=self.pump, args=(near, far, up, True), daemon=True).start()
        threading.Thread(target=self.pump, args=(far, near, down, False), daemon=True).start()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--forget", type=float)
    parser.add_argument("--record", type=pathlib.Path)
    options = parser.parse_args()
    up, down = Bucket(options.rate), Bucket(options.rate)
    listening = socket.create_server(("127.0.0.1", 0))
    # What lies in the kernel's buffers would be no slow link.
    if options.rate is not None:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
    print(listening.getsockname()[1], flush=True)
    count = 0
    while True:
        near, _ = listening.accept()
        far = socket.socket()
        if options.rate is not None:
            far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        try:
            far.connect((options.host, options.port))
        except OSError:
            near.close()
            continue
        for each in (near, far):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        count += 1
        record = open(options.record / f"{count}.bin", "wb") if options.record else None
        Connection(near, far, options.forget, record).start(up, down)


main()
