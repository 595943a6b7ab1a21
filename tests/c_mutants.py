"""One-line changes of C code that a test should notice: another operator, a number one off, two
arguments exchanged, a statement left out.

It reads lines as clang-format writes them: binary operators stand between spaces, which tells a
product from a pointer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

OPERATORS = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&",
    "+": "-", "-": "+", "*": "/", "/": "*", "%": "/", "<<": ">>", ">>": "<<", "&": "|", "|": "&",
    "+=": "-=", "-=": "+=", "*=": "/=",
}  # fmt: skip

OPERATOR = re.compile(r"(?<= )(<<|>>|&&|\|\||[<>=!+*-]=|[<>+*/%&|-])(?= )")
NUMBER = re.compile(r"(?<![\w.])(\d+)(?![\w.])")
NOT = re.compile(r"!(?=[\w(])")
PAIR = re.compile(r"(?<=\()(\w+(?:->\w+|\.\w+)*), (\w+(?:->\w+|\.\w+)*)(?=[,)])")
STATEMENT = re.compile(r"^\s+(?:[\w.>\[\]-]+ [+*/-]?= .+|\w+\(.*\)|return)\s*;$")
SILENT = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)


@dataclass(frozen=True)
class Mutant:
    """A file in which one line is another."""

    line: int  # counted from 1
    before: str
    after: str

    def of(self, text: str) -> str:
        """The whole file."""
        lines = text.split("\n")
        lines[self.line - 1] = self.after
        return "\n".join(lines)


def mutants(text: str) -> Iterator[Mutant]:
    """Go through all one-line changes of a C file; some of them may not compile."""
    shown, code = text.split("\n"), silenced(text).split("\n")
    for number, (line, visible) in enumerate(zip(shown, code), 1):
        for after in dict.fromkeys(changes(line, visible)):
            yield Mutant(number, line, after)


def silenced(text: str) -> str:
    """The same text with blanks for comments, strings and directives, so that places agree."""

    def blank(match: re.Match) -> str:
        return re.sub(r"[^\n]", " ", match[0])

    return DIRECTIVE.sub(blank, SILENT.sub(blank, text))


def changes(line: str, code: str) -> Iterator[str]:
    """What a line may become; `code` is the line without what is no code."""
    for found in OPERATOR.finditer(code):
        yield replaced(line, found, OPERATORS[found[0]])
    for found in NUMBER.finditer(code):
        yield replaced(line, found, str(int(found[0]) + 1))
        if found[0] == "1":
            yield replaced(line, found, "0")
    for found in NOT.finditer(code):
        yield replaced(line, found, "")
    for found in PAIR.finditer(code):
        yield replaced(line, found, f"{found[2]}, {found[1]}")
    if STATEMENT.match(code):
        yield line[: len(line) - len(line.lstrip())] + ";"


def replaced(line: str, found: re.Match, by: str) -> str:
    return line[: found.start()] + by + line[found.end() :]
