"""Layers: the bricks that models are stacked of, and `Layer` for bricks of one's own."""

from pylego.layers.activation import Activation
from pylego.layers.alpha_dropout import AlphaDropout
from pylego.layers.center_crop import CenterCrop
from pylego.layers.convolution import (
    Conv1D,
    Conv2D,
    Conv3D,
    Convolution1D,
    Convolution2D,
    Convolution3D,
)
from pylego.layers.dense import Dense
from pylego.layers.depthwise_convolution import DepthwiseConv1D, DepthwiseConv2D
from pylego.layers.dropout import Dropout
from pylego.layers.flatten import Flatten
from pylego.layers.gaussian_dropout import GaussianDropout
from pylego.layers.gaussian_noise import GaussianNoise
from pylego.layers.input_layer import Input, InputLayer
from pylego.layers.input_spec import InputSpec
from pylego.layers.layer import Layer
from pylego.layers.permute import Permute
from pylego.layers.random_contrast import RandomContrast
from pylego.layers.random_crop import RandomCrop
from pylego.layers.random_flip import RandomFlip
from pylego.layers.random_rotation import RandomRotation
from pylego.layers.random_translation import RandomTranslation
from pylego.layers.random_zoom import RandomZoom
from pylego.layers.repeat_vector import RepeatVector
from pylego.layers.rescaling import Rescaling
from pylego.layers.reshape import Reshape
from pylego.layers.resizing import Resizing
from pylego.layers.separable_convolution import (
    SeparableConv1D,
    SeparableConv2D,
    SeparableConvolution1D,
    SeparableConvolution2D,
)
from pylego.layers.spatial_dropout import SpatialDropout1D, SpatialDropout2D, SpatialDropout3D
from pylego.layers.transposed_convolution import (
    Conv1DTranspose,
    Conv2DTranspose,
    Conv3DTranspose,
    Convolution1DTranspose,
    Convolution2DTranspose,
    Convolution3DTranspose,
)

__all__ = [
    "Activation",
    "AlphaDropout",
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
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Dropout",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "Input",
    "InputLayer",
    "InputSpec",
    "Layer",
    "Permute",
    "RandomContrast",
    "RandomCrop",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Resizing",
    "SeparableConv1D",
    "SeparableConv2D",
    "SeparableConvolution1D",
    "SeparableConvolution2D",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
]
