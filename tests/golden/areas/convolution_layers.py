"""The convolution layers, in both layouts, and trainings of small networks that see."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from areas.encoding import encode
from areas.layers import L2, case, make, numbers

FIRST = {"data_format": "channels_first"}
SAME = {"padding": "same"}

Row = tuple[str, dict[str, Any], tuple[int, ...]]

# label -> (class, arguments, shape of the input)
CASES: dict[str, Row] = {
    "conv1d": ("Conv1D", {"filters": 3, "kernel_size": 2}, (2, 5, 2)),
    "conv1d same, stride 2": (
        "Conv1D",
        {"filters": 2, "kernel_size": [3], "strides": 2} | SAME,
        (1, 6, 3),
    ),
    "conv1d causal": ("Conv1D", {"filters": 2, "kernel_size": 3, "padding": "causal"}, (1, 6, 2)),
    "conv1d causal, dilated, first": (
        "Conv1D",
        {"filters": 2, "kernel_size": 2, "padding": "causal", "dilation_rate": 2} | FIRST,
        (1, 3, 6),
    ),
    "conv1d causal, stride 2": (
        "Conv1D",
        {"filters": 2, "kernel_size": 2, "padding": "causal", "strides": 2},
        (1, 5, 2),
    ),
    "conv2d": ("Conv2D", {"filters": 3, "kernel_size": [2, 3]}, (2, 4, 5, 2)),
    "conv2d relu, first": (
        "Conv2D",
        {"filters": 3, "kernel_size": 3, "activation": "relu"} | FIRST,
        (1, 2, 4, 5),
    ),
    "conv2d same, odd strides": (
        "Conv2D",
        {"filters": 2, "kernel_size": [3, 2], "strides": [2, 3], "padding": "SAME"},
        (1, 5, 7, 2),
    ),
    "conv2d same, stride 2, even kernel, first": (
        "Conv2D",
        {"filters": 2, "kernel_size": 4, "strides": 2} | SAME | FIRST,
        (1, 2, 6, 5),
    ),
    "conv2d dilated": (
        "Conv2D",
        {"filters": 2, "kernel_size": 2, "dilation_rate": [2, 3]},
        (1, 5, 6, 1),
    ),
    "conv2d dilated, same": (
        "Conv2D",
        {"filters": 2, "kernel_size": 3, "dilation_rate": 2} | SAME,
        (1, 5, 4, 1),
    ),
    "conv2d groups": ("Conv2D", {"filters": 6, "kernel_size": 2, "groups": 3}, (1, 3, 3, 6)),
    "conv2d groups, first": (
        "Conv2D",
        {"filters": 4, "kernel_size": 2, "groups": 2} | FIRST,
        (1, 4, 3, 3),
    ),
    "conv2d softmax, first": (
        "Conv2D",
        {"filters": 2, "kernel_size": 2, "activation": "softmax"} | FIRST,
        (1, 1, 3, 4),
    ),
    "conv2d without bias": (
        "Conv2D",
        {"filters": 2, "kernel_size": 1, "use_bias": False},
        (1, 2, 2, 3),
    ),
    "conv2d regularized": (
        "Conv2D",
        {
            "filters": 2,
            "kernel_size": 2,
            "kernel_regularizer": "l1",
            "bias_regularizer": L2,
            "activity_regularizer": "l2",
        },
        (2, 3, 3, 1),
    ),
    "conv2d all arguments": (
        "Conv2D",
        {
            "filters": 2,
            "kernel_size": 2,
            "activation": "tanh",
            "kernel_initializer": "he_normal",
            "bias_initializer": "ones",
            "kernel_constraint": "non_neg",
            "bias_constraint": "max_norm",
            "name": "eye",
        },
        (1, 3, 3, 1),
    ),
    "conv2d not trainable": (
        "Conv2D",
        {"filters": 2, "kernel_size": 2, "trainable": False},
        (1, 3, 3, 1),
    ),
    "convolution2d": ("Convolution2D", {"filters": 1, "kernel_size": 2}, (1, 3, 3, 1)),
    "conv3d": ("Conv3D", {"filters": 2, "kernel_size": [2, 1, 2]}, (1, 3, 2, 3, 2)),
    "conv3d same, stride 2, first": (
        "Conv3D",
        {"filters": 2, "kernel_size": 2, "strides": 2} | SAME | FIRST,
        (1, 2, 3, 4, 3),
    ),
    "conv1d transpose": ("Conv1DTranspose", {"filters": 2, "kernel_size": 3}, (1, 4, 2)),
    "conv1d transpose same, stride 2, first": (
        "Conv1DTranspose",
        {"filters": 2, "kernel_size": 3, "strides": 2} | SAME | FIRST,
        (1, 2, 3),
    ),
    "conv2d transpose": (
        "Conv2DTranspose",
        {"filters": 2, "kernel_size": [3, 2], "strides": [2, 1]},
        (1, 3, 2, 3),
    ),
    "conv2d transpose first, relu": (
        "Conv2DTranspose",
        {"filters": 2, "kernel_size": 2, "strides": 2, "activation": "relu"} | FIRST,
        (1, 3, 3, 2),
    ),
    "conv2d transpose same": (
        "Conv2DTranspose",
        {"filters": 1, "kernel_size": 4, "strides": 2} | SAME,
        (1, 3, 2, 2),
    ),
    "conv2d transpose, stride above kernel": (
        "Conv2DTranspose",
        {"filters": 1, "kernel_size": 2, "strides": 3},
        (1, 2, 2, 1),
    ),
    "conv2d transpose same, output_padding": (
        "Conv2DTranspose",
        {"filters": 2, "kernel_size": 3, "strides": 2, "output_padding": [1, 0]} | SAME,
        (1, 3, 2, 2),
    ),
    "conv2d transpose valid, output_padding": (
        "Conv2DTranspose",
        {"filters": 2, "kernel_size": 3, "strides": 2, "output_padding": 1},
        (1, 2, 2, 2),
    ),
    "conv2d transpose dilated": (
        "Conv2DTranspose",
        {"filters": 2, "kernel_size": 2, "dilation_rate": 2},
        (1, 3, 2, 1),
    ),
    "conv3d transpose": (
        "Conv3DTranspose",
        {"filters": 1, "kernel_size": 2, "strides": 2},
        (1, 2, 1, 2, 2),
    ),
    "conv3d transpose same, first": (
        "Conv3DTranspose",
        {"filters": 2, "kernel_size": 3, "strides": [1, 2, 1]} | SAME | FIRST,
        (1, 1, 2, 2, 2),
    ),
    "depthwise 1d": ("DepthwiseConv1D", {"kernel_size": 2, "depth_multiplier": 2}, (1, 4, 3)),
    "depthwise 1d same, stride 2, first": (
        "DepthwiseConv1D",
        {"kernel_size": 3, "strides": 2} | SAME | FIRST,
        (1, 3, 6),
    ),
    "depthwise 2d": (
        "DepthwiseConv2D",
        {"kernel_size": 3, "depth_multiplier": 2, "activation": "relu"},
        (1, 4, 5, 3),
    ),
    "depthwise 2d same, stride 2, first": (
        "DepthwiseConv2D",
        {"kernel_size": [3, 2], "strides": 2} | SAME | FIRST,
        (1, 4, 5, 4),
    ),
    "depthwise 2d dilated": (
        "DepthwiseConv2D",
        {"kernel_size": 2, "dilation_rate": 2, "depthwise_regularizer": "l2", "use_bias": False},
        (1, 4, 4, 2),
    ),
    "separable 1d": (
        "SeparableConv1D",
        {"filters": 3, "kernel_size": 2, "depth_multiplier": 2},
        (1, 4, 2),
    ),
    "separable 1d same, first": (
        "SeparableConv1D",
        {"filters": 2, "kernel_size": 3} | SAME | FIRST,
        (1, 2, 5),
    ),
    "separable 2d": (
        "SeparableConv2D",
        {
            "filters": 3,
            "kernel_size": 2,
            "depth_multiplier": 2,
            "depthwise_regularizer": "l1",
            "pointwise_regularizer": "l2",
        },
        (1, 3, 4, 2),
    ),
    "separable 2d same, stride 2, first": (
        "SeparableConv2D",
        {"filters": 2, "kernel_size": 3, "strides": 2, "activation": "tanh"} | SAME | FIRST,
        (1, 2, 5, 4),
    ),
}

CONFIGS_OF = (
    "conv1d causal", "conv2d", "conv2d same, odd strides", "conv2d groups", "conv2d regularized",
    "conv2d all arguments", "conv2d relu, first", "conv3d",
    "conv2d transpose same, output_padding", "conv2d transpose", "depthwise 2d", "separable 2d",
)  # fmt: skip

FREE = (None, None, None, 3)

# class, arguments, input shape with None -> compute_output_shape
SHAPES: list[tuple[str, dict[str, Any], tuple[int | None, ...]]] = [
    ("Conv1D", {"filters": 4, "kernel_size": 3}, (None, None, 2)),
    ("Conv1D", {"filters": 4, "kernel_size": 3, "padding": "causal", "strides": 2}, (None, 9, 2)),
    ("Conv2D", {"filters": 4, "kernel_size": 3}, (None, 28, 28, 1)),
    ("Conv2D", {"filters": 4, "kernel_size": 3, "strides": 2}, (None, 28, None, 1)),
    ("Conv2D", {"filters": 4, "kernel_size": 3, "strides": 2} | SAME, (None, 27, 28, 1)),
    ("Conv2D", {"filters": 4, "kernel_size": 3} | FIRST, (None, 3, None, 9)),
    ("Conv3D", {"filters": 4, "kernel_size": 2, "dilation_rate": 3}, (None, 4, 5, None, 2)),
    ("Conv2DTranspose", {"filters": 4, "kernel_size": 3, "strides": 2}, (None, 7, None, 3)),
    ("Conv2DTranspose", {"filters": 4, "kernel_size": 3, "strides": 2} | SAME, FREE),
    ("Conv2DTranspose", {"filters": 4, "kernel_size": 2, "strides": 5}, (None, 3, 4, 3)),
    (
        "Conv2DTranspose",
        {"filters": 4, "kernel_size": 4, "strides": 3, "output_padding": 1} | SAME | FIRST,
        (None, 3, 4, 5),
    ),
    ("DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2}, (None, 9, None, 3)),
    ("SeparableConv2D", {"filters": 5, "kernel_size": 3} | SAME, (None, None, 9, 3)),
]

# label -> (class and arguments of each layer, shape of a sample)
NETWORKS: dict[str, tuple[list[tuple[str, dict[str, Any]]], tuple[int, ...]]] = {
    "pictures": (
        [
            ("Conv2D", {"filters": 4, "kernel_size": [3, 3], "activation": "relu"}),
            ("DepthwiseConv2D", {"kernel_size": 3, "strides": 2} | SAME),
            ("SeparableConv2D", {"filters": 4, "kernel_size": 2, "activation": "tanh"}),
            ("Flatten", {}),
            ("Dense", {"units": 3, "activation": "softmax"}),
        ],
        (7, 7, 2),
    ),
    "sequences": (
        [
            ("Conv1D", {"filters": 3, "kernel_size": 3, "padding": "causal", "activation": "relu"}),
            ("Conv1D", {"filters": 4, "kernel_size": 2, "strides": 2, "kernel_regularizer": "l2"}),
            ("Conv1DTranspose", {"filters": 2, "kernel_size": 3, "strides": 2} | SAME),
            ("Flatten", {}),
            ("Dense", {"units": 3, "activation": "softmax"}),
        ],
        (8, 2),
    ),
    "pictures, channels first": (
        [
            ("Conv2D", {"filters": 4, "kernel_size": 3, "activation": "relu"} | FIRST),
            ("Conv2DTranspose", {"filters": 2, "kernel_size": 2, "strides": 2} | FIRST),
            ("Conv2D", {"filters": 4, "kernel_size": 3, "groups": 2, "strides": 2} | FIRST | SAME),
            ("Flatten", FIRST),
            ("Dense", {"units": 3, "activation": "softmax"}),
        ],
        (2, 6, 5),
    ),
}

OPTIMIZERS = {"SGD": {"learning_rate": 0.1, "momentum": 0.9}, "Adam": {"learning_rate": 0.01}}
SAMPLES, STEPS = 6, 3


def config(label: str) -> dict[str, Any]:
    """Return the config of a case's layer before it is built."""
    name, arguments, _ = CASES[label]
    return encode(make(name, arguments).get_config())


def output_shape(name: str, arguments: dict[str, Any], shape: tuple) -> dict[str, Any]:
    """Return what compute_output_shape gives for a shape with unknown sizes."""
    return {
        "class": name,
        "arguments": arguments,
        "input_shape": list(shape),
        "output_shape": list(make(name, arguments).compute_output_shape(shape)),
    }


def network(label: str) -> keras.Sequential:
    """Return a network with weights from a stated seed."""
    keras.utils.clear_session()
    rows, shape = NETWORKS[label]
    model = keras.Sequential([keras.Input(shape)])
    for name, arguments in rows:
        model.add(getattr(keras.layers, name)(**arguments))
    model.set_weights([numbers(w.shape, 20 + i) * 0.25 for i, w in enumerate(model.weights)])
    return model


def training(label: str) -> dict[str, Any]:
    """Return a network's losses over some steps of fit, and the weights afterwards."""
    rows, shape = NETWORKS[label]
    x, y = numbers((SAMPLES, *shape), 9), np.arange(SAMPLES) % 3
    facts = {
        "layers": rows,
        "input_shape": list(shape),
        "x": encode(x),
        "y": encode(y),
        "initial_weights": encode(network(label).get_weights()),
        "count_params": network(label).count_params(),
        "output_shapes": [list(layer.output.shape) for layer in network(label).layers],
    }
    for name, arguments in OPTIMIZERS.items():
        model = network(label)
        model.compile(
            getattr(keras.optimizers, name)(**arguments), "sparse_categorical_crossentropy"
        )
        history = model.fit(x, y, SAMPLES, epochs=STEPS, verbose=0, shuffle=False)
        facts[name] = {
            "arguments": arguments,
            "losses": encode(history.history["loss"]),
            "last_weights": encode(model.get_weights()[:2]),
        }
    return facts


def facts() -> dict[str, Any]:
    """Return the content of convolution_layers.json."""
    return {
        "about": "output = layer(input) after set_weights(weights); a step of fit is a whole epoch",
        "cases": {label: case(*row) for label, row in CASES.items()},
        "configs": {label: config(label) for label in CONFIGS_OF},
        "output_shapes": [output_shape(*row) for row in SHAPES],
        "trainings": {label: training(label) for label in NETWORKS},
    }
