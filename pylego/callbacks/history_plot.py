"""What `History.plot` draws: a panel for each number, with a line for training and validation."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from pylego import names
from pylego.drawing.line_chart import Line, Panel, chart
from pylego.drawing.picture import Picture

BACKENDS = ("svg", "matplotlib")
VALIDATION = "val_"


def plot(
    history: Mapping[str, Sequence[float]],
    epochs: Sequence[int],
    metrics: str | Iterable[str] | None,
    to_file: str | os.PathLike | None,
    backend: str,
) -> Any:
    """Draw it, write the file if one is asked for, and return the picture."""
    if backend not in BACKENDS:
        raise names.unknown("backend of History.plot", backend, BACKENDS)
    panels = _panels(history, epochs, metrics)
    if backend == "matplotlib":
        return _with_matplotlib(panels, to_file)
    picture = chart(panels, f"training of {len(epochs)} epochs")
    if to_file is not None:
        picture.save(to_file)
    return picture


def picture_of(history: Mapping[str, Sequence[float]], epochs: Sequence[int]) -> Picture | None:
    """Return what notebooks show; None before the first epoch ends."""
    return chart(_panels(history, epochs, None), "training") if history else None


def _panels(
    history: Mapping[str, Sequence[float]],
    epochs: Sequence[int],
    metrics: str | Iterable[str] | None,
) -> list[Panel]:
    """The numbers as they were logged, or in the order asked for; 'val_loss' belongs to 'loss'."""
    if not history:
        raise ValueError("The history is empty: there is something to draw after the first epoch")
    known = list(dict.fromkeys(name.removeprefix(VALIDATION) for name in history))
    asked = known if metrics is None else [metrics] if isinstance(metrics, str) else list(metrics)
    panels = []
    for name in dict.fromkeys(name.removeprefix(VALIDATION) for name in asked):
        if name not in known:
            raise ValueError(str(names.unknown("figure", name, known)))
        lines = [
            _line(label, history[key], epochs)
            for label, key in (("training", name), ("validation", VALIDATION + name))
            if key in history
        ]
        panels.append(Panel(name, lines, "epoch"))
    return panels


def _line(label: str, values: Sequence[float], epochs: Sequence[int]) -> Line:
    """Epochs count from 1, as progress bars count them. Validation may come in some epochs only;
    then, and where `fit` was called twice, its numbers are counted alone. Of several numbers, one
    for each class, the mean is drawn, which the progress bar shows.
    """
    is_each = len(values) == len(epochs)
    steps = [epoch + 1 for epoch in epochs] if is_each else list(range(1, len(values) + 1))
    return Line(label, steps, [float(np.mean(value)) for value in values])


def _with_matplotlib(panels: Sequence[Panel], to_file: str | os.PathLike | None) -> Any:
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError(
            "backend='matplotlib' needs matplotlib: pip install matplotlib. Without it "
            "history.plot() draws an SVG"
        ) from error
    size = (4 * len(panels), 3)
    figure, axes = pyplot.subplots(1, len(panels), squeeze=False, figsize=size, layout="tight")
    for panel, axis in zip(panels, axes[0]):
        for line in panel.lines:
            axis.plot(line.steps, line.values, label=line.label, marker=".")
        axis.set(title=panel.title, xlabel=panel.below)
        axis.legend()
    if to_file is not None:
        figure.savefig(to_file)
    return figure
