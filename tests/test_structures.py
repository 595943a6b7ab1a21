"""Inputs, targets and weights in dictionaries, lists and tuples go through all of training."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load

from pylego import initializers, ops, optimizers, utils
from pylego.callbacks import LambdaCallback
from pylego.core.tree import leaves, map_leaves, outline
from pylego.layers import Dense, Input
from pylego.models import Model, Sequential
from pylego.training.data import read_rows
from pylego.utils.dataset import MappedDataset

GOLDEN = load("structures")
TABLES = {name: array(table) for name, table in GOLDEN["data"].items()}


class TwoHeads(Model):
    """The network of tests/golden/areas/structures.py."""

    def __init__(self, is_named: bool = True):
        super().__init__()
        self.is_named = is_named
        self.hidden = Dense(3, "tanh", kernel_initializer=initializers.Constant(0.3))
        self.number = Dense(1, kernel_initializer=initializers.Constant(-0.2))
        self.pair = Dense(2, kernel_initializer=initializers.Constant(0.1))

    def call(self, inputs: Any) -> Any:
        a, b = (inputs["a"], inputs["more"][0]) if self.is_named else inputs
        hidden = self.hidden(a) + self.hidden(b * 2)
        number, pair = self.number(hidden), self.pair(hidden)
        return {"number": number, "pair": (pair,)} if self.is_named else [number, pair]

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        near = self._parts(y_pred)
        far = [ops.mean(ops.square(a - b), axis=-1) for a, b in zip(self._parts(y), near)]
        weights = [None, None] if sample_weight is None else self._parts(sample_weight)
        weighted = [x if weight is None else x * weight for x, weight in zip(far, weights)]
        return ops.mean(weighted[0]) + ops.mean(weighted[1])

    def _parts(self, outputs: Any) -> Any:
        return (outputs["number"], outputs["pair"][0]) if self.is_named else outputs


def arranged(is_named: bool) -> tuple[Any, Any, Any]:
    """Inputs, targets and weights in their structures."""
    t = TABLES
    weights = t["weight_of_number"], t["weight_of_pair"]
    if not is_named:
        return [t["a"], t["b"]], [t["number"], t["pair"]], list(weights)
    return (
        {"a": t["a"], "more": (t["b"],)},
        {"number": t["number"], "pair": (t["pair"],)},
        {"number": weights[0], "pair": (weights[1],)},
    )


NAMED = arranged(True)


def compiled(is_named: bool = True, run_eagerly: bool = False) -> TwoHeads:
    utils.set_random_seed(2)
    model = TwoHeads(is_named)
    model.compile(optimizers.SGD(0.1), run_eagerly=run_eagerly)
    return model


def close(ours: Any, golden: Any) -> None:
    assert outline(map_leaves(np.asarray, ours)) == outline(ours)
    for one, wanted in zip(leaves(ours), _arrays(golden)):
        expect_close(one, wanted, rtol=3e-5, atol=2e-6)


def _arrays(golden: Any) -> list[Any]:
    """The arrays in what JSON made of outputs: nested lists are arrays, but for the outermost."""
    if isinstance(golden, dict):
        return [golden["number"], golden["pair"][0]]
    return golden


@pytest.mark.filterwarnings("ignore:The data ended")
@pytest.mark.parametrize("run_eagerly", [False, True])
@pytest.mark.parametrize("name", GOLDEN["scenarios"])
def test_structures_give_keras_numbers(name: str, run_eagerly: bool) -> None:
    scenario = GOLDEN["scenarios"][name]
    x, y, weights = arranged(scenario["is_named"])
    given = {"sample_weight": weights} if scenario["is_weighted"] else {}
    model = compiled(scenario["is_named"], run_eagerly)
    options = {"epochs": 3, "shuffle": False, "verbose": 0, **given, **scenario["fit"]}
    history = model.fit(x, y, **options).history
    assert list(history) == list(scenario["history"])
    for key, wanted in scenario["history"].items():
        expect_close(history[key], wanted, rtol=2e-5)
    evaluated = model.evaluate(x, y, batch_size=4, verbose=0, return_dict=True, **given)
    assert evaluated == pytest.approx(scenario["evaluate"], rel=3e-5)
    close(model.predict(x, batch_size=4, verbose=0), scenario["predict"])
    after = model.train_on_batch(x, y, return_dict=True)
    assert after == pytest.approx(scenario["train_on_batch"], rel=3e-5)
    close(model.predict_on_batch(x), scenario["predict_on_batch"])


# ---- all kinds of data ----------------------------------------------------------------------


class Table:
    """What pandas has."""

    def __init__(self, table: np.ndarray):
        self._table = table
        self.shape = table.shape

    def to_numpy(self) -> np.ndarray:
        return self._table


class Numbered:
    """Batches by number, as those of a PyDataset."""

    def __init__(self, size: int = 4):
        self._size = size

    def __len__(self) -> int:
        return -(-10 // self._size)

    def __getitem__(self, number: int) -> Any:
        places = slice(self._size * number, self._size * (number + 1))
        return map_leaves(lambda table: table[places], NAMED)


class Again:
    """An iterable that begins again with each epoch."""

    def __init__(self, size: int = 4):
        self._batches = Numbered(size)

    def __iter__(self) -> Iterator[Any]:
        return (self._batches[number] for number in range(len(self._batches)))


SOURCES: dict[str, Callable[[], Any]] = {
    "arrays": lambda: NAMED,
    "tensors": lambda: map_leaves(ops.convert_to_tensor, NAMED),
    "tables": lambda: map_leaves(Table, NAMED),
    "Fortran": lambda: map_leaves(np.asfortranarray, NAMED),
    "numbered": Numbered,
    "iterable": Again,
    "a dataset of rows": lambda: MappedDataset(Again(1), lambda *rows: rows).unbatch().batch(4),
}


def trained_on(source: Any, run_eagerly: bool = False, is_named: bool = True) -> list[bytes]:
    """The bits of weights, logs and evaluation."""
    model = compiled(is_named, run_eagerly)
    options: dict[str, Any] = {"epochs": 2, "shuffle": False, "verbose": 0}
    if isinstance(source, tuple):
        x, y, weights = source
        history = model.fit(x, y, sample_weight=weights, batch_size=4, **options)
        found = model.evaluate(x, y, sample_weight=weights, batch_size=4, verbose=0)
    else:
        history = model.fit(source, **options)
        found = model.evaluate(source, verbose=0)
    return [*(w.tobytes() for w in model.get_weights()), repr((history.history, found)).encode()]


@pytest.mark.parametrize("run_eagerly", [False, True])
@pytest.mark.parametrize("kind", SOURCES)
def test_every_kind_of_data_trains_alike(kind: str, run_eagerly: bool) -> None:
    assert trained_on(SOURCES[kind](), run_eagerly) == trained_on(NAMED)


def test_shuffled_structures_keep_their_rows_together() -> None:
    seen: list[Any] = []

    class Seen(TwoHeads):
        def train_step(self, data: Any) -> dict[str, Any]:
            seen.append(map_leaves(np.asarray, data))
            return super().train_step(data)

    model = Seen()
    model.compile(optimizers.SGD(0.1), run_eagerly=True)
    x, y, weights = NAMED
    model.fit(x, y, sample_weight=weights, batch_size=4, verbose=0)
    whole = map_leaves(lambda *_: None, seen[0])
    assert outline(whole) == outline(map_leaves(lambda _: None, NAMED))
    columns = [np.concatenate(parts) for parts in zip(*map(leaves, seen))]
    order = [TABLES["a"].tolist().index(row) for row in columns[0].tolist()]
    assert sorted(order) == list(range(10)) != order
    for column, table in zip(columns, leaves(NAMED)):
        np.testing.assert_array_equal(column, table[order])


def test_validation_data_are_structures() -> None:
    x, y, weights = NAMED
    model = compiled()
    wanted = compiled()
    history = model.fit(x, y, verbose=0, shuffle=False, validation_data=(x, y, weights)).history
    wanted.fit(x, y, verbose=0, shuffle=False)
    found = wanted.evaluate(x, y, sample_weight=weights, verbose=0)
    assert history["val_loss"] == [found]


def test_an_output_may_go_without_weights() -> None:
    x, y, weights = arranged(False)
    ones = np.ones(10, "float32")
    for some, all_of_them in (([weights[0], None], [weights[0], ones]), ([None, ones], [ones] * 2)):
        wanted = trained_on((x, y, all_of_them), is_named=False)
        assert trained_on((x, y, some), is_named=False) == wanted
        assert trained_on((x, y, some), is_named=False, run_eagerly=True) == wanted


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_predictions_come_as_the_model_gives_them(run_eagerly: bool) -> None:
    model = compiled(run_eagerly=run_eagerly)
    x = NAMED[0]
    whole = model.predict(x, verbose=0)
    assert type(whole["pair"]) is tuple
    assert whole["number"].shape, whole["pair"][0].shape == ((10, 1), (10, 2))
    outputs: list[Any] = []
    watch = LambdaCallback(on_predict_batch_end=lambda batch, logs: outputs.append(logs["outputs"]))
    ways = [
        model.predict(x, batch_size=3, verbose=0),
        model.predict(x, batch_size=3, verbose=0, callbacks=[watch]),
        model.predict((rows[0] for rows in Again(3)), verbose=0),
    ]
    assert [outline(one) for one in outputs] == [outline(whole)] * 4
    for way in ways:
        assert outline(way) == outline(whole)
        for one, other in zip(leaves(way), leaves(whole)):
            np.testing.assert_array_equal(one, other)


def test_structures_of_equal_layouts_do_not_share_a_program() -> None:
    class Which(Model):
        def call(self, inputs: Any) -> Any:
            return inputs["a"] if "a" in inputs else inputs["b"] * 10

    model, ones = Which(), np.ones((2, 1), "float32")
    assert model.predict({"a": ones}, verbose=0).tolist() == [[1], [1]]
    assert model.predict({"b": ones}, verbose=0).tolist() == [[10], [10]]
    assert model.predict({"a": ones}, verbose=0).tolist() == [[1], [1]]


# ---- mistakes -------------------------------------------------------------------------------


def test_which_table_does_not_fit_is_named() -> None:
    x, y, _ = NAMED
    with pytest.raises(ValueError, match=r"x\['more'\]\[0\] 5 .*y\['pair'\]\[0\] 10"):
        compiled().fit({"a": x["a"][:5], "more": (x["more"][0][:5],)}, y, verbose=0)
    with pytest.raises(TypeError, match=r"x\['a'\]: .*Python objects"):
        compiled().fit({**x, "a": np.array([object()] * 10)}, y, verbose=0)
    with pytest.raises(TypeError, match=r"y\['number'\]: it holds text.*np\.unique"):
        compiled().fit(x, {**y, "number": np.array(["cat"] * 10)}, verbose=0)
    broken = np.where(np.arange(30).reshape(10, 3) == 10, np.nan, x["more"][0])
    with pytest.warns(UserWarning, match=r"x\['more'\]\[0\]\[3, 1\] is nan \(row 3, column 1\)"):
        compiled().fit({**x, "more": (broken,)}, y, verbose=0)


def test_class_weight_is_for_one_output() -> None:
    x, y, _ = NAMED
    with pytest.raises(ValueError, match=r"models of one output.*sample_weight="):
        compiled().fit(x, y, class_weight={0: 1.0}, verbose=0)
    with pytest.raises(ValueError, match=r"models of one output.*sample_weight="):
        compiled().train_on_batch(x, y, class_weight={0: 1.0})


def test_no_rows_are_refused_with_all_shapes() -> None:
    x, y, _ = NAMED
    none = map_leaves(lambda table: table[:0], (x, y))
    with pytest.raises(ValueError, match=r"x has shape \{'a': \(0, 3\), 'more': \(\(0, 3\),\)\}"):
        compiled().fit(*none, verbose=0)


def test_a_stack_of_layers_takes_one_table() -> None:
    stack = Sequential([Input((3,)), Dense(1)])
    stack.compile("sgd", "mse")
    x, y = TABLES["a"], TABLES["number"]
    for method in (stack.fit, stack.evaluate, stack.train_on_batch, stack.test_on_batch):
        with pytest.raises(ValueError, match=r"x is a dictionary \('a'\).*column_stack"):
            method({"a": x}, y)
        with pytest.raises(ValueError, match="y is a list of 2 arrays"):
            method(x, [y, y])
    for method in (stack.predict, stack.predict_on_batch):
        with pytest.raises(ValueError, match="x is a list of 2 arrays"):
            method([x, x])
    with pytest.raises(ValueError, match="x is a dictionary"):
        stack.fit(iter([({"a": x}, y)]), verbose=0)
    with pytest.raises(ValueError, match="x is a dictionary"):
        stack.fit(x, y, validation_data=({"a": x}, y), verbose=0)


# ---- what is a structure --------------------------------------------------------------------

ONE = np.ones((2, 3), "float32")
STRUCTURES: dict[str, tuple[Any, Any]] = {
    "rows in lists": ([[1.0, 2.0], [3.0, 4.0]], (2, 2)),
    "a list of one array": ([ONE], (2, 3)),
    "arrays": ([ONE, ONE], [(2, 3), (2, 3)]),
    "a tuple of arrays": ((ONE, ONE), ((2, 3), (2, 3))),
    "lists in a list": ([[ONE, ONE], ONE], [[(2, 3), (2, 3)], (2, 3)]),
    "rows of arrays": ([[ONE, ONE], [ONE, ONE]], (2, 2, 2, 3)),
    "numbers of NumPy": ([np.float32(1), np.float32(2)], (2,)),
    "a dictionary in a list": ([{"a": ONE}], {"a": (2, 3)}),
    "nothing and an array": ((None, ONE), (None, (2, 3))),
}


@pytest.mark.parametrize("kind", STRUCTURES)
def test_what_is_read_as_a_structure(kind: str) -> None:
    given, wanted = STRUCTURES[kind]
    rows = read_rows(given)
    assert map_leaves(lambda table: None if table is None else table.shape, rows.x) == wanted
