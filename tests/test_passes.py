"""Each pass alone: the instructions before and after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from recorded import ALL, Function, Recorded, bits, bricks, buffers, instructions

from pylego import GradientTape, Variable, config, engine, grad, layers, ops
from pylego.core.tensor import Tensor, apply, apply_all
from pylego.models import Sequential
from pylego.ops import recurrent

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


def test_ops_without_readers_are_dropped() -> None:
    assert after("", with_waste, tensor(3)) == [["exp"], ["sum"], ["tanh"]]
    assert after("dead", with_waste, tensor(3)) == [["tanh"]]


def test_the_value_of_an_assignment_is_not_dropped() -> None:
    def make() -> Function:
        v = Variable([0.0, 0.0])
        return lambda x: [v.assign(ops.exp(x)).value + 0.0]

    assert effect("dead", make, tensor(2))[:2] == [["exp"], ["assign"]]


# ---- fold_constants -------------------------------------------------------------------------


def owned(*shape: int) -> Tensor:
    """A constant in the engine's own memory; the user may still write an array's memory."""
    return apply("copy", (tensor(*shape),))


def test_ops_on_constants_only_are_computed_at_once() -> None:
    constant = owned(3)

    def function(x: Tensor) -> list[Tensor]:
        return [x * ops.sum(ops.exp(constant) + 1.0)]

    assert after("", function, tensor(3)) == [["exp"], ["add"], ["sum"], ["multiply"]]
    assert after("fold_constants", function, tensor(3)) == [["multiply"]]


def test_a_constant_of_equal_numbers_is_read_as_a_scalar() -> None:
    recorded = Recorded(lambda x: [x * ops.full((40, 50), 2.0)], (tensor(40, 50),), 2)
    [[op]] = instructions(recorded)
    assert op.brick == "multiply"
    assert op.reads[1].strides == (0, 0)
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


def test_constants_that_are_too_large_are_not_folded() -> None:
    def function() -> list[Tensor]:
        return [ops.sum(ops.ones((1024, 300)))]

    assert after("fold_constants", function) == [["full"], ["sum"]]


def test_draws_of_a_constant_key_are_folded_and_those_of_a_variable_are_not() -> None:
    key = apply("copy", (np.array([1, 2]),))
    state = Variable(np.array([1, 2]))
    attributes = {"shape": (2,), "low": 0.0, "high": 1.0, "dtype": 4}

    def draw(of: Any) -> Callable[[], list[Tensor]]:
        return lambda: [apply("random_uniform", (of,), **attributes) * 1.0]

    assert after("fold_constants", draw(key)) == [["multiply"]]
    assert after("fold_constants", draw(state)) == [["random_uniform"], ["multiply"]]


# ---- common ---------------------------------------------------------------------------------


def twice(x: Tensor) -> list[Tensor]:
    return [ops.sum(ops.exp(x)) + ops.mean(ops.exp(x))]


def test_equal_ops_are_computed_once() -> None:
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
        lambda x: [ops.sum(x, axis=0), ops.sum(ops.transpose(x), axis=0)],
        lambda x: [ops.cast(x, "float64"), ops.cast(x, "bool")],
        lambda x: [ops.full((2,), 0.0), ops.full((2,), -0.0)],
        lambda x: [x - 1.0, 1.0 - x],
    ],
)
def test_different_ops_are_both_computed(function: Function) -> None:
    assert len(after("common", function, tensor(2, 2))) == 2


def test_a_view_of_a_variable_needs_no_copy() -> None:
    def make() -> Function:
        v = Variable([1.0, 2.0])
        return lambda x: [x * ops.reshape(v, (2, 1)), v.assign(v + x).value + 0.0]

    assert effect("", make, tensor(2))[0] == ["copy"]
    assert ["copy"] not in effect("common", make, tensor(2))


def test_a_view_of_a_variable_keeps_the_numbers_that_an_assignment_replaces() -> None:
    def make() -> Function:
        v = Variable([1.0, 2.0])

        def function(x: Tensor) -> list[Tensor]:
            former = ops.reshape(v, (2, 1))
            v.assign(v + x)
            return [former * x, ops.reshape(v, (2, 1)) * x]

        return function

    assert ["copy"] in effect("common", make, tensor(2))


def test_a_variable_takes_its_own_view() -> None:
    def make() -> Function:
        v = Variable([[1.0, 2.0], [3.0, 4.0]])
        return lambda x: [v.assign(ops.transpose(v) + x).value + 0.0]

    effect("common", make, tensor(2, 2))
    effect("common fuse", make, tensor(2, 2))


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


# ---- mask_before_pooling --------------------------------------------------------------------


def gradient_of_relu(x: Tensor, largest: Callable[[Tensor], Tensor]) -> list[Tensor]:
    """The gradient of a relu with something behind it."""
    with GradientTape() as tape:
        tape.watch(x)
        loss = ops.sum(ops.square(largest(ops.relu(x))))
    return [tape.gradient(loss, x)]


@pytest.mark.parametrize("strides", [2, 1])  # next to each other, and one over the other
def test_relus_mask_moves_in_front_of_the_gradient_of_max_pooling(strides: int) -> None:
    def function(x: Tensor) -> list[Tensor]:
        return gradient_of_relu(x, lambda y: ops.max_pool(y, 2, strides))

    x = tensor(2, 4, 4, 3)
    assert after("dead fold_constants", function, x)[-3:] == [
        ["max_pool_gradient"],
        ["less_equal"],
        ["where"],
    ]
    moved = after("dead fold_constants mask_before_pooling", function, x)
    assert moved[-3:] == [["less_equal"], ["where"], ["max_pool_gradient"]]


def test_the_mask_moves_in_the_step_of_a_convolutional_network() -> None:
    block = [layers.Conv2D(3, 3, activation="relu"), layers.MaxPooling2D()]
    model = Sequential([layers.Input((10, 10, 2)), *block, layers.Flatten(), layers.Dense(2)])
    model.compile(loss="mse")
    numbers = np.random.default_rng(0).normal(size=(4, 202)).astype("float32")
    model.fit(numbers[:, :200].reshape(4, 10, 10, 2), numbers[:, 200:], batch_size=4, verbose=0)
    steps = [op for step in model.program().info.instructions for op in step.ops]
    wide = [op.brick.name for op in steps if len(op.outputs[0].shape) == 4]
    [mask] = [op for op in steps if op.brick.name == "where" and len(op.outputs[0].shape) == 4]
    assert mask.outputs[0].shape == (4, 4, 4, 3)
    assert wide.index("where") < wide.index("max_pool_gradient")


def test_nan_and_ties_keep_their_bits_when_they_are_masked_before_pooling() -> None:
    numbers = np.array([[0.0, -0.0, np.nan, 1.0, -1.0, -2.0, 3.0, 3.0]], np.float32)
    x = Tensor(engine.tensor_around(numbers.reshape(1, 8, 1)))

    def function(x: Tensor) -> list[Tensor]:
        return gradient_of_relu(x, lambda y: ops.max_pool(y, 2))

    assert after("dead fold_constants mask_before_pooling", function, x)[-1] == [
        "max_pool_gradient"
    ]


def mask_of_other_values(x: Tensor) -> list[Tensor]:
    """The mask is not that of the pooled values."""
    places = apply_all("max_pool", (x,), 2, **WINDOWS)[1]
    back = apply("max_pool_gradient", (places, x[:, :2]), shape=x.shape, **WINDOWS)
    return [ops.where(ops.exp(x) <= 0.0, 0.0, back)]


def value_with_two_readers(x: Tensor) -> list[Tensor]:
    """Another brick reads the masked value as well."""
    places = apply_all("max_pool", (x,), 2, **WINDOWS)[1]
    back = apply("max_pool_gradient", (places, x[:, :2]), shape=x.shape, **WINDOWS)
    return [ops.where(x <= 0.0, 0.0, back), ops.exp(back)]


def mask_to_one(x: Tensor) -> list[Tensor]:
    """Masked values become 1, not 0."""
    places = apply_all("max_pool", (x,), 2, **WINDOWS)[1]
    back = apply("max_pool_gradient", (places, x[:, :2]), shape=x.shape, **WINDOWS)
    return [ops.where(x <= 0.0, 1.0, back)]


def other_windows(x: Tensor) -> list[Tensor]:
    """The places belong to other windows, and do not point to their largest numbers."""
    places = apply_all("max_pool", (x,), 2, **{**WINDOWS, "size": (1,), "strides": (2,)})[1]
    back = apply("max_pool_gradient", (places, x[:, :2]), shape=x.shape, **WINDOWS)
    return [ops.where(x <= 0.0, 0.0, back)]


@pytest.mark.parametrize(
    "function", [mask_of_other_values, value_with_two_readers, mask_to_one, other_windows]
)
def test_other_masks_do_not_move(function: Function) -> None:
    x = tensor(1, 4, 3)
    assert after("dead fold_constants mask_before_pooling", function, x) == after(
        "dead fold_constants", function, x
    )


# ---- pad_in_windows -------------------------------------------------------------------------


def padded(x: Tensor, *, axes: int = 2, value: float = 0.0, before: int = 0) -> Tensor:
    """Zeros around images: fewer in front of them than behind."""
    pads = [(0, 0), *axes * [(before, 1)], (0, 0)]
    return ops.pad(x, pads, constant_values=value)


def convolve(x: Tensor, kernel: Tensor, strides: int = 2, groups: int = 1) -> Tensor:
    axes = x.ndim - 2
    window = {"dilation": axes * (1,), "before": axes * (0,), "after": axes * (1,)}
    return apply("conv", (x, kernel), strides=axes * (strides,), groups=groups, **window)


@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("before", [0, 1, 3])
@pytest.mark.parametrize(
    ("image", "kernel"),
    [
        ((2, 9, 8, 3), (3, 3, 3, 5)),  # few channels: lines are read
        ((2, 9, 8, 16), (5, 5, 16, 4)),
        ((2, 9, 8, 32), (3, 3, 32, 32)),  # Winograd's algorithm, where strides are 1
        ((2, 9, 8, 12), (3, 3, 1, 12)),  # each channel has a filter of its own
        ((2, 9, 8, 3), (3, 3, 1, 6)),
        ((2, 11, 8), (3, 8, 4)),
        ((2, 5, 6, 4, 2), (2, 3, 2, 2, 3)),
    ],
)
def test_convolutions_pad_their_images_themselves(
    image: tuple[int, ...], kernel: tuple[int, ...], before: int, strides: int
) -> None:
    def function(x: Tensor, k: Tensor) -> list[Tensor]:
        groups = image[-1] // kernel[-2]
        y = padded(x, axes=len(image) - 2, before=before)
        return [ops.exp(convolve(y, k, strides, groups))]

    assert after("pad_in_windows", function, tensor(*image), tensor(*kernel)) == [["conv"], ["exp"]]


@pytest.mark.parametrize(
    "function",
    [
        lambda x, k: [convolve(padded(x, value=1.0), k)],
        lambda x, k: [convolve(y := padded(x), k), ops.exp(y)],
        lambda x, k: [convolve(ops.pad(x, [(1, 0), (0, 0), (0, 0), (0, 0)]), k)],
        lambda x, k: [convolve(ops.pad(x[..., 1:], [(0, 0), (0, 0), (0, 0), (1, 0)]), k)],
        lambda x, k: [convolve(padded(x)[:, 1:], k)],
        lambda x, k: [convolve(padded(x[:, :, 2:]), k)],  # not dense
    ],
)
def test_padding_that_is_more_than_zeros_for_one_convolution_stays(function: Function) -> None:
    x, k = tensor(2, 9, 8, 3), tensor(3, 3, 3, 5)
    assert ["pad"] in after("pad_in_windows", function, x, k)


def test_padding_stays_where_another_algorithm_would_sum() -> None:
    """A product of matrices takes no zeros around its image."""

    def function(x: Tensor, k: Tensor) -> list[Tensor]:
        window = {"dilation": (1, 1), "before": (0, 0), "after": (0, 0)}
        return [apply("conv", (padded(x), k), strides=(1, 1), groups=1, **window)]

    x, k = tensor(2, 5, 4, 24), tensor(1, 1, 24, 32)
    assert after("pad_in_windows", function, x, k) == [["pad"], ["conv"]]


def test_a_padded_variable_is_read_as_it_was() -> None:
    def make() -> Function:
        v = Variable(np.ones((1, 4, 4, 2), "float32"))

        def function(k: Tensor) -> list[Tensor]:
            y = padded(v.value)
            v.assign(v + 1.0)
            return [convolve(y, k)]

        return function

    effect("pad_in_windows", make, tensor(3, 3, 2, 5))
    effect("common pad_in_windows", make, tensor(3, 3, 2, 5))


def pooled(x: Tensor, before: int = 0, size: int = 3) -> Tensor:
    """Overlapping windows, as at the beginning of ResNet."""
    axes = x.ndim - 2
    window = {"size": axes * (size,), "strides": axes * (2,)}
    padding = {"before": axes * (before,), "after": axes * (1,)}
    return apply_all("max_pool", (x,), 2, **window, **padding)[0]


def some_numbers(*shape: int) -> Tensor:
    """Negative ones, among them zero, one that is none, and an infinite one."""
    x = tensor(*shape).numpy() - 0.5
    x.flat[:4] = -0.0, np.nan, np.inf, -np.inf
    return ops.convert_to_tensor(x)


@pytest.mark.parametrize("image", [(2, 9, 8, 3), (1, 3, 4, 20), (2, 11, 8), (2, 5, 6, 4, 2)])
@pytest.mark.parametrize("before", [0, 1, 2])
def test_max_pooling_behind_relu_pads_its_images_itself(
    image: tuple[int, ...], before: int
) -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = padded(ops.relu(x), axes=len(image) - 2, before=before)
        return [pooled(y, size=4)]

    found = after("pad_in_windows", function, some_numbers(*image))
    assert found == [["relu"], ["max_pool"]]


@pytest.mark.parametrize(
    "function",
    [
        lambda x: [pooled(padded(x))],  # maxima below zero
        lambda x: [pooled(padded(ops.relu(x), value=1.0))],
        lambda x: [pooled(padded(ops.relu(x), value=-1.0))],
        lambda x: [pooled(padded(ops.relu(x), before=2), before=1)],  # windows of zeros alone
        lambda x: [pooled(y := padded(ops.relu(x))), ops.exp(y)],
        lambda x: [pooled(ops.pad(ops.relu(x), [(0, 0), (0, 0), (0, 0), (1, 0)]))],
        lambda x: list(
            apply_all(
                "max_pool",
                (padded(ops.relu(x)),),
                2,
                size=(3, 3),
                strides=(2, 2),
                before=(0, 0),
                after=(0, 0),
            )
        ),  # the places are read
    ],
)
def test_padding_that_pooling_would_see_stays(function: Function) -> None:
    assert ["pad"] in after("pad_in_windows", function, some_numbers(2, 9, 8, 3))


# ---- crop_products --------------------------------------------------------------------------


def products(recorded: Recorded) -> list[tuple[int, ...]]:
    """The shapes that products make."""
    ops_of = engine.instructions_of(recorded.program)
    made = [op for instruction in ops_of for op in instruction.ops if op.brick.name == "matmul"]
    return [op.outputs[0].shape for op in made]


def cropped(function: Function, *inputs: Tensor) -> list[tuple[int, ...]]:
    recorded = Recorded(function, inputs, engine.PASSES["crop_products"])
    assert bits(recorded(*inputs)) == bits(function(*inputs))
    return products(recorded)


@pytest.mark.parametrize("transposes", [False, True])
def test_columns_that_are_not_read_are_not_computed(transposes: bool) -> None:
    def function(a: Tensor, b: Tensor) -> list[Tensor]:
        y = apply("matmul", (a, b), transpose_a=False, transpose_b=transposes)
        return [ops.exp(y[:, 3:7]), ops.sin(y[:, 5:9])]

    b = tensor(11, 6) if transposes else tensor(6, 11)
    assert cropped(function, tensor(5, 6), b) == [(5, 6)]


def test_of_sums_of_products_that_are_read_in_part_too() -> None:
    """The gradient by joined columns that several layers multiply, where one half is enough."""

    def function(a: Tensor, b: Tensor, c: Tensor) -> list[Tensor]:
        y = -(a @ b) + a @ c + 2 * (c @ b[:9])  # the factor 2 is not a product: all of its columns
        z = ops.tanh(a @ b) * (a @ c) + a @ (b + c)
        return [ops.exp(y[:, 4:]), ops.exp(z[:, 2:6])]

    a, b, c = tensor(9, 9), tensor(9, 9), tensor(9, 9)
    assert sorted(cropped(function, a, b, c)) == 3 * [(9, 4)] + 3 * [(9, 9)]


def one_column(y: Tensor) -> list[Tensor]:
    """Its sum has another order where it stands alone."""
    return [ops.exp(y[:, 3:4])]


def some_rows(y: Tensor) -> list[Tensor]:
    return [ops.exp(y[1:3, 2:4])]


def every_second_column(y: Tensor) -> list[Tensor]:
    return [ops.exp(y[:, ::2])]


def flat(y: Tensor) -> list[Tensor]:
    return [ops.exp(ops.reshape(y, (-1,))), ops.sin(y[:, 2:4])]


def all_columns(y: Tensor) -> list[Tensor]:
    return [ops.exp(y[:, :5]), ops.exp(y[:, 5:])]


def output(y: Tensor) -> list[Tensor]:
    return [y, ops.exp(y[:, 2:4])]


@pytest.mark.parametrize(
    "read", [one_column, some_rows, every_second_column, flat, all_columns, output]
)
def test_what_else_is_read_of_a_product_is_computed(read: Callable) -> None:
    def function(a: Tensor, b: Tensor) -> list[Tensor]:
        return read(a @ b)

    assert cropped(function, tensor(5, 6), tensor(6, 9)) == [(5, 9)]


# ---- fuse -----------------------------------------------------------------------------------


def test_a_fused_loop_is_one_instruction_whose_inner_values_need_no_memory() -> None:
    recorded = Recorded(
        lambda x: [ops.tanh(ops.exp(x) + 1.0) * x], (tensor(5),), engine.PASSES["fuse"]
    )
    assert bricks(recorded) == [["exp", "add", "tanh", "multiply"]]
    assert [buffer.kind for buffer in buffers(recorded)].count("tile") == 3
    assert engine.arena_bytes(recorded.program) == 0


@pytest.mark.parametrize("shape", [(), (1,), (6,), (5, 1), (5, 6), (1, 6), (1, 1)])
def test_scalars_rows_and_columns_are_fused(shape: tuple[int, ...]) -> None:
    def function(x: Tensor, y: Tensor) -> list[Tensor]:
        return [ops.relu(x * y)]

    assert after("fuse", function, tensor(5, 6), tensor(*shape)) == [["multiply", "relu"]]


def test_rows_of_different_lengths_are_not_fused() -> None:
    """(8, 6) is 48 rows of 1, but also 6 of 8: a column of the one is none of the other."""

    def function(x: Tensor, row: Tensor, other: Tensor) -> list[Tensor]:
        y = ops.reshape(x + row, (12, 4))
        return [y + other]

    found = after("fuse", function, tensor(8, 6), tensor(6), tensor(4))
    assert found == [["add"], ["add"]]


def test_reads_in_another_order_are_not_fused() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = ops.exp(x)
        return [y + ops.transpose(y)]

    assert after("fuse", function, tensor(4, 4)) == [["exp"], ["add"]]


def test_other_sizes_are_not_fused() -> None:
    found = after("fuse", lambda x: [ops.exp(x), ops.exp(x[1:])], tensor(4))
    assert found == [["exp"], ["exp"]]


def test_a_path_through_a_third_instruction_prevents_fusion() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = ops.exp(x)
        return [y - ops.cumsum(y, axis=0)]

    assert after("fuse", function, tensor(4, 5)) == [["exp"], ["cumsum"], ["subtract"]]


def test_a_path_around_does_not_prevent_fusion() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = ops.exp(x)
        return [ops.tanh(y), ops.cumsum(y)]

    assert after("fuse", function, tensor(4, 5)) == [["exp", "tanh"], ["cumsum"]]


def test_scalar_ops_are_fused() -> None:
    def function(x: Tensor, y: Tensor) -> list[Tensor]:
        return [ops.exp(x), ops.tanh(y)]

    assert after("fuse", function, tensor(1), tensor(1)) == [["exp", "tanh"]]


def test_an_assignment_is_fused() -> None:
    def make() -> Function:
        v = Variable(np.ones((3, 4), np.float32))

        def function(x: Tensor) -> list[Tensor]:
            v.assign(v * 0.5 + x)
            return [ops.sum(v)]

        return function

    found = effect("fuse", make, tensor(3, 4))
    assert found == [["multiply", "add", "assign"], ["sum"]]


def test_a_variable_is_read_before_it_is_written() -> None:
    def make() -> Function:
        v = Variable(np.ones(4, np.float32))

        def function(x: Tensor) -> list[Tensor]:
            value = x + 1.0
            difference = v - value
            v.assign(value)
            return [difference]

        return function

    assert effect("fuse", make, tensor(4)) == [["add", "subtract", "assign"]]


def test_a_total_of_a_variable_is_ready_before_it_is_written() -> None:
    def make() -> Function:
        v = Variable(np.ones(4, np.float32))

        def function(x: Tensor) -> list[Tensor]:
            total = ops.sum(v)
            v.assign((x + 1.0) * total)
            return [v * 2.0]

        return function

    assert effect("fuse", make, tensor(4))[0] == ["sum"]


def swapped() -> Function:
    """Two variables are swapped: one is read after the other was written."""
    a, b = Variable(np.ones(4, np.float32)), Variable(np.zeros(4, np.float32))

    def function(x: Tensor) -> list[Tensor]:
        former = a * 1.0
        a.assign(b + x)
        b.assign(former)
        return [a * 1.0, b * 1.0]

    return function


def test_two_variables_can_be_swapped() -> None:
    for passes in ("", "fuse", "dead fold_constants common fuse reuse"):
        names = [name for names in effect(passes, swapped, tensor(4)) for name in names]
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


def test_more_rows_than_there_are_tiles_become_several_fused_loops() -> None:
    rows = [tensor(7) for _ in range(40)]

    def function(x: Tensor, *rows: Tensor) -> list[Tensor]:
        for row in rows:
            x = x + row
        return [x]

    found = after("fuse", function, tensor(4, 7), *rows)
    assert sum(len(names) for names in found) == 40
    assert 1 < len(found) < 10


def test_long_fused_loops_become_several() -> None:
    def function(x: Tensor) -> list[Tensor]:
        for _ in range(200):
            x = ops.tanh(x)
        return [x]

    found = after("fuse", function, tensor(9))
    assert sum(len(names) for names in found) == 200
    assert 4 <= len(found) <= 6


def with_late_reader(x: Tensor) -> list[Tensor]:
    """y is stored for the product; 3 y is read after the product only."""
    y = ops.exp(x)
    return [y * 3.0 + ops.matmul(y, y)]


def test_an_op_with_a_single_reader_moves_into_its_readers_loop() -> None:
    assert after("fuse", with_late_reader, tensor(4, 4)) == [
        ["exp"],
        ["matmul"],
        ["multiply", "add"],
    ]


def test_an_op_that_is_smaller_than_its_inputs_does_not_move() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = ops.exp(x)
        return [ops.where(y > 1.0, ops.matmul(y, y), 0.0)]

    assert after("fuse", function, tensor(4, 4)) == [["exp", "greater"], ["matmul"], ["where"]]


def test_a_reduction_to_one_number_is_part_of_the_loop() -> None:
    def function(x: Tensor) -> list[Tensor]:
        return [ops.mean(ops.square(x - 1.0))]

    assert after("fuse", function, tensor(40, 50)) == [["subtract", "square", "mean"]]


def test_a_fused_loop_takes_several_totals() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = ops.square(x - 1.0)
        return [ops.mean(y), ops.max(y), ops.sum(ops.exp(-y)), ops.min(x)]

    found = after("fuse", function, tensor(40, 50))
    assert [sorted(names) for names in found if len(names) > 1] == [
        ["exp", "max", "mean", "negative", "square", "subtract", "sum"]
    ]
    assert len(found) == 2  # the minimum of x itself reads nothing of this loop


def test_more_totals_than_a_fused_loop_takes_are_separate_instructions() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = ops.square(x)
        return [ops.mean(y), ops.max(y), ops.sum(y), ops.min(y), ops.prod(y)]

    found = after("fuse", function, tensor(40, 50))
    assert sorted(map(len, found)) == [1, 5]


def test_a_reduction_over_one_element_disappears() -> None:
    def function(x: Tensor) -> list[Tensor]:
        return [ops.exp(ops.mean(ops.square(x), axis=1)) + ops.max(x, axis=2)]

    assert after("fuse", function, tensor(30, 1, 1)) == [["square", "exp", "add"]]


def test_a_total_without_readers_does_no_harm() -> None:
    assert after("fuse", with_waste, tensor(40, 50)) == [["exp", "sum"], ["tanh"]]


def softmax(x: Tensor) -> list[Tensor]:
    e = ops.exp(x - ops.max(x, axis=-1, keepdims=True))
    return [e / ops.sum(e, axis=-1, keepdims=True)]


def normalized(x: Tensor) -> list[Tensor]:
    d = x - ops.mean(x, axis=-1, keepdims=True)
    variance = ops.mean(ops.square(d), axis=-1, keepdims=True)
    return [d * ops.rsqrt(variance + 1e-5), ops.sqrt(variance)]


def row_sums(x: Tensor) -> list[Tensor]:
    """The numbers of rows have lost their axis, and get it again."""
    sums = ops.sum(ops.abs(x), axis=tuple(range(1, x.ndim)))
    return [x / ops.reshape(sums, (-1, *[1] * (x.ndim - 1))), sums]


SOFTMAX = ["max", "subtract", "exp", "sum", "divide"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "shape", [(1000, 37), (3, 2), (70, 255), (7, 256), (2, 1027), (5, 2049), (2, 3, 4)]
)
@pytest.mark.parametrize("function", [softmax, normalized, row_sums])
def test_reductions_of_rows_are_stages(
    function: Function, shape: tuple[int, ...], dtype: str
) -> None:
    assert len(after("fuse", function, tensor(*shape, dtype=dtype))) == 1
    after("fuse reuse", function, tensor(*shape, dtype=dtype))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(3, 2), (1000, 10), (70, 255), (7, 256), (5, 2049), (2, 3, 4)])
@pytest.mark.parametrize("brick", [ops.softmax, ops.log_softmax])
def test_softmax_along_the_last_axis_is_a_stage(
    brick: Callable[..., Tensor], shape: tuple[int, ...], dtype: str
) -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = brick(x * 20.0 - 1.0)
        return [y, ops.sum(y * x, axis=-1), y + ops.max(x, axis=-1, keepdims=True)]

    assert len(after("fuse", function, tensor(*shape, dtype=dtype))) == 1
    after("fuse reuse", function, tensor(*shape, dtype=dtype))


def test_softmax_along_another_axis_alone_or_of_long_rows_is_no_stage() -> None:
    assert after("fuse", lambda x: [ops.softmax(ops.exp(x), axis=0)], tensor(4, 5)) == [
        ["exp"],
        ["softmax"],
    ]
    assert after("fuse", lambda x: [ops.softmax(x)], tensor(4, 5)) == [["softmax"]]
    found = after("fuse", lambda x: [ops.softmax(ops.exp(x))], tensor(2, 9000))
    assert found == [["exp"], ["softmax"]]


@pytest.mark.parametrize("shape", [(3, 2), (1000, 10), (7, 256), (5, 2049), (2, 3, 4)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_logsumexp_along_the_last_axis_is_a_stage(shape: tuple[int, ...], keepdims: bool) -> None:
    def function(x: Tensor) -> list[Tensor]:
        return [ops.logsumexp(x * 20.0 - 1.0, axis=-1, keepdims=keepdims) * 2.0]

    assert len(after("fuse", function, tensor(*shape))) == 1


@pytest.mark.parametrize("shape", [(5,), (1, 5), (5, 1)])
def test_logsumexp_of_one_line_is_no_stage(shape: tuple[int, ...]) -> None:
    found = after("fuse", lambda x: [ops.logsumexp(ops.exp(x), axis=0)], tensor(*shape))
    assert found == [["exp"], ["logsumexp"]]


def test_gradients_of_softmax_are_one_loop() -> None:
    def function(x: Tensor) -> list[Tensor]:
        return [grad(lambda x: ops.sum(ops.softmax(x + 1.0) * x))(x)]

    assert len(after("dead fold_constants common fuse reuse", function, tensor(40, 50))) == 1


def test_what_ops_on_rows_read_stays_in_tiles() -> None:
    assert after("fuse", softmax, tensor(40, 50)) == [SOFTMAX]
    assert arena_bytes(softmax, "fuse", [tensor(40, 50)]) == 0


def test_gradients_through_reductions_of_rows_are_one_loop() -> None:
    def function(x: Tensor) -> list[Tensor]:
        return [grad(lambda x: ops.sum(normalized(x)[0] * x))(x)]

    assert len(after("dead fold_constants common fuse reuse", function, tensor(40, 50))) == 1


def test_rows_that_tiles_do_not_hold_are_reduced_alone() -> None:
    assert after("fuse", softmax, tensor(2, 9000)) == [
        ["max"],
        ["subtract", "exp"],
        ["sum"],
        ["divide"],
    ]


def test_a_reduction_of_rows_alone_is_no_loop() -> None:
    found = after("fuse", lambda x: [ops.sum(x, axis=1), ops.exp(x[0])], tensor(4, 5))
    assert found == [["sum"], ["exp"]]


def test_a_variable_is_normalized_where_it_lies() -> None:
    def make() -> Function:
        v = Variable(np.linspace(-1, 1, 4000, dtype=np.float32).reshape(40, 100))

        def function(x: Tensor) -> list[Tensor]:
            v.assign(v / (ops.sum(v * v, axis=1, keepdims=True) + x))
            return [v * 2.0]

        return function

    names = ["multiply", "sum", "add", "divide", "assign"]
    assert effect("fuse", make, tensor(1, 1))[0][: len(names)] == names


def test_a_product_keeps_its_epilogue_when_rows_are_reduced() -> None:
    def function(x: Tensor, kernel: Tensor, bias: Tensor) -> list[Tensor]:
        return softmax(ops.matmul(x, kernel) + bias)

    assert after("fuse epilogue", function, *DENSE) == [["matmul", "add"], SOFTMAX]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(1000, 37), (3, 2), (7, 256), (33, 1000), (2, 70000)])
@pytest.mark.parametrize("is_row", [True, False])
def test_totals_read_rows_and_columns(shape: tuple[int, int], dtype: str, is_row: bool) -> None:
    def function(x: Tensor, other: Tensor) -> list[Tensor]:
        return [ops.mean(ops.square(x - other))]

    other = tensor(shape[1] if is_row else shape[0], dtype=dtype)
    inputs = tensor(*shape, dtype=dtype), other if is_row else ops.reshape(other, (-1, 1))
    assert after("fuse", function, *inputs) == [["subtract", "square", "mean"]]


COLUMNS = [
    (2, 2), (9, 5), (70, 10), (3000, 37), (50, 512), (7, 514), (600, 300), (5, 2300), (3, 600, 7)
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", COLUMNS)
def test_reductions_of_columns_are_part_of_the_loop(shape: tuple[int, ...], dtype: str) -> None:
    def function(x: Tensor, row: Tensor, column: Tensor) -> list[Tensor]:
        y = ops.tanh(x * row) - column
        return [ops.sum(y, axis=-2), ops.max(y * x, axis=-2, keepdims=True), y]

    row = tensor(shape[-1], dtype=dtype)
    inputs = tensor(*shape, dtype=dtype), row, tensor(*shape[:-1], 1, dtype=dtype)
    assert len(after("fuse", function, *inputs)) == 1
    after("fuse reuse", function, *inputs)


@pytest.mark.parametrize("axes", [(0,), (1,), (0, 1), (1, 2), (0, 1, 2)])
def test_columns_of_several_axes_are_reduced_in_the_loop(axes: tuple[int, ...]) -> None:
    def function(x: Tensor) -> list[Tensor]:
        return [ops.mean(ops.square(x), axis=axes), ops.mean(x * 2.0, axis=axes, keepdims=True)]

    for shape in [(3, 4, 5, 6), (2, 300, 2, 9), (2, 5, 1, 7)]:
        found = after("fuse", function, tensor(*shape))
        assert all("mean" in names for names in found), found


def test_other_axes_are_not_reduced_in_the_loop() -> None:
    found = after("fuse", lambda x: [ops.sum(ops.exp(x), axis=(0, 2))], tensor(3, 4, 5))
    assert found == [["exp"], ["sum"]]
    alone = 513  # the last column is alone in its tile of the kernel
    assert len(after("fuse", lambda x: [ops.sum(ops.exp(x), axis=0)], tensor(3, alone))) == 2


def test_the_bits_of_columns_do_not_depend_on_threads() -> None:
    def function(x: Tensor) -> list[Tensor]:
        return [ops.sum(ops.exp(x), axis=0)]

    for shape in [(9000, 37), (2000, 700), (20, 9000)]:
        inputs = [tensor(*shape)]
        recorded = Recorded(function, inputs, ALL)
        assert bits(recorded(*inputs)) == bits(function(*inputs))
        former = config.num_threads()
        config.set_num_threads(3 - former)
        assert bits(recorded(*inputs)) == bits(function(*inputs))
        config.set_num_threads(former)


def test_the_gradient_of_a_row_is_summed_in_the_loop() -> None:
    def function(row: Tensor, x: Tensor) -> list[Tensor]:
        return [grad(lambda row: ops.sum(ops.tanh(x * row) * x))(row)]

    found = after("dead fold_constants common fuse reuse", function, tensor(50), tensor(40, 50))
    assert len(found) == 1


def test_the_numbers_of_columns_are_not_those_of_rows() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = softmax(x)[0]
        return [ops.sum(y * x, axis=0) * 2.0]

    found = after("fuse", function, tensor(16, 16))
    assert found == [[*SOFTMAX, "multiply", "sum"], ["multiply"]]


def test_rows_and_columns_are_reduced_in_one_loop() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = softmax(x)[0]
        return [y, ops.sum(y * x, axis=0)]

    for shape in [(40, 50), (3000, 7), (9, 700)]:
        assert after("fuse", function, tensor(*shape)) == [[*SOFTMAX, "multiply", "sum"]]


# ---- epilogue -------------------------------------------------------------------------------


def dense(x: Tensor, kernel: Tensor, bias: Tensor) -> list[Tensor]:
    return [ops.relu(ops.matmul(x, kernel) + bias)]


DENSE = (tensor(5, 6), tensor(6, 7), tensor(7))


def test_bias_and_activation_are_the_epilogue_of_a_product() -> None:
    assert after("fuse", dense, *DENSE) == [["matmul"], ["add", "relu"]]
    assert after("fuse epilogue", dense, *DENSE) == [["matmul", "add", "relu"]]


def test_a_product_with_other_readers_is_stored_before_its_epilogue() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = ops.matmul(x, x)
        return [ops.tanh(y), ops.softmax(y)]

    found = after("fuse epilogue", function, tensor(6, 6))
    assert found == [["matmul", "tanh"], ["softmax"]]


def test_an_epilogue_does_not_write_what_the_product_still_reads() -> None:
    def make() -> Function:
        v = Variable(tensor(6, 6).numpy())

        def function(x: Tensor) -> list[Tensor]:
            v.assign(v - ops.matmul(x, v))
            return [v * 1.0]

        return function

    assert effect("fuse epilogue", make, tensor(6, 6))[0] == ["matmul"]


def test_a_product_beside_its_transposed_self_has_no_epilogue() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = ops.matmul(x, x)
        return [ops.transpose(y) + y]

    assert ["matmul"] in after("fuse epilogue", function, tensor(6, 6))


def test_an_epilogue_follows_the_order_of_a_transposed_product() -> None:
    def function(x: Tensor, row: Tensor) -> list[Tensor]:
        y = ops.transpose(ops.matmul(x, x)) + row
        return [ops.sum(ops.tanh(y), axis=0)]

    found = after("fuse epilogue", function, tensor(6, 6), tensor(6))
    assert found == [["matmul", "add", "tanh"], ["sum"]]


BRANCHES = (tensor(5, 6), tensor(6, 7), tensor(6, 7), tensor(7))


def test_two_products_that_meet_have_an_epilogue_each() -> None:
    def function(x: Tensor, a: Tensor, b: Tensor, bias: Tensor) -> list[Tensor]:
        first, last = ops.matmul(x, a) + bias, ops.matmul(x, b) * bias
        return [ops.relu(first + last), ops.relu(last + first)]

    for number in range(2):

        def meeting(*inputs: Tensor, number: int = number) -> list[Tensor]:
            return [function(*inputs)[number]]

        found = after("dead fuse epilogue", meeting, *BRANCHES)
        assert found == [["matmul", "add"], ["matmul", "multiply", "add", "relu"]]


def test_what_has_other_readers_than_its_loop_is_joined_with_a_second_product() -> None:
    def function(x: Tensor, a: Tensor, b: Tensor, bias: Tensor) -> list[Tensor]:
        y = ops.matmul(x, a)
        return [ops.relu((y + bias) + ops.matmul(x, b) * bias), ops.softmax(y)]

    found = after("fuse epilogue", function, *BRANCHES)
    assert sorted(map(len, found)) == [1, 1, 5]


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


def test_buffers_that_do_not_live_at_the_same_time_share_memory() -> None:
    x = (tensor(8, 8),)
    one = 8 * 8 * 4
    assert arena_bytes(stack_of_products, "", x) == 5 * one
    assert arena_bytes(stack_of_products, "reuse", x) == 2 * one


def test_a_fused_loop_writes_in_place_where_it_reads_last() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = ops.matmul(x, x)
        return [ops.matmul(ops.tanh(y), x)]

    one = 8 * 8 * 4
    assert arena_bytes(function, "fuse", (tensor(8, 8),)) == 2 * one
    assert arena_bytes(function, "fuse reuse", (tensor(8, 8),)) == one


def test_a_fused_loop_does_not_write_where_it_reads_later() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = ops.matmul(x, x)
        first = ops.tanh(y)
        return [ops.matmul(first, x) + ops.matmul(first * y, x)]

    one = 8 * 8 * 4
    assert arena_bytes(function, "fuse reuse", (tensor(8, 8),)) >= 2 * one


def residual(x: Tensor, kernel: Tensor) -> list[Tensor]:
    past = ops.matmul(x, kernel)
    inner = ops.matmul(past, kernel)
    return [ops.matmul(ops.relu(past + ops.matmul(inner, kernel)), kernel)]


def test_the_sum_of_a_residual_takes_its_place() -> None:
    one = 8 * 8 * 4
    inputs = (tensor(8, 8), tensor(8, 8))
    assert arena_bytes(residual, "fuse epilogue", inputs) == 3 * one
    assert arena_bytes(residual, "fuse epilogue reuse", inputs) == 2 * one


@pytest.mark.parametrize("size", [8, 300])
def test_a_sum_does_not_take_the_place_of_what_its_product_reads(size: int) -> None:
    def function(x: Tensor, kernel: Tensor) -> list[Tensor]:
        past = ops.matmul(x, kernel)
        return [ops.matmul(ops.relu(past + ops.matmul(past, kernel)), kernel)]

    inputs = (tensor(size, size), tensor(size, size))
    assert arena_bytes(function, "fuse epilogue reuse", inputs) >= 2 * 4 * size * size


# ---- side_by_side ---------------------------------------------------------------------------


def run_over(x: Tensor, reverse: bool = False) -> Tensor:
    """A recurrence over x (batch, steps, units)."""
    state, kernel = ops.zeros((x.shape[0], x.shape[2])), ops.eye(x.shape[2])
    return recurrent.simple_rnn(x, kernel, state, reverse=reverse)[0]


def both_ways(x: Tensor) -> list[Tensor]:
    forward = ops.relu(run_over(x))
    return [forward, run_over(ops.tanh(x), reverse=True)]


def pairs(function: Function, *inputs: Tensor) -> list[list[str]]:
    return [names for names in after("side_by_side", function, *inputs) if len(names) > 1]


LONG = (4, 100, 64)  # batch, steps, units


def test_two_recurrences_run_side_by_side_after_what_they_need() -> None:
    pair = ["simple_rnn", "simple_rnn"]
    x = tensor(*LONG)
    assert after("side_by_side dead", both_ways, x)[-2:] == [pair, ["relu"]]
    slopes = grad(lambda x: sum(ops.sum(y) for y in both_ways(x)))
    assert pairs(lambda x: [slopes(x)], x) == [pair, ["simple_rnn_gradient"] * 2]


def test_a_recurrence_does_not_run_beside_one_that_it_needs() -> None:
    assert pairs(lambda x: [run_over(run_over(x))], tensor(*LONG)) == []
    assert pairs(lambda x: [run_over(2 * run_over(x))], tensor(*LONG)) == []


@pytest.mark.parametrize("shape", [(4, 2, 64), (0, 100, 64), (32, 100, 64)])
def test_recurrences_that_are_short_or_share_their_rows_run_alone(shape: tuple) -> None:
    assert pairs(both_ways, tensor(*shape)) == []


def test_a_variable_that_is_written_between_two_recurrences_keeps_its_order() -> None:
    def make() -> Function:
        v = Variable(0.5)

        def function(x: Tensor) -> list[Tensor]:
            y = run_over(x * v)
            v.assign(ops.mean(y))
            return [y, run_over(x * v)]

        return function

    assert len(effect("side_by_side", make, tensor(*LONG))) > 4

    def make_of_same() -> Function:
        v = Variable(np.full(LONG, 0.5, "float32"))

        def function(x: Tensor) -> list[Tensor]:
            y = run_over(v)
            v.assign(x)
            return [y, run_over(v)]

        return function

    assert ["simple_rnn"] * 2 not in effect("side_by_side", make_of_same, tensor(*LONG))


def test_pairs_have_the_bits_of_one_after_the_other_with_any_threads() -> None:
    x = tensor(*LONG)
    paired = Recorded(both_ways, (x,), ALL)
    assert ["simple_rnn", "simple_rnn"] in bricks(paired)
    threads = config.num_threads()
    try:
        for count in (1, 2, 3):
            config.set_num_threads(count)
            for _ in range(20):
                assert bits(paired(x)) == bits(both_ways(x))
    finally:
        config.set_num_threads(threads)


# ---- all of them ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def network() -> Sequential:
    """A usual network, with work for every pass of `OF_NETWORKS`."""
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


# These have nothing to do there: it has no padding, tables (test_row_updates.py), loops or
# recurrences.
NOT_OF_NETWORKS = {"pad_in_windows", "crop_products", "update_rows", "side_by_side"}


@pytest.mark.parametrize("name", sorted(set(engine.PASSES) - NOT_OF_NETWORKS))
def test_every_pass_improves_a_convolutional_network(network: Sequential, name: str) -> None:
    """Without the pass there are more ops, more instructions, more traffic, or a larger arena."""

    def figures(passes: int) -> tuple[int, ...]:
        info = network.program(passes=passes).info
        bricks = sum(len(instruction.ops) for instruction in info.instructions)
        return bricks, len(info.instructions), info.bytes, info.arena_bytes

    with_it, without_it = figures(ALL), figures(ALL - engine.PASSES[name])
    assert with_it != without_it
    assert any(a < b for a, b in zip(with_it, without_it))
