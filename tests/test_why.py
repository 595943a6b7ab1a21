"""A program says why neighbouring ops were not fused: each reason, from the code that decides."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from recorded import ALL

from pylego import Variable, engine, layers, ops
from pylego.core.tensor import Tensor
from pylego.models import Sequential
from pylego.programs.program import Program

Function = Callable[..., object]


def tensor(*shape: int) -> Tensor:
    return ops.convert_to_tensor(np.linspace(-1.0, 1.0, int(np.prod(shape))).reshape(shape))


def why(function: Function, *inputs: Tensor, passes: int = ALL) -> list[list[str]]:
    """The rows: who makes the value, who reads it, why they are two."""
    printed = Program.record(function, inputs, passes=passes).view().why()
    return [
        [cell.strip() for cell in line.split("  ") if cell][1:] for line in printed.splitlines()[1:]
    ]


def full_loop(x: Tensor) -> Tensor:
    for _ in range(49):
        x = ops.tanh(x)
    return x


def many_values(x: Tensor) -> Tensor:
    """Thirteen values wait for the end of the loop."""
    values = [ops.exp(x)]
    for _ in range(13):
        values.append(ops.exp(values[-1]))
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total


def many_totals(x: Tensor) -> list[Tensor]:
    y = ops.exp(x)
    return [ops.sum(y), ops.max(y), ops.min(y), ops.mean(y), ops.sum(ops.exp(y))]


def reads_rows(x: Tensor, row: Tensor, other: Tensor) -> Tensor:
    return ops.reshape(ops.exp(x) + row, (3, 8)) + other


@pytest.mark.parametrize(
    ("function", "shapes", "maker", "reader", "reason"),
    [
        (lambda x: ops.argmax(ops.exp(x), axis=0), [(4, 6)], "exp", "argmax", "no loop"),
        (lambda x: ops.exp(ops.sum(x, axis=0)), [(4, 6)], "sum", "exp", "sum has no loop"),
        (
            lambda x: ops.tanh(ops.exp(x)[1:]),
            [(4,)],
            "exp",
            "tanh",
            "different numbers of elements",
        ),
        (
            lambda x: (lambda y: y - ops.cumsum(y, axis=0))(ops.exp(x)),
            [(4, 5)],
            "exp",
            "subtract",
            "another op has to run between them",
        ),
        (
            lambda x: ops.exp(ops.transpose(ops.tanh(x)) + x),
            [(4, 4)],
            "tanh",
            "add",
            "reads an operand in another order",
        ),
        (reads_rows, [(4, 6), (6,), (8,)], "add", "add", "rows of different lengths"),
        (full_loop, [(100,)], "tanh", "tanh", "more than 48 ops"),
        (many_values, [(100,)], "exp", "add", "more than 12 values in tiles"),
        (many_totals, [(100,)], "exp", "sum", "more than 4 totals"),
        (
            lambda x: (lambda y: [ops.sum(y, axis=1), ops.sum(y, axis=(0, 1))])(ops.exp(x)),
            [(4, 5, 6)],
            "exp",
            "sum",
            "columns of different lengths",
        ),
        (
            lambda x: (lambda y: [ops.sum(y, axis=0), ops.sum(y)])(ops.exp(x)),
            [(4, 5)],
            "exp",
            "sum",
            "a total needs one long row, not columns",
        ),
        (
            lambda x: (lambda y: y - ops.max(y, axis=0))(ops.exp(x)),
            [(4, 5)],
            "max",
            "subtract",
            "known after the last tile",
        ),
        (
            lambda x: ops.sum(ops.exp(x - ops.max(x, axis=1, keepdims=True))),
            [(4, 6)],
            "exp",
            "sum",
            "a total needs one long row",
        ),
        (
            lambda x, w: ops.sum(ops.exp(ops.matmul(x, w)), axis=1),
            [(4, 6), (6, 5)],
            "exp",
            "sum",
            "the loop that reads a product is its epilogue",
        ),
        (
            lambda x: (lambda y: ops.exp(y) + ops.transpose(ops.exp(y)))(ops.tanh(x)),
            [(4, 4)],
            "exp",
            "add",
            "reads an operand in another order",
        ),
        (
            lambda x, w: (lambda y: [ops.relu(y), ops.sum(y, axis=0)])(ops.matmul(x, w)),
            [(4, 4), (4, 4)],
            "matmul",
            "sum",
            "sum has no loop",
        ),
        (
            lambda x, w: (lambda y: ops.transpose(y) + y)(ops.matmul(x, w)),
            [(4, 4), (4, 4)],
            "matmul",
            "add",
            "reads an operand in another order",
        ),
        (
            lambda x, w: ops.matmul(x, w) + ops.matmul(w, x),
            [(4, 4), (4, 4)],
            "matmul",
            "add",
            "the epilogue of another product",
        ),
        (
            lambda x, w: ops.exp(x + ops.matmul(x, w)[0]),
            [(4, 4), (4, 4)],
            "matmul",
            "add",
            "does not read the product number by number",
        ),
        (
            lambda x, w: (lambda y: [ops.tanh(y), ops.exp(x + y[0])])(ops.matmul(x, w)),
            [(4, 4), (4, 4)],
            "matmul",
            "add",
            "the product has another epilogue",
        ),
    ],
)
def test_each_reason(
    function: Function, shapes: list[tuple[int, ...]], maker: str, reader: str, reason: str
) -> None:
    rows = why(function, *(tensor(*shape) for shape in shapes))
    found = [row for row in rows if row[0].endswith(maker) and row[1].endswith(reader)]
    assert any(reason in row[2] for row in found), rows


def test_what_an_assignment_makes_is_read_by_another_loop() -> None:
    w = Variable(np.ones((4, 4), "float32"))

    def function(x: Tensor) -> Tensor:
        w.assign(w + x)
        return ops.sum(ops.tanh(w), axis=0)

    rows = why(function, tensor(4, 4))
    assert [row[2] for row in rows if "assign" in row[0]] == ["an assignment makes what is read"]


def test_ops_that_are_one_instruction_have_no_reason() -> None:
    program = Program.record(lambda x: ops.tanh(ops.exp(x)), [tensor(5)])
    assert program.view().why() == "no instruction reads what another one makes"


def test_without_fusion_nobody_tried() -> None:
    rows = why(lambda x: ops.tanh(ops.exp(x)), tensor(5), passes=0)
    assert rows == [["0 exp", "1 tanh", "no pass tried to join them"]]


def test_a_pass_that_was_left_out_did_not_try() -> None:
    both = lambda x: ops.relu(ops.matmul(x, x))  # noqa: E731
    without = why(both, tensor(4, 4), passes=ALL - engine.PASSES["epilogue"])
    assert without == [["0 matmul", "1 relu", "matmul has no loop over single elements"]]
    assert why(both, tensor(4, 4)) == []


def test_each_instruction_that_reads_another_one_has_a_line() -> None:
    model = Sequential([layers.Dense(8, activation="relu"), layers.Dense(2)])
    model.compile("adam", "mse")
    model.fit(np.ones((4, 3), "float32"), np.ones((4, 2), "float32"), verbose=0)
    view = model.program()
    pairs = {
        (f"{at} ", f"{number} ")
        for number, instruction in enumerate(view.info.instructions)
        for op in instruction.ops
        for operand in op.inputs
        for at in [operand.maker[0]]
        if at not in (-1, number)
    }
    rows = [line.split("  ") for line in view.why().splitlines()[1:]]
    cells = [[cell.strip() for cell in row if cell] for row in rows]
    assert {tuple(f"{cell.split()[0]} " for cell in row[1:3]) for row in cells} == pairs
    assert all(row[3] and "no pass" not in row[3] for row in cells)


def test_passes_say_what_they_need() -> None:
    assert engine.PASS_NEEDS["epilogue"] == ("fuse",)
    assert engine.PASS_NEEDS["fuse"] == ()
    order = list(engine.PASSES)
    for name, needs in engine.PASS_NEEDS.items():
        assert all(order.index(other) < order.index(name) for other in needs)
