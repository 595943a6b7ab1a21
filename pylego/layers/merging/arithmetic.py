"""Sums, differences, products and means of inputs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers.masks import mask_of
from pylego.layers.merging.base_merge import BaseMerge, spread


class Add(BaseMerge):
    """Add inputs element by element: the end of a residual block.

    Inputs are broadcast to each other; axes of length 1 are inserted behind the batch axis where
    ranks differ. If all inputs have a mask, a step of the output counts if it does in any of them.

    Raises:
        ValueError: when the inputs are not a list, or shapes or batch sizes do not fit.

    >>> import numpy as np
    >>> Add()([np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])]).numpy().tolist()
    [[4.0, 6.0]]
    """

    def _merge(self, inputs: list[Tensor]) -> Tensor:
        return reduce(ops.add, inputs)


class Subtract(BaseMerge):
    """Subtract the second of two inputs from the first; shapes and masks as for `Add`.

    Raises:
        ValueError: unless there are two inputs, whose shapes and batch sizes fit.

    >>> import numpy as np
    >>> Subtract()([np.array([[3.0, 4.0]]), np.array([[1.0, 2.0]])]).numpy().tolist()
    [[2.0, 2.0]]
    """

    _count = 2

    def _merge(self, inputs: list[Tensor]) -> Tensor:
        return ops.subtract(*inputs)


class Multiply(BaseMerge):
    """Multiply inputs element by element; shapes as for `Add`.

    Where the mask of an input is False its numbers count as 1. If all inputs have a mask, the
    output is 0 where all of them are False.

    Raises:
        ValueError: when the inputs are not a list, or shapes or batch sizes do not fit.

    >>> import numpy as np
    >>> Multiply()([np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])]).numpy().tolist()
    [[3.0, 8.0]]
    """

    def _merge(self, inputs: list[Tensor]) -> Tensor:
        masks = [spread(mask_of(x), x) for x in inputs]
        product = reduce(
            ops.multiply,
            [x if mask is None else ops.where(mask, x, 1) for x, mask in zip(inputs, masks)],
        )
        if any(mask is None for mask in masks):
            return product
        return ops.where(reduce(ops.logical_or, masks), product, 0)


class Average(BaseMerge):
    """Average inputs element by element; shapes and masks as for `Add`.

    Raises:
        ValueError: when the inputs are not a list, or shapes or batch sizes do not fit.

    >>> import numpy as np
    >>> Average()([np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])]).numpy().tolist()
    [[2.0, 3.0]]
    """

    def _merge(self, inputs: list[Tensor]) -> Tensor:
        return reduce(ops.add, inputs) / len(inputs)


def add(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Add inputs: `Add(**kwargs)(inputs)`."""
    return Add(**kwargs)(inputs)


def subtract(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Subtract the second of two inputs from the first: `Subtract(**kwargs)(inputs)`."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Multiply inputs: `Multiply(**kwargs)(inputs)`."""
    return Multiply(**kwargs)(inputs)


def average(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Average inputs: `Average(**kwargs)(inputs)`."""
    return Average(**kwargs)(inputs)
