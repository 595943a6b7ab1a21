"""GradientTape means what TensorFlow's means; grad what jax's does."""

from __future__ import annotations

import collections
from collections.abc import Callable

import numpy as np
import pytest

from pylego import GradientTape, Variable, grad, ops, value_and_grad
from pylego.testing import check_gradients


def constant(values: object) -> ops.Tensor:
    return ops.convert_to_tensor(np.array(values, np.float32))


# ---- what is watched ------------------------------------------------------------------------


def test_trainable_variables_are_watched_and_others_not() -> None:
    trained, frozen = Variable(2.0), Variable(3.0, trainable=False)
    with GradientTape() as tape:
        y = trained * frozen
    gradients = tape.gradient(y, [trained, frozen])
    assert gradients[0].item() == 3.0
    assert gradients[1] is None


def test_a_variable_can_be_frozen_later() -> None:
    v = Variable(2.0)
    v.trainable = False
    with GradientTape() as tape:
        y = v * v
    assert tape.gradient(y, v) is None


def test_tensors_are_watched_when_asked_for_and_only_until_the_tape_is_closed() -> None:
    x = constant([1.0, 2.0])
    with GradientTape() as tape:
        assert not (x * x).requires_grad
        tape.watch(x)
        y = x * x
    assert tape.gradient(y, x).numpy().tolist() == [2.0, 4.0]
    assert not x.requires_grad
    assert not (x * x).requires_grad


def test_what_was_asked_for_elsewhere_stays_asked_for() -> None:
    x = constant([1.0])
    x.requires_grad = True
    with GradientTape() as tape:
        tape.watch(x)
    assert x.requires_grad


def test_variables_can_be_left_alone() -> None:
    v, w = Variable(2.0), Variable(3.0)
    with GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(w)
        y = v * w
    gradients = tape.gradient(y, [v, w])
    assert gradients[0] is None
    assert gradients[1].item() == 2.0


def test_an_inner_tape_that_leaves_variables_alone_does_not_blind_the_outer_one() -> None:
    v, x = Variable(2.0), constant(3.0)
    with GradientTape() as outer:
        with GradientTape(watch_accessed_variables=False) as inner:
            inner.watch(x)
            y = v * x * x
        assert inner.gradient(y, [v, x])[0] is None
    assert outer.gradient(y, v).item() == 9.0


def test_only_tensors_can_be_watched() -> None:
    with GradientTape() as tape:
        with pytest.raises(TypeError, match="ndarray"):
            tape.watch(np.ones(3))
        with pytest.raises(TypeError, match="cast it to float32"):
            tape.watch(ops.convert_to_tensor([1, 2]))


def test_nothing_is_recorded_after_the_tape_is_closed_even_by_an_exception() -> None:
    v = Variable(2.0)
    tape = GradientTape()
    with pytest.raises(ZeroDivisionError), tape:
        1 / 0  # noqa: B018
    assert not (v * v).requires_grad
    with GradientTape():
        assert (v * v).requires_grad
    assert not (v * v).requires_grad


def test_recording_can_be_paused() -> None:
    v = Variable(2.0)
    with GradientTape() as tape:
        with tape.stop_recording():
            unseen = v * v
        y = v * unseen
    assert tape.gradient(y, v).item() == 4.0


# ---- gradients ------------------------------------------------------------------------------


def test_gradients_come_in_the_structure_of_the_sources() -> None:
    pair = collections.namedtuple("Pair", "first second")
    v, w = Variable(2.0), Variable(3.0)
    with GradientTape(persistent=True) as tape:
        y = v * w
    both = tape.gradient(y, pair(v, [w]))
    assert isinstance(both, pair)
    assert both.second[0].item() == 2.0
    assert tape.gradient(y, {"v": v})["v"].item() == 3.0
    assert isinstance(tape.gradient(y, (v, w)), tuple)


def test_targets_are_added_up_and_weighted() -> None:
    v = Variable([1.0, 2.0])
    with GradientTape(persistent=True) as tape:
        y, z = v * 2.0, ops.sum(v * v)
    assert tape.gradient([y, z], v).numpy().tolist() == [4.0, 6.0]
    assert tape.gradient(y, v, output_gradients=[1.0, 10.0]).numpy().tolist() == [2.0, 20.0]
    weighted = tape.gradient([y, z], v, output_gradients=[constant([1.0, 10.0]), None])
    assert weighted.numpy().tolist() == [4.0, 24.0]
    with pytest.raises(ValueError, match="2 targets, but 1"):
        tape.gradient([y, z], v, output_gradients=[1.0])


def test_a_target_is_its_own_source() -> None:
    x = constant([1.0, 2.0])
    with GradientTape() as tape:
        tape.watch(x)
    assert tape.gradient(x, x).numpy().tolist() == [1.0, 1.0]


def test_sources_may_lie_on_the_way() -> None:
    v = Variable(3.0)
    with GradientTape() as tape:
        middle = v * v
        y = middle * v
    by_middle, by_v = tape.gradient(y, [middle, v])
    assert (by_middle.item(), by_v.item()) == (3.0, 27.0)


def test_unconnected_sources_give_none_or_zeros() -> None:
    v, other = Variable(2.0), Variable([1.0, 2.0])
    with GradientTape(persistent=True) as tape:
        y = v * v
    assert tape.gradient(y, other) is None
    zeros = tape.gradient(y, other, unconnected_gradients="zero")
    assert zeros.numpy().tolist() == [0.0, 0.0]
    with pytest.raises(ValueError, match="'none' or 'zero'"):
        tape.gradient(y, other, unconnected_gradients="nil")


def test_a_tape_gives_its_gradients_once_unless_it_is_persistent() -> None:
    v = Variable(2.0)
    with GradientTape() as tape:
        y = v * v
    tape.gradient(y, v)
    with pytest.raises(RuntimeError, match="persistent=True"):
        tape.gradient(y, v)


def test_sources_and_targets_must_be_tensors_of_floats() -> None:
    v = Variable(2.0)
    with GradientTape(persistent=True) as tape:
        y = v * v
    with pytest.raises(TypeError, match="ndarray"):
        tape.gradient(y, np.ones(1))
    with pytest.raises(TypeError, match="float"):
        tape.gradient(1.0, v)
    with pytest.raises(TypeError, match="only floats have gradients"):
        tape.gradient(ops.argmax([1.0, 2.0]), v)


def test_an_open_tape_is_not_opened_again() -> None:
    with GradientTape() as tape, pytest.raises(RuntimeError, match="open already"):
        tape.__enter__()


def test_stopped_gradients_do_not_flow() -> None:
    v = Variable(3.0)
    with GradientTape() as tape:
        y = v * ops.stop_gradient(v * v)
    assert tape.gradient(y, v).item() == 9.0


# ---- second derivatives ---------------------------------------------------------------------


def test_an_outer_tape_records_the_inner_one_s_gradients() -> None:
    x = Variable(2.0)
    with GradientTape() as outer:
        with GradientTape() as inner:
            y = x * x * x
        slope = inner.gradient(y, x)
    assert slope.item() == 12.0
    assert outer.gradient(slope, x).item() == 12.0


def test_gradients_are_not_recorded_without_an_outer_tape() -> None:
    x = Variable(2.0)
    with GradientTape() as tape:
        y = x * x * x
    assert not tape.gradient(y, x).requires_grad


def test_a_persistent_tape_records_gradients_taken_inside_it() -> None:
    x = Variable(2.0)
    with GradientTape(persistent=True) as tape:
        y = x * x * x
        slope = tape.gradient(y, x)
    assert tape.gradient(slope, x).item() == 12.0


def test_three_tapes_give_third_derivatives() -> None:
    x = constant(2.0)
    with GradientTape() as first:
        first.watch(x)
        with GradientTape() as second:
            second.watch(x)
            with GradientTape() as third:
                third.watch(x)
                y = x * x * x * x
            slope = third.gradient(y, x)
        bend = second.gradient(slope, x)
    assert (slope.item(), bend.item(), first.gradient(bend, x).item()) == (32.0, 48.0, 48.0)


# ---- grad -----------------------------------------------------------------------------------


def test_grad_differentiates_by_the_arguments_asked_for() -> None:
    def f(x, y, scale=1.0):
        return ops.sum(x * x * y) * scale

    x = np.array([1.0, 2.0])
    assert grad(f)(x, 3.0).numpy().tolist() == [6.0, 12.0]
    assert grad(f, argnums=1)(constant(x), 3.0).item() == 5.0
    by_x, by_y = grad(f, argnums=(0, 1))(x, 3.0, scale=2.0)
    assert by_x.numpy().tolist() == [12.0, 24.0]
    assert by_y.item() == 10.0


def test_grad_takes_one_tensor_for_two_arguments_apart() -> None:
    x = constant(3.0)
    assert grad(lambda a, b: a * a * b)(x, x).item() == 18.0


def test_grad_takes_structures() -> None:
    weights = {"w": constant([1.0, 2.0]), "b": constant(0.5)}
    gradients = grad(lambda p: ops.sum(p["w"] * p["w"]) + 3.0 * p["b"])(weights)
    assert gradients["w"].numpy().tolist() == [2.0, 4.0]
    assert gradients["b"].item() == 3.0


def test_grad_of_grad_and_of_what_does_not_depend() -> None:
    assert grad(grad(grad(ops.sin)))(0.0).item() == -1.0
    assert grad(lambda x: ops.convert_to_tensor(1.0))(2.0).item() == 0.0


def test_value_and_grad_needs_a_single_number_of_floats() -> None:
    value, slope = value_and_grad(lambda x: ops.sum(x * x))(constant([3.0]))
    assert value.item() == 9.0
    assert slope.numpy().tolist() == [6.0]
    with pytest.raises(ValueError, match="single number"):
        grad(lambda x: x * x)(constant([1.0, 2.0]))
    with pytest.raises(TypeError, match="cast it to float32"):
        grad(lambda x: x * x)(3)


# ---- check_gradients ------------------------------------------------------------------------


def test_check_gradients_finds_a_wrong_gradient_and_a_wrong_second_one() -> None:
    x = np.array([0.5, 1.5])
    with pytest.raises(AssertionError, match=r"gradient by input 1 of shape \(2,\)"):
        check_gradients(lambda a, b: a * b * ops.stop_gradient(b), [x, x])

    def bends_in_secret(a):
        """2 x y - y^2 with y = x: the slope is that of x^2, the slope's slope is 0."""
        fixed = ops.stop_gradient(a)
        return 2.0 * fixed * a - fixed * fixed

    check_gradients(bends_in_secret, [x])
    with pytest.raises(AssertionError, match="gradient of the gradient by input 0"):
        check_gradients(bends_in_secret, [x], order=2)


def test_check_gradients_takes_integers_and_several_outputs() -> None:
    check_gradients(lambda x, i: ops.take(x, i), [[1.0, 2.0, 3.0], [0, 0, 2]], order=2)
    check_gradients(lambda x: (x * x, ops.exp(x)), [[0.1, 0.2]], order=2)
    with pytest.raises(TypeError, match="only floats"):
        check_gradients(ops.argmax, [[1.0, 2.0]])


@pytest.mark.parametrize(
    "wrap", [lambda x: [[x, 2.0]], lambda x: ((x,), (2.0,)), lambda x: [x, 2.0]]
)
def test_grad_reaches_numbers_in_nested_lists(wrap: Callable) -> None:
    slopes = grad(lambda x: ops.sum(ops.square(x)))(wrap(1.0))
    assert type(slopes) is type(wrap(1.0))
    assert np.array(slopes).tolist() == (2.0 * np.array(wrap(1.0))).tolist()


# What the tape keeps


def test_a_tape_names_inputs_outputs_leaves_and_what_is_kept() -> None:
    w, x = Variable([[1.0, 2.0], [3.0, 4.0]]), ops.ones((3, 2))
    w.requires_grad = True
    hidden = ops.relu(x @ w + 1.5)
    assert str((hidden * hidden).tape()).splitlines() == [
        "4 nodes, 1 leaf",
        "    brick             y    keeps   formula",
        "%4  multiply(%3, %3)  3x2  %3      y = a b",
        "%3  relu(%2)          3x2  y       y = max(x, 0)",
        "%2  add(%1, ())       3x2          y = a + b",
        "%1  matmul(3x2, a)    3x2  3x2, a  y = a b",
    ]


def test_a_tape_tells_outputs_of_one_brick_apart() -> None:
    x = ops.ones((4,))
    x.requires_grad = True
    first, second = ops.split(x, 2)
    assert "subtract(%1.1, %1.0)" in str((second - first).tape())


def test_a_tape_shows_a_loop_as_one_node() -> None:
    x = ops.ones((3,))
    x.requires_grad = True
    total, _ = ops.scan(lambda carry, row: (carry + row, carry * row), 0.0, x)
    lines = str(ops.exp(total).tape()).splitlines()
    assert len(lines) == 4
    assert lines[2].startswith("%2  exp(%1.0)")
    assert lines[3].startswith("%1  scan((), a)")
    assert lines[3].endswith("carry, y[i] = body(carry, x[i], w), for all i")


def test_a_tensor_without_history_has_no_tape() -> None:
    assert str(ops.ones(3).tape()) == "no tape: nothing that was watched made this tensor"


def test_a_tape_may_outlive_its_tensor() -> None:
    x = ops.ones((2,))
    x.requires_grad = True
    tape = (x * x).tape()
    del x
    assert [node.brick.name for node in tape.nodes] == ["multiply"]
