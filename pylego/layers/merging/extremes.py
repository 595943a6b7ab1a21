"""The greatest and the least of inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers.masks import mask_of
from pylego.layers.merging.base_merge import BaseMerge, spread


class Maximum(BaseMerge):
    """Take the greatest of inputs, element by element; shapes and masks as for `Add`.

    Where the mask of an input is False its numbers do not count.

    Raises:
        ValueError: when the inputs are not a list, or shapes or batch sizes do not fit.

    >>> import numpy as np
    >>> Maximum()([np.array([[1.0, 5.0]]), np.array([[3.0, 4.0]])]).numpy().tolist()
    [[3.0, 5.0]]
    """

    def _merge(self, inputs: list[Tensor]) -> Tensor:
        return _merge_unmasked(ops.maximum, inputs)


class Minimum(BaseMerge):
    """Take the least of inputs, element by element; shapes and masks as for `Maximum`.

    Raises:
        ValueError: when the inputs are not a list, or shapes or batch sizes do not fit.

    >>> import numpy as np
    >>> Minimum()([np.array([[1.0, 5.0]]), np.array([[3.0, 4.0]])]).numpy().tolist()
    [[1.0, 4.0]]
    """

    def _merge(self, inputs: list[Tensor]) -> Tensor:
        return _merge_unmasked(ops.minimum, inputs)


def maximum(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Take the greatest of inputs: `Maximum(**kwargs)(inputs)`."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Take the least of inputs: `Minimum(**kwargs)(inputs)`."""
    return Minimum(**kwargs)(inputs)


def _merge_unmasked(function: Callable, inputs: list[Tensor]) -> Tensor:
    """Combine inputs. Where one is masked, the other takes its place: no single number leaves both
    the greatest and the least unchanged."""
    merged = inputs[0]
    merged_mask = spread(mask_of(merged), merged)
    for x in inputs[1:]:
        mask = spread(mask_of(x), x)
        if mask is not None:
            x = ops.where(mask, x, merged)
        if merged_mask is not None:
            merged = ops.where(merged_mask, merged, x)
        is_masked = mask is not None and merged_mask is not None
        merged_mask = ops.logical_or(merged_mask, mask) if is_masked else None
        merged = function(merged, x)
    return merged
