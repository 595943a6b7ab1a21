"""`np.random.seed(7)` repeats a run, as it did for programs of Keras 1 and 2.

Weights, dropout and the order of rows followed from NumPy's random numbers in those years. While
imports of Keras reach pylego, a seed for NumPy is one for pylego as well.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from pylego import random


def install() -> None:
    """Let NumPy's function pass its seed on."""
    former = np.random.seed

    @functools.wraps(former)
    def seed(seed: Any = None) -> None:
        former(seed)
        if isinstance(seed, (int, np.integer)):
            random.set_global_seed(int(seed))

    np.random.seed = seed


def remove() -> None:
    """Let NumPy's function be what it was."""
    np.random.seed = getattr(np.random.seed, "__wrapped__", np.random.seed)
