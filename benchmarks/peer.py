"""One peer in a process of its own: it times a workload whenever its standard input names one.

    python benchmarks/peer.py pylego

Answers each line (a workload's name) with the seconds of one step, and an empty line at the start
when the peer can be imported. Adam, float32, two threads everywhere.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from workloads import WORKLOADS, Workload


def keras_like(keras, workload: Workload) -> Callable[[], None]:
    """The same program for pylego and for Keras: that is the point."""
    network = workload.network
    layers = [keras.layers.Dense(units, activation=name) for units, name in network.layers]
    model = keras.models.Sequential([keras.layers.Input((network.inputs,)), *layers])
    model.compile(optimizer="adam", loss=network.loss, metrics=["accuracy"])
    x, y = workload.data()
    if workload.action == "fit":
        return lambda: model.fit(x, y, batch_size=workload.batch, verbose=0)
    return lambda: model.predict(x, verbose=0)


def make_pylego(workload: Workload) -> Callable[[], None]:
    import pylego

    return keras_like(pylego, workload)


def make_keras(workload: Workload) -> Callable[[], None]:
    import keras

    return keras_like(keras, workload)


def make_torch(workload: Workload) -> Callable[[], None]:
    import torch

    torch.set_num_threads(2)
    network = workload.network
    parts, width = [], network.inputs
    for units, activation in network.layers:
        parts += [torch.nn.Linear(width, units)]
        parts += [torch.nn.ReLU()] if activation == "relu" else []
        width = units
    model = torch.nn.Sequential(*parts)
    x, y = map(torch.from_numpy, workload.data())
    is_binary = network.layers[-1][1] == "sigmoid"
    if workload.action == "predict":
        head = torch.sigmoid if is_binary else lambda z: torch.softmax(z, -1)
        return torch.inference_mode()(lambda: head(model(x)).numpy())
    loss = torch.nn.BCEWithLogitsLoss() if is_binary else torch.nn.CrossEntropyLoss()
    adam = torch.optim.Adam(model.parameters(), fused=True)

    def epoch() -> None:
        for rows in torch.randperm(len(x)).split(workload.batch):
            adam.zero_grad(set_to_none=True)
            loss(model(x[rows]), y[rows]).backward()
            adam.step()

    return epoch


MAKERS = {"pylego": make_pylego, "keras": make_keras, "torch": make_torch}


def seconds_per_step(run: Callable[[], None], workload: Workload) -> float:
    """Time enough runs to fill about a tenth of a second."""
    began = time.perf_counter()
    run()
    once = time.perf_counter() - began
    count = max(1, min(1000, int(0.1 / max(once, 1e-6))))
    began = time.perf_counter()
    for _ in range(count):
        run()
    return (time.perf_counter() - began) / count / workload.steps


def main() -> None:
    make = MAKERS[sys.argv[1]]
    runs: dict[str, Callable[[], None]] = {}
    __import__(sys.argv[1])
    print(flush=True)
    for line in sys.stdin:
        workload = WORKLOADS[line.rstrip("\n")]
        if workload.name not in runs:
            runs[workload.name] = make(workload)
            runs[workload.name]()  # compilers compile, caches fill
        print(seconds_per_step(runs[workload.name], workload), flush=True)


if __name__ == "__main__":
    main()
