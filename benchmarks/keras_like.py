"""The same program for pylego, Keras on JAX and Keras on TensorFlow: that is the point."""

from __future__ import annotations

import importlib
import os
import tempfile
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

import keras_graphs
import keras_photos
import keras_sequences
from photo_networks import Application
from sequences import Recurrent, Transformer
from workloads import (
    THREADS,
    Branches,
    Conv,
    Dense,
    Dropout,
    Network,
    NoFigureError,
    Pool,
    Workload,
    data_of,
)

Run = Callable[[], Any]
BACKENDS = {"keras-jax": "jax", "keras-tf": "tensorflow"}


def start(name: str) -> tuple[Callable[[Workload], Run], str]:
    """Import the peer; return what prepares its workloads, and a word on which it is."""
    if name == "pylego":
        import pylego

        return partial(prepare, pylego), f"pylego {pylego.__version__}"
    backend = BACKENDS[name]
    os.environ["KERAS_BACKEND"] = backend
    machinery = importlib.import_module(backend)
    if backend == "tensorflow":
        machinery.config.threading.set_intra_op_parallelism_threads(THREADS)
        machinery.config.threading.set_inter_op_parallelism_threads(THREADS)
    import keras

    version = f"Keras {keras.__version__} on {backend} {machinery.__version__}"
    return partial(prepare, keras), version


def model_of(keras: ModuleType, network: Any) -> Any:
    """A compiled model; a stack is built when it sees its first rows."""
    if isinstance(network, Branches):
        return keras_graphs.branches_of(keras, network)
    if isinstance(network, (Recurrent, Transformer)):
        return keras_sequences.model_of(keras, network)
    if isinstance(network, Application):
        return keras_photos.application_of(keras, network)
    make = keras_graphs.graph_of if network.is_graph else stack_of
    model = make(keras, network)
    model.compile(optimizer="adam", loss=network.loss, metrics=["accuracy"])
    return model


def stack_of(keras: ModuleType, network: Network) -> Any:
    """The network as a stack; not compiled."""
    return keras.models.Sequential(
        [layer for part in network.layers for layer in layers_of(keras.layers, part)]
    )


def layers_of(layers: ModuleType, part: Any) -> list[Any]:
    match part:
        case Dense(units, activation):
            return [layers.Dense(units, activation=activation)]
        case Conv(filters, padding, is_normalized=False):
            return [layers.Conv2D(filters, 3, padding=padding, activation="relu")]
        case Conv(filters, padding):
            convolution = layers.Conv2D(filters, 3, padding=padding, use_bias=False)
            return [convolution, layers.BatchNormalization(), layers.Activation("relu")]
        case Pool():
            return [layers.MaxPooling2D(2)]
        case Dropout(rate):
            return [layers.Dropout(rate)]
    return [layers.Flatten()]


def prepare(keras: ModuleType, workload: Workload) -> Run:
    if workload.action == "operation":
        return operation(keras, workload)
    if workload.action == "update":
        return update(keras, workload)
    if workload.action == "write":
        return writing(keras, workload)
    if workload.action == "transfer":
        return keras_photos.transfer(keras, workload.network)
    model = model_of(keras, workload.network)
    x, y = data_of(workload)
    if workload.action in ("save", "open"):
        return files(keras, model, x, workload.action)
    if workload.action == "predict":
        return lambda: model.predict(x, verbose=0)
    if workload.action == "call":
        return lambda: finished(model(x))
    options = {"batch_size": workload.batch, "epochs": workload.epochs, "verbose": 0}
    return lambda: model.fit(x, y, **options)


def files(keras: ModuleType, model: Any, x: Any, action: str) -> Run:
    folder = tempfile.TemporaryDirectory()  # it is there as long as what is returned
    path = os.path.join(folder.name, "model.keras")
    model.predict(x, verbose=0)
    model.save(path)
    if action == "save":
        return lambda: (folder, model.save(path))
    return lambda: (folder, keras.models.load_model(path))


def operation(keras: ModuleType, workload: Any) -> Run:
    """Kernels are compared with those of PyTorch."""
    if keras.__name__ != "pylego":
        raise NoFigureError("-")
    import pylego_operations

    return pylego_operations.prepare(workload)


def writing(keras: ModuleType, workload: Workload) -> Run:
    """Keras has no word for cached keys: they are compared with PyTorch's."""
    if keras.__name__ != "pylego":
        raise NoFigureError("-")
    import pylego_writing

    return pylego_writing.prepare(workload.network)


def finished(y: Any) -> Any:
    """JAX answers before it has computed: wait for the numbers."""
    return y.block_until_ready() if hasattr(y, "block_until_ready") else y


def update(keras: ModuleType, workload: Workload) -> Run:
    """An optimizer alone in a recorded function: only pylego's, it is compared with its bytes."""
    if keras.__name__ != "pylego":
        raise NoFigureError("-")
    if not hasattr(keras, "function"):
        raise NoFigureError("not there yet")
    gradient = keras.ops.convert_to_tensor(workload.gradient())
    weights = keras.Variable(workload.gradient())
    optimizer = getattr(keras.optimizers, workload.optimizer)()
    optimizer.build([weights])

    @keras.function
    def step(gradient: Any) -> None:
        optimizer.apply([gradient], [weights])

    return lambda: step(gradient)
