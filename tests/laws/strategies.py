"""What the laws draw: shapes of rank 0 to 4 with axes of 0 and 1, numbers, and memory layouts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st

LENGTHS = (0, 1, 2, 3, 5)
LARGE_LENGTHS = (1, 3, 40, 260)
LARGE = 2**18  # elements: enough for several threads
SPECIAL_NUMBERS = (0.0, -0.0, 1.0, np.inf, -np.inf, np.nan)


@dataclass
class Case:
    """What a brick is applied to."""

    inputs: list[np.ndarray]
    attributes: dict[str, Any] = field(default_factory=dict)


class Drawer:
    """Draws the inputs and attributes of one case; shapes shrink, numbers come from a seed.

    Args:
        draw: hypothesis's.
        dtypes: of the numbers: the first one, now and then another beside it.
        is_smooth: whether gradients will be taken: no special numbers.
        is_large: whether the work should be enough for several threads.
    """

    def __init__(
        self, draw: Callable, dtypes: Sequence[str], is_smooth: bool = False, is_large: bool = False
    ):
        self.draw = draw
        self.dtype = np.dtype(dtypes[0])
        self.dtypes = dtypes
        self.is_smooth = is_smooth
        self.is_large = is_large
        self.lengths = LARGE_LENGTHS if is_large else LENGTHS
        self.room = LARGE if is_large else 10**9
        self.generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def choose(self, options: Sequence[Any]) -> Any:
        return self.draw(st.sampled_from(options))

    def flag(self) -> int:
        return int(self.draw(st.booleans()))

    def length(self, lowest: int = 0) -> int:
        """The length of one axis; all that a case draws together is not larger than LARGE."""
        length = self.choose([n for n in self.lengths if lowest <= n <= max(1, self.room)])
        self.room //= max(1, length)
        return length

    def shape(self, min_rank: int = 0, max_rank: int = 4, lowest: int = 0) -> tuple[int, ...]:
        rank = self.draw(st.integers(max(min_rank, min(self.is_large, max_rank)), max_rank))
        lengths = [self.length(lowest) for _ in range(rank)]
        if self.is_large and rank:
            lengths[self.choose(range(rank))] *= max(1, self.room)
            self.room = 1
        return tuple(lengths)

    def axis(self, rank: int) -> int:
        return self.draw(st.integers(-rank, rank - 1))

    def axes(self, rank: int) -> tuple[int, ...]:
        chosen = self.draw(st.sets(st.integers(0, rank - 1))) if rank else set()
        return tuple(axis - rank * self.flag() for axis in sorted(chosen))

    def narrowed(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """A shape that can be broadcast to this one."""
        narrow = [1 if self.choose((False, False, True)) else length for length in shape]
        return tuple(narrow[self.choose((0, 0, *range(len(shape) + 1))) :])

    def broadcasting(self, count: int) -> list[tuple[int, ...]]:
        """Shapes that can be broadcast against each other."""
        whole = self.shape()
        shapes = [self.narrowed(whole) for _ in range(count)]
        shapes[self.draw(st.integers(0, count - 1))] = whole
        return shapes

    def beside(self) -> np.dtype:
        """The dtype of another input: mostly the same."""
        return np.dtype(self.choose((self.dtype, self.dtype, *self.dtypes)))

    def numbers(
        self,
        shape: Sequence[int],
        low: float = -3.0,
        high: float = 3.0,
        specials: bool = True,
        dtype: Any = None,
    ) -> np.ndarray:
        """Numbers from low to high; sometimes special ones among them."""
        dtype = self.dtype if dtype is None else dtype
        if dtype.kind == "b":
            return np.asarray(self.generator.random(shape) < 0.5)
        if dtype.kind in "iu":
            lowest = max(0, round(low)) if dtype.kind == "u" else round(3 * low)
            return self.integers(shape, lowest, round(3 * high) + 1, dtype)
        numbers = np.asarray(self.generator.uniform(low, high, shape), dtype)
        if specials and not self.is_smooth and self.flag():
            places = self.generator.random(shape) < 0.2
            numbers[places] = self.generator.choice(SPECIAL_NUMBERS, int(places.sum()))
        return numbers

    def distinct(self, shape: Sequence[int]) -> np.ndarray:
        """Numbers of which no two are equal when gradients will be taken; else ties are likely."""
        if not self.is_smooth:
            return self.numbers(shape)
        order = self.generator.permutation(int(np.prod(shape)))
        return (order.reshape(shape) / max(1, order.size) - 0.5).astype(self.dtype)

    def integers(self, shape: Sequence[int], low: int, high: int, dtype: Any = None) -> np.ndarray:
        """Whole numbers from low to high - 1."""
        numbers = self.generator.integers(low, max(high, low + 1), shape)
        return np.asarray(numbers, dtype or self.dtype)


def scattered(draw: Callable, array: np.ndarray) -> np.ndarray:
    """The same numbers in another layout: axes in any order, with gaps, backwards."""
    if array.ndim == 0:
        return array
    order = draw(st.permutations(range(array.ndim)))
    steps = [draw(st.sampled_from((1, 1, 2, -1, -2))) for _ in order]
    lengths = [array.shape[axis] * abs(step) for axis, step in zip(order, steps)]
    storage = np.zeros(lengths, array.dtype)
    view = storage[tuple(slice(None, None, step) for step in steps)].transpose(np.argsort(order))
    view[...] = array
    return view
