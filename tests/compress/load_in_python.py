#!/usr/bin/env python3
"""Loads a model.pt in plain PyTorch and checks it: load_in_python.py MODEL DATA ERROR_PERCENT.

Proves that the file needs no marvel: test error on the IDX files, self-description, small shapes.
"""
import json
import pathlib
import struct
import sys

import torch


def read_idx(path: pathlib.Path) -> torch.Tensor:
    raw = path.read_bytes()
    dims = struct.unpack(f">{raw[3]}I", raw[4 : 4 + 4 * raw[3]])
    return torch.tensor(list(raw[4 + 4 * raw[3] :]), dtype=torch.uint8).view(*dims)


def main() -> None:
    model = torch.jit.load(sys.argv[1])
    data = pathlib.Path(sys.argv[2])
    images = read_idx(data / "t10k-images-idx3-ubyte").float() / 255
    labels = read_idx(data / "t10k-labels-idx1-ubyte").long()
    wrong = (model(images).argmax(1) != labels).float().mean().item() * 100
    about = json.loads(model.marvel)
    assert about["schema"] == "marvel.compress.model/1", about["schema"]
    assert abs(wrong - float(sys.argv[3])) < 1e-4, (wrong, sys.argv[3])
    parameters = sum(p.numel() for p in model.parameters())
    assert parameters == about["parameters"] < about["parameters_dense"], parameters
    kept = about["kept_units"]
    assert [len(layer) for layer in kept] == about["architecture"][:-1], kept
    print(f"plain PyTorch: {parameters} parameters, error {wrong:.2f} %")


if __name__ == "__main__":
    main()
