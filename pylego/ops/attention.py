"""Attention: each query takes a mean of values, weighted by how well their keys fit it."""

from __future__ import annotations

import math
from typing import Any

from pylego import config
from pylego.core import dtypes
from pylego.core.tensor import Tensor, apply_all
from pylego.ops.activations import softmax, tanh
from pylego.ops.core import cast, convert_to_tensor, where
from pylego.ops.creation import arange
from pylego.ops.linear import matmul
from pylego.ops.logic import logical_and
from pylego.ops.shapes import expand_dims, transpose

__all__ = ["dot_product_attention"]

_FAR_BELOW = -2.4e38  # instead of a masked score: where all are masked, all count the same


def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Tensor:
    """Compute softmax(scale * query @ key.T + bias) @ value for each head.

    Shapes: queries (batch, steps, heads, size), keys (batch, others, groups, size) and values
    (batch, others, groups, size of values) give (batch, steps, heads, size of values). With fewer
    groups than heads, heads that stand side by side share the keys and values of a group (Ainslie
    et al., arXiv 2305.13245).

    Args:
        query: what is asked.
        key: what the queries are compared with.
        value: what comes out, weighted.
        bias: added to the scores; broadcast to (batch, heads, steps, others).
        mask: booleans, broadcast likewise: where it is False, a value does not count. A query for
            which none counts gets the plain mean of all.
        scale: of the scores, 1 / sqrt(size) by default.
        is_causal: whether a step sees only the steps up to its own.
        flash_attention: whether it is computed block by block, so that memory grows with steps
            and others and not with their product (Dao et al., arXiv 2205.14135). Second gradients
            need False. By default `config.is_flash_attention_enabled()`, which is True.
        attn_logits_soft_cap: c keeps scores between -c and c by c * tanh(score / c), before the
            bias is added.

    Raises:
        ValueError: when the shapes do not fit together.

    >>> import numpy as np
    >>> query, key = np.ones((2, 4, 8, 16)), np.ones((2, 6, 8, 16))
    >>> dot_product_attention(query, key, key).shape
    (2, 4, 8, 16)
    """
    query, key, value = map(convert_to_tensor, (query, key, value))
    _check_shapes(query, key, value)
    scale = 1 / math.sqrt(query.shape[3]) if scale is None else scale
    if config.is_flash_attention_enabled() if flash_attention is None else flash_attention:
        options: dict[str, Any] = {"soft_cap": attn_logits_soft_cap, "is_causal": is_causal}
        return blockwise_attention(query, key, value, mask, bias, scale, **options)
    return _attention_by_matrix(
        query, key, value, bias, _seen(mask, is_causal, query, key), scale, attn_logits_soft_cap
    )


_NO_MASK = convert_to_tensor(True)
_NO_BIAS = convert_to_tensor(0.0)
_NO_DRAW = convert_to_tensor([0, 0], "int64")


def blockwise_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Any,
    bias: Any,
    scale: float,
    *,
    is_causal: bool = False,
    soft_cap: float | None = None,
    rate: float = 0.0,
    draw: Any = None,
) -> Tensor:
    """Compute `dot_product_attention` without a stored matrix of scores.

    Args:
        query: as there, as are all that have the same names.
        key: what the queries are compared with.
        value: what comes out.
        mask: which keys count; None for all.
        bias: of the scores; None for none.
        scale: of the scores.
        is_causal: whether a step sees only the steps up to its own.
        soft_cap: of the scores; None for none.
        rate: the share of shares that is dropped.
        draw: the key of what is dropped, as `SeedGenerator.next` returns it.
    """
    inputs = (
        *(query, key, value),
        _NO_MASK if mask is None else _with_an_axis(_as_booleans(mask)),
        _no_bias(query.dtype) if bias is None else _with_an_axis(cast(bias, query.dtype)),
        _NO_DRAW if draw is None else draw,
    )
    return apply_all(
        *("attention", inputs, 3),
        scale=float(scale),
        soft_cap=math.inf if soft_cap is None else float(soft_cap),
        is_causal=int(is_causal),
        rate=float(rate),
    )[0]


def _no_bias(dtype: str) -> Tensor:
    """A 0 that does not widen the result: of halves come halves."""
    return cast(_NO_BIAS, dtype) if dtypes.is_float(dtype) else _NO_BIAS


def _with_an_axis(x: Tensor) -> Tensor:
    """One number says in the engine that there is no mask, or no bias."""
    return x if x.ndim > 0 else x.reshape(1)


def _attention_by_matrix(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    bias: Any,
    seen: Tensor | None,
    scale: float,
    soft_cap: float | None,
) -> Tensor:
    """The same by way of a matrix of scores, which has gradients of any order."""
    steps, others, groups = query.shape[1], key.shape[1], key.shape[2]
    scores = matmul(_by_group(query, groups), transpose(key, (0, 2, 3, 1)))
    scores = _by_head(scores, (query.shape[0], query.shape[2], steps, others))
    kind = scores.dtype
    if dtypes.is_float(kind) and kind not in ("float32", "float64"):
        scores = cast(scores, "float32")
    scores = scores * scale
    if soft_cap is not None:
        scores = tanh(scores / soft_cap) * soft_cap
    if bias is not None:
        scores = scores + cast(bias, scores.dtype)
    if seen is not None:
        scores = where(seen, scores, _FAR_BELOW)
    shares = softmax(scores)
    shares = shares if shares.dtype == kind else cast(shares, kind)
    shares = _by_head(shares, (key.shape[0], groups, -1, others))
    outputs = matmul(shares, transpose(value, (0, 2, 1, 3)))
    outputs = _by_head(outputs, (query.shape[0], query.shape[2], steps, value.shape[3]))
    return transpose(outputs, (0, 2, 1, 3))


def _check_shapes(query: Tensor, key: Tensor, value: Tensor) -> None:
    fit = (
        query.ndim == key.ndim == value.ndim == 4
        and query.shape[0] == key.shape[0] == value.shape[0]
        and query.shape[3] == key.shape[3]
        and key.shape[1:3] == value.shape[1:3]
        and key.shape[2] > 0
        and query.shape[2] % key.shape[2] == 0
    )
    if not fit:
        raise ValueError(
            "dot_product_attention takes queries (batch, steps, heads, size), keys (batch, others, "
            "groups, size) and values (batch, others, groups, any size); heads is a multiple of "
            f"groups. Received: {query.shape}, {key.shape}, {value.shape}"
        )


def _by_group(query: Tensor, groups: int) -> Tensor:
    """Lay out queries as (batch, groups, steps of all heads of the group, size)."""
    batch, _, _, size = query.shape
    return _by_head(transpose(query, (0, 2, 1, 3)), (batch, groups, -1, size))


def _by_head(x: Tensor, shape: tuple[int, int, int, int]) -> Tensor:
    """Give another shape, unless heads and groups are the same."""
    return x if x.shape[1] == shape[1] else x.reshape(shape)


def _as_booleans(mask: Any) -> Tensor:
    mask = convert_to_tensor(mask)
    return mask if mask.dtype == "bool" else cast(mask, "bool")


def _seen(mask: Any, is_causal: bool, query: Tensor, key: Tensor) -> Tensor | None:
    """Which values count for which queries; None for all."""
    mask = None if mask is None else _as_booleans(mask)
    if not is_causal:
        return mask
    causal = expand_dims(arange(query.shape[1]), -1) >= arange(key.shape[1])
    return causal if mask is None else logical_and(mask, causal)
