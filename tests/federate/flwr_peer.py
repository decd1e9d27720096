#!/usr/bin/env python3
"""A client or a server of real Flower, unmodified, for any release from 0.17 to 1.26.

    flwr_peer.py client ADDRESS CID [ROOT]  adds CID to every parameter; has 10 * CID examples; ROOT: a certificate
                                         for TLS, from 1.0 on
    flwr_peer.py server ADDRESS CLIENTS  three rounds of FedAvg; prints the last model's first value
"""
import inspect
import sys

import flwr
import numpy


class Client(flwr.client.NumPyClient):
    """Written as for 0.17 (no config in get_parameters there)."""

    def __init__(self, cid):
        self.cid = cid

    def get_parameters(self, config=None):
        return [
            numpy.zeros((3, 2), dtype=numpy.float32),
            numpy.zeros(4, dtype=numpy.float64),
            numpy.array(0, dtype=numpy.int64),
            numpy.zeros((0, 3), dtype=numpy.float32),
            numpy.asfortranarray(numpy.zeros((2, 2), dtype=numpy.float16)),
        ]

    def fit(self, parameters, config):
        return [p + self.cid for p in parameters], 10 * self.cid, {}

    def evaluate(self, parameters, config):
        return float(parameters[0].mean()), 10 * self.cid, {"accuracy": 0.5}


def serve(address, clients):
    class Show(flwr.server.strategy.FedAvg):
        def aggregate_fit(self, *arguments):
            result = super().aggregate_fit(*arguments)
            weights = result[0] if isinstance(result, tuple) else result
            if hasattr(flwr.common, "parameters_to_ndarrays"):
                arrays = flwr.common.parameters_to_ndarrays(weights)
            else:
                arrays = flwr.common.parameters_to_weights(weights)
            print("model", arrays[0].flat[0], flush=True)
            return result

    names = inspect.signature(flwr.server.strategy.FedAvg.__init__).parameters
    evaluate = "fraction_evaluate" if "fraction_evaluate" in names else "fraction_eval"
    minimum = "min_evaluate_clients" if "min_evaluate_clients" in names else "min_eval_clients"
    strategy = Show(fraction_fit=1.0, min_fit_clients=clients, min_available_clients=clients,
                    **{evaluate: 1.0, minimum: clients})
    if hasattr(flwr.server, "ServerConfig"):
        config = flwr.server.ServerConfig(num_rounds=3)
    else:
        config = {"num_rounds": 3}
    flwr.server.start_server(server_address=address, config=config, strategy=strategy)


if sys.argv[1] == "client":
    tls = {"root_certificates": open(sys.argv[4], "rb").read()} if len(sys.argv) > 4 else {}
    flwr.client.start_numpy_client(server_address=sys.argv[2], client=Client(int(sys.argv[3])), **tls)
else:
    serve(sys.argv[2], int(sys.argv[3]))
