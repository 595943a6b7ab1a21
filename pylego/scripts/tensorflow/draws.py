"""Random numbers in further words of `tf.random`: seeds of two numbers, and generators."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from pylego import ops, random
from pylego.core.tensor import Tensor
from pylego.scripts.tensorflow import values
from pylego.scripts.tensorflow.pictures import one_seed


def gamma(
    shape: Any, alpha: Any, beta: Any = None, dtype: Any = "float32", seed: Any = None
) -> Tensor:
    """Draw numbers of gamma distributions: `shape` of them for each alpha."""
    alpha = ops.convert_to_tensor(alpha, dtype)
    drawn = random.gamma((*shape, *alpha.shape), alpha, dtype, seed)
    return drawn if beta is None else drawn / beta


def stateless_uniform(
    shape: Any, seed: Any, minval: Any = 0, maxval: Any = None, dtype: Any = "float32"
) -> Tensor:
    """Draw numbers from minval up to maxval, the same ones for the same seed."""
    return values.uniform(shape, minval, maxval, dtype, one_seed(seed))


def stateless_normal(
    shape: Any, seed: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = "float32"
) -> Tensor:
    """Draw numbers of a normal distribution, the same ones for the same seed."""
    return random.normal(shape, mean, stddev, dtype, one_seed(seed))


class Candidates(NamedTuple):
    """Classes that were drawn, and how often they and the true ones were to be expected."""

    sampled_candidates: Tensor
    true_expected_count: Tensor
    sampled_expected_count: Tensor


def log_uniform_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: Any = None,
    name: Any = None,
) -> Candidates:
    """Draw classes, those of small numbers more often: words that are numbered by frequency.

    The probability of a class k is log((k + 2) / (k + 1)) / log(range_max + 1).

    >>> drawn = log_uniform_candidate_sampler([[3]], 1, 4, True, 10, seed=1)
    >>> len(set(drawn.sampled_candidates.numpy().tolist()))
    4
    """
    logs = np.log(np.arange(range_max + 1) + 1.0)
    return _candidates(np.diff(logs) / logs[-1], true_classes, num_sampled, unique, seed)


def uniform_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: Any = None,
    name: Any = None,
) -> Candidates:
    """Draw classes, each with the same probability."""
    shares = np.full(range_max, 1.0 / range_max)
    return _candidates(shares, true_classes, num_sampled, unique, seed)


def _candidates(
    shares: np.ndarray, true_classes: Any, count: int, is_unique: bool, seed: Any
) -> Candidates:
    if is_unique and count > len(shares):
        raise ValueError(f"there are {len(shares)} classes. Received: num_sampled={count}")
    draws = np.random.default_rng(int(random.randint((), 0, 2**31 - 1, seed=seed)))
    drawn: list[int] = []
    tries = 0
    while len(drawn) < count:
        candidate = int(draws.choice(len(shares), p=shares))
        tries += 1
        if not is_unique or candidate not in drawn:
            drawn.append(candidate)
    counts = 1.0 - (1.0 - shares) ** tries if is_unique else shares * count
    true = np.asarray(true_classes)
    found = (np.asarray(drawn, "int64"), *(counts[x].astype("float32") for x in (true, drawn)))
    return Candidates(*map(ops.convert_to_tensor, found))


class Generator:
    """`tf.random.Generator`: draws one number after the other.

    >>> Generator.from_seed(1).normal((2, 3)).shape
    (2, 3)
    """

    def __init__(self, seed: int | None = None):
        self._seeds = random.SeedGenerator(seed)

    @classmethod
    def from_seed(cls, seed: int, alg: Any = None) -> Generator:
        """Make one that draws the same numbers for the same seed."""
        return cls(seed)

    @classmethod
    def from_non_deterministic_state(cls, alg: Any = None) -> Generator:
        """Make one that draws other numbers in each run."""
        return cls()

    def uniform(
        self, shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = "float32"
    ) -> Tensor:
        """Draw numbers from minval up to maxval."""
        return values.uniform(shape, minval, maxval, dtype, self._seeds)

    def normal(
        self, shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = "float32"
    ) -> Tensor:
        """Draw numbers of a normal distribution."""
        return random.normal(shape, mean, stddev, dtype, self._seeds)

    def make_seeds(self, count: int = 1) -> Tensor:
        """Return seeds for stateless functions, a column each."""
        return random.randint((2, count), 0, 2**31 - 1, "int32", self._seeds)
