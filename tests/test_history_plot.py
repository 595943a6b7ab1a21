"""Pictures of a training: what is drawn, where, and what is refused."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from pylego.callbacks import History
from pylego.drawing.line_chart import Line, Panel, chart, round_steps
from pylego.drawing.picture import Picture
from pylego.drawing.shapes import Path as Stroke, Rectangle, Text
from pylego.layers import Dense, Input
from pylego.models import Sequential


def history(**values: list[float]) -> History:
    seen = History()
    for epoch in range(max(map(len, values.values()))):
        seen.on_epoch_end(epoch, {name: line[epoch] for name, line in values.items()})
    return seen


def curves(picture: Picture) -> list[Stroke]:
    return [shape for shape in picture.shapes if isinstance(shape, Stroke) and shape.title]


def test_a_panel_each_with_training_and_validation() -> None:
    picture = history(loss=[3, 2, 1], val_loss=[3, 2, 2], accuracy=[0.1, 0.5, 0.9]).plot()
    assert [curve.title for curve in curves(picture)] == ["training", "validation", "training"]
    headings = [s.content for s in picture.shapes if isinstance(s, Text) and s.is_bold]
    assert headings == ["loss", "accuracy"]
    assert ElementTree.fromstring(picture.svg).tag.endswith("svg")


def test_points_lie_where_their_numbers_say() -> None:
    """Equal distances between epochs; heights are linear in the values; larger is higher."""
    picture = chart([Panel("loss", [Line("training", [1, 2, 4], [0.0, 1.0, 3.0])])])
    points = [step[1] for step in curves(picture)[0].steps]
    (x1, y1), (x2, y2), (x4, y4) = points
    assert math.isclose((x4 - x2) / (x2 - x1), 2)
    assert math.isclose((y2 - y4) / (y1 - y2), 2)
    assert y4 < y1
    assert all(0 < x < picture.width and 0 < y < picture.height for x, y in points)


def test_numbers_that_are_none_leave_a_gap() -> None:
    nan, infinite = float("nan"), float("inf")
    picture = history(loss=[3.0, nan, 1.0, 2.0, infinite]).plot()
    strokes = curves(picture)
    dots = [s for s in picture.shapes if isinstance(s, Rectangle) and s.title == "training"]
    assert len(dots) == 1
    assert [len(stroke.steps) for stroke in strokes] == [2]
    assert "nan" not in picture.svg
    assert "inf" not in picture.svg
    assert "nan" not in history(loss=[nan, nan]).plot().svg  # nothing but axes


def test_only_what_was_asked_for() -> None:
    seen = history(loss=[1.0, 2.0], val_loss=[1.0, 2.0], mae=[1.0, 2.0])
    assert len(curves(seen.plot("mae"))) == 1
    assert len(curves(seen.plot(["val_loss", "loss"]))) == 2
    with pytest.raises(ValueError, match="Did you mean 'mae'"):
        seen.plot("mea")
    with pytest.raises(ValueError, match="matplotlib"):
        seen.plot(backend="matplotlip")
    with pytest.raises(ValueError, match="The history is empty"):
        History().plot()


def test_files_and_notebooks(tmp_path: Path) -> None:
    model = Sequential([Input((1,)), Dense(1)])
    model.compile("sgd", "mse")
    fitted = model.fit(np.ones((2, 1)), np.ones((2, 1)), epochs=2, verbose=0)
    fitted.plot(to_file=tmp_path / "run.svg")
    assert (tmp_path / "run.svg").read_text().startswith("<svg")
    assert fitted._repr_svg_().startswith("<svg")
    assert History()._repr_svg_() is None
    pytest.importorskip("PIL")
    fitted.plot(to_file=tmp_path / "run.png")
    assert (tmp_path / "run.png").read_bytes().startswith(b"\x89PNG")


def test_matplotlib_draws_the_same_numbers(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib").use("Agg")
    figure = history(loss=[3.0, 2.0], val_loss=[4.0, 3.0]).plot(
        backend="matplotlib", to_file=tmp_path / "run.png"
    )
    (axis,) = figure.axes
    assert [line.get_ydata().tolist() for line in axis.lines] == [[3.0, 2.0], [4.0, 3.0]]
    assert [line.get_label() for line in axis.lines] == ["training", "validation"]
    assert (tmp_path / "run.png").exists()


@given(st.floats(-1e9, 1e9), st.floats(1e-9, 1e9))
def test_steps_are_round_and_inside(low: float, room: float) -> None:
    high = low + room
    if high - low < 1e-6 * max(abs(low), abs(high)):
        return  # an axis makes room before
    steps = round_steps(low, high)
    assert 1 <= len(steps) <= 12
    slack = room * 1e-6
    assert low - slack <= steps[0]
    assert steps[-1] <= high + slack
    if len(steps) > 1:
        step = steps[1] - steps[0]
        power = 10 ** math.floor(math.log10(step) + 1e-6)
        assert min(abs(step / power - times) for times in (1, 2, 5, 10)) < 1e-3
