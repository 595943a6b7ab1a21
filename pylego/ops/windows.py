"""What windows over spatial axes are said with: where channels are, how far, how padded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from typing import Any, TypeVar

from pylego import checks, config, names
from pylego.core.tensor import Tensor
from pylego.ops.shapes import moveaxis

PADDINGS = ("valid", "same")

Lengths = int | Sequence[int]
Padding = str | Sequence[Sequence[int]]
Window = TypeVar("Window")


# ---- where the channels are -----------------------------------------------------------------


def is_channels_first(data_format: str | None) -> bool:
    """Return whether a data_format, or the setting's where it is None, puts channels first."""
    return config.standardize_data_format(data_format) == "channels_first"


def with_channels_last(x: Tensor, data_format: str | None) -> Tensor:
    """Return x as the bricks take it: (batch, lengths..., channels)."""
    return moveaxis(x, 1, -1) if is_channels_first(data_format) else x


def laid_out(y: Tensor, data_format: str | None) -> Tensor:
    """Return what a brick made, with its channels where the data_format has them."""
    return moveaxis(y, -1, 1) if is_channels_first(data_format) else y


# ---- how far, and how padded ----------------------------------------------------------------


def lengths(name: str, argument: str, value: Lengths, axes: int, least: int = 1) -> tuple:
    """Return a whole number for each spatial axis; one alone means all of them."""
    values = tuple(value) if isinstance(value, Sequence) else (value,) * axes
    if len(values) != axes:
        raise ValueError(
            f"{name}: {argument} must be one number, or one for each of {axes} spatial axes. "
            f"Received: {argument}={value}"
        )
    return tuple(checks.whole_number(f"{name}: {argument}", one, least) for one in values)


def padding_word(padding: Any) -> str:
    """Return 'valid' or 'same', which may be written in capitals; refuse all else."""
    word = padding.lower() if isinstance(padding, str) else padding
    if not isinstance(word, str) or word not in PADDINGS:
        raise names.unknown("padding", padding, PADDINGS)
    return word


def paddings(
    name: str,
    padding: Padding,
    lengths: Sequence[int],
    extents: Sequence[int],
    strides: Sequence[int],
) -> list[tuple[int, ...]]:
    """Return (before, after) for each spatial axis."""
    if not isinstance(padding, str):
        pairs = [tuple(pair) if isinstance(pair, Sequence) else () for pair in padding]
        if [len(pair) for pair in pairs] != [2] * len(lengths):
            raise ValueError(
                f"{name}: padding must be 'valid', 'same', or a pair (before, after) for each of "
                f"{len(lengths)} spatial axes. Received: padding={padding}"
            )
        return pairs
    if padding_word(padding) == "valid":
        return [(0, 0)] * len(lengths)
    return [same(*numbers) for numbers in zip(lengths, extents, strides)]


def same(length: int, extent: int, stride: int) -> tuple[int, int]:
    """Return (before, after) by TensorFlow's rule.

    There are length / stride outputs, rounded up; the odd zero comes at the end.
    """
    outputs = -(-length // stride)
    total = max((outputs - 1) * stride + extent - length, 0)
    return total // 2, total - total // 2


# ---- remembered -----------------------------------------------------------------------------

PLAIN = frozenset({int, str, type(None)})


def remembered(compute: Callable[..., Window]) -> Callable[..., Window]:
    """Return compute(name, shapes, ...), which keeps its answers: a loop asks the same each time.

    True and 1.0 equal 1 but are refused, so only arguments of the very types are looked up.
    """
    kept = lru_cache(maxsize=256)(compute)

    @wraps(compute)
    def looked_up(name: str, shapes: tuple, *given: Any) -> Window:
        is_plain = PLAIN.issuperset(map(type, given))
        return (kept if is_plain else compute)(name, shapes, *given)

    return looked_up
