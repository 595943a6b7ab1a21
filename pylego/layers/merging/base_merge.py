"""The base of the layers that make one tensor of several."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any, NoReturn

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.graph.shapes import is_shape
from pylego.layers.layer import Layer

Shape = tuple[int | None, ...]


class BaseMerge(Layer):
    """A layer of a list of inputs that are combined element by element.

    Inputs are broadcast to each other. Where their ranks differ, axes of length 1 are inserted
    behind the batch axis: (batch, c) and (batch, a, b, c) give (batch, a, b, c).

    A subclass defines `_merge`.
    """

    supports_masking = True
    _makes_masks = False
    _count: int | None = None  # how many inputs there are; None: any number from 1 on

    def build(self, input_shape: Any) -> None:
        shapes = self._read_shapes(input_shape)
        self._check_batch(shapes)
        self.compute_output_shape(shapes)

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        self._check_list(inputs)
        rank = max(x.ndim for x in inputs)
        return self._merge([_widened(x, rank) for x in inputs])

    def _merge(self, inputs: list[Tensor]) -> Tensor:
        """Combine inputs of one rank."""
        raise NotImplementedError

    def compute_output_shape(self, input_shape: Any) -> Shape:
        shapes = self._read_shapes(input_shape)
        batches = {shape[0] for shape in shapes if shape} - {None}
        batch = batches.pop() if len(batches) == 1 else None
        try:
            return (batch, *reduce(_broadcast, [shape[1:] for shape in shapes]))
        except ValueError:
            self._refuse_shapes(shapes, "do not fit: lengths must be equal, or 1, or free")

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return where any of the masks is True; None where an input has no mask."""
        masks = self._read_masks(inputs, mask)
        return None if any(mask is None for mask in masks) else reduce(ops.logical_or, masks)

    # ---- what it was given ----

    def _check_list(self, inputs: Any) -> None:
        is_list = isinstance(inputs, (list, tuple)) and len(inputs) > 0
        if not is_list or not all(isinstance(x, Tensor) for x in inputs):
            self._refuse_inputs(f"a {type(inputs).__name__}")
        if self._count not in (None, len(inputs)):
            self._refuse_inputs(f"{len(inputs)} inputs")

    def _read_shapes(self, input_shape: Any) -> list[Shape]:
        is_list = isinstance(input_shape, (list, tuple)) and len(input_shape) > 0
        if not is_list or not all(is_shape(shape) for shape in input_shape):
            self._refuse_inputs(f"the shape {input_shape}")
        if self._count not in (None, len(input_shape)):
            self._refuse_inputs(f"{len(input_shape)} inputs, of shapes {_listed(input_shape)}")
        return [tuple(shape) for shape in input_shape]

    def _read_masks(self, inputs: Any, masks: Any) -> list[Any]:
        """The mask, or None, of each input."""
        if masks is None:
            return [None] * len(inputs)
        for noun, given in (("inputs", inputs), ("masks", masks)):
            if not isinstance(given, (list, tuple)):
                raise ValueError(
                    f"Layer {self.name!r}: compute_mask() takes a list of {noun}. "
                    f"Received: a {type(given).__name__}"
                )
        if len(masks) != len(inputs):
            raise ValueError(
                f"Layer {self.name!r}: compute_mask() takes a mask, or None, for each input. "
                f"Received: {len(masks)} masks for {len(inputs)} inputs"
            )
        return list(masks)

    def _check_batch(self, shapes: Sequence[Shape]) -> None:
        if len({shape[0] for shape in shapes if shape} - {None}) > 1:
            self._refuse_shapes(shapes, "have different batch sizes")

    def _refuse_inputs(self, received: str) -> NoReturn:
        number = "at least 1 input" if self._count is None else f"exactly {self._count} inputs"
        kind = type(self).__name__
        raise ValueError(
            f"Layer {self.name!r} ({kind}) is called on a list of {number}, as in "
            f"{kind}(...)([a, b]). Received: {received}"
        )

    def _refuse_shapes(self, shapes: Sequence[Shape], complaint: str) -> NoReturn:
        raise ValueError(
            f"Layer {self.name!r} ({type(self).__name__}): inputs of shapes {_listed(shapes)} "
            f"{complaint}"
        )


def spread(mask: Any, x: Tensor) -> Any:
    """Give a mask of the first axes of x axes of length 1 for the others; None stays None."""
    return None if mask is None else ops.reshape(mask, mask.shape + (1,) * (x.ndim - mask.ndim))


def _broadcast(one: Shape, other: Shape) -> Shape:
    """Broadcast two shapes without batch axis; a free length stays free."""
    if len(one) < len(other):
        one, other = other, one
    kept = len(one) - len(other)
    return (*one[:kept], *map(_length, one[kept:], other))


def _length(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return None
    if 1 not in (one, other) and one != other:
        raise ValueError
    return other if one == 1 else one


def _widened(x: Tensor, rank: int) -> Tensor:
    if x.ndim == rank:
        return x
    return ops.reshape(x, (*x.shape[:1], *(1,) * (rank - x.ndim), *x.shape[1:]))


def _listed(shapes: Sequence[Any]) -> str:
    *first, last = map(str, shapes)
    return f"{', '.join(first)} and {last}" if first else last
