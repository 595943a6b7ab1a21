"""pylego: a deep-learning framework that speaks Keras and runs on an engine in C that one can read.

>>> import numpy as np
>>> import pylego
>>> model = pylego.Sequential([pylego.layers.Dense(4, "relu"), pylego.layers.Dense(1)])
>>> model.predict(np.zeros((3, 2)), verbose=0).shape
(3, 1)
"""

from pylego import (
    activations,
    callbacks,
    config,
    constraints,
    datasets,
    initializers,
    layers,
    losses,
    metrics,
    models,
    ops,
    optimizers,
    preprocessing,
    random,
    regularizers,
    testing,
    utils,
)
from pylego.autograd import GradientTape, grad, value_and_grad
from pylego.functions import function
from pylego.initializers import Initializer
from pylego.layers import Input, Layer
from pylego.losses import Loss
from pylego.metrics import Metric
from pylego.models import Model, Sequential
from pylego.optimizers import Optimizer
from pylego.regularizers import Regularizer
from pylego.tensor import Tensor
from pylego.variable import Variable

__version__ = "0.1.0"

__all__ = [
    "GradientTape",
    "Initializer",
    "Input",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Optimizer",
    "Regularizer",
    "Sequential",
    "Tensor",
    "Variable",
    "activations",
    "callbacks",
    "config",
    "constraints",
    "datasets",
    "function",
    "grad",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "ops",
    "optimizers",
    "preprocessing",
    "random",
    "regularizers",
    "testing",
    "utils",
    "value_and_grad",
]
