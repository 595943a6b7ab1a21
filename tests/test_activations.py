"""Activations give Keras's numbers and gradients, also far out, and are found by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from goldens import expect_close, load
from recorded import Recorded, bits, bricks

from pylego import activations, ops
from pylego.autograd import GradientTape
from pylego.core.tensor import Tensor

GOLDEN = load("activations")
GRID = np.array(GOLDEN["grid"], np.float32)

# Where two pieces meet, jax shares the slope between them; any slope in between is right.
CORNERS = {
    "relu": [1.0, -1.0, 2.0, 2.5],
    "relu6": [0.0, 6.0],
    "hard_sigmoid": [-3.0, 3.0],
    "hard_tanh": [-1.0, 1.0],
    "hard_silu": [-3.0, 3.0],
    "soft_shrink": [-0.5, 0.5, -1.0, 1.0],
    "sparse_sigmoid": [-1.0, 1.0],
}
# Keras's own rounding, where a sum cancels for large negative numbers; pylego's does not.
KERAS_IS_OFF_BY = {"squareplus": 1e-4}
# Keras turns NaN into a number here; pylego does not.
LOSES_NAN = ("soft_shrink", "hard_shrink", "relu")


def title(case: dict[str, Any]) -> str:
    return f"{case['function']}-{case['arguments']}-{case.get('input', '')}"


def value_and_gradient(function: Any, x: Any, weights: Any = 1.0) -> tuple[Any, Any]:
    x = ops.convert_to_tensor(np.asarray(x, np.float32))
    with GradientTape() as tape:
        tape.watch(x)
        y = function(x)
        loss = ops.sum(y * weights)
    return y, tape.gradient(loss, x)


@pytest.mark.parametrize("case", GOLDEN["elementwise"], ids=title)
def test_elementwise(case: dict[str, Any]) -> None:
    function = getattr(activations, case["function"])
    y, gradient = value_and_gradient(lambda x: function(x, **case["arguments"]), GRID)
    expect_close(y, case["value"], rtol=1e-5, atol=KERAS_IS_OFF_BY.get(case["function"], 1e-6))
    smooth = ~np.isin(GRID, CORNERS.get(case["function"], []))
    expect_close(gradient.numpy()[smooth], np.array(case["gradient"])[smooth], rtol=1e-3, atol=2e-6)


@pytest.mark.parametrize("case", GOLDEN["elementwise"], ids=title)
def test_infinity_and_nan(case: dict[str, Any]) -> None:
    function = getattr(activations, case["function"])
    special = np.array(case["special"], np.float32)
    y = function(np.array(GOLDEN["special"], np.float32), **case["arguments"]).numpy()
    if case["function"] in LOSES_NAN:
        special[2] = float("nan")
        assert np.isnan(y[2])
    has_limit = ~np.isnan(special)  # test_activation_limits.py knows the others
    expect_close(y[has_limit], special[has_limit])


@pytest.mark.parametrize("case", GOLDEN["along_axis"], ids=title)
def test_along_axis(case: dict[str, Any]) -> None:
    x = np.array(GOLDEN["tables"][case["input"]], np.float32)
    function = getattr(activations, case["function"])
    size = np.size(case["value"])
    weights = np.arange(1, size + 1, dtype=np.float32).reshape(np.shape(case["value"]))
    y, gradient = value_and_gradient(lambda x: function(x, **case["arguments"]), x, weights)
    expect_close(y, case["value"], rtol=1e-5)
    if "gradient" in case:
        expect_close(gradient, case["gradient"], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", [n for n in GOLDEN["strings"] if n != "sparsemax"])
def test_names(name: str) -> None:
    golden = GOLDEN["strings"][name]
    if golden == "ValueError":
        with pytest.raises(ValueError, match="Unknown activation"):
            activations.get(name)
    else:
        assert activations.get(name).__name__ == golden


def test_none_is_linear() -> None:
    assert activations.get(None) is activations.linear


@pytest.mark.parametrize("name", sorted(activations._ACTIVATIONS))
def test_serialization_comes_round(name: str) -> None:
    function = activations.get(name)
    assert activations.serialize(function) == name
    assert activations.deserialize(name) is function


def test_every_activation_is_compared_with_keras() -> None:
    compared = {case["function"] for case in GOLDEN["elementwise"] + GOLDEN["along_axis"]}
    assert set(activations._ACTIVATIONS) == compared


def test_functions_of_one_s_own() -> None:
    def cube(x: Any) -> Any:
        return x**3

    assert activations.get(cube) is cube
    described = activations.serialize(cube)
    assert described["config"] == "cube"
    assert activations.deserialize(described, {"cube": cube}) is cube
    with pytest.raises(ValueError, match="Unknown function 'cube'"):
        activations.deserialize(described)
    with pytest.raises(TypeError, match="A lambda cannot be described by a name"):
        activations.serialize(lambda x: x)
    with pytest.raises(TypeError, match="Received: 3 of type int"):
        activations.get(3)
    with pytest.raises(ValueError, match="Did you mean 'relu'"):
        activations.get("rellu")


def test_functions_of_keras_ops_are_the_same_ones() -> None:
    for name in ("celu", "glu", "elu", "silu", "hard_silu", "log_sigmoid", "softsign"):
        assert getattr(ops.nn, name) is getattr(ops, name) is activations.get(name)


BRICKS = {
    "celu": "celu", "elu": "elu", "gelu": "gelu", "hard_sigmoid": "hard_sigmoid",
    "hard_silu": "hard_silu", "leaky_relu": "leaky_relu", "log_sigmoid": "log_sigmoid",
    "mish": "mish", "relu": "relu", "relu6": "relu6", "selu": "selu", "sigmoid": "sigmoid",
    "silu": "silu", "softplus": "softplus", "softsign": "softsign", "tanh": "tanh",
}  # fmt: skip


@pytest.mark.parametrize("name", BRICKS)
def test_an_activation_is_one_op_and_part_of_its_neighbours_loop(name: str) -> None:
    x = ops.convert_to_tensor(GRID)

    def between(x: Tensor) -> list[Tensor]:
        return [ops.negative(getattr(activations, name)(x + x))]

    recorded = Recorded(between, [x])
    assert bricks(recorded) == [["add", BRICKS[name], "negative"]]
    assert bits(recorded(x)) == bits(between(x))


@pytest.mark.parametrize("name", BRICKS)
def test_an_activation_is_applied_to_the_blocks_of_a_product(name: str) -> None:
    x, w = ops.ones((5, 7)), ops.ones((7, 3))
    recorded = Recorded(lambda x, w: [getattr(activations, name)(ops.matmul(x, w))], [x, w])
    assert bricks(recorded) == [["matmul", BRICKS[name]]]
