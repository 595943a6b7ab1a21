"""What Keras says of objects of every class: as they are by default, and with other arguments."""

from __future__ import annotations

import json
from typing import Any

import keras

from areas.encoding import encode

HE = {"class_name": "HeNormal", "config": {"seed": 3}}
L2 = {"class_name": "L2", "config": {"l2": 0.5}}
NORM = {"class_name": "MaxNorm", "config": {"max_value": 3, "axis": [0, 1]}}
PARTS = {
    "use_bias": False,
    "kernel_initializer": HE,
    "bias_initializer": "ones",
    "kernel_regularizer": L2,
    "bias_regularizer": "l1",
    "activity_regularizer": "l2",
    "kernel_constraint": NORM,
    "bias_constraint": "non_neg",
    "name": "mine",
    "trainable": False,
    "dtype": "float64",
}
DEEP = {f"depthwise_{key[7:]}": value for key, value in PARTS.items() if key[:7] == "kernel_"}
POINT = {f"pointwise_{key[7:]}": value for key, value in PARTS.items() if key[:7] == "kernel_"}
ROUND = {key: value for key, value in PARTS.items() if key[:7] != "kernel_"}
CONV = {"filters": 4, "kernel_size": 3, "activation": "relu", "padding": "same"}
MOVED = {
    "gamma_initializer": HE,
    "beta_initializer": "ones",
    "gamma_regularizer": L2,
    "beta_regularizer": "l1",
    "gamma_constraint": NORM,
    "beta_constraint": "non_neg",
    "epsilon": 0.01,
}
FIRST = {"data_format": "channels_first"}

LAYERS: list[tuple[str, dict[str, Any]]] = [
    ("Dense", {"units": 3}),
    ("Dense", {"units": 3, "activation": "softmax", **PARTS}),
    *(
        (name, arguments)
        for rank in (1, 2, 3)
        for name in (f"Conv{rank}D", f"Conv{rank}DTranspose")
        for arguments in (
            {"filters": 2, "kernel_size": 3},
            {**CONV, **PARTS, "strides": 2, **FIRST},
            {"filters": 2, "kernel_size": [3] * rank, "dilation_rate": 2},
        )
    ),
    ("Conv2D", {"filters": 4, "kernel_size": [3, 2], "groups": 2, "activation": "gelu"}),
    ("Conv2DTranspose", {"filters": 4, "kernel_size": 3, "strides": 2, "output_padding": 1}),
    *(
        (f"DepthwiseConv{rank}D", arguments)
        for rank in (1, 2)
        for arguments in (
            {"kernel_size": 3},
            {"kernel_size": 3, "depth_multiplier": 2, "activation": "tanh", **DEEP, **ROUND},
        )
    ),
    *(
        (f"SeparableConv{rank}D", arguments)
        for rank in (1, 2)
        for arguments in (
            {"filters": 2, "kernel_size": 3},
            {**CONV, "depth_multiplier": 2, **DEEP, **POINT, **ROUND},
        )
    ),
    *(
        (f"{kind}Pooling{rank}D", arguments)
        for rank in (1, 2, 3)
        for kind in ("Max", "Average")
        for arguments in (
            {"pool_size": 2},
            {"pool_size": [3] * rank, "strides": 1, "padding": "same", **FIRST, "name": "pool"},
        )
    ),
    *(
        (f"Global{kind}Pooling{rank}D", arguments)
        for rank in (1, 2, 3)
        for kind in ("Max", "Average")
        for arguments in ({}, {**FIRST, "keepdims": True})
    ),
    *((f"ZeroPadding{rank}D", {"padding": 2}) for rank in (1, 2, 3)),
    ("ZeroPadding1D", {"padding": [1, 2], **FIRST}),
    ("ZeroPadding2D", {"padding": [[1, 0], [2, 3]], **FIRST}),
    *((f"Cropping{rank}D", {"cropping": 2}) for rank in (1, 2, 3)),
    ("Cropping2D", {"cropping": [[1, 0], [2, 3]], **FIRST}),
    *((f"UpSampling{rank}D", {"size": 3}) for rank in (1, 2, 3)),
    ("UpSampling2D", {"size": [1, 2], "interpolation": "bilinear", **FIRST}),
    *((f"SpatialDropout{rank}D", {"rate": 0.5, "seed": 7}) for rank in (1, 2, 3)),
    ("SpatialDropout2D", {"rate": 0.5, **FIRST, "dtype": "float64"}),
    ("Activation", {"activation": "relu"}),
    ("AlphaDropout", {"rate": 0.25, "noise_shape": [None, 1], "seed": 2}),
    ("BatchNormalization", {}),
    ("BatchNormalization", {"axis": 1, "momentum": 0.9, "center": False, "scale": False}),
    ("BatchNormalization", {**MOVED, "synchronized": False, "moving_mean_initializer": "ones"}),
    ("CenterCrop", {"height": 3, "width": 4, **FIRST}),
    ("Dropout", {"rate": 0.5}),
    ("Dropout", {"rate": 0.25, "noise_shape": [None, 1, 2], "seed": 7, "name": "drop"}),
    ("ELU", {"alpha": 0.5}),
    ("Flatten", {}),
    ("Flatten", FIRST),
    ("GaussianDropout", {"rate": 0.5, "seed": 7}),
    ("GaussianNoise", {"stddev": 0.5, "seed": 7}),
    ("GroupNormalization", {"groups": 2}),
    ("GroupNormalization", {**MOVED, "groups": 4, "axis": 1, "center": False}),
    ("Identity", {}),
    ("InputLayer", {"shape": [3]}),
    ("InputLayer", {"batch_shape": [2, None, 3], "dtype": "int32", "name": "words"}),
    ("LayerNormalization", {}),
    ("LayerNormalization", {**MOVED, "axis": [1, 2], "scale": False}),
    ("LeakyReLU", {}),
    ("LeakyReLU", {"negative_slope": 0.1}),
    ("PReLU", {}),
    ("PReLU", {"shared_axes": [1], "alpha_initializer": HE, "alpha_regularizer": L2}),
    ("Permute", {"dims": [2, 1]}),
    ("RMSNormalization", {}),
    ("RMSNormalization", {"axis": 1, "epsilon": 0.01}),
    ("RandomBrightness", {"factor": 0.2, "value_range": [0, 1], "seed": 3}),
    ("RandomBrightness", {"factor": [-0.1, 0.2]}),
    ("RandomContrast", {"factor": [0.5, 0.5], "seed": 3}),
    ("RandomContrast", {"factor": [0.1, 0.2], "value_range": [0, 1]}),
    ("RandomCrop", {"height": 3, "width": 4, "seed": 3}),
    ("RandomFlip", {}),
    ("RandomFlip", {"mode": "vertical", "seed": 3, "name": "flip", **FIRST}),
    ("RandomRotation", {"factor": 0.1}),
    ("RandomRotation", {"factor": [0.1, 0.2], "fill_mode": "nearest", "interpolation": "nearest"}),
    ("RandomTranslation", {"height_factor": 0.1, "width_factor": [0.1, 0.2]}),
    ("RandomTranslation", {"height_factor": 0.1, "width_factor": 0.2, "fill_value": 1, "seed": 3}),
    ("RandomZoom", {"height_factor": 0.1}),
    ("RandomZoom", {"height_factor": [0.1, 0.2], "width_factor": 0.3, "fill_mode": "wrap"}),
    ("ReLU", {}),
    ("ReLU", {"max_value": 6, "negative_slope": 0.1, "threshold": 0.5}),
    ("RepeatVector", {"n": 3}),
    ("Rescaling", {"scale": 0.5}),
    ("Rescaling", {"scale": [1.0, 2.0], "offset": 1}),
    ("Reshape", {"target_shape": [4, -1]}),
    ("Resizing", {"height": 3, "width": 4}),
    (
        "Resizing",
        {"height": 3, "width": 4, "interpolation": "nearest", "pad_to_aspect_ratio": True},
    ),
    ("Softmax", {}),
    ("Softmax", {"axis": [1, 2]}),
    ("UnitNormalization", {}),
    ("UnitNormalization", {"axis": 1}),
    *((name, {}) for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")),
    ("Concatenate", {}),
    ("Concatenate", {"axis": 1}),
    ("Dot", {"axes": 1}),
    ("Dot", {"axes": [1, 2], "normalize": True}),
]
RANDOM = ("GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform")
INITIALIZERS: list[tuple[str, dict[str, Any]]] = [
    ("Constant", {}),
    ("Constant", {"value": 0.5}),
    ("Identity", {}),
    ("Ones", {}),
    ("Zeros", {}),
    *((name, arguments) for name in RANDOM for arguments in ({}, {"seed": 3})),
    ("Orthogonal", {}),
    ("Orthogonal", {"gain": 2.0, "seed": 3}),
    *(
        (name, arguments)
        for name in ("RandomNormal", "TruncatedNormal")
        for arguments in ({}, {"mean": 1.0, "stddev": 2.0, "seed": 3})
    ),
    ("RandomUniform", {}),
    ("RandomUniform", {"minval": 1.0, "maxval": 2.0, "seed": 3}),
    ("VarianceScaling", {}),
    ("VarianceScaling", {"scale": 2.0, "mode": "fan_avg", "distribution": "uniform", "seed": 3}),
]
REGULARIZERS: list[tuple[str, dict[str, Any]]] = [
    ("L1", {}),
    ("L1", {"l1": 0.5}),
    ("L2", {}),
    ("L2", {"l2": 0.5}),
    ("L1L2", {}),
    ("L1L2", {"l1": 0.5, "l2": 0.25}),
    ("OrthogonalRegularizer", {}),
    ("OrthogonalRegularizer", {"factor": 0.5, "mode": "columns"}),
]
CONSTRAINTS: list[tuple[str, dict[str, Any]]] = [
    ("MaxNorm", {}),
    ("MaxNorm", {"max_value": 3, "axis": [0, 1]}),
    ("MinMaxNorm", {}),
    ("MinMaxNorm", {"min_value": 0.5, "max_value": 2.0, "rate": 0.5, "axis": 1}),
    ("NonNeg", {}),
    ("UnitNorm", {}),
    ("UnitNorm", {"axis": [0, 1]}),
]
NAMED = {"name": "mine", "dtype": "float64"}
LOSSES: list[tuple[str, dict[str, Any]]] = [
    ("BinaryCrossentropy", {}),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.5, "axis": 1, **NAMED}),
    ("CategoricalCrossentropy", {}),
    ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.5, "reduction": "sum"}),
    ("SparseCategoricalCrossentropy", {}),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1, "from_logits": True}),
    ("MeanSquaredError", {}),
    ("MeanSquaredError", {"reduction": None, **NAMED}),
    ("MeanAbsoluteError", {}),
    ("MeanAbsoluteError", {"reduction": "none", "name": "mine"}),
]
METRICS: list[tuple[str, dict[str, Any]]] = [
    *(
        (name, arguments)
        for name in (
            "Accuracy",
            "CategoricalAccuracy",
            "SparseCategoricalAccuracy",
            "Mean",
            "Sum",
            "MeanSquaredError",
            "MeanAbsoluteError",
            "RootMeanSquaredError",
        )
        for arguments in ({}, NAMED)
    ),
    ("BinaryAccuracy", {}),
    ("BinaryAccuracy", {"threshold": 0.25, **NAMED}),
    ("BinaryCrossentropy", {}),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.5, **NAMED}),
    ("CategoricalCrossentropy", {}),
    ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.5, "axis": 1}),
    ("SparseCategoricalCrossentropy", {}),
    ("SparseCategoricalCrossentropy", {"from_logits": True, "axis": 1}),
]
STEPS = {"learning_rate": 0.25, "clipnorm": 1.0, "use_ema": True, "ema_momentum": 0.5}
OPTIMIZERS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {}),
    ("SGD", {"momentum": 0.9, "nesterov": True, **STEPS, "ema_overwrite_frequency": 3}),
    ("RMSprop", {}),
    ("RMSprop", {"rho": 0.5, "momentum": 0.9, "epsilon": 0.01, "centered": True, **STEPS}),
    ("Adam", {}),
    ("Adam", {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 0.01, "amsgrad": True, **STEPS}),
    ("Adam", {"weight_decay": 0.1, "global_clipnorm": 2.0, "gradient_accumulation_steps": 2}),
    ("AdamW", {}),
    ("AdamW", {"weight_decay": 0.1, "clipvalue": 0.5, "loss_scale_factor": 8.0, "name": "mine"}),
]
FAMILIES = {
    "layers": LAYERS,
    "initializers": INITIALIZERS,
    "regularizers": REGULARIZERS,
    "constraints": CONSTRAINTS,
    "losses": LOSSES,
    "metrics": METRICS,
    "optimizers": OPTIMIZERS,
}


def case(family: str, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return how Keras describes an object of the class, made with the arguments."""
    keras.utils.clear_session()
    made = getattr(getattr(keras, family), name)(**json.loads(json.dumps(arguments)))
    described = keras.saving.serialize_keras_object(made)
    return encode({"family": family, "class": name, "arguments": arguments, "is": described})


def facts() -> dict[str, Any]:
    """Return the content of configs.json."""
    return {
        "about": "serialize_keras_object of each class, made with the arguments",
        "cases": [case(family, *row) for family, rows in FAMILIES.items() for row in rows],
    }
