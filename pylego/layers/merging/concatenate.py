"""The layer that joins inputs along an axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import checks, ops
from pylego.core.tensor import Tensor
from pylego.layers.merging.base_merge import BaseMerge, Shape, spread


class Concatenate(BaseMerge):
    """Join inputs along an axis; their other lengths are equal.

    Shapes: (batch, a) and (batch, b) give (batch, a + b).

    Where only some inputs have a mask, all steps of the others count.

    Args:
        axis: along which they are joined; the last by default.
        **kwargs: see `Layer`.

    Raises:
        ValueError: when the inputs are not a list, or their shapes do not fit.

    >>> import numpy as np
    >>> Concatenate()([np.array([[1.0, 2.0]]), np.array([[3.0]])]).numpy().tolist()
    [[1.0, 2.0, 3.0]]
    """

    def __init__(self, axis: int = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = checks.whole_number("axis", axis)

    def build(self, input_shape: Any) -> None:
        shapes = self._read_shapes(input_shape)
        self._check_axis(shapes)
        for lengths in zip(*map(self._without_axis, shapes)):
            if len(set(lengths) - {None}) > 1:
                self._refuse_shapes(
                    shapes, f"do not fit: lengths differ along other axes than axis={self.axis}"
                )

    def _check_axis(self, shapes: list[Shape]) -> None:
        ranks = {len(shape) for shape in shapes}
        if len(ranks) > 1:
            self._refuse_shapes(shapes, "do not fit: they have different numbers of axes")
        if not all(-rank <= self.axis < rank for rank in ranks):
            self._refuse_shapes(shapes, f"have no axis={self.axis}")

    def _without_axis(self, shape: Shape) -> Shape:
        axis = self.axis % len(shape)
        return shape[:axis] + shape[axis + 1 :]

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        self._check_list(inputs)
        return ops.concatenate(inputs, axis=self.axis)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        shapes = self._read_shapes(input_shape)
        self._check_axis(shapes)
        lengths = [shape[self.axis] for shape in shapes]
        output_shape = list(shapes[0])
        output_shape[self.axis] = None if None in lengths else sum(lengths)  # type: ignore[arg-type]
        return tuple(output_shape)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the masks joined as the inputs are; None where no input has one."""
        masks = self._read_masks(inputs, mask)
        ranks = [mask.ndim for mask in masks if mask is not None]
        if not ranks:
            return None
        joined = ops.concatenate(
            [_mask_of_elements(mask, x) for mask, x in zip(masks, inputs)], axis=self.axis
        )
        rank = min(max(ranks), joined.ndim - 1)
        return ops.any(joined, axis=tuple(range(rank, joined.ndim)))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}


def _mask_of_elements(mask: Any, x: Tensor) -> Tensor:
    """One boolean for each element of x; without a mask all are True."""
    if mask is None:
        return ops.ones(x.shape, "bool")
    return ops.broadcast_to(spread(ops.cast(mask, "bool"), x), x.shape)


def concatenate(inputs: Sequence[Any], axis: int = -1, **kwargs: Any) -> Any:
    """Join inputs along an axis: `Concatenate(axis, **kwargs)(inputs)`."""
    return Concatenate(axis=axis, **kwargs)(inputs)
