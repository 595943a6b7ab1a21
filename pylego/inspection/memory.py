"""The memory that a program needs, known before it runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pylego import engine
from pylego.engine import Handle
from pylego.inspection.info import ALIGNMENT, ProgramInfo
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
    """The memory of a run of a program, line by line."""

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
    info: ProgramInfo,
    variables: Mapping[str, Iterable[Handle]] | None = None,
    is_gathered: bool = True,
) -> MemoryBill:
    """Make the bill of a finished program; it need not have run.

    Args:
        info: of the program.
        variables: variables known by name: 'parameters', 'optimizer', 'metrics'. Variables that the
            program works with beside them are 'other variables'.
        is_gathered: whether batches are put together from rows in any order, as `fit` does.
    """
    known = {name: list(handles) for name, handles in (variables or {}).items()}
    addresses = {engine.address(handle) for handles in known.values() for handle in handles}
    buffers = [buffer for buffer in info.buffers if buffer.kind == "variable"]
    others = [buffer.bytes for buffer in buffers if buffer.address not in addresses]
    gathered = sum(map(_aligned, _bytes_of(info, "input"))) if is_gathered else 0
    lines = [_line(name, map(_bytes_of_variable, handles)) for name, handles in known.items()]
    lines.append(_line("other variables", others))
    lines.append(_line("constants", _bytes_of(info, "constant")))
    lines += _arena_lines(info.arena_bytes, gathered)
    lines.append(_line("outputs", _bytes_of(info, "output")))
    lines.append(MemoryLine("program", 1, info.record_bytes, info.record_bytes))
    return MemoryBill(info.name, tuple(line for line in lines if line.count))


def _bytes_of(info: ProgramInfo, kind: str) -> list[int]:
    """The sizes of the buffers of that kind; memory of others (0 bytes here) is not on the bill."""
    return [buffer.bytes for buffer in info.buffers if buffer.kind == kind and buffer.bytes]


def _bytes_of_variable(handle: Handle) -> int:
    return math.prod(engine.shape(handle)) * engine.DTYPE_BYTES[engine.dtype(handle)]


def _line(name: str, sizes: Iterable[int]) -> MemoryLine:
    sizes = list(sizes)
    return MemoryLine(name, len(sizes), sum(sizes), sum(map(engine.block_bytes, sizes)))


def _arena_lines(arena: int, gathered: int) -> list[MemoryLine]:
    """Arena and gathered batch share one block of just their size (csrc/graph/arena.c)."""
    arena = _aligned(max(arena, 1) if not gathered else arena)
    batch = MemoryLine("gathered batch", 1 if gathered else 0, gathered, gathered)
    return [MemoryLine("arena", 1, arena, arena), batch]


def _aligned(count: int) -> int:
    return -(-count // ALIGNMENT) * ALIGNMENT
