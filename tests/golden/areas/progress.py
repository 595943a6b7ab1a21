"""What summary(), the progress bar and verbose=2 print, with a clock that we set."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from typing import Any
from unittest import mock

import keras
import numpy as np
from keras.src.utils import io_utils, progbar

# seconds per step and how the bar writes them
STEP_TIMES = (0.0, 1e-7, 4.2e-6, 0.000999, 0.0009996, 0.001, 0.0125, 0.9994, 0.9996, 1.0, 61.0)

VALUES = (
    0.0, 1.0, 0.5, 0.00101, 0.001, 0.0009999, 1e-8, -0.5, -0.0001, 12345.678, 1e10,
    float("nan"), float("inf"),
)  # fmt: skip

# (steps done, of how many)
BARS = ((0, 10), (1, 10), (3, 7), (9, 10), (10, 10), (1, 1000), (999, 1000), (57, 500))

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


class Clock:
    """Stand in for the time module inside the progress bar."""

    def __init__(self) -> None:
        self.now = 1000.0

    def time(self) -> float:
        """Return the time that was set."""
        return self.now


@contextlib.contextmanager
def printing(clock: Clock) -> Iterator[io.StringIO]:
    """Collect what Keras prints (on Linux it always believes in a terminal)."""
    text = io.StringIO()
    with mock.patch.object(progbar, "time", clock), contextlib.redirect_stdout(text):
        io_utils.enable_interactive_logging()
        yield text


def bar_text(updates: list[tuple[int, float, dict[str, float]]], **arguments: Any) -> str:
    """Return everything printed for updates of (step, seconds since start, values)."""
    clock = Clock()
    with printing(clock) as text:
        bar = keras.utils.Progbar(stateless_metrics=set(), **arguments)
        for step, seconds, values in updates:
            clock.now = 1000.0 + seconds
            bar.update(step, list(values.items()))
        return text.getvalue()


def plain(text: str) -> str:
    """Return text without colours."""
    return ESCAPE.sub("", text)


def bars() -> list[dict[str, Any]]:
    """Return text and filled width of the bar for some steps, after one second per step."""
    facts = []
    for step, total in BARS:
        text = bar_text([(step, float(step), {})], target=total)
        green = re.search("\x1b\\[32m(━*)", text)
        facts.append({"step": step, "of": total, "filled": len(green[1]) if green else 0})
        facts[-1]["text"] = plain(text)
    return facts


def times() -> list[list[Any]]:
    """Return [seconds per step, text]."""
    bar = keras.utils.Progbar(1)
    return [[seconds, bar._format_time(seconds, "step").strip()] for seconds in STEP_TIMES]


def remaining() -> list[list[Any]]:
    """Return [seconds that remain, text] for an unfinished bar."""
    facts = []
    for seconds in (0.4, 5.0, 59.0, 60.0, 61.0, 3599.0, 3600.0, 3661.0, 90000.0):
        text = plain(bar_text([(1, seconds, {})], target=2))
        facts.append([seconds, text.split("━ ")[1].split(" ")[0]])
    return facts


def numbers() -> list[list[Any]]:
    """Return [value, text at verbose=1, text at verbose=2]."""
    facts = []
    for value in VALUES:
        texts = [
            bar_text([(2, 1.0, {"v": value})], target=2, verbose=verbose).split("v: ")[1].strip()
            for verbose in (1, 2)
        ]
        facts.append([value, *texts])
    return facts


def sequences() -> dict[str, str]:
    """Return raw output (with control characters) of a short run."""
    updates = [
        (1, 0.5, {"accuracy": 0.5, "loss": 1.25}),
        (2, 0.52, {"accuracy": 0.5, "loss": 1.0}),
        (3, 1.5, {"accuracy": 0.75, "loss": 0.0005}),
        (4, 2.0, {"accuracy": 0.75, "loss": 0.25, "val_loss": 2.0}),
    ]
    return {
        "verbose 1": bar_text(updates, target=4),
        "verbose 2": bar_text(updates, target=4, verbose=2),
        "target unknown": bar_text(updates, target=None),
    }


def fit_output(verbose: int | str, epochs: int, validation: bool) -> str:
    """Return what fit prints with a clock that stands still, without colours."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.set_weights([np.zeros((2, 1)), np.zeros(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    x, y = np.ones((6, 2), "float32"), np.ones((6, 1), "float32")
    data = (x, y) if validation else None
    with printing(Clock()) as text:
        model.fit(x, y, batch_size=2, epochs=epochs, verbose=verbose, validation_data=data)
        return plain(text.getvalue())


def fits() -> dict[str, str]:
    """Return what fit prints for some settings."""
    return {
        "verbose=1, one epoch": fit_output(1, 1, validation=False),
        "verbose=1, two epochs, validation": fit_output(1, 2, validation=True),
        "verbose=2, two epochs, validation": fit_output(2, 2, validation=True),
        "verbose='auto'": fit_output("auto", 1, validation=False),
        "verbose=0": fit_output(0, 1, validation=False),
    }


def summary() -> list[str]:
    """Return the lines of a compiled model's summary() at 80 columns; the first layer is frozen.

    The last line, on the optimizer, appears only once the optimizer has variables.
    """
    keras.utils.clear_session()
    model = keras.Sequential(
        [
            keras.Input((784,)),
            keras.layers.Dense(512, activation="relu"),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(10, name="a_name_that_is_much_too_long_for_its_column"),
        ]
    )
    model.layers[0].trainable = False
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    lines: list[str] = []
    model.summary(line_length=80, print_fn=lines.append)
    return ESCAPE.sub("", "\n".join(lines)).splitlines()


def unbuilt_summary() -> list[str]:
    """Return the lines of summary() before the shapes are known."""
    keras.utils.clear_session()
    lines: list[str] = []
    keras.Sequential([keras.layers.Dense(3)]).summary(line_length=80, print_fn=lines.append)
    return ESCAPE.sub("", "\n".join(lines)).splitlines()


def facts() -> dict[str, Any]:
    """Return the content of progress.json."""
    return {
        "about": "text without colours, except in `sequences`; \\b and \\r are kept",
        "bars": bars(),
        "time_per_step": times(),
        "time_remaining": remaining(),
        "numbers": numbers(),
        "sequences": sequences(),
        "fit": fits(),
        "summary": summary(),
        "summary_unbuilt": unbuilt_summary(),
    }
