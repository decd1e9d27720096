#!/usr/bin/python3
"""L0 training of the 784-300-100-10 network in plain PyTorch: the peer of `marvel compress train`.

Every input of a layer (pixel or hidden unit) has a hard concrete gate z with one learned
parameter, log_alpha (Louizos, Welling and Kingma, "Learning sparse neural networks through L0
regularization"). The loss is the mean cross entropy plus, per layer, lambda / N times the
expected number of weights behind open gates. Evaluation uses the averaged parameters and the
gates without noise. Units leave only on paper: nothing is removed while training.

It is meant to be as fast as plain PyTorch lets it be: data in memory, one gather per step, no
value read back to Python inside an epoch.

    l0_mlp.py --data ~/.local/share/mnist --epochs 5 --lambda 0.1

Prints one line per epoch; with --json these go to stderr and one JSON document to stdout.
"""

from __future__ import annotations

import argparse
import copy
import gzip
import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

LOW, HIGH = -0.1, 1.1  # the stretch of the concrete distribution
TEMPERATURE = 2 / 3
EPSILON = 1e-6
LOG_ALPHA_RANGE = (math.log(1e-2), math.log(1e2))
OPEN_SHIFT = -TEMPERATURE * math.log(-LOW / HIGH)  # P(z > 0) = sigmoid(log_alpha + OPEN_SHIFT)
EMA_DECAY = 0.999
DROP_RATES = (0.2, 0.5, 0.5)  # P(gate shut) at the start: input, hidden 1, hidden 2


class L0Dense(nn.Module):
    """A dense layer whose inputs are gated; weight is [in, out]."""

    def __init__(self, inputs: int, outputs: int, drop_rate: float, price: float) -> None:
        super().__init__()
        self.price = price  # lambda: of one weight
        self.weight = nn.Parameter(torch.randn(inputs, outputs) * math.sqrt(2 / inputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        start = math.log(1 - drop_rate) - math.log(drop_rate)
        self.log_alpha = nn.Parameter(torch.full((inputs,), start) + 0.01 * torch.randn(inputs))

    def sample_gate(self) -> Tensor:
        noise = torch.empty_like(self.log_alpha).uniform_(EPSILON, 1 - EPSILON).logit_()
        return stretch(torch.sigmoid((noise + self.log_alpha) / TEMPERATURE))

    def test_gate(self) -> Tensor:
        return stretch(torch.sigmoid(self.log_alpha))

    def forward(self, x: Tensor) -> Tensor:
        gate = self.sample_gate() if self.training else self.test_gate()
        return torch.addmm(self.bias, x, gate.unsqueeze(1) * self.weight)  # [batch, out]

    def regularizer(self) -> Tensor:
        """The expected price: P(gate open), times the weights behind the gate, times lambda."""
        return torch.sigmoid(self.log_alpha + OPEN_SHIFT).sum() * (self.price * len(self.bias))


def stretch(concrete: Tensor) -> Tensor:
    return F.hardtanh(concrete * (HIGH - LOW) + LOW, 0, 1)


class L0Mlp(nn.Module):
    def __init__(self, units: list[int], prices: list[float]) -> None:
        super().__init__()
        shapes = zip(units[:-1], units[1:], DROP_RATES, prices)
        self.layers = nn.ModuleList(L0Dense(*shape) for shape in shapes)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers[:-1]:
            x = F.relu(layer(x))
        return self.layers[-1](x)

    def regularizer(self) -> Tensor:
        return sum(layer.regularizer() for layer in self.layers)

    def gates(self) -> list[Tensor]:
        return [layer.log_alpha for layer in self.layers]

    def weights(self) -> list[Tensor]:
        return [p for layer in self.layers for p in (layer.weight, layer.bias)]

    @torch.no_grad()
    def open_units(self) -> list[int]:
        """Units per layer whose test gate is not shut; the classes are never gated."""
        kept = [int((layer.test_gate() > 0).sum()) for layer in self.layers]
        return kept + [len(self.layers[-1].bias)]


def count_parameters(units: list[int]) -> int:
    return sum(inputs * outputs + outputs for inputs, outputs in zip(units[:-1], units[1:]))


def read_idx(folder: Path, name: str) -> np.ndarray:
    """An IDX file of unsigned bytes, plain or gzipped."""
    path = folder / name
    if path.exists():
        raw = path.read_bytes()
    else:
        raw = gzip.decompress((folder / f"{name}.gz").read_bytes())
    if raw[:3] != b"\0\0\x08":
        raise ValueError(f"{path}: not an IDX file of bytes")
    dimensions = raw[3]
    shape = np.frombuffer(raw, ">u4", dimensions, offset=4).astype(int)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def load(folder: Path, part: str) -> tuple[Tensor, Tensor]:
    """Images in [0, 1] as float [n, pixels], and labels as int64 [n]."""
    images = torch.from_numpy(read_idx(folder, f"{part}-images-idx3-ubyte").copy())
    labels = torch.from_numpy(read_idx(folder, f"{part}-labels-idx1-ubyte").copy())
    return images.flatten(1).float().div_(255), labels.long()


class Trainer:
    def __init__(self, args: argparse.Namespace, images: Tensor, labels: Tensor) -> None:
        self.images, self.labels = images, labels
        self.batch_size = args.batch_size
        self.ramp_epochs = args.ramp_epochs
        self.price_scale = 1.0
        self.model = L0Mlp([images.shape[1], 300, 100, 10], args.prices)
        self.average = copy.deepcopy(self.model).eval()
        self.optimizer = torch.optim.Adam(
            [
                {"params": self.model.weights()},
                {"params": self.model.gates(), "lr": args.gate_lr},
            ],
            lr=args.lr,
        )
        self.pairs = list(zip(self.average.parameters(), self.model.parameters()))

    def raise_prices(self, epoch: int) -> None:
        """As marvel does: evenly over the first epochs."""
        self.price_scale = min(1.0, epoch / self.ramp_epochs) if self.ramp_epochs else 1.0

    def step(self, picked: Tensor) -> Tensor:
        output = self.model(self.images[picked])
        loss = F.cross_entropy(output, self.labels[picked])
        total = loss + self.price_scale * self.model.regularizer() / len(self.images)
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        self.optimizer.step()
        with torch.no_grad():
            for log_alpha in self.model.gates():
                log_alpha.clamp_(*LOG_ALPHA_RANGE)
            for average, parameter in self.pairs:
                average.lerp_(parameter, 1 - EMA_DECAY)
        return loss.detach()

    def epoch(self) -> float:
        """One pass over the shuffled training set; the mean loss without the regulariser."""
        self.model.train()
        order = torch.randperm(len(self.images))
        total = torch.zeros(())
        for picked in order.split(self.batch_size):
            total += self.step(picked) * len(picked)
        return float(total) / len(self.images)

    @torch.no_grad()
    def error_percent(self, images: Tensor, labels: Tensor) -> float:
        answers = self.average(images).argmax(1)
        return 100 * float((answers != labels).float().mean())


def train(args: argparse.Namespace) -> dict:
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    trainer = Trainer(args, *load(args.data, "train"))
    test = load(args.data, "t10k")
    epochs = []
    for number in range(1, args.epochs + 1):
        trainer.raise_prices(number)
        start = time.perf_counter()
        loss = trainer.epoch()
        seconds = time.perf_counter() - start
        units = trainer.average.open_units()
        record = {
            "epoch": number,
            "seconds": seconds,
            "loss": loss,
            "test_error_percent": trainer.error_percent(*test),
            "units": units,
            "parameters": count_parameters(units),
        }
        epochs.append(record)
        print(
            f"epoch {number:3}  {seconds:6.2f} s  loss {loss:.4f}  "
            f"error {record['test_error_percent']:5.2f} %  "
            f"units {'-'.join(map(str, units))}  parameters {record['parameters']}",
            file=sys.stderr if args.json else sys.stdout,
            flush=True,
        )
    return summary(args, trainer, epochs)


def summary(args: argparse.Namespace, trainer: Trainer, epochs: list[dict]) -> dict:
    seconds = sum(record["seconds"] for record in epochs)
    steps = len(epochs) * math.ceil(len(trainer.images) / args.batch_size)
    return {
        "schema": "marvel.bench.l0_mlp/1",
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "seed": args.seed,
        "batch_size": args.batch_size,
        "lambda": args.prices,
        "ramp_epochs": args.ramp_epochs,
        "lr": args.lr,
        "gate_lr": args.gate_lr,
        "samples": len(trainer.images),
        "steps": steps,
        "ms_per_step": 1000 * seconds / steps,
        "seconds_training": seconds,
        "parameters_dense": count_parameters([trainer.images.shape[1], 300, 100, 10]),
        "parameters": epochs[-1]["parameters"],
        "test_error_percent": epochs[-1]["test_error_percent"],
        "epochs": epochs,
    }


def price_list(text: str) -> list[float]:
    prices = [float(word) for word in text.split(",")]
    if len(prices) not in (1, 3):
        raise argparse.ArgumentTypeError("give one price, or one for each of the 3 layers")
    return prices * 3 if len(prices) == 1 else prices


def whole(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError("must be at least 0")
    return value


def positive(text: str) -> int:
    value = whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def parse(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--data", type=Path, required=True, help="folder with the four IDX files, plain or .gz")
    add("--epochs", type=positive, default=20)
    add("--batch-size", type=positive, default=100)
    add("--lambda", dest="prices", type=price_list, default=[0.1] * 3, metavar="A,B,C",
        help="price of a weight, one for all layers or one per layer (default 0.1)")  # fmt: skip
    add("--ramp-epochs", type=whole, default=0, help="over which the price rises (default 0: none)")
    add("--lr", type=float, default=1e-3, help="Adam step size of weights (default 0.001)")
    add("--gate-lr", type=float, help="Adam step size of gates (default: as --lr)")
    add("--seed", type=int, default=1)
    add("--threads", type=positive, default=1)
    add("--json", action="store_true", help="one JSON document on stdout")
    args = parser.parse_args(words)
    if args.gate_lr is None:
        args.gate_lr = args.lr
    return args


def main() -> int:
    args = parse()
    try:
        result = train(args)
    except (OSError, ValueError) as error:
        print(f"l0_mlp.py: {error}", file=sys.stderr)
        return 1
    if args.json:
        json.dump(result, sys.stdout, indent=2)
        print()
    else:
        print(f"{result['seconds_training']:.2f} s training, {result['ms_per_step']:.3f} ms/step")
    return 0


if __name__ == "__main__":
    sys.exit(main())
