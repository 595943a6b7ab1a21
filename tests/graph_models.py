"""Models that Keras and pylego make alike: each takes the module, `keras` or `pylego`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def residual(k: Any) -> Any:
    """Branches that meet again."""
    x = k.Input((6, 6, 3), name="image")
    y = k.layers.Conv2D(4, 3, padding="same", activation="relu")(x)
    z = k.layers.Conv2D(4, 3, padding="same", use_bias=False)(y)
    z = k.layers.BatchNormalization()(z)
    z = k.layers.Activation("relu")(k.layers.Add()([y, z]))
    z = k.layers.Flatten()(k.layers.MaxPooling2D(2)(z))
    return k.Model(x, k.layers.Dense(3, activation="softmax", name="classes")(z))


def two_ends(k: Any) -> Any:
    """Two inputs and two outputs, in dictionaries."""
    a, b = k.Input((3,), name="left"), k.Input((2,), name="right")
    x = k.layers.Concatenate()([k.layers.Dense(4, activation="tanh")(a), b])
    x = k.layers.Dropout(0.5, seed=3)(x)
    ends = {"price": k.layers.Dense(1, name="price")(x), "kind": k.layers.Dense(2, name="kind")(x)}
    return k.Model({"right": b, "left": a}, ends, name="two_ends")


def shared(k: Any) -> Any:
    """A layer that is called on two inputs, and on its own output."""
    a, b = k.Input((3,)), k.Input((3,))
    layer = k.layers.Dense(3, kernel_regularizer="l2", name="both")
    return k.Model([a, b], [layer(layer(a)), layer(b)], name="shared")


def nested(k: Any) -> Any:
    """Models inside of a model: one with a graph, called three times, and a Sequential."""
    x = k.Input((3,), name="inside")
    inner = k.Model(x, k.layers.Dense(3, activation="relu", name="dense_inside")(x), name="inner")
    stack = k.Sequential([k.Input((3,)), k.layers.Dense(2), k.layers.ELU()], name="stack")
    a, b = k.Input((3,), name="a"), k.Input((3,), name="b")
    y = inner(inner(a))
    return k.Model((a, b), (stack(y), inner(b)), name="outer")


def operations(k: Any) -> Any:
    """Operators, indices and ops between layers."""
    x = k.Input((4,), name="x")
    y = k.layers.Dense(6, name="first")(x) * 2.0
    y = k.ops.reshape(y + 1.0, (-1, 2, 3))
    y = k.ops.concatenate([y[:, 0], y[:, 1, :]], axis=-1)
    y = k.ops.mean(k.ops.relu(y), axis=1, keepdims=True) - x[:, 1:2]
    return k.Model(x, k.layers.Dense(2, name="last")(y), name="with_ops")


def stack(k: Any) -> Any:
    """A Sequential."""
    layers = [
        k.Input((5,)),
        k.layers.Dense(4, activation="relu", name="hidden"),
        k.layers.Dropout(0.25),
        k.layers.Dense(2),
    ]
    return k.Sequential(layers, name="stack")


def frozen(k: Any) -> Any:
    """A layer that does not train, among others that do."""
    x = k.Input((3,))
    y = k.layers.Dense(2, trainable=False, name="frozen")(x)
    return k.Model(x, k.layers.Dense(2, name="free")(y), name="partly")


def compiled(k: Any) -> Any:
    """With an optimizer, and losses and metrics of each output."""
    model = two_ends(k)
    model.compile(
        k.optimizers.Adam(0.25, clipnorm=1.0),
        {"price": "mse", "kind": k.losses.CategoricalCrossentropy(from_logits=True)},
        loss_weights={"price": 0.5, "kind": 2.0},
        metrics={"price": ["mae"], "kind": [k.metrics.CategoricalAccuracy(name="hits")]},
    )
    return model


BUILDERS: dict[str, Callable[[Any], Any]] = {
    builder.__name__: builder
    for builder in (residual, two_ends, shared, nested, operations, stack, frozen, compiled)
}
