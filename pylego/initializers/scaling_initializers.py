"""Initializers that keep signals at one size through layers: Glorot, He, LeCun.

All draw numbers of variance scale / n, where n counts the inputs of a unit (fan_in), its outputs
(fan_out), or is the mean of both (fan_avg).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pylego import names, random
from pylego.core.tensor import Tensor
from pylego.initializers.initializer import RandomInitializer

_MODES = ("fan_in", "fan_out", "fan_avg")
_DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")
# A standard normal cut at two deviations has this standard deviation.
_CUT_STDDEV = 0.87962566103423978


def compute_fans(
    shape: Sequence[int],
    input_axes: Sequence[int] | None = None,
    output_axes: Sequence[int] | None = None,
) -> tuple[int, int]:
    """Return how many inputs and outputs a unit has whose weights have that shape.

    A kernel of more than two axes is one of a convolution: (*window, inputs, outputs).

    Args:
        shape: of the weights.
        input_axes: the axes that count inputs, where they are others; together with output_axes.
        output_axes: the axes that count outputs.

    >>> compute_fans((784, 10)), compute_fans((3, 3, 16, 32))
    ((784, 10), (144, 288))
    """
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[i] for i in input_axes), math.prod(shape[i] for i in output_axes)
    if len(shape) < 2:
        length = shape[0] if shape else 1
        return length, length
    window = math.prod(shape[:-2])
    return window * shape[-2], window * shape[-1]


class VarianceScaling(RandomInitializer):
    """Draw numbers of mean 0 and variance scale / n.

    Args:
        scale: a positive factor.
        mode: what n is: 'fan_in', 'fan_out' or 'fan_avg'.
        distribution: 'truncated_normal' (cut at two deviations), 'untruncated_normal' or 'uniform'.
        seed: see `RandomInitializer`.
        input_axes: see `compute_fans`.
        output_axes: see `compute_fans`.

    Raises:
        ValueError: for a scale that is not positive, an unknown mode or distribution.

    >>> VarianceScaling(mode="fan_out", seed=1)((2, 3)).shape
    (2, 3)
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ):
        super().__init__(seed)
        if not scale > 0:
            raise ValueError(f"scale must be positive. Received: scale={scale!r}")
        if mode not in _MODES:
            raise names.unknown("mode", mode, _MODES)
        if distribution == "normal":
            distribution = "truncated_normal"
        if distribution not in _DISTRIBUTIONS:
            raise names.unknown("distribution", distribution, _DISTRIBUTIONS)
        self.scale = scale
        self.mode = mode
        self.distribution = distribution
        self.input_axes = input_axes
        self.output_axes = output_axes

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Make the first numbers of a weight of that shape."""
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        stddev = math.sqrt(self.scale / max(n, 1.0))
        if self.distribution == "uniform":
            limit = math.sqrt(3.0) * stddev
            return random.uniform(shape, -limit, limit, dtype=dtype, seed=self.seed)
        if self.distribution == "untruncated_normal":
            return random.normal(shape, 0.0, stddev, dtype=dtype, seed=self.seed)
        return random.truncated_normal(
            shape, 0.0, stddev / _CUT_STDDEV, dtype=dtype, seed=self.seed
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return {
            **super().get_config(),
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }


class _FixedScaling(VarianceScaling):
    """A VarianceScaling with scale, mode and distribution of its own."""

    _fixed: tuple[float, str, str]

    def __init__(
        self,
        seed: Any = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ):
        super().__init__(*self._fixed, seed, input_axes, output_axes)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return {
            **RandomInitializer.get_config(self),
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }


class GlorotUniform(_FixedScaling):
    """Draw uniformly with variance 2 / (fan_in + fan_out) (Glorot, Bengio, AISTATS 2010).

    Args:
        seed: see `RandomInitializer`.
        input_axes: see `compute_fans`.
        output_axes: see `compute_fans`.

    >>> GlorotUniform(seed=1)((2, 3)).shape
    (2, 3)
    """

    _fixed = (1.0, "fan_avg", "uniform")


class GlorotNormal(_FixedScaling):
    """Draw from a cut normal with variance 2 / (fan_in + fan_out) (Glorot, Bengio, AISTATS 2010).

    Args:
        seed: see `RandomInitializer`.
        input_axes: see `compute_fans`.
        output_axes: see `compute_fans`.

    >>> GlorotNormal(seed=1)((2, 3)).shape
    (2, 3)
    """

    _fixed = (1.0, "fan_avg", "truncated_normal")


class HeUniform(_FixedScaling):
    """Draw uniformly with variance 2 / fan_in, for relu (He et al., arXiv 1502.01852).

    Args:
        seed: see `RandomInitializer`.
        input_axes: see `compute_fans`.
        output_axes: see `compute_fans`.

    >>> HeUniform(seed=1)((2, 3)).shape
    (2, 3)
    """

    _fixed = (2.0, "fan_in", "uniform")


class HeNormal(_FixedScaling):
    """Draw from a cut normal with variance 2 / fan_in, for relu (He et al., arXiv 1502.01852).

    Args:
        seed: see `RandomInitializer`.
        input_axes: see `compute_fans`.
        output_axes: see `compute_fans`.

    >>> HeNormal(seed=1)((2, 3)).shape
    (2, 3)
    """

    _fixed = (2.0, "fan_in", "truncated_normal")


class LecunUniform(_FixedScaling):
    """Draw uniformly with variance 1 / fan_in (LeCun et al., "Efficient BackProp", 1998).

    Args:
        seed: see `RandomInitializer`.
        input_axes: see `compute_fans`.
        output_axes: see `compute_fans`.

    >>> LecunUniform(seed=1)((2, 3)).shape
    (2, 3)
    """

    _fixed = (1.0, "fan_in", "uniform")


class LecunNormal(_FixedScaling):
    """Draw from a cut normal with variance 1 / fan_in, for selu (Klambauer et al., NIPS 2017).

    Args:
        seed: see `RandomInitializer`.
        input_axes: see `compute_fans`.
        output_axes: see `compute_fans`.

    >>> LecunNormal(seed=1)((2, 3)).shape
    (2, 3)
    """

    _fixed = (1.0, "fan_in", "truncated_normal")


glorot_normal = GlorotNormal
glorot_uniform = GlorotUniform
he_normal = HeNormal
he_uniform = HeUniform
lecun_normal = LecunNormal
lecun_uniform = LecunUniform
variance_scaling = VarianceScaling
