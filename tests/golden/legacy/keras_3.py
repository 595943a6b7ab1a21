"""Write .h5 files of real Keras 3.15 next to this script: `KERAS_BACKEND=jax python keras_3.py`.

A file has a model, and beside it an .npz as keras_2.py writes it.
"""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from keras import layers

HERE = Path(__file__).parent
random = np.random.RandomState(0)


def main() -> None:
    """Write all files."""
    write("keras3_stack", stack(), (6, 6, 2), optimizer=keras.optimizers.SGD(0.01, momentum=0.9))
    write("keras3_graph", graph(), (6,), (6,), optimizer="adam")


def stack() -> keras.Model:
    """A list of layers."""
    return keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            layers.Conv2D(3, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dense(4, activation="hard_sigmoid", kernel_regularizer="l2"),
            layers.ReLU(6.0),
            layers.Dense(2),
        ]
    )


def graph() -> keras.Model:
    """A shared layer, a frozen model inside that is called twice, two inputs and two outputs."""
    a, b = keras.Input((6,), name="a"), keras.Input((6,), name="b")
    shared = layers.Dense(4, name="shared")
    inner = keras.Sequential(
        [keras.Input((4,)), layers.Dense(4), layers.BatchNormalization(), layers.Dense(3)],
        name="inner",
    )
    inner.layers[0].trainable = False
    x, y = inner(shared(a)), inner(shared(b))
    joined = layers.Concatenate()([x, layers.Multiply()([x, y])])
    first = layers.Dense(2, name="first", activation="tanh")(joined)
    return keras.Model([a, b], [first, layers.Dense(1, name="second")(y)])


def write(name: str, model: keras.Model, *shapes: tuple[int, ...], optimizer: object) -> None:
    """Train two steps, save, and train three more."""
    inputs = [random.randn(4, *shape).astype("float32") for shape in shapes]
    x = inputs if len(inputs) > 1 else inputs[0]
    model.compile(optimizer, "mean_squared_error")
    outputs = model.predict(x, verbose=0)
    targets = [random.randn(*a.shape).astype("float32") for a in listed(outputs)]
    y = targets if len(targets) > 1 else targets[0]
    for _ in range(2):
        model.train_on_batch(x, y)
    model.save(HERE / f"{name}.h5")
    facts = {f"x{i}": a for i, a in enumerate(inputs)}
    facts |= {f"out{i}": a for i, a in enumerate(listed(model.predict(x, verbose=0)))}
    facts |= {f"y{i}": a for i, a in enumerate(targets)}
    losses = [steps(model, x, y) for _ in range(3)]
    np.savez(HERE / f"{name}.npz", losses=losses, **facts)


def steps(model: keras.Model, x: object, y: object) -> float:
    """The loss of one step of training: without the average that train_on_batch reports."""
    model.reset_metrics()
    return float(np.ravel(model.train_on_batch(x, y))[0])


def listed(given: object) -> list:
    """A list, also of one."""
    return list(given) if isinstance(given, (list, tuple)) else [given]


if __name__ == "__main__":
    main()
