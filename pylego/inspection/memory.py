"""The bill of a program: what it takes of memory, known before it runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from pylego import engine
from pylego.engine import Handle
from pylego.inspection.facts import ALIGNMENT, ProgramFacts
from pylego.inspection.units import in_bytes, table


@dataclass(frozen=True)
class MemoryLine:
    """One line of the bill: `count` blocks of memory, `planned` bytes in all.

    `allocated` is what the engine's allocator takes for them: it knows four sizes per power of two.
    """

    name: str
    count: int
    planned: int
    allocated: int


@dataclass(frozen=True)
class MemoryBill:
    """What running a program takes, line by line."""

    name: str
    lines: tuple[MemoryLine, ...]

    @property
    def total(self) -> int:
        """Bytes that are needed."""
        return sum(line.planned for line in self.lines)

    @property
    def allocated(self) -> int:
        """Bytes that the allocator hands out for them."""
        return sum(line.allocated for line in self.lines)

    def __getitem__(self, name: str) -> MemoryLine:
        """Return the line of that name."""
        return {line.name: line for line in self.lines}[name]

    def __str__(self) -> str:
        rows = [("", "blocks", "bytes", "", "allocated"), *map(_cells, self.lines)]
        blocks = sum(line.count for line in self.lines)
        rows.append(_cells(MemoryLine("total", blocks, self.total, self.allocated)))
        return "\n".join([f"memory of {self.name}", *table(rows)])


def _cells(line: MemoryLine) -> tuple[str, ...]:
    sizes = (f"{line.planned:,}", in_bytes(line.planned), f"{line.allocated:,}")
    return (line.name, str(line.count), *sizes)


def memory_of(
    facts: ProgramFacts,
    variables: Mapping[str, Iterable[Handle]] | None = None,
    is_gathered: bool = True,
) -> MemoryBill:
    """Make the bill of a finished program; it need not have run.

    Args:
        facts: of the program.
        variables: what is known by name: 'parameters', 'optimizer', 'metrics'. Variables that the
            program works with beside them are 'other variables'.
        is_gathered: whether batches are put together from rows in any order, as `fit` does.
    """
    known = {name: list(handles) for name, handles in (variables or {}).items()}
    addresses = {engine.address(handle) for handles in known.values() for handle in handles}
    homes = [home for home in facts.homes if home.kind == "variable"]
    others = [home.bytes for home in homes if home.address not in addresses]
    gathered = sum(map(_aligned, _bytes_of(facts, "input"))) if is_gathered else 0
    lines = [_line(name, map(_bytes_of_variable, handles)) for name, handles in known.items()]
    lines.append(_line("other variables", others))
    lines.append(_line("constants", _bytes_of(facts, "constant")))
    lines += _arena_lines(facts.arena_bytes, gathered)
    lines.append(_line("outputs", _bytes_of(facts, "output")))
    lines.append(MemoryLine("program", 1, facts.record_bytes, facts.record_bytes))
    return MemoryBill(facts.name, tuple(line for line in lines if line.count))


def _bytes_of(facts: ProgramFacts, kind: str) -> list[int]:
    """The sizes of the homes of that kind; memory of others (0 bytes here) is not on the bill."""
    return [home.bytes for home in facts.homes if home.kind == kind and home.bytes]


def _bytes_of_variable(handle: Handle) -> int:
    return math.prod(engine.shape(handle)) * np.dtype(engine.dtype(handle)).itemsize


def _line(name: str, sizes: Iterable[int]) -> MemoryLine:
    sizes = list(sizes)
    return MemoryLine(name, len(sizes), sum(sizes), sum(map(engine.block_bytes, sizes)))


def _arena_lines(arena: int, gathered: int) -> list[MemoryLine]:
    """Arena and gathered batch share one block of just their size (csrc/program/arena.c)."""
    arena = _aligned(max(arena, 1) if not gathered else arena)
    batch = MemoryLine("gathered batch", 1 if gathered else 0, gathered, gathered)
    return [MemoryLine("arena", 1, arena, arena), batch]


def _aligned(count: int) -> int:
    return -(-count // ALIGNMENT) * ALIGNMENT
