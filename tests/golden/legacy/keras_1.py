"""Write files of real Keras 1.2.2 on Theano next to this script: `python keras_1.py`.

Needs a compiler and, in Python 3.11, numpy==1.23.5, scipy<1.11, h5py, six, pyyaml, setuptools<60,
theano==1.0.5 and keras==1.2.2. A file has a model, and beside it an .npz as keras_2.py writes it.
"""

from __future__ import annotations

import collections
import collections.abc
import inspect
import os
from pathlib import Path

import numpy as np
import numpy.distutils.__config__ as numpy_config

# What both expect of older versions of Python and NumPy.
os.environ.setdefault("THEANO_FLAGS", "floatX=float32,blas.ldflags=,optimizer=fast_compile")
os.environ.setdefault("KERAS_BACKEND", "theano")
Specification = collections.namedtuple("Specification", "args varargs keywords defaults")
inspect.getargspec = lambda function: Specification(*inspect.getfullargspec(function)[:4])
for name in ("Callable", "Iterable", "Mapping", "MutableSet", "Sequence"):
    setattr(collections, name, getattr(collections.abc, name))
numpy_config.blas_opt_info = {}

import theano.ifelse  # noqa: E402, F401 - Keras uses it without an import
from keras import layers  # noqa: E402
from keras.models import Model, Sequential  # noqa: E402

HERE = Path(__file__).parent
random = np.random.RandomState(0)


def main() -> None:
    """Write all files."""
    write("keras1_image", image(), (3, 7, 6), optimizer="adam")
    write("keras1_merged", merged(), (3,), (5,), optimizer="adam")
    write("keras1_graph", graph(), (6,), (6,), optimizer="rmsprop")
    write("keras1_sequence", sequence(), (8, 5), optimizer="sgd")


def image() -> Sequential:
    """Images in Theano's order."""
    return stack(
        layers.Convolution2D(4, 3, 2, input_shape=(3, 7, 6), dim_ordering="th", activation="relu"),
        layers.BatchNormalization(axis=1),
        layers.ZeroPadding2D((1, 1), dim_ordering="th"),
        layers.MaxPooling2D((2, 2), dim_ordering="th"),
        layers.Dropout(0.0),
        layers.Flatten(),
        layers.Dense(3, activation="softmax", W_regularizer="l2", W_constraint="maxnorm"),
    )


def merged() -> Sequential:
    """Two lists of layers, joined."""
    left = stack(layers.Dense(4, input_dim=3))
    right = stack(layers.Dense(3, input_dim=5, activation="hard_sigmoid"))
    both = layers.Merge([left, right], mode="concat", concat_axis=1)
    return stack(both, layers.Dense(2, init="uniform"))


def graph() -> Model:
    """A shared layer, a model inside, two inputs and two outputs."""
    a, b = layers.Input((6,), name="a"), layers.Input((6,), name="b")
    shared = layers.Dense(4, name="shared")
    inner = stack(layers.Dense(4, input_dim=4), layers.BatchNormalization(), layers.Dense(3))
    x, y = inner(shared(a)), inner(shared(b))
    joined = layers.merge([x, layers.merge([x, y], mode="mul")], mode="concat", concat_axis=1)
    first = layers.Dense(2, name="first", activation="tanh")(joined)
    return Model(input=[a, b], output=[first, layers.Dense(1, name="second")(y)])


def sequence() -> Sequential:
    """Convolution along time, in steps of two."""
    return stack(
        layers.Convolution1D(4, 3, input_dim=5, input_length=8, subsample_length=2),
        layers.AveragePooling1D(2, stride=1),
        layers.TimeDistributedDense(3),
        layers.Flatten(),
        layers.Dense(2),
    )


def stack(*found: object) -> Sequential:
    """A list of layers."""
    model = Sequential()
    for layer in found:
        model.add(layer)
    return model


def write(name: str, model: Model, *shapes: tuple[int, ...], optimizer: str) -> None:
    """Train two steps, save, and train three more."""
    inputs = [random.randn(4, *shape).astype("float32") for shape in shapes]
    x = inputs if len(inputs) > 1 else inputs[0]
    model.compile(optimizer, "mse")
    targets = [random.randn(*a.shape).astype("float32") for a in listed(model.predict(x))]
    y = targets if len(targets) > 1 else targets[0]
    for _ in range(2):
        model.train_on_batch(x, y)
    model.save(str(HERE / f"{name}.h5"))
    facts = {f"x{i}": a for i, a in enumerate(inputs)}
    facts.update({f"out{i}": a for i, a in enumerate(listed(model.predict(x)))})
    facts.update({f"y{i}": a for i, a in enumerate(targets)})
    losses = [listed(model.train_on_batch(x, y))[0] for _ in range(3)]
    np.savez(HERE / f"{name}.npz", losses=losses, **facts)


def listed(given: object) -> list:
    """A list, also of one."""
    return list(given) if isinstance(given, (list, tuple)) else [given]


if __name__ == "__main__":
    main()
