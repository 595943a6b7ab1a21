"""Print the figures of the pages here; with `--write`, put them into the pages.

A figure stands in a page behind a line `<!-- figure: name -->`, as a block of text.
"""

from __future__ import annotations

import contextlib
import io
import re
import runpy
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from pylego import config, names, ops
from pylego.autograd import GradientTape
from pylego.inspection import compare_passes
from pylego.inspection.text import LEGEND, headline, instructions_text
from pylego.layers import Dense
from pylego.programs.program import ALL_PASSES, Program

DOCS = Path(__file__).resolve().parent
SNIPPET = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
FIGURE = re.compile(r"^<!-- figure: (\w+) -->\n```text\n.*?^```$", re.M | re.S)
MEASURED = {"time"}  # no two runs of these agree


# ---- the training step of the page's own network --------------------------------------------


def trained_model() -> Any:
    """The model of the page's first snippet, with the names that it has in a new process."""
    names.reset_names()
    snippets = SNIPPET.findall((DOCS / "program.md").read_text(encoding="utf-8"))
    made: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(snippets[0], made)
    return made["model"]


def pieces(is_wanted: Callable[[list[str]], bool]) -> str:
    """The instructions of the step that come from where it is wanted."""
    info = trained_model().program().info
    return instructions_text(info, lambda instruction: is_wanted(info.origins(instruction)))


def head() -> str:
    return f"{headline(trained_model().program().info)}\n{LEGEND}"


def forward() -> str:
    return pieces(lambda origins: origins[0] in ("dense", "dense_1"))


def loss() -> str:
    those = ("dense_4", "binary_crossentropy", "accuracy")
    return pieces(lambda origins: origins[0] in those and "adam" not in origins)


def numbers() -> str:
    """The work on single numbers, as far as the learning rate."""
    lines = pieces(lambda origins: {"binary_crossentropy", "adam"} <= set(origins)).splitlines()
    rate = next(number for number, line in enumerate(lines) if "learning_rate" in line)
    return "\n".join([*lines[: rate + 4], "       .."])


def back() -> str:
    return pieces(lambda origins: origins[0] == "dense_1 gradient")


def adam() -> str:
    """The weights of the last two layers: one spelled out, one like it."""
    those = ("dense_4 gradient", "dense_3 gradient")
    return pieces(lambda origins: origins[0] in those and "adam" in origins)


def memory() -> str:
    return str(trained_model().memory(batch_size=10))


def time() -> str:
    """The last table of the times: the sums."""
    return str(trained_model().program(profile=True)).rsplit("\n\n", 1)[1]


# ---- models as text -------------------------------------------------------------------------


@cache
def pictured() -> dict[str, Any]:
    """The models of `models.md`, by their names there."""
    return runpy.run_path(str(DOCS / "pictures.py"))["run_page"]()[0]


def summary() -> str:
    printed: list[str] = []
    pictured()["houses"].summary(print_fn=printed.append, line_length=98)
    return printed[0]


# ---- an LSTM, gate by gate ------------------------------------------------------------------


@cache
def gate_by_gate() -> dict[str, Any]:
    """What the snippets of `lstm.md` make."""
    names.reset_names()
    snippets = SNIPPET.findall((DOCS / "lstm.md").read_text(encoding="utf-8"))
    made: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec("\n".join(snippets), made)
    return made


def instructions_of(function: str) -> str:
    """The instructions of a recorded function of the page."""
    return instructions_text(gate_by_gate()[function].program.view().info)


def way_back() -> str:
    """The body of the second loop of the gradient."""
    lines = instructions_of("gradients").splitlines()
    second = [number for number, line in enumerate(lines) if "= scan(" in line][1]
    return "\n".join([lines[0], *lines[second + 1 :]])


# ---- passes over a step of one small layer --------------------------------------------------


def step_of_layer() -> tuple[Callable[[int], Program], dict[Any, str]]:
    """What records a step of one layer with so many passes; the paths of its weights."""
    layer = Dense(2, activation="relu", name="dense")
    layer.build((None, 3))

    def step(x: Any, y: Any) -> Any:
        with GradientTape() as tape:
            loss = ops.mean(ops.square(layer(x) - y))
        weights = layer.trainable_variables
        for weight, gradient in zip(weights, tape.gradient(loss, weights)):
            weight.assign_sub(0.1 * gradient)
        return loss

    batch = [ops.ones((4, 3)), ops.ones((4, 2))]
    record = lambda passes: Program.record(step, batch, passes=passes)  # noqa: E731
    return record, {v._handle: v.path for v in layer.variables}


def passes_of_layer() -> list[str]:
    """The table of the passes, then the program after each pass that changes it."""
    record, paths = step_of_layer()
    return str(compare_passes(lambda passes: record(passes)._recording, paths)).split("\n\n")


def why() -> str:
    record, _ = step_of_layer()
    return record(ALL_PASSES).view().why()


def after(name: str) -> str:
    return next(text for text in passes_of_layer() if text.startswith(f"---- {name} "))


def rows_after(name: str) -> str:
    """The same without the lines for single bricks."""
    return "\n".join(line for line in after(name).splitlines() if line[:7].strip())


FIGURES: dict[str, Callable[[], str]] = {
    "head": head,
    "forward": forward,
    "loss": loss,
    "numbers": numbers,
    "back": back,
    "adam": adam,
    "passes": lambda: passes_of_layer()[0],
    "recorded": lambda: after("recorded"),
    "fold_constants": lambda: after("fold_constants"),
    "fuse": lambda: after("fuse"),
    "epilogue": lambda: after("epilogue"),
    "reuse": lambda: rows_after("reuse"),
    "why": why,
    "memory": memory,
    "time": time,
    "gates": lambda: gate_by_gate()["table"],
    "cell": lambda: instructions_of("one_step"),
    "steps": lambda: instructions_of("all_steps"),
    "way_back": way_back,
    "summary": summary,
    "person": lambda: pictured()["model"].figure().text(width=80, ascii=False),
}


# ---- pages ----------------------------------------------------------------------------------


def with_figures(page: str, figures: dict[str, str]) -> str:
    """Return the page with these figures in their places."""

    def put(match: re.Match) -> str:
        name = match.group(1)
        if name not in figures:
            return match.group(0)
        return f"<!-- figure: {name} -->\n```text\n{figures[name]}\n```"

    return FIGURE.sub(put, page)


def pages() -> list[Path]:
    """Return the pages that have figures."""
    return [p for p in sorted(DOCS.rglob("*.md")) if FIGURE.search(p.read_text(encoding="utf-8"))]


def make(names: set[str]) -> dict[str, str]:
    """Return figures, as a machine with two cores prints them."""
    threads = config.num_threads()
    config.set_num_threads(2)
    try:
        return {name: figure() for name, figure in FIGURES.items() if name in names}
    finally:
        config.set_num_threads(threads)


def main() -> None:
    figures = make(set(FIGURES))
    if "--write" not in sys.argv:
        print("\n\n".join(f"== {name} ==\n{text}" for name, text in figures.items()))
        return
    for page in pages():
        page.write_text(with_figures(page.read_text(encoding="utf-8"), figures), encoding="utf-8")
        print(f"wrote {page.relative_to(DOCS.parent)}")


if __name__ == "__main__":
    main()
