"""Print the figures of the pages here; with `--write`, put them into the pages.

A figure stands in a page behind a line `<!-- figure: name -->`, as a block of text.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent / "tests"))

from recordings import finished, numbers_network, paths_of, record_step  # noqa: E402

from pylego import config, engine, ops  # noqa: E402
from pylego.autograd import GradientTape  # noqa: E402
from pylego.engine import Instruction  # noqa: E402
from pylego.inspection import compare_passes, memory_of, read_program, view_program  # noqa: E402
from pylego.inspection.facts import ProgramFacts  # noqa: E402
from pylego.inspection.text import LEGEND, headline, instructions_text  # noqa: E402
from pylego.layers import Dense  # noqa: E402

FIGURE = re.compile(r"^<!-- figure: (\w+) -->\n```text\n.*?^```$", re.M | re.S)
STEPS = 2000  # that are timed
MEASURED = {"time"}  # no two runs of these agree


# ---- the training step of the numbers network -----------------------------------------------


def facts_of_step() -> ProgramFacts:
    model, x, y = numbers_network()
    return read_program(record_step(model, x, y), "train_step", paths_of(model))


def comes_from(facts: ProgramFacts, *origins: str) -> Callable[[Instruction], bool]:
    return lambda instruction: facts.origins(instruction)[0] in origins


def head() -> str:
    return f"{headline(facts_of_step())}\n{LEGEND}"


def forward() -> str:
    facts = facts_of_step()
    return instructions_text(facts, comes_from(facts, "dense", "dense_1"))


def loss() -> str:
    facts = facts_of_step()
    return instructions_text(facts, comes_from(facts, "dense_4", "loss"))


def back() -> str:
    facts = facts_of_step()
    return instructions_text(facts, comes_from(facts, "dense_1 gradient"))


def adam() -> str:
    facts = facts_of_step()
    own = [i for i in facts.instructions if set(facts.origins(i)) == {"adam"}]
    return instructions_text(facts, lambda instruction: instruction in own[:3])


def memory() -> str:
    model, x, y = numbers_network()
    roles = {
        "parameters": [v._handle for v in model.variables],
        "optimizer": [v._handle for v in model.optimizer.variables],
        "metrics": [v._handle for metric in model.metrics for v in metric.variables],
    }
    return str(memory_of(read_program(record_step(model, x, y), "train_step"), roles))


def time() -> str:
    """The last table of the times: the sums."""
    model, x, y = numbers_network()
    program = record_step(model, x, y)
    batch = [ops.convert_to_tensor(part)._handle for part in (x, y)]
    run = lambda: engine.run_program(program, batch, 2)  # noqa: E731
    printed = str(view_program(program, "train_step", paths_of(model), run, STEPS))
    return printed.rsplit("\n\n", 1)[1]


# ---- passes over a step of one small layer --------------------------------------------------


def passes_of_layer() -> list[str]:
    """The table of the passes, then the program after each pass that changes it."""
    layer = Dense(2, activation="relu", name="dense")
    layer.build((None, 3))

    def step(x: Any, y: Any) -> Any:
        with GradientTape() as tape:
            loss = ops.mean(ops.square(layer(x) - y))
        weights = layer.trainable_variables
        for weight, gradient in zip(weights, tape.gradient(loss, weights)):
            weight.assign_sub(0.1 * gradient)
        return loss

    batch = [np.ones((4, 3), "float32"), np.ones((4, 2), "float32")]
    paths = {v._handle: v.path for v in layer.variables}
    compared = compare_passes(lambda passes: finished(step, batch, passes), paths)
    return str(compared).split("\n\n")


def after(name: str) -> str:
    return next(text for text in passes_of_layer() if text.startswith(f"---- {name} "))


FIGURES: dict[str, Callable[[], str]] = {
    "head": head,
    "forward": forward,
    "loss": loss,
    "back": back,
    "adam": adam,
    "passes": lambda: passes_of_layer()[0],
    "recorded": lambda: after("recorded"),
    "fold": lambda: after("fold"),
    "fuse": lambda: after("fuse"),
    "reuse": lambda: after("reuse"),
    "memory": memory,
    "time": time,
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
