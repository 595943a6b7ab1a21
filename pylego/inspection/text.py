"""The print-out of a program: one line for an instruction, and beneath it its ops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from pylego.engine import Instruction, Op, Operand
from pylego.inspection.info import ProgramInfo, inputs_of
from pylego.inspection.units import in_bytes, in_shape, in_thousands

HEADINGS = ("", "brick", "shapes", "arena", "bytes", "ops", "thr", "from")
WIDTHS = (3, 32, 26, 14, 8, 7, 3, 0)
LEFT = (1, 2, 3, 7)  # columns that begin at the left
SWITCHES = ("keepdims", "transpose_a", "transpose_b", "reverse", "from_logits")

LONGEST_REPEATED = 3  # longer fused loops that equal an earlier one are not spelled out

LEGEND = """\
%7 is what instruction 7 makes, %7.2 one of several; float32 where no dtype is named. arena: the
bytes from..to where it lies, +1: one more; without a place it passes on in tiles, never stored as
a whole. bytes: read and written; thr: threads; from: layer, loss, optimizer; gradient: backward.
Bricks between / and \\ are one pattern, its name in brackets: a single loop, the same bits."""


def program_text(info: ProgramInfo) -> str:
    """Return the whole print-out: totals, legend, instructions."""
    return "\n".join([headline(info), LEGEND, "", instructions_text(info)])


def instructions_text(
    info: ProgramInfo, is_wanted: Callable[[Instruction], bool] = lambda instruction: True
) -> str:
    """Return the lines of the instructions that are wanted, beneath the headings."""
    lines = [_row(HEADINGS)]
    seen: dict[tuple, int] = {}
    for number, instruction in enumerate(info.instructions):
        model = seen.setdefault(_likeness(instruction), number)
        is_repeated = model < number and len(instruction.ops) > LONGEST_REPEATED
        bricks = _difference(info, instruction, model) if is_repeated else None
        if is_wanted(instruction):
            lines += _lines_of(info, number, instruction, bricks)
            lines += _body_lines(info.bodies.get(number))
    return "\n".join(lines)


def _body_lines(body: ProgramInfo | None) -> list[str]:
    """What a loop runs at each step; %7 is what instruction 7 of the body makes there."""
    if body is None:
        return []
    return [f"     : {line}".rstrip() for line in instructions_text(body).splitlines()[1:]]


def headline(info: ProgramInfo) -> str:
    """Return the totals in a line."""
    return (
        f"{info.name}: {len(info.instructions)} instructions, "
        f"arena {in_bytes(info.arena_bytes)}, variables {in_bytes(info.bytes_of('variable'))}, "
        f"{in_thousands(info.operations)} operations a run"
    )


def _row(cells: Iterable[str]) -> str:
    fitted = [
        cell.ljust(width) if i in LEFT else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(cells, WIDTHS))
    ]
    return "  ".join(fitted).rstrip()


def _lines_of(
    info: ProgramInfo, number: int, instruction: Instruction, bricks: list[str] | None
) -> list[str]:
    """One line where the brick fits into its column, else a line for each brick beneath."""
    lines = [op_text(info, op) + _named(op, i) for i, op in enumerate(instruction.ops)]
    marks = [_mark(op, i) for i, op in enumerate(instruction.ops)]
    if bricks:
        lines, marks = bricks, [" "] * len(bricks)
    is_short = len(instruction.ops) == 1 and len(lines[0]) <= WIDTHS[1]
    cells = (
        str(number),
        lines[0] if is_short else title(instruction, WIDTHS[1]),
        _fitting(shapes_text(info, instruction), WIDTHS[2]),
        place_text(info, instruction),
        in_bytes(instruction.bytes),
        in_thousands(instruction.operations),
        str(instruction.threads),
        origin_text(info, instruction),
    )
    beneath = [] if is_short else [f"{mark:>6} {line}" for mark, line in zip(marks, lines)]
    return [_row(cells), *beneath]


def _mark(op: Op, number: int) -> str:
    """The mark of the ops of one pattern: a brace around their lines."""
    if not op.pattern:
        return " "
    ends = {op.pattern_first: "/", op.pattern_last: "\\"}
    return ends.get(number, "|")


def _named(op: Op, number: int) -> str:
    """The name of a pattern, behind its first op."""
    return f"  [{op.pattern}]" if op.pattern and op.pattern_first == number else ""


def _likeness(instruction: Instruction) -> tuple:
    """A key that is equal for instructions that do the same with other tensors."""
    places: dict[int, int] = {}
    return tuple(
        (
            op.brick.name,
            str(op.attributes),
            op.algorithm,
            op.pattern,
            *(_role(places, o) for o in _operands(op)),
        )
        for op in instruction.ops
    )


def _role(places: dict[int, int], operand: Operand) -> tuple:
    """A constant's number, or which of the instruction's tensors it is: the first, the second."""
    if operand.number is not None:
        return ("constant", operand.number)
    return ("tensor", places.setdefault(operand.buffer, len(places)))


def _operands(op: Op) -> tuple[Operand, ...]:
    return (*op.inputs, *op.outputs)


def _difference(info: ProgramInfo, instruction: Instruction, model: int) -> list[str]:
    """The line for a fused loop that equals an earlier one, with other tensors."""
    operands = [operand for op in instruction.ops for operand in _operands(op)]
    names = dict.fromkeys(
        info.names[operand.buffer]
        for operand in operands
        if operand.number is None and info.buffers[operand.buffer].kind != "tile"
    )
    return [f"as {model}, with {', '.join(names)}"]


def _fitting(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 2] + ".."


def title(instruction: Instruction, width: int = 1000) -> str:
    """Return the names of the bricks: 'add + relu', 'add + relu + .. (5 bricks)'."""
    names = [op.brick.name for op in instruction.ops]
    whole = " + ".join(names)
    count = len(names)
    while len(whole) > width and count > 1:
        count -= 1
        whole = " + ".join([*names[:count], f".. ({len(names)} bricks)"])
    return whole


# ---- bricks ---------------------------------------------------------------------------------


def op_text(info: ProgramInfo, op: Op) -> str:
    """Return what a brick does as an assignment: '%3 = matmul(%2, dense/kernel)'.

    Where its kernel has several algorithms, the name of the one it takes follows: 'by winograd'.
    """
    outputs = ", ".join(info.names[operand.buffer] for operand in op.outputs)
    arguments = [operand_text(info, operand) for operand in inputs_of(op)]
    algorithm = f" by {op.algorithm}" if op.algorithm else ""
    return f"{outputs} = {op.brick.name}({', '.join([*arguments, *_attributes(op)])}){algorithm}"


def operand_text(info: ProgramInfo, operand: Operand) -> str:
    """Return the name of what is read, or the number that a constant is full of."""
    if operand.number is None:
        return info.names[operand.buffer]
    if operand.dtype == "float32":
        return f"{operand.number:.7g}"
    return str(operand.number)


def _attributes(op: Op) -> list[str]:
    """Those that the shapes do not tell."""
    texts = []
    for name, value in op.attributes.items():
        if name in SWITCHES:
            texts += [name] if value else []
        elif name not in ("shape", "dtype", "outputs") and value != ():
            texts.append(f"{name}={value}")
    return texts


# ---- columns --------------------------------------------------------------------------------


def shapes_text(info: ProgramInfo, instruction: Instruction) -> str:
    """Return the shapes that go in and come out: '10x64, 64x64 -> 10x64'; 2*64 for two of them."""
    ends = [_distinct(info, side) for side in (_read(instruction), _written(instruction))]
    return " -> ".join(side for side in ends if side)


def _read(instruction: Instruction) -> list[Operand]:
    operands = [operand for op in instruction.ops for operand in inputs_of(op)]
    return [operand for operand in operands if operand.number is None]


def _written(instruction: Instruction) -> list[Operand]:
    return [operand for op in instruction.ops for operand in op.outputs]


def _distinct(info: ProgramInfo, operands: Iterable[Operand]) -> str:
    """Each tensor once, tiles left out."""
    seen = {
        (operand.buffer, operand.shape): in_shape(operand.shape, operand.dtype)
        for operand in operands
        if info.buffers[operand.buffer].kind != "tile"
    }
    counts = Counter(seen.values())
    return ", ".join(text if n == 1 else f"{n}*{text}" for text, n in counts.items())


def origin_text(info: ProgramInfo, instruction: Instruction) -> str:
    """Return where an instruction comes from: 'loss', 'dense gradient', 'adam +2' for two more."""
    origins = info.origins(instruction)
    return origins[0] if len(origins) == 1 else f"{origins[0]} +{len(origins) - 1}"


def place_text(info: ProgramInfo, instruction: Instruction) -> str:
    """Return where the results lie: 'from..to' in the arena, or in variables and outputs."""
    buffers = {operand.buffer: info.buffers[operand.buffer] for operand in _written(instruction)}
    places = [buffer for buffer in buffers.values() if buffer.kind == "arena"]
    if places:
        first = f"{places[0].offset}..{places[0].offset + places[0].bytes}"
        return first if len(places) == 1 else f"{first}+{len(places) - 1}"
    kinds = dict.fromkeys(buffer.kind for buffer in buffers.values() if buffer.kind != "tile")
    return ", ".join(kinds)
