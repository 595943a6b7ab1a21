"""Models whose summaries are compared with Keras's: each is made with the one and the other.

`tests/golden/areas/summaries.py` makes them with Keras, `tests/test_summary.py` with pylego.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Keras = Any


def chain(keras: Keras) -> Any:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )


def not_built(keras: Keras) -> Any:
    return keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(1)])


def trained(keras: Keras) -> Any:
    model = chain(keras)
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def frozen(keras: Keras) -> Any:
    model = chain(keras)
    model.layers[0].trainable = False
    return model


def long_names(keras: Keras) -> Any:
    dense = keras.layers.Dense
    names = ["a_very_long_name_of_a_layer_that_no_column_has_room_for_at_all", "층_하나", "short"]
    return keras.Sequential([keras.Input((3,)), *[dense(2, name=name) for name in names]])


def functional_chain(keras: Keras) -> Any:
    x = keras.Input((4,), name="measures")
    hidden = keras.layers.Dense(8, activation="relu")(x)
    return keras.Model(x, keras.layers.Dense(2)(hidden), name="line")


def residual(keras: Keras) -> Any:
    layers = keras.layers
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, padding="same")(image)
    y = layers.BatchNormalization()(layers.Conv2D(4, 3, padding="same", use_bias=False)(x))
    x = layers.Activation("relu")(x + y)
    return keras.Model(image, layers.Dense(3)(layers.GlobalAveragePooling2D()(x)))


def two_inputs(keras: Keras) -> Any:
    layers = keras.layers
    a, b = keras.Input((4,), name="a"), keras.Input((6,), name="b")
    both = keras.ops.concatenate([layers.Dense(3)(a), layers.Dense(2)(b)], axis=-1)
    hidden = layers.Dense(5, activation="relu")(both)
    outputs = [layers.Dense(1, name="price")(hidden), layers.Dense(2, name="kind")(hidden)]
    return keras.Model([a, b], outputs, name="houses")


def shared(keras: Keras) -> Any:
    a, b = keras.Input((4,)), keras.Input((4,))
    tower = keras.layers.Dense(3, name="tower")
    return keras.Model([a, b], keras.ops.square(tower(a) - tower(b)))


def twice(keras: Keras) -> Any:
    x = keras.Input((4,))
    same = keras.layers.Dense(4)
    return keras.Model(x, same(same(x)))


def encoder(keras: Keras) -> Any:
    x = keras.Input((4,))
    hidden = keras.layers.Dense(3, activation="relu")(x)
    return keras.Model(x, [hidden, keras.layers.Dense(2)(hidden)], name="encoder")


def nested(keras: Keras) -> Any:
    x = keras.Input((4,))
    hidden, code = encoder(keras)(x)
    head = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)], name="head")
    return keras.Model(x, [head(code), hidden], name="whole")


def nested_chain(keras: Keras) -> Any:
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)], name="inner")
    return keras.Sequential([keras.Input((4,)), inner, keras.layers.Dense(1)])


def operations(keras: Keras) -> Any:
    x = keras.Input((4, 6))
    y = keras.ops.reshape(x[:, 1:3] * 2.0, (-1, 12))
    return keras.Model(x, keras.ops.mean(y, axis=-1, keepdims=True))


Case = tuple[Callable[[Keras], Any], dict[str, Any]]

CASES: dict[str, Case] = {
    "chain": (chain, {}),
    "chain, narrow": (chain, {"line_length": 50}),
    "chain, trainable": (frozen, {"show_trainable": True}),
    "chain, positions": (chain, {"positions": [0.5, 0.7, 1.0], "line_length": 70}),
    "not built": (not_built, {}),
    "trained": (trained, {}),
    "long names": (long_names, {"line_length": 60}),
    "functional chain": (functional_chain, {}),
    "residual": (residual, {}),
    "residual, trainable": (residual, {"show_trainable": True}),
    "residual, narrow": (residual, {"line_length": 72}),
    "two inputs and outputs": (two_inputs, {}),
    "a range of layers": (two_inputs, {"layer_range": ["dense", "dense_2"]}),
    "shared layer": (shared, {}),
    "the same layer twice": (twice, {}),
    "two outputs of a layer": (nested, {}),
    "nested, expanded": (nested, {"expand_nested": True, "show_trainable": True}),
    "nested chain, expanded": (nested_chain, {"expand_nested": True}),
    "operations": (operations, {}),
}
