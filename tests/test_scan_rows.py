"""Loops whose batch is cut into blocks of rows, which threads share: where, and with what bits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import pylego
from pylego import GradientTape, Variable, config, ops
from pylego.core.tree import leaves

UNITS, STEPS, ROWS = 48, 24, 70  # a loop worth sharing; blocks of 17 and 18 rows

Step = Callable[[list[Any], Any, Any], tuple[Any, Any]]


def joined(w: list[Any], h: Any, x: Any) -> tuple[Any, Any]:
    """A gate of x and h, which mixes h with tanh of the same."""
    f = ops.sigmoid(ops.concatenate([x, h], -1) @ w[0])
    new = ops.tanh(ops.concatenate([x, f * h], -1) @ w[1])
    h = f * h + (1 - f) * new
    return h, h


def minimal_gated(w: list[Any], h: Any, x: Any) -> tuple[Any, Any]:
    """The same with weights of their own for x and h, and biases."""
    f = ops.sigmoid(x @ w[2] + h @ w[3] + w[4])
    new = ops.tanh(x @ w[5] + (f * h) @ w[6] + w[7])
    return (1 - f) * h + f * new, f


def like_lstm(w: list[Any], carry: Any, x: Any) -> tuple[Any, Any]:
    """Four gates from two products, cut out of their columns."""
    h, c = carry
    z = x @ w[8] + h @ w[9] + w[10]
    i, f, o = (ops.sigmoid(z[:, k * UNITS : (k + 1) * UNITS]) for k in range(3))
    c = f * c + i * ops.tanh(z[:, 3 * UNITS :])
    h = o * ops.tanh(c)
    return (h, c), h


def normalized(w: list[Any], h: Any, x: Any) -> tuple[Any, Any]:
    """Layer normalization, written out, before tanh."""
    z = x @ w[2] + h @ w[3]
    centered = z - ops.mean(z, -1, keepdims=True)
    variance = ops.mean(centered * centered, -1, keepdims=True)
    h = ops.tanh(w[4] * centered / ops.sqrt(variance + 1e-3) + w[7])
    return h, ops.sum(h, -1)


def attending(w: list[Any], h: Any, x: Any) -> tuple[Any, Any]:
    """A softmax over the numbers of a row, and a maximum that all of them take part in."""
    h = ops.softmax(x @ w[2] + h @ w[3] + w[4]) * h + ops.max(x, -1, keepdims=True)
    return h, ops.expand_dims(h, 1)


def mixing(w: list[Any], h: Any, x: Any) -> tuple[Any, Any]:
    """Normalized over the batch: each row depends on all others."""
    z = x @ w[2] + h @ w[3]
    h = ops.tanh(z - ops.mean(z, 0, keepdims=True))
    return h, h


def turning(w: list[Any], h: Any, x: Any) -> tuple[Any, Any]:
    """The rows change places."""
    h = ops.tanh(ops.flip(x @ w[2] + h @ w[3], 0))
    return h, h


BY_ROWS = [joined, minimal_gated, like_lstm, normalized, attending]
NOT_BY_ROWS = [mixing, turning]


def named(step: Step) -> str:
    return step.__name__


class Loop:
    def __init__(self, step: Step, dtype: str = "float32", rows: int = ROWS):
        rng = np.random.default_rng(7)

        def numbers(*shape: int) -> np.ndarray:
            return (0.3 * rng.normal(size=shape)).astype(dtype)

        shapes = [(2 * UNITS, UNITS)] * 2
        shapes += [(UNITS, UNITS), (UNITS, UNITS), (UNITS,)] * 2
        shapes += [(UNITS, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,)]
        self.step = step
        self.weights = [Variable(numbers(*shape)) for shape in shapes]
        carry = numbers(rows, UNITS)
        self.carry = (carry, 0.5 * carry) if step is like_lstm else carry
        self.xs = numbers(STEPS, rows, UNITS)

    def run(self, scan: Callable = ops.scan, rows: slice = slice(None)) -> list[Any]:
        """Results and the gradients by rows and first carries; then those by the weights."""
        convert = ops.convert_to_tensor
        carry = [convert(c[rows]) for c in leaves(self.carry)]
        xs = convert(self.xs[:, rows])
        first = tuple(carry) if len(carry) > 1 else carry[0]
        with GradientTape() as tape:
            tape.watch([xs, *carry])
            last, ys = scan(lambda h, x: self.step(self.weights, h, x), first, xs)
            loss = sum(ops.sum(x * x) for x in leaves(last)) + ops.sum(ops.sin(ys))
        found = tape.gradient(loss, [xs, *carry, *self.weights])
        return [*leaves(last), ys, *[x for x in found if x is not None]]

    def of_rows(self, rows: slice = slice(None)) -> list[np.ndarray]:
        """What has a place for each row, the batch first."""
        found = [x.numpy() for x in self.run(rows=rows)]
        n = len(range(ROWS)[rows])
        by_steps = [x.swapaxes(0, 1) for x in found if x.shape[:2] == (STEPS, n)]
        return by_steps + [x for x in found if x.shape == (n, UNITS)]


def python_scan(f: Callable, carry: Any, xs: Any) -> tuple[Any, Any]:
    ys = []
    for x in list(xs):
        carry, y = f(carry, x)
        ys.append(y)
    return carry, ops.stack(ys)


def bits(tensors: list[Any]) -> list[bytes]:
    return [x.numpy().tobytes() for x in tensors]


@pytest.fixture
def many_threads() -> Iterator[None]:
    former = config.num_threads()
    config.set_num_threads(16)
    yield
    config.set_num_threads(former)


def blocks_of(f: Callable) -> list[int]:
    """How many of 16 threads have a block of each loop in the program."""
    step = pylego.function(f)
    step()
    return [
        i.threads for i in step.program.view().info.instructions if i.ops[0].brick.name == "scan"
    ]


# ---- where ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("many_threads")
@pytest.mark.parametrize("step", BY_ROWS, ids=named)
def test_rows_that_do_not_depend_on_each_other_are_shared(step: Step) -> None:
    assert blocks_of(Loop(step).run) == [4, 4]


@pytest.mark.usefixtures("many_threads")
@pytest.mark.parametrize("step", NOT_BY_ROWS, ids=named)
def test_rows_that_depend_on_each_other_are_not(step: Step) -> None:
    assert blocks_of(Loop(step).run) == [1, 1]


@pytest.mark.usefixtures("many_threads")
def test_blocks_depend_on_sizes_alone() -> None:
    def blocks(rows: int, steps: int = STEPS) -> int:
        h, xs = ops.zeros((rows, UNITS)), ops.ones((steps, rows, UNITS))
        w = ops.ones((UNITS, UNITS))
        return blocks_of(lambda: ops.scan(lambda h, x: (ops.tanh(h @ w + x), None), h, xs))[0]

    assert [blocks(rows, 40) for rows in (31, 32, 63, 64, 255, 256)] == [1, 2, 2, 4, 4, 8]
    assert [blocks(32, steps) for steps in (1, 10, 40)] == [1, 1, 2]


# ---- the same numbers -------------------------------------------------------------------------


@pytest.mark.parametrize("step", [*BY_ROWS, *NOT_BY_ROWS], ids=named)
def test_a_loop_gives_what_a_python_loop_gives(step: Step) -> None:
    loop = Loop(step, "float64")
    for ours, theirs in zip(loop.run(), loop.run(python_scan)):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("step", BY_ROWS, ids=named)
def test_a_row_has_the_bits_that_it_has_in_a_small_batch(step: Step) -> None:
    loop = Loop(step)
    together = loop.of_rows()
    assert len(together) >= 4
    for rows in (slice(0, 17), slice(17, 35), slice(30, 31), slice(60, 70)):
        for whole, part in zip(together, loop.of_rows(rows)):
            assert whole[rows].tobytes() == part.tobytes()


@pytest.mark.parametrize("step", [*BY_ROWS, *NOT_BY_ROWS], ids=named)
def test_bits_do_not_depend_on_threads_nor_on_recording(step: Step) -> None:
    loop = Loop(step)
    former = config.num_threads()
    found = []
    for threads in (1, 2, 3):
        config.set_num_threads(threads)
        found += [bits(loop.run()), bits(pylego.function(loop.run)())]
    config.set_num_threads(former)
    assert all(other == found[0] for other in found)


@pytest.mark.usefixtures("many_threads")
def test_what_all_steps_share_may_have_rows() -> None:
    """A mask with a row for each of the batch, the same at all steps; a number for each row."""
    rng = np.random.default_rng(5)
    mask = ops.convert_to_tensor(rng.integers(0, 2, (ROWS, UNITS)).astype("float32"))
    factor = ops.convert_to_tensor(rng.normal(size=(STEPS, ROWS, 1)).astype("float32"))
    w = Variable((0.1 * rng.normal(size=(UNITS, UNITS))).astype("float32"))
    xs = ops.convert_to_tensor(rng.normal(size=(STEPS, ROWS, UNITS)).astype("float32"))

    def run(scan: Callable) -> list[Any]:
        with GradientTape() as tape:
            tape.watch([mask, factor])
            body = lambda h, x: (ops.tanh((h * mask) @ w + x[0] * x[1]), None)  # noqa: E731
            last = scan(body, ops.zeros((ROWS, UNITS)), (xs, factor))[0]
            loss = ops.sum(last * last)
        return [last, *tape.gradient(loss, [w, mask, factor])]

    def in_python(body: Callable, h: Any, xs: Any) -> tuple[Any, None]:
        for step in range(STEPS):
            h = body(h, [x[step] for x in xs])[0]
        return h, None

    for ours, theirs in zip(run(ops.scan), run(in_python)):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=2e-4, atol=1e-5)
    assert bits(pylego.function(lambda: run(ops.scan))()) == bits(run(ops.scan))
    assert blocks_of(lambda: run(ops.scan))[0] == 4


def of_columns(w: list[Any], h: Any, x: Any) -> tuple[Any, Any]:
    """Where the batch has as many rows as columns: one number for each column is not one a row."""
    h = ops.tanh(h @ w[3] + x)
    return h, ops.sum(h, 0)


def along_columns(w: list[Any], h: Any, x: Any) -> tuple[Any, Any]:
    """The number of each row is broadcast along the columns."""
    h = ops.tanh(h @ w[3] + x * ops.sum(x, 1))
    return h, h


@pytest.mark.usefixtures("many_threads")
@pytest.mark.parametrize("step", [of_columns, along_columns], ids=named)
def test_columns_of_a_square_batch_are_not_taken_for_rows(step: Step) -> None:
    loop = Loop(step, "float64", rows=UNITS)
    for ours, theirs in zip(loop.run(), loop.run(python_scan)):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-9, atol=1e-11)
    assert blocks_of(loop.run)[0] == 1


def test_gradients_of_biases_are_one_sum_over_all_steps() -> None:
    """Added to each row, to each matrix of a row's, or to all of it."""
    rng = np.random.default_rng(2)
    xs = ops.convert_to_tensor(rng.normal(size=(6, 5, 2, 3)))
    biases = [Variable(rng.normal(size=shape)) for shape in [(3,), (1, 3), (2, 3), (), (2, 1)]]

    def body(h: Any, x: Any) -> tuple[Any, Any]:
        h = ops.tanh(h * x + biases[0] + biases[1] + biases[2] + biases[3] + biases[4])
        return h, h

    def run(scan: Callable) -> list[Any]:
        with GradientTape() as tape:
            last = scan(body, xs[0], xs)[0]
            loss = ops.sum(last * last)
        return tape.gradient(loss, biases)

    for ours, theirs in zip(run(ops.scan), run(python_scan)):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-9, atol=1e-12)
