"""Data of other libraries, where they are installed: the same training as on arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pylego import utils
from pylego.layers import Dense, Input
from pylego.models import Sequential

RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 4)).astype(np.float32)
Y = RNG.normal(size=(64, 1)).astype(np.float32)


def losses(x: Any, y: Any = None, **more: Any) -> list[float]:
    utils.set_random_seed(1)
    model = Sequential([Input((4,)), Dense(1)])
    model.compile("sgd", "mse")
    if y is not None:
        more |= {"batch_size": 16}
    return model.fit(x, y, epochs=2, shuffle=False, verbose=0, **more).history["loss"]


def test_tables_of_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=list("abcd"))
    frame["price"] = Y
    assert losses(frame[list("abcd")], frame["price"]) == losses(X, Y)
    assert losses(frame[list("abcd")], frame[["price"]]) == losses(X, Y)


def test_tables_of_pandas_as_single_batches() -> None:
    pandas = pytest.importorskip("pandas")
    frame, column = pandas.DataFrame(X), pandas.Series(Y[:, 0])
    twins = []
    for _ in range(2):
        utils.set_random_seed(1)
        twins.append(Sequential([Input((4,)), Dense(1)]))
        twins[-1].compile("sgd", "mse")
    one, other = twins
    for _ in range(2):  # also where a step comes again
        assert one.train_on_batch(frame, column) == other.train_on_batch(X, Y)
        assert one.test_on_batch(frame, column) == other.test_on_batch(X, Y)
        assert np.array_equal(one.predict_on_batch(frame), other.predict_on_batch(X))


@pytest.mark.parametrize("workers", [0, 2])
def test_loaders_of_pytorch(workers: int) -> None:
    data = pytest.importorskip("torch.utils.data")
    torch = pytest.importorskip("torch")
    rows = data.TensorDataset(torch.tensor(X), torch.tensor(Y))
    loader = data.DataLoader(rows, batch_size=16, num_workers=workers)
    assert losses(loader) == losses(X, Y)
    assert losses(X, Y, validation_data=loader) == losses(X, Y)


def test_datasets_of_tensorflow() -> None:
    tensorflow = pytest.importorskip("tensorflow")
    rows = tensorflow.data.Dataset.from_tensor_slices((X, Y)).batch(16).prefetch(2)
    assert losses(rows) == losses(X, Y)
    assert losses(rows.repeat(), steps_per_epoch=4) == losses(X, Y)


def test_columns_of_hugging_face() -> None:
    datasets = pytest.importorskip("datasets")
    rows = datasets.Dataset.from_dict({"x": X, "y": Y}).with_format("numpy")
    assert losses(rows["x"], rows["y"]) == losses(X, Y)
    assert losses(((b["x"], b["y"]) for b in rows.iter(16)), steps_per_epoch=2)
