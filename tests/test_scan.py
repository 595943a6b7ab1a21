"""Loops inside of programs: `ops.scan`, and what is built of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import pylego
from pylego import GradientTape, Variable, config, ops, random
from pylego.core.tree import leaves
from pylego.layers import Dense, Layer
from pylego.models import Sequential

RNG = np.random.default_rng(3)


def numbers(*shape: int, dtype: str = "float64") -> Any:
    return ops.convert_to_tensor(RNG.normal(size=shape).astype(dtype))


def python_scan(f: Callable, carry: Any, xs: Any, reverse: bool = False) -> tuple[Any, Any]:
    """The same loop with an op for each step."""
    rows = list(xs)
    ys = []
    for x in reversed(rows) if reverse else rows:
        carry, y = f(carry, x)
        ys.append(y)
    return carry, ops.stack(ys[::-1] if reverse else ys)


def bits(tensors: Any) -> list[bytes]:
    return [x.numpy().tobytes() for x in tensors]


class Cell:
    """h' = tanh(h W + x U); y = h'^2, with a captured variable and a captured tensor."""

    def __init__(self, dtype: str = "float32"):
        self.w = Variable(0.5 * RNG.normal(size=(3, 3)).astype(dtype), name="w")
        self.u = numbers(4, 3, dtype=dtype)
        self.h = numbers(2, 3, dtype=dtype)
        self.xs = numbers(7, 2, 4, dtype=dtype)

    def __call__(self, h: Any, x: Any) -> tuple[Any, Any]:
        h = ops.tanh(h @ self.w + x @ self.u)
        return h, h * h

    def run(self, scan: Callable, **options: Any) -> list[Any]:
        """The results, and the gradients by all that goes in."""
        with GradientTape() as tape:
            tape.watch([self.u, self.h, self.xs])
            last, ys = scan(self, self.h, self.xs, **options)
            loss = ops.sum(last * last) + ops.sum(ops.sin(ys))
        return [last, ys, *tape.gradient(loss, [self.w, self.u, self.h, self.xs])]


# ---- the same as a loop in Python -----------------------------------------------------------


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_scan_gives_what_a_python_loop_gives_with_gradients(dtype: str, reverse: bool) -> None:
    cell = Cell(dtype)
    ours, theirs = cell.run(ops.scan, reverse=reverse), cell.run(python_scan, reverse=reverse)
    for a, b in zip(ours, theirs):
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5, atol=1e-6)


def test_eager_and_recorded_scans_have_the_same_bits() -> None:
    cell = Cell()
    eager = bits(cell.run(ops.scan))
    recorded = pylego.function(lambda: cell.run(ops.scan))
    assert bits(recorded()) == eager
    assert bits(recorded()) == eager


def test_bits_do_not_depend_on_threads() -> None:
    w = Variable(0.05 * RNG.normal(size=(200, 200)).astype("float32"))
    h, xs = numbers(100, 200, dtype="float32"), numbers(4, 100, 200, dtype="float32")

    def run() -> list[bytes]:
        with GradientTape() as tape:
            last, ys = ops.scan(lambda h, x: (ops.tanh(h @ w + x), ops.sum(h)), h, xs)
            loss = ops.sum(last) + ops.sum(ys)
        return bits([last, ys, tape.gradient(loss, w)])

    former = config.num_threads()
    found = []
    for threads in (1, 2, 3):
        config.set_num_threads(threads)
        found.append(run())
    config.set_num_threads(former)
    assert found[0] == found[1] == found[2]


def test_the_number_of_ops_does_not_depend_on_the_number_of_steps() -> None:
    def ops_of(steps: int) -> int:
        cell = Cell()
        cell.xs = numbers(steps, 2, 4, dtype="float32")
        step = pylego.function(lambda: cell.run(ops.scan))
        step()
        return len(step.program.view().info.instructions)

    assert ops_of(3) == ops_of(300) < 10


def test_the_print_out_shows_what_a_step_does() -> None:
    cell = Cell()
    step = pylego.function(lambda: cell.run(ops.scan))
    step()
    text = str(step.program)
    assert "scan(" in text
    assert "length=7, reverse)" in text
    assert "%0 = matmul(input 1, input 2)" in text
    assert "= copy(w)" in text  # transposed, once for all steps
    assert "matmul(%0, input 6)" in text
    assert "0 uint8" not in text


def test_a_page_and_times_of_a_program_with_a_loop(tmp_path: Any) -> None:
    cell = Cell()
    step = pylego.function(lambda: cell.run(ops.scan))
    step()
    step.program.save_html(tmp_path / "page.html")
    assert "scan" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "scan" in str(step.program.view(profile=True, steps=2))
    assert step.program.nbytes() > 5000  # with its bodies


# ---- gradients of weights: one product over all steps ---------------------------------------


W = 0.5 * RNG.normal(size=(7, 3))


def joined(w: Any, h: Any, x: Any) -> tuple[Any, Any]:
    """The columns of x and of h, as cells have them."""
    h = ops.tanh(ops.concatenate([x, h], -1) @ w)
    return h, h


def joined_twice(w: Any, h: Any, x: Any) -> tuple[Any, Any]:
    """With something else that reads what is joined."""
    both = ops.concatenate([x, h], -1)
    return ops.tanh(both @ w), ops.sin(both) @ w


def joined_with_a_constant(w: Any, h: Any, x: Any) -> tuple[Any, Any]:
    part = ops.convert_to_tensor(np.full((2, 4), 0.5))
    return ops.tanh(ops.concatenate([part, h], -1) @ w + x[:, :3]), h


def joined_rows(w: Any, h: Any, x: Any) -> tuple[Any, Any]:
    """Rows are joined, not columns."""
    both = ops.concatenate([x, h], -1)
    return ops.tanh(ops.concatenate([both[1:], both[:1]], 0) @ w), h


def shared(w: Any, h: Any, x: Any) -> tuple[Any, Any]:
    """The gradient by the weight is the sum of two products."""
    both = ops.concatenate([x, h], -1)
    return ops.tanh(both @ w) + ops.tanh(ops.sin(both) @ w), h


def weight_as_it_is(w: Any, h: Any, x: Any) -> tuple[Any, Any]:
    """Something that is not a product as well."""
    return ops.tanh(ops.concatenate([x, h], -1) @ w + ops.sum(w)), h


def transposed(w: Any, h: Any, x: Any) -> tuple[Any, Any]:
    """Products that are no sums over rows."""
    both = ops.concatenate([x, h], -1)
    return ops.tanh(ops.transpose(ops.transpose(w) @ ops.transpose(both))), h


def batch_of_matrices(w: Any, h: Any, x: Any) -> tuple[Any, Any]:
    both = ops.reshape(ops.concatenate([x, h], -1), (2, 1, 7))
    return ops.tanh(both @ w)[:, 0], h


def without_a_carry(w: Any, h: Any, x: Any) -> tuple[Any, Any]:
    return h, ops.concatenate([x, x[:, :3]], -1) @ w


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(
    "step",
    [
        joined,
        joined_twice,
        joined_with_a_constant,
        joined_rows,
        shared,
        weight_as_it_is,
        transposed,
        batch_of_matrices,
        without_a_carry,
    ],
)
def test_gradients_of_weights_are_those_of_a_python_loop(step: Callable, reverse: bool) -> None:
    w, h, xs = Variable(W), numbers(2, 3), numbers(5, 2, 4)

    def run(scan: Callable) -> list[Any]:
        with GradientTape() as tape:
            tape.watch([h, xs])
            last, ys = scan(lambda h, x: step(w, h, x), h, xs, reverse=reverse)
            loss = ops.sum(last * last) + ops.sum(ops.sin(ys))
        return [last, ys, *tape.gradient(loss, [w, h, xs])]

    ours, theirs = run(ops.scan), run(python_scan)
    assert bits(ours[:2]) == bits(theirs[:2])
    for a, b in zip(ours, theirs):
        assert a.shape == b.shape
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-12, atol=1e-14)
    assert bits(pylego.function(lambda: run(ops.scan))()) == bits(ours)


def test_a_loop_whose_gradient_is_a_product_alone() -> None:
    w, xs = Variable(W[:4]), numbers(5, 2, 4)
    with GradientTape() as tape:
        _, ys = ops.scan(lambda i, x: (i + 1, x @ w), 0, xs)
        loss = ops.sum(ops.sin(ys))
    gradient = tape.gradient(loss, w).numpy()
    rows = xs.numpy().reshape(10, 4)
    np.testing.assert_allclose(gradient, rows.T @ np.cos(rows @ W[:4]), rtol=1e-12)


def test_joined_columns_are_not_kept_and_nothing_is_summed_step_by_step() -> None:
    w, h, xs = Variable(W), numbers(2, 3), numbers(5, 2, 4)

    def run() -> Any:
        with GradientTape() as tape:
            last, _ = ops.scan(lambda h, x: joined(w, h, x), h, xs)
            loss = ops.sum(last)
        return tape.gradient(loss, w)

    step = pylego.function(run)
    step()
    info = step.program.view().info
    loops = [i for i in info.instructions if i.ops[0].brick.name == "scan"]
    kept = [operand.shape for operand in loops[0].ops[0].outputs]
    assert (5, 2, 3) in kept
    assert (5, 2, 7) not in kept
    text = str(step.program)
    assert "transpose_a" in text
    assert not any("transpose_a" in line for line in text.splitlines() if line.startswith("     :"))


def stacked_by(mix: Callable) -> int:
    """How many values of each step the loop h = mix(sigmoid(h), x) keeps for its gradient."""

    def run(h: Any, xs: Any) -> Any:
        with GradientTape() as tape:
            tape.watch(h)
            loss = ops.sum(ops.scan(lambda h, x: (mix(ops.sigmoid(h), x), None), h, xs)[0])
        return tape.gradient(loss, h)

    step = pylego.function(run)
    step(numbers(2, 3), numbers(5, 2, 3))
    loop = next(i for i in step.program.view().info.instructions if i.ops[0].brick.name == "scan")
    return [operand.shape for operand in loop.ops[0].outputs].count((5, 2, 3))


def outputs_of_loop(step: Callable, carry: Any, length: int = 5) -> int:
    """How many results the loop has, and that they are those of a loop in Python."""
    recorded = pylego.function(lambda carry, xs: ops.scan(step, carry, xs))
    xs = numbers(length, 2, 3)
    found, wanted = recorded(carry, xs), python_scan(step, carry, xs)
    assert bits(leaves(found)) == bits(leaves(wanted))
    loop = next(
        i for i in recorded.program.view().info.instructions if i.ops[0].brick.name == "scan"
    )
    return len(loop.ops[0].outputs)


def test_a_carry_that_is_another_one_once_more_is_carried_once() -> None:
    """The last output of a recurrent layer, in most cells."""

    def step(carry: Any, x: Any) -> tuple[Any, Any]:
        _, h, _ = carry
        h = ops.tanh(h + x)
        return (h, h, h), 2 * x

    carry = [numbers(2, 3) + k for k in range(3)]
    assert outputs_of_loop(step, tuple(carry)) == 2


def test_a_carry_that_is_read_or_handed_on_is_carried() -> None:
    def reads(carry: Any, x: Any) -> tuple[Any, Any]:
        last, h = carry
        h = ops.tanh(h + x)
        return (h, h), last + h

    def hands_on(carry: Any, x: Any) -> tuple[Any, Any]:
        last, h = carry
        h = ops.tanh(h + x)
        return (h, h), last

    carry = (numbers(2, 3), numbers(2, 3) + 1)
    assert outputs_of_loop(reads, carry) == 3
    assert outputs_of_loop(hands_on, carry) == 3


@pytest.mark.parametrize("length", [0, 4])
def test_a_carry_that_is_not_carried_has_its_first_value_and_a_gradient(length: int) -> None:
    last, h, xs = numbers(2, 3), numbers(2, 3) + 1, numbers(length, 2, 3)

    def step(carry: Any, x: Any) -> tuple[Any, Any]:
        h = carry[1] * x
        return (h, h), None

    with GradientTape() as tape:
        tape.watch([last, h])
        ends, _ = ops.scan(step, (last, h), xs)
        loss = ops.sum(3 * ends[0] + ends[1])
    by_last, by_h = tape.gradient(loss, [last, h])
    factors = np.prod(xs.numpy(), axis=0)
    np.testing.assert_allclose(ends[0].numpy(), factors * (h if length else last).numpy())
    np.testing.assert_allclose(by_last.numpy(), np.full((2, 3), 0.0 if length else 3.0))
    np.testing.assert_allclose(by_h.numpy(), 4 * factors if length else np.ones((2, 3)))


@pytest.mark.parametrize(
    ("mix", "values"),
    [
        (lambda f, x: f * x, 1),
        (lambda f, x: (1 - f) * x, 1),
        (lambda f, x: (1 - 2 * f) * (1 - f) * x * f, 2),  # f and a product
        (lambda f, x: (x - f) * f, 2),  # x - f needs both: it is kept like any other
        (lambda f, x: ops.exp(f) * f * x, 2),  # exp takes longer than to read its result
    ],
)
def test_what_is_quickly_made_of_a_kept_value_is_not_kept(mix: Callable, values: int) -> None:
    assert stacked_by(mix) == values


# ---- gradients are the finite differences ---------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    steps=st.integers(0, 4),
    rows=st.integers(1, 3),
    reverse=st.booleans(),
    reads=st.sets(st.sampled_from(["carry", "row", "captured", "variable"]), min_size=1),
    gives=st.sampled_from(["carry", "stacked", "both"]),
)
def test_gradients_are_finite_differences(
    steps: int, rows: int, reverse: bool, reads: set[str], gives: str
) -> None:
    rng = np.random.default_rng(steps + 10 * rows)
    arrays = [rng.normal(size=s) for s in ((rows, 3), (steps, rows, 3), (rows, 3), (3, 3))]

    def loss_of(h: Any, xs: Any, c: Any, w: Any) -> Any:
        def step(h: Any, x: Any) -> tuple[Any, Any]:
            parts = {"carry": h, "row": x * x, "captured": ops.sin(c), "variable": c @ w}
            total = sum((parts[name] for name in sorted(reads)), 0.1 * h)
            return ops.tanh(total), ops.sum(total * x, axis=-1)

        last, ys = ops.scan(step, h, xs, reverse=reverse)
        weights = ops.arange(1, steps + 1, dtype="float64")
        stacked = ops.sum(ops.sum(ys, axis=-1) * weights)
        found = {"carry": ops.sum(last * last), "stacked": stacked}
        return sum(found.values()) if gives == "both" else found[gives]

    def numbers_at(values: list[np.ndarray]) -> float:
        return float(loss_of(*map(ops.convert_to_tensor, values)))

    sources = [*map(ops.convert_to_tensor, arrays[:3]), Variable(arrays[3])]
    with GradientTape() as tape:
        tape.watch(sources[:3])
        loss = loss_of(*sources)
    gradients = tape.gradient(loss, sources, unconnected_gradients="zero")
    for place, gradient in enumerate(gradients):
        direction = rng.normal(size=arrays[place].shape)
        ahead, behind = (
            [a + sign * 1e-6 * direction if i == place else a for i, a in enumerate(arrays)]
            for sign in (1, -1)
        )
        slope = (numbers_at(ahead) - numbers_at(behind)) / 2e-6
        assert np.sum(gradient.numpy() * direction) == pytest.approx(slope, rel=1e-5, abs=1e-6)


def test_only_what_is_watched_gets_a_gradient() -> None:
    c, d = numbers(3), numbers(3)
    with GradientTape() as tape:
        tape.watch(c)
        last, _ = ops.scan(lambda h, x: (h * c + d, None), ops.zeros(3, "float64"), length=2)
    assert [g is None for g in tape.gradient(last, [c, d])] == [False, True]


def test_a_carry_of_integers_counts_beside_one_with_a_gradient() -> None:
    x = numbers(5)

    def step(carry: Any, x: Any) -> tuple[Any, Any]:
        count, total = carry
        weight = ops.cast(count, "float64")
        return (count + 1, total + weight * x), count

    with GradientTape() as tape:
        tape.watch(x)
        (count, total), counts = ops.scan(step, (0, ops.zeros((), "float64")), x)
    assert count.item() == 5
    assert counts.dtype == "int32"
    assert tape.gradient(total, x).numpy().tolist() == [0, 1, 2, 3, 4] == counts.numpy().tolist()


def test_a_gradient_through_a_view_of_what_is_captured() -> None:
    w, xs = numbers(3, 4), numbers(5, 3)
    with GradientTape() as tape:
        tape.watch(w)
        _, ys = ops.scan(lambda c, x: (c, ops.reshape(w, (4, 3)) @ x + w[0]), (), xs)
        loss = ops.sum(ops.sin(ys))
    ours = tape.gradient(loss, w)
    with GradientTape() as tape:
        tape.watch(w)
        loss = ops.sum(ops.sin(ops.stack([ops.reshape(w, (4, 3)) @ x + w[0] for x in xs])))
    np.testing.assert_allclose(ours.numpy(), tape.gradient(loss, w).numpy(), rtol=1e-12)


def test_a_gradient_that_reads_views_of_a_row() -> None:
    xs = numbers(3, 4)
    with GradientTape() as tape:
        tape.watch(xs)
        loss = ops.sum(ops.scan(lambda c, x: (c, x[:2] * x[2:]), (), xs)[1])
    expected = np.concatenate([xs.numpy()[:, 2:], xs.numpy()[:, :2]], axis=1)
    assert (tape.gradient(loss, xs).numpy() == expected).all()


def test_the_same_numbers_with_and_without_a_gradient_are_two_values() -> None:
    def slope(x: Any) -> Any:
        fixed = ops.stop_gradient(x)
        with GradientTape() as tape:
            tape.watch(x)
            step = lambda h, _: (h + x * fixed, None)  # noqa: E731
            last, _ = ops.scan(step, ops.zeros(3, "float64"), length=2)
        return tape.gradient(last, x)

    x = numbers(3)
    assert (slope(x).numpy() == 2 * x.numpy()).all()
    assert (pylego.function(slope)(x).numpy() == 2 * x.numpy()).all()


def test_a_variable_that_is_watched_on_request() -> None:
    v = Variable([1.0, 2.0], trainable=False)
    with GradientTape() as tape:
        tape.watch(v)
        last, _ = ops.scan(lambda h, x: (h * x + v, None), ops.zeros(2), [2.0, 3.0])
    assert tape.gradient(last, v).numpy().tolist() == [4.0, 4.0]


def test_a_history_before_the_scan_is_walked_once() -> None:
    x = numbers(3)
    with GradientTape() as tape:
        tape.watch(x)
        a = x * x
        b = ops.exp(a)  # both are captured, and one is made of the other
        last, _ = ops.scan(lambda h, _: (h + a * b, None), ops.zeros(3, "float64"), length=4)
        loss = ops.sum(last)
    n = x.numpy()
    expected = 4 * (2 * n * np.exp(n * n) * (1 + n * n))
    np.testing.assert_allclose(tape.gradient(loss, x).numpy(), expected, rtol=1e-12)


def test_scans_in_scans_have_gradients() -> None:
    w, xs = numbers(3), numbers(4, 5, 3)

    def outer(total: Any, table: Any) -> tuple[Any, Any]:
        inner = lambda h, row: (ops.tanh(h * w + row), h)  # noqa: E731
        h, states = ops.scan(inner, total, table)
        return h, ops.sum(states)

    def loss_of(scan: Callable) -> Any:
        with GradientTape() as tape:
            tape.watch([w, xs])
            last, ys = scan(outer, ops.zeros(3, "float64"), xs)
            loss = ops.sum(last) + ops.sum(ys * ys)
        return [loss, *tape.gradient(loss, [w, xs])]

    ours, theirs = loss_of(ops.scan), loss_of(python_scan)
    for a, b in zip(ours, theirs):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-10)
    assert bits(pylego.function(lambda: loss_of(ops.scan))()) == bits(ours)


def test_variables_as_the_first_carry_and_as_a_sequence() -> None:
    h, xs = Variable([1.0, 2.0]), Variable([[1.0, 2.0], [3.0, 4.0]])
    with GradientTape() as tape:
        last, _ = ops.scan(lambda c, x: (c * x + h, None), h, xs)
        loss = ops.sum(last)
    assert last.numpy().tolist() == [7.0, 26.0]
    found = [g.numpy().tolist() for g in tape.gradient(loss, [h, xs])]
    assert found == [[7.0, 13.0], [[3.0, 8.0], [2.0, 6.0]]]


def test_second_derivatives_are_refused() -> None:
    x = ops.convert_to_tensor(0.5)
    with GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as tape:
            tape.watch(x)
            y, _ = ops.scan(lambda h, _: (h * x, None), 1.0, length=3)
        slope = tape.gradient(y, x)
    assert slope.item() == pytest.approx(3 * 0.25)
    with pytest.raises(ValueError, match=r"scan: .*second"):
        outer.gradient(slope, x)


@pytest.mark.parametrize("is_read_first", [True, False])
def test_what_has_no_gradient_is_refused_when_it_is_asked_for(is_read_first: bool) -> None:
    x, scale = ops.convert_to_tensor([1.0, 2.0]), Variable(1.0, trainable=False)

    def step(h: Any, x: Any) -> tuple[Any, None]:
        if is_read_first:
            h = h + x * scale
        scale.assign_add(1.0)
        return h if is_read_first else h + x * scale, None

    with GradientTape() as tape:
        tape.watch(x)
        y, _ = ops.scan(step, 0.0, x)
    assert y.item() == (5.0 if is_read_first else 8.0)
    with pytest.raises(ValueError, match=r"scan: .*assign"):
        tape.gradient(y, x)


# ---- variables and random numbers -----------------------------------------------------------


def test_variables_are_assigned_step_by_step() -> None:
    total = Variable([0.0], trainable=False)

    def step(carry: Any, x: Any) -> tuple[Any, Any]:
        before = total * 1.0
        total.assign_add(x)
        return carry, before + total

    for run in (ops.scan, pylego.function(lambda *args: ops.scan(step, *args[1:]))):
        total.assign([1.0])
        _, ys = run(step, 0.0, ops.convert_to_tensor([[1.0], [2.0], [3.0]]))
        assert ys.numpy().tolist() == [[3.0], [6.0], [11.0]]
        assert total.numpy().tolist() == [7.0]


def test_a_variable_that_comes_back_is_its_value_at_that_step() -> None:
    total = Variable(0.0, trainable=False)

    def step(carry: Any, x: Any) -> tuple[Any, Any]:
        total.assign_add(x)
        return carry, total

    assert ops.scan(step, 0.0, [1.0, 2.0])[1].numpy().tolist() == [1.0, 3.0]


def test_a_variable_that_nobody_keeps_may_be_assigned_to() -> None:
    def step(carry: Any, x: Any) -> tuple[Any, Any]:
        total = Variable(1.0, trainable=False)
        total.assign_add(x)
        return carry, total * 1.0

    assert ops.scan(step, 0.0, [1.0, 2.0])[1].numpy().tolist() == [2.0, 4.0]


def test_a_variable_of_an_outer_loop_is_read_by_the_inner_one() -> None:
    total = Variable(0.0, trainable=False)

    def outer(carry: Any, x: Any) -> tuple[Any, Any]:
        total.assign_add(x)
        return carry, ops.scan(lambda h, _: (h + total, None), 0.0, length=2)[0]

    assert ops.scan(outer, 0.0, [1.0, 2.0])[1].numpy().tolist() == [2.0, 6.0]
    assert total.numpy().item() == 3.0


def test_random_numbers_differ_from_step_to_step_and_from_call_to_call() -> None:
    def draws(generator: Any) -> Any:
        return ops.scan(lambda c, _: (c, random.uniform((3,), seed=generator)), 0.0, length=4)[1]

    generator = random.SeedGenerator(5)
    ours = np.concatenate([draws(generator).numpy(), draws(generator).numpy()])
    again = random.SeedGenerator(5)
    alone = np.stack([random.uniform((3,), seed=again).numpy() for _ in range(8)])
    assert (ours == alone).all()
    recorded_generator = random.SeedGenerator(5)
    recorded = pylego.function(lambda: draws(recorded_generator))
    assert (np.concatenate([recorded().numpy(), recorded().numpy()]) == alone).all()


def test_the_gradient_of_dropout_has_the_mask_of_its_step() -> None:
    xs = ops.ones((6, 50))
    generator = random.SeedGenerator(1)
    with GradientTape() as tape:
        tape.watch(xs)
        drop = lambda c, x: (c, random.dropout(x, 0.5, seed=generator))  # noqa: E731
        _, ys = ops.scan(drop, 0.0, xs)
        loss = ops.sum(ys)
    assert len({row.tobytes() for row in ys.numpy()}) == 6
    assert (tape.gradient(loss, xs).numpy() == ys.numpy()).all()


def test_a_trainable_variable_that_the_body_assigns_to_has_no_gradient() -> None:
    w = Variable(2.0)

    def step(h: Any, x: Any) -> tuple[Any, Any]:
        w.assign_add(x)
        return h * w, None

    with GradientTape() as tape:
        last, _ = ops.scan(step, 1.0, [1.0, 1.0])
    assert last.item() == 12.0
    assert w.numpy().item() == 4.0
    with pytest.raises(ValueError, match="scan: the body assigns to a trainable variable"):
        tape.gradient(last, w)


# ---- what Keras says ------------------------------------------------------------------------


def test_the_structures_of_keras() -> None:
    def fibonacci(carry: Any, _: Any) -> tuple[Any, None]:
        return (carry[1], carry[0] + carry[1]), None

    for first in ((0.0, 1.0), [0.0, 1.0]):
        (a, b), nothing = ops.scan(fibonacci, first, length=6)
        assert (a.item(), b.item(), nothing) == (8.0, 13.0, None)

    def twice(carry: Any, x: Any) -> tuple[Any, Any]:
        grown = {name: value * 2 for name, value in carry.items()}
        return grown, {"sum": grown["a"] + grown["b"], "x": [x["p"], x["q"] + 1]}

    xs = {"p": np.arange(3.0), "q": np.arange(6).reshape(3, 2)}
    carry, ys = ops.scan(twice, {"a": 2.0, "b": 3.0}, xs)
    assert [carry["a"].item(), carry["b"].item()] == [16.0, 24.0]
    assert ys["sum"].numpy().tolist() == [10.0, 20.0, 40.0]
    assert ys["x"][1].numpy().tolist() == [[1, 2], [3, 4], [5, 6]]


@pytest.mark.parametrize("unroll", [1, 2, True, False])
def test_unroll_changes_nothing(unroll: Any) -> None:
    xs = np.array([1, 2, 3, 4, 10, 20], "float32")
    carry, ys = ops.scan(lambda c, x: (c + x, c + x), 0.0, xs, reverse=True, unroll=unroll)
    assert carry.item() == 40
    assert ys.numpy().tolist() == [40, 39, 37, 34, 30, 20]


def test_without_steps_the_carry_comes_back() -> None:
    x = numbers(3)
    with GradientTape() as tape:
        tape.watch(x)
        last, ys = ops.scan(lambda h, row: (h * row, h + row), x, ops.zeros((0, 3), "float64"))
        loss = ops.sum(last * last)
    assert (last.numpy() == x.numpy()).all()
    assert ys.shape == (0, 3)
    np.testing.assert_allclose(tape.gradient(loss, x).numpy(), 2 * x.numpy())
    constant, _ = ops.scan(lambda h, _: (ops.ones(3, "float64"), None), x, length=0)
    assert (constant.numpy() == x.numpy()).all()


def test_a_step_may_hand_on_what_it_was_given() -> None:
    a, b, xs = numbers(2), numbers(2), numbers(3, 2)
    with GradientTape() as tape:
        tape.watch([a, b, xs])
        (p, q), (rows, same) = ops.scan(lambda c, x: ((c[1], c[0]), (x, a)), (a, b), xs)
        loss = ops.sum(p) + 2 * ops.sum(q) + ops.sum(rows) + ops.sum(same)
    assert (p.numpy() == b.numpy()).all()
    assert (rows.numpy() == xs.numpy()).all()
    gradients = [g.numpy().tolist() for g in tape.gradient(loss, [a, b, xs])]
    assert gradients == [[5.0, 5.0], [1.0, 1.0], [[1.0, 1.0]] * 3]


MISTAKES: dict[str, tuple[Callable, type[Exception], str]] = {
    "no function": (lambda: ops.scan(1, 0.0, [1.0]), TypeError, "should be a callable"),
    "no steps": (lambda: ops.scan(lambda c, x: (c, x), 0.0), ValueError, "to scan over and"),
    "unroll": (
        lambda: ops.scan(lambda c, x: (c, x), 0.0, [1.0], unroll=0),
        ValueError,
        "must be an positive integer or boolean",
    ),
    "two lengths": (
        lambda: ops.scan(lambda c, x: (c, x), 0.0, [1.0], length=2),
        ValueError,
        r"length=2, and xs has tensors of shape \(1,\)",
    ),
    "no axis": (lambda: ops.scan(lambda c, x: (c, x), 0.0, 1.0), ValueError, "needs an axis"),
    "no pair": (lambda: ops.scan(lambda c, x: c, 0.0, [1.0]), TypeError, "returns a pair"),
    "another shape": (
        lambda: ops.scan(lambda c, x: ({"h": ops.stack([x, x])}, x), {"h": 0.0}, [1.0]),
        ValueError,
        r"the carry\['h'\] begins as float32 of shape \(\), but f returns float32 of shape \(2,\)",
    ),
    "another dtype": (
        lambda: ops.scan(lambda c, x: (c + x, x), 0, [1.0]),
        TypeError,
        r"the carry begins as int32 of shape \(\), but f returns float32 of shape \(\)",
    ),
    "another structure": (
        lambda: ops.scan(lambda c, x: ((c, c), x), 0.0, [1.0]),
        ValueError,
        "has the structure",
    ),
    "a negative length": (
        lambda: ops.scan(lambda c, x: (c, x), 0.0, length=-1),
        ValueError,
        "-1 steps are none",
    ),
    "numbers": (
        lambda: ops.scan(lambda c, x: (c + float(x), x), 0.0, [1.0]),
        TypeError,
        "while the body of a loop, '<lambda>', is recorded",
    ),
    "a loss of a step": (
        lambda: ops.scan(lambda c, x: (c, Dense(2, activity_regularizer="l2")(x)), 0.0, [[[1.0]]]),
        TypeError,
        "adds a loss in the body of a loop, '<lambda>', which runs once per step",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_told(mistake: str) -> None:
    run, kind, sentence = MISTAKES[mistake]
    with pytest.raises(kind, match=sentence):
        run()


def test_a_stacked_result_may_not_have_nine_axes() -> None:
    x = ops.zeros((1,) * 8)
    with pytest.raises(ValueError, match="cannot have another axis"):
        ops.scan(lambda c, _: (c, x * 2), 0.0, length=2)


def test_a_failure_inside_a_step_is_told() -> None:
    with pytest.raises(IndexError, match="take"):
        ops.scan(lambda c, i: (c, ops.take([1.0, 2.0], i)), 0.0, [0, 1, 5])


def test_an_error_in_the_function_leaves_nothing_recorded() -> None:
    with pytest.raises(ZeroDivisionError):
        ops.scan(lambda c, x: 1 / 0, 0.0, [1.0])
    assert (ops.convert_to_tensor(1.0) + 1).item() == 2.0


# ---- in training ----------------------------------------------------------------------------


class Recurrent(Layer):
    """A recurrent layer as a user writes it."""

    def __init__(self, units: int, **options: Any):
        super().__init__(**options)
        self.units = units

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight((input_shape[-1], self.units), name="kernel")
        self.recurrent = self.add_weight((self.units, self.units), name="recurrent")

    def call(self, inputs: Any) -> Any:
        def step(h: Any, x: Any) -> tuple[Any, None]:
            return ops.tanh(x @ self.kernel + h @ self.recurrent), None

        first = ops.zeros((inputs.shape[0], self.units))
        return ops.scan(step, first, ops.transpose(inputs, (1, 0, 2)))[0]


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_layer_with_a_scan_learns_the_same_bits_eagerly_and_recorded(optimizer: str) -> None:
    x, y = RNG.normal(size=(20, 6, 3)).astype("float32"), RNG.normal(size=(20, 1))

    def weights(eagerly: bool) -> list[bytes]:
        pylego.utils.set_random_seed(1)
        model = Sequential([Recurrent(5), Dense(1)])
        model.compile(optimizer, "mse", run_eagerly=eagerly)
        history = model.fit(x, y, epochs=3, batch_size=8, verbose=0).history["loss"]
        assert history[-1] < history[0]
        return [w.tobytes() for w in [*model.get_weights(), model.predict(x, verbose=0)]]

    assert weights(True) == weights(False)


# ---- what is built of it --------------------------------------------------------------------


def test_fori_loop_counts() -> None:
    assert ops.fori_loop(0, 10, lambda i, x: x + i, np.array(0)).item() == 45
    assert ops.fori_loop(3, 3, lambda i, x: x + i, 7).item() == 7
    assert ops.fori_loop(5, 3, lambda i, x: x + i, 7).item() == 7
    assert ops.fori_loop(ops.convert_to_tensor(0), 3, lambda i, x: x + i, 7).item() == 10


def test_a_bound_of_fori_loop_that_is_no_whole_number_is_named() -> None:
    with pytest.raises(TypeError, match="fori_loop: upper must be a whole number"):
        ops.fori_loop(0, 2.5, lambda i, x: x + i, 1.0)
    x = ops.convert_to_tensor(2.0)
    with GradientTape() as tape:
        tape.watch(x)
        y = ops.fori_loop(0, 3, lambda i, v: v * x, 1.0)
    assert tape.gradient(y, x).item() == 12.0


def test_map_maps_rows() -> None:
    xs = np.arange(10)
    assert (ops.map(lambda x: x**2, xs).numpy() == xs**2).all()
    found = ops.map(lambda x: {"a": x[0] + 1, "b": x[1][:, 0]}, (xs, np.ones((10, 4, 2))))
    assert found["a"].numpy().tolist() == (xs + 1).tolist()
    assert found["b"].shape == (10, 4)


def test_while_loop_is_a_loop_in_python() -> None:
    found = ops.while_loop(lambda a, b: a < 10, lambda a, b: (a + 1, b + 1), (0, 1))
    assert [x.item() for x in found] == [10, 11]
    found = ops.while_loop(lambda a, b: a < 10, lambda a, b: (a + 1, b + 1), [0, 1], 5)
    assert isinstance(found, list)
    assert [x.item() for x in found] == [5, 6]
    state = ops.while_loop(lambda s: s["i"] < 3, lambda s: {"i": s["i"] + 1}, {"i": 0})
    assert state["i"].item() == 3
    recorded = pylego.function(lambda x: ops.while_loop(lambda i: i < 3, lambda i: i + 1, x))
    with pytest.raises(TypeError, match="looks at the numbers"):
        recorded(ops.convert_to_tensor(0))
