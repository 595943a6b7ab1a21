"""The LEGO person: head, torso and legs, as a picture and in the terminal."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest

from pylego import losses, names, optimizers
from pylego.drawing.lettering import columns_of, text_width
from pylego.drawing.shapes import Rectangle, Text
from pylego.layers import Dense, Input
from pylego.models import Model, Sequential
from pylego.models.figure_parts import MOST_ROWS, wrapped


@pytest.fixture(autouse=True)
def _new_names(monkeypatch: pytest.MonkeyPatch) -> None:
    names.reset_names()
    monkeypatch.setenv("COLUMNS", "80")


def stack(depth: int = 2) -> Sequential:
    layers = [Dense(4, "relu") for _ in range(depth - 1)]
    return Sequential([Input((4,)), *layers, Dense(3, "softmax")], name="stack")


def compiled(**arguments: Any) -> Sequential:
    model = stack()
    model.compile(**{"optimizer": "adam", "loss": "mse", **arguments})
    return model


def words(model: Any) -> list[str]:
    return [s.content for s in model.figure().picture.shapes if isinstance(s, Text)]


def test_a_whole_model_smiles() -> None:
    figure = compiled(loss="categorical_crossentropy", metrics=["accuracy"]).figure()
    text = figure.text(80)
    for part in ("Dense  softmax", "Dense  relu", "categorical_", "crossentropy", "Adam"):
        assert part in text
    for caption in ("head: network", "2 layers, 35 parameters", "metrics: accuracy", "0.001"):
        assert caption in text
    assert "╰──╯" in text
    assert "┆" not in text
    assert text.index("softmax") < text.index("relu"), "the last layer is on top"
    assert repr(figure) == "<Figure of 'stack': 2 layers, categorical_crossentropy, Adam>"


def test_what_is_missing_is_left_open() -> None:
    text = stack().figure().text(80)
    assert "┆" in text
    assert "loss=...)" in text
    assert "optimizer=...)" in text
    assert "╰──╯" not in text, "it does not smile yet"
    open_shapes = [getattr(s, "is_dashed", False) for s in stack().figure().picture.shapes]
    assert sum(open_shapes) == 2
    assert "add(Dense(10))" in Sequential().figure().text(80)
    assert "add(Dense(10))" in words(Sequential())
    assert "3 layers, not built" in Sequential([Dense(1) for _ in range(3)]).figure().text(80)


def test_without_a_loss_only_the_torso_is_open() -> None:
    model = stack()
    model.compile("sgd")
    text = model.figure().text(80)
    assert "SGD" in text
    assert "loss=...)" in text
    assert "optimizer=...)" not in text


def test_losses_have_their_names() -> None:
    def my_loss(y_true: Any, y_pred: Any) -> Any:
        return y_pred

    for loss, shown in (
        (my_loss, "my_loss"),
        (losses.MeanSquaredError(name="own"), "own"),
        ("mae", "mae"),
    ):
        assert shown in "".join(words(compiled(loss=loss)))
    assert "learning rate 0.25" in words(compiled(optimizer=optimizers.SGD(0.25)))


def test_a_loss_of_the_users_own_step_is_named() -> None:
    class Own(Model):
        def compute_loss(self, x: Any = None, *args: Any, **kwargs: Any) -> Any:
            return 0.0

    model = Own()
    model.compile("adam")
    assert "compute_loss()" in "".join(words(model))


def test_branches_lie_side_by_side() -> None:
    x = Input((4,))
    model = Model(x, Dense(2, name="left")(x) + Dense(2, "relu", name="right")(x))
    lines = model.figure().text(80).splitlines()
    row = next(line for line in lines if "Dense" in line)
    assert row.count("Dense") == 2
    assert row.count("│") == 3
    above, below = (lines[lines.index(row) + step] for step in (-1, 1))
    assert above[row.index("│", 5)] == "┬"
    assert below[row.index("│", 5)] == "┴"


def test_tall_stacks_show_both_ends() -> None:
    for figure in (stack(100).figure(), stack(MOST_ROWS).figure()):
        bricks = [s for s in figure.picture.shapes if isinstance(s, Rectangle) and s.height == 30]
        assert len(bricks) <= MOST_ROWS
    assert "... 88 more layers ..." in stack(100).figure().text(80)


@pytest.mark.parametrize("width", [1, 20, 24, 31, 40, 66, 80, 300])
def test_it_fits_into_any_terminal(width: int) -> None:
    for model in (Sequential(), stack(3), compiled(loss="sparse_categorical_crossentropy")):
        for line in model.figure().text(width).splitlines():
            assert columns_of(line) <= max(width, 20)


def test_plain_ascii_suffices(capsys: pytest.CaptureFixture, monkeypatch: Any) -> None:
    text = compiled().figure().text(80, ascii=True)
    assert text.isascii()
    assert "'--'" in text
    import sys

    class Plain:
        encoding = "ascii"

    monkeypatch.setattr(sys, "stdout", Plain())
    assert str(compiled().figure()).isascii()


def test_lines_of_a_frame_meet() -> None:
    """Each corner and joint of the unicode figure continues where it leads."""
    up, down = set("│└┘├┤┴┼╰╯┃"), set("│┌┐├┤┬┼╭╮")
    lines = compiled().figure().text(40).splitlines()
    for above, below in pairwise(lines[1:]):
        for column, letter in enumerate(above):
            if letter in down and letter not in "╭╮":
                assert column < len(below), (above, below)
                assert below[column] in up | set("●"), (above, below)


def test_words_fit_into_their_parts() -> None:
    def loss(y_true: Any, y_pred: Any) -> Any:
        return y_pred

    loss.__name__ = "a_function_with_a_name_that_is_very_long_indeed_and_muchlongerthanashirt"
    model = compiled(loss=loss)
    for shape in model.figure().picture.shapes:
        if isinstance(shape, Text) and shape.width is not None:
            assert text_width(shape.content, shape.size, shape.is_bold) <= shape.width + 4
    assert wrapped("mean_absolute_percentage_error", 10) == [
        "mean_",
        "absolute_",
        "percentage",
        "_",
        "error",
    ]


def test_pictures_are_written(tmp_path: Any) -> None:
    figure = compiled().figure()
    figure.save(tmp_path / "사람.svg")
    assert ElementTree.parse(tmp_path / "사람.svg").getroot().tag.endswith("svg")
    assert figure._repr_svg_() == figure.svg
    pytest.importorskip("PIL")
    figure.save(tmp_path / "person.png", dpi=50)
    with pytest.raises(ValueError, match=r"\.svg or \.png"):
        figure.save(tmp_path / "person.jpg")
