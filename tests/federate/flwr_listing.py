#!/usr/bin/env python3
"""A client as written for Flower 0.17: NumPyClient without config in get_parameters, without metrics in fit.

    flwr_listing.py --cid N --server_address HOST:PORT --nb_clients N --epochs N

Its network is a logistic regression on two clouds of points; each client has every nb_clients-th point.
"""
import argparse

import flwr as fl
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--cid", type=int, required=True)
parser.add_argument("--server_address", type=str, required=True)
parser.add_argument("--nb_clients", type=int, required=True)
parser.add_argument("--epochs", type=int, required=True)
args = parser.parse_args()

rng = np.random.default_rng(7)
labels = rng.integers(0, 2, size=200)
points = rng.normal(size=(200, 2)) + np.where(labels[:, None] == 1, 2.0, -2.0)
points, labels = points[args.cid - 1::args.nb_clients], labels[args.cid - 1::args.nb_clients]


class Model:
    def __init__(self):
        self.weights = [np.zeros((2, 1), dtype=np.float32), np.zeros(1, dtype=np.float32)]

    def get_weights(self):
        return self.weights

    def set_weights(self, weights):
        self.weights = [np.array(w) for w in weights]

    def predict(self):
        return 1 / (1 + np.exp(-(points @ self.weights[0] + self.weights[1])[:, 0]))

    def fit(self, epochs):
        for _ in range(epochs):
            error = (self.predict() - labels)[:, None]
            self.weights[0] -= (0.1 * points.T @ error / len(points)).astype(np.float32)
            self.weights[1] -= (0.1 * error.mean(axis=0)).astype(np.float32)

    def evaluate(self):
        chance = np.clip(self.predict(), 1e-6, 1 - 1e-6)
        loss = -np.mean(labels * np.log(chance) + (1 - labels) * np.log(1 - chance))
        return float(loss), float(np.mean((chance > 0.5) == labels))


model = Model()


class Client(fl.client.NumPyClient):
    def get_parameters(self):
        return model.get_weights()

    def fit(self, parameters, config):
        model.set_weights(parameters)
        model.fit(epochs=args.epochs)
        return model.get_weights(), len(points), {}

    def evaluate(self, parameters, config):
        model.set_weights(parameters)
        loss, accuracy = model.evaluate()
        return loss, len(points), {"accuracy": accuracy}


fl.client.start_numpy_client(args.server_address, client=Client())
