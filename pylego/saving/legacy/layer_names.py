"""What descriptions of layers in files of Keras 1 and 2 mean, beside the words of that time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pylego.older.layer_words import IGNORED

MODELS = ("Sequential", "Model", "Functional")

# Layers that no longer exist, with what they did.
GONE: dict[str, str] = {
    "Graph": "a model of named nodes of Keras 0.3",
    "Highway": "gated copying of its input",
    "LocallyConnected1D": "a convolution without shared weights",
    "LocallyConnected2D": "a convolution without shared weights",
    "MaxoutDense": "the maximum of several dense layers",
    "ParametricSoftplus": "a softplus with slopes that are learned",
    "SReLU": "a line with two bends that are learned",
}

# What arguments were when a config of that class did not name them.
MEANT: dict[str, Mapping[str, Any]] = {
    "Flatten": {"data_format": "channels_last"},  # in Keras 1, whatever the order of the image
    "GRU": {"reset_after": False},
}
MEANT_BY_OLD_CLASS: dict[str, Mapping[str, Any]] = {
    "CuDNNGRU": {
        "activation": "tanh",
        "recurrent_activation": "sigmoid",
        "reset_after": True,
    },
    "CuDNNLSTM": {"activation": "tanh", "recurrent_activation": "sigmoid"},
    "SyncBatchNormalization": {"synchronized": True},
}

# Arguments that say nothing about the numbers that a layer makes: they are left out.
DROPPED = IGNORED | {
    "batch_input_shape",
    "batch_size",
    "implementation",
    "input_dtype",
    "input_length",
    "input_shape",
    "ragged",
    "sparse",
    "weights",
}
NEUTRAL: dict[str, Any] = {"groups": 1}  # what is left out where a class has no such argument
WITHOUT_DATA_FORMAT = frozenset({"Cropping1D", "SpatialDropout1D", "UpSampling1D", "ZeroPadding1D"})
DROPPED_OF: dict[str, frozenset[str]] = {
    "Conv2DTranspose": frozenset({"output_shape"}),
    "Conv3DTranspose": frozenset({"output_shape"}),
    "DepthwiseConv2D": frozenset(
        {"filters", "groups", "kernel_constraint", "kernel_initializer", "kernel_regularizer"}
    ),
    "Embedding": frozenset({"activity_regularizer", "dropout"}),
    "InputLayer": frozenset({"trainable"}),
    "SeparableConv1D": frozenset(
        {"groups", "kernel_constraint", "kernel_initializer", "kernel_regularizer"}
    ),
    "SeparableConv2D": frozenset(
        {"groups", "kernel_constraint", "kernel_initializer", "kernel_regularizer"}
    ),
}
KEPT_OF: dict[str, frozenset[str]] = {
    "InputLayer": frozenset({"batch_size", "input_shape", "ragged", "sparse"})
}
