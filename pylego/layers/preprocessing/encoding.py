"""Indices of categories as the rows that a network reads: one-hot, multi-hot and counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pylego import names, ops
from pylego.core.tensor import Tensor, cast

# Keras 2's words for two modes.
_OLDER_MODES = {"binary": "multi_hot", "tf-idf": "tf_idf"}


def output_mode(name: str, modes: Sequence[str]) -> str:
    """Return the name of a mode as it is today.

    Raises:
        ValueError: for none of `modes`, with the nearest ones.
    """
    mode = _OLDER_MODES.get(name, name) if isinstance(name, str) else name
    if mode not in modes:
        raise names.unknown("output_mode", name, modes)
    return mode


def refuse_sparse(sparse: bool, ragged: bool = False) -> None:
    """Refuse tensors that pylego does not have.

    Raises:
        ValueError: when one of them is asked for.
    """
    if sparse or ragged:
        raise ValueError("pylego has no sparse or ragged tensors: leave sparse and ragged out")


def encode(indices: Tensor, mode: str, depth: int, dtype: str, weights: Any = None) -> Tensor:
    """Turn indices into rows of length `depth`; an index outside of 0 to depth - 1 counts nowhere.

    Shapes: see `encoded_shape`.

    Args:
        indices: whole numbers of any shape.
        mode: 'int' leaves them as they are; 'one_hot' makes a row of each; 'multi_hot' and 'count'
            make a row of each sample, which lies along the last axis.
        depth: how many categories there are.
        dtype: of what comes out.
        weights: for 'count': what each index counts, of the shape of the indices; 1 by default.

    >>> from pylego.ops import convert_to_tensor
    >>> encode(convert_to_tensor([[0, 2, 2]]), "count", 4, "float32").numpy().tolist()
    [[1.0, 0.0, 2.0, 0.0]]
    """
    if mode == "int":
        return cast(indices, dtype)
    if not indices.shape:
        indices = indices.reshape(1)
        if mode == "one_hot":
            return ops.one_hot(indices[0], depth, dtype=dtype)
    if mode == "one_hot":
        is_column = indices.ndim > 1 and indices.shape[-1] == 1
        labels = indices.reshape(indices.shape[:-1]) if is_column else indices
        return ops.one_hot(labels, depth, dtype=dtype)
    found = _counts(cast(indices, "int64"), depth, dtype, weights)
    return cast(found > 0, dtype) if mode == "multi_hot" else found


def _counts(indices: Tensor, depth: int, dtype: str, weights: Any) -> Tensor:
    """The sum of the weights of each index, sample by sample, without a one-hot row for each."""
    rows = math.prod(indices.shape[:-1])
    is_inside = (indices >= 0) & (indices < depth)
    values = cast(is_inside, dtype)
    if weights is not None:
        values = values * cast(ops.convert_to_tensor(weights), dtype)
    first = ops.arange(rows, dtype="int64").reshape((*indices.shape[:-1], 1)) * depth
    places = ops.where(is_inside, indices, 0) + first
    return ops.scatter(places.reshape((-1, 1)), values.reshape(-1), (rows * depth,)).reshape(
        (*indices.shape[:-1], depth)
    )


def encoded_shape(shape: Any, mode: str, depth: int | None) -> tuple[int | None, ...]:
    """Return the shape that `encode` makes of a shape of indices.

    >>> encoded_shape((None, 3), "one_hot", 5), encoded_shape((None, 3), "count", 5)
    ((None, 3, 5), (None, 5))
    """
    shape = tuple(shape)
    if mode == "int":
        return shape
    if mode == "one_hot" and (len(shape) < 2 or shape[-1] != 1):
        return (*shape, depth)
    return (*shape[:-1], depth)
