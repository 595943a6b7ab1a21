"""Layers: the bricks that models are stacked of, and `Layer` for bricks of one's own."""

from pylego.layers.activation import Activation
from pylego.layers.batch_normalization import BatchNormalization
from pylego.layers.dense import Dense
from pylego.layers.dropout import Dropout
from pylego.layers.elu import ELU
from pylego.layers.flatten import Flatten
from pylego.layers.group_normalization import GroupNormalization
from pylego.layers.input_layer import Input, InputLayer
from pylego.layers.input_spec import InputSpec
from pylego.layers.layer import Layer
from pylego.layers.layer_normalization import LayerNormalization
from pylego.layers.leaky_relu import LeakyReLU
from pylego.layers.prelu import PReLU
from pylego.layers.relu import ReLU
from pylego.layers.reshape import Reshape
from pylego.layers.softmax import Softmax
from pylego.layers.unit_normalization import UnitNormalization

__all__ = [
    "ELU",
    "Activation",
    "BatchNormalization",
    "Dense",
    "Dropout",
    "Flatten",
    "GroupNormalization",
    "Input",
    "InputLayer",
    "InputSpec",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "PReLU",
    "ReLU",
    "Reshape",
    "Softmax",
    "UnitNormalization",
]
