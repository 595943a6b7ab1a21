"""A least-recently-used cache, bounded by number and by weight."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

Value = TypeVar("Value")


class LRUCache(Generic[Value]):
    """The values that were used most recently, by their keys.

    Args:
        capacity: the most values it holds; beyond, the least recently used one is dropped.
        budget: the most that all values together weigh; beyond, the same. None: no bound.
        weigh: returns the weight of a key and its value.
        least: the number of values that stay, whatever they weigh.

    >>> table = LRUCache(2)
    >>> for name in "abc":
    ...     table[name] = name.upper()
    >>> table.get("a"), table.get("c"), len(table)
    (None, 'C', 2)
    """

    def __init__(
        self,
        capacity: int,
        budget: int | None = None,
        weigh: Callable[[Hashable, Value], int] = lambda key, value: 1,
        least: int = 1,
    ):
        self._capacity = capacity
        self._budget = budget
        self._weigh = weigh
        self._least = least
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._weights: dict[Hashable, int] = {}
        self._weight = 0  # of all values

    def get(self, key: Hashable) -> Value | None:
        """Return the value of a key and mark it as used; None if it is not there (any more)."""
        try:
            self._values.move_to_end(key)
        except KeyError:
            return None
        return self._values.get(key)

    def __setitem__(self, key: Hashable, value: Value) -> None:
        weight = self._weigh(key, value)
        self._weight += weight - self._weights.get(key, 0)
        self._weights[key] = weight
        self._values[key] = value
        self._values.move_to_end(key)
        while self._is_too_much():
            oldest, _ = self._values.popitem(last=False)
            self._weight -= self._weights.pop(oldest)

    def _is_too_much(self) -> bool:
        count = len(self._values)
        is_too_heavy = self._budget is not None and self._weight > self._budget
        return count > self._capacity or (is_too_heavy and count > self._least)

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Value]:
        """Iterate over the values, the least recently used first."""
        return iter(list(self._values.values()))

    def items(self) -> list[tuple[Hashable, Value]]:
        """List keys and values, the most recently used last."""
        return list(self._values.items())

    def clear(self) -> None:
        """Forget all."""
        self._values.clear()
        self._weights.clear()
        self._weight = 0
