"""Check gradients: for whoever builds a layer, a loss or a brick of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pylego import lazy, ops
from pylego.autograd import GradientTape
from pylego.core import dtypes
from pylego.core.tensor import Tensor


def check_gradients(
    f: Callable,
    inputs: Sequence[Any],
    *,
    order: int = 1,
    step: float = 1e-5,
    rtol: float = 1e-5,
    atol: float = 1e-7,
    seed: int = 0,
) -> None:
    """Compare the gradients of f with differences of its values.

    With random weights w and, for one input after the other, a random direction v, the derivative
    of s(x) = sum(w f(x)) along v is taken in two ways, in float64: as sum(v ds/dx) from the
    backward pass, and as (s(x + h v) - s(x - h v)) / 2h.

    Args:
        f: a function of tensors that returns a tensor or several.
        inputs: numbers for each of its arguments. Floats are differentiated (choose them away from
            corners of f), integers and booleans are handed on as they are.
        order: 2 checks the gradients of the gradients as well.
        step: h.
        rtol: how far the two may differ, as a share of sum |v ds/dx|.
        atol: how far they may differ in any case.
        seed: of the weights and directions.

    Raises:
        AssertionError: when they differ; it says by which input, what was expected and what came.
        TypeError: when f gives no floats.

    >>> check_gradients(lambda x: x * x * x, [[1.0, 2.0, 3.0]], order=2)
    >>> check_gradients(lambda x: x * ops.stop_gradient(x), [[1.0, 2.0]])
    Traceback (most recent call last):
    AssertionError: the gradient by input 0 of shape (2,) is wrong: along a random direction ...
    """
    arrays = [_in_float64(x) for x in inputs]
    generator = np.random.default_rng(seed)
    for depth in range(order):
        weights = [_random(generator, y.shape) for y in _outputs(f, arrays)]
        gradients = _gradients_of(f, weights)
        slopes = dict(zip(_floats(arrays), gradients(*map(ops.convert_to_tensor, arrays))))
        for place, slope in slopes.items():
            direction = _random(generator, arrays[place].shape)
            terms = slope.numpy() * direction
            expected = _difference(f, arrays, weights, place, step * direction) / (2 * step)
            allowed = atol + rtol * float(np.abs(terms).sum())
            _compare("gradient of the " * depth, place, arrays[place], expected, terms, allowed)
        f = gradients


def _in_float64(x: Any) -> np.ndarray:
    array = np.array(ops.convert_to_numpy(x))
    return array.astype(np.float64) if dtypes.is_float(array.dtype.name) else array


def _random(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return np.asarray(generator.standard_normal(shape))


def _floats(arrays: Sequence[Any]) -> list[int]:
    """Which inputs are differentiated."""
    return [place for place, array in enumerate(arrays) if array.dtype == "float64"]


def _outputs(f: Callable, inputs: Sequence[Any]) -> list[Tensor]:
    result = f(*map(ops.convert_to_tensor, inputs))
    outputs = [result] if isinstance(result, Tensor) else list(result)
    floats = [y for y in outputs if dtypes.is_float(y.dtype)]
    if not floats:
        raise TypeError(f"only floats have gradients; f gave {[y.dtype for y in outputs]}")
    return floats


def _weighted_sum(f: Callable, inputs: Sequence[Any], weights: list[np.ndarray]) -> Tensor:
    total = ops.convert_to_tensor(0.0, "float64")
    for y, weight in zip(_outputs(f, inputs), weights):
        total = total + ops.sum(y * weight)
    return total


def _gradients_of(f: Callable, weights: list[np.ndarray]) -> Callable:
    """The function that gives the gradients of sum(weights f) by the inputs that are floats."""

    def gradients(*inputs: Tensor) -> list[Tensor]:
        sources = [inputs[place] for place in _floats(inputs)]
        with GradientTape() as tape:
            tape.watch(sources)
            total = _weighted_sum(f, inputs, weights)
        return tape.gradient(total, sources, unconnected_gradients="zero")

    return gradients


def _difference(
    f: Callable, arrays: list[np.ndarray], weights: list[np.ndarray], place: int, shift: np.ndarray
) -> float:
    """sum(weights f) at x + shift, less what it is at x - shift."""
    before, after = list(arrays), list(arrays)
    # Sums of arrays without axes are not arrays any more, but Python's numbers.
    before[place] = np.asarray(arrays[place] - shift)
    after[place] = np.asarray(arrays[place] + shift)
    # Summed at the end: the difference of two long sums would have lost its last digits.
    pairs = zip(_outputs(f, after), _outputs(f, before), weights)
    return float(sum(np.sum((y.numpy() - x.numpy()) * weight) for y, x, weight in pairs))


def _compare(
    kind: str, place: int, array: np.ndarray, expected: float, terms: np.ndarray, allowed: float
) -> None:
    got = float(terms.sum())
    if not abs(got - expected) <= allowed:  # NaN differs from everything
        raise AssertionError(
            f"the {kind}gradient by input {place} of shape {array.shape} is wrong: along a random "
            f"direction the values of f say {expected:.10g}, the backward pass {got:.10g}; they "
            f"may differ by {allowed:.2g}"
        )


if not TYPE_CHECKING:
    __getattr__ = lazy.refuse_others(__name__)
