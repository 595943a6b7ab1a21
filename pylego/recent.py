"""A table that remembers what was used last, and forgets the rest."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """The things that were used most recently, by their keys.

    Args:
        room: how many it holds; of more, the one that was used longest ago goes.

    >>> table = Recent(2)
    >>> for name in "abc":
    ...     table[name] = name.upper()
    >>> table.get("a"), table.get("c"), len(table)
    (None, 'C', 2)
    """

    def __init__(self, room: int):
        self._room = room
        self._things: OrderedDict[Hashable, Value] = OrderedDict()

    def get(self, key: Hashable) -> Value | None:
        """Return what has the key, None if it is not there (any more)."""
        try:
            self._things.move_to_end(key)
        except KeyError:
            return None
        return self._things.get(key)

    def __setitem__(self, key: Hashable, value: Value) -> None:
        self._things[key] = value
        self._things.move_to_end(key)
        if len(self._things) > self._room:
            self._things.popitem(last=False)

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
