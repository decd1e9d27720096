#!/usr/bin/env python3
"""Many light clients in one process, for servers that speak Flower's bidirectional streams.

    fedl_clients.py ADDRESS 0.x|1.x CLIENTS PARAMETERS WORK LOG

Each has a connection of its own and answers training with the same float32 array after WORK seconds,
so that the time of a round is the server's. LOG gets one line per training task: seconds on the
monotonic clock. Messages are put together by hand, as the server may be of any release; needs grpc
alone.
"""
import asyncio
import struct
import sys
import time

import grpc

ADDRESS, DIALECT, CLIENTS, PARAMETERS, WORK, LOG = sys.argv[1:7]
LEGACY = DIALECT == "0.x"
METHOD = "/flower.transport.FlowerService/Join" if LEGACY else "/flwr.proto.FlowerService/Join"
# Numbers of the fields, as (legacy, modern): what the server asks, and what is answered.
RECONNECT, GET_PARAMETERS, FIT, EVALUATE = (1, 2, 3, 4) if LEGACY else (1, 3, 4, 5)
OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1),
           ("grpc.use_local_subchannel_pool", 1)]


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number, content):
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def npy(count):
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (%d,), }" % count
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + b"\0\0\x80\x3f" * count


STATUS = b"" if LEGACY else field(1, field(2, b"Success"))
MODEL = field(1, npy(int(PARAMETERS))) + field(2, b"numpy.ndarray")
NUMBER = 1 if LEGACY else 2  # of the parameters: the modern dialect has the status before them
ANSWERS = {
    RECONNECT: field(1, field(1, 4)),
    GET_PARAMETERS: field(2 if LEGACY else 3, STATUS + field(NUMBER, MODEL)),
    FIT: field(3 if LEGACY else 4, STATUS + field(NUMBER, MODEL) + field(NUMBER + 1, 10)),
    EVALUATE: field(4, field(1, 10) + b"\x15" + struct.pack("<f", 0.5)) if LEGACY
    else field(5, STATUS + b"\x15" + struct.pack("<f", 0.5) + field(3, 10)),
}


async def client(log):
    async with grpc.aio.insecure_channel(ADDRESS, options=OPTIONS) as channel:
        stream = channel.stream_stream(METHOD)(wait_for_ready=True)
        while True:
            question = await stream.read()
            if question is grpc.aio.EOF:
                return
            kind = question[0] >> 3
            del question
            if kind == FIT:
                log.write(f"{time.monotonic()}\n")
                log.flush()
                await asyncio.sleep(float(WORK))
            await stream.write(ANSWERS[kind])
            if kind == RECONNECT:
                await stream.done_writing()
                return


async def main():
    with open(LOG, "w", encoding="ascii") as log:
        ends = await asyncio.gather(*(client(log) for _ in range(int(CLIENTS))), return_exceptions=True)
    # Flower cancels the calls of clients that have said goodbye.
    lost = [end for end in ends if end is not None and not isinstance(end, grpc.RpcError)]
    if lost:
        raise lost[0]


asyncio.run(main())
