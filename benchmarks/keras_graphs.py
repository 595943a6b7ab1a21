"""Models that are graphs: the same program for pylego and Keras."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from workloads import Average, Branches, Conv, Dense, Network, Residual


def graph_of(keras: ModuleType, network: Network) -> Any:
    """The network by calls of layers, from Input to Model; not compiled."""
    inputs = keras.Input(network.inputs)
    x = inputs
    for part in network.layers:
        x = called_on(keras.layers, part, x)
    return keras.Model(inputs, x)


def called_on(layers: ModuleType, part: Any, x: Any) -> Any:
    match part:
        case Dense(units, activation):
            return layers.Dense(units, activation=activation)(x)
        case Conv(filters):
            return layers.Activation("relu")(normalized(layers, x, filters, 3))
        case Residual(filters, strides):
            return residual(layers, x, filters, strides)
        case Average():
            return layers.GlobalAveragePooling2D()(x)
    raise ValueError(f"no graph has a {part} yet")


def normalized(layers: ModuleType, x: Any, filters: int, size: int, strides: int = 1) -> Any:
    x = layers.Conv2D(filters, size, strides=strides, padding="same", use_bias=False)(x)
    return layers.BatchNormalization()(x)


def residual(layers: ModuleType, x: Any, filters: int, strides: int) -> Any:
    y = layers.Activation("relu")(normalized(layers, x, filters, 3, strides))
    y = normalized(layers, y, filters, 3)
    if strides != 1 or x.shape[-1] != filters:
        x = normalized(layers, x, filters, 1, strides)
    return layers.Activation("relu")(layers.Add()([x, y]))


def branches_of(keras: ModuleType, network: Branches) -> Any:
    """Two inputs and two outputs, compiled."""
    dense = keras.layers.Dense
    inputs = [keras.Input(shape) for shape in network.inputs]
    joined = keras.layers.Concatenate()([dense(network.units, "relu")(x) for x in inputs])
    hidden = dense(network.units, "relu")(joined)
    classes = dense(network.classes, "softmax", name="classes")(hidden)
    model = keras.Model(inputs, [classes, dense(1, name="number")(hidden)])
    model.compile(
        optimizer="adam",
        loss={"classes": "categorical_crossentropy", "number": "mse"},
        metrics={"classes": ["accuracy"]},
    )
    return model
