"""Whatever holds rows of numbers can be trained on, and all of it means the same."""

from __future__ import annotations

import copy
import pickle
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from pylego import engine, losses, metrics, ops, random, utils
from pylego.callbacks import EarlyStopping
from pylego.layers import Dense, Input
from pylego.models import Model, Sequential
from pylego.optimizers import SGD
from pylego.training.class_weight import weights_of_classes
from pylego.training.data import LazyRows, Rows, read_rows, warn_of_missing_numbers
from pylego.training.data_adapter import IterableAdapter
from pylego.training.epoch_iterator import EpochIterator
from pylego.training.row_adapter import BatchRange, RowAdapter, RowPass
from pylego.training.row_order import RandomOrder

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


def unaligned(a: np.ndarray) -> np.ndarray:
    memory = np.zeros(a.nbytes + 1, np.uint8)
    moved = memory[1:].view(a.dtype).reshape(a.shape)
    moved[:] = a
    return moved


def far_strides(a: np.ndarray) -> np.ndarray:
    """NumPy lets an axis of length 1 have any stride."""
    strides = [1000 if n == 1 else stride for n, stride in zip(a.shape, a.strides)]
    return np.lib.stride_tricks.as_strided(a, a.shape, strides)


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
    "unaligned": unaligned,
    "far strides of axes of length 1": far_strides,
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


def shown(iterator: RowPass | EpochIterator) -> Iterator[Any]:
    """All batches, one by one."""
    while (upcoming := iterator.peek()) is not None:
        yield upcoming.first_batch() if isinstance(upcoming, BatchRange) else upcoming
        iterator.advance(1)


@given(rows=st.integers(1, 50), size=st.integers(1, 60), is_shuffled=st.booleans())
def test_a_pass_shows_every_row_once(rows: int, size: int, is_shuffled: bool) -> None:
    data = Rows(np.arange(rows, dtype=np.float32), np.arange(rows, dtype=np.float32) * 2)
    adapter = RowAdapter(data, size, RandomOrder() if is_shuffled else None)
    batches = [(x.numpy(), y.numpy()) for x, y in shown(adapter.begin_pass())]
    assert len(batches) == adapter.count
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


def test_the_order_does_not_depend_on_other_random_draws() -> None:
    orders = []
    for draws in (0, 3):
        utils.set_random_seed(9)
        order = RandomOrder()
        order(20)
        for _ in range(draws):
            random.SeedGenerator()
        orders.append(order(20).tolist())
    assert orders[0] == orders[1]


@pytest.mark.parametrize("counts", [[5] * 20, [5, 5, 5, 7, 5, 5], [5000] * 3, [1, 0, 1]])
def test_orders_that_are_drawn_ahead_are_those_of_one_draw_each(counts: list[int]) -> None:
    utils.set_random_seed(9)
    order = RandomOrder()
    found = [order(count).tolist() for count in counts]
    utils.set_random_seed(9)
    seed = random.SeedGenerator()
    assert found == [random.permutation(count, seed).tolist() for count in counts]


def test_a_copy_goes_on_with_the_same_orders() -> None:
    order = RandomOrder()
    for _ in range(3):  # now some are drawn ahead
        order(5)
    twins = [copy.deepcopy(order), pickle.loads(pickle.dumps(order))]
    for count in [5] * 12 + [6] * 3:
        wanted = order(count).tolist()
        assert [twin(count).tolist() for twin in twins] == [wanted] * 2


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


@pytest.mark.parametrize("kind", ["rows", "batches", "generator"])
def test_validation_begins_with_the_first_batch(kind: str) -> None:
    x, y = np.linspace(-1, 1, 36).reshape(12, 3), np.arange(12.0)[:, None]
    batches = [(x[i : i + 4], y[i : i + 4]) for i in range(0, 12, 4)]

    class Batches:
        def __iter__(self) -> Iterator[tuple]:
            return iter(batches)

    shown = {"rows": (x, y), "batches": Batches(), "generator": iter(batches)}[kind]
    model = Sequential([Input((3,)), Dense(1, kernel_initializer="ones")])
    model.compile(SGD(0.0), "mse")
    history = model.fit(
        x, y, batch_size=4, epochs=3, verbose=0, validation_data=shown, validation_steps=1
    ).history["val_loss"]
    losses = [model.evaluate(*batch, verbose=0) for batch in batches]
    assert history == (losses if kind == "generator" else losses[:1] * 3)  # as in Keras


def test_batches_have_a_size() -> None:
    model = Sequential([Input((3,)), Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    with pytest.warns(UserWarning, match="batch_size=2 does not count"):
        model.fit(generator(), batch_size=2, verbose=0)


def test_a_generator_that_ends_too_early() -> None:
    model = Sequential([Input((3,)), Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    with pytest.warns(UserWarning, match="ended after 2 of 3 steps"):
        history = model.fit(generator(), steps_per_epoch=3, epochs=1, verbose=0)
    assert history.epoch == [0]
    with pytest.warns(UserWarning, match="ended after 0 of 1 steps"):
        history = model.fit(generator(1), steps_per_epoch=1, epochs=3, verbose=0)
    assert history.epoch == [0]


def sigmoid_model() -> Sequential:
    model = Sequential([Input((3,)), Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    return model


class Shared:
    """An iterable that gives the same iterator each time: another thing that comes only once."""

    def __init__(self, iterator: Iterator[Any]):
        self._iterator = iterator

    def __iter__(self) -> Iterator[Any]:
        return self._iterator


ONCE: dict[str, Any] = {
    "generator": lambda: generator(4),
    "map": lambda: map(tuple, generator(4)),
    "zip": lambda: zip([X[:4]] * 4, [Y[:4]] * 4),
    "iterator of a list": lambda: iter(list(generator(4))),
    "shared iterator": lambda: Shared(generator(4)),
}


@pytest.mark.parametrize("kind", ONCE)
def test_data_that_end_before_training_does_are_told_once(kind: str) -> None:
    with pytest.warns(UserWarning, match="0 batches of epoch 2: x gave 4 in all") as warned:
        history = sigmoid_model().fit(ONCE[kind](), epochs=5, verbose=0)
    assert history.epoch == [0]
    assert len(warned) == 1
    assert "steps_per_epoch" in str(warned[0].message)
    assert "PyDataset" in str(warned[0].message)
    with pytest.warns(UserWarning, match="1 of 3 steps of epoch 2: x gave 4 in all") as warned:
        history = sigmoid_model().fit(ONCE[kind](), epochs=5, steps_per_epoch=3, verbose=0)
    assert history.epoch == [0, 1]
    assert len(warned) == 1


@pytest.mark.parametrize("kind", ONCE)
def test_validation_data_that_come_only_once_are_told_once(kind: str) -> None:
    stop = EarlyStopping(patience=9)
    options = {"validation_data": ONCE[kind](), "epochs": 6, "verbose": 0, "callbacks": [stop]}
    with pytest.warns(UserWarning, match="epoch 2: validation_data gave 4 in all") as warned:
        history = sigmoid_model().fit(X, Y, **options)
    assert len(warned) == 1
    assert "validation_steps" in str(warned[0].message)
    assert len(history.history["val_loss"]) == 1
    assert history.epoch == list(range(6))


def test_fewer_batches_than_steps_are_told_in_evaluation_and_prediction() -> None:
    model = sigmoid_model()
    with pytest.warns(UserWarning, match="4 of 6 steps: x gave 4 in all"):
        model.evaluate(generator(4), steps=6, verbose=0)
    with pytest.warns(UserWarning, match="4 of 6 steps: x gave 4 in all"):
        model.predict((x for x, _ in generator(4)), steps=6, verbose=0)


def test_rows_that_are_too_few_for_the_steps_are_told_once_and_go_on() -> None:
    with pytest.warns(UserWarning, match="2 of 6 steps of epoch 1.*steps_per_epoch=2") as warned:
        history = sigmoid_model().fit(X, Y, 4, epochs=3, steps_per_epoch=6, verbose=0)
    assert history.epoch == [0, 1, 2]
    assert len(warned) == 1


def test_a_length_that_is_not_kept_is_told() -> None:
    class Boasting:
        def __len__(self) -> int:
            return 10

        def __iter__(self) -> Iterator[Any]:
            return generator(4)

    with pytest.warns(UserWarning, match="4 of 10 steps of epoch 1.*__len__") as warned:
        history = sigmoid_model().fit(Boasting(), epochs=3, verbose=0)
    assert history.epoch == [0, 1, 2]
    assert len(warned) == 1


def test_data_that_begin_again_say_nothing(recwarn: pytest.WarningsRecorder) -> None:
    class Again:
        def __iter__(self) -> Iterator[Any]:
            return generator(4)

    history = sigmoid_model().fit(Again(), epochs=3, validation_data=Again(), verbose=0)
    assert len(history.history["val_loss"]) == 3
    assert not recwarn.list


def test_what_was_used_up_is_no_data() -> None:
    model, batches = sigmoid_model(), generator(2)
    model.fit(batches, verbose=0)
    with pytest.raises(ValueError, match="gone through once, such as a generator"):
        model.fit(batches, verbose=0)


# ---- batches by number ----------------------------------------------------------------------


class Numbered:
    """What Keras calls a PyDataset: it writes down what it is asked for."""

    def __init__(self, count: int = 6):
        self.asked: list[Any] = []
        self.count = count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> Any:
        assert type(number) is int
        self.asked.append(number)
        return X[number : number + 2], Y[number : number + 2]

    def on_epoch_begin(self) -> None:
        self.asked.append("begin")

    def on_epoch_end(self) -> None:
        self.asked.append("end")

    def epochs(self) -> list[list[int]]:
        """What each epoch asked for, without the look at the first batch."""
        parts: list[list[int]] = []
        for asked in self.asked:
            if asked == "begin":
                parts.append([])
            elif asked != "end":
                parts[-1].append(asked)
        assert parts[0].pop(0) == 0
        return parts


def epochs_of(**options: Any) -> list[list[int]]:
    utils.set_random_seed(4)
    batches = Numbered()
    sigmoid_model().fit(batches, epochs=3, verbose=0, **options)
    assert batches.asked.count("begin") == batches.asked.count("end") == 3
    return batches.epochs()


def test_numbered_batches_come_in_a_new_order_each_epoch() -> None:
    first = epochs_of()
    assert first == epochs_of()
    assert all(sorted(epoch) == list(range(6)) for epoch in first)
    assert len({tuple(epoch) for epoch in first}) == 3
    assert epochs_of(shuffle=False) == [list(range(6))] * 3


@pytest.mark.parametrize("steps", [2, 3, 6])
def test_epochs_of_some_steps_see_each_numbered_batch_once_a_pass(steps: int) -> None:
    epochs = epochs_of(steps_per_epoch=steps)
    assert [len(epoch) for epoch in epochs] == [steps] * 3
    seen = [number for epoch in epochs for number in epoch]
    passes = [seen[start : start + 6] for start in range(0, len(seen), 6)]
    assert all(len(set(one)) == len(one) for one in passes)
    assert seen != sorted(seen)
    epochs = epochs_of(steps_per_epoch=steps, shuffle=False)
    in_order = [number for epoch in epochs for number in epoch]
    assert in_order == [place % 6 for place in range(3 * steps)]


def test_more_steps_than_numbered_batches_begin_another_pass() -> None:
    batches = Numbered(2)
    sigmoid_model().fit(batches, steps_per_epoch=5, epochs=2, shuffle=False, verbose=0)
    first = ["begin", 0, 0, 1, "end", 0, 1, "end", 0, "end"]
    assert batches.asked == [*first, "begin", 1, "end", 0, 1, "end", 0, 1, "end"]


def test_numbered_batches_are_evaluated_and_predicted_in_order() -> None:
    model, batches = sigmoid_model(), Numbered()
    model.evaluate(batches, verbose=0)
    assert batches.asked == ["begin", 0, *range(6), "end"]
    batches.asked.clear()
    model.predict(batches, verbose=0)
    assert batches.asked == ["begin", *range(6), "end"]
    model.fit(X, Y, validation_data=batches, epochs=2, verbose=0)
    assert batches.asked[-8:] == ["begin", *range(6), "end"]


def test_what_an_epoch_begins_with_is_there_at_the_first_look() -> None:
    class Late(Numbered):
        def on_epoch_begin(self) -> None:
            super().on_epoch_begin()
            self.is_ready = True

        def __getitem__(self, number: int) -> Any:
            assert self.is_ready
            return super().__getitem__(number)

    batches = Late()
    sigmoid_model().fit(batches, epochs=2, verbose=0)
    assert batches.asked.count("begin") == batches.asked.count("end") == 2


def test_numbered_batches_may_change_their_number_between_epochs() -> None:
    class Growing(Numbered):
        def on_epoch_end(self) -> None:
            super().on_epoch_end()
            self.count -= 1

    batches = Growing()
    sigmoid_model().fit(batches, epochs=2, verbose=0, shuffle=False)
    assert batches.epochs() == [list(range(6)), list(range(5))]


@given(count=st.integers(1, 7), steps=st.integers(1, 9))
def test_epochs_of_some_steps_go_on_where_the_last_ended(count: int, steps: int) -> None:
    adapter = IterableAdapter([np.full((1, 1), float(i)) for i in range(count)])
    epochs = EpochIterator(adapter, steps)
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


LABELS: dict[str, Any] = {
    "integers": np.array([0, 1, 1, 0, 1, 0, 0, 1]),
    "floats": Y[:, 0],
    "a column": Y,
    "truths": Y[:, 0] > 0,
    "small integers": Y.astype("uint8"),
    "a list": Y[:, 0].tolist(),
}


@pytest.mark.parametrize("kind", LABELS)
def test_what_unique_gives_are_keys_of_class_weight(kind: str) -> None:
    y = LABELS[kind]
    wanted = trained(X, Y, class_weight={0: 1.0, 1: 3.0})
    weights = dict(zip(np.unique(y), [1.0, 3.0]))
    np.testing.assert_array_equal(trained(X, y, class_weight=weights), wanted)
    by_float = {0.0: np.float32(1), 1.0: 3}
    np.testing.assert_array_equal(trained(X, y, class_weight=by_float), wanted)
    np.testing.assert_array_equal(trained(X, y, class_weight={np.int8(1): 3}), wanted)


@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("key", [2, -1, 7.0, np.int64(5)])
def test_a_weight_of_no_class_is_refused(kind: str, key: Any) -> None:
    with pytest.raises(ValueError, match=f"key {int(key)}, which is not a class.* are 0, 1"):
        trained(X, LABELS[kind], class_weight={0: 1.0, key: 3.0})


def test_the_classes_of_one_hot_rows_are_their_columns() -> None:
    y = np.eye(3, dtype="float32")[[0, 1, 1, 0, 1, 0, 0, 1]]
    model = Sequential([Input((3,)), Dense(3, "softmax")])
    model.compile("sgd", "categorical_crossentropy")
    model.fit(X, y, class_weight={0: 1.0, 2: 3.0}, verbose=0)
    for data in ((X, y), ([(X, y)],), (iter([(X, y)]),)):
        data = (iter(data[0]),) if isinstance(data[0], list) else data
        with pytest.raises(ValueError, match=r"key 3, .* are 0, 1, 2"):
            model.fit(*data, class_weight={3: 1.0}, verbose=0)


def test_a_class_may_be_among_the_rows_that_are_held_back() -> None:
    y = np.array([0, 0, 1, 1, 0, 1, 2, 2])
    model = Sequential([Input((3,)), Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    options: dict[str, Any] = {"validation_split": 0.25, "verbose": 0}
    model.fit(X, y, class_weight={0: 1.0, 2: 3.0}, **options)
    with pytest.raises(ValueError, match=r"key 3, .* are 0, 1, 2"):
        model.fit(X, y, class_weight={3: 1.0}, **options)
    model.train_on_batch(X[:2], y[:2], class_weight={0: 1.0, 2: 3.0})  # one batch has not all


@pytest.mark.parametrize("key", ["1", "cat", 0.5, np.nan, None, (1,)])
def test_keys_of_class_weight_are_numbers(key: Any) -> None:
    with pytest.raises(TypeError, match="keys of class_weight are numbers of classes"):
        trained(X, Y, class_weight={key: 1.0})


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


# ---- sparse matrices ------------------------------------------------------------------------

FORMATS = ["csr_matrix", "csc_matrix", "coo_matrix", "lil_matrix", "dok_matrix", "csr_array"]


def numbers_of(x: Any, y: Any, **options: Any) -> list[Any]:
    """All that comes out of training, evaluation and prediction."""
    utils.set_random_seed(2)
    model = Sequential([Input((3,)), Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y, batch_size=3, epochs=2, verbose=0, **options).history
    first = x[:4] if hasattr(x, "__array__") else x.tocsr()[:4]
    on_batches = [model.train_on_batch(first, y[:4]), model.test_on_batch(first, y[:4])]
    outputs = [model.predict(x, batch_size=3, verbose=0), model.predict_on_batch(x)]
    return [
        history, model.evaluate(x, y, verbose=0), on_batches,
        [output.tolist() for output in outputs], model.predict(x, verbose=0).tolist(),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"shuffle": False},
        {"validation_split": 0.25},
        {"sample_weight": np.arange(8.0)},
        {"class_weight": {0: 1.0, 1: 3.0}},
        {"steps_per_epoch": 2},
    ],
    ids=str,
)
def test_sparse_rows_train_as_dense_ones(kind: str, options: dict[str, Any]) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    x = getattr(sparse, kind)(X)
    assert numbers_of(x, Y, **options) == numbers_of(X, Y, **options)
    given = {"validation_data": (x, Y), **options}
    dense = {"validation_data": (X, Y), **options}
    if "validation_split" not in options:
        assert numbers_of(x, Y, **given) == numbers_of(X, Y, **dense)


def test_sparse_batches_of_a_generator_and_sparse_targets() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    model = sigmoid_model()
    batches = [(sparse.csr_matrix(x), y) for x, y in generator()]
    assert model.evaluate(iter(batches), verbose=0) == model.evaluate(generator(), verbose=0)
    assert model.evaluate(X, sparse.csr_matrix(Y), verbose=0) == model.evaluate(X, Y, verbose=0)
    integers = sparse.csr_matrix(X.astype("int64"))
    np.testing.assert_array_equal(
        model.predict(integers, verbose=0), model.predict(X.astype("int64"), verbose=0)
    )


def test_a_sparse_matrix_is_never_dense_as_a_whole() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    rows, columns = 100_000, 2_000  # 800 MB, if it were dense
    x = sparse.csr_matrix(([1.0], ([5], [7])), shape=(rows, columns), dtype="float32")
    model = Sequential([Input((columns,)), Dense(1)])
    model.compile("sgd", "mse")
    tracemalloc.start()
    used = engine.memory_used()
    options: dict[str, Any] = {"batch_size": 1000, "verbose": 0}
    model.fit(x, np.zeros(rows), steps_per_epoch=4, validation_split=0.1, **options)
    model.predict(x[:9000], **options)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60e6
    assert engine.memory_used() < used + 60e6


def test_sparse_rows_must_fit_the_targets() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(ValueError, match=r"x 8 \(shape \(8, 3\)\), y 5"):
        sigmoid_model().fit(sparse.csr_matrix(X), Y[:5], verbose=0)
    with pytest.raises(ValueError, match="no rows"):
        sigmoid_model().fit(sparse.csr_matrix((0, 3)), Y[:0], verbose=0)


# ---- labels that are none -------------------------------------------------------------------

BAD_LABELS = {np.nan: "NaN", 2.5: "not a whole number", np.inf: "not a whole number"}


def classifier(run_eagerly: bool) -> Sequential:
    model = Sequential([Input((3,)), Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=run_eagerly)
    return model


@pytest.mark.filterwarnings("ignore:y.*training on it makes")
@pytest.mark.parametrize("run_eagerly", [False, True])
@pytest.mark.parametrize("label", BAD_LABELS)
@pytest.mark.parametrize("what", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_labels_that_are_no_numbers_are_named_with_their_row(
    what: str, label: float, run_eagerly: bool
) -> None:
    y = np.array([0, 1, 2, 1, 0, 2, label, 1])
    for targets in (y, y[:, None]):
        arguments = {} if "batch" in what else {"verbose": 0, "batch_size": 4}
        sentence = rf"y\[6.*\] is {label}, which is not a class: "
        with pytest.raises(IndexError, match=sentence) as told:
            getattr(classifier(run_eagerly), what)(X, targets, **arguments)
        assert "label -" not in str(told.value)


@pytest.mark.parametrize("label", BAD_LABELS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("ignored", [None, -1])
def test_losses_say_what_a_label_is(label: float, dtype: str, ignored: int | None) -> None:
    y, outputs = np.array([0, 1, label], dtype), np.full((3, 3), 1 / 3, "float32")
    loss = losses.SparseCategoricalCrossentropy(ignore_class=ignored)
    with pytest.raises(IndexError, match=rf"label at \(2,\) is {BAD_LABELS[label]}"):
        loss(y, outputs)
    with pytest.raises(IndexError, match=rf"label at \(2,\) is {BAD_LABELS[label]}"):
        ops.sparse_categorical_crossentropy(y, outputs)
    with pytest.raises(IndexError, match="label -1"):
        ops.sparse_categorical_crossentropy([0, -1, 1], outputs)
    metric = metrics.SparseCategoricalAccuracy()
    assert float(metric(y, outputs)) == pytest.approx(1 / 3)


@pytest.mark.filterwarnings("ignore:y.*training on it makes")
def test_validation_labels_that_are_none_are_not_looked_for_in_y() -> None:
    y = np.array([0.0, 1, 2, 1, 0, 2, 0, 1])
    bad = np.where(np.arange(8) == 3, np.nan, y)
    with pytest.raises(IndexError, match=r"^validation_data: y\[3\] is nan, which is not a class"):
        classifier(False).fit(X, y, validation_data=(X, bad), verbose=0)


@pytest.mark.parametrize("kind", ["generator", "numbered", "numbered with steps"])
def test_weights_of_classes_that_no_batch_of_a_pass_has_are_warned_of_once(kind: str) -> None:
    class Numbered:
        def __len__(self) -> int:
            return 2

        def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
            return np.ones((4, 3), "float32"), np.array([number] * 4)

    model = Sequential([Dense(1, "sigmoid", input_shape=(3,))])
    model.compile("sgd", "binary_crossentropy")
    batches = Numbered()
    data = (batches[i] for i in range(2)) if kind == "generator" else batches
    steps = 5 if kind == "numbered with steps" else None
    with pytest.warns(UserWarning, match=r"the key 7, but .* the classes are 0, 1$") as caught:
        model.fit(
            data,
            class_weight={0: 1, 1: 2, 7: 3},
            epochs=1 if kind == "generator" else 3,
            steps_per_epoch=steps,
            verbose=0,
        )
    assert len(caught) == 1


def test_weights_of_classes_are_finite() -> None:
    model = Sequential([Dense(1, "sigmoid", input_shape=(3,))])
    model.compile("sgd", "binary_crossentropy")
    with pytest.raises(ValueError, match="the weight of class 0 is inf"):
        model.fit(np.ones((2, 3)), np.array([0, 1]), class_weight={0: np.inf}, verbose=0)


# ---- files that are larger than memory ------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", ">f4", "uint8"])
@pytest.mark.parametrize("cut", [slice(None), slice(1, None, 2)], ids=str)
def test_mapped_files_are_read_a_batch_at_a_time(dtype: str, cut: slice, tmp_path: Path) -> None:
    """The same training as on an array, and no copy of the whole file."""
    rng = np.random.default_rng(0)
    mapped = np.memmap(tmp_path / "x.dat", dtype, "w+", shape=(64, 3))
    mapped[:] = rng.integers(0, 5, mapped.shape)
    x, y = mapped[cut], rng.normal(size=(64, 1))[cut]
    trained = []
    for data in (x, np.array(x, "uint8" if dtype == "uint8" else "float32")):
        utils.set_random_seed(1)
        model = Sequential([Input((3,)), Dense(1)])
        model.compile("sgd", "mse")
        history = model.fit(data, y, batch_size=10, epochs=2, validation_split=0.25, verbose=0)
        judged = [model.evaluate(data, y, verbose=0), *model.predict(data, verbose=0)]
        trained.append([*history.history.values(), *model.get_weights(), *judged])
    for mapped_one, array_one in zip(*trained):
        np.testing.assert_array_equal(mapped_one, array_one)
    rows = read_rows(x, y).x
    shares = rows._mapped if isinstance(rows, LazyRows) else rows  # type: ignore[attr-defined]
    assert np.shares_memory(shares, mapped)


def test_missing_numbers_of_files_are_not_looked_for(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    """A file is not read once more before training begins."""
    mapped = np.memmap(tmp_path / "x.dat", "float32", "w+", shape=(8, 1))
    mapped[:] = np.nan
    warn_of_missing_numbers(read_rows(mapped[2:], np.ones((6, 1))))
    assert not recwarn.list
