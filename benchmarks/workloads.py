"""What is measured, said once for all peers: networks, batches, and what is done with them."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from functools import cache

import numpy as np

THREADS = int(os.environ.get("BENCHMARK_THREADS", 2))


class NoFigureError(Exception):
    """Says why a peer has no figure for a workload: a few words for its place in the table."""


@dataclass(frozen=True)
class Network:
    """A stack of dense layers: (units, activation) on `inputs` numbers."""

    inputs: int
    layers: tuple[tuple[int, str], ...]
    loss: str  # Keras's name

    @property
    def parameters(self) -> int:
        """Kernels and biases together."""
        widths = [self.inputs, *(units for units, _ in self.layers)]
        return sum((a + 1) * b for a, b in itertools.pairwise(widths))

    @property
    def is_binary(self) -> bool:
        return self.layers[-1] == (1, "sigmoid")


@dataclass(frozen=True)
class Workload:
    """One thing to time, with a network.

    What the actions are: "fit" trains with Adam, watching loss and accuracy, on shuffled batches;
    "first" is the same on a network that was just made; "predict" goes from NumPy rows to NumPy
    rows, "call" from rows to the framework's own tensor; "adam" is one step of Adam alone, on one
    vector with as many numbers as the network has parameters, with a given gradient.
    """

    name: str
    network: Network
    action: str
    batch: int = 1
    steps: int = 1
    epochs: int = 1

    @property
    def is_fresh(self) -> bool:
        """Whether each run starts from a network that was just made."""
        return self.action == "first"

    def gradient(self) -> np.ndarray:
        """What "adam" is given."""
        return np.full(self.network.parameters, 1e-3, np.float32)


@cache
def data_of(workload: Workload) -> tuple[np.ndarray, np.ndarray]:
    """The same rows and targets for every peer."""
    rng = np.random.default_rng(0)
    rows = workload.batch * workload.steps
    x = rng.random((rows, workload.network.inputs), dtype=np.float32)
    if workload.network.is_binary:
        return x, rng.integers(0, 2, (rows, 1)).astype(np.float32)
    classes = workload.network.layers[-1][0]
    return x, np.eye(classes, dtype=np.float32)[rng.integers(0, classes, rows)]


# Whether a number is odd, for 1 to 10: the first network of many tutorials.
NUMBERS = Network(1, (*[(64, "relu")] * 4, (1, "sigmoid")), "binary_crossentropy")
MNIST = Network(784, ((512, "relu"), (512, "relu"), (10, "softmax")), "categorical_crossentropy")

NUMBERS_FIT = Workload("numbers: fit, 1 step", NUMBERS, "fit", batch=10, steps=50, epochs=10)
# As the tutorial has it: ten rows are one batch, so each step carries the cost of a whole epoch.
NUMBERS_TUTORIAL = Workload("numbers: fit, 1 epoch of 1 step", NUMBERS, "fit", batch=10, epochs=50)
NUMBERS_FIRST = Workload("numbers: first step, median", NUMBERS, "first", batch=10)
NUMBERS_PREDICT = Workload("numbers: predict 1 row", NUMBERS, "predict")
NUMBERS_CALL = Workload("numbers: call on 1 row", NUMBERS, "call")
MNIST_FIT = Workload("784-512-512-10: fit, 1 step", MNIST, "fit", batch=32, steps=50, epochs=2)
MNIST_PREDICT = Workload("784-512-512-10: predict 1 row", MNIST, "predict")
MNIST_CALL = Workload("784-512-512-10: call on 1 row", MNIST, "call")
ADAM = Workload("Adam on 670,000 parameters", MNIST, "adam")
MNIST_MEMORY = Workload("784-512-512-10: peak memory", MNIST, "fit", batch=32, steps=312)

TIMED = (
    NUMBERS_FIT,
    NUMBERS_TUTORIAL,
    NUMBERS_FIRST,
    NUMBERS_PREDICT,
    NUMBERS_CALL,
    MNIST_FIT,
    MNIST_PREDICT,
    MNIST_CALL,
    ADAM,
)
