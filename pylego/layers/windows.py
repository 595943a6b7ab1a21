"""Windows that slide over sequences, pictures and volumes: their sizes, and how often they fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import checks, names

Lengths = tuple[int | None, ...]

# What one sample is, by its number of axes of space.
SAMPLES = {1: "sequence", 2: "picture", 3: "volume"}


def sizes(name: str, value: Any, rank: int, owner: str, least: int = 1) -> tuple[int, ...]:
    """Return one whole number for each axis of space; a single one means all axes.

    Raises:
        TypeError: for anything but a whole number.
        ValueError: for another count of numbers, or one below `least`.

    >>> sizes("kernel_size", 3, 2, "Conv2D")
    (3, 3)
    >>> sizes("kernel_size", (3, 3, 3), 2, "Conv2D")
    Traceback (most recent call last):
    ValueError: Conv2D: kernel_size is a number, or 2 of them. Received: kernel_size=(3, 3, 3)
    """
    if not isinstance(value, (list, tuple)):
        return (checks.whole_number(name, value, least, owner),) * rank
    if len(value) != rank:
        wanted = f", or {rank} of them" if rank > 1 else ""
        raise ValueError(f"{owner}: {name} is a number{wanted}. Received: {name}={value}")
    return tuple(checks.whole_number(name, one, least, owner) for one in value)


def padding(value: Any, known: Sequence[str]) -> str:
    """Return the padding in lower case.

    Raises:
        ValueError: for one that is not known.

    >>> padding("SAME", ("valid", "same"))
    'same'
    """
    word = value.lower() if isinstance(value, str) else value
    if word not in known:
        raise names.unknown("padding", value, known)
    return word


def check_not_empty(owner: str, lengths: Sequence[int | None]) -> None:
    """Refuse samples without elements.

    Raises:
        ValueError: where a length is 0.

    >>> check_not_empty("conv2d", (0, 5))
    Traceback (most recent call last):
    ValueError: Layer 'conv2d': pictures of 0 x 5 hold no numbers. Smaller strides or less cropping
    in the layers before would do
    """
    if 0 in lengths:
        raise ValueError(
            f"Layer {owner!r}: {SAMPLES[len(lengths)]}s of {written(lengths)} hold no numbers. "
            "Smaller strides or less cropping in the layers before would do"
        )


def span(size: int, dilation: int) -> int:
    """Return how long a window of `size` elements is, when every dilation-th place holds one.

    >>> span(3, 2)
    5
    """
    return (size - 1) * dilation + 1


def places(length: int | None, window: int, stride: int, padding: str) -> int | None:
    """Return at how many places a window stands along an axis; None where the length is free.

    Without padding ('valid') it stands wherever all of it fits: (length - window) // stride + 1.
    With padding ('same', 'causal') it stands at every stride-th element.

    >>> places(28, 3, 1, "valid"), places(28, 3, 2, "same"), places(2, 3, 1, "valid")
    (26, 14, 0)
    """
    if length is None:
        return None
    if padding == "valid":
        return max(length - window + stride, 0) // stride
    return -(-length // stride)


def extent(
    length: int | None, window: int, stride: int, padding: str, more: int | None
) -> int | None:
    """Return the length that windows at `length` places cover: the inverse of `places`.

    Several lengths have as many places; `more` (the output_padding) chooses among them, None the
    one that strides divide best.

    >>> extent(13, 3, 2, "valid", None), extent(14, 3, 2, "same", None), extent(13, 3, 2, "same", 1)
    (27, 28, 26)
    """
    if length is None:
        return None
    if padding == "valid":
        rest = max(stride - window, 0) if more is None else more
        return (length - 1) * stride + window + rest
    return length * stride if more is None else (length - 1) * stride + window % 2 + more


def written(lengths: Sequence[int | None]) -> str:
    """Write lengths as people do.

    >>> written((28, 28))
    '28 x 28'
    """
    return " x ".join("any" if length is None else str(length) for length in lengths)


def borders(name: str, value: Any, rank: int, owner: str) -> tuple[tuple[int, int], ...]:
    """Return a pair (before, after) for each axis of space.

    One number means all borders. Of several, there is one for each axis: a pair, or a number for
    both sides; where there is but one axis, they are its pair.

    Raises:
        TypeError: for anything but a whole number.
        ValueError: for another count of numbers, or negative ones.

    >>> borders("padding", 1, 2, "ZeroPadding2D"), borders("padding", (1, 2), 1, "ZeroPadding1D")
    (((1, 1), (1, 1)), ((1, 2),))
    >>> borders("padding", ((1, 2), 3), 2, "ZeroPadding2D")
    ((1, 2), (3, 3))
    """
    if not isinstance(value, (list, tuple)):
        return ((checks.whole_number(name, value, 0, owner),) * 2,) * rank
    each = (value,) if rank == 1 else value
    if len(each) != rank:
        raise ValueError(
            f"{owner}: {name} is a number, or {rank} of them, or {rank} pairs (before, after). "
            f"Received: {name}={value}"
        )
    pairs = [sizes(name, one, 2, owner, 0) for one in each]
    return tuple((before, after) for before, after in pairs)
