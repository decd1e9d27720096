#!/usr/bin/python3
"""Laws of the Python peer. Exits 77 (skipped) where /usr/bin/python3 has no torch."""

from __future__ import annotations

import gzip
import json
import math
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

try:
    import torch
except ImportError:
    print("skipped: no torch (Debian package python3-torch)")
    sys.exit(77)

PEERS = Path(__file__).resolve().parent.parent / "peers"
sys.dont_write_bytecode = True
sys.path.insert(0, str(PEERS))
import l0_mlp  # noqa: E402


def layer_with(log_alpha: list[float], price: float = 1.0) -> l0_mlp.L0Dense:
    layer = l0_mlp.L0Dense(len(log_alpha), 3, 0.5, price)
    layer.log_alpha.data = torch.tensor(log_alpha, dtype=torch.float32)
    return layer


class Gate(unittest.TestCase):
    def test_test_gate_matches_the_vectors(self) -> None:
        layer = layer_with([-4.605, -2.3979, -1.5986, 0, 0.847, 1.386, 2.3979, 4.605])
        wanted = [0, 0, 0.1018, 0.5, 0.7399, 0.8599, 1, 1]
        torch.testing.assert_close(layer.test_gate(), torch.tensor(wanted), atol=1e-4, rtol=0)

    def test_the_price_is_the_chance_to_be_open_times_weights_behind(self) -> None:
        for log_alpha, chance in [(-4.605, 0.0471), (0, 0.8318), (2.3979, 0.9820)]:
            price = float(layer_with([log_alpha], price=2.0).regularizer())
            self.assertAlmostEqual(price, chance * 3 * 2.0, delta=1e-3)

    def test_samples_are_open_as_often_as_the_formula_says(self) -> None:
        torch.manual_seed(1)
        gate = layer_with([-1.0] * 20000).sample_gate()
        expected = 1 / (1 + math.exp(1.0 - l0_mlp.OPEN_SHIFT))
        self.assertAlmostEqual(float((gate > 0).float().mean()), expected, delta=0.02)

    def test_prices_rise_evenly_and_then_stay(self) -> None:
        trainer = l0_mlp.Trainer.__new__(l0_mlp.Trainer)
        for ramp, scales in ((4, [0.25, 0.5, 0.75, 1, 1]), (0, [1, 1, 1, 1, 1])):
            trainer.ramp_epochs = ramp
            for epoch, scale in enumerate(scales, 1):
                trainer.raise_prices(epoch)
                self.assertEqual(trainer.price_scale, scale)

    def test_the_dense_network_has_266610_parameters(self) -> None:
        self.assertEqual(l0_mlp.count_parameters([784, 300, 100, 10]), 266610)
        self.assertEqual(l0_mlp.count_parameters([493, 299, 99, 10]), 178406)


class Run(unittest.TestCase):
    def test_it_trains_from_plain_and_gzipped_files(self) -> None:
        torch.manual_seed(1)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for part, count in (("train", 200), ("t10k", 50)):
                labels = torch.randint(0, 10, (count,), dtype=torch.uint8)
                images = (labels * 25).repeat_interleave(16)
                head = struct.pack(">IIII", 0x803, count, 4, 4)
                (folder / f"{part}-images-idx3-ubyte").write_bytes(head + bytes(images.tolist()))
                packed = gzip.compress(struct.pack(">II", 0x801, count) + bytes(labels.tolist()))
                (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(packed)
            command = [sys.executable, str(PEERS / "l0_mlp.py"), "--data", name, "--json"]
            options = ["--epochs", "2", "--batch-size", "64", "--lambda", "0.1,0.2,0.3", "--ramp-epochs", "4"]
            answer = subprocess.run(command + options, capture_output=True, text=True, check=True)
        result = json.loads(answer.stdout)
        self.assertEqual(result["steps"], 8)
        self.assertEqual(result["lambda"], [0.1, 0.2, 0.3])
        self.assertEqual(result["ramp_epochs"], 4)
        self.assertLess(result["epochs"][1]["loss"], result["epochs"][0]["loss"])
        self.assertEqual(result["epochs"][0]["units"], [16, 300, 100, 10])

    def test_a_missing_folder_is_told(self) -> None:
        command = [sys.executable, str(PEERS / "l0_mlp.py"), "--data", "/nonexistent"]
        answer = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(answer.returncode, 1)
        self.assertIn("/nonexistent", answer.stderr)
        self.assertNotIn("Traceback", answer.stderr)


if __name__ == "__main__":
    unittest.main()
