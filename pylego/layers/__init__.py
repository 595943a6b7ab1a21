"""Layers: the bricks that models are stacked of, and `Layer` for bricks of one's own."""

from pylego.layers.activation import Activation
from pylego.layers.alpha_dropout import AlphaDropout
from pylego.layers.average_pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    AvgPool1D,
    AvgPool2D,
    AvgPool3D,
)
from pylego.layers.batch_normalization import BatchNormalization
from pylego.layers.center_crop import CenterCrop
from pylego.layers.convolution import (
    Conv1D,
    Conv2D,
    Conv3D,
    Convolution1D,
    Convolution2D,
    Convolution3D,
)
from pylego.layers.cropping import Cropping1D, Cropping2D, Cropping3D
from pylego.layers.dense import Dense
from pylego.layers.depthwise_convolution import DepthwiseConv1D, DepthwiseConv2D
from pylego.layers.dropout import Dropout
from pylego.layers.elu import ELU
from pylego.layers.flatten import Flatten
from pylego.layers.gaussian_dropout import GaussianDropout
from pylego.layers.gaussian_noise import GaussianNoise
from pylego.layers.global_average_pooling import (
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
    GlobalAvgPool1D,
    GlobalAvgPool2D,
    GlobalAvgPool3D,
)
from pylego.layers.global_max_pooling import (
    GlobalMaxPool1D,
    GlobalMaxPool2D,
    GlobalMaxPool3D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
)
from pylego.layers.group_normalization import GroupNormalization
from pylego.layers.identity import Identity
from pylego.layers.input_layer import Input, InputLayer
from pylego.layers.input_spec import InputSpec
from pylego.layers.layer import Layer
from pylego.layers.layer_normalization import LayerNormalization
from pylego.layers.leaky_relu import LeakyReLU
from pylego.layers.max_pooling import (
    MaxPool1D,
    MaxPool2D,
    MaxPool3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from pylego.layers.permute import Permute
from pylego.layers.prelu import PReLU
from pylego.layers.random_brightness import RandomBrightness
from pylego.layers.random_contrast import RandomContrast
from pylego.layers.random_crop import RandomCrop
from pylego.layers.random_flip import RandomFlip
from pylego.layers.random_rotation import RandomRotation
from pylego.layers.random_translation import RandomTranslation
from pylego.layers.random_zoom import RandomZoom
from pylego.layers.relu import ReLU
from pylego.layers.repeat_vector import RepeatVector
from pylego.layers.rescaling import Rescaling
from pylego.layers.reshape import Reshape
from pylego.layers.resizing import Resizing
from pylego.layers.rms_normalization import RMSNormalization
from pylego.layers.separable_convolution import (
    SeparableConv1D,
    SeparableConv2D,
    SeparableConvolution1D,
    SeparableConvolution2D,
)
from pylego.layers.softmax import Softmax
from pylego.layers.spatial_dropout import SpatialDropout1D, SpatialDropout2D, SpatialDropout3D
from pylego.layers.transposed_convolution import (
    Conv1DTranspose,
    Conv2DTranspose,
    Conv3DTranspose,
    Convolution1DTranspose,
    Convolution2DTranspose,
    Convolution3DTranspose,
)
from pylego.layers.unit_normalization import UnitNormalization
from pylego.layers.up_sampling import UpSampling1D, UpSampling2D, UpSampling3D
from pylego.layers.zero_padding import ZeroPadding1D, ZeroPadding2D, ZeroPadding3D

__all__ = [
    "ELU",
    "Activation",
    "AlphaDropout",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "AvgPool1D",
    "AvgPool2D",
    "AvgPool3D",
    "BatchNormalization",
    "CenterCrop",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "Convolution1D",
    "Convolution1DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Convolution3D",
    "Convolution3DTranspose",
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Dropout",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalAvgPool3D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPool3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "GroupNormalization",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPool3D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "PReLU",
    "Permute",
    "RMSNormalization",
    "RandomBrightness",
    "RandomContrast",
    "RandomCrop",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Resizing",
    "SeparableConv1D",
    "SeparableConv2D",
    "SeparableConvolution1D",
    "SeparableConvolution2D",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "UnitNormalization",
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
]
