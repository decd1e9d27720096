#!/usr/bin/env python3
"""Flower's own FedAvg server, for any release from 0.17 to 1.26: fedl_flower.py ADDRESS ROUNDS CLIENTS PER_ROUND"""
import inspect
import sys

import flwr

address, rounds, clients, per_round = sys.argv[1], *map(int, sys.argv[2:5])
names = inspect.signature(flwr.server.strategy.FedAvg.__init__).parameters
modern = "fraction_evaluate" in names
strategy = flwr.server.strategy.FedAvg(
    fraction_fit=per_round / clients, min_fit_clients=per_round, min_available_clients=clients,
    **({"fraction_evaluate": 0.0, "min_evaluate_clients": 0} if modern
       else {"fraction_eval": 1e-9, "min_eval_clients": 1}))
config = flwr.server.ServerConfig(num_rounds=rounds) if modern else {"num_rounds": rounds}
flwr.server.start_server(server_address=address, config=config, strategy=strategy)
