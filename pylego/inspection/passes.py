"""The effect of each pass on a program: the print-outs before and after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pylego import engine
from pylego.engine import Handle, Recording
from pylego.inspection.info import ProgramInfo, read_program
from pylego.inspection.text import instructions_text
from pylego.inspection.units import in_bytes, table


@dataclass(frozen=True)
class PassComparison:
    """The same recording with no pass, with one, with two ... with all of them.

    Args:
        stages: the name of the pass that was added last ('recorded' for none), and the program.
    """

    stages: tuple[tuple[str, ProgramInfo], ...]

    def __str__(self) -> str:
        rows: list[tuple[str, ...]] = [("pass", "instructions", "bricks", "arena", "bytes a run")]
        rows += [(name, *_counts(info)) for name, info in self.stages]
        printed = [f"---- {name} ----\n{instructions_text(info)}" for name, info in self._changed()]
        return "\n\n".join(["\n".join(table(rows)), *printed])

    def _changed(self) -> list[tuple[str, ProgramInfo]]:
        """The stages whose print-out differs from the one before."""
        changed = []
        former = ""
        for name, info in self.stages:
            now = instructions_text(info)
            changed += [(name, info)] if now != former else []
            former = now
        return changed


def _counts(info: ProgramInfo) -> tuple[str, ...]:
    bricks = sum(len(instruction.ops) for instruction in info.instructions)
    sizes = (in_bytes(info.arena_bytes), in_bytes(info.bytes))
    return (str(len(info.instructions)), str(bricks), *sizes)


def compare_passes(
    record: Callable[[int], Recording], paths: Mapping[Handle, str] | None = None
) -> PassComparison:
    """Finish a recording again and again, with one pass more each time.

    Args:
        record: makes a new recording, finished with the passes that it is given.
        paths: of variables, by their handles.
    """
    passes = 0
    stages = [("recorded", read_program(record(passes), "recorded", paths))]
    for name, number in engine.PASSES.items():
        passes |= number
        stages.append((name, read_program(record(passes), name, paths)))
    return PassComparison(tuple(stages))
