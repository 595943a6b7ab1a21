"""Runs of programs: over many rows, refused, failing in the middle, by several threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from recorded import Recorded, bits, handles

from pylego import Variable, engine, ops
from pylego.core.tensor import Tensor
from pylego.programs.room import Room

ROWS, BATCH = 10, 3


def tensor(array: Any) -> Tensor:
    return Tensor(engine.tensor_around(np.array(array)))


def column(rows: int = ROWS, width: int = 4) -> Tensor:
    return tensor(np.arange(rows * width, dtype="float32").reshape(rows, width))


class Counting:
    """A step that keeps a total, so that one that was run too often (or not) is noticed."""

    def __init__(self) -> None:
        self.total = Variable(0.0)

    def __call__(self, x: Tensor, y: Tensor) -> list[Tensor]:
        self.total.assign_add(ops.sum(x))
        return [ops.tanh(x * 2.0), ops.mean(x) + ops.sum(y) + self.total]

    def recorded(self) -> Recorded:
        return Recorded(self, (column(BATCH), labels(BATCH)))


def labels(rows: int = ROWS) -> Tensor:
    return tensor(np.arange(rows, dtype="int64") % 4)


def run_over_rows(
    recorded: Recorded,
    columns: tuple[Tensor, ...] | None = None,
    order: Any = None,
    first: int = 0,
    steps: int = 3,
    seconds: float = 60.0,
    outputs: list[Tensor] | None = None,
    is_stacked: bool = False,
) -> int:
    columns = (column(), labels()) if columns is None else columns
    outputs = outputs_of_rows() if outputs is None else outputs
    return engine.run_program_over_rows(
        recorded.program, handles(columns), order, first, steps, seconds, handles(outputs),
        is_stacked,
    )  # fmt: skip


def outputs_of_rows(rows: int = BATCH) -> list[Tensor]:
    return [tensor(np.zeros((rows, 4), "float32")), tensor(np.float32(0))]


# ---- over rows ------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [None, [7, 0, 3, 9, 9, 1, 2, 4, 8]])
def test_a_run_over_rows_is_one_run_per_batch(order: list[int] | None) -> None:
    step, now = Counting(), Counting()
    outputs = outputs_of_rows()
    done = run_over_rows(step.recorded(), order=order, first=1, outputs=outputs)
    rows = np.arange(1, 10) if order is None else np.array(order)
    for batch in rows.reshape(3, BATCH):
        wanted = now(tensor(column().numpy()[batch]), tensor(labels().numpy()[batch]))
    assert done == 3
    assert bits([*outputs, step.total]) == bits([*wanted, now.total])


def test_outputs_of_all_batches_are_stacked() -> None:
    recorded = Recorded(lambda x: [x * 2.0, x[:, 0]], (column(BATCH),))
    outputs = [tensor(np.zeros((9, 4), "float32")), tensor(np.zeros(9, "float32"))]
    order = np.array([3, 1, 2, 0, 4, 5, 9, 8, 7])
    done = run_over_rows(recorded, (column(),), order, outputs=outputs, is_stacked=True)
    assert done == 3
    assert outputs[0].numpy().tolist() == (column().numpy()[order] * 2).tolist()
    assert outputs[1].numpy().tolist() == column().numpy()[order, 0].tolist()


def test_without_time_one_batch_is_run_and_no_more() -> None:
    step = Counting()
    assert run_over_rows(step.recorded(), seconds=0.0) == 1
    assert step.total.numpy() == column().numpy()[:BATCH].sum()


def test_no_batches_are_no_work() -> None:
    step = Counting()
    assert run_over_rows(step.recorded(), steps=0) == 0
    assert step.total.numpy() == 0


STRIDED = tensor(np.zeros((2 * ROWS, 4), "float32"))[::2]
MISTAKES: dict[str, tuple[type[Exception], str, dict[str, Any]]] = {
    "a row that is not there": (IndexError, "row 10 was", {"order": [0] * 8 + [10]}),
    "a row before the first": (IndexError, "row -1 was", {"order": [-1] * 9}),
    "an order that is too short": (ValueError, "8 are in order", {"order": [0] * 8}),
    "too few rows": (IndexError, "rows 2 to 11 were", {"first": 2}),
    "rows before the first": (ValueError, "from row -1", {"first": -1}),
    "fewer batches than none": (ValueError, "-1 batches", {"steps": -1}),
    "batches beyond all numbers": (ValueError, "batches", {"steps": 2**62}),
    "a first row beyond all numbers": (IndexError, "rows", {"first": 2**63 - 1}),
    "one column": (ValueError, "2 inputs", {"columns": (column(),)}),
    "a column of other rows": (ValueError, "gathers", {"columns": (column(width=5), labels())}),
    "a column with gaps": (ValueError, "gathers", {"columns": (STRIDED, labels())}),
    "a column of another rank": (ValueError, "gathers", {"columns": (column(), column())}),
    "rows of another dtype": (
        ValueError,
        "gathers",
        {"columns": (column(), tensor(labels().numpy().astype("int32")))},
    ),
    "rows of a wider dtype": (
        ValueError,
        "gathers",
        {"columns": (tensor(column().numpy().astype("float64")), labels())},
    ),
    "one output": (ValueError, "2 outputs", {"outputs": outputs_of_rows()[:1]}),
    "outputs of other shapes": (ValueError, "room for", {"outputs": outputs_of_rows(BATCH + 1)}),
    "outputs that cannot be stacked": (ValueError, "room for", {"is_stacked": True}),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_refused_before_anything_is_run(mistake: str) -> None:
    exception, sentence, arguments = MISTAKES[mistake]
    step = Counting()
    recorded = step.recorded()
    with pytest.raises(exception, match=sentence):
        run_over_rows(recorded, **arguments)
    assert step.total.numpy() == 0
    assert run_over_rows(recorded) == 3


def test_programs_without_rows_are_not_run_over_rows() -> None:
    for inputs, function in (((), lambda: [ops.ones(2)]), ((tensor(1.0),), lambda x: [x + 1.0])):
        with pytest.raises(ValueError, match="no rows"):
            run_over_rows(Recorded(function, inputs), inputs, outputs=[tensor(np.zeros(2))])


def test_strided_inputs_are_not_gathered() -> None:
    recorded = Recorded(lambda x: [x + 1.0], (STRIDED[:BATCH],))
    with pytest.raises(ValueError, match="row-major"):
        run_over_rows(recorded, (column(),), outputs=outputs_of_rows()[:1])


def test_inputs_must_agree_in_their_rows() -> None:
    recorded = Recorded(lambda x, y: [x + ops.sum(y)], (column(BATCH), column(BATCH + 1)))
    with pytest.raises(ValueError, match="differ in their rows"):
        run_over_rows(recorded, (column(), column()), outputs=outputs_of_rows()[:1])


# ---- one run --------------------------------------------------------------------------------


def symbolic() -> Tensor:
    x = column(BATCH)
    kept: list[Tensor] = []
    Recorded(lambda x: kept.append(x + 1.0) or kept, (x,))
    return kept[0]


WRONG_INPUTS: dict[str, tuple[str, Callable[[], list[Tensor]]]] = {
    "one too few": ("takes 2 inputs", lambda: [column(BATCH)]),
    "another shape": ("shape", lambda: [column(BATCH + 1), labels(BATCH)]),
    "another rank": ("int64", lambda: [column(BATCH), column(BATCH)]),
    "another dtype": (
        "input 1",
        lambda: [column(BATCH), tensor(labels(BATCH).numpy().astype("int32"))],
    ),
    "a wider dtype": (
        "input 0",
        lambda: [tensor(column(BATCH).numpy().astype("float64")), labels(BATCH)],
    ),
    "other strides": ("input 0", lambda: [column(2 * BATCH)[::2], labels(BATCH)]),
    "without numbers": ("no numbers", lambda: [symbolic(), labels(BATCH)]),
}


@pytest.mark.parametrize("mistake", WRONG_INPUTS)
def test_inputs_of_another_layout_are_refused(mistake: str) -> None:
    sentence, make = WRONG_INPUTS[mistake]
    step = Counting()
    recorded = step.recorded()
    with pytest.raises(ValueError, match=sentence):
        recorded(*make())
    assert step.total.numpy() == 0
    assert len(recorded(column(BATCH), labels(BATCH))) == 2


def test_symbolic_tensors_are_refused_where_they_mean_nothing() -> None:
    x = symbolic()
    with pytest.raises(ValueError, match="no numbers"):
        ops.exp(x)
    with pytest.raises(ValueError, match="no numbers"):
        Recorded(lambda: [x])
    with pytest.raises(ValueError, match="no numbers"):
        run_over_rows(Counting().recorded(), (x, labels()))
    with pytest.raises(ValueError, match="no numbers"):
        run_over_rows(Counting().recorded(), outputs=[x, outputs_of_rows()[1]])


def test_an_unfinished_program_is_not_run() -> None:
    program = engine.new_program()
    with pytest.raises(ValueError, match="must be finished"):
        engine.run_program(program, (), 0)


def test_a_program_is_finished_once() -> None:
    x = column(BATCH)
    recorded = Recorded(lambda x: [x + 1.0], (x,))
    with pytest.raises(ValueError, match="finished"):
        engine.finish_program(recorded.program, [], 0)
    assert recorded(x)[0].numpy().tolist() == (x.numpy() + 1).tolist()


def test_nothing_is_added_to_a_finished_program() -> None:
    x = column(BATCH)
    recorded = Recorded(lambda x: [x + 1.0], (x,))
    engine.record(recorded.program)
    try:
        with pytest.raises(ValueError, match="nothing can be added"):
            ops.exp(x)
        with pytest.raises(ValueError, match="nothing can be added"):
            engine.program_input(recorded.program, x._handle)
    finally:
        engine.record(None)
    assert recorded(x)[0].numpy().tolist() == (x.numpy() + 1).tolist()


def test_refused_outputs_leave_the_program_as_it_was() -> None:
    x = column(BATCH)
    program = engine.new_program()
    stand_in = Tensor(engine.program_input(program, x._handle))
    engine.record(program)
    try:
        large = ops.exp(stand_in)
        small = ops.sum(large)
    finally:
        engine.record(None)
    with pytest.raises(ValueError, match="no numbers"):
        engine.finish_program(program, handles([large, symbolic()]), 0)
    engine.finish_program(program, handles([small]), 0)
    result = Tensor(engine.run_program(program, handles([x]), 1)[0])
    assert bits([result]) == bits([ops.sum(ops.exp(x))])


# ---- failing in the middle ------------------------------------------------------------------


class Labelled:
    """A step that fails when a label is out of range, between two writes."""

    def __init__(self) -> None:
        self.before, self.after = Variable(0.0), Variable(0.0)

    def __call__(self, x: Tensor, y: Tensor) -> list[Tensor]:
        self.before.assign_add(1.0)
        loss = ops.sparse_categorical_crossentropy(y, x, from_logits=True)
        self.after.assign_add(ops.sum(loss))
        return [loss]


def test_a_failure_is_told_and_the_program_lives_on() -> None:
    step, now = Labelled(), Labelled()
    x = column(BATCH)
    good, bad = labels(BATCH), tensor(np.array([0, 7, 1]))
    recorded = Recorded(step, (x, good))
    with pytest.raises(IndexError, match=r"sparse_categorical_crossentropy.*7"):
        recorded(x, bad)
    assert step.after.numpy() == 0
    assert bits(recorded(x, good)) == bits(now(x, good))
    assert bits([step.after]) == bits([now.after])


def test_a_failure_over_rows_stops_at_its_batch() -> None:
    step = Labelled()
    recorded = Recorded(step, (column(BATCH), labels(BATCH)))
    bad = labels().numpy().copy()
    bad[BATCH] = 9
    with pytest.raises(IndexError, match="9"):
        run_over_rows(recorded, (column(), tensor(bad)), outputs=[tensor(np.zeros(3, "float32"))])
    now = Labelled()
    now(column(BATCH), labels(BATCH))
    assert bits([step.after]) == bits([now.after])


def test_constants_that_fail_fail_in_the_run() -> None:
    x = ops.ones((2, 3)) * 1.0
    recorded = Recorded(lambda: [ops.sparse_categorical_crossentropy(ops.full((2,), 5), x)])
    for _ in range(2):
        with pytest.raises(IndexError, match="5"):
            recorded()


# ---- several threads ------------------------------------------------------------------------


def test_siblings_take_turns_when_two_threads_run_them() -> None:
    x = tensor(np.linspace(-1, 1, 3000, dtype="float32").reshape(50, 60))
    first = Recorded(lambda x: [ops.matmul(ops.exp(x), ops.transpose(x))], (x,))
    second = Recorded(lambda x: [ops.softmax(ops.matmul(x, ops.transpose(x)))], (x,), sibling=first)
    wanted = {step: bits(step(x)) for step in (first, second)}
    seen: list[bool] = []

    def run(step: Recorded) -> None:
        seen.extend(bits(step(x)) == wanted[step] for _ in range(100))

    threads = [threading.Thread(target=run, args=(step,)) for step in (first, second, first)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 300
    assert all(seen)


@pytest.mark.parametrize(
    ("dtype", "one", "two"), [("float32", 1.0, 2.0), ("bfloat16", 0x3F80, 0x4000)]
)
def test_each_thread_has_room_of_its_own_for_numbers(dtype: str, one: float, two: float) -> None:
    room = Room([((), dtype)])
    for _ in range(2):  # what was given back is taken again
        mine, others = room.take(), room.take()
        mine.arrays[0][...], others.arrays[0][...] = one, two
        assert (room.give_back(mine), room.give_back(others)) == ([1.0], [2.0])
        assert room.take() is others
        room.give_back(others)


def test_a_tape_notices_what_a_program_writes() -> None:
    from pylego import GradientTape

    v = Variable([1.0, 2.0])
    recorded = Recorded(lambda: [v.assign(v * 2.0) * 1.0])
    with GradientTape() as tape:
        loss = ops.sum(v * v)
        recorded()
    with pytest.raises(ValueError, match="assigned to after"):
        tape.gradient(loss, v)
