"""The programs of a model or a function: a cache, and the check that none of them is stale."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Any, Generic, TypeVar

from pylego import engine, versions
from pylego.programs.program import ALL_PASSES, WAY_OUT, Program
from pylego.programs.reads import Reads

Value = TypeVar("Value")

# The bounds of a cache: a number, bytes, and how many programs stay whatever their size.
MOST_PROGRAMS = 512
MOST_BYTES = 512 << 20
LEAST_PROGRAMS = 16
MOST_STATES = 64


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


class ProgramCache:
    """The programs that were used most recently: as many as a bound on their memory allows.

    The key of a program is what it does ("train"), the layout of its inputs, and the state of all
    that a recording can read (`reads.py`). So freezing a layer and thawing it again costs two
    recordings in all, not one each time.

    Args:
        shares_memory: whether all programs work in one arena, so that one runs at a time.

    Attributes:
        state: the number of the present state of all that recordings read.
        reading: how many times the user's code, if there is any, was found to read other values.
    """

    def __init__(self, shares_memory: bool = False):
        self._shares_memory = shares_memory
        weigh = _weight if shares_memory else _weight_with_arena
        self._recent: LRUCache[Program] = LRUCache(MOST_PROGRAMS, MOST_BYTES, weigh, LEAST_PROGRAMS)
        self._states: LRUCache[tuple[int, Reads]] = LRUCache(MOST_STATES)
        self._names: set[str] = set()
        self._next_state = 0
        self.reading = 0
        self._sibling: Program | None = None
        self._forget_state()

    def _forget_state(self) -> None:
        self._version = -1
        self.state = -1
        self._reads: Reads | None = None

    # ---- the state of what recordings read ----

    def is_current(self) -> bool:
        """Return whether all that recordings read is as it was in the last `refresh`."""
        return self._version == versions.number and self._reads.are_current()  # type: ignore[union-attr]

    def reads_without_version(self) -> Reads | None:
        """Return what to look at besides the version, after `refresh`; None: nothing."""
        assert self._reads is not None
        return self._reads if self._reads.has_users_values else None

    def refresh(self, root: Any) -> None:
        """Find out which state the model or function is in, if something may have been set."""
        if not self.is_current():
            self._take(versions.number, Reads(root, self._names))

    def only_computes(self) -> bool:
        """Return whether nobody would notice that a recording runs in place of the code; known
        after `refresh`."""
        return self._reads.only_computes  # type: ignore[union-attr]

    def _take(self, version: int, reads: Reads) -> None:
        known = self._states.get(reads.state)
        if known is None:
            self._next_state += 1
            known = self._states[reads.state] = (self._next_state, reads)
        self._version, self.state, self._reads = version, known[0], reads
        self.reading += reads.has_users_code

    # ---- programs ----

    def find(self, kind: Hashable, signature: Hashable) -> Program | None:
        """Return the program that does this in the present state, None if there is none."""
        return self._recent.get((kind, self.state, signature))

    def latest(self, what: str) -> Program | None:
        """Return the program of a kind (what, ...) which was used last."""
        keys: list[tuple[Any, Program]] = self._recent.items()
        found = [program for (kind, *_), program in keys if kind[0] == what]
        return found[-1] if found else None

    def record(
        self,
        root: Any,
        kind: Hashable,
        signature: Hashable,
        function: Callable,
        inputs: tuple,
        name: str = "the program",
        way_out: str = WAY_OUT,
        passes: int = ALL_PASSES,
        keeps_logits: bool = False,
        is_kept: bool = True,
    ) -> Program:
        """Record the function, and keep the program, unless it is only inspected."""
        self.refresh(root)
        before, version = self._reads, versions.number
        assert before is not None
        program = Program.record(
            function,
            inputs,
            name=name,
            sibling=self._sibling,
            passes=passes,
            way_out=way_out,
            keeps_logits=keeps_logits,
        )
        if not is_kept:
            return program
        if versions.number != version or not before.are_current():
            # What the recorded code itself sets makes no recording stale: the state stays the same.
            version, after = versions.number, Reads(root, self._names)
            self._states[after.state] = (self.state, after)
            self._take(version, after)
            program.leaves_traces = True
        self._sibling = program if self._shares_memory else None
        self._recent[kind, self.state, signature] = program
        return program

    def __len__(self) -> int:
        return len(self._recent)

    def __iter__(self) -> Iterator[Program]:
        """Iterate over the programs, the most recently used one last."""
        return iter(self._recent)

    def __reduce__(self) -> tuple:
        """A copy begins empty: programs write the variables of what they were made for."""
        return type(self), (self._shares_memory,)

    def clear(self) -> None:
        """Forget all programs."""
        self._recent.clear()
        self._states.clear()
        self._sibling = None
        self._forget_state()


class Identity:
    """A part of a key that equals only that of the same object."""

    __slots__ = ("thing",)

    def __init__(self, thing: Any):
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and self.thing is other.thing

    def __hash__(self) -> int:
        return id(self.thing)


def _weight(key: Hashable, program: Program) -> int:
    """The bytes of a program, without its arena.

    An object in the key lives as long as that, and nobody knows how large it is: few are kept."""
    own = program.nbytes()
    return max(own, MOST_BYTES // LEAST_PROGRAMS) if _holds_objects(key) else own


def _weight_with_arena(key: Hashable, program: Program) -> int:
    return _weight(key, program) + engine.arena_bytes(program._recording)


def _holds_objects(key: Any) -> bool:
    if isinstance(key, tuple):
        return any(map(_holds_objects, key))
    return isinstance(key, Identity)
