"""Write files of real tf.keras 2.15 next to this script: `python keras_2.py`.

Needs tensorflow-cpu==2.15.1. A file has a model, and beside it an .npz has inputs (x0, x1, ...),
what comes out (out0, ...), targets (y0, ...), and the losses of three more steps of training.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

keras = tf.keras
layers = keras.layers
HERE = Path(__file__).parent
random = np.random.RandomState(0)


def main() -> None:
    """Write all files."""
    write("keras2_graph", graph(), (8, 8, 3), optimizer="adam")
    write("keras2_frozen", frozen_inside(), (6,), optimizer=keras.optimizers.SGD(0.01, 0.9))
    write("keras2_functions", functions(), (4,), optimizer=keras.optimizers.legacy.Adam())
    rmsprop = keras.optimizers.legacy.RMSprop()
    write("keras2_stack", stack(), (6,), optimizer=rmsprop)


def graph() -> keras.Model:
    """Branches, a model inside, two outputs."""
    image = keras.Input((8, 8, 3), name="image")
    a = layers.Conv2D(3, 3, activation="relu", kernel_regularizer="l2", padding="same")(image)
    b = layers.SeparableConv2D(3, 3, padding="same")(image)
    joined = layers.Concatenate()([layers.Add()([a, b]), a])
    normal = layers.BatchNormalization()(joined)
    inner = keras.Sequential(
        [layers.InputLayer((8, 8, 6)), layers.Conv2D(2, 3), layers.BatchNormalization()],
        name="inner",
    )
    mean = layers.GlobalAveragePooling2D()(layers.LeakyReLU(0.2)(inner(normal)))
    one = layers.Dense(1, name="one", activation="swish")(mean)
    two = layers.Dense(2, name="two")(layers.ReLU(6.0)(mean))
    return keras.Model(image, [one, two])


def frozen_inside() -> keras.Model:
    """A model inside of which a part does not train, called twice."""
    inner = keras.Sequential(
        [
            layers.Dense(4, input_shape=(6,)),
            layers.BatchNormalization(),
            layers.Dense(6),
            layers.BatchNormalization(),
        ],
        name="inner",
    )
    inner.layers[0].trainable = inner.layers[1].trainable = False
    x = keras.Input((6,))
    return keras.Model(x, layers.Dense(2)(inner(inner(x))))


def functions() -> keras.Model:
    """Functions of TensorFlow between layers."""
    x = keras.Input((4,))
    h = layers.Dense(6)(x)
    h = h * 2.0 + tf.nn.relu(h) - 1.0
    return keras.Model(x, tf.reduce_mean(tf.reshape(h / 3.0, (-1, 2, 3)), axis=1))


def stack() -> keras.Model:
    """A list of layers."""
    return keras.Sequential(
        [
            layers.Dense(12, activation="hard_sigmoid", input_shape=(6,)),
            layers.Reshape((3, 4)),
            layers.Permute((2, 1)),
            layers.ThresholdedReLU(0.5),
            layers.Flatten(),
            layers.Dense(2),
        ]
    )


def write(name: str, model: keras.Model, *shapes: tuple[int, ...], optimizer: object) -> None:
    """Train two steps, save, and train three more."""
    inputs = [random.randn(4, *shape).astype("float32") for shape in shapes]
    x = inputs if len(inputs) > 1 else inputs[0]
    model.compile(optimizer, "mse", metrics=["mae"] if len(model.outputs) == 1 else None)
    outputs = model.predict(x, verbose=0)
    targets = [random.randn(*a.shape).astype("float32") for a in listed(outputs)]
    y = targets if len(targets) > 1 else targets[0]
    for _ in range(2):
        model.train_on_batch(x, y)
    model.save(HERE / f"{name}.h5")
    facts = {f"x{i}": a for i, a in enumerate(inputs)}
    facts |= {f"out{i}": a for i, a in enumerate(listed(model.predict(x, verbose=0)))}
    facts |= {f"y{i}": a for i, a in enumerate(targets)}
    losses = [listed(model.train_on_batch(x, y))[0] for _ in range(3)]
    np.savez(HERE / f"{name}.npz", losses=losses, **facts)


def listed(given: object) -> list:
    """A list, also of one."""
    return list(given) if isinstance(given, (list, tuple)) else [given]


if __name__ == "__main__":
    main()
