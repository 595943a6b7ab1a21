"""Layers: the bricks that models are stacked of, and `Layer` for bricks of one's own."""

from pylego.layers.activation import Activation
from pylego.layers.alpha_dropout import AlphaDropout
from pylego.layers.dense import Dense
from pylego.layers.dropout import Dropout
from pylego.layers.flatten import Flatten
from pylego.layers.gaussian_dropout import GaussianDropout
from pylego.layers.gaussian_noise import GaussianNoise
from pylego.layers.input_layer import Input, InputLayer
from pylego.layers.input_spec import InputSpec
from pylego.layers.layer import Layer
from pylego.layers.permute import Permute
from pylego.layers.repeat_vector import RepeatVector
from pylego.layers.reshape import Reshape
from pylego.layers.spatial_dropout import SpatialDropout1D, SpatialDropout2D, SpatialDropout3D

__all__ = [
    "Activation",
    "AlphaDropout",
    "Dense",
    "Dropout",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "Input",
    "InputLayer",
    "InputSpec",
    "Layer",
    "Permute",
    "RepeatVector",
    "Reshape",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
]
