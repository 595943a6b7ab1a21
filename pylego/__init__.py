"""pylego: a deep-learning framework that speaks Keras and runs on an engine in C that one can read.

>>> import numpy as np
>>> import pylego
>>> model = pylego.Sequential([pylego.layers.Dense(4, "relu"), pylego.layers.Dense(1)])
>>> model.predict(np.zeros((3, 2)), verbose=0).shape
(3, 1)
"""

from __future__ import annotations

from pylego import absent, lazy, tracebacks

__getattr__, __dir__, __all__ = lazy.public(__name__)

__version__ = "0.1.0"

absent.install()
tracebacks.install()
