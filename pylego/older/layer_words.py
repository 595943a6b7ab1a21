"""What layers and their arguments were called in Keras 1 and 2, and are called today: tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# ---- classes ----

CLASSES: dict[str, str] = {
    "AtrousConv1D": "Conv1D",
    "AtrousConv2D": "Conv2D",
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution2DTranspose": "Conv2DTranspose",
    "Convolution3D": "Conv3D",
    "Convolution3DTranspose": "Conv3DTranspose",
    "CuDNNGRU": "GRU",
    "CuDNNLSTM": "LSTM",
    "Deconv2D": "Conv2DTranspose",
    "Deconv3D": "Conv3DTranspose",
    "Deconvolution2D": "Conv2DTranspose",
    "Deconvolution3D": "Conv3DTranspose",
    "DenseFeaturesV2": "DenseFeatures",
    "GRUCellV2": "GRUCell",
    "GroupedQueryAttention": "GroupQueryAttention",
    "GRUV1": "GRU",
    "GRUV2": "GRU",
    "LSTMCellV2": "LSTMCell",
    "LSTMV1": "LSTM",
    "LSTMV2": "LSTM",
    "SeparableConvolution1D": "SeparableConv1D",
    "SeparableConvolution2D": "SeparableConv2D",
    "SyncBatchNormalization": "BatchNormalization",
    "ThresholdedReLU": "ReLU",
    "TimeDistributedDense": "Dense",  # a Dense layer takes sequences by itself now
}

MERGES: dict[str, tuple[str, tuple[str, ...]]] = {  # mode: class, and what of the config it takes
    "ave": ("Average", ()),
    "concat": ("Concatenate", ("concat_axis",)),
    "cos": ("Dot", ("dot_axes",)),
    "dot": ("Dot", ("dot_axes",)),
    "max": ("Maximum", ()),
    "mul": ("Multiply", ()),
    "sum": ("Add", ()),
}

# ---- arguments: old name -> new name ----

_KERNEL = {
    "W_constraint": "kernel_constraint",
    "W_regularizer": "kernel_regularizer",
    "b_constraint": "bias_constraint",
    "b_regularizer": "bias_regularizer",
    "bias": "use_bias",
    "init": "kernel_initializer",
}
_IMAGE = {"border_mode": "padding", "dim_ordering": "data_format"}
_CONVOLUTION = {
    **_KERNEL,
    **_IMAGE,
    "atrous_rate": "dilation_rate",
    "filter_length": "kernel_size",
    "nb_filter": "filters",
    "subsample": "strides",
    "subsample_length": "strides",
}
_SEPARABLE = {name: new for name, new in _CONVOLUTION.items() if name[:2] != "W_"}
_POOLING = {**_IMAGE, "pool_length": "pool_size", "stride": "strides"}
_ORDERED = {"dim_ordering": "data_format"}
_RECURRENT = {
    **_KERNEL,
    "U_regularizer": "recurrent_regularizer",
    "dropout_U": "recurrent_dropout",
    "dropout_W": "dropout",
    "forget_bias_init": "unit_forget_bias",
    "inner_activation": "recurrent_activation",
    "inner_init": "recurrent_initializer",
    "output_dim": "units",
}
_RATE = {"p": "rate"}

ARGUMENTS: dict[str, Mapping[str, str]] = {
    "AveragePooling1D": _POOLING,
    "AveragePooling2D": _POOLING,
    "AveragePooling3D": _POOLING,
    "BatchNormalization": {
        "beta_init": "beta_initializer",
        "gamma_init": "gamma_initializer",
    },
    "Conv1D": _CONVOLUTION,
    "Conv2D": _CONVOLUTION,
    "Conv2DTranspose": _CONVOLUTION,
    "Conv3D": _CONVOLUTION,
    "Conv3DTranspose": _CONVOLUTION,
    "ConvLSTM2D": {**_CONVOLUTION, **_RECURRENT},
    "Cropping2D": _ORDERED,
    "Cropping3D": _ORDERED,
    "Dense": {**_KERNEL, "output_dim": "units"},
    "Dropout": _RATE,
    "DepthwiseConv2D": {**_KERNEL, **_IMAGE},
    "Embedding": {
        "W_constraint": "embeddings_constraint",
        "W_regularizer": "embeddings_regularizer",
        "init": "embeddings_initializer",
    },
    "GRU": _RECURRENT,
    "GaussianDropout": _RATE,
    "GaussianNoise": {"sigma": "stddev"},
    "Flatten": _ORDERED,
    "GlobalAveragePooling2D": _ORDERED,
    "GlobalAveragePooling3D": _ORDERED,
    "GlobalMaxPooling2D": _ORDERED,
    "GlobalMaxPooling3D": _ORDERED,
    "Highway": _KERNEL,
    "InputLayer": {"batch_input_shape": "batch_shape", "input_dtype": "dtype"},
    "LSTM": _RECURRENT,
    "LeakyReLU": {"alpha": "negative_slope"},
    "LocallyConnected1D": _CONVOLUTION,
    "LocallyConnected2D": _CONVOLUTION,
    "MaxoutDense": {**_KERNEL, "output_dim": "units"},
    "MaxPooling1D": _POOLING,
    "MaxPooling2D": _POOLING,
    "MaxPooling3D": _POOLING,
    "PReLU": {"init": "alpha_initializer"},
    "ReLU": {"theta": "threshold"},
    "Reshape": {"dims": "target_shape"},
    "SeparableConv1D": _SEPARABLE,
    "SeparableConv2D": _SEPARABLE,
    "SimpleRNN": _RECURRENT,
    "SpatialDropout1D": _RATE,
    "SpatialDropout2D": {**_RATE, **_ORDERED},
    "SpatialDropout3D": {**_RATE, **_ORDERED},
    "UpSampling1D": {"length": "size"},
    "UpSampling2D": _ORDERED,
    "UpSampling3D": _ORDERED,
    "ZeroPadding2D": _ORDERED,
    "ZeroPadding3D": _ORDERED,
}

# Several old arguments that are one today, and one that is several.
JOINED: dict[tuple[str, ...], str] = {
    ("nb_row", "nb_col"): "kernel_size",
    ("kernel_dim1", "kernel_dim2", "kernel_dim3"): "kernel_size",
}
SPLIT: dict[str, dict[str, tuple[str, ...]]] = {
    "SeparableConv1D": {"kernel_initializer": ("depthwise_initializer", "pointwise_initializer")},
    "SeparableConv2D": {"kernel_initializer": ("depthwise_initializer", "pointwise_initializer")},
}

VALUES: dict[str, Mapping[Any, Any]] = {  # new name: old value -> new value
    "data_format": {"default": None, "tf": "channels_last", "th": "channels_first"},
    "unit_forget_bias": {"one": True, "ones": True, "zero": False, "zeros": False},
}

# Of an old name: what it held -> what that is today. Until Keras 2, hard_sigmoid was 0.2 x + 0.5.
OLD_VALUES: dict[str, Mapping[Any, Any]] = {
    "inner_activation": {"hard_sigmoid": "hard_sigmoid_of_keras_2"},
}

# Arguments that said how something is computed, not what: they are left out.
IGNORED = frozenset(
    {
        "cache_device",
        "consume_less",
        "experimental_autocast",
        "fused",
        "time_major",
        "transform_bias",
        "virtual_batch_size",
    }
)

# ---- arguments without names: their order in Keras 1, where it was another one than today ----

# What such a call begins with: whole numbers for all that its order has of these.
SIZES = frozenset(
    {
        "filter_length", "input_dim", "kernel_dim1", "kernel_dim2", "kernel_dim3", "nb_col",
        "nb_filter", "nb_row", "output_dim",
    }
)  # fmt: skip

_FIRST = "init activation weights border_mode"
_LAST = "W_regularizer b_regularizer activity_regularizer W_constraint b_constraint bias"
_PLANE = f"nb_filter nb_row nb_col {_FIRST} subsample dim_ordering {_LAST}"

ORDERS: dict[str, str] = {
    "AtrousConvolution1D": f"nb_filter filter_length {_FIRST} subsample_length atrous_rate {_LAST}",
    "AtrousConvolution2D": f"nb_filter nb_row nb_col {_FIRST} subsample atrous_rate dim_ordering",
    "Conv2D": _PLANE,
    "Conv3D": f"nb_filter kernel_dim1 kernel_dim2 kernel_dim3 {_FIRST} subsample dim_ordering",
    "Convolution1D": f"nb_filter filter_length {_FIRST} subsample_length {_LAST}",
    "Convolution2D": _PLANE,
    "Convolution3D": f"nb_filter kernel_dim1 kernel_dim2 kernel_dim3 {_FIRST} subsample",
    "Deconvolution2D": f"nb_filter nb_row nb_col output_shape {_FIRST} subsample dim_ordering",
    "Dense": "input_dim output_dim",  # before Keras 0.3
    "LocallyConnected1D": f"nb_filter filter_length {_FIRST} subsample_length",
    "LocallyConnected2D": _PLANE,
    "SeparableConv2D": _PLANE,
    "SeparableConvolution2D": _PLANE,
    "TimeDistributedDense": f"output_dim init activation weights {_LAST}",
}
