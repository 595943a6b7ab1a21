"""A program in print: an instruction a line, and beneath it the bricks that it is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from pylego.engine import Instruction, Operand, Part
from pylego.inspection.facts import ProgramFacts, inputs_of
from pylego.inspection.units import in_bytes, in_shape, in_thousands

HEADINGS = ("", "brick", "shapes", "arena", "bytes", "ops", "thr", "from")
WIDTHS = (3, 32, 26, 14, 8, 7, 3, 0)
LEFT = (1, 2, 3, 7)  # columns that begin at the left
SWITCHES = ("keepdims", "transpose_a", "transpose_b", "reverse", "from_logits")

LONGEST_REPEATED = 3  # chains of more bricks that look like an earlier one are not spelled out

LEGEND = """\
%7 is what instruction 7 makes, %7.2 one of several; float32 where no dtype is named. arena: the
bytes from..to where it lies, +1: one more; without a place it passes on in tiles, never stored as
a whole. bytes: read and written; thr: threads; from: layer, loss, optimizer, or the walk back.
Bricks between / and \\ are said in one loop that the engine knows, with the same bits."""


def program_text(facts: ProgramFacts) -> str:
    """Return the whole print-out: totals, legend, instructions."""
    return "\n".join([headline(facts), LEGEND, "", instructions_text(facts)])


def instructions_text(
    facts: ProgramFacts, is_wanted: Callable[[Instruction], bool] = lambda instruction: True
) -> str:
    """Return the lines of the instructions that are wanted, beneath the headings."""
    lines = [_row(HEADINGS)]
    seen: dict[tuple, int] = {}
    for number, instruction in enumerate(facts.instructions):
        model = seen.setdefault(_pattern(instruction), number)
        is_repeated = model < number and len(instruction.parts) > LONGEST_REPEATED
        bricks = _difference(facts, instruction, model) if is_repeated else None
        if is_wanted(instruction):
            lines += _lines_of(facts, number, instruction, bricks)
    return "\n".join(lines)


def headline(facts: ProgramFacts) -> str:
    """Return the totals in a line."""
    return (
        f"{facts.name}: {len(facts.instructions)} instructions, "
        f"arena {in_bytes(facts.arena_bytes)}, variables {in_bytes(facts.bytes_of('variable'))}, "
        f"{in_thousands(facts.operations)} operations a run"
    )


def _row(cells: Iterable[str]) -> str:
    fitted = [
        cell.ljust(width) if i in LEFT else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(cells, WIDTHS))
    ]
    return "  ".join(fitted).rstrip()


def _lines_of(
    facts: ProgramFacts, number: int, instruction: Instruction, bricks: list[str] | None
) -> list[str]:
    """One line where the brick fits into its column, else a line for each brick beneath."""
    lines = [part_text(facts, part) for part in instruction.parts]
    marks = [_mark(part, i) for i, part in enumerate(instruction.parts)]
    if bricks:
        lines, marks = bricks, [" "] * len(bricks)
    is_short = len(instruction.parts) == 1 and len(lines[0]) <= WIDTHS[1]
    cells = (
        str(number),
        lines[0] if is_short else title(instruction, WIDTHS[1]),
        _fitting(shapes_text(facts, instruction), WIDTHS[2]),
        place_text(facts, instruction),
        in_bytes(instruction.bytes),
        in_thousands(instruction.operations),
        str(instruction.threads),
        origin_text(facts, instruction),
    )
    beneath = [] if is_short else [f"{mark:>6} {line}" for mark, line in zip(marks, lines)]
    return [_row(cells), *beneath]


def _mark(part: Part, number: int) -> str:
    """What shows that bricks are said in one loop: a brace around their lines."""
    if not part.phrase:
        return " "
    ends = {part.said_from: "/", part.said_to: "\\"}
    return ends.get(number, "|")


def _pattern(instruction: Instruction) -> tuple:
    """What two instructions have in common that do the same with other tensors."""
    places: dict[int, int] = {}
    return tuple(
        (
            part.brick.name,
            str(part.attributes),
            part.phrase,
            *(_role(places, o) for o in _operands(part)),
        )
        for part in instruction.parts
    )


def _role(places: dict[int, int], operand: Operand) -> tuple:
    """A constant's number, or which of the instruction's tensors it is: the first, the second."""
    if operand.number is not None:
        return ("constant", operand.number)
    return ("tensor", places.setdefault(operand.home, len(places)))


def _operands(part: Part) -> tuple[Operand, ...]:
    return (*part.inputs, *part.outputs)


def _difference(facts: ProgramFacts, instruction: Instruction, model: int) -> list[str]:
    """The line for a chain that does what an earlier one did, with other tensors."""
    operands = [operand for part in instruction.parts for operand in _operands(part)]
    names = dict.fromkeys(
        facts.names[operand.home]
        for operand in operands
        if operand.number is None and facts.homes[operand.home].kind != "tile"
    )
    return [f"as {model}, with {', '.join(names)}"]


def _fitting(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 2] + ".."


def title(instruction: Instruction, width: int = 1000) -> str:
    """Return the names of the bricks: 'add + relu', 'add + relu + .. (5 bricks)'."""
    names = [part.brick.name for part in instruction.parts]
    whole = " + ".join(names)
    count = len(names)
    while len(whole) > width and count > 1:
        count -= 1
        whole = " + ".join([*names[:count], f".. ({len(names)} bricks)"])
    return whole


# ---- bricks ---------------------------------------------------------------------------------


def part_text(facts: ProgramFacts, part: Part) -> str:
    """Return what a brick does as an assignment: '%3 = matmul(%2, dense/kernel)'."""
    outputs = ", ".join(facts.names[operand.home] for operand in part.outputs)
    arguments = [operand_text(facts, operand) for operand in inputs_of(part)]
    return f"{outputs} = {part.brick.name}({', '.join([*arguments, *_attributes(part)])})"


def operand_text(facts: ProgramFacts, operand: Operand) -> str:
    """Return the name of what is read, or the number that a constant is full of."""
    if operand.number is None:
        return facts.names[operand.home]
    if operand.dtype == "float32":
        return f"{operand.number:.7g}"
    return str(operand.number)


def _attributes(part: Part) -> list[str]:
    """Those that the shapes do not tell."""
    texts = []
    for name, value in part.attributes.items():
        if name in SWITCHES:
            texts += [name] if value else []
        elif name not in ("shape", "dtype") and value != ():
            texts.append(f"{name}={value}")
    return texts


# ---- columns --------------------------------------------------------------------------------


def shapes_text(facts: ProgramFacts, instruction: Instruction) -> str:
    """Return the shapes that go in and come out: '10x64, 64x64 -> 10x64'; 2*64 for two of them."""
    ends = [_distinct(facts, side) for side in (_read(instruction), _written(instruction))]
    return " -> ".join(side for side in ends if side)


def _read(instruction: Instruction) -> list[Operand]:
    operands = [operand for part in instruction.parts for operand in inputs_of(part)]
    return [operand for operand in operands if operand.number is None]


def _written(instruction: Instruction) -> list[Operand]:
    return [operand for part in instruction.parts for operand in part.outputs]


def _distinct(facts: ProgramFacts, operands: Iterable[Operand]) -> str:
    """Each tensor once, tiles left out."""
    seen = {
        (operand.home, operand.shape): in_shape(operand.shape, operand.dtype)
        for operand in operands
        if facts.homes[operand.home].kind != "tile"
    }
    counts = Counter(seen.values())
    return ", ".join(text if n == 1 else f"{n}*{text}" for text, n in counts.items())


def origin_text(facts: ProgramFacts, instruction: Instruction) -> str:
    """Return where an instruction comes from: 'loss', 'dense gradient', 'adam +2' for two more."""
    origins = facts.origins(instruction)
    return origins[0] if len(origins) == 1 else f"{origins[0]} +{len(origins) - 1}"


def place_text(facts: ProgramFacts, instruction: Instruction) -> str:
    """Return where the results lie: 'from..to' in the arena, or in variables and outputs."""
    homes = {operand.home: facts.homes[operand.home] for operand in _written(instruction)}
    places = [home for home in homes.values() if home.kind == "arena"]
    if places:
        first = f"{places[0].place}..{places[0].place + places[0].bytes}"
        return first if len(places) == 1 else f"{first}+{len(places) - 1}"
    kinds = dict.fromkeys(home.kind for home in homes.values() if home.kind != "tile")
    return ", ".join(kinds)
