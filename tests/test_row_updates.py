"""Tables whose rows are looked up: SGD updates those alone, with the bits of the whole update."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from recorded import ALL, Recorded, bits, bricks

import pylego as keras
from pylego import GradientTape, Variable, config, layers, ops, optimizers
from pylego.core.tensor import Tensor, apply
from pylego.optimizers import Optimizer

ROWS = 500
INDICES = np.array([[3, 3, 0], [49, 7, 3], [-1, 7, 0]], np.int32)


@pytest.fixture
def _same_threads_afterwards():
    count = config.num_threads()
    yield
    config.set_num_threads(count)


def numbers(*shape: int, dtype: str = "float32") -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype(dtype)


def step(table: Variable, rate: Any, write: Callable | None = None) -> Callable:
    """A step of a user's own loop: w -= rate g of what was looked up."""

    def run(indices: Tensor, targets: Tensor) -> list[Tensor]:
        with GradientTape() as tape:
            loss = ops.sum(ops.square(ops.take(table, indices, axis=0) - targets))
        gradient = tape.gradient(loss, table)
        (write or table.assign_sub)(gradient * rate)
        return [loss, table.value + 0.0]

    return run


def seen(numbers: np.ndarray, rate: float, width: tuple[int, ...], passes: int | None) -> list:
    """Results of three steps, eager (passes is None) or recorded, and the bricks."""
    table = Variable(numbers)
    inputs = [ops.convert_to_tensor(INDICES), ops.ones((*INDICES.shape, *width), numbers.dtype)]
    function: Any = step(table, ops.convert_to_tensor(np.array(rate, numbers.dtype)))
    names: list = []
    if passes is not None:
        function = Recorded(function, inputs, passes)
        names = bricks(function)
    return [bits([*function(*inputs), table]) for _ in range(3)], names


# ---- the bits are those of the whole update -------------------------------------------------


@pytest.mark.parametrize("width", [(), (1,), (5,), (64,), (100,), (3, 4)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rate", [0.1, 0.0, -0.1, np.inf, np.nan])
def test_rows_have_the_bits_of_the_whole_update(width: tuple, dtype: str, rate: float) -> None:
    table = numbers(ROWS, *width, dtype=dtype)
    table[5:8] = -0.0
    table[9] = np.nan
    table[10] = np.inf
    recorded, names = seen(table, rate, width, ALL)
    assert ["subtract_rows"] in names
    assert not any("scatter_add" in ops for ops in names)
    assert recorded == seen(table, rate, width, None)[0]
    assert recorded == seen(table, rate, width, 0)[0]


@pytest.mark.usefixtures("_same_threads_afterwards")
def test_bits_do_not_depend_on_threads() -> None:
    rng = np.random.default_rng(1)
    indices = ops.convert_to_tensor(rng.integers(0, 5000, (300, 20)))
    targets = ops.convert_to_tensor(numbers(300, 20, 70))
    found = []
    for count in (1, 2, 4):
        config.set_num_threads(count)
        table = Variable(np.zeros((5000, 70), np.float32))
        recorded = Recorded(step(table, ops.convert_to_tensor(0.1)), [indices, targets], ALL)
        found.append([bits([*recorded(indices, targets), table]) for _ in range(2)])
    assert found[0] == found[1] == found[2]


def test_an_index_outside_is_refused_and_nothing_is_written() -> None:
    table = Variable(np.ones((2, 3), np.float32))

    def run(indices: Tensor, updates: Tensor) -> list[Tensor]:
        apply_rows(table, indices, updates)
        return []

    inputs = [ops.convert_to_tensor([0, 5]), ops.ones((2, 3))]
    with pytest.raises(IndexError, match="index 5 at position"):
        run(*inputs)
    assert (table.numpy() == 1).all()


def apply_rows(table: Variable, indices: Tensor, updates: Tensor) -> None:
    apply("subtract_rows", (table, table, ops.convert_to_tensor(0.5), indices, updates))


# ---- where the pass may not work, or does not pay -------------------------------------------


def names_of(function: Callable, table: Variable) -> list[list[str]]:
    inputs = [ops.convert_to_tensor(INDICES), ops.ones((*INDICES.shape, *table.shape[1:]))]
    first = table.numpy().copy()
    now = [bits([*function(*inputs), table]) for _ in range(2)]
    table.assign(first)
    recorded = Recorded(function, inputs, ALL)
    table.assign(first)
    assert [bits([*recorded(*inputs), table]) for _ in range(2)] == now
    return bricks(recorded)


@pytest.mark.parametrize(("rows", "pays"), [(50, False), (72, True)])
def test_a_short_table_is_updated_as_a_whole(rows: int, pays: bool) -> None:
    table = Variable(numbers(rows, 2))
    assert (["subtract_rows"] in names_of(step(table, 0.1), table)) == pays


def test_another_variable_is_written_as_a_whole() -> None:
    table, other = (Variable(numbers(ROWS, 4)) for _ in range(2))
    write = lambda change: other.assign(table - change)  # noqa: E731
    assert ["subtract_rows"] not in names_of(step(table, 0.1, write), table)


def test_a_table_that_changes_in_between_is_written_as_a_whole() -> None:
    table = Variable(numbers(ROWS, 4))

    def write(change: Tensor) -> None:
        former = table - change
        table.assign(ops.zeros((ROWS, 4)))
        table.assign(former + 0.0 * table)

    assert ["subtract_rows"] not in names_of(step(table, 0.1, write), table)


def test_a_rate_that_changes_in_between_is_read_before() -> None:
    table, rate = Variable(numbers(ROWS, 4)), Variable(0.1)

    def write(change: Tensor) -> None:
        after = table - change
        rate.assign(5.0)
        table.assign(after)
        rate.assign(0.1)

    assert ["subtract_rows"] not in names_of(step(table, rate, write), table)


def test_a_gradient_that_is_read_elsewhere_is_made() -> None:
    table, norm = Variable(numbers(ROWS, 4)), Variable(0.0)

    def write(change: Tensor) -> None:
        norm.assign(ops.sum(ops.square(change)))
        table.assign_sub(change)

    assert ["subtract_rows"] not in names_of(step(table, 0.1, write), table)


def test_a_new_table_that_is_read_elsewhere_is_made() -> None:
    table, total = Variable(numbers(ROWS, 4)), Variable(0.0)

    def write(change: Tensor) -> None:
        after = table - change
        table.assign(after)
        total.assign(ops.sum(ops.exp(after)))

    assert ["subtract_rows"] not in names_of(step(table, 0.1, write), table)


# ---- models ---------------------------------------------------------------------------------


def trained(optimizer: Optimizer, is_eager: bool = False, **table: Any) -> keras.Model:
    keras.utils.set_random_seed(0)
    embedding = layers.Embedding(ROWS, 4, **table)
    model = keras.Sequential(
        [keras.Input((3,)), embedding, layers.Flatten(), layers.Dense(1, name="last")]
    )
    model.compile(optimizer, "mse", run_eagerly=is_eager)
    x = np.abs(np.tile(INDICES, (4, 1)))
    model.fit(x, numbers(len(x), 1), batch_size=4, epochs=2, verbose=0)
    return model


def updates_rows(model: keras.Model) -> bool:
    instructions = model.program().info.instructions
    return any(op.brick.name == "subtract_rows" for step in instructions for op in step.ops)


SETTINGS: dict[str, dict] = {
    "plain": {},
    "weight_decay": {"weight_decay": 0.1},
    "clipnorm": {"clipnorm": 0.01},
    "clipvalue": {"clipvalue": 0.01},
    "global_clipnorm": {"global_clipnorm": 0.01},
    "use_ema": {"use_ema": True},
    "accumulation": {"gradient_accumulation_steps": 2},
    "momentum": {"momentum": 0.9},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_sgd_updates_only_rows_where_that_is_all_it_does(name: str) -> None:
    model, eager = (trained(optimizers.SGD(0.1, **SETTINGS[name]), e) for e in (False, True))
    assert updates_rows(model) == (name in ("plain", "weight_decay", "use_ema"))
    assert [w.tobytes() for w in model.get_weights()] == [w.tobytes() for w in eager.get_weights()]


def test_a_regularizer_changes_all_rows() -> None:
    both = [trained(optimizers.SGD(0.1), e, embeddings_regularizer="l2") for e in (False, True)]
    assert not updates_rows(both[0])
    assert both[0].get_weights()[0].tobytes() == both[1].get_weights()[0].tobytes()


@pytest.mark.parametrize("make", [optimizers.Adam, optimizers.RMSprop])
def test_optimizers_whose_means_fade_update_all_rows(make: Callable[[], Optimizer]) -> None:
    assert not updates_rows(trained(make()))


@pytest.mark.parametrize("uses", [1, 2])
def test_a_table_that_is_used_twice_gets_both_gradients(uses: int) -> None:
    def make(is_eager: bool) -> keras.Model:
        keras.utils.set_random_seed(0)
        table = layers.Embedding(ROWS, 4)
        inputs = [keras.Input((3,), dtype="int32") for _ in range(uses)]
        seen = [layers.Flatten()(table(x)) for x in inputs]
        outputs = layers.Dense(1)(layers.Concatenate()([*seen, seen[0]]))
        model = keras.Model(inputs, outputs)
        model.compile(optimizers.SGD(0.1), "mse", run_eagerly=is_eager)
        x = [np.abs(np.roll(INDICES, i)) for i in range(uses)]
        model.fit(x, numbers(3, 1), epochs=3, verbose=0)
        return model

    recorded, eager = make(False), make(True)
    assert updates_rows(recorded) == (uses == 1)
    assert recorded.get_weights()[0].tobytes() == eager.get_weights()[0].tobytes()


def test_a_large_table_costs_what_is_read_of_it() -> None:
    model = keras.Sequential([keras.Input((3,)), layers.Embedding(100_000, 8), layers.Flatten()])
    model.compile(optimizers.SGD(0.1), "mse")
    model.fit(np.abs(INDICES), numbers(3, 24), verbose=0)
    assert updates_rows(model)
    assert model.program().info.arena_bytes < 100_000


# ---- the gradient of a look-up, for all other optimizers ------------------------------------


@pytest.mark.usefixtures("_same_threads_afterwards")
@pytest.mark.parametrize("places", [0, 1, 300])
@pytest.mark.parametrize("outer", [(), (3,)])
@pytest.mark.parametrize("width", [(1,), (5,), (70,), (3, 30)])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "uint8"])
def test_few_rows_among_many(places: int, outer: tuple, width: tuple, dtype: str) -> None:
    rng = np.random.default_rng(2)
    size = 3000
    indices = rng.choice(rng.integers(-size, size, 40), places)
    updates = rng.normal(size=(*outer, places, *width)).astype("float64").astype(dtype)
    expected = np.zeros((*outer, size, *width), "float64" if dtype == "float32" else dtype)
    np.add.at(expected, (slice(None), indices) if outer else indices, updates)
    found = []
    for count in (1, 3):
        config.set_num_threads(count)
        y = apply("scatter_add", (indices, updates), axis=len(outer), size=size)
        found.append(y.numpy())
    assert found[0].tobytes() == found[1].tobytes()
    np.testing.assert_array_equal(found[0], expected.astype(dtype))


def test_an_index_outside_of_many_rows_is_refused() -> None:
    with pytest.raises(IndexError, match="index 3000 at position"):
        apply("scatter_add", (np.array([0, 3000]), np.ones((2, 9))), axis=0, size=3000)
