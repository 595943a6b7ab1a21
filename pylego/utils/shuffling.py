"""Passes through a dataset in random order; the orders go on where a training goes on elsewhere."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from pylego import random

_DRAWS = 1024  # random numbers that are made in one go


class Shuffled:
    """Passes in random order: each element is drawn from a buffer of the next ones.

    Args:
        size: how many elements the buffer holds.
        seed: of the orders; None for one that follows from the global seed.
        is_new: whether each pass has an order of its own.
    """

    def __init__(self, size: int, seed: int | None, is_new: bool):
        self._size = size
        self._is_new = is_new
        self._orders = None if seed is None else random.SeedGenerator(seed)
        self._order: int | None = None  # the seed of a pass

    def __call__(self, source: Iterable) -> Iterator[Any]:
        if self._order is None or self._is_new:
            self._order = int(random.randint((), 0, 2**31 - 1, "int64", self._made_orders()))
        return self._pass(source, _draws(self._order))

    def _made_orders(self) -> random.SeedGenerator:
        """Made when they are needed, so that a seed that is set after the dataset counts."""
        self._orders = self._orders or random.SeedGenerator()
        return self._orders

    def get_training_state(self) -> dict[str, Any]:
        return {"orders": self._made_orders().state.numpy(), "order": self._order}

    def set_training_state(self, state: dict[str, Any]) -> None:
        self._order = state["order"]
        self._orders = self._orders or random.SeedGenerator(0)
        self._orders.state.assign(state["orders"])

    def _pass(self, source: Iterable, draws: Iterator[int]) -> Iterator[Any]:
        elements = iter(source)
        buffer = list(itertools.islice(elements, self._size))
        for element in elements:
            place = next(draws) % len(buffer)
            chosen, buffer[place] = buffer[place], element
            yield chosen
        while buffer:
            place = next(draws) % len(buffer)
            buffer[place], buffer[-1] = buffer[-1], buffer[place]
            yield buffer.pop()


def _draws(seed: int) -> Iterator[int]:
    """Random whole numbers without end."""
    generator = random.SeedGenerator(seed)
    while True:
        yield from random.randint((_DRAWS,), 0, 2**62, "int64", generator).numpy().tolist()
