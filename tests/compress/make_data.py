#!/usr/bin/env python3
"""Writes a small learnable data set as four IDX files: make_data.py FOLDER [TRAIN] [TEST].

Classes are positions of a bright row in an 8x8 image over noise, with a fixed seed.
"""
import pathlib
import random
import struct
import sys


def write(folder: pathlib.Path, prefix: str, count: int, rng: random.Random) -> None:
    images, labels = bytearray(), bytearray()
    for n in range(count):
        label = n % 4
        labels.append(label)
        for row in range(8):
            bright = row == 2 * label
            images.extend(rng.randrange(150, 256) if bright else rng.randrange(90) for _ in range(8))
    header = struct.pack(">IIII", 0x803, count, 8, 8)
    (folder / f"{prefix}-images-idx3-ubyte").write_bytes(header + images)
    (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, count) + labels)


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    train = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    test = int(sys.argv[3]) if len(sys.argv) > 3 else 400
    rng = random.Random(1)
    write(folder, "train", train, rng)
    write(folder, "t10k", test, rng)


if __name__ == "__main__":
    main()
