"""Layers: the bricks that models are stacked of, and `Layer` for bricks of one's own."""

from pylego.layers.activation import Activation
from pylego.layers.center_crop import CenterCrop
from pylego.layers.dense import Dense
from pylego.layers.dropout import Dropout
from pylego.layers.flatten import Flatten
from pylego.layers.input_layer import Input, InputLayer
from pylego.layers.input_spec import InputSpec
from pylego.layers.layer import Layer
from pylego.layers.random_contrast import RandomContrast
from pylego.layers.random_crop import RandomCrop
from pylego.layers.random_flip import RandomFlip
from pylego.layers.random_rotation import RandomRotation
from pylego.layers.random_translation import RandomTranslation
from pylego.layers.random_zoom import RandomZoom
from pylego.layers.rescaling import Rescaling
from pylego.layers.reshape import Reshape
from pylego.layers.resizing import Resizing

__all__ = [
    "Activation",
    "CenterCrop",
    "Dense",
    "Dropout",
    "Flatten",
    "Input",
    "InputLayer",
    "InputSpec",
    "Layer",
    "RandomContrast",
    "RandomCrop",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "Rescaling",
    "Reshape",
    "Resizing",
]
