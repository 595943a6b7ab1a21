"""A model as a LEGO person: the head is its layers, the torso its loss, the legs its optimizer."""

from __future__ import annotations

import os
import shutil
from typing import Any

from pylego.drawing.layout.ranks import ranks_of
from pylego.drawing.picture import DPI, Picture
from pylego.models import captions
from pylego.models.figure_drawing import figure_picture
from pylego.models.figure_parts import Brick, Parts
from pylego.models.figure_text import PLAIN, figure_lines
from pylego.models.graph_model import GraphModel
from pylego.models.plotting import Call, calls_of, links_of
from pylego.training import per_output
from pylego.training.trainer import Trainer
from pylego.utils.progbar import can_print

NARROWEST = 20  # columns of a terminal


class Figure:
    """The person; `print` shows it in the terminal, a notebook as a picture.

    Args:
        parts: what it is made of.

    >>> from pylego.layers import Dense
    >>> from pylego.models import Sequential
    >>> model = Sequential([Dense(8, "relu", input_shape=(4,)), Dense(3, "softmax")])
    >>> print(model.figure().text(width=30))
          ▄▄▄  ▄▄▄  ▄▄▄  ▄▄▄
      ┌────────────────────────┐
      │     Dense  softmax     │
      ├────────────────────────┤
      │      Dense  relu       │
      └────────────────────────┘
             ╭──────────╮
             │  ●    ●  │
             │   ────   │
             ╰──┬────┬──╯
         ╭┄┄┄┄┄┄┴┄┄┄┄┴┄┄┄┄┄┄╮
         ┆     compile(     ┆
         ┆    loss=...)     ┆
         ╰┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄╯
         ╭┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄╮
         ┆     compile(     ┆
         ┆  optimizer=...)  ┆
         ╰┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄╯
    """

    def __init__(self, parts: Parts):
        self.parts = parts

    @classmethod
    def of(cls, model: Any) -> Figure:
        """Return the figure of a model as it is now."""
        rows = _rows_of(model)
        count = sum(len(row) for row in rows)
        optimizer = getattr(model, "optimizer", None)
        parts = Parts(
            model.name,
            tuple(rows),
            tuple(_losses_of(model)),
            "" if optimizer is None else type(optimizer).__name__,
            _about_head(model, count),
            tuple(_metrics_of(model)),
            _rate_of(optimizer),
        )
        return cls(parts)

    # ---- as a picture ----

    @property
    def picture(self) -> Picture:
        """The figure as a picture."""
        return figure_picture(self.parts)

    @property
    def svg(self) -> str:
        """The text of the picture as SVG."""
        return self.picture.svg

    def _repr_svg_(self) -> str:
        """Return what notebooks show."""
        return self.svg

    def save(self, path: str | os.PathLike, dpi: float = DPI) -> None:
        """Write the picture into a file that ends in .svg, or in .png, which needs Pillow.

        Raises:
            ValueError: for another kind of file.
            ImportError: for a PNG without Pillow.
        """
        self.picture.save(path, dpi)

    # ---- in the terminal ----

    def text(self, width: int | None = None, ascii: bool | None = None) -> str:
        """Return the figure as lines of text.

        Args:
            width: how many columns there are; by default those of the terminal.
            ascii: whether only the characters of ASCII are used; by default where the output has
                no others.
        """
        columns = max(width or shutil.get_terminal_size().columns, NARROWEST)
        text = "\n".join(line.rstrip() for line in figure_lines(self.parts, columns))
        if ascii is None:
            ascii = not can_print(text)
        return text.translate(PLAIN) if ascii else text

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        parts = self.parts
        count = sum(len(row) for row in parts.rows)
        layers = f"{count} layer{'s' * (count != 1)}"
        loss = " + ".join(parts.losses) or "no loss"
        return f"<Figure of {parts.name!r}: {layers}, {loss}, {parts.optimizer or 'no optimizer'}>"


# ---- head -----------------------------------------------------------------------------------


def _rows_of(model: Any) -> list[tuple[Brick, ...]]:
    """The bricks from bottom to top; those of parallel branches lie side by side."""
    if not captions.has_graph(model):
        return [(_brick(layer),) for layer in model.layers]
    calls = [call for call in calls_of(model) if captions.class_of(call.operation) != "InputLayer"]
    ranks = ranks_of(len(calls), links_of(calls), (), ())
    rows: list[list[Brick]] = [[] for _ in range(max(ranks, default=-1) + 1)]
    for call, rank in zip(calls, ranks):
        rows[rank].append(_brick(call.operation, call))
    return [tuple(row) for row in rows]


def _brick(operation: Any, call: Call | None = None) -> Brick:
    shapes = [x.shape for x in call.nodes[-1].outputs] if call else []
    return Brick(
        operation.name if isinstance(operation, GraphModel) else captions.class_of(operation),
        captions.activation_of(operation),
        captions.look_of(operation),
        captions.shapes_text(shapes) if shapes else "",
        operation.name,
    )


def _about_head(model: Any, count: int) -> str:
    if not count:
        return ""
    layers = f"{count} layer{'s' * (count != 1)}"
    return (
        f"{layers}, {model.count_params():,} parameters" if model.built else f"{layers}, not built"
    )


# ---- torso and legs -------------------------------------------------------------------------


def _losses_of(model: Any) -> list[str]:
    """The names of the losses, or of the method of a user that computes one."""
    named = captions.distinct(
        _name_of(loss) for loss in per_output.flat(getattr(model, "loss", None))
    )
    if named:
        return named
    for method in ("compute_loss", "train_step"):
        if getattr(type(model), method) is not getattr(Trainer, method):
            return [f"{method}()"]
    return []


def _metrics_of(model: Any) -> list[str]:
    asked = getattr(getattr(model, "_compile_metrics", None), "_asked", ())
    return captions.distinct(_name_of(metric) for metric in per_output.flat(asked))


def _name_of(part: Any) -> str:
    """The name of a loss: as it was given, of a function, or of an object."""
    if isinstance(part, str):
        return part
    return getattr(part, "__name__", None) or getattr(part, "name", None) or type(part).__name__


def _rate_of(optimizer: Any) -> str:
    """The learning rate, where it is a number."""
    if not hasattr(optimizer, "learning_rate"):  # none, or several optimizers in one
        return ""
    try:
        return f"learning rate {float(optimizer.learning_rate):.4g}"
    except (TypeError, ValueError):  # a schedule
        return f"learning rate from {type(optimizer.learning_rate).__name__}"
