"""pylego: a deep-learning framework that speaks Keras and runs on an engine in C that one can read.

>>> import numpy as np
>>> import pylego
>>> model = pylego.Sequential([pylego.layers.Dense(4, "relu"), pylego.layers.Dense(1)])
>>> model.predict(np.zeros((3, 2)), verbose=0).shape
(3, 1)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pylego import absent, lazy, tracebacks

if TYPE_CHECKING:
    from pylego import (
        activations as activations,
        callbacks as callbacks,
        config as config,
        constraints as constraints,
        datasets as datasets,
        initializers as initializers,
        layers as layers,
        losses as losses,
        metrics as metrics,
        models as models,
        ops as ops,
        optimizers as optimizers,
        preprocessing as preprocessing,
        random as random,
        regularizers as regularizers,
        testing as testing,
        utils as utils,
    )
    from pylego.autograd import (
        GradientTape as GradientTape,
        grad as grad,
        value_and_grad as value_and_grad,
    )
    from pylego.core.tensor import Tensor as Tensor
    from pylego.core.variable import Variable as Variable
    from pylego.initializers import Initializer as Initializer
    from pylego.layers import Input as Input, Layer as Layer
    from pylego.losses import Loss as Loss
    from pylego.metrics import Metric as Metric
    from pylego.models import Model as Model, Sequential as Sequential
    from pylego.optimizers import Optimizer as Optimizer
    from pylego.programs.function import function as function
    from pylego.regularizers import Regularizer as Regularizer
else:
    __getattr__, __dir__, __all__ = lazy.public(
        __name__,
        {
            "GradientTape": ".autograd",
            "Initializer": ".initializers",
            "Input": ".layers",
            "Layer": ".layers",
            "Loss": ".losses",
            "Metric": ".metrics",
            "Model": ".models",
            "Optimizer": ".optimizers",
            "Regularizer": ".regularizers",
            "Sequential": ".models",
            "Tensor": ".core.tensor",
            "Variable": ".core.variable",
            "function": ".programs.function",
            "grad": ".autograd",
            "value_and_grad": ".autograd",
        },
        modules=(
            "activations",
            "callbacks",
            "config",
            "constraints",
            "datasets",
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
        ),
    )

__version__ = "0.1.0"

absent.install()
tracebacks.install()
