"""Layers: the bricks that models are stacked of, and `Layer` for bricks of one's own."""

from pylego.layers.activation import Activation
from pylego.layers.dense import Dense
from pylego.layers.dropout import Dropout
from pylego.layers.flatten import Flatten
from pylego.layers.input_layer import Input, InputLayer
from pylego.layers.input_spec import InputSpec
from pylego.layers.layer import Layer
from pylego.layers.reshape import Reshape

__all__ = [
    "Activation",
    "Dense",
    "Dropout",
    "Flatten",
    "Input",
    "InputLayer",
    "InputSpec",
    "Layer",
    "Reshape",
]
