"""pylego: a deep-learning framework that speaks Keras and runs on an engine in C that one can read."""

from pylego import (
    config,
    datasets,
    ops,
    random,
    testing,
    utils,
)
from pylego.autograd import GradientTape, grad, value_and_grad
from pylego.tensor import Tensor
from pylego.variable import Variable

__version__ = "0.1.0"

__all__ = [
    "GradientTape",
    "Tensor",
    "Variable",
    "config",
    "datasets",
    "grad",
    "ops",
    "random",
    "testing",
    "utils",
    "value_and_grad",
]
