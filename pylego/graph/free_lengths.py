"""Lengths that are tried where a shape leaves them free.

A layer or an op is asked twice, with other lengths for each free axis: what differs in the outputs
is free there, too. No lengths suit all layers. So there are several tries, and the first that the
layer accepts counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pylego.graph.shapes import map_shapes

# Primes fit nothing by accident: neither each other nor a fixed length. The two ends lie far apart,
# so that what is cut off (x[:, :100]) or rounded (pooling by dozens) does not look the same from
# both. They are as short as that allows: a layer may go through its steps in a loop.
_SHORT = (29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73)
_LONG = (211, 223, 227, 229, 233, 239, 241, 251, 257, 263, 269, 271)
_LONGER = (1009, 1013, 1019, 1021, 1031, 1033, 1039, 1049, 1051, 1061, 1063, 1069)
_LONGEST = (4001, 4003, 4007, 4013, 4019, 4021, 4027, 4049, 4051, 4057, 4073, 4079)


@dataclass(frozen=True)
class _Try:
    """Lengths of the first and of the second call: of the batch, and of other free axes in turn."""

    samples: tuple[int, int]
    lengths: tuple[tuple[int, ...], tuple[int, ...]]
    is_shared: bool = True  # whether an axis has one length in all inputs

    def shapes(self, structure: Any, end: int) -> Any:
        lengths, count = self.lengths[end], 0

        def whole(shape: tuple) -> tuple[int, ...]:
            nonlocal count
            found = []
            for axis, length in enumerate(shape):
                if length is None:
                    place = axis - 1 if self.is_shared else count
                    length = lengths[place % len(lengths)] if axis else self.samples[end]
                    count += axis > 0
                found.append(length)
            return tuple(found)

        return map_shapes(whole, structure)


_SYMBOLIC = (
    _Try((3, 5), (_SHORT, _LONG), is_shared=False),  # every axis on its own
    _Try((3, 5), (_SHORT, _LONG)),  # inputs that have to fit each other
    _Try((3, 5), (_LONGER, _LONGEST)),  # many windows need many pixels
    _Try((1, 2), ((1920,), (4480,))),  # halved again and again; squares
    _Try((48, 96), ((2520,), (5040,))),  # divided by 3, 5, 7, 9; batches of whole groups
    _Try((1, 2), ((32,), (64,))),  # tables that end, such as those of positions
    _Try((1, 2), ((4,), (8,))),
    _Try((1920, 4480), ((1920,), (4480,))),  # samples that are broadcast against a later axis
)
_FARTHEST = _Try((7, 11), (_LONGEST, _LONGEST), is_shared=False)
TELLING = 3  # the try whose error says most: there all lengths fit each other, and are long
_MOST_FIXED = 4  # lengths that are tried
_SAMPLES = 3
_STANDINS = re.compile(r"\b(1920|4480)\b")

# What runs on numbers takes time and memory: the lengths are modest, the largest come last.
_ON_NUMBERS = (
    _Try((1, 2), ((32,), (64,))),
    _Try((1, 2), ((4,), (8,))),
    _Try((1, 2), ((256,), (320,))),
    _Try((32, 64), ((32,), (64,))),
)


def tries(structure: Any, on_numbers: bool = False) -> Iterator[tuple[int, Any, Any]]:
    """Yield the number of a try and its two structures of shapes; once where nothing is free.

    Args:
        structure: of shapes, None where a length is free.
        on_numbers: whether the layer runs on numbers of these shapes.
    """
    earlier: list[Any] = []
    for number, one in enumerate(_ON_NUMBERS if on_numbers else _SYMBOLIC):
        first, second = one.shapes(structure, 0), one.shapes(structure, 1)
        if first not in earlier:
            earlier.append(first)
            yield number, first, second


def fitting(shapes: Sequence[tuple]) -> Iterator[list[tuple[int, ...]]]:
    """Yield lengths for inputs that have to fit a fixed length of another one: those of `fixed` for
    the samples, and for all other free axes."""
    fixed = sorted({n for shape in shapes for n in shape if n not in (None, 0, 1)})[:_MOST_FIXED]
    if len(shapes) > 1 and any(None in shape for shape in shapes):
        for length in fixed:
            for samples in (_SAMPLES, *fixed):
                yield _Try((samples, 0), ((length,), ())).shapes(list(shapes), 0)


def changes(
    shapes: Sequence[tuple], lengths: Sequence[tuple[int, ...]]
) -> Iterator[list[tuple[int, ...]]]:
    """Yield the lengths with another one for all samples, and for each free axis alone."""
    taken = {n for shape in lengths for n in shape}
    other = next(n for n in _SHORT if n not in taken)
    free = [
        (k, axis) for k, shape in enumerate(shapes) for axis, n in enumerate(shape) if n is None
    ]
    for meant in ([(k, axis) for k, axis in free if axis == 0], *([one] for one in free)):
        yield [
            tuple(other if (k, axis) in meant else n for axis, n in enumerate(shape))
            for k, shape in enumerate(lengths)
        ]


def farthest(structure: Any) -> Any:
    """Return shapes longer than all others, to see whether an axis of length 1 grows with them;
    None where only the number of samples is free."""
    is_free = _any_shape(lambda shape: None in shape[1:], structure)
    return _FARTHEST.shapes(structure, 0) if is_free else None


def _any_shape(condition: Callable[[tuple], bool], structure: Any) -> bool:
    answers: list[bool] = []
    map_shapes(lambda shape: answers.append(condition(shape)), structure)
    return any(answers)


def explained(error: Exception) -> Exception:
    """Return the error; where its message has lengths of the telling try, it says what they are."""
    if type(error) not in (ValueError, TypeError) or not _STANDINS.search(str(error)):
        return error
    return type(error)(f"{error}. (1920 and 4480 stand for one that is free)")
