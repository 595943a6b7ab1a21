"""Random numbers."""

from __future__ import annotations

from typing import Any

from pylego import ops, random
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable

__all__ = [
    "random_bernoulli", "random_binomial", "random_normal", "random_normal_variable",
    "random_uniform", "random_uniform_variable", "truncated_normal",
]  # fmt: skip


def random_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Draw numbers of a normal distribution."""
    return random.normal(shape, mean, stddev, dtype, seed)


def random_uniform(
    shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Draw numbers from minval up to maxval."""
    return random.uniform(shape, minval, maxval, dtype, seed)


def truncated_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Draw numbers of a normal distribution, none further from the mean than 2 deviations."""
    return random.truncated_normal(shape, mean, stddev, dtype, seed)


def random_bernoulli(shape: Any, p: float = 0.0, dtype: Any = None, seed: Any = None) -> Tensor:
    """Draw 1 with the probability p, else 0."""
    drawn = random.uniform(shape, 0.0, 1.0, dtype, seed)
    return ops.where(drawn <= p, ops.ones_like(drawn), ops.zeros_like(drawn))


random_binomial = random_bernoulli


def random_normal_variable(
    shape: Any, mean: float, scale: float, dtype: Any = None, name: Any = None, seed: Any = None
) -> Variable:
    """Return a variable whose numbers are drawn of a normal distribution."""
    return Variable(random.normal(shape, mean, scale, dtype, seed), name=name)


def random_uniform_variable(
    shape: Any, low: float, high: float, dtype: Any = None, name: Any = None, seed: Any = None
) -> Variable:
    """Return a variable whose numbers are drawn from low up to high."""
    return Variable(random.uniform(shape, low, high, dtype, seed), name=name)
