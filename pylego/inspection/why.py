"""Why neighbouring ops were not fused: the reasons of the passes that tried to join them."""

from __future__ import annotations

from collections.abc import Iterator

from pylego.engine import Instruction, Op, Operand
from pylego.inspection.info import ProgramInfo, inputs_of
from pylego.inspection.units import table

UNTRIED = "no pass tried to join them"


def why_text(info: ProgramInfo) -> str:
    """Return a line for each value that another instruction reads: why the two are not one."""
    rows = [("value", "made by", "read by", "not one, because")]
    for number, instruction in enumerate(info.instructions):
        rows += dict.fromkeys(_rows(info, number, instruction))
    if len(rows) == 1:
        return "no instruction reads what another one makes"
    return "\n".join(table(rows, left=range(4)))


def _rows(
    info: ProgramInfo, number: int, instruction: Instruction
) -> Iterator[tuple[str, str, str, str]]:
    for op in instruction.ops:
        for operand in inputs_of(op):
            at, which = operand.maker
            if at in (-1, number):
                continue
            maker = info.instructions[at].ops[which]
            ends = (f"{at} {maker.brick.name}", f"{number} {op.brick.name}")
            yield info.names[operand.buffer], *ends, _reason(op, operand, maker)


def _reason(reader: Op, operand: Operand, maker: Op) -> str:
    """What was said of the two; else what was said of one of them alone."""
    if operand.obstacle:
        return operand.obstacle
    alone = [f"{op.brick.name} {op.obstacle}" for op in (reader, maker) if op.obstacle]
    return alone[0] if alone else UNTRIED
