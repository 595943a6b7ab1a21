"""The layer that sums products of two inputs along an axis of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers.merging.base_merge import BaseMerge, Shape


class Dot(BaseMerge):
    """Sum products of two inputs, sample by sample, along an axis of each.

    Shapes: (batch, a, b) and (batch, c, a) give (batch, b, c) for axes=(1, 2); (batch, a) and
    (batch, a) give (batch, 1).

    The output has no mask.

    Args:
        axes: the axis of both inputs, or one for each; not 0, which is the batch axis.
        normalize: whether vectors along the axes are scaled to length 1 first: the output is then
            the cosine of the angle between them.
        **kwargs: see `Layer`.

    Raises:
        TypeError: unless axes is a number or a pair.
        ValueError: for other axes than those of the inputs, and when the lengths that meet differ.

    >>> import numpy as np
    >>> Dot(axes=1)([np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])]).numpy().tolist()
    [[11.0]]
    """

    _count = 2

    def __init__(self, axes: int | Sequence[int], normalize: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        if not isinstance(axes, (int, list, tuple)):
            raise TypeError(
                f"Layer {self.name!r}: axes is an axis or a pair of axes. Received: axes={axes!r}"
            )
        if not isinstance(axes, int) and (
            len(axes) != 2 or not all(isinstance(axis, int) for axis in axes)
        ):
            raise ValueError(
                f"Layer {self.name!r}: axes has one axis for each of the two inputs, such as "
                f"(1, 2). Received: axes={axes!r}"
            )
        self.axes = axes
        self.normalize = normalize

    def build(self, input_shape: Any) -> None:
        self._check_shapes(self._read_shapes(input_shape))

    def _check_shapes(self, shapes: Sequence[Shape]) -> None:
        self._check_batch(shapes)
        first, second = self._places(shapes)
        one, other = shapes[0][first], shapes[1][second]
        if None not in (one, other) and one != other:
            self._refuse_shapes(
                shapes,
                f"do not fit along axes={self.axes}: axis {first} of the first has length {one}, "
                f"axis {second} of the second {other}",
            )

    def _places(self, shapes: Sequence[Shape]) -> list[int]:
        """The axis of each input, counted from the front."""
        axes = [self.axes] * 2 if isinstance(self.axes, int) else self.axes
        if not all(-len(shape) <= axis < len(shape) for axis, shape in zip(axes, shapes)):
            self._refuse_shapes(shapes, f"have no axes={self.axes}")
        places = [axis % len(shape) for axis, shape in zip(axes, shapes)]
        if 0 in places:
            self._refuse_shapes(
                shapes,
                f"cannot be multiplied along axes={self.axes}: axis 0 counts samples. Insert an "
                "axis for a batch of one sample: ops.expand_dims(x, 0)",
            )
        return places

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        self._check_list(inputs)
        shapes = [x.shape for x in inputs]
        self._check_shapes(shapes)
        places = self._places(shapes)
        if self.normalize:
            inputs = [ops.normalize(x, axis=axis) for x, axis in zip(inputs, places)]
        rows, columns = (_as_matrices(x, axis) for x, axis in zip(inputs, places))
        product = ops.matmul(rows, ops.transpose(columns, (0, 2, 1)))
        return ops.reshape(product, self.compute_output_shape(shapes))

    def compute_output_shape(self, input_shape: Any) -> Shape:
        shapes = self._read_shapes(input_shape)
        first, second = self._places(shapes)
        one, other = shapes
        shape = (*_without(one, first), *_without(other, second)[1:])
        return shape if len(shape) > 1 else (*shape, 1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """Return None: the steps of the inputs are not those of the output."""

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axes": self.axes, "normalize": self.normalize}


def dot(inputs: Sequence[Any], axes: int | Sequence[int] = -1, **kwargs: Any) -> Any:
    """Sum products of two inputs along an axis of each: `Dot(axes, **kwargs)(inputs)`."""
    return Dot(axes=axes, **kwargs)(inputs)


def _without(shape: Shape, axis: int) -> Shape:
    return shape[:axis] + shape[axis + 1 :]


def _as_matrices(x: Tensor, axis: int) -> Tensor:
    """Lay out x as (batch, all other axes, axis)."""
    length = x.shape[axis]
    others = _without(x.shape, axis)[1:]
    return ops.reshape(ops.moveaxis(x, axis, -1), (x.shape[0], math.prod(others), length))  # type: ignore[arg-type]
