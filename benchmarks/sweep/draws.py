"""Sizes and shapes, drawn once for all by fixed seeds: a case is the same on every machine."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

from sweep.case import Array, Shape

# How many numbers of 4 bytes: a handful, a thousand, and what fits a usual L1, L2 or L3 cache or
# none. The last is 40 MB for each operand.
TINY, SMALL, L1, L2, L3, BEYOND = (1, 10), 1000, 4_000, 50_000, 1_000_000, 10_000_000


def drawer(name: str) -> random.Random:
    """Draws that depend on the name alone: a new operation does not change those of others."""
    return random.Random(f"pylego {name}")


def odd(draw: random.Random, near: int) -> int:
    """A number of about this size that no vector and no tile divides."""
    return 2 * draw.randint(near * 3 // 8, near * 5 // 8) + 1


def matrix(draw: random.Random, near: int) -> Shape:
    """Rows and columns that are odd, from long to wide, of about so many numbers."""
    columns = odd(draw, max(3, round(near ** draw.uniform(0.2, 0.8))))
    return max(1, near // columns) | 1, columns


def lines(draw: random.Random) -> Iterator[Shape]:
    """One axis, of every size."""
    yield (draw.randint(*TINY),)
    yield (SMALL,)
    yield (odd(draw, L1),)
    yield (odd(draw, L2),)
    yield (L3,)


def spread(draw: random.Random, dtype: str = "float32", **range_: float) -> Iterator[Array]:
    """Operands of every size, and of every layout."""
    for shape in lines(draw):
        yield Array(shape, dtype, **range_)
    other = "float64" if dtype == "float32" else dtype
    yield Array((SMALL,), other, **range_)
    yield Array((odd(draw, L2),), other, **range_)
    yield Array(matrix(draw, L2), dtype, "transposed", **range_)
    yield Array(matrix(draw, L2), dtype, draw.choice(("every second", "inner")), **range_)


def volume(draw: random.Random, near: int) -> Shape:
    """Three or four odd axes of about so many numbers."""
    rank = draw.choice((3, 4))
    shape = [
        odd(draw, max(3, round(near ** (1 / rank) * draw.uniform(0.5, 1.5))))
        for _ in range(rank - 1)
    ]
    return (*shape, max(1, near // math.prod(shape)))
