#!/usr/bin/env python3
"""A command for marvel fedl client --exec that needs nothing but Python.

The model is one array of float32. Training adds $STEP to each element after $WORK seconds and
writes a line to $LEDGER, if set: how often was which round really trained? $BEGUN gets a line when
training begins. With $GROW it comes back with so many elements more than it was given.
"""
import json
import os
import struct
import sys
import time
import zipfile


def npy(values):
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (%d,), }" % len(values)
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + struct.pack(f"<{len(values)}f", *values)


def save(path, values):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("arr_0.npy", npy(values))


def load(path):
    with zipfile.ZipFile(path) as archive:
        data = archive.read("arr_0.npy")
    begin = 10 + struct.unpack("<H", data[8:10])[0]
    return list(struct.unpack(f"<{(len(data) - begin) // 4}f", data[begin:]))


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--show":
        print(*load(sys.argv[2]))
        return
    if len(sys.argv) >= 3 and sys.argv[1] == "--zeros":
        save(sys.argv[2], [0.0] * int(sys.argv[3] if len(sys.argv) > 3 else 4))
        return
    task = os.environ["MARVEL_TASK"]
    if task == "initial":
        save("params.npz", [0.0] * 4)
        return
    values = load("params.npz")
    if task == "train":
        if "BEGUN" in os.environ:
            with open(os.environ["BEGUN"], "a", encoding="utf-8") as begun:
                begun.write("training\n")
        time.sleep(float(os.environ.get("WORK", "0")))
        values += [0.0] * int(os.environ.get("GROW", "0"))
        save("params.npz", [v + float(os.environ.get("STEP", "1")) for v in values])
        if "LEDGER" in os.environ:
            with open(os.environ["LEDGER"], "a", encoding="utf-8") as ledger:
                ledger.write(f"{json.load(open('config.json', encoding='utf-8'))['marvel.round']}\n")
    with open("metrics.json", "w", encoding="utf-8") as file:
        json.dump({"examples": 10, "loss": values[0], "accuracy": 0.5}, file)


main()
