"""Summaries: the text of Keras, where that cuts nothing off."""

from __future__ import annotations

import re
from typing import Any

import goldens
import numpy as np
import pictured_models
import pytest

import pylego
from pylego import names
from pylego.layers import Dense, GlobalAveragePooling2D, Input
from pylego.models import Model, Sequential

GOLDEN = goldens.load("summaries")
# Keras cuts 'Trainable' in the header and names that no line has room for, pylego breaks them.
CUT_BY_KERAS = {
    "chain, trainable",
    "residual, trainable",
    "residual",
    "residual, narrow",
    "nested, expanded",
    "long names",
}


def summary_of(model: Any, **arguments: Any) -> str:
    texts: list[str] = []
    model.summary(print_fn=texts.append, **arguments)
    return texts[0]


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(GOLDEN["columns"]))
    names.reset_names()


def cells_of(lines: list[str]) -> list[list[str]]:
    """The cells of a table, each in one line."""
    rows: list[list[str]] = [[]]
    for line in lines:
        if line[0] in "┃│":
            parts = [part.strip() for part in line.replace("┃", "│").split("│")[1:-1]]
            rows[-1] = [f"{a} {b}".strip() for a, b in zip(rows[-1] or [""] * len(parts), parts)]
        elif line[0] in "┡├└":
            rows.append([])
    return [row for row in rows if row]


def is_whole_of(cell: str, cut: str) -> bool:
    """Whether a cell has all that Keras left of it, in order."""
    parts = [re.escape(part) for part in cut.replace(" ", "").split("…")]
    return re.fullmatch(".*".join(parts), cell.replace(" ", "")) is not None


@pytest.mark.parametrize("name", pictured_models.CASES)
def test_a_summary_is_that_of_keras(name: str) -> None:
    make, arguments = pictured_models.CASES[name]
    lines = summary_of(make(pylego), **arguments).splitlines()
    golden = GOLDEN["texts"][name]
    if name not in CUT_BY_KERAS:
        assert lines[: len(golden)] == golden
        return
    ours, theirs = cells_of(lines), cells_of(golden)
    assert len(ours) == len(theirs)
    for mine, its in zip(ours, theirs):
        for cell, other in zip(mine, its):
            assert is_whole_of(cell, other), (cell, other)


def test_all_lines_are_as_long_as_was_asked_for() -> None:
    text = summary_of(pictured_models.long_names(pylego), line_length=50, show_trainable=True)
    from pylego.drawing.lettering import columns_of

    assert {columns_of(line) for line in text.splitlines() if line[0] in "┏┃┡│├└"} == {50}
    assert "Trainable" in text


def test_a_column_more_breaks_no_name() -> None:
    inputs = Input((150, 150, 3))
    pooled = GlobalAveragePooling2D(name="global_average_pooling2d")(inputs)
    model = Model(inputs, Dense(1)(pooled))
    rows = cells_of(summary_of(model, line_length=76, show_trainable=True).splitlines())
    names = [row[0] for row in rows]
    assert "global_average_pooling2d (GlobalAveragePooling2D)" in names
    assert rows[0][-1] == "Trainable"


def test_connections_are_those_of_this_model() -> None:
    shared = Dense(2)
    a, b, c = Input((3,), name="a"), Input((3,), name="b"), Input((3,), name="c")
    Model(c, shared(c))
    text = summary_of(Model([a, b], shared(a) + shared(b)))
    assert "a[0][0], b[0][0]" in text
    assert "c[0][0]" not in text
    assert "dense[1][0], dense[2][0]" in text


def test_a_deep_nest_of_models_is_listed() -> None:
    model = Sequential([Input((2,)), Dense(2)])
    for _ in range(60):
        model = Sequential([Input((2,)), model])
    assert summary_of(model, expand_nested=True, line_length=300).count("(Sequential)") == 60


def test_layers_of_a_subclassed_model_are_listed() -> None:
    class Two(Model):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = Dense(3), Dense(1)

        def call(self, inputs: Any) -> Any:
            return self.second(self.first(inputs))

    text = summary_of(Two())
    assert "dense (Dense)" in text
    assert "Not built" in text


def test_layers_of_a_subclassed_model_have_shapes_once_it_was_called() -> None:
    class Whole(Model):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.never = Dense(3), Dense(7)
            x = Input((3,))
            self.parts = Model(x, [Dense(1)(x), Dense(2)(x)])

        def call(self, inputs: Any) -> Any:
            return self.parts(self.first(inputs))[0]

    model = Whole()
    model(np.zeros((4, 2), np.float32))
    shapes = [row[1] for row in cells_of(summary_of(model, line_length=120).splitlines())[1:]]
    assert shapes == ["(4, 3)", "?", "((None, 1), (None, 2))"]  # as Keras 3.15 prints


def test_mistakes_are_told() -> None:
    model = pictured_models.residual(pylego)
    with pytest.raises(ValueError, match=r"names no layers\. There are: input_layer, conv2d"):
        model.summary(layer_range=("nothing", "dense"))
    with pytest.raises(ValueError, match="more than line_length=10"):
        model.summary(line_length=10)
