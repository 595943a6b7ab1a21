"""Draws by trial: gamma, beta and binomial numbers, made of uniform and normal ones.

Each function takes the key of one draw, int64 (2,): a seed and the number of a draw. What it draws
besides has numbers from 2^40 on, where no generator counts to.
"""

from __future__ import annotations

import math

import numpy as np

from pylego import engine
from pylego.core.tensor import Tensor, apply
from pylego.ops.activations import sigmoid
from pylego.ops.arithmetic import maximum
from pylego.ops.core import cast, convert_to_tensor, where
from pylego.ops.elementwise import floor, log, sqrt, square
from pylego.ops.indexing import take_along_axis
from pylego.ops.reductions import argmax, sum
from pylego.ops.shapes import broadcast_to, transpose
from pylego.ops.trigonometric import cos

_APART = 2**40
_FLOAT64 = engine.dtype_number("float64")
_TRIALS = 12  # each succeeds in 95 of 100 cases or more: all fail once in 10^15
DRAWS_OF_GAMMA = 3 * _TRIALS + 1  # uniform numbers that one gamma number is made of
_FEW = 15  # trials of a binomial number that are drawn one by one


class _Draws:
    """Draws that belong to one key."""

    def __init__(self, key: Tensor):
        self._key = convert_to_tensor(key)
        self._count = 0

    def _next(self) -> Tensor:
        self._count += 1
        return self._key + np.array([0, self._count * _APART], np.int64)

    def uniform(self, shape: tuple[int, ...]) -> Tensor:
        """Draw from 0 < y < 1."""
        drawn = apply("random_uniform", (self._next(),), shape=shape, low=0.0, high=1.0,
                      dtype=_FLOAT64)  # fmt: skip
        return maximum(drawn, 2.0**-64)

    def normal(self, shape: tuple[int, ...]) -> Tensor:
        return apply("random_normal", (self._next(),), shape=shape, mean=0.0, stddev=1.0,
                     dtype=_FLOAT64)  # fmt: skip


class _DrawsOfRows(_Draws):
    """Draws that are made of uniform numbers, those of a row of its own numbers alone.

    Args:
        numbers: of shape (rows, columns), float64, 0 <= y < 1. Shapes end in (rows, count).
    """

    def __init__(self, numbers: Tensor):
        self._numbers = numbers
        self._taken = 0

    def uniform(self, shape: tuple[int, ...]) -> Tensor:
        *trials, rows, count = shape
        end = self._taken + math.prod(trials) * count
        part = self._numbers[:, self._taken : end].reshape((rows, *trials, count))
        self._taken = end
        return maximum(transpose(part, (1, 0, 2)) if trials else part, 2.0**-64)

    def normal(self, shape: tuple[int, ...]) -> Tensor:
        """Make normal numbers by the method of Box and Muller."""
        length = sqrt(-2.0 * log(self.uniform(shape)))
        return length * cos(2.0 * math.pi * self.uniform(shape))


def log_gamma_of_rows(numbers: Tensor, count: int, alpha: float) -> Tensor:
    """Make logarithms of gamma numbers of uniform ones, row by row: (rows, count), float64.

    Args:
        numbers: of shape (rows, count * DRAWS_OF_GAMMA), float64, 0 <= y < 1.
        count: how many gamma numbers a row has.
        alpha: the shape of the distribution, above 0.
    """
    shape = (numbers.shape[0], count)
    return _log_gamma(_DrawsOfRows(numbers), shape, broadcast_to(cast(alpha, "float64"), shape))


def log_gamma(key: Tensor, shape: tuple[int, ...], alpha: Tensor) -> Tensor:
    """Draw logarithms of gamma numbers, float64: small ones would be 0.

    Args:
        key: of the draw.
        shape: of the result.
        alpha: the shape of the distribution, float64, above 0.
    """
    return _log_gamma(_Draws(key), shape, broadcast_to(alpha, shape))


def _log_gamma(draws: _Draws, shape: tuple[int, ...], alpha: Tensor) -> Tensor:
    """Marsaglia, Tsang: "A simple method for generating gamma variables", 2000.

    With d = a - 1/3, c = 1 / sqrt(9 d), x normal, v = (1 + c x)^3 and u uniform, d v is accepted
    where log(u) < x^2 / 2 + d (1 - v + log(v)). For a < 1 it is a number for a + 1 times u^(1/a).
    """
    is_small = alpha < 1.0
    d = where(is_small, alpha + 1.0, alpha) - 1.0 / 3.0
    x = draws.normal((_TRIALS, *shape))
    v = 1.0 + x / sqrt(9.0 * d)
    v = v * v * v
    log_v = log(where(v > 0.0, v, 1.0))
    bound = 0.5 * square(x) + d * (1.0 - v + log_v)
    is_accepted = (v > 0.0) & (log(draws.uniform((_TRIALS, *shape))) < bound)
    first = cast(argmax(cast(is_accepted, "int32"), axis=0, keepdims=True), "int64")
    found = log(d) + take_along_axis(log_v, first, axis=0).reshape(shape)
    boost = log(draws.uniform(shape)) / alpha
    return where(is_small, found + boost, found)


def beta(key: Tensor, shape: tuple[int, ...], alpha: Tensor, beta: Tensor) -> Tensor:
    """Draw beta numbers, float64: x / (x + y) of two gamma numbers.

    Args:
        key: of the draw.
        shape: of the result.
        alpha: of x, float64, above 0.
        beta: of y, float64, above 0.
    """
    return _beta(_Draws(key), shape, broadcast_to(alpha, shape), broadcast_to(beta, shape))


def _beta(draws: _Draws, shape: tuple[int, ...], alpha: Tensor, beta: Tensor) -> Tensor:
    return sigmoid(_log_gamma(draws, shape, alpha) - _log_gamma(draws, shape, beta))


def binomial(key: Tensor, shape: tuple[int, ...], counts: Tensor, probabilities: Tensor) -> Tensor:
    """Draw binomial numbers, float64.

    The k-th smallest of n uniform numbers is a beta number b, so n is halved (Relles: "A simple
    algorithm for generating binomial random variables when N is large", 1972): where b is at most
    the probability p, k of the n succeed, and of the n - k others each with (p - b) / (1 - b); else
    those k - 1 below it succeed with p / b. A few trials are drawn one by one.

    Args:
        key: of the draw.
        shape: of the result.
        counts: how many trials, float64, whole numbers whose numbers are known.
        probabilities: of success in one trial, float64.
    """
    draws = _Draws(key)
    largest = float(np.max(counts.numpy(), initial=0.0))
    n, p = broadcast_to(counts, shape), broadcast_to(probabilities, shape)
    found = n * 0.0
    while largest > _FEW:
        k = floor((n + 1.0) / 2.0)
        k = where(k < 1.0, 1.0, k)
        b = _beta(draws, shape, k, where(n >= k, n + 1.0 - k, 1.0))
        is_below = (b <= p) & (n > 0.0)
        rest = where(is_below, (p - b) / where(b < 1.0, 1.0 - b, 1.0), p / b)
        found = where(is_below, found + k, found)
        n = where(is_below, n - k, maximum(where(n > 0.0, k - 1.0, 0.0), 0.0))
        p = where(rest < 1.0, maximum(rest, 0.0), 1.0)
        largest = math.floor(largest / 2.0)
    trials = np.arange(_FEW, dtype=np.float64).reshape((_FEW,) + (1,) * len(shape))
    is_success = (draws.uniform((_FEW, *shape)) < p) & (trials < n)
    return found + sum(cast(is_success, "float64"), axis=0)
