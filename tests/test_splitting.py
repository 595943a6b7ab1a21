"""utils.split_dataset: sizes and orders of Keras, and all kinds of data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from goldens import load

from pylego import layers
from pylego.models import Sequential
from pylego.utils import set_random_seed, split_dataset, timeseries_dataset_from_array
from pylego.utils.dataset import MappedDataset

GOLDEN = load("data_sets")
X = np.arange(10)


def listed(dataset: Any) -> list:
    return [numbers(element) for element in dataset]


def numbers(element: Any) -> Any:
    if isinstance(element, (tuple, list)):
        return [numbers(part) for part in element]
    return (
        {k: numbers(v) for k, v in element.items()}
        if isinstance(element, dict)
        else (np.asarray(element).tolist())
    )


@pytest.mark.parametrize(("settings", "left", "right"), GOLDEN["splits"], ids=str)
def test_parts_are_kerass(settings: dict[str, Any], left: list, right: list) -> None:
    parts = split_dataset(X, **settings)
    assert [listed(part) for part in parts] == [left, right]
    assert [len(part) for part in parts] == [len(left), len(right)]


@pytest.mark.parametrize(("settings", "kind"), GOLDEN["refusals"], ids=str)
def test_sizes_that_keras_refuses_are_refused(settings: dict[str, Any], kind: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        split_dataset(X, **settings)
    assert caught.type.__name__ == kind


def test_pairs_are_split_together() -> None:
    x, y = np.arange(4), np.arange(4) * 10.0
    for data in ((x, y), [x, y]):
        parts = split_dataset(data, left_size=0.5, preferred_backend="tensorflow")
        assert [listed(part) for part in parts] == GOLDEN["pairs"]
    left, right = split_dataset({"a": x, "b": (y, x)}, right_size=1)
    assert listed(right) == [{"a": 3, "b": [30.0, 3]}]
    assert len(left) == 3


class Indexed:
    """Elements by number, as PyTorch's data sets have them."""

    def __len__(self) -> int:
        return 5

    def __getitem__(self, number: int) -> tuple[int, float]:
        return number, number / 2


def pairs() -> Iterator[tuple[int, float]]:
    return (Indexed()[number] for number in range(5))


ITERABLES: dict[str, Callable[[], Any]] = {
    "generator": pairs,
    "by number": Indexed,
    "dataset": lambda: MappedDataset(list(pairs()), lambda n, half: (n, half)),
}


@pytest.mark.parametrize("kind", ITERABLES)
def test_elements_of_all_kinds_are_split(kind: str) -> None:
    left, right = split_dataset(ITERABLES[kind](), left_size=0.6)
    assert [listed(part) for part in (left, right, left)] == [
        [[0, 0.0], [1, 0.5], [2, 1.0]], [[3, 1.5], [4, 2.0]], [[0, 0.0], [1, 0.5], [2, 1.0]]
    ]  # fmt: skip


def test_batches_are_split_by_rows_and_made_again() -> None:
    windows = timeseries_dataset_from_array(X, None, 2, batch_size=4)
    left, right = split_dataset(windows, left_size=6)
    assert [len(batch) for batch in left] == [4, 2]
    assert listed(right) == [[[6, 7], [7, 8], [8, 9]]]
    batched = MappedDataset([0, 1, 2, 3, 4], lambda x: x).batch(2)
    assert [listed(part) for part in split_dataset(batched, left_size=3)] == [
        [[0, 1], [2]], [[3, 4]]
    ]  # fmt: skip


def test_unseeded_orders_follow_from_the_global_seed() -> None:
    def shuffled() -> list:
        return listed(split_dataset(np.arange(50), left_size=0.5, shuffle=True)[0])

    set_random_seed(1)
    first, second = shuffled(), shuffled()
    assert first != second
    set_random_seed(1)
    assert [shuffled(), shuffled()] == [first, second]


@pytest.mark.parametrize(
    ("data", "error", "text"),
    [
        ([], ValueError, "an empty list came"),
        (np.zeros((0, 2)), ValueError, "is empty"),
        (iter([]), ValueError, "is empty"),
        ([1, 2, 3], ValueError, "int at place 0.*np.stack"),
        ([np.zeros(3), np.zeros(4)], ValueError, r"several lengths: \[3, 4\]"),
        ("abc", TypeError, "Received: str"),
        (7, TypeError, "Received: int"),
    ],
    ids=str,
)
def test_what_cannot_be_split_is_refused(data: Any, error: type, text: str) -> None:
    with pytest.raises(error, match=text):
        split_dataset(data, left_size=0.5)


def test_parts_are_trained_on() -> None:
    x, y = np.random.default_rng(0).normal(size=(30, 3)).astype("float32"), np.zeros((30, 1))
    train, validation = split_dataset((x, y), left_size=0.8, shuffle=True, seed=1)
    model = Sequential([layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(train.batch(8), validation_data=validation.batch(8), epochs=9, verbose=0)
    assert history.history["val_loss"][-1] < history.history["val_loss"][0]
