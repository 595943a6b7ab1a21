"""What is measured, said once for all peers: networks, batches, and what is done with them."""

from __future__ import annotations

import itertools
import os
import time
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import photo_networks
import sequences
from photo_networks import Application, Transfer
from sequences import Recurrent, Transformer

THREADS = int(os.environ.get("BENCHMARK_THREADS", 2))
# What counts: time that passes, or that of a process on all cores.
CLOCK = time.process_time if os.environ.get("BENCHMARK_CLOCK") == "cpu" else time.perf_counter
# How many layouts of pictures PyTorch tries; one where both would lie in memory, or cost time.
LAYOUTS = int(os.environ.get("BENCHMARK_LAYOUTS", 2))


class NoFigureError(Exception):
    """Says why a peer has no figure for a workload: a few words for its place in the table."""


@dataclass(frozen=True)
class Dense:
    units: int
    activation: str | None = None


@dataclass(frozen=True)
class Conv:
    """A convolution of 3x3, batch normalization where it is asked for, ReLU."""

    filters: int
    padding: str = "valid"
    is_normalized: bool = False


@dataclass(frozen=True)
class Pool:
    """The largest of each 2x2."""


@dataclass(frozen=True)
class Flatten:
    pass


@dataclass(frozen=True)
class Dropout:
    rate: float


@dataclass(frozen=True)
class Residual:
    """Two normalized convolutions of 3x3 and a way past them, added (He et al.,
    arXiv:1512.03385). Where the shape changes, the way past is a convolution of 1x1."""

    filters: int
    strides: int = 1


@dataclass(frozen=True)
class Average:
    """The mean of each channel."""


@dataclass(frozen=True)
class Network:
    """A stack of layers on `inputs`: so many numbers, or images (height, width, channels)."""

    inputs: tuple[int, ...]
    layers: tuple[Dense | Conv | Pool | Flatten | Dropout | Residual | Average, ...]
    loss: str  # Keras's name
    is_graph: bool = False  # layers are called on Input, instead of stacked

    @property
    def parameters(self) -> int:
        """Kernels and biases of a network of dense layers."""
        widths = [self.inputs[0], *(layer.units for layer in self.layers)]
        return sum((a + 1) * b for a, b in itertools.pairwise(widths))

    @property
    def is_binary(self) -> bool:
        return self.layers[-1] == Dense(1, "sigmoid")


@dataclass(frozen=True)
class Branches:
    """A perceptron of two inputs, each with a hidden layer, which are joined; two outputs are made
    of a hidden layer over both: probabilities of classes, and a number."""

    inputs: tuple[tuple[int, ...], ...] = ((64,), (32,))
    units: int = 64
    classes: int = 10


# How many numbers each optimizer keeps for a parameter; Adafactor writes its v.
STATES = {
    "SGD": 0, "RMSprop": 1, "Adam": 2, "Adagrad": 1, "Adadelta": 2, "Adamax": 2, "Nadam": 2,
    "Ftrl": 2, "Lion": 1, "Lamb": 2, "Adafactor": 1, "Muon": 1, "ScheduleFreeAdamW": 2,
}  # fmt: skip
OF_MATRICES = ("Adafactor", "Muon")


@dataclass(frozen=True)
class Workload:
    """One thing to time, with a network.

    What the actions are: "fit" trains with Adam, watching loss and accuracy, on shuffled batches;
    "first" is the same on a network that was just made; "predict" goes from NumPy rows to NumPy
    rows, "call" from rows to the framework's own tensor; "update" is one step of an optimizer
    alone, on one array with as many numbers as the network has parameters, with a given gradient;
    "save" writes the network into a `.keras` file, "open" makes another network of it; "write" lets
    a transformer write as many words as it has places, one after another; "transfer" reads a folder
    of photos, makes a network and trains its head.

    `rounds`: at most so many, where a step takes seconds.
    """

    name: str
    network: Network | Branches | Recurrent | Transformer | Application | Transfer
    action: str
    batch: int = 1
    steps: int = 1
    epochs: int = 1
    optimizer: str = "Adam"
    rounds: int = 9

    @property
    def is_fresh(self) -> bool:
        """Whether each run starts from a network that was just made."""
        return self.action == "first"

    def gradient(self) -> np.ndarray:
        """What "update" is given: a vector, or a matrix of nearly as many numbers."""
        count = self.network.parameters
        width = self.network.inputs[0]
        shape = (width, count // width) if self.optimizer in OF_MATRICES else count
        numbers = aligned(shape)
        numbers[...] = 1e-3
        return numbers


def aligned(shape: int | tuple[int, ...]) -> np.ndarray:
    """Room for float32 that begins with a line of the cache, as that of all frameworks does.

    NumPy's begins 16 bytes behind one: each vector of 64 bytes crosses two lines then, which costs
    up to a half.
    """
    count = int(np.prod(shape))
    room = np.empty(count + 16, np.float32)
    first = -room.ctypes.data % 64 // 4
    return room[first : first + count].reshape(shape)


@cache
def data_of(workload: Workload) -> tuple[np.ndarray, np.ndarray]:
    """The same rows and targets for every peer."""
    rng = np.random.default_rng(0)
    rows = workload.batch * workload.steps
    if isinstance(workload.network, Branches):
        return data_of_branches(workload.network, rows, rng)
    if isinstance(workload.network, (Recurrent, Transformer, Application)):
        return workload.network.data(rows, rng)
    x = rng.random((rows, *workload.network.inputs), dtype=np.float32)
    if workload.network.is_binary:
        return x, rng.integers(0, 2, (rows, 1)).astype(np.float32)
    classes = workload.network.layers[-1].units
    return x, np.eye(classes, dtype=np.float32)[rng.integers(0, classes, rows)]


def data_of_branches(network: Branches, rows: int, rng: np.random.Generator) -> tuple:
    """Lists of inputs and of targets: one-hot classes, and numbers."""
    x = [rng.random((rows, *shape), dtype=np.float32) for shape in network.inputs]
    labels = rng.integers(0, network.classes, rows)
    return x, [np.eye(network.classes, dtype=np.float32)[labels], rng.random((rows, 1), np.float32)]


# Whether a number is odd, for 1 to 10: the first network of many tutorials.
NUMBERS = Network((1,), (*[Dense(64, "relu")] * 4, Dense(1, "sigmoid")), "binary_crossentropy")
MNIST = Network(
    (784,),
    (Dense(512, "relu"), Dense(512, "relu"), Dense(10, "softmax")),
    "categorical_crossentropy",
)

# The convolutional network of MNIST that Keras's own documentation shows.
DIGITS = Network(
    (28, 28, 1),
    (Conv(32), Pool(), Conv(64), Pool(), Flatten(), Dropout(0.5), Dense(10, "softmax")),
    "categorical_crossentropy",
)


def vgg(*widths: int) -> tuple[Conv | Pool, ...]:
    """Pairs of convolutions on smaller and smaller images (Simonyan & Zisserman,
    arXiv:1409.1556)."""
    pairs = ((Conv(width, "same", True), Conv(width, "same", True), Pool()) for width in widths)
    return tuple(itertools.chain.from_iterable(pairs))


CIFAR = Network(
    (32, 32, 3),
    (*vgg(64, 128, 256), Flatten(), Dense(10, "softmax")),
    "categorical_crossentropy",
)

RESIDUAL = Network(
    (32, 32, 3),
    (
        Conv(32, "same", True),
        Residual(32),
        Residual(64, 2),
        Residual(128, 2),
        Average(),
        Dense(10, "softmax"),
    ),
    "categorical_crossentropy",
    is_graph=True,
)
NUMBERS_GRAPH = replace(NUMBERS, is_graph=True)

# 25 million numbers.
LARGE = Network((1000,), (*[Dense(2500)] * 4, Dense(1500)), "mse")

NUMBERS_FIT = Workload("numbers: fit, 1 step", NUMBERS, "fit", batch=10, steps=50, epochs=10)
# As the tutorial has it: ten rows are one batch, so each step carries the cost of a whole epoch.
NUMBERS_TUTORIAL = Workload("numbers: fit, 1 epoch of 1 step", NUMBERS, "fit", batch=10, epochs=50)
NUMBERS_FIRST = Workload("numbers: first step, median", NUMBERS, "first", batch=10)
NUMBERS_PREDICT = Workload("numbers: predict 1 row", NUMBERS, "predict")
NUMBERS_CALL = Workload("numbers: call on 1 row", NUMBERS, "call")
MNIST_FIT = Workload("784-512-512-10: fit, 1 step", MNIST, "fit", batch=32, steps=50, epochs=2)
MNIST_PREDICT = Workload("784-512-512-10: predict 1 row", MNIST, "predict")
MNIST_CALL = Workload("784-512-512-10: call on 1 row", MNIST, "call")
UPDATES = tuple(
    Workload(f"{optimizer} on 670,000 parameters", MNIST, "update", optimizer=optimizer)
    for optimizer in STATES
)
DIGITS_FIT = Workload("MNIST CNN: fit, 1 step of 128", DIGITS, "fit", batch=128, steps=5)
CIFAR_FIT = Workload("VGG on CIFAR: fit, 1 step of 64", CIFAR, "fit", batch=64, steps=2)
LARGE_SAVE = Workload("25 million numbers: save", LARGE, "save")
LARGE_OPEN = Workload("25 million numbers: open", LARGE, "open")
CIFAR_MEMORY = Workload("VGG on CIFAR: peak memory", CIFAR, "fit", batch=64, steps=2)
MNIST_MEMORY = Workload("784-512-512-10: peak memory", MNIST, "fit", batch=32, steps=312)

RESIDUAL_FIT = Workload("residual CNN: fit, 1 step of 64", RESIDUAL, "fit", batch=64, steps=2)
BRANCHES_FIT = Workload(
    "2 inputs, 2 outputs: fit, 1 step", Branches(), "fit", batch=32, steps=50, epochs=2
)
GRAPH_FIT = Workload("numbers, a graph: fit, 1 step", NUMBERS_GRAPH, "fit", 10, 50, 10)
GRAPH_PREDICT = Workload("numbers, a graph: predict 1 row", NUMBERS_GRAPH, "predict")
GRAPH_CALL = Workload("numbers, a graph: call on 1 row", NUMBERS_GRAPH, "call")

WORDS_FIT = Workload("Bidirectional LSTM: fit, 1 step", sequences.WORDS, "fit", 32, steps=2)
SIGNALS_FIT = Workload("GRU, 100 steps: fit, 1 step", sequences.SIGNALS, "fit", 64, steps=4)
MONTHS_FIT = Workload("LSTM, 12 months: fit, 1 step", sequences.MONTHS, "fit", 8, steps=12)
ONLINE_PREDICT = Workload("stateful LSTM: predict 1 row", sequences.ONLINE, "predict")
READER_FIT = Workload("transformer: fit, 1 step", sequences.READER, "fit", 32, steps=2)
WRITER_FIT = Workload("small GPT: fit, 1 step", sequences.WRITER, "fit", 32, steps=1)
WRITER_WRITE = Workload(
    "small GPT: write 1 character", sequences.WRITER, "write", steps=sequences.WRITER.steps
)
OWN_CELL_FIT = Workload("own cell, 200 steps: fit, 1 step", sequences.OWN_CELL, "fit", 32, steps=2)

SEQUENCES = (
    WORDS_FIT,
    SIGNALS_FIT,
    MONTHS_FIT,
    ONLINE_PREDICT,
    READER_FIT,
    WRITER_FIT,
    WRITER_WRITE,
    OWN_CELL_FIT,
)

# The head of a network for photos, on features that it has computed: 7 x 7 of 512 channels.
HEAD = Network(
    (7, 7, 512),
    (Flatten(), Dense(256, "relu"), Dropout(0.5), Dense(1, "sigmoid")),
    "binary_crossentropy",
)

RESNET_PREDICT = Workload("ResNet50: predict 1", photo_networks.RESNET50, "predict", rounds=7)
RESNET_PREDICT_8 = replace(RESNET_PREDICT, name="ResNet50: predict 8", batch=8, rounds=5)
RESNET_FIT = Workload(
    "ResNet50: fit, 1 step of 8", photo_networks.RESNET50, "fit", 8, steps=2, rounds=3
)
MOBILENET_PREDICT = Workload("MobileNetV2: predict 1", photo_networks.MOBILENET, "predict")
EFFICIENTNET_PREDICT = Workload(
    "EfficientNetB0: predict 8", photo_networks.EFFICIENTNET, "predict", 8, rounds=5
)
HEAD_FIT = Workload("VGG16's head: fit, 1 step", HEAD, "fit", batch=32, steps=20)
TRANSFER = Workload("MobileNetV2: transfer, 200 photos", Transfer(), "transfer", rounds=3)
# In a process of its own, which has imported nothing yet.
RESNET_BEGIN = replace(RESNET_PREDICT, name="ResNet50: from import to predict", rounds=3)

PHOTOS = (
    RESNET_PREDICT,
    RESNET_PREDICT_8,
    RESNET_FIT,
    MOBILENET_PREDICT,
    EFFICIENTNET_PREDICT,
    HEAD_FIT,
)
PHOTO_MEMORY = tuple(replace(workload, name=f"{workload.name}, peak") for workload in PHOTOS)

# "GRU, 100 steps: fit, 1 step" becomes "GRU, 100 steps: peak memory".
SEQUENCE_MEMORY = tuple(
    replace(workload, name=f"{workload.name.split(':')[0]}: peak memory")
    for workload in SEQUENCES
    if workload is not WRITER_WRITE
)
MEMORY = (MNIST_MEMORY, CIFAR_MEMORY, *SEQUENCE_MEMORY, *PHOTO_MEMORY)
FROM_IMPORT = (RESNET_BEGIN,)

TIMED = (
    NUMBERS_FIT,
    NUMBERS_TUTORIAL,
    NUMBERS_FIRST,
    NUMBERS_PREDICT,
    NUMBERS_CALL,
    MNIST_FIT,
    MNIST_PREDICT,
    MNIST_CALL,
    *UPDATES,
    DIGITS_FIT,
    CIFAR_FIT,
    RESIDUAL_FIT,
    BRANCHES_FIT,
    GRAPH_FIT,
    GRAPH_PREDICT,
    GRAPH_CALL,
    LARGE_SAVE,
    LARGE_OPEN,
    *SEQUENCES,
    *PHOTOS,
    TRANSFER,
)
