"""A table that remembers what was used last, and forgets the rest."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

Value = TypeVar("Value")


class LRUCache(Generic[Value]):
    """The things that were used most recently, by their keys.

    Args:
        room: how many it holds; of more, the one that was used longest ago goes.
        budget: how much all that it holds may weigh together; of more, the same. None: anything.
        weigh: what a thing with its key weighs.
        least: so many it holds, however much they weigh.

    >>> table = LRUCache(2)
    >>> for name in "abc":
    ...     table[name] = name.upper()
    >>> table.get("a"), table.get("c"), len(table)
    (None, 'C', 2)
    """

    def __init__(
        self,
        room: int,
        budget: int | None = None,
        weigh: Callable[[Hashable, Value], int] = lambda key, thing: 1,
        least: int = 1,
    ):
        self._room = room
        self._budget = budget
        self._weigh = weigh
        self._least = least
        self._things: OrderedDict[Hashable, Value] = OrderedDict()
        self._weights: dict[Hashable, int] = {}
        self._weight = 0  # of all together

    def get(self, key: Hashable) -> Value | None:
        """Return what has the key, None if it is not there (any more)."""
        try:
            self._things.move_to_end(key)
        except KeyError:
            return None
        return self._things.get(key)

    def __setitem__(self, key: Hashable, value: Value) -> None:
        weight = self._weigh(key, value)
        self._weight += weight - self._weights.get(key, 0)
        self._weights[key] = weight
        self._things[key] = value
        self._things.move_to_end(key)
        while self._is_too_much():
            oldest, _ = self._things.popitem(last=False)
            self._weight -= self._weights.pop(oldest)

    def _is_too_much(self) -> bool:
        count = len(self._things)
        is_too_heavy = self._budget is not None and self._weight > self._budget
        return count > self._room or (is_too_heavy and count > self._least)

    def __len__(self) -> int:
        return len(self._things)

    def __iter__(self) -> Iterator[Value]:
        """Go through the things, those that were used longest ago first."""
        return iter(list(self._things.values()))

    def items(self) -> list[tuple[Hashable, Value]]:
        """List keys and things, what was used last at the end."""
        return list(self._things.items())

    def clear(self) -> None:
        """Forget all."""
        self._things.clear()
        self._weights.clear()
        self._weight = 0
