"""Each pass by itself: the instructions before and after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from recorded import ALL, Function, Recorded, bits, bricks, buffers, instructions

from pylego import GradientTape, Variable, engine, layers, ops
from pylego.core.tensor import Tensor, apply, apply_all
from pylego.models import Sequential

WINDOWS = {"size": (2,), "strides": (2,), "before": (0,), "after": (0,)}


def tensor(*shape: int, dtype: str = "float32") -> Tensor:
    numbers = np.linspace(-1.0, 1.0, int(np.prod(shape))).reshape(shape)
    return Tensor(engine.tensor_around(numbers.astype(dtype)))


def after(names: str, function: Function, *inputs: Tensor) -> list[list[str]]:
    """The bricks of each instruction after these passes; their result is compared with now."""
    recorded = Recorded(function, inputs, sum(engine.PASSES[name] for name in names.split()))
    assert bits(recorded(*inputs)) == bits(function(*inputs))
    return bricks(recorded)


def effect(names: str, make: Callable[[], Function], *inputs: Tensor) -> list[list[str]]:
    """The same for functions that write variables: each call of `make` has its own."""
    recorded = Recorded(make(), inputs, sum(engine.PASSES[name] for name in names.split()))
    now = make()
    for _ in range(3):
        assert bits(recorded(*inputs)) == bits(now(*inputs))
    return bricks(recorded)


# ---- dead -----------------------------------------------------------------------------------


def with_waste(x: Tensor) -> list[Tensor]:
    ops.sum(ops.exp(x))
    return [ops.tanh(x)]


def test_what_nobody_reads_is_dropped() -> None:
    assert after("", with_waste, tensor(3)) == [["exp"], ["sum"], ["tanh"]]
    assert after("dead", with_waste, tensor(3)) == [["tanh"]]


def test_what_a_variable_is_assigned_is_not_dropped() -> None:
    def make() -> Function:
        v = Variable([0.0, 0.0])
        return lambda x: [v.assign(ops.exp(x)).value + 0.0]

    assert effect("dead", make, tensor(2))[:2] == [["exp"], ["assign"]]


# ---- fold_constants -------------------------------------------------------------------------


def owned(*shape: int) -> Tensor:
    """A constant of the engine's own memory; what lies over an array may still be written."""
    return apply("copy", (tensor(*shape),))


def test_what_depends_on_constants_alone_is_computed_at_once() -> None:
    constant = owned(3)

    def function(x: Tensor) -> list[Tensor]:
        return [x * ops.sum(ops.exp(constant) + 1.0)]

    assert after("", function, tensor(3)) == [["exp"], ["add"], ["sum"], ["multiply"]]
    assert after("fold_constants", function, tensor(3)) == [["multiply"]]


def test_constants_full_of_one_number_are_read_as_one() -> None:
    recorded = Recorded(lambda x: [x * ops.full((40, 50), 2.0)], (tensor(40, 50),), 2)
    [[part]] = instructions(recorded)
    assert part.brick == "multiply"
    assert part.reads[1].strides == (0, 0)
    assert bits(recorded(tensor(40, 50))) == bits([tensor(40, 50) * 2.0])


def test_arrays_that_the_user_may_write_are_not_folded() -> None:
    array = np.ones(3, np.float32)
    lent = Tensor(engine.tensor_around(array))
    recorded = Recorded(lambda: [ops.exp(lent) * 1.0], (), ALL)
    array[...] = 0
    assert recorded()[0].numpy().tolist() == [1, 1, 1]


def test_variables_are_not_folded() -> None:
    v = Variable([1.0])
    recorded = Recorded(lambda: [ops.exp(v) * 1.0], (), ALL)
    v.assign([0.0])
    assert recorded()[0].numpy().tolist() == [1.0]


def test_what_is_too_large_to_keep_is_not_folded() -> None:
    def function() -> list[Tensor]:
        return [ops.sum(ops.ones((1024, 300)))]

    assert after("fold_constants", function) == [["full"], ["sum"]]


def test_draws_of_a_constant_key_are_folded_and_those_of_a_variable_are_not() -> None:
    key = apply("copy", (np.array([1, 2]),))
    state = Variable(np.array([1, 2]))
    info = {"shape": (2,), "low": 0.0, "high": 1.0, "dtype": 4}

    def draw(of: Any) -> Callable[[], list[Tensor]]:
        return lambda: [apply("random_uniform", (of,), **info) * 1.0]

    assert after("fold_constants", draw(key)) == [["multiply"]]
    assert after("fold_constants", draw(state)) == [["random_uniform"], ["multiply"]]


# ---- common ---------------------------------------------------------------------------------


def twice(x: Tensor) -> list[Tensor]:
    return [ops.sum(ops.exp(x)) + ops.mean(ops.exp(x))]


def test_what_is_computed_twice_is_computed_once() -> None:
    assert after("", twice, tensor(3)) == [["exp"], ["sum"], ["exp"], ["mean"], ["add"]]
    assert after("common", twice, tensor(3)) == [["exp"], ["sum"], ["mean"], ["add"]]


def test_repetitions_of_repetitions_are_found() -> None:
    def function(x: Tensor) -> list[Tensor]:
        return [ops.sum(ops.tanh(ops.exp(x))) + ops.max(ops.tanh(ops.exp(x)))]

    assert after("common", function, tensor(3)) == [["exp"], ["tanh"], ["sum"], ["max"], ["add"]]


@pytest.mark.parametrize(
    "function",
    [
        lambda x: [ops.sum(x, axis=0), ops.sum(x, axis=1)],
        lambda x: [ops.exp(x[0:1]), ops.exp(x[1:2])],
        lambda x: [ops.exp(x), ops.exp(ops.transpose(x))],
        lambda x: [ops.cast(x, "float64"), ops.cast(x, "bool")],
        lambda x: [ops.full((2,), 0.0), ops.full((2,), -0.0)],
        lambda x: [x - 1.0, 1.0 - x],
    ],
)
def test_what_differs_is_computed_twice(function: Function) -> None:
    assert len(after("common", function, tensor(2, 2))) == 2


def test_a_variable_that_was_written_is_read_again() -> None:
    def make() -> Function:
        v = Variable([1.0, 2.0])

        def function(x: Tensor) -> list[Tensor]:
            first = ops.sum(ops.exp(v)) + ops.max(ops.exp(v))
            v.assign(v + x)
            return [first, ops.sum(ops.exp(v))]

        return function

    found = effect("common", make, tensor(2))
    assert found.count(["exp"]) == 2


def test_equal_outputs_are_both_made() -> None:
    assert after("common", lambda x: [ops.exp(x), ops.exp(x)], tensor(3)) == [["exp"], ["exp"]]


# ---- narrow ---------------------------------------------------------------------------------


def way_back(x: Tensor, largest: Callable[[Tensor], Tensor]) -> list[Tensor]:
    """The gradient of a relu with something behind it."""
    with GradientTape() as tape:
        tape.watch(x)
        loss = ops.sum(ops.square(largest(ops.relu(x))))
    return [tape.gradient(loss, x)]


@pytest.mark.parametrize("strides", [2, 1])  # next to each other, and one over the other
def test_what_is_masked_behind_max_pooling_is_masked_before_it(strides: int) -> None:
    def function(x: Tensor) -> list[Tensor]:
        return way_back(x, lambda y: ops.max_pool(y, 2, strides))

    x = tensor(2, 4, 4, 3)
    assert after("dead fold_constants", function, x)[-3:] == [
        ["max_pool_gradient"],
        ["less_equal"],
        ["where"],
    ]
    narrowed = after("dead fold_constants mask_before_pooling", function, x)
    assert narrowed[-3:] == [["less_equal"], ["where"], ["max_pool_gradient"]]


def test_nan_and_ties_keep_their_bits_when_they_are_masked_before_pooling() -> None:
    numbers = np.array([[0.0, -0.0, np.nan, 1.0, -1.0, -2.0, 3.0, 3.0]], np.float32)
    x = Tensor(engine.tensor_around(numbers.reshape(1, 8, 1)))

    def function(x: Tensor) -> list[Tensor]:
        return way_back(x, lambda y: ops.max_pool(y, 2))

    assert after("dead fold_constants mask_before_pooling", function, x)[-1] == [
        "max_pool_gradient"
    ]


def unlike(x: Tensor) -> list[Tensor]:
    """The mask is not of what was pooled."""
    places = apply_all("max_pool", (x,), 2, **WINDOWS)[1]
    back = apply("max_pool_gradient", (places, x[:, :2]), shape=x.shape, **WINDOWS)
    return [ops.where(ops.exp(x) <= 0.0, 0.0, back)]


def elsewhere(x: Tensor) -> list[Tensor]:
    """What is masked is read by another brick as well."""
    places = apply_all("max_pool", (x,), 2, **WINDOWS)[1]
    back = apply("max_pool_gradient", (places, x[:, :2]), shape=x.shape, **WINDOWS)
    return [ops.where(x <= 0.0, 0.0, back), ops.exp(back)]


def otherwise(x: Tensor) -> list[Tensor]:
    """What is masked does not become 0."""
    places = apply_all("max_pool", (x,), 2, **WINDOWS)[1]
    back = apply("max_pool_gradient", (places, x[:, :2]), shape=x.shape, **WINDOWS)
    return [ops.where(x <= 0.0, 1.0, back)]


def over_others(x: Tensor) -> list[Tensor]:
    """The places are those of other windows: what lies there is not the largest number."""
    places = apply_all("max_pool", (x,), 2, **{**WINDOWS, "size": (1,), "strides": (2,)})[1]
    back = apply("max_pool_gradient", (places, x[:, :2]), shape=x.shape, **WINDOWS)
    return [ops.where(x <= 0.0, 0.0, back)]


@pytest.mark.parametrize("function", [unlike, elsewhere, otherwise, over_others])
def test_what_is_not_the_mask_of_a_way_back_stays_where_it_is(function: Function) -> None:
    x = tensor(1, 4, 3)
    assert after("dead fold_constants mask_before_pooling", function, x) == after(
        "dead fold_constants", function, x
    )


# ---- fuse -----------------------------------------------------------------------------------


def test_a_chain_is_one_instruction_whose_inner_numbers_need_no_memory() -> None:
    recorded = Recorded(
        lambda x: [ops.tanh(ops.exp(x) + 1.0) * x], (tensor(5),), engine.PASSES["fuse"]
    )
    assert bricks(recorded) == [["exp", "add", "tanh", "multiply"]]
    assert [buffer.kind for buffer in buffers(recorded)].count("tile") == 3
    assert engine.arena_bytes(recorded.program) == 0


@pytest.mark.parametrize("shape", [(), (1,), (6,), (5, 1), (5, 6), (1, 6), (1, 1)])
def test_numbers_rows_and_columns_are_taken_along(shape: tuple[int, ...]) -> None:
    def function(x: Tensor, y: Tensor) -> list[Tensor]:
        return [ops.relu(x * y)]

    assert after("fuse", function, tensor(5, 6), tensor(*shape)) == [["multiply", "relu"]]


def test_rows_of_unlike_lengths_do_not_go_together() -> None:
    """(8, 6) is 48 rows of 1, but also 6 of 8: a column of the one is none of the other."""

    def function(x: Tensor, row: Tensor, other: Tensor) -> list[Tensor]:
        y = ops.reshape(x + row, (12, 4))
        return [y + other]

    found = after("fuse", function, tensor(8, 6), tensor(6), tensor(4))
    assert found == [["add"], ["add"]]


def test_what_is_read_in_another_order_does_not_go_along() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = ops.exp(x)
        return [y + ops.transpose(y)]

    assert after("fuse", function, tensor(4, 4)) == [["exp"], ["add"]]


def test_other_sizes_do_not_go_along() -> None:
    found = after("fuse", lambda x: [ops.exp(x), ops.exp(x[1:])], tensor(4))
    assert found == [["exp"], ["exp"]]


def test_a_way_through_a_third_instruction_keeps_two_apart() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = ops.exp(x)
        return [y - ops.max(y, axis=1, keepdims=True)]

    assert after("fuse", function, tensor(4, 5)) == [["exp"], ["max"], ["subtract"]]


def test_a_way_around_does_not_keep_two_apart() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = ops.exp(x)
        return [ops.tanh(y), ops.softmax(y)]

    assert after("fuse", function, tensor(4, 5)) == [["exp", "tanh"], ["softmax"]]


def test_work_on_single_numbers_goes_together() -> None:
    def function(x: Tensor, y: Tensor) -> list[Tensor]:
        return [ops.exp(x), ops.tanh(y)]

    assert after("fuse", function, tensor(1), tensor(1)) == [["exp", "tanh"]]


def test_an_assignment_goes_along() -> None:
    def make() -> Function:
        v = Variable(np.ones((3, 4), np.float32))

        def function(x: Tensor) -> list[Tensor]:
            v.assign(v * 0.5 + x)
            return [ops.sum(v)]

        return function

    found = effect("fuse", make, tensor(3, 4))
    assert found == [["multiply", "add", "assign"], ["sum"]]


def test_former_numbers_are_read_before_they_are_written() -> None:
    def make() -> Function:
        v = Variable(np.ones(4, np.float32))

        def function(x: Tensor) -> list[Tensor]:
            value = x + 1.0
            difference = v - value
            v.assign(value)
            return [difference]

        return function

    assert effect("fuse", make, tensor(4)) == [["add", "subtract", "assign"]]


def test_what_all_former_numbers_make_is_ready_before_they_are_written() -> None:
    def make() -> Function:
        v = Variable(np.ones(4, np.float32))

        def function(x: Tensor) -> list[Tensor]:
            total = ops.sum(v)
            v.assign((x + 1.0) * total)
            return [v * 2.0]

        return function

    assert effect("fuse", make, tensor(4))[0] == ["sum"]


def swapped() -> Function:
    """Two variables change places: one is read after the other was written."""
    a, b = Variable(np.ones(4, np.float32)), Variable(np.zeros(4, np.float32))

    def function(x: Tensor) -> list[Tensor]:
        former = a * 1.0
        a.assign(b + x)
        b.assign(former)
        return [a * 1.0, b * 1.0]

    return function


def test_two_variables_can_change_places() -> None:
    for passes in ("", "fuse", "dead fold_constants common fuse reuse"):
        names = [name for parts in effect(passes, swapped, tensor(4)) for name in parts]
        assert names.count("assign") == 2


@pytest.mark.parametrize("window", [slice(0, 1), slice(3, 4)])
def test_a_part_of_a_value_is_not_written_as_the_value(window: slice) -> None:
    def make() -> Function:
        v = Variable(np.zeros(4, np.float32))

        def function(x: Tensor) -> list[Tensor]:
            v.assign(ops.broadcast_to(ops.exp(x)[window], (4,)))
            return [v * 1.0]

        return function

    assert effect("fuse", make, tensor(4))[0] == ["exp"]


def test_more_rows_than_there_are_tiles_become_several_chains() -> None:
    rows = [tensor(7) for _ in range(40)]

    def function(x: Tensor, *rows: Tensor) -> list[Tensor]:
        for row in rows:
            x = x + row
        return [x]

    found = after("fuse", function, tensor(4, 7), *rows)
    assert sum(len(parts) for parts in found) == 40
    assert 1 < len(found) < 10


def test_long_chains_become_several() -> None:
    def function(x: Tensor) -> list[Tensor]:
        for _ in range(200):
            x = ops.tanh(x)
        return [x]

    found = after("fuse", function, tensor(9))
    assert sum(len(parts) for parts in found) == 200
    assert 4 <= len(found) <= 6


def with_late_reader(x: Tensor) -> list[Tensor]:
    """y is stored for the product; 3 y is read behind the product alone."""
    y = ops.exp(x)
    return [y * 3.0 + ops.matmul(y, y)]


def test_what_would_be_stored_for_a_later_brick_alone_waits_for_it() -> None:
    assert after("fuse", with_late_reader, tensor(4, 4)) == [
        ["exp"],
        ["matmul"],
        ["multiply", "add"],
    ]


def test_what_is_smaller_than_what_it_is_made_of_does_not_wait() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = ops.exp(x)
        return [ops.where(y > 1.0, ops.matmul(y, y), 0.0)]

    assert after("fuse", function, tensor(4, 4)) == [["exp", "greater"], ["matmul"], ["where"]]


def test_what_is_joined_to_one_number_is_joined_while_it_is_made() -> None:
    def function(x: Tensor) -> list[Tensor]:
        return [ops.mean(ops.square(x - 1.0))]

    assert after("fuse", function, tensor(40, 50)) == [["subtract", "square", "mean"]]


def test_a_chain_takes_several_totals() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = ops.square(x - 1.0)
        return [ops.mean(y), ops.max(y), ops.sum(ops.exp(-y)), ops.min(x)]

    found = after("fuse", function, tensor(40, 50))
    assert [sorted(parts) for parts in found if len(parts) > 1] == [
        ["exp", "max", "mean", "negative", "square", "subtract", "sum"]
    ]
    assert len(found) == 2  # the least of x itself is of nothing that is made here


def test_more_totals_than_a_chain_takes_are_instructions_of_their_own() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = ops.square(x)
        return [ops.mean(y), ops.max(y), ops.sum(y), ops.min(y), ops.prod(y)]

    found = after("fuse", function, tensor(40, 50))
    assert sorted(map(len, found)) == [1, 5]


def test_one_number_joined_to_nothing_is_no_work() -> None:
    def function(x: Tensor) -> list[Tensor]:
        return [ops.exp(ops.mean(ops.square(x), axis=1)) + ops.max(x, axis=2)]

    assert after("fuse", function, tensor(30, 1, 1)) == [["square", "exp", "add"]]


def test_a_total_that_nobody_reads_does_no_harm() -> None:
    assert after("fuse", with_waste, tensor(40, 50)) == [["exp", "sum"], ["tanh"]]


# ---- product --------------------------------------------------------------------------------


def dense(x: Tensor, kernel: Tensor, bias: Tensor) -> list[Tensor]:
    return [ops.relu(ops.matmul(x, kernel) + bias)]


DENSE = (tensor(5, 6), tensor(6, 7), tensor(7))


def test_bias_and_activation_are_the_end_of_a_product() -> None:
    assert after("fuse", dense, *DENSE) == [["matmul"], ["add", "relu"]]
    assert after("fuse epilogue", dense, *DENSE) == [["matmul", "add", "relu"]]


def test_a_product_that_others_read_is_stored_beside_its_end() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = ops.matmul(x, x)
        return [ops.tanh(y), ops.softmax(y)]

    found = after("fuse epilogue", function, tensor(6, 6))
    assert found == [["matmul", "tanh"], ["softmax"]]


def test_what_a_product_still_reads_is_not_written_at_its_end() -> None:
    def make() -> Function:
        v = Variable(tensor(6, 6).numpy())

        def function(x: Tensor) -> list[Tensor]:
            v.assign(v - ops.matmul(x, v))
            return [v * 1.0]

        return function

    assert effect("fuse epilogue", make, tensor(6, 6))[0] == ["matmul"]


def test_a_product_that_is_turned_has_no_end() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = ops.matmul(x, x)
        return [ops.tanh(ops.transpose(y)) + y]

    assert ["matmul"] in after("fuse epilogue", function, tensor(6, 6))


# ---- reuse ----------------------------------------------------------------------------------


def stack_of_products(x: Tensor) -> list[Tensor]:
    for _ in range(6):
        x = ops.matmul(x, x)
    return [x]


def arena_bytes(function: Function, passes: str, inputs: Sequence[Tensor]) -> int:
    some = sum(engine.PASSES[name] for name in passes.split())
    recorded = Recorded(function, inputs, some)
    assert bits(recorded(*inputs)) == bits(function(*inputs))
    return engine.arena_bytes(recorded.program)


def test_what_does_not_live_at_the_same_time_shares_memory() -> None:
    x = (tensor(8, 8),)
    one = 8 * 8 * 4
    assert arena_bytes(stack_of_products, "", x) == 5 * one
    assert arena_bytes(stack_of_products, "reuse", x) == 2 * one


def test_a_chain_writes_where_it_reads_for_the_last_time() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = ops.matmul(x, x)
        return [ops.matmul(ops.tanh(y), x)]

    one = 8 * 8 * 4
    assert arena_bytes(function, "fuse", (tensor(8, 8),)) == 2 * one
    assert arena_bytes(function, "fuse reuse", (tensor(8, 8),)) == one


def test_a_chain_does_not_write_where_it_reads_later() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = ops.matmul(x, x)
        first = ops.tanh(y)
        return [ops.matmul(first, x) + ops.matmul(first * y, x)]

    one = 8 * 8 * 4
    assert arena_bytes(function, "fuse reuse", (tensor(8, 8),)) >= 2 * one


# ---- all of them ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def seeing_network() -> Sequential:
    """What most people train: it has something to do for every pass."""
    model = Sequential(
        [
            layers.Input((8, 8, 1)),
            layers.Conv2D(3, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(4, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(np.ones((4, 8, 8, 1), "float32"), np.arange(4), batch_size=2, verbose=0)
    return model


@pytest.mark.parametrize("name", engine.PASSES)
def test_every_pass_is_of_use_to_a_network_that_sees(seeing_network: Sequential, name: str) -> None:
    """Left out, there are more bricks, or more instructions, or more bytes move, or lie there."""

    def figures(passes: int) -> tuple[int, ...]:
        info = seeing_network.program(passes=passes).info
        bricks = sum(len(instruction.ops) for instruction in info.instructions)
        return bricks, len(info.instructions), info.bytes, info.arena_bytes

    with_it, without_it = figures(ALL), figures(ALL - engine.PASSES[name])
    assert with_it != without_it
    assert any(a < b for a, b in zip(with_it, without_it))
