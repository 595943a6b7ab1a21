"""What the tables call beside the functions of `ops`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from pylego import ops, random
from pylego.backend.phases import dropout as dropped
from pylego.core.tensor import Tensor
from pylego.core.text_array import Text, holds_texts, text_array

__all__ = [
    "TopK", "as_image", "banded", "center_of", "confusion", "cut_anywhere", "cut_out", "drawn",
    "dropped", "filled",
    "flipped", "inner", "known_shape", "mask_of", "padded", "parted", "standardized",
    "steps_between", "to", "total", "turned", "whole", "with_contrast",
]  # fmt: skip


def filled(value: Any, dtype: Any = None, shape: Any = None) -> Any:
    """Make a tensor of numbers, repeated where a shape says so; texts are an array."""
    if holds_texts(value):
        return text_array(value) if np.ndim(value) else Text(value)
    made = ops.convert_to_tensor(value, dtype)
    if shape is None:
        return made
    return ops.reshape(made, shape) if made.ndim else ops.broadcast_to(made, shape)


def to(x: Any, dtype: Any) -> Any:
    """Convert to a dtype."""
    return ops.cast(x, dtype)


def whole(lengths: Any) -> Any:
    """Lengths that were computed in floats, as `tf.math.ceil` does, are whole numbers."""
    if not isinstance(lengths, (list, tuple)):
        return lengths
    return [int(n) if getattr(n, "dtype", None) in ("float32", "float64") else n for n in lengths]


def turned(x: Any) -> Any:
    """Exchange the last two axes."""
    return ops.swapaxes(x, -1, -2)


class TopK(NamedTuple):
    """The largest numbers of each row, and their places."""

    values: Any
    indices: Any


def total(inputs: Any) -> Any:
    """Add all tensors of a list."""
    result = inputs[0]
    for x in inputs[1:]:
        result = result + x
    return result


class Lengths(tuple):
    """What `tf.shape` returns: numbers, which arithmetic treats one by one.

    >>> Lengths((2, 3)) * 2, Lengths((4, 5))[1:].numpy()
    ((4, 6), array([5], dtype=int32))
    """

    def numpy(self) -> np.ndarray:
        """Return the lengths as an array."""
        return np.array(self, "int32")

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        return Lengths(found) if isinstance(key, slice) else found

    def __add__(self, other: Any) -> Any:
        return Lengths((self.numpy() + other).tolist())

    def __sub__(self, other: Any) -> Lengths:
        return Lengths((self.numpy() - other).tolist())

    def __mul__(self, other: Any) -> Any:
        return Lengths((self.numpy() * other).tolist())

    def __floordiv__(self, other: Any) -> Lengths:
        return Lengths((self.numpy() // other).tolist())

    __radd__, __rmul__ = __add__, __mul__


def known_shape(x: Any) -> Lengths:
    """Return the lengths of the axes; of a placeholder, -1 where one is not known."""
    if holds_texts(x):
        return Lengths(np.shape(x))
    return Lengths(-1 if n is None else n for n in ops.shape(x))


def padded(x: Any, paddings: Any, mode: str, value: Any) -> Any:
    """Put numbers around a tensor."""
    sides = [tuple(map(int, pair)) for pair in np.asarray(paddings)]
    kind = mode.lower()
    return ops.pad(x, sides, kind, value if kind == "constant" else None)


def parted(x: Any, pieces: Any, axis: int) -> Any:
    """Cut into so many pieces, or pieces of these lengths."""
    if isinstance(pieces, int):
        return ops.split(x, pieces, axis)
    return ops.split(x, np.cumsum(pieces)[:-1].tolist(), axis)


def inner(sizes: Any) -> Any:
    """Take the numbers of height and width out of one for each axis."""
    is_of_all = isinstance(sizes, (list, tuple)) and len(sizes) == 4
    return tuple(sizes[1:3]) if is_of_all else sizes


def confusion(labels: Any, predictions: Any, classes: int | None) -> Tensor:
    """Count how often each class (rows) was taken for each (columns)."""
    rows, columns = (np.asarray(x).astype("int64").ravel() for x in (labels, predictions))
    count = classes or int(max(rows.max(initial=-1), columns.max(initial=-1)) + 1)
    counts = np.zeros((count, count), "int32")
    np.add.at(counts, (rows, columns), 1)
    return ops.convert_to_tensor(counts)


def banded(x: Any, below: int, above: int) -> Any:
    """Put zeros outside of so many diagonals; a negative number keeps them all."""
    x = ops.convert_to_tensor(x)
    rows, columns = (np.arange(n) for n in x.shape[-2:])
    distance = columns - rows[:, None]
    is_kept = np.full(distance.shape, True)
    if below >= 0:
        is_kept &= distance >= -below
    if above >= 0:
        is_kept &= distance <= above
    return ops.where(np.broadcast_to(is_kept, x.shape), x, ops.zeros_like(x))


def mask_of(lengths: Any, most: int | None, dtype: Any) -> Any:
    """Return rows that are true up to each length."""
    lengths = ops.convert_to_tensor(lengths)
    most = int(np.asarray(lengths).max()) if most is None else most
    return ops.cast(ops.arange(most) < ops.expand_dims(lengths, -1), dtype)


# ---- images ----


def as_image(image: Any, dtype: str) -> Any:
    """Convert between whole numbers up to 255 and floats up to 1."""
    x = ops.convert_to_tensor(image)
    is_whole, to_whole = x.dtype == "uint8", dtype == "uint8"
    if is_whole == to_whole:
        return ops.cast(x, dtype)
    return ops.cast(ops.round(x * 255.0) if to_whole else ops.cast(x, dtype) / 255.0, dtype)


def center_of(image: Any, fraction: float) -> Any:
    """Cut out the middle."""
    height, width = image.shape[-3:-1]
    top, left = (int((n - n * fraction) / 2) for n in (height, width))
    return image[..., top : height - top, left : width - left, :]


def standardized(image: Any) -> Any:
    """Subtract the mean, and divide by the deviation, but at least 1 / sqrt(n)."""
    x = ops.cast(image, "float32")
    count = int(np.prod(x.shape[-3:]))
    mean = ops.mean(x, (-3, -2, -1), keepdims=True)
    deviation = ops.std(x, (-3, -2, -1), keepdims=True)
    return (x - mean) / ops.maximum(deviation, count**-0.5)


def with_contrast(image: Any, factor: Any) -> Any:
    """Take each channel further from its mean, or nearer."""
    x = ops.cast(image, "float32")
    mean = ops.mean(x, (-3, -2), keepdims=True)
    return ops.cast((x - mean) * factor + mean, image.dtype)


def cut_out(image: Any, top: int, left: int, height: int, width: int) -> Any:
    """Return the part of a picture that begins at a row and a column."""
    return image[..., top : top + height, left : left + width, :]


def cut_anywhere(value: Any, size: Any, seed: Any) -> Any:
    """Return a part of these lengths that begins at a random place."""
    size = [int(n) for n in size]
    starts = [
        int(random.randint((), 0, whole - part + 1, seed=None if seed is None else seed + axis))
        for axis, (whole, part) in enumerate(zip(value.shape, size))
    ]
    return ops.slice(value, starts, size)


def steps_between(image: Any, axis: int) -> Any:
    """Add up how far neighbours along an axis lie apart."""
    return ops.sum(ops.absolute(ops.diff(image, axis=axis)), (-3, -2, -1))


def drawn(least: float, most: float, seed: Any) -> Tensor:
    """Draw a number."""
    return random.uniform((), least, most, seed=seed)


def flipped(image: Any, axis: int, seed: Any) -> Any:
    """Turn over at random: all or nothing."""
    return ops.where(random.uniform((), seed=seed) < 0.5, image, ops.flip(image, axis))
