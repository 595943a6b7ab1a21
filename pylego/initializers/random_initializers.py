"""Initializers that draw from one distribution, and random orthogonal matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from pylego import ops, random
from pylego.core.tensor import Tensor
from pylego.initializers.initializer import RandomInitializer


class RandomUniform(RandomInitializer):
    """Draw from the uniform distribution on [minval, maxval).

    Args:
        minval: the lower end.
        maxval: the upper end.
        seed: see `RandomInitializer`.

    >>> bool(ops.all(ops.abs(RandomUniform(seed=1)((100,))) <= 0.05))
    True
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None):
        super().__init__(seed)
        self.minval = minval
        self.maxval = maxval

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Make the first numbers of a weight of that shape."""
        return random.uniform(shape, self.minval, self.maxval, dtype=dtype, seed=self.seed)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


class RandomNormal(RandomInitializer):
    """Draw from the normal distribution.

    Args:
        mean: of the distribution.
        stddev: its standard deviation.
        seed: see `RandomInitializer`.

    >>> RandomNormal(seed=1)((2, 3)).shape
    (2, 3)
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None):
        super().__init__(seed)
        self.mean = mean
        self.stddev = stddev

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Make the first numbers of a weight of that shape."""
        return random.normal(shape, self.mean, self.stddev, dtype=dtype, seed=self.seed)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class TruncatedNormal(RandomNormal):
    """Draw from the normal distribution, and again what lies beyond two standard deviations.

    Args:
        mean: of the distribution.
        stddev: its standard deviation before the cut.
        seed: see `RandomInitializer`.

    >>> bool(ops.all(ops.abs(TruncatedNormal(seed=1)((100,))) <= 0.1))
    True
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Make the first numbers of a weight of that shape."""
        return random.truncated_normal(shape, self.mean, self.stddev, dtype=dtype, seed=self.seed)


class Orthogonal(RandomInitializer):
    """Make a matrix whose rows or columns, whichever are fewer, are orthogonal unit vectors.

    A longer shape is a matrix of all axes but the last by the last (Saxe et al., arXiv 1312.6120).

    Args:
        gain: by which the matrix is multiplied.
        seed: see `RandomInitializer`.

    Raises:
        ValueError: when called for a shape of fewer than two axes.

    >>> w = Orthogonal(seed=1)((3, 2))
    >>> (w.T @ w).numpy().round(4).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """

    def __init__(self, gain: float = 1.0, seed: Any = None):
        super().__init__(seed)
        self.gain = gain

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Make the first numbers of a weight of that shape."""
        if len(shape) < 2:
            raise ValueError(f"Orthogonal needs two axes or more. Received: shape={tuple(shape)}")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        tall = (max(rows, columns), min(rows, columns))
        q, r = np.linalg.qr(random.normal(tall, dtype="float64", seed=self.seed).numpy())
        # QR leaves the signs open; with a positive diagonal every rotation is equally likely.
        q = q * np.where(np.diag(r) < 0, -1.0, 1.0)
        matrix = q if rows >= columns else q.T
        return ops.cast(self.gain * matrix.reshape(shape), dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return {**super().get_config(), "gain": self.gain}


orthogonal = OrthogonalInitializer = Orthogonal
random_normal = RandomNormal
random_uniform = RandomUniform
truncated_normal = TruncatedNormal
