"""The one table of what NumPy says: a row for each brick of the registry.

A new brick needs a row here, or the laws fail by its name. A row says how its inputs are drawn,
what NumPy computes of them, and what comes out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import attention
import cases
import chance
import numpy as np
import pictures
import pooling
import recurrent
from strategies import Case, Drawer

INTEGERS = ("uint8", "int32", "int64")
FLOATS = ("float32", "float64")
NUMBERS = (*INTEGERS, *FLOATS)
ALL = ("bool", *NUMBERS)  # in the order of engine.DTYPES: attributes hold their numbers


@dataclass(frozen=True)
class Row:
    """What the laws know of a brick.

    Args:
        reference: what NumPy computes of (*inputs, **attributes).
        case: draws inputs and attributes.
        dtypes: what is drawn for the first input. Where types is 'p', bool is refused if it is not
            among them.
        types: how the inputs' dtypes are brought together, one letter for each input, the last for
            all that follow: p to the common one, w the same but bools to int32, f the same and at
            least float32, b to bool, i to int64, . as it is.
        result: the dtype that comes out, or one for each output: 'same' as the first input that is
            p, w or f, or else '.', 'sum' (that, but bool becomes int32, and uint8 uint32),
            'attribute' (what that says), or a name.
        order: how often it can be differentiated; 0 where differences say nothing.
        is_smooth: whether differences may be taken at these inputs, which stay 1e-4 away from
            corners and jumps.
        is_wide: whether NumPy computes in float64 before float32 is compared.
        follows_memory: whether terms are added in the order in which they lie in memory, so that
            the last bit of a view's result may differ from that of its copy.
        targets: how many outputs have a gradient, the first ones; the others are kept for it.
        misfit: inputs and attributes that must be refused.
    """

    reference: Callable[..., Any]
    case: Callable[[Drawer], Case]
    dtypes: tuple[str, ...] = NUMBERS
    types: str = "p"
    result: str = "same"
    order: int = 2
    is_smooth: Callable[..., bool] = lambda *inputs, **attributes: True
    is_wide: bool = True
    follows_memory: bool = False
    targets: int | None = None
    misfit: Case | None = None


def _gap(*pairs: tuple[Any, Any]) -> bool:
    return all(np.all(np.abs(a - b) > 1e-4) for a, b in pairs)


def _misfit(*shapes: tuple[int, ...], **attributes: Any) -> Case:
    return Case([np.ones(shape, np.float32) for shape in shapes], attributes)


BROADCAST_MISFIT = _misfit((2, 3), (4,))
OF_CELLS = {"activation": 1, "is_reversed": 0, "zero_masked": 0}
OF_GATES = {**OF_CELLS, "recurrent_activation": 2}
_HEADS = [np.ones((1, 2, 1, 3))] * 3 + [np.ones((), bool), np.ones(()), np.zeros(2, np.int64)]
_ATTENTION = {"scale": 1.0, "soft_cap": math.inf, "is_causal": 0, "rate": 0.0}
WINDOW = {"size": (2,), "strides": (1,), "before": (0,), "after": (0,)}


# ---- what NumPy has no name for -------------------------------------------------------------


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def _slope_of_sigmoid(x: np.ndarray) -> np.ndarray:
    return _sigmoid(x) * _sigmoid(-x)


_normal_cdf = np.vectorize(lambda x: math.erfc(-x * math.sqrt(0.5)) / 2, otypes=[np.float64])


def _logit(x: np.ndarray) -> np.ndarray:
    """Of the sigmoid that is near to the normal distribution function."""
    return math.sqrt(8 / math.pi) * (x + 0.044715 * x**3.0)


def _gated(gate: Callable) -> Row:
    """At -infinity, where the gate is 0, the result is 0."""
    return _elementary(lambda x: np.maximum(x, -1000.0) * gate(x))


def _gated_slope(gate: Callable, slope: Callable) -> Row:
    """At both infinities the slope of the gate is 0, and x times it, too."""

    def slope_of(x: np.ndarray) -> np.ndarray:
        x = np.clip(x, -1000.0, 1000.0)
        return gate(x) + x * slope(x)

    return _elementary(slope_of)


def _bent(reference: Callable) -> Row:
    return Row(
        reference, cases.bent, dtypes=ALL, types="f", misfit=BROADCAST_MISFIT,
        is_smooth=lambda a, b: _gap((a, 0)),
    )  # fmt: skip


def _away_from(*corners: float) -> Callable:
    return lambda x: _gap(*((x, corner) for corner in corners))


def _sum_to(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    x = x.sum(axis=tuple(range(x.ndim - len(shape))))
    return x.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1 != x.shape[i]), keepdims=True)


def _sort(x: np.ndarray, axis: int, descending: int, count: int) -> list[np.ndarray]:
    """NaN is the largest; equal numbers stay in their order, also where the largest is first."""
    if descending:
        places = x.shape[axis] - 1 - np.flip(np.argsort(np.flip(x, axis), axis, "stable"), axis)
    else:
        places = np.argsort(x, axis, "stable")
    places = np.take(places, range(count), axis)
    return [np.take_along_axis(x, places, axis), places.astype(np.int32)]


def _cumsum(x: np.ndarray, axis: int, reverse: int) -> np.ndarray:
    return np.flip(np.cumsum(np.flip(x, axis), axis), axis) if reverse else np.cumsum(x, axis)


def _matmul(a: np.ndarray, b: np.ndarray, transpose_a: int, transpose_b: int) -> np.ndarray:
    a = a.swapaxes(-1, -2) if transpose_a else a
    return np.matmul(a, b.swapaxes(-1, -2) if transpose_b else b)


def _slices(begin: tuple, shape: tuple, step: tuple) -> tuple:
    """The places begin, begin + step, ..., as many as the shape says; ends may lie before 0."""
    return np.ix_(*(b + s * np.arange(n) for b, n, s in zip(begin, shape, step)))


def _unslice(x: np.ndarray, shape: tuple, begin: tuple, step: tuple) -> np.ndarray:
    y = np.zeros(shape, x.dtype)
    y[_slices(begin, x.shape, step)] = x
    return y


def _slice_update(x: np.ndarray, updates: np.ndarray, begin: tuple) -> np.ndarray:
    y = x.copy()
    y[_slices(begin, updates.shape, (1,) * x.ndim)] = updates
    return y


def _pad(x: np.ndarray, before: tuple, after: tuple, value: float) -> np.ndarray:
    return np.pad(x, list(zip(before, after)), constant_values=value) if x.ndim else x


def _add_along_axis(indices: np.ndarray, updates: np.ndarray, axis: int, size: int) -> np.ndarray:
    shape = list(updates.shape)
    shape[axis] = size
    wide = np.zeros(shape, np.float64 if updates.dtype.kind == "f" else updates.dtype)
    places = list(np.indices(indices.shape))
    places[axis] = indices
    np.add.at(wide, tuple(places), updates)
    return wide.astype(updates.dtype)


def _scatter_add(indices: np.ndarray, updates: np.ndarray, axis: int, size: int) -> np.ndarray:
    axis %= updates.ndim - indices.ndim + 1
    front = np.moveaxis(updates, range(axis, axis + indices.ndim), range(indices.ndim))
    y = np.zeros((size, *front.shape[indices.ndim :]), updates.dtype)
    np.add.at(y, indices, front)
    return np.moveaxis(y, 0, axis)


def _subtract_rows(
    variable: np.ndarray, x: np.ndarray, rate: np.ndarray, indices: np.ndarray, updates: np.ndarray
) -> np.ndarray:
    return x - _scatter_add(indices, updates, 0, len(x)) * rate.reshape(())


def _one_hot(labels: np.ndarray, classes: int, dtype: int) -> np.ndarray:
    return labels[..., None] == np.arange(classes)


def _log_sum_exp(x: np.ndarray, axis: int, keepdims: int) -> np.ndarray:
    largest = x.max(axis, keepdims=True)
    sums = largest + np.log(np.exp(x - largest).sum(axis, keepdims=True))
    return sums if keepdims else sums.squeeze(axis)


def _log_softmax(x: np.ndarray, axis: int) -> np.ndarray:
    if x.size == 0:
        return x
    shifted = x - x.max(axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis, keepdims=True))


def _probabilities(output: np.ndarray) -> np.ndarray:
    return np.clip(output, 1e-7, 1.0 - 1e-7)


def _binary(target: np.ndarray, output: np.ndarray, from_logits: int) -> np.ndarray:
    if from_logits:
        return np.maximum(output, 0) - output * target + np.log1p(np.exp(-np.abs(output)))
    p = _probabilities(output)
    return -(target * np.log(p) + (1 - target) * np.log(1 - p))


def _class_logs(output: np.ndarray, from_logits: int, axis: int) -> np.ndarray:
    if from_logits:
        return _log_softmax(output, axis)
    return np.log(_probabilities(output / output.sum(axis, keepdims=True)))


def _categorical(t: np.ndarray, output: np.ndarray, from_logits: int, axis: int) -> np.ndarray:
    return -(t * _class_logs(output, from_logits, axis)).sum(axis)


def _sparse(labels: np.ndarray, output: np.ndarray, from_logits: int, axis: int) -> np.ndarray:
    logs = _class_logs(output, from_logits, axis)
    return -np.take_along_axis(logs, np.expand_dims(labels, axis), axis).squeeze(axis)


# A convolution and its gradients are one sum of products x[n, i, g, c] kernel[t, c, g, f]
# y[n, o, g, f] without one of the three, over all places where they meet: on each spatial axis the
# input i = output o * stride + tap t * dilation - before. Here are the letters of three axes.
_INPUTS, _OUTPUTS, _TAPS = "ijk", "opq", "stu"


def _meetings(inputs: int, outputs: int, taps: int, *window: int) -> np.ndarray:
    stride, dilation, before, _ = window
    o, t, i = np.ogrid[:outputs, :taps, :inputs]
    return (o * stride + t * dilation - before == i).astype(float)


def _in_groups(x: np.ndarray, groups: int) -> np.ndarray:
    return x.reshape(*x.shape[:-1], groups, x.shape[-1] // groups)


def _without(
    missing: str, a: np.ndarray, b: np.ndarray, lengths: list[tuple], groups: int, **window: tuple
) -> np.ndarray:
    """a and b are the other two; lengths: the inputs, the outputs and the taps of all axes."""
    axes = len(lengths[0])
    letters = {
        "x": f"n{_INPUTS[:axes]}gc",
        "kernel": f"{_TAPS[:axes]}cgf",
        "y": f"n{_OUTPUTS[:axes]}gf",
    }
    result = letters.pop(missing)
    meet = [f"{_OUTPUTS[i]}{_TAPS[i]}{_INPUTS[i]}" for i in range(axes)]
    tables = [_meetings(*axis) for axis in zip(*lengths, *window.values())]
    terms = ",".join([*letters.values(), *meet])
    pair = (_in_groups(a, groups), _in_groups(b, groups))
    y = np.einsum(f"{terms}->{result}", *pair, *tables, optimize=True)
    return y.reshape(*y.shape[:-2], y.shape[-2] * y.shape[-1])


def _conv(x: np.ndarray, kernel: np.ndarray, groups: int, **window: tuple) -> np.ndarray:
    taps = kernel.shape[:-2]
    outputs = [
        (length + before + after - (n - 1) * far - 1) // stride + 1
        for length, n, stride, far, before, after in zip(x.shape[1:-1], taps, *window.values())
    ]
    return _without("y", x, kernel, [x.shape[1:-1], outputs, taps], groups, **window)


def _conv_input_gradient(
    dy: np.ndarray, kernel: np.ndarray, groups: int, lengths: tuple, **window: tuple
) -> np.ndarray:
    all_lengths = [lengths, dy.shape[1:-1], kernel.shape[:-2]]
    return _without("x", kernel, dy, all_lengths, groups, **window)


def _conv_kernel_gradient(
    x: np.ndarray, dy: np.ndarray, groups: int, lengths: tuple, **window: tuple
) -> np.ndarray:
    all_lengths = [x.shape[1:-1], dy.shape[1:-1], lengths]
    return _without("kernel", x, dy, all_lengths, groups, **window)


def _centered_sums(g: np.ndarray, x: np.ndarray, c: np.ndarray) -> list[np.ndarray]:
    axes = tuple(i for i, n in enumerate(c.shape) if n == 1 != x.shape[i])
    return [y.sum(axes, keepdims=True) for y in (g, g * (x - c))]


def _moments(x: np.ndarray, axes: tuple[int, ...]) -> list[np.ndarray]:
    return [x.mean(axes, keepdims=True), x.var(axes, keepdims=True)]


def _normalize_lines(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, axis: int, is_centered: int, epsilon: float
) -> list[np.ndarray]:
    axes = tuple(range(axis % x.ndim, x.ndim))
    mean = x.mean(axes, keepdims=True)
    mean = mean if is_centered else np.zeros_like(mean)
    factor = (((x - mean) ** 2).mean(axes, keepdims=True) + epsilon) ** -0.5
    return [(x - mean) * factor * gamma + beta, mean, factor]


def _normalize_lines_gradient(
    dy: np.ndarray, x: np.ndarray, gamma: np.ndarray, mean: np.ndarray, r: np.ndarray,
    axis: int, is_centered: int,
) -> list[np.ndarray]:  # fmt: skip
    axis %= x.ndim
    in_line, lines = tuple(range(axis, x.ndim)), tuple(range(axis))
    f, c = dy * gamma, x - mean
    t = (f * c).mean(in_line, keepdims=True)
    shift = -r * f.mean(in_line, keepdims=True) if is_centered else 0.0
    return [r * f + (c * -(r**3 * t) + shift), (dy * (c * r)).sum(lines), dy.sum(lines)]


def _is_whole(x: np.ndarray) -> bool:
    return bool(np.any(np.abs(x - np.round(x)) < 1e-4))


# ---- families -------------------------------------------------------------------------------


def _elementary(reference: Callable, low: float = -3.0, high: float = 3.0, **info: Any) -> Row:
    """Fractions come out, whatever goes in."""
    return Row(reference, cases.unary(low, high), dtypes=ALL, types="f", **info)


def _comparison(reference: Callable) -> Row:
    return Row(reference, cases.pair, dtypes=ALL, result="bool", order=0, misfit=BROADCAST_MISFIT)


def _logic(reference: Callable) -> Row:
    return Row(
        reference, cases.pair, dtypes=ALL, types="b", result="bool", order=0,
        misfit=BROADCAST_MISFIT,
    )  # fmt: skip


def _bitwise(reference: Callable, case: Callable, dtypes: tuple[str, ...], types: str = "p") -> Row:
    return Row(reference, case, dtypes=dtypes, types=types, order=0, misfit=BROADCAST_MISFIT)


def _reduction(reference: Callable, case: Callable = cases.reduced, **info: Any) -> Row:
    def reduce(x: np.ndarray, axes: tuple[int, ...], keepdims: int) -> Any:
        return reference(x, axis=axes, keepdims=bool(keepdims))

    misfit = _misfit((2, 3), axes=(2,), keepdims=0)
    return Row(reduce, case, **{"dtypes": ALL, "types": ".", "misfit": misfit, **info})


def _length(x: np.ndarray, axis: tuple[int, ...], keepdims: bool) -> np.ndarray:
    return np.sqrt(np.square(x).sum(axis=axis, keepdims=keepdims))


def _place_of(reference: Callable) -> Row:
    def find(x: np.ndarray, axis: int, keepdims: int) -> Any:
        return reference(x, axis=axis, keepdims=bool(keepdims))

    misfit = _misfit((2, 0), axis=1, keepdims=0)
    return Row(find, cases.found, dtypes=ALL, types=".", result="int32", order=0, misfit=misfit)


def _draw(reference: Callable, case: Callable, **parameters: Any) -> Row:
    """What is drawn is known exactly; the key must have shape (2,)."""
    misfit = Case([np.zeros(3, np.int64)], {"shape": (2,), **parameters, "dtype": 2})
    return Row(reference, case, dtypes=("int64",), types="i", result="attribute", order=0,
               misfit=misfit)  # fmt: skip


def _convolution(reference: Callable, case: Callable, *misfit: tuple, **lengths: Any) -> Row:
    window = {"strides": (1,), "dilation": (1,), "before": (0,), "after": (0,), "groups": 1}
    return Row(reference, case, dtypes=FLOATS, types="f",
               misfit=_misfit(*misfit, **window, **lengths))  # fmt: skip


# ---- the table ------------------------------------------------------------------------------

ROWS: dict[str, Row] = {
    # making
    "full": Row(
        lambda shape, value, dtype: np.full(shape, value),
        cases.filled, types=".", result="attribute", order=0,
        misfit=_misfit(shape=(2, -1), value=0, dtype=4),
    ),
    "arange": Row(
        lambda start, step, count, dtype: start + step * np.arange(count, dtype=np.float64),
        cases.counted, types=".", result="attribute", order=0,
        misfit=_misfit(start=0, step=1, count=-1, dtype=4),
    ),
    "eye": Row(
        lambda rows, columns, k, dtype: np.eye(rows, columns, k), cases.on_a_diagonal, types=".",
        result="attribute", order=0, misfit=_misfit(rows=-1, columns=2, k=0, dtype=4),
    ),
    "copy": Row(lambda x: x, cases.unary(), dtypes=ALL, types="."),
    "cast": Row(
        lambda x, dtype: x, cases.converted, dtypes=ALL, types=".", result="attribute",
        misfit=_misfit((2,), dtype=99),
    ),
    "assign": Row(
        lambda variable, value: value, cases.assigned, dtypes=ALL, types=".", order=0,
        misfit=_misfit((2,), (3,)),
    ),
    # arithmetic
    "add": Row(np.add, cases.pair, dtypes=ALL, misfit=BROADCAST_MISFIT),
    "subtract": Row(np.subtract, cases.pair, misfit=BROADCAST_MISFIT),
    "multiply": Row(np.multiply, cases.pair, dtypes=ALL, misfit=BROADCAST_MISFIT),
    "divide": Row(
        np.divide, cases.divided, dtypes=ALL, types="f", misfit=BROADCAST_MISFIT
    ),
    "lerp": Row(
        lambda a, b, c: a + c * (b - a), cases.clipped, types="f", misfit=_misfit((2, 3), (4,), ())
    ),
    "power": Row(np.power, cases.raised, types="w", misfit=BROADCAST_MISFIT),
    "maximum": Row(
        np.maximum, cases.pair, dtypes=ALL, misfit=BROADCAST_MISFIT,
        is_smooth=lambda a, b: _gap((a, b)),
    ),
    "minimum": Row(
        np.minimum, cases.pair, dtypes=ALL, misfit=BROADCAST_MISFIT,
        is_smooth=lambda a, b: _gap((a, b)),
    ),
    "floor_divide": Row(
        np.floor_divide, cases.divided, types="w", misfit=BROADCAST_MISFIT, is_wide=False,
        is_smooth=lambda a, b: not _is_whole(a / b),
    ),
    "mod": Row(
        np.mod, cases.divided, types="w", misfit=BROADCAST_MISFIT, is_wide=False,
        is_smooth=lambda a, b: not _is_whole(a / b),
    ),
    "logaddexp": Row(
        np.logaddexp, cases.pair, dtypes=ALL, types="f", misfit=BROADCAST_MISFIT
    ),
    # elementary
    "negative": Row(np.negative, cases.unary()),
    "absolute": Row(np.abs, cases.unary(), dtypes=ALL, is_smooth=lambda x: _gap((x, 0))),
    "sign": Row(np.sign, cases.unary(), is_smooth=lambda x: _gap((x, 0))),
    "square": Row(np.square, cases.unary(), dtypes=ALL, types="w"),
    "relu": Row(
        lambda x: np.maximum(x, np.zeros_like(x)), cases.unary(), dtypes=ALL, types="w",
        is_smooth=lambda x: _gap((x, 0)),
    ),
    "round": Row(np.round, cases.unary(), is_smooth=lambda x: not _is_whole(x + 0.5)),
    "floor": _elementary(np.floor, is_smooth=lambda x: not _is_whole(x)),
    "ceil": _elementary(np.ceil, is_smooth=lambda x: not _is_whole(x)),
    "sqrt": _elementary(np.sqrt, 0.2, 4.0),
    "rsqrt": _elementary(lambda x: 1 / np.sqrt(x), 0.2, 4.0),
    "reciprocal": _elementary(np.reciprocal, 0.2, 4.0),
    "exp": _elementary(np.exp),
    "exp2": _elementary(np.exp2),
    "expm1": _elementary(np.expm1),
    "log": _elementary(np.log, 0.2, 4.0),
    "log2": _elementary(np.log2, 0.2, 4.0),
    "log10": _elementary(np.log10, 0.2, 4.0),
    "log1p": _elementary(np.log1p, -0.8, 4.0),
    "sin": _elementary(np.sin),
    "cos": _elementary(np.cos),
    "tan": _elementary(np.tan, -1.0, 1.0),
    "arcsin": _elementary(np.arcsin, -0.9, 0.9),
    "arccos": _elementary(np.arccos, -0.9, 0.9),
    "arctan": _elementary(np.arctan),
    "arctan2": Row(
        np.arctan2, cases.divided, dtypes=ALL, types="f", misfit=BROADCAST_MISFIT
    ),
    "sinh": _elementary(np.sinh),
    "cosh": _elementary(np.cosh),
    "arcsinh": _elementary(np.arcsinh),
    "arccosh": _elementary(np.arccosh, 1.2, 4.0),
    "arctanh": _elementary(np.arctanh, -0.9, 0.9),
    "tanh": _elementary(np.tanh),
    "sigmoid": _elementary(_sigmoid),
    "softplus": _elementary(lambda x: np.logaddexp(x, 0)),
    "erf": _elementary(np.vectorize(math.erf, otypes=[np.float64])),
    # gates, gated activations and their slopes
    "normal_cdf": _elementary(_normal_cdf),
    "tanh_normal_cdf": _elementary(lambda x: _sigmoid(_logit(x))),
    "gelu": _gated(_normal_cdf),
    "gelu_slope": _gated_slope(
        _normal_cdf, lambda x: np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
    ),
    "tanh_gelu": _gated(lambda x: _sigmoid(_logit(x))),
    "tanh_gelu_slope": _gated_slope(
        lambda x: _sigmoid(_logit(x)),
        lambda x: _slope_of_sigmoid(_logit(x)) * math.sqrt(8 / math.pi) * (1 + 0.134145 * x * x),
    ),
    "silu": _gated(_sigmoid),
    "silu_slope": _gated_slope(_sigmoid, _slope_of_sigmoid),
    "mish": _gated(lambda x: np.tanh(np.logaddexp(x, 0))),
    "mish_slope": _gated_slope(
        lambda x: np.tanh(np.logaddexp(x, 0)),
        lambda x: _sigmoid(x) * (1 - np.tanh(np.logaddexp(x, 0)) ** 2),
    ),
    # activations with corners
    "relu6": _elementary(lambda x: np.clip(x, 0, 6), -9.0, 9.0, is_smooth=_away_from(0, 6)),
    "hard_sigmoid": _elementary(
        lambda x: np.clip(x + 3, 0, 6) / 6, -5.0, 5.0, is_smooth=_away_from(-3, 3)
    ),
    "hard_silu": _elementary(
        lambda x: np.maximum(x, -1000.0) * np.clip(x + 3, 0, 6) / 6, -5.0, 5.0,
        is_smooth=_away_from(-3, 3),
    ),
    "hard_silu_slope": _elementary(
        lambda x: np.where(abs(x) > 3, x > 0, (2 * x + 3) / 6), -5.0, 5.0,
        is_smooth=_away_from(-3, 3),
    ),
    "leaky_relu": _bent(lambda a, b: np.where(a < 0, a * b, a)),
    "elu": _bent(lambda a, b: np.where(a > 0, a, b * np.expm1(np.minimum(a, 0)))),
    "celu": _bent(lambda a, b: np.where(a > 0, a, b * np.expm1(np.minimum(a, 0) / b))),
    "selu": _elementary(
        lambda x: 1.0507009873554805
        * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0))),
        is_smooth=_away_from(0),
    ),
    "softsign": _elementary(
        lambda x: np.clip(x, -1e30, 1e30) / (1 + abs(np.clip(x, -1e30, 1e30))),
        is_smooth=_away_from(0),
    ),
    "log_sigmoid": _elementary(lambda x: -np.logaddexp(-x, 0)),
    # logic
    "equal": _comparison(np.equal),
    "not_equal": _comparison(np.not_equal),
    "greater": _comparison(np.greater),
    "greater_equal": _comparison(np.greater_equal),
    "less": _comparison(np.less),
    "less_equal": _comparison(np.less_equal),
    "logical_and": _logic(np.logical_and),
    "logical_or": _logic(np.logical_or),
    "logical_xor": _logic(np.logical_xor),
    "logical_not": Row(
        np.logical_not, cases.unary(), dtypes=ALL, types="b", result="bool", order=0
    ),
    # bit by bit
    "bitwise_and": _bitwise(np.bitwise_and, cases.pair, ("bool", *INTEGERS)),
    "bitwise_or": _bitwise(np.bitwise_or, cases.pair, ("bool", *INTEGERS)),
    "bitwise_xor": _bitwise(np.bitwise_xor, cases.pair, ("bool", *INTEGERS)),
    "left_shift": _bitwise(np.left_shift, cases.shifted, INTEGERS, "w"),
    "right_shift": _bitwise(np.right_shift, cases.shifted, INTEGERS, "w"),
    "isnan": Row(np.isnan, cases.unary(), dtypes=ALL, types=".", result="bool", order=0),
    "isinf": Row(np.isinf, cases.unary(), dtypes=ALL, types=".", result="bool", order=0),
    "isfinite": Row(np.isfinite, cases.unary(), dtypes=ALL, types=".", result="bool", order=0),
    "where": Row(
        np.where, cases.chosen, dtypes=ALL, types="bp",
        misfit=_misfit((2, 3), (2, 3), (4,)),
    ),
    "clip": Row(
        np.clip, cases.clipped, types="w", misfit=_misfit((2, 3), (4,), ()),
        is_smooth=lambda x, low, high: _gap((x, low), (x, high), (low, high)),
    ),
    # reductions
    "sum": _reduction(np.sum, result="sum", follows_memory=True),
    "mean": _reduction(
        np.mean, types="f", follows_memory=True, is_smooth=lambda x, **_: x.size > 0
    ),
    "prod": _reduction(np.prod, cases.reduced_few, result="sum", follows_memory=True),
    "max": _reduction(np.max, cases.compared),
    "min": _reduction(np.min, cases.compared),
    "any": _reduction(np.any, types="b", result="bool", order=0),
    "all": _reduction(np.all, types="b", result="bool", order=0),
    "count_nonzero": _reduction(np.count_nonzero, result="int32", order=0),
    "norm": _reduction(
        _length, types="f", follows_memory=True,
        is_smooth=lambda x, **attributes: bool((_length(x, attributes["axes"], False) > 0.1).all()),
    ),
    "argmax": _place_of(np.argmax),
    "argmin": _place_of(np.argmin),
    "sum_to": Row(
        _sum_to, cases.summed_to, dtypes=ALL, types=".", result="sum", follows_memory=True,
        misfit=_misfit((2, 3), shape=(2, 2))
    ),
    "logsumexp": Row(
        _log_sum_exp, cases.summed_along, dtypes=ALL, types="f",
        misfit=_misfit((2, 0), axis=1, keepdims=0),
    ),
    "cumsum": Row(
        _cumsum, cases.scanned, types=".", misfit=_misfit((2, 3), axis=2, reverse=0)
    ),
    "sort": Row(
        _sort, cases.sorted_along, dtypes=ALL, types=".", result="same int32", targets=1,
        misfit=_misfit((2, 3), axis=1, descending=0, count=4),
    ),
    # layout
    "reshape": Row(
        lambda x, shape: x.reshape(shape), cases.reshaped, dtypes=ALL, types=".",
        misfit=_misfit((2, 3), shape=(4, -1)),
    ),
    "transpose": Row(
        lambda x, axes: x.transpose(axes), cases.transposed, dtypes=ALL, types=".",
        misfit=_misfit((2, 3), axes=(0, 0)),
    ),
    "slice": Row(
        lambda x, begin, shape, step: x[_slices(begin, shape, step)],
        cases.sliced, dtypes=ALL, types=".",
        misfit=_misfit((3,), begin=(1,), shape=(3,), step=(1,)),
    ),
    "unslice": Row(
        _unslice, cases.unsliced, dtypes=ALL, types=".",
        misfit=_misfit((3,), shape=(3,), begin=(1,), step=(1,)),
    ),
    "slice_update": Row(
        _slice_update, cases.updated, dtypes=ALL, types=".",
        misfit=_misfit((3,), (2,), begin=(2,)),
    ),
    "broadcast_to": Row(
        np.broadcast_to, cases.spread, dtypes=ALL, types=".", misfit=_misfit((2, 3), shape=(2, 4))
    ),
    # assembly
    "concatenate": Row(
        lambda *xs, axis: np.concatenate(xs, axis), cases.joined, dtypes=ALL,
        misfit=_misfit((2, 3), (2, 4), axis=0),
    ),
    "stack": Row(
        lambda *xs, axis: np.stack(xs, axis), cases.stacked, dtypes=ALL,
        misfit=_misfit((2, 3), (2, 4), axis=0),
    ),
    "split": Row(
        lambda x, sections, axis: np.split(x, sections, axis), cases.parted, dtypes=ALL, types=".",
        misfit=_misfit((2, 3), sections=2, axis=1),
    ),
    "pad": Row(
        _pad, cases.padded, dtypes=ALL, types=".",
        misfit=_misfit((2, 3), before=(1,), after=(1,), value=0),
    ),
    # more than once, or further on
    "repeat": Row(
        lambda x, repeats, axis: np.repeat(x, repeats, axis), cases.repeated, dtypes=ALL,
        types=".", misfit=_misfit((2, 3), repeats=-1, axis=0),
    ),
    "tile": Row(
        lambda x, repeats: np.tile(x, repeats), cases.tiled, dtypes=ALL, types=".",
        misfit=_misfit((2, 3), repeats=(1, -1)),
    ),
    "roll": Row(
        lambda x, shifts: np.roll(x, shifts, tuple(range(x.ndim))) if x.ndim else x,
        cases.rolled, dtypes=ALL, types=".", misfit=_misfit((2, 3), shifts=(1,)),
    ),
    "tril": Row(np.tril, cases.triangular, dtypes=ALL, types=".", misfit=_misfit((2,), k=0)),
    "triu": Row(np.triu, cases.triangular, dtypes=ALL, types=".", misfit=_misfit((2,), k=0)),
    # selection
    "take": Row(
        lambda x, indices, axis: np.take(x, indices, axis), cases.taken, dtypes=ALL, types=".i",
        misfit=Case([np.ones(3), np.array([3])], {"axis": 0}),
    ),
    "scatter_add": Row(
        _scatter_add, cases.scattered_to, types="i.",
        misfit=Case([np.array([3]), np.ones(1)], {"axis": 0, "size": 3}),
    ),
    "subtract_rows": Row(
        _subtract_rows, cases.subtracted_from, dtypes=FLOATS, types="...i.", order=0,
        misfit=Case([np.ones((3, 2)), np.ones((3, 2)), np.array(0.1), np.array([3]),
                     np.ones((1, 2))]),
    ),
    "take_along_axis": Row(
        lambda x, indices, axis: np.take_along_axis(x, indices, axis), cases.taken_along,
        dtypes=ALL, types=".i", misfit=Case([np.ones(3), np.array([3])], {"axis": 0}),
    ),
    "add_along_axis": Row(
        _add_along_axis, cases.added_along, types="i.",
        misfit=Case([np.array([3]), np.ones(1)], {"axis": 0, "size": 3}),
    ),
    "one_hot": Row(
        _one_hot, cases.labelled, dtypes=INTEGERS, types="i", result="attribute", order=0,
        misfit=Case([np.array([0])], {"classes": -1, "dtype": 4}),
    ),
    # products, softmax, cross-entropies
    "matmul": Row(
        _matmul, cases.multiplied,
        misfit=_misfit((2, 3), (2, 3), transpose_a=0, transpose_b=0),
    ),
    "softmax": Row(
        lambda x, axis: np.exp(_log_softmax(x, axis)), cases.along_axis, dtypes=ALL, types="f",
        misfit=_misfit((2, 3), axis=2),
    ),
    "log_softmax": Row(
        _log_softmax, cases.along_axis, dtypes=ALL, types="f", misfit=_misfit((2, 3), axis=2)
    ),
    "binary_crossentropy": Row(
        _binary, cases.binary, dtypes=FLOATS, types="f", misfit=_misfit((2,), (3,), from_logits=0)
    ),
    "categorical_crossentropy": Row(
        _categorical, cases.categorical, dtypes=FLOATS, types="f",
        misfit=_misfit((2, 3), (2, 4), from_logits=0, axis=-1),
    ),
    "sparse_categorical_crossentropy": Row(
        _sparse, cases.sparse, dtypes=FLOATS, types="if",
        misfit=Case([np.array([3]), np.ones((1, 3))], {"from_logits": 0, "axis": -1}),
    ),
    # convolutions
    "conv": _convolution(_conv, cases.convolved, (1, 4, 2), (5, 2, 3)),
    "conv_input_gradient": _convolution(
        _conv_input_gradient, cases.convolved_back_to_input, (1, 4, 3), (2, 2, 3), lengths=(4,)
    ),
    "conv_kernel_gradient": _convolution(
        _conv_kernel_gradient, cases.convolved_back_to_kernel, (1, 4, 2), (1, 4, 3), lengths=(2,)
    ),
    # chance
    "random_uniform": _draw(chance.uniform, cases.drawn_evenly, low=0.0, high=1.0),
    "random_normal": _draw(chance.normal, cases.drawn_normally, mean=0.0, stddev=1.0),
    "truncated_normal": _draw(chance.truncated_normal, cases.drawn_normally, mean=0.0, stddev=1.0),
    "random_integers": _draw(chance.integers, cases.drawn_whole, low=0, high=9),
    "dropout": Row(
        chance.dropout, cases.dropped, dtypes=FLOATS, types="fi",
        misfit=Case([np.ones(3), np.zeros(2, np.int64)], {"rate": 1.5, "noise_shape": ()}),
    ),
    "uniform_rows": Row(
        chance.uniform_rows, cases.drawn_by_rows, dtypes=("int64",), types="i",
        result="attribute", order=0,
        misfit=Case([np.zeros(3, np.int64)], {"columns": 2, "dtype": 4}),
    ),
    # attention
    "attention": Row(
        attention.attention, attention.cases, dtypes=FLOATS, types="fffbfi", order=0,
        misfit=Case(_HEADS, {**_ATTENTION, "rate": 1.5}),
    ),
    "attention_gradient": Row(
        attention.attention_gradient, attention.gradient_cases, dtypes=FLOATS, types="fffbfif",
        order=0, misfit=Case([*_HEADS, *[np.ones(3)] * 4], {**_ATTENTION, "has_dscores": 0}),
    ),
    # images
    "affine": Row(
        pictures.affine, cases.sampled, types="fi",
        misfit=Case([np.ones((2, 3, 3, 1)), np.ones((2, 2), np.int64)],
                    {"size": (2, 2), "is_bilinear": 0, "fill_mode": 0, "fill_value": 0.0}),
    ),
    "affine_adjoint": Row(
        pictures.affine_adjoint, cases.unsampled, types="fi",
        misfit=Case([np.ones((2, 3, 3, 1)), np.ones((2, 2, 3), np.int64)],
                    {"size": (2, 2), "is_bilinear": 0, "fill_mode": 9}),
    ),
    # pooling and resizing
    "max_pool": Row(
        pooling.max_pool, cases.pooled, result="same uint8",
        dtypes=ALL, types=".", misfit=_misfit((1, 1, 1), **WINDOW),
    ),
    "max_pool_gradient": Row(
        pooling.max_pool_gradient, cases.pooled_back, types=".f",
        misfit=Case([np.zeros((1, 2, 1), np.int32), np.ones((1, 2, 1))],
                    {"shape": (1, 3, 1), **WINDOW}),
    ),
    "max_pool_gather": Row(
        pooling.max_pool_gather, cases.pooled_alike, types=".f",
        misfit=Case([np.zeros((1, 3, 1), np.uint8), np.ones((1, 3, 1))], WINDOW),
    ),
    "average_pool": Row(
        pooling.average_pool, cases.averaged,
        dtypes=ALL, types="f", misfit=_misfit((3, 1), **WINDOW),
    ),
    "average_pool_gradient": Row(
        pooling.average_pool_gradient, cases.averaged_back, types="f",
        misfit=_misfit((1, 3, 1), shape=(1, 3, 1), **WINDOW),
    ),
    "resize": Row(
        pooling.resize, cases.resized, dtypes=ALL, types=".",
        misfit=_misfit((0, 3), axis=0, size=2, method=0, antialias=0),
    ),
    "resize_gradient": Row(
        pooling.resize_gradient, cases.resized_back, types="f",
        misfit=_misfit((2, 3), axis=1, size=0, method=1, antialias=0),
    ),
    # normalization
    "normalize": Row(
        lambda x, mean, scale, shift: (x - mean) * scale + shift, cases.normalized, dtypes=ALL,
        types="f", misfit=_misfit((2, 3), (1, 2), (1, 2), (1, 2)),
    ),
    "centered_sums": Row(
        _centered_sums, cases.summed_about, dtypes=ALL, types="f",
        misfit=_misfit((2, 3), (2, 3), (2, 2)),
    ),
    "normalize_lines": Row(
        _normalize_lines, cases.normalized_lines, dtypes=ALL, types="f",
        misfit=_misfit((2, 3), (2,), (), axis=1, is_centered=1, epsilon=0.1),
    ),
    "normalize_lines_gradient": Row(
        _normalize_lines_gradient, cases.normalized_back, dtypes=ALL, types="f",
        misfit=_misfit((2, 3), (2, 3), (3,), (2, 1), (2,), axis=1, is_centered=1),
    ),
    "moments": Row(
        _moments, cases.measured, dtypes=ALL, types="f", misfit=_misfit((2, 3), axes=(2,)),
        is_smooth=lambda x, **_: x.size > 0,
    ),
    "simple_rnn": Row(
        recurrent.simple_rnn, recurrent.forward("simple_rnn"), dtypes=FLOATS, types="fffb",
        order=1, misfit=_misfit((2, 5, 3), (3, 3), (2, 4), (0,), **OF_CELLS),
    ),
    "gru": Row(
        recurrent.gru, recurrent.forward("gru"), dtypes=FLOATS, types="ffffb", order=1, targets=2,
        misfit=_misfit((2, 5, 9), (3, 9), (8,), (2, 3), (0,), **OF_GATES, keeps_gates=1),
    ),
    "gru_reset_before": Row(
        recurrent.gru_reset_before, recurrent.forward("gru_reset_before"), dtypes=FLOATS,
        types="fffb", order=1, targets=2,
        misfit=_misfit((2, 5, 9), (3, 9), (2, 4), (0,), **OF_GATES, keeps_gates=1),
    ),
    "lstm": Row(
        recurrent.lstm, recurrent.forward("lstm"), dtypes=FLOATS, types="ffffb", order=1,
        targets=3, misfit=_misfit((2, 5, 12), (3, 12), (2, 3), (2, 3), (2, 4), **OF_GATES,
                                  keeps_gates=1),
    ),
    "simple_rnn_gradient": Row(
        recurrent.simple_rnn_gradient, recurrent.backward("simple_rnn"), dtypes=FLOATS,
        types="ffbf", order=0,
        misfit=_misfit((3, 3), (2, 3), (0,), (2, 5, 3), (0,), (2, 4), **OF_CELLS),
    ),
    "gru_gradient": Row(
        recurrent.gru_gradient, recurrent.backward("gru"), dtypes=FLOATS, types="ffbf", order=0,
        misfit=_misfit((3, 9), (2, 3), (0,), (2, 5, 3), (5, 3, 2, 3), (0,), (0,), **OF_GATES),
    ),
    "gru_reset_before_gradient": Row(
        recurrent.gru_reset_before_gradient, recurrent.backward("gru_reset_before"),
        dtypes=FLOATS, types="ffbf", order=0,
        misfit=_misfit((3, 9), (2, 3), (0,), (2, 5, 3), (5, 3, 2, 3), (0,), (0,), **OF_GATES),
    ),
    "lstm_gradient": Row(
        recurrent.lstm_gradient, recurrent.backward("lstm"), dtypes=FLOATS, types="fffbf", order=0,
        misfit=_misfit((3, 12), (2, 3), (2, 3), (0,), (2, 5, 3), (5, 4, 2, 3), (0,), (0,), (0,),
                       (0,), **OF_GATES),
    ),
}  # fmt: skip
