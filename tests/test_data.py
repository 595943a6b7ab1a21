"""Whatever holds rows of numbers can be trained on, and all of it means the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from pylego import ops, random, utils
from pylego.layers import Dense, Input
from pylego.models import Model, Sequential
from pylego.models.batches import GivenBatches, RandomOrder, RowBatches
from pylego.models.data import Rows, read_rows, weights_of_classes
from pylego.models.epochs import Epochs
from pylego.models.passage import RowPassage, Stretch

X = np.arange(24, dtype=np.float32).reshape(8, 3) % 7
Y = np.array([0, 1, 1, 0, 1, 0, 0, 1], np.float32).reshape(8, 1)


def trained(x: Any, y: Any, **options: Any) -> np.ndarray:
    """What a model knows after an epoch on the data."""
    model = Sequential([Input((3,)), Dense(1, "sigmoid", kernel_initializer="ones")])
    model.compile("sgd", "binary_crossentropy")
    model.fit(x, y, batch_size=4, shuffle=False, verbose=0, **options)
    return model.get_weights()[0]


class Table:
    """What pandas has: to_numpy(), and no way to be indexed by rows."""

    def __init__(self, array: np.ndarray):
        self._array = array

    def to_numpy(self) -> np.ndarray:
        return self._array


def read_only(array: np.ndarray) -> np.ndarray:
    array = array.copy()
    array.flags.writeable = False
    return array


LAYOUTS = {
    "lists": lambda a: a.tolist(),
    "tuples": lambda a: tuple(map(tuple, a.tolist())),
    "lists of NumPy numbers": lambda a: [list(row) for row in a],
    "an array in a list": lambda a: [a],
    "tensor": lambda a: ops.convert_to_tensor(a),
    "table": Table,
    "float64": lambda a: a.astype(np.float64),
    "float16": lambda a: a.astype(np.float16),
    "big-endian": lambda a: a.astype(">f4"),
    "big-endian float64": lambda a: a.astype(">f8"),
    "int64": lambda a: a.astype(np.int64),
    "int8": lambda a: a.astype(np.int8),
    "uint8": lambda a: a.astype(np.uint8),
    "big-endian int16": lambda a: a.astype(">i2"),
    "Fortran": np.asfortranarray,
    "every second row": lambda a: np.repeat(a, 2, axis=0)[::2],
    "backwards": lambda a: a[::-1].copy()[::-1],
    "a slice of columns": lambda a: np.concatenate([a, a], axis=1)[:, : a.shape[1]],
    "read-only": read_only,
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_trains_alike(layout: str) -> None:
    make = LAYOUTS[layout]
    np.testing.assert_array_equal(trained(make(X), make(Y)), trained(X, Y))
    np.testing.assert_array_equal(trained(make(X), Y.astype(bool)), trained(X, Y))


def test_bools_are_numbers() -> None:
    x = X > 3
    np.testing.assert_array_equal(trained(x, Y), trained(x.astype(np.float32), Y))


@pytest.mark.parametrize("shape", [(8,), (8, 1)])
def test_flat_targets_are_lined_up(shape: tuple) -> None:
    np.testing.assert_array_equal(trained(X, Y.reshape(shape)), trained(X, Y))


def test_data_are_left_alone() -> None:
    x, y = X.copy(), Y.copy()
    trained(x, y)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, Y)


# ---- batches --------------------------------------------------------------------------------


def shown(passage: RowPassage | Epochs) -> Iterator[Any]:
    """All batches, one by one."""
    while (piece := passage.piece()) is not None:
        yield piece.first_batch() if isinstance(piece, Stretch) else piece
        passage.advance(1)


@given(rows=st.integers(1, 50), size=st.integers(1, 60), is_shuffled=st.booleans())
def test_a_pass_shows_every_row_once(rows: int, size: int, is_shuffled: bool) -> None:
    data = Rows(np.arange(rows, dtype=np.float32), np.arange(rows, dtype=np.float32) * 2)
    source = RowBatches(data, size, RandomOrder() if is_shuffled else None)
    batches = [(x.numpy(), y.numpy()) for x, y in shown(source.passage())]
    assert len(batches) == source.count
    assert [len(x) for x, _ in batches[:-1]] == [size] * (len(batches) - 1)
    seen = np.concatenate([x for x, _ in batches])
    assert sorted(seen) == data.x.tolist()
    assert is_shuffled or (seen == data.x).all()
    assert all((y == 2 * x).all() for x, y in batches)


def test_the_order_follows_from_the_seed() -> None:
    def orders() -> list:
        utils.set_random_seed(9)
        order = RandomOrder()
        return [order(20).tolist(), order(20).tolist()]

    first = orders()
    assert first == orders()
    assert first[0] != first[1]


def test_the_order_does_not_hang_on_what_else_is_random() -> None:
    orders = []
    for draws in (0, 3):
        utils.set_random_seed(9)
        order = RandomOrder()
        order(20)
        for _ in range(draws):
            random.SeedGenerator()
        orders.append(order(20).tolist())
    assert orders[0] == orders[1]


def generator(count: int = 2) -> Iterator[tuple]:
    for start in range(0, 4 * count, 4):
        yield X[start % 8 : start % 8 + 4], Y[start % 8 : start % 8 + 4]


def test_generators_train_as_arrays_do() -> None:
    model = Sequential([Input((3,)), Dense(1, "sigmoid", kernel_initializer="ones")])
    model.compile("sgd", "binary_crossentropy")
    model.fit(generator(), verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], trained(X, Y))
    weighted = [(X[:4], Y[:4], np.ones(4)), (X[4:], Y[4:], np.ones(4))]
    assert model.evaluate(iter(weighted), verbose=0) == model.evaluate(X, Y, verbose=0)
    outputs = model.predict((x for x, _ in generator()), verbose=0)
    np.testing.assert_array_equal(outputs, model.predict(X, verbose=0))
    history = model.fit(generator(6), steps_per_epoch=3, epochs=2, verbose=0)
    assert history.epoch == [0, 1]


def test_a_generator_for_validation() -> None:
    class Endless:
        def __iter__(self) -> Iterator[tuple]:
            return generator(1000)

    model = Sequential([Input((3,)), Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    options: dict[str, Any] = {"validation_data": Endless(), "validation_steps": 2}
    history = model.fit(X, Y, epochs=2, verbose=0, **options)
    assert len(history.history["val_loss"]) == 2


def test_a_generator_that_ends_too_early() -> None:
    model = Sequential([Input((3,)), Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    with pytest.warns(UserWarning, match="ended after 2 of 3 steps"):
        history = model.fit(generator(), steps_per_epoch=3, epochs=1, verbose=0)
    assert history.epoch == [0]
    with pytest.warns(UserWarning, match="ended after 0 of 1 steps"):
        history = model.fit(generator(1), steps_per_epoch=1, epochs=3, verbose=0)
    assert history.epoch == [0]


@given(count=st.integers(1, 7), steps=st.integers(1, 9))
def test_epochs_of_some_steps_go_on_where_the_last_ended(count: int, steps: int) -> None:
    source = GivenBatches([np.full((1, 1), float(i)) for i in range(count)])
    epochs = Epochs(source, steps)
    seen: list[float] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)
        for _ in range(5):
            epochs.begin()
            seen += [float(batch.item()) for batch in shown(epochs)]
    assert seen == [float(i % count) for i in range(len(seen))]


def test_steps_settle_the_size_of_batches() -> None:
    sizes = []

    class Seen(Sequential):
        def train_step(self, data: Any) -> dict[str, Any]:
            sizes.append(data[0].shape[0])
            return super().train_step(data)

    model = Seen([Input((3,)), Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    model.fit(X, Y, steps_per_epoch=3, verbose=0)
    assert sizes == [3, 3, 2]


# ---- weights --------------------------------------------------------------------------------


def test_weights_of_classes() -> None:
    weights = {0: 2.0, 2: 0.5}
    wanted = [2.0, 1.0, 0.5]
    for y in ([0, 1, 2], [[0], [1], [2]], np.eye(3), [0.0, 1.0, 2.0]):
        assert weights_of_classes(np.asarray(y), weights).tolist() == wanted


def test_sample_weights_of_zero_leave_rows_out() -> None:
    x, y = X.copy(), Y.copy()
    x[5], y[5] = 1e4, 1
    weight = np.ones(8)
    weight[5] = 0
    np.testing.assert_array_equal(
        trained(x, y, sample_weight=weight), trained(X, Y, sample_weight=weight)
    )


# ---- what steps receive ---------------------------------------------------------------------


def test_a_step_receives_what_was_given() -> None:
    lengths: list[int] = []

    class Listening(Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = Dense(1)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

        def train_step(self, data: Any) -> dict[str, Any]:
            lengths.append(len(data) if isinstance(data, tuple) else 1)
            return {"loss": ops.mean(self(utils.unpack_x_y_sample_weight(data)[0]))}

    model = Listening()
    model.compile("sgd", "mse")
    model.fit(X, verbose=0)
    model.fit(X, Y, verbose=0)
    model.fit(X, Y, sample_weight=Y, verbose=0)
    assert lengths == [1, 2, 3]


def test_several_outputs_are_predicted_as_several_arrays() -> None:
    class Two(Model):
        def call(self, inputs: Any) -> Any:
            return {"sum": ops.sum(inputs, axis=1), "parts": (inputs, inputs * 2)}

    outputs = Two().predict(X, batch_size=3, verbose=0)
    np.testing.assert_array_equal(outputs["sum"], X.sum(axis=1))
    np.testing.assert_array_equal(outputs["parts"][1], X * 2)
    outputs["parts"][0][:] = 0  # memory of its own
    assert X.any()


def test_read_rows_copies_only_what_it_must() -> None:
    assert np.shares_memory(read_rows(X).x, X)
    assert read_rows(X.astype(np.float64)).x.dtype == np.float32
    assert read_rows(X, [1] * 8).y.dtype.kind == "i"
