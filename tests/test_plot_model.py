"""Models as graphs: `plot_model`, `model_to_dot`, and what notebooks show."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import pylego
from pylego import names, ops
from pylego.drawing.picture import Picture
from pylego.drawing.shapes import Path as Line_, Rectangle, Text
from pylego.layers import Activation, Dense, Dropout, Flatten, Input, Layer
from pylego.models import Model, Sequential
from pylego.utils import model_to_dot, plot_model

# The order of Keras 3.15's arguments.
ARGUMENTS = [
    "model", "to_file", "show_shapes", "show_dtype", "show_layer_names", "rankdir",
    "expand_nested", "dpi", "show_layer_activations", "show_trainable", "splines",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _new_names() -> None:
    names.reset_names()


def residual() -> Model:
    x = Input((8,), name="measures")
    y = Dense(8, activation="relu", name="inner")(x)
    return Model(x, Activation("tanh", name="end")(x + y), name="residual")


def encoder() -> Model:
    x = Input((8,))
    hidden = Dense(4, name="hidden")(x)
    return Model(x, {"b": Dense(2, name="code")(hidden), "a": hidden}, name="encoder")


def siamese() -> Model:
    a, b, tower = Input((8,), name="a"), Input((8,), name="b"), encoder()
    return Model([a, b], ops.subtract(tower(a)["b"], tower(b)["b"]), name="siamese")


def texts_of(picture: Picture) -> list[str]:
    return [shape.content for shape in picture.shapes if isinstance(shape, Text)]


def boxes_of(picture: Picture) -> list[str]:
    """The first lines of the tooltips."""
    found = [shape for shape in picture.shapes if isinstance(shape, Rectangle) and shape.title]
    return [shape.title.splitlines()[0] for shape in found]


def lines_of(picture: Picture) -> list[str]:
    found = [shape for shape in picture.shapes if isinstance(shape, Line_) and shape.title]
    return sorted(shape.title.partition(":")[0] for shape in found)


def drawn(model: Any, **arguments: Any) -> Picture:
    return plot_model(model, to_file=None, **arguments)


def test_arguments_are_those_of_keras() -> None:
    assert [*inspect.signature(plot_model).parameters] == ARGUMENTS
    others = [*inspect.signature(model_to_dot).parameters]
    assert others == [
        *(n for n in ARGUMENTS[:8] if n != "to_file"), "subgraph", *ARGUMENTS[8:]
    ]  # fmt: skip


def test_each_layer_is_a_box_and_each_tensor_a_line() -> None:
    picture = drawn(residual())
    expected = ["measures (InputLayer)", "inner (Dense)", "add (Add)", "end (Activation)"]
    assert boxes_of(picture) == expected
    assert lines_of(picture) == [
        "add to end", "inner to add", "measures to add", "measures to inner"
    ]  # fmt: skip
    assert set(texts_of(picture)) == {"InputLayer", "Dense", "Add", "Activation", "tanh"}


def test_what_is_shown_is_chosen() -> None:
    model = residual()
    model.get_layer("inner").trainable = False
    assert "(None, 8)" in texts_of(drawn(model, show_shapes=True))
    assert "float32" in texts_of(drawn(model, show_dtype=True))
    assert "inner" in texts_of(drawn(model, show_layer_names=True))
    assert "relu" in texts_of(drawn(model, show_layer_activations=True))
    assert "frozen" in texts_of(drawn(model, show_trainable=True))
    assert len(texts_of(drawn(model))) == 5


def test_a_sequential_is_a_chain() -> None:
    model = Sequential([Input((4, 4)), Flatten(), Dropout(0.5), Dense(3, "softmax")])
    picture = drawn(model, show_shapes=True)
    assert [box.split("(")[1] for box in boxes_of(picture)] == [
        "InputLayer)", "Flatten)", "Dropout)", "Dense)"
    ]  # fmt: skip
    assert len(lines_of(picture)) == 3
    assert texts_of(picture).count("(None, 16)") == 4


def test_a_shared_model_is_one_box_or_one_frame() -> None:
    model = siamese()
    assert lines_of(drawn(model)) == ["a to encoder", "b to encoder", "encoder to subtract"]
    expanded = drawn(model, expand_nested=True)
    assert texts_of(expanded).count("encoder") == 1
    assert sum(isinstance(s, Rectangle) and s.is_dashed for s in expanded.shapes) == 1
    assert "hidden (Dense)" in boxes_of(expanded)
    assert "code (Dense)" in boxes_of(expanded)


def test_lines_leave_a_frame_where_their_tensor_is_made() -> None:
    """The second output by name is the first one of the dictionary as it was written."""
    dot = model_to_dot(siamese(), expand_nested=True, show_layer_names=True).to_string()
    code = re.search(r"(n2_\d+) \[label=\"Dense\\ncode\"", dot).group(1)
    end = re.search(r"(n2_\d+) -> n3;", dot).group(1)
    assert f"{code} -> {end};" in dot


def test_inputs_by_name_reach_the_layers_of_that_name() -> None:
    inside = {"b": Input((2,), name="b"), "a": Input((2,), name="a")}
    inner = Model(inside, inside["a"] - inside["b"], name="inner")
    first, second = Input((2,), name="first"), Input((2,), name="second")
    model = Model([first, second], inner({"b": first, "a": second}))
    dot = model_to_dot(model, expand_nested=True).to_string()
    number = {name: re.search(rf'(n[\d_]+) .*n{name}"', dot).group(1) for name in ("a", "b")}
    first_port = re.search(r"n0 -> (n2_\d+);", dot).group(1)
    assert re.search(r'n0 .*nfirst"', dot)
    assert f"{first_port} -> {number['b']};" in dot


def test_a_layer_that_feeds_itself_is_drawn_once_a_call() -> None:
    x, same = Input((4,)), Dense(4, name="same")
    picture = drawn(Model(x, same(same(x))))
    assert boxes_of(picture).count("same (Dense)") == 2
    assert {"call 1 of 2", "call 2 of 2"} <= set(texts_of(picture))


def test_layers_that_feed_each_other_are_drawn_once_a_call() -> None:
    x, a, b = Input((4,)), Dense(4, name="a"), Dense(4, name="b")
    assert len(boxes_of(drawn(Model(x, b(a(b(a(x)))))))) == 5


def test_many_shapes_are_counted() -> None:
    inputs = [Input((length,)) for length in range(1, 12)]
    texts = texts_of(drawn(Model(inputs, ops.concatenate(inputs, axis=-1)), show_shapes=True))
    assert "and 6 more" in texts


def test_a_layer_of_a_user_has_the_colour_of_its_base() -> None:
    class Mine(Dense):
        pass

    class Other(Layer):
        def call(self, inputs: Any) -> Any:
            return inputs

    dot = model_to_dot(Sequential([Input((2,)), Mine(2), Other()])).to_string()
    plain = model_to_dot(Sequential([Input((2,)), Dense(2)])).to_string()
    colour = re.search(r'Dense.*fillcolor="(.*?)"', plain).group(1)
    assert re.search(rf'Mine.*fillcolor="{colour}"', dot)


def test_names_may_have_any_letters() -> None:
    model = Sequential([Input((2,)), Dense(2, name='층 <&>"\\')], name="모델")
    picture = drawn(model, show_layer_names=True)
    root = ElementTree.fromstring(picture.svg)
    assert root.get("aria-label") == "모델"
    assert '층 <&>\\"\\\\' in model_to_dot(model).to_string()


def test_files_are_written(tmp_path: Path) -> None:
    model = residual()
    plot_model(model, tmp_path / "그림.svg")
    assert ElementTree.parse(tmp_path / "그림.svg").getroot().tag.endswith("svg")
    pytest.importorskip("PIL")
    plot_model(model, str(tmp_path / "model"), dpi=50)
    assert (tmp_path / "model").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match=r"not as 'model\.pdf'"):
        plot_model(model, tmp_path / "model.pdf")
    assert not (tmp_path / "model.pdf").exists()


def test_mistakes_are_told() -> None:
    with pytest.raises(ValueError, match=r"'sequential' is not built.*build\(\(None"):
        drawn(Sequential([Dense(2)]))
    with pytest.raises(TypeError, match=r"plot_model takes a model\. Received: 3"):
        drawn(3)
    with pytest.raises(ValueError, match="rankdir is one of"):
        drawn(residual(), rankdir="XY")
    with pytest.raises(TypeError, match="Did you mean 'show_shapes'"):
        drawn(residual(), show_shape=True)


def test_the_diagram_is_as_that_of_pydot(tmp_path: Path) -> None:
    diagram = model_to_dot(residual(), show_shapes=True, rankdir="LR")
    assert diagram.create(prog="dot", format="svg").startswith(b"<svg")
    assert diagram.create_svg() == diagram.create(format="svg")
    assert "rankdir=LR" in diagram.to_string()
    assert diagram.write(tmp_path / "model.dot")
    assert (tmp_path / "model.dot").read_text("utf-8") == diagram.to_string()
    assert diagram.write_svg(tmp_path / "model.svg")
    assert diagram._repr_svg_() + "\n" == (tmp_path / "model.svg").read_text("utf-8")


# ---- notebooks ------------------------------------------------------------------------------


def test_a_notebook_shows_models_that_have_a_graph() -> None:
    class Mine(Model):
        def call(self, inputs: Any) -> Any:
            return inputs

    for model in (residual(), Sequential([Input((2,)), Dense(2)])):
        assert model._repr_svg_().startswith("<svg")
        assert "(None, " in model._repr_svg_()
    assert Sequential([Dense(2)])._repr_svg_() is None
    assert Mine()._repr_svg_() is None
    assert len(boxes_of(drawn(_called(Mine())))) == 1


def _called(model: Model) -> Model:
    model(pylego.ops.ones((1, 2)))
    return model


def test_what_draws_is_loaded_when_somebody_looks() -> None:
    import subprocess
    import sys

    code = (
        "import sys, pylego\n"
        "pylego.Sequential([pylego.Input((2,)), pylego.layers.Dense(2)])\n"
        "sys.exit(any(n.startswith(('pylego.drawing', 'pylego.models.plot', 'PIL'))"
        " for n in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_tutorials_of_keras_2_find_it() -> None:
    """Korean tutorials show SVG(model_to_dot(model).create(prog='dot', format='svg'))."""
    from pylego.utils import vis_utils
    from pylego.utils.vis_utils import model_to_dot as found

    assert found is model_to_dot
    assert vis_utils.plot_model is plot_model
    assert found(residual(), show_shapes=True).create(prog="dot", format="svg")[:4] == b"<svg"
