"""Show how large the code is, and fail where it outgrows its budgets (DESIGN: section 8).

`make sizes` prints lines per folder, the largest files and the longest functions.
"""

from __future__ import annotations

import ast
import re
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE = 500
LONGEST_FUNCTION = {".py": 60, ".pyi": 60, ".c": 60, ".h": 60, "kernels": 80}
NINE_OF_TEN = 30

C_FUNCTION = re.compile(
    r"^(?!typedef|struct|enum|static const|extern)\w[\w\s*]*?(\w+)\([^;{}]*\) \{$", re.M
)
C_MACRO = re.compile(r"^#define (\w+)(?:.*\\\n)+.*$", re.M)


def python_functions(text: str) -> list[tuple[str, int]]:
    """Name and lines of each function, its docstring not counted."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = node.end_lineno - node.lineno + 1
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                lines -= first.end_lineno - first.lineno + 1
            found.append((node.name, lines))
    return found


def c_functions(text: str) -> list[tuple[str, int]]:
    """Name and lines of each function, from its opening line to the brace in the first column, and
    of each macro of several lines: what it writes is code as well."""
    found = [(match.group(1), match.group().count("\n") + 1) for match in C_MACRO.finditer(text)]
    for match in C_FUNCTION.finditer(text):
        end = text.index("\n}", match.end() - 1)
        found.append((match.group(1), text.count("\n", match.start(), end) + 2))
    return found


def functions(path: Path) -> list[tuple[str, int]]:
    text = path.read_text(encoding="utf-8")
    return c_functions(text) if path.suffix in (".c", ".h") else python_functions(text)


def budget(path: Path) -> int:
    return LONGEST_FUNCTION.get(path.parent.name, LONGEST_FUNCTION[path.suffix])


def sources() -> list[Path]:
    folders = [ROOT / "csrc", ROOT / "pylego"]
    paths = [path for folder in folders for path in folder.rglob("*.[pch]*")]
    kinds = (".py", ".pyi", ".c", ".h")
    return sorted(p for p in paths if p.suffix in kinds and not p.name.startswith("_lego"))


def count_lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def folder_of(path: Path) -> str:
    return "/".join(path.relative_to(ROOT).parts[:-1])


def main() -> int:
    paths = sources()
    lines = {path: count_lines(path) for path in paths}
    print(f"{'lines':>7} {'files':>6}  folder")
    for folder in sorted({folder_of(path) for path in paths}):
        inside = [path for path in paths if folder_of(path) == folder]
        print(f"{sum(lines[p] for p in inside):7} {len(inside):6}  {folder}/")
    found = [(size, name, path) for path in paths for name, size in functions(path)]
    lengths = sorted(size for size, _, _ in found)
    ninth = lengths[len(lengths) * 9 // 10]
    print(f"{sum(lines.values()):7} {len(paths):6}  in all")
    median = statistics.median(lengths)
    print(f"\n{len(lengths)} functions and macros: median {median:g} lines, nine of ten to {ninth}")
    print("\nlargest files")
    for path in sorted(paths, key=lambda p: -lines[p])[:5]:
        print(f"{lines[path]:7}  {path.relative_to(ROOT)}")
    print("\nlongest functions")
    for size, name, path in sorted(found, key=lambda row: -row[0])[:5]:
        print(f"{size:7}  {name} in {path.relative_to(ROOT)}")
    too_large = [f"{p.relative_to(ROOT)}: {n} lines" for p, n in lines.items() if n > LONGEST_FILE]
    too_long = [
        f"{path.relative_to(ROOT)}: {name} has {size} lines, the budget is {budget(path)}"
        for size, name, path in found
        if size > budget(path)
    ]
    if ninth > NINE_OF_TEN:
        too_long.append(f"nine of ten functions should be under {NINE_OF_TEN} lines, not {ninth}")
    for complaint in too_large + too_long:
        print("over budget:", complaint, file=sys.stderr)
    return 1 if too_large or too_long else 0


if __name__ == "__main__":
    sys.exit(main())
