"""A profile: microseconds of each instruction, and sums for each layer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from pylego import engine
from pylego.engine import Instruction, Recording
from pylego.inspection.info import ProgramInfo, seconds_of
from pylego.inspection.text import origin_text, title
from pylego.inspection.units import table

HEADINGS = ("", "brick", "us", "share", "GFLOP/s", "GB/s", "from")
LEFT = (1, 6)
WIDTH = 36
WARM_UP = 3  # runs that are not timed: memory is new to them, and kernels are packed


def profile(recording: Recording, run: Callable[[], object], steps: int) -> None:
    """Time each instruction of a program while `run` runs it, so many times after a few others."""
    for _ in range(WARM_UP):
        run()
    engine.profile_program(recording, True)
    try:
        for _ in range(steps):
            run()
    finally:
        engine.profile_program(recording, False)


def timing_text(info: ProgramInfo) -> str:
    """Return a table of the instructions by time, and one of the layers.

    Raises:
        ValueError: when no run was timed.
    """
    if not info.runs:
        raise ValueError(f"no run of {info.name} was timed: profile it first")
    whole = info.seconds or 1.0  # a clock may be too coarse to see anything
    rows = [
        (str(number), title(i, WIDTH), *_figures(i, whole), origin_text(info, i))
        for number, i in enumerate(info.instructions)
    ]
    sums = [
        (origin, *_times(seconds, whole))
        for origin, seconds in sorted(seconds_of_origins(info).items(), key=lambda s: -s[1])
    ]
    header = f"{info.name}: {1e6 * info.seconds:.1f} us a run, the average of {info.runs}"
    total = ("all", *_times(info.seconds, whole))
    return "\n".join(
        [
            header,
            "",
            *table([HEADINGS, *rows], LEFT),
            "",
            *table([("", *HEADINGS[2:4]), *sums, total]),
        ]
    )


def seconds_of_origins(info: ProgramInfo) -> dict[str, float]:
    """Return the seconds of a run that went into each origin.

    The time of a fused loop with several origins is divided in proportion to operations.
    """
    sums: dict[str, float] = defaultdict(float)
    for instruction in info.instructions:
        whole = sum(op.operations for op in instruction.ops)
        for op in instruction.ops:
            share = op.operations / whole if whole else 1 / len(instruction.ops)
            sums[info.origin(op)] += share * seconds_of(instruction)
    return dict(sums)


def _times(seconds: float, whole: float) -> tuple[str, str]:
    return f"{1e6 * seconds:.2f}", f"{seconds / whole:.1%}"


def _figures(instruction: Instruction, whole: float) -> tuple[str, ...]:
    seconds = seconds_of(instruction)
    speeds = (
        f"{count / seconds / 1e9:.2f}" if seconds else "-"
        for count in (instruction.operations, instruction.bytes)
    )
    return (*_times(seconds, whole), *speeds)
