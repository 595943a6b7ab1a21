"""What is measured, said once for all peers: networks, batches, and what is done with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Network:
    """A stack of dense layers: (units, activation) on `inputs` numbers."""

    inputs: int
    layers: tuple[tuple[int, str], ...]
    loss: str  # Keras's name


@dataclass(frozen=True)
class Workload:
    """Train on `steps` batches an epoch, or predict `batch` rows, with a network."""

    name: str
    network: Network
    action: str  # "fit" or "predict"
    batch: int
    steps: int = 1

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """The same numbers for every peer."""
        rng = np.random.default_rng(0)
        rows = self.batch * self.steps
        x = rng.random((rows, self.network.inputs), dtype=np.float32)
        classes = self.network.layers[-1][0]
        if classes == 1:
            return x, rng.integers(0, 2, (rows, 1)).astype(np.float32)
        return x, np.eye(classes, dtype=np.float32)[rng.integers(0, classes, rows)]


NUMBERS = Network(1, (*[(64, "relu")] * 4, (1, "sigmoid")), "binary_crossentropy")
MNIST = Network(784, ((512, "relu"), (512, "relu"), (10, "softmax")), "categorical_crossentropy")

WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("numbers: fit, a step", NUMBERS, "fit", batch=10, steps=50),
        Workload("numbers: predict 1 row", NUMBERS, "predict", batch=1),
        Workload("784-512-512-10: fit, a step", MNIST, "fit", batch=32, steps=50),
        Workload("784-512-512-10: predict 1 row", MNIST, "predict", batch=1),
    )
}
