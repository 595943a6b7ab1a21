"""Random numbers in further words of `tf.random`: seeds of two numbers, and generators."""

from __future__ import annotations

from typing import Any

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
