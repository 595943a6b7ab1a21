"""Masks of outputs: what a mask leaves out counts neither in losses nor in metrics."""

from __future__ import annotations

from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.losses.shapes import same_rank


def masked_weight(y_pred: Any, sample_weight: Any, dtype: str, is_mean: bool = False) -> Any:
    """Return what samples count for, where those count 0 that the mask of the outputs leaves out.

    Args:
        y_pred: outputs, which may carry a mask of shape (batch, ...).
        sample_weight: how much each sample counts, or None.
        dtype: of the weights that are returned.
        is_mean: whether a mean divides by all samples: those that count then count
            (all / those that count) times, so that it is the mean of these.
    """
    mask = getattr(y_pred, "_keras_mask", None)
    if mask is None:
        return sample_weight
    counts = ops.cast(mask, dtype)
    if is_mean:
        counts = counts * (max(mask.size, 1) / ops.maximum(ops.sum(counts), 1.0))
    if sample_weight is None:
        return counts
    weight = _for_each(ops.cast(sample_weight, dtype), counts)
    counts, weight = same_rank(counts, weight)
    return weight * counts


def _for_each(weight: Tensor, counts: Tensor) -> Tensor:
    """A weight per sample counts for all its steps."""
    if 0 < weight.ndim < counts.ndim:
        return ops.reshape(weight, weight.shape + (1,) * (counts.ndim - weight.ndim))
    return weight
