"""The figure of a model in the characters of a terminal."""

from __future__ import annotations

from pylego.drawing.lettering import columns_of
from pylego.models.figure_parts import OPEN_HEAD, OPEN_LEGS, OPEN_TORSO, Brick, Parts, wrapped

BROADEST = 36  # columns of the bricks
INDENT = 2
CAPTIONS_FROM = 34  # columns beside the person, from which on the captions have room

# By whether a wall stands above and below: the character of a horizontal line.
JOINTS = {(False, False): "─", (True, False): "┴", (False, True): "┬", (True, True): "┼"}
PLAIN = str.maketrans("─│┌┐└┘├┤┬┴┼╭╮╰╯┄┆▄●", "-|+++++++++..''~:=o")

NECK = 6  # columns between the lines of the neck
FACE = 10
FEWEST_LINES, MOST_LINES = 3, 5  # of the torso
LEG_LINES = 2


def figure_lines(parts: Parts, columns: int) -> list[str]:
    """Return the lines of the figure, for a terminal of so many columns."""
    broad = min(BROADEST, max(columns - 2 * INDENT, FACE + 4)) // 2 * 2
    head = _head(parts, broad)
    face = _face(parts.is_whole, broad)
    torso, legs = _torso(parts, broad), _legs(parts, broad)
    margin = " " * INDENT
    lines = [margin + line for line in [*head, *face, *torso, *legs]]
    if columns - broad - 2 * INDENT < CAPTIONS_FROM:
        return lines
    places = len(head) // 2, len(head) + len(face) + 1, len(lines) - len(legs) + 1
    for place, caption in zip(places, _captions(parts)):
        for number, line in enumerate(caption):
            if place + number < len(lines):
                space = broad + 2 * INDENT + 2 - columns_of(lines[place + number])
                lines[place + number] += " " * space + line
    return lines


def _captions(parts: Parts) -> list[list[str]]:
    """What is said beside head, torso and legs."""
    metrics = f"metrics: {', '.join(parts.metrics)}" if parts.metrics else ""
    found = [["head: network", parts.head], ["torso: loss", metrics]]
    return [*found, ["legs: optimizer", parts.rate]]


# ---- bricks ---------------------------------------------------------------------------------


def _head(parts: Parts, broad: int) -> list[str]:
    """The stack of bricks, with studs on top."""
    if not parts.rows:
        return _open_box([OPEN_HEAD], broad, broad)
    rows = [_cells(row, broad) for row in parts.shown_rows()]
    lines = [_studs(broad)]
    walls: list[int] = []
    for number, (cells, text) in enumerate(rows):
        lines += [_rule(broad, walls, cells, "┌┐" if number == 0 else "├┤"), text]
        walls = cells
    return [*lines, _rule(broad, walls, [], "└┘")]


def _studs(broad: int) -> str:
    """A stud for each five columns."""
    count = max((broad - 2) // 5, 1)
    return "  ".join(["▄▄▄"] * count).center(broad).rstrip()


def _cells(row: tuple[Brick, ...], broad: int) -> tuple[list[int], str]:
    """Where walls stand between the bricks of a row, and its line."""
    inner = broad - 1  # each brick has a wall on its left
    ends = [inner * (i + 1) // len(row) for i in range(len(row))]
    texts = []
    for brick, begin, end in zip(row, [0, *ends], ends):
        texts.append("│" + _centred(_caption(brick, end - begin - 1), end - begin - 1))
    return ends[:-1], "".join(texts) + "│"


def _caption(brick: Brick, fits: int) -> str:
    """Class and activation, as far as they fit."""
    whole = f"{brick.title}  {brick.activation}" if brick.activation else brick.title
    if columns_of(whole) <= fits:
        return whole
    return _cut(brick.title, fits)


def _rule(broad: int, above: list[int], below: list[int], ends: str) -> str:
    line = [JOINTS[column in above, column in below] for column in range(broad)]
    line[0], line[-1] = ends[0], ends[1]
    return "".join(line)


# ---- the person -----------------------------------------------------------------------------


def _face(is_happy: bool, broad: int) -> list[str]:
    mouth = "╰──╯" if is_happy else "────"
    lines = [
        "╭" + "─" * FACE + "╮",
        "│" + "●    ●".center(FACE) + "│",
        "│" + mouth.center(FACE) + "│",
        "╰──┬" + "─" * (FACE - 6) + "┬──╯",
    ]
    return [_centred(line, broad) for line in lines]


def _torso(parts: Parts, broad: int) -> list[str]:
    """Shoulders, arms and hands, with the names of the losses."""
    inner = _body(broad)
    if not parts.losses:
        return _open_box(wrapped(OPEN_TORSO, inner - 2), inner + 2, broad, has_neck=True)
    texts = _fitted(parts.losses, inner - 2)
    sides = [("╭─┤", "├─╮"), *[("│ │", "│ │")] * (len(texts) - 2), ("╰●┤", "├●╯")]
    body = [left + _centred(text, inner) + right for text, (left, right) in zip(texts, sides)]
    return [_centred(line, broad) for line in [_shoulders(inner, "╭╮", "─"), *body]]


def _shoulders(inner: int, corners: str, line: str) -> str:
    """The upper edge of the torso, into which the neck leads."""
    side = (inner - NECK) // 2
    return corners[0] + line * side + "┴" + line * (NECK - 2) + "┴" + line * side + corners[1]


def _legs(parts: Parts, broad: int) -> list[str]:
    inner = _body(broad)
    half = inner // 2 - 1
    if not parts.optimizer:
        lines = wrapped(OPEN_LEGS, inner - 2)
        return _open_box(lines, inner + 2, broad, is_below=bool(parts.losses))
    top = "├┤" if parts.losses else "╭╮"
    leg = "│" + " " * half + "│"
    lines = [
        top[0] + "─" * inner + top[1],
        "│" + _centred(_cut(parts.optimizer, inner), inner) + "│",
        "├" + "─" * half + "┬┬" + "─" * half + "┤",
        *[leg + leg] * LEG_LINES,
        ("╰" + "─" * half + "╯") * 2,
    ]
    return [_centred(line, broad) for line in lines]


def _open_box(
    texts: list[str], width: int, broad: int, has_neck: bool = False, is_below: bool = False
) -> list[str]:
    """A box of broken lines, with what is to be done."""
    inner = width - 2
    top = "╭" + "┄" * inner + "╮"
    if has_neck:
        top = _shoulders(inner, "╭╮", "┄")
    if is_below:
        top = "├" + "─" * inner + "┤"
    body = ["┆" + _centred(_cut(text, inner), inner) + "┆" for text in texts]
    return [_centred(line, broad) for line in [top, *body, "╰" + "┄" * inner + "╯"]]


def _body(broad: int) -> int:
    """How many columns the inside of the torso has."""
    return max(min(broad - 8, 20), FACE + 2) // 2 * 2 if broad > 20 else FACE + 2


def _fitted(names: tuple[str, ...], fits: int) -> list[str]:
    """Names in as many lines as the torso may have; what is too much is counted."""
    found = [line for name in names for line in wrapped(name, fits)]
    if len(found) > MOST_LINES:
        found = [_cut(name, fits) for name in names]
    if len(found) > MOST_LINES:
        found = [*found[: MOST_LINES - 1], f"+{len(found) - MOST_LINES + 1}"]
    above = max(FEWEST_LINES - len(found), 0) // 2
    below = max(FEWEST_LINES - len(found) - above, 0)
    return [""] * above + found + [""] * below


def _centred(text: str, width: int) -> str:
    left = (width - columns_of(text)) // 2
    return " " * left + text + " " * (width - columns_of(text) - left)


def _cut(text: str, fits: int) -> str:
    """The text, or its beginning."""
    if columns_of(text) <= fits:
        return text
    while columns_of(text) > fits - 2 and text:
        text = text[:-1]
    return f"{text}.."[:fits]
