"""What NumPy says of an op: its function of that name, or a row of the table here.

What neither has, and what the laws of bricks compare with NumPy, is computed by the op itself on
arrays of float64 and int64.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.core.tree import map_leaves

_erf = np.vectorize(math.erf, otypes=[np.float64])


def _exact(function: Callable) -> Callable:
    """The function of floats, for bools and whole numbers as well."""
    return lambda x, *rest, **named: function(np.asarray(x, np.float64), *rest, **named)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def _relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def _hard_sigmoid(x: np.ndarray) -> np.ndarray:
    return np.clip(x / 6 + 0.5, 0, 1)


def _softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    powers = np.exp(x - x.max(axis, keepdims=True, initial=-99))
    return powers / powers.sum(axis, keepdims=True)


def _elu(x: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def _one_hot(x: np.ndarray, count: int) -> np.ndarray:
    return np.eye(count)[x.astype(int)]


def _logsumexp(x: np.ndarray, axis: Any = None) -> np.ndarray:
    return np.log(np.sum(np.exp(x), axis))


def _normalized(x: np.ndarray, center: bool) -> np.ndarray:
    x = x - x.mean(-1, keepdims=True) if center else x
    return x / np.sqrt(np.mean(x * x, -1, keepdims=True) + 1e-7)


def _top_k(x: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    places = np.argsort(-x.astype(float), kind="stable")[:k]
    return x[places], places


def _of_some(function: Callable) -> Callable:
    """The function, which refuses nothing at all: NumPy makes NaN of it, or refuses it as well."""

    def of_some(x: np.ndarray, *rest: Any, axis: Any) -> np.ndarray:
        along = x.shape if axis is None else np.take(x.shape, axis).ravel()
        if 0 in along:
            raise ValueError("nothing")
        return function(x, *rest, axis=axis)

    return of_some


def _segments(fold: Callable, start: Any) -> Callable:
    def reduced(x: np.ndarray, ids: np.ndarray, num_segments: int) -> list[np.ndarray]:
        return [fold(x[ids == n], initial=start) for n in range(num_segments)]

    return lambda x, ids, num_segments: np.array(reduced(x, ids, num_segments))


def _log_sigmoid(x: np.ndarray) -> np.ndarray:
    return -np.logaddexp(0.0, -x)


def _gelu(x: np.ndarray) -> np.ndarray:
    """The approximation by tanh, which is the default."""
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


OF_FLOATS: dict[str, Callable] = {
    "sigmoid": _sigmoid, "silu": lambda x: x * _sigmoid(x), "swish": lambda x: x * _sigmoid(x),
    "softmax": _softmax, "log_softmax": lambda x, axis: np.log(_softmax(x, axis)),
    "log_sigmoid": _log_sigmoid, "softplus": lambda x: np.logaddexp(0.0, x),
    "softsign": lambda x: x / (1 + np.abs(x)), "gelu": _gelu, "elu": _elu, "celu": _elu,
    "selu": lambda x: 1.05070098735548 * _elu(x, 1.673263242354377),
    "hard_sigmoid": _hard_sigmoid, "hard_silu": lambda x: x * _hard_sigmoid(x),
    "hard_swish": lambda x: x * _hard_sigmoid(x), "tanh_shrink": lambda x: x - np.tanh(x),
    "mish": lambda x: x * np.tanh(np.logaddexp(0.0, x)), "squareplus": lambda x: (
        x + np.sqrt(x * x + 4)) / 2,
    "erf": _erf, "erfc": lambda x: 1 - _erf(x), "rsqrt": lambda x: 1 / np.sqrt(x),
    "logsumexp": _logsumexp, "layer_normalization": lambda x: _normalized(x, True),
    "rms_normalization": lambda x: _normalized(x, False), "norm": lambda x, axis: np.sqrt(
        np.sum(x * x, axis)),
    "reciprocal": lambda x: 1 / x, "soft_shrink": lambda x: np.sign(x) * _relu(np.abs(x) - 0.5),
    "median": _of_some(np.median), "nanmedian": _of_some(np.nanmedian),
    "percentile": _of_some(np.percentile), "nanpercentile": _of_some(np.nanpercentile),
    "quantile": _of_some(np.quantile), "nanquantile": _of_some(np.nanquantile),
    "ldexp": lambda x, j: x * 2.0**j,
    "moments": lambda x, axes: (x.mean(tuple(axes)), x.var(tuple(axes))),
    "sparse_sigmoid": lambda x: np.clip((x + 1) / 2, 0, 1),
}  # fmt: skip
OF_NUMBERS: dict[str, Callable] = {
    "relu": _relu, "relu6": lambda x: np.clip(x, 0, 6), "hard_tanh": lambda x: np.clip(x, -1, 1),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "hard_shrink": lambda x: np.where(np.abs(x) > 0.5, x, 0),
    "threshold": lambda x, least, instead: np.where(x > least, x, instead),
    "divide_no_nan": lambda x, y: np.where(y == 0, 0, np.divide(x, y)), "one_hot": _one_hot,
    "multi_hot": lambda x, count: _one_hot(x, count).max(0), "top_k": _top_k,
    "segment_sum": _segments(np.sum, 0), "segment_prod": _segments(np.prod, 1),
    "inner": lambda x, y: np.inner(x.astype(float), y.astype(float)),
    "cast": lambda x, dtype: x.astype(dtype), "convert_to_tensor": lambda x: x,
    "convert_to_numpy": lambda x: x, "copy": lambda x: x, "stop_gradient": lambda x: x,
    "true_divide": np.divide, "diagonal": np.diagonal,
}  # fmt: skip
# NumPy's functions of these names do something else, or take other arguments.
OF_OUR_OWN = (
    "dtype", "shape", "ndim", "size", "histogram", "split", "round", "arange", "empty_like", "cond",
    "quantile", "select", "unique", "vectorize", "nonzero", "convolve", "average", "digitize",
    "searchsorted", "argpartition", "trapezoid", "unstack", "take", "correlate", "full", "empty",
    "ones", "zeros", "fft", "unravel_index",
    "tri", "eye", "identity", "linspace", "logspace", "geomspace", "conv",
)  # fmt: skip


class _References:
    """Has the functions of `pylego.ops`, of arrays."""

    def __init__(self, package: Any = ops):
        self.package = package

    def __getattr__(self, name: str) -> Any:
        if name == "image":
            return _References(ops.image)
        if name in OF_FLOATS:
            return _exact(OF_FLOATS[name])
        if name in OF_NUMBERS:
            return OF_NUMBERS[name]
        if self.package is ops and hasattr(np, name) and name not in OF_OUR_OWN:
            return _no_halves(getattr(np, name))
        return lambda *args, **kwargs: _as_arrays(getattr(self.package, name)(*args, **kwargs))


def _no_halves(function: Callable) -> Callable:
    """The function, but of bools it makes no float16."""

    def computed(*args: Any, **kwargs: Any) -> Any:
        found = function(*args, **kwargs)
        if str(getattr(found, "dtype", "")) != "float16":
            return found
        return function(*(np.asarray(x, "float64") for x in args), **kwargs)

    return computed


def _as_arrays(results: Any) -> Any:
    return map_leaves(lambda y: y.numpy() if isinstance(y, Tensor) else y, results)


REFERENCES = _References()
