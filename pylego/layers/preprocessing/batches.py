"""What `adapt` reads: one array, or batches, one after another."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from pylego.core.tensor import Tensor


def batches_of(data: Any, steps: int | None = None) -> Iterator[Any]:
    """Yield the batches of what a layer adapts to.

    Args:
        data: an array, a list of numbers or texts, a list of arrays, or anything that yields
            batches; of a batch (x, y) or (x, y, sample_weight) only x is read.
        steps: how many batches are read; all by default. An array is a single one.

    Raises:
        TypeError: for what yields nothing.

    >>> [batch.tolist() for batch in batches_of([np.zeros(1), np.ones(2)])]
    [[0.0], [1.0, 1.0]]
    """
    if is_table(data):
        yield data
        return
    if isinstance(data, (str, bytes)) or not isinstance(data, Iterable):
        raise TypeError(
            "adapt takes an array, a list, or something that yields batches. Received: "
            f"{data!r} of type {type(data).__name__}"
        )
    for batch in itertools.islice(data, steps):
        yield batch[0] if _has_targets(batch) else batch


def is_table(data: Any) -> bool:
    """Return whether data are one array, or a list that becomes one, and not batches."""
    if isinstance(data, (list, tuple)):
        return not (data and all(_is_array(x) or _has_targets(x) for x in data))
    return hasattr(data, "__array__")


def _has_targets(batch: Any) -> bool:
    return isinstance(batch, tuple) and bool(batch) and _is_array(batch[0])


def _is_array(x: Any) -> bool:
    return isinstance(x, Tensor) or (hasattr(x, "__array__") and np.ndim(x) > 0)
