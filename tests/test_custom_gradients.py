"""Gradients that a function says itself, at once, in programs and in loops; and jvp."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pylego
from pylego import GradientTape, Tensor, ops


@ops.custom_gradient
def clipped_below(x: Tensor) -> Any:
    """The gradient is not linear in what comes in."""
    return x * 1.0, lambda upstream: ops.clip(upstream, -1.0, 1.0)


@pytest.mark.parametrize("is_recorded", [False, True])
def test_a_function_says_its_own_gradient(is_recorded: bool) -> None:
    def slope(x: Tensor) -> Tensor:
        return pylego.grad(lambda x: ops.sum(clipped_below(x) * [5.0, 0.5]))(x)

    call = pylego.function(slope) if is_recorded else slope
    np.testing.assert_array_equal(call(np.ones(2, "float32")), [1.0, 0.5])


def test_gradients_of_ones_own_of_several_arguments_and_results() -> None:
    @ops.custom_gradient
    def both(a: Tensor, b: Tensor) -> Any:
        return (a * b, a + b), lambda upstream: (upstream[0] * b + upstream[1], upstream[0] * a)

    a, b = ops.convert_to_tensor([1.0, 2.0]), ops.convert_to_tensor([3.0, 4.0])
    with GradientTape(persistent=True) as tape:
        tape.watch([a, b])
        product, total = both(a, b)
        da, db = tape.gradient(ops.sum(product * product) + ops.sum(total), [a, b])
        twice = tape.gradient(ops.sum(da), b)
    np.testing.assert_array_equal(da, [19.0, 65.0])
    np.testing.assert_array_equal(db, [6.0, 32.0])
    np.testing.assert_array_equal(twice, [12.0, 32.0])


def test_gradients_of_ones_own_in_a_loop() -> None:
    def loss(x: Tensor) -> Tensor:
        last, _ = ops.scan(lambda c, r: (clipped_below(c * r), None), x, ops.ones((3, 2)))
        return ops.sum(last * 9.0)

    np.testing.assert_array_equal(pylego.grad(loss)(ops.ones(2)), [1.0, 1.0])


def test_what_a_gradient_raises_is_raised() -> None:
    @ops.custom_gradient
    def wrong(x: Tensor) -> Any:
        return x * 1.0, lambda upstream: (upstream, upstream)

    with pytest.raises(ValueError, match="1 arguments have as many gradients"):
        pylego.grad(lambda x: ops.sum(wrong(x)))(ops.ones(2))
    with pytest.raises(TypeError, match="a function that makes gradients"):
        ops.custom_gradient(lambda x: x)(ops.ones(2))


def test_gradients_are_let_go_with_their_tensors() -> None:
    from pylego.engine.lifetimes import lent

    x = ops.ones(2)
    others = set(lent)  # what the rest of the process still uses
    for _ in range(200):
        pylego.grad(lambda x: ops.sum(clipped_below(x)))(x)
    assert len(lent.keys() - others) < 100


def test_derivatives_along_a_direction() -> None:
    x, v = ops.convert_to_tensor([1.0, 2.0]), ops.convert_to_tensor([0.5, -1.0])
    value, change, aux = ops.jvp(lambda x: ({"y": ops.exp(x)}, "aux"), (x,), (v,), has_aux=True)
    np.testing.assert_allclose(value["y"].numpy(), np.exp([1.0, 2.0]), rtol=1e-6)
    np.testing.assert_allclose(change["y"].numpy(), np.exp([1.0, 2.0]) * [0.5, -1.0], rtol=1e-6)
    assert aux == "aux"
    with pytest.raises(ValueError, match="primals have the shapes"):
        ops.jvp(ops.exp, (x,), (ops.ones(3),))
