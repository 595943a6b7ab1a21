"""The bricks of attention again, in NumPy, with the matrix of scores that they do without."""

from __future__ import annotations

import math
from typing import Any

import chance
import numpy as np
from strategies import Case, Drawer

FAR_BELOW = -1.375 * 2.0**127  # in float32 as well
BOOL = np.dtype(bool)


def cases(d: Drawer) -> Case:
    """Queries, keys, values, mask, bias and the key of a draw; masks of one number hide nothing."""
    batch, steps, others, size, value_size = (d.length() for _ in range(5))
    groups = d.choose((1, 1, 2))
    heads = groups * d.choose((1, 1, 2))
    scores = (batch, heads, steps, others)
    inputs = [
        d.numbers((batch, steps, heads, size), specials=False),
        d.numbers((batch, others, groups, size), specials=False),
        d.numbers((batch, others, groups, value_size), specials=False),
        d.numbers(d.narrowed(scores), dtype=BOOL),
        d.numbers(d.narrowed(scores), specials=False),
        d.integers((2,), 0, 2**40, np.int64),
    ]
    for i in (3, 4):
        if d.flag():
            inputs[i] = np.ones((), inputs[i].dtype)
    attributes = {
        "scale": d.choose((0.3, 1.0, -0.5)),
        "soft_cap": d.choose((math.inf, math.inf, 2.0)),
        "is_causal": d.flag(),
        "rate": d.choose((0.0, 0.0, 0.4, 1.0)),
    }
    return Case(inputs, attributes)


def gradient_cases(d: Drawer) -> Case:
    """The same, with what attention gives and a gradient of it."""
    case = cases(d)
    inputs = [x if x.dtype.kind == "b" else x.astype("float64") for x in case.inputs]
    outputs = attention(*inputs, **case.attributes)
    dy = d.numbers(outputs[0].shape, specials=False)
    case.inputs += [*(y.astype(d.dtype) for y in outputs), dy]
    return Case(case.inputs, {**case.attributes, "has_dscores": d.flag()})


def _by_head(x: np.ndarray, heads: int) -> np.ndarray:
    """(batch, heads, steps, size), with the keys or values of a group for each of its heads."""
    return np.repeat(x, heads // x.shape[2], axis=2).swapaxes(1, 2)


def _seen(mask: np.ndarray, shape: tuple[int, ...], is_causal: int) -> np.ndarray:
    """Where keys count; a mask of one number says nothing."""
    seen = np.broadcast_to(mask if mask.ndim else True, shape)
    causal = np.arange(shape[2])[:, None] >= np.arange(shape[3])
    return seen & causal if is_causal else seen


def _scores(q: np.ndarray, k: np.ndarray, scale: float, soft_cap: float) -> np.ndarray:
    scores = scale * (_by_head(q, q.shape[2]) @ _by_head(k, q.shape[2]).swapaxes(-1, -2))
    return scores if math.isinf(soft_cap) else soft_cap * np.tanh(scores / soft_cap)


def _masked_scores(
    inputs: tuple[np.ndarray, ...], scale: float, soft_cap: float, is_causal: int
) -> tuple[np.ndarray, np.ndarray]:
    q, k, _, mask, bias = inputs
    scores = _scores(q, k, scale, soft_cap)
    seen = _seen(mask, scores.shape, is_causal)
    return np.where(seen, scores + (bias if bias.ndim else 0), FAR_BELOW), seen


def _kept(draw: np.ndarray, shape: tuple[int, ...], rate: float) -> Any:
    return chance.dropout(np.ones(shape), draw, rate, ()) if rate else 1.0


def attention(*inputs: np.ndarray, scale: float, soft_cap: float, is_causal: int, rate: float):
    """The means of values, the largest score of each query, and the sum of its powers."""
    scores, _ = _masked_scores(inputs[:5], scale, soft_cap, is_causal)
    largest = scores.max(-1, initial=-np.inf)
    powers = np.exp(scores - np.where(np.isinf(largest), 0, largest)[..., None])
    sums = powers.sum(-1)
    kept = powers / np.where(sums == 0, 1, sums)[..., None] * _kept(inputs[5], scores.shape, rate)
    outputs = kept @ _by_head(inputs[2], scores.shape[1])
    return [outputs.swapaxes(1, 2), largest, sums]


def _by_group(dx: np.ndarray, groups: int) -> np.ndarray:
    """The sum of what the heads of a group say, laid out as keys are."""
    batch, heads, others, size = dx.shape
    return dx.reshape(batch, groups, heads // groups, others, size).sum(2).swapaxes(1, 2)


def attention_gradient(
    *inputs: np.ndarray,
    scale: float,
    soft_cap: float,
    is_causal: int,
    rate: float,
    has_dscores: int,
) -> list[np.ndarray]:
    """dq, dk, dv, and the gradient of the scores with their bias."""
    q, k, v, _, _, draw, y, largest, sums, dy = inputs
    heads, groups = q.shape[2], k.shape[2]
    scores, seen = _masked_scores(inputs[:5], scale, soft_cap, is_causal)
    shares = np.exp(scores - largest[..., None]) / sums[..., None]
    kept = _kept(draw, scores.shape, rate)
    dy, y = _by_head(dy, heads), _by_head(y, heads)
    dshares = kept * (dy @ _by_head(v, heads).swapaxes(-1, -2))
    dscores = np.where(seen, shares * (dshares - (dy * y).sum(-1, keepdims=True)), 0)
    dv = (kept * shares).swapaxes(-1, -2) @ dy
    slope = 1 if math.isinf(soft_cap) else 1 - (_scores(q, k, scale, soft_cap) / soft_cap) ** 2
    products = scale * slope * dscores
    dq = products @ _by_head(k, heads)
    dk = products.swapaxes(-1, -2) @ _by_head(q, heads)
    return [
        *(dq.swapaxes(1, 2), _by_group(dk, groups), _by_group(dv, groups)),
        dscores if has_dscores else np.zeros(0),
    ]
