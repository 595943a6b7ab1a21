"""The view of a program: it prints itself, and draws itself in notebooks."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from pylego.engine import Handle, Recording
from pylego.inspection.info import ProgramInfo, read_program
from pylego.inspection.page import program_html, program_page
from pylego.inspection.text import program_text
from pylego.inspection.timeline import timeline_svg
from pylego.inspection.timing import profile, timing_text
from pylego.inspection.why import why_text


class ProgramView:
    """What a program does and where; `print` shows it line by line.

    Args:
        info: of the program.

    >>> from pylego import Variable, engine, ops
    >>> from pylego.inspection import view_program
    >>> w = Variable([[1.0, 2.0]], name="w")
    >>> recording = engine.new_program()
    >>> former = engine.record(recording)
    >>> y = ops.sum(ops.tanh(w * 3.0))
    >>> _ = engine.record(former)
    >>> engine.finish_program(recording, [y._handle], sum(engine.PASSES.values()))
    >>> view = view_program(recording, "triple", {w._handle: w.path})
    >>> view.info.operations
    6
    >>> print(str(view).splitlines()[0])
    triple: 1 instructions, arena 0 B, variables 8 B, 6 operations a run
    """

    def __init__(self, info: ProgramInfo):
        self.info = info

    def __str__(self) -> str:
        """Return the print-out; with times where runs were timed."""
        printed = program_text(self.info)
        return f"{printed}\n\n{timing_text(self.info)}" if self.info.runs else printed

    def __repr__(self) -> str:
        return f"<ProgramView {self.info.name}: {len(self.info.instructions)} instructions>"

    def __len__(self) -> int:
        """Return the number of instructions."""
        return len(self.info.instructions)

    def why(self) -> str:
        """Return why instructions that read from each other are not fused into one.

        >>> from pylego import ops
        >>> from pylego.programs.program import Program
        >>> step = Program.record(lambda x: ops.cumsum(ops.tanh(x)), [ops.ones((2, 3))])
        >>> print(step.view().why())
        value  made by  read by   not one, because
        %0     0 tanh   1 cumsum  cumsum has no loop over single elements
        """
        return why_text(self.info)

    def _repr_html_(self) -> str:
        """Return what notebooks show."""
        return program_html(self.info)

    def _repr_svg_(self) -> str:
        """Return the timeline of the arena."""
        return timeline_svg(self.info)

    def save_html(self, path: str | os.PathLike) -> None:
        """Write a page with the print-out, the timeline of the arena and the graph of bricks."""
        Path(path).write_text(program_page(self.info), encoding="utf-8")


def view_program(
    recording: Recording,
    name: str = "program",
    paths: Mapping[Handle, str] | None = None,
    run: Callable[[], object] | None = None,
    steps: int = 20,
) -> ProgramView:
    """Look into a finished program.

    Args:
        recording: the engine's program.
        name: what it does.
        paths: of variables, by their handles.
        run: runs the program once; given, so many steps are timed.
        steps: how many.
    """
    if run is not None:
        profile(recording, run, steps)
    return ProgramView(read_program(recording, name, paths))
