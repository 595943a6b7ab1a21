"""The order in which rows are shown: another one in each pass; a seed and a count determine it."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from pylego import engine, ops, random
from pylego.core import orders
from pylego.core.tensor import Tensor, convert_to_tensor
from pylego.programs.program import Program

AHEAD = 8  # orders that are drawn at once,
LONGEST_AHEAD = 4096  # of at most so many rows: to draw the order of more takes long by itself


class RandomOrder:
    """A new random order of the rows at each call; pylego's global seed determines them.

    An order depends on the seed and its number alone. So from the second order of few rows on,
    several are drawn ahead, by a program: they take as long as one.
    """

    def __init__(self) -> None:
        self._seed: int | _FirstSeed = _FirstSeed()
        self._drawn = 0  # how many orders were given
        self._count = -1  # of rows
        self._ahead: list[np.ndarray] = []  # the next orders of so many rows, the next one last
        self._draw: Program | None = None

    @property
    def drawn(self) -> int:
        """How many orders were given."""
        return self._drawn

    def numbered(self, number: int, count: int) -> np.ndarray:
        """Return once more the order of the numbers 0 ... count - 1 that is `number` in the row."""
        key = np.array([self._known_seed(), number], np.int64)
        return orders.order_of(orders.numbered_words(count, key).numpy().copy())

    def state(self) -> dict[str, int]:
        """Return what all later orders depend on; it is what a copy made now would begin with."""
        seed = self._seed
        if isinstance(seed, _FirstSeed):
            known = seed.known()
            seed = random.next_default_seed() if known is None else known
        return {"seed": seed, "drawn": self._drawn}

    def put_back(self, state: dict[str, int]) -> None:
        """Go on from what `state` returned."""
        self._seed = state["seed"] if state["drawn"] else _FirstSeed(state["seed"])
        self._drawn = state["drawn"]
        self._count, self._ahead, self._draw = -1, [], None

    def __call__(self, count: int) -> np.ndarray:
        """Return the numbers 0 ... count - 1 in the next order."""
        if count != self._count:
            self._count, self._ahead, self._draw = count, [], None
            self._ahead.append(self._next_orders(count, 1)[0])
        elif not self._ahead:
            self._ahead.extend(reversed(self._next_orders(count, AHEAD)))
        self._drawn += 1
        return self._ahead.pop()

    def _next_orders(self, count: int, many: int) -> np.ndarray:
        if many == 1 or count > LONGEST_AHEAD or engine.is_recording():
            return self.numbered(self._drawn, count)[None]
        key = np.array([self._known_seed(), self._drawn], np.int64)
        if self._draw is None:
            draw = functools.partial(_words_of_orders, count)
            self._draw = Program.record(draw, (convert_to_tensor(key),), "the order of rows")
        words = np.empty((many, count), np.int64)
        self._draw.run_on(key, words)
        return orders.order_of(words)

    def _known_seed(self) -> int:
        if isinstance(self._seed, _FirstSeed):  # only now: a seed set before training counts
            seed = self._seed.known()
            self._seed = random.make_default_seed() if seed is None else seed
        return self._seed

    def __getstate__(self) -> dict[str, Any]:
        """Return what copies carry: all but the program."""
        return {**vars(self), "_draw": None}


def _words_of_orders(count: int, key: Tensor) -> Tensor:
    later = [key + np.array([0, number]) for number in range(AHEAD)]
    return ops.stack([orders.numbered_words(count, one) for one in later])


class _FirstSeed:
    """The seed that a `RandomOrder` will begin with: the global seed says it then.

    A copy begins with what the original would have begun with when it was copied, so that both
    train alike; unless the global seed is set once more.
    """

    def __init__(self, seed: int | None = None):
        self._seed = seed
        self._times_seeded = random.times_seeded()

    def known(self) -> int | None:
        """Return the seed; None where the global seed decides."""
        return self._seed if self._times_seeded == random.times_seeded() else None

    def __reduce__(self) -> tuple:
        seed = self.known()
        return _FirstSeed, (random.next_default_seed() if seed is None else seed,)
