"""What shape a layer takes, and the sentence for a shape that it does not take."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from pylego import given

Shape = tuple[int | None, ...]


class InputSpec:
    """Say what a layer's input has to look like; the layer refuses the rest.

    Args:
        dtype: of the input, or None for any.
        shape: with None for free lengths, the batch included.
        ndim: exact number of axes.
        max_ndim: most axes.
        min_ndim: fewest axes.
        axes: lengths of certain axes, as {axis: length}; an axis may be negative.
        allow_last_axis_squeeze: whether inputs may lack, or have beyond `shape`, a last axis of
            length 1.
        name: of the input, for a reader.
        optional: whether None may come in its place.

    Raises:
        TypeError: for axes that are not a dictionary with whole numbers as keys.
        ValueError: for an axis beyond the rank that is wanted.

    >>> spec = InputSpec(min_ndim=2, axes={-1: 3})
    >>> spec.check("dense", (5, 4))
    Traceback (most recent call last):
    ValueError: Layer 'dense' expects inputs with 3 numbers along axis -1. Received: shape (5, 4)
    """

    def __init__(
        self,
        dtype: str | None = None,
        shape: Sequence[int | None] | None = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: Mapping[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ):
        self.name = name
        self.optional = optional
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.dtype = dtype
        self.shape: Shape | None = None if shape is None else tuple(shape)
        self.ndim = ndim if shape is None else len(shape)
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.axes = _checked_axes(axes, self.ndim or max_ndim)
        self._lengths = {**dict(enumerate(self.shape or ())), **self.axes}

    def check(self, name: str, shape: Shape, dtype: str | None = None) -> None:
        """Raise ValueError when the layer of that name cannot take inputs of the shape and dtype.

        None in the shape fits any length, and None for the dtype any dtype.
        """
        if self.allow_last_axis_squeeze:
            shape = self._squeezed(shape)
        if not self._fits_rank(len(shape)):
            shape = given.shape(shape)
            wanted = f" of shape {self.shape}" if self.shape else ""
            raise ValueError(
                f"{self._advice(shape)}Layer {name!r} expects inputs{wanted} with {self._ranks()}. "
                f"Received: shape {shape}, {_axes(len(shape))}"
            )
        for axis, length in self._lengths.items():
            if not -len(shape) <= axis < len(shape):
                raise ValueError(
                    f"Layer {name!r} expects inputs with an axis {axis}. Received: shape "
                    f"{given.shape(shape)}"
                )
            if shape[axis] != length and None not in (length, shape[axis]):
                shape = given.shape(shape)
                wanted = f" of shape {self.shape}," if self.shape else ""
                raise ValueError(
                    f"{self._advice(shape)}Layer {name!r} expects inputs{wanted} with {length} "
                    f"numbers along axis {axis}. Received: shape {shape}"
                )
        if dtype != self.dtype and None not in (dtype, self.dtype):
            raise ValueError(
                f"Layer {name!r} expects inputs of dtype {self.dtype}. Received: dtype {dtype}"
            )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        names = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes", "optional")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> InputSpec:
        """Make one from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        given = ", ".join(f"{k}={v}" for k, v in self.get_config().items() if v)
        return f"InputSpec({given})"

    def _squeezed(self, shape: Shape) -> Shape:
        """The shape with a last axis of length 1 more, or less, where that is what is wanted."""
        wanted = self.shape or ()
        if len(shape) == len(wanted) + 1 and shape[-1] == 1:
            return shape[:-1]
        if len(shape) + 1 == len(wanted) and wanted[-1] == 1:
            return (*shape, 1)
        return shape

    def _fits_rank(self, rank: int) -> bool:
        return (
            (self.ndim is None or rank == self.ndim)
            and (self.min_ndim is None or rank >= self.min_ndim)
            and (self.max_ndim is None or rank <= self.max_ndim)
        )

    def _ranks(self) -> str:
        """Say how many axes are wanted."""
        if self.ndim is not None:
            return _axes(self.ndim)
        if self.max_ndim is None:
            return f"at least {_axes(self.min_ndim or 0)}"
        at_least = "" if self.min_ndim is None else f"at least {_axes(self.min_ndim)} and "
        return f"{at_least}at most {_axes(self.max_ndim)}"

    def _advice(self, shape: Shape) -> str:
        """Name the usual slips: x and y exchanged, one sample alone, samples counted in
        input_shape, flat samples."""
        expected = self.shape or (None,) * (self.ndim or self.min_ndim or 0)
        if exchanged := self._exchange_advice():
            return exchanged
        if self.shape is None and len(shape) == 1 and given.y_shape() is not None:
            return "One number per sample is a column: write x[:, None]. "
        targets = given.y_shape()
        is_batch = shape[:1] == (None,) or (targets is not None and targets[:1] == shape[:1])
        single = "" if is_batch else _as_batch(shape, expected[1:], self.shape is not None)
        advice = f"A single sample needs a batch axis: write {single}. " if single else ""
        is_square = expected[1:2] == expected[2:3]  # a picture: no length of it counts samples
        is_counted = self.shape and len(expected) > 2 and _fits(shape[1:], expected[2:])
        if is_counted and not (single and is_square):
            advice += (
                f"The model was told that one sample has shape {expected[1:]}: if {expected[1]} "
                f"counts samples, leave it out: input_shape={expected[2:]}. "
            )
        elif self.shape and not single and _holds_samples(shape, expected[1:]):
            advice = _rearrangement(shape[1:], expected[1:])
        return advice

    def _exchange_advice(self) -> str:
        shape = given.y_shape()
        return (
            f"x and y look exchanged: y has shape {shape}, as x should. "
            if self._takes(shape)
            else ""
        )

    def _takes(self, shape: Shape | None) -> bool:
        """Return whether the inputs could have this shape, of more than one number per sample."""
        if shape is None or math.prod(length or 0 for length in shape[1:]) < 2:
            return False
        return self._fits_rank(len(shape)) and all(
            -len(shape) <= axis < len(shape) and length in (None, shape[axis])
            for axis, length in self._lengths.items()
        )


def _checked_axes(axes: Any, most: int | None) -> dict[int, int | None]:
    try:
        found = {int(axis): length for axis, length in dict(axes or {}).items()}
    except (TypeError, ValueError):
        raise TypeError(
            f"InputSpec: axes is a dictionary {{axis: length}}. Received: axes={axes!r}"
        ) from None
    if most is not None and max(found, default=-1) >= most:
        raise ValueError(
            f"InputSpec: axis {max(found)} is beyond the {_axes(most)} that are wanted. Received: "
            f"axes={axes!r}"
        )
    return found


def _as_batch(shape: Shape, sample: Shape, is_known: bool) -> str:
    """Return what makes a batch of a single sample; '' where the shape is not that of one."""
    if _fits(shape, sample):
        return "x[None]" + (f", or x.reshape{(1, *shape)}" if None not in shape else "")
    if is_known and sample[-1:] == (1,) and _fits(shape, sample[:-1]):
        return f"x[None, ..., None], or x.reshape{(-1, *sample)}"
    if is_known and shape[-1:] == (1,) and _fits(shape[:-1], sample):
        return "x[None, ..., 0]"
    return ""


def _rearrangement(came: Shape, wanted: Shape) -> str:
    """Say how samples get their shape: axes in another order are moved, for a reshape would mix
    the numbers of a picture up."""
    pairs = [axis for axis, length in enumerate(came) if length != 1]
    lengths = [length for length in wanted if length != 1]
    if len(came) != len(wanted) or [came[axis] for axis in pairs] == lengths:
        return f"x.reshape{(-1, *wanted)} makes samples of its numbers. "
    for order in itertools.permutations(range(len(came))):
        if tuple(came[axis] for axis in order) == wanted:
            axes = (0, *(axis + 1 for axis in order))
            return f"The axes are in another order: write x.transpose{axes}. "
    return ""


def _axes(count: int) -> str:
    return f"{count} axis" if count == 1 else f"{count} axes"


def _holds_samples(shape: Shape, sample: Shape) -> bool:
    """Return whether the numbers of each row, or all of them, fill one sample."""
    if None in sample or None in shape[1:]:
        return False
    size = math.prod(sample)  # type: ignore[arg-type]
    return size == math.prod(shape[1:]) or (  # type: ignore[arg-type]
        None not in shape and size == math.prod(shape)  # type: ignore[arg-type]
    )


def _fits(shape: Shape, wanted: Shape) -> bool:
    return len(shape) == len(wanted) and all(
        a is None or b is None or a == b for a, b in zip(shape, wanted)
    )
