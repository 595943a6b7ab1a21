"""Datasets and what is made of them: the methods of tf.data, gone through again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pylego
from pylego import utils
from pylego.utils.dataset import Dataset, MappedDataset


class Numbers(Dataset):
    """The numbers from 0 on; it counts its passes, and what was taken from it."""

    def __init__(self, count: int = 6):
        self._count = count
        self.passes = self.taken = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        self.passes += 1
        for number in range(self._count):
            self.taken += 1
            yield number


def listed(dataset: Dataset) -> list[Any]:
    return [utils_list(element) for element in dataset]


def utils_list(element: Any) -> Any:
    if isinstance(element, tuple):
        return tuple(map(utils_list, element))
    return element.tolist() if hasattr(element, "tolist") else np.asarray(element).tolist()


PIPELINES: dict[str, tuple[Callable[[Dataset], Dataset], list[Any]]] = {
    "take": (lambda d: d.take(4), [0, 1, 2, 3]),
    "take none": (lambda d: d.take(0), []),
    "take all": (lambda d: d.take(-1), [0, 1, 2, 3, 4, 5]),
    "take beyond the end": (lambda d: d.take(9), [0, 1, 2, 3, 4, 5]),
    "skip": (lambda d: d.skip(4), [4, 5]),
    "skip none": (lambda d: d.skip(0), [0, 1, 2, 3, 4, 5]),
    "skip all": (lambda d: d.skip(-1), []),
    "skip beyond the end": (lambda d: d.skip(9), []),
    "shard": (lambda d: d.shard(4, 1), [1, 5]),
    "shard behind the end": (lambda d: d.shard(9, 7), []),
    "scan": (lambda d: d.scan(0, lambda total, x: (total + x, total)), [0, 0, 1, 3, 6, 10]),
    "map": (lambda d: d.map(lambda x: x + 1), [1, 2, 3, 4, 5, 6]),
    "batch": (lambda d: d.batch(4), [[0, 1, 2, 3], [4, 5]]),
    "whole batches": (lambda d: d.batch(4, drop_remainder=True), [[0, 1, 2, 3]]),
    "exact batches": (lambda d: d.batch(3, True), [[0, 1, 2], [3, 4, 5]]),
    "repeat": (lambda d: d.take(2).repeat(3), [0, 1, 0, 1, 0, 1]),
    "repeat once": (lambda d: d.take(2).repeat(1), [0, 1]),
    "repeat never": (lambda d: d.repeat(0), []),
    "repeat nothing": (lambda d: d.take(0).repeat(), []),
    "repeat without end": (lambda d: d.skip(3).repeat().take(5), [3, 4, 5, 3, 4]),
    "repeat minus once": (lambda d: d.skip(4).repeat(-1).skip(1).take(2), [5, 4]),
    "prefetch": (lambda d: d.prefetch(2), [0, 1, 2, 3, 4, 5]),
    "cache": (lambda d: d.cache(), [0, 1, 2, 3, 4, 5]),
    "enumerate": (lambda d: d.skip(4).enumerate(start=7), [(7, 4), (8, 5)]),
    "concatenate": (lambda d: d.take(1).concatenate(d.skip(5)), [0, 5]),
    "pairs": (
        lambda d: d.map(lambda x: (x, -x)).batch(2).map(lambda x, y: (x + y, y)).take(1),
        [([0, 0], [0, -1])],
    ),
    "dictionaries": (lambda d: d.map(lambda x: {"a": x}).batch(6).map(lambda x: x["a"]),
                     [[0, 1, 2, 3, 4, 5]]),
    "a pipeline": (lambda d: d.skip(1).take(4).batch(2).repeat(2).skip(1).prefetch(1).take(2),
                [[3, 4], [1, 2]]),
}  # fmt: skip


@pytest.mark.parametrize("name", PIPELINES)
def test_what_is_made_of_a_dataset_can_be_gone_through_again_and_has_a_length(name: str) -> None:
    make, wanted = PIPELINES[name]
    dataset = make(Numbers())
    assert [listed(dataset) for _ in range(3)] == [wanted] * 3
    assert len(dataset) == dataset.cardinality() == len(wanted)
    assert listed(dataset) == wanted


UNKNOWN: dict[str, tuple[Callable[[Dataset], Dataset], list[Any]]] = {
    "filter": (lambda d: d.filter(lambda x: x % 2 == 0), [0, 2, 4]),
    "filter and take": (lambda d: d.filter(lambda x: x % 2).take(2), [1, 3]),
    "unbatch": (lambda d: d.batch(4).unbatch(), [0, 1, 2, 3, 4, 5]),
    "unbatch pairs": (
        lambda d: d.map(lambda x: (x, -x)).batch(4).unbatch().skip(5).repeat(2), [(5, -5)] * 2
    ),
    "take while": (lambda d: d.repeat().take_while(lambda x: x != 3), [0, 1, 2]),
    "rebatch": (lambda d: d.batch(2).rebatch(4), [[0, 1, 2, 3], [4, 5]]),
    "batch of a filter": (lambda d: d.filter(lambda x: x > 2).batch(2), [[3, 4], [5]]),
}  # fmt: skip


@pytest.mark.parametrize("name", UNKNOWN)
def test_where_a_length_is_not_known_there_is_none(name: str) -> None:
    make, wanted = UNKNOWN[name]
    dataset = make(Numbers())
    assert [listed(dataset) for _ in range(3)] == [wanted] * 3
    assert dataset.cardinality() == -2
    with pytest.raises(TypeError, match="not known"):
        len(dataset)


def test_a_dataset_without_end_has_no_length() -> None:
    for dataset in (Numbers().repeat(), Numbers().repeat().map(abs).batch(4).skip(2)):
        assert dataset.cardinality() == -1
        assert dataset
        with pytest.raises(TypeError, match="without end"):
            len(dataset)


def test_nothing_is_read_before_it_is_wanted() -> None:
    numbers = Numbers()
    dataset = numbers.map(abs).batch(2).shuffle(1).repeat().take(2)
    assert numbers.passes == 0
    next(iter(numbers.map(abs).take(1)))
    assert numbers.taken == 1
    assert len(listed(dataset)) == 2


def test_a_cache_keeps_what_a_whole_pass_made() -> None:
    numbers = Numbers()
    calls: list[int] = []
    dataset = numbers.map(lambda x: calls.append(x) or x).cache().repeat(2)
    assert listed(dataset.take(3)) == [0, 1, 2]
    assert listed(dataset) == [0, 1, 2, 3, 4, 5] * 2
    assert listed(dataset) == [0, 1, 2, 3, 4, 5] * 2
    assert numbers.passes == 2  # the first one was not whole
    assert calls == [0, 1, 2, 0, 1, 2, 3, 4, 5]
    with pytest.raises(NotImplementedError, match="in memory"):
        numbers.cache("file")


def test_shuffled_datasets_come_in_another_order_in_each_pass() -> None:
    utils.set_random_seed(3)
    dataset = Numbers(50).shuffle(50)
    first, second = listed(dataset), listed(dataset)
    assert sorted(first) == sorted(second) == list(range(50))
    assert first != second
    assert first != list(range(50))
    utils.set_random_seed(3)
    again = Numbers(50).shuffle(50)
    assert [listed(again), listed(again)] == [first, second]
    assert len(again) == 50


def test_the_seed_of_a_shuffled_dataset_settles_its_orders() -> None:
    one, two = Numbers(20).shuffle(20, seed=1), Numbers(20).shuffle(20, seed=1)
    assert [listed(one), listed(one)] == [listed(two), listed(two)]
    assert listed(Numbers(20).shuffle(20, seed=2)) != listed(Numbers(20).shuffle(20, seed=1))
    same = Numbers(20).shuffle(20, seed=1, reshuffle_each_iteration=False)
    assert listed(same) == listed(same) == listed(Numbers(20).shuffle(20, seed=1))
    any_seed = Numbers(20).shuffle(20, reshuffle_each_iteration=False)
    assert listed(any_seed) == listed(any_seed)


def test_an_element_is_shuffled_within_its_buffer() -> None:
    assert listed(Numbers().shuffle(1)) == [0, 1, 2, 3, 4, 5]
    for seed in range(20):
        order = listed(Numbers(30).shuffle(5, seed=seed))
        assert sorted(order) == list(range(30))
        assert all(number - place < 5 for place, number in enumerate(order))


def test_each_order_is_as_likely() -> None:
    counts = np.zeros((3, 3))
    dataset = Numbers(3).shuffle(3, seed=1)
    for _ in range(600):
        counts[np.arange(3), listed(dataset)] += 1
    assert abs(counts - 200).max() < 60


MISTAKES: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: Numbers().take(1.5), TypeError, "take: count must be a whole number"),
    (lambda: Numbers().take(-2), ValueError, "count must be -1 or more"),
    (lambda: Numbers().skip("1"), TypeError, "skip: count"),
    (lambda: Numbers().repeat(-2), ValueError, "repeat: count"),
    (lambda: Numbers().batch(0), ValueError, "batch_size must be 1 or more"),
    (lambda: Numbers().shuffle(0), ValueError, "buffer_size must be 1 or more"),
    (lambda: Numbers().map(3), TypeError, "map takes a function"),
    (lambda: listed(Numbers().batch(4).batch(2)), ValueError, r"unbatch\(\) first"),
]


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_are_named(case: tuple[Callable[[], Any], type[Exception], str]) -> None:
    call, error, words = case
    with pytest.raises(error, match=words):
        call()


def test_numpy_arrays_of_a_dataset() -> None:
    dataset = Numbers(4).map(lambda x: (x, {"a": 2 * x})).batch(2)
    batches = dataset.as_numpy_iterator()
    x, y = next(batches)
    assert type(x) is np.ndarray
    assert y["a"].tolist() == [0, 2]
    assert batches.next()[0].tolist() == [2, 3]
    assert list(batches) == []


# ---- in training ----------------------------------------------------------------------------


def model() -> Any:
    made = pylego.Sequential([pylego.Input((1,)), pylego.layers.Dense(1)])
    made.compile("sgd", "mse")
    return made


def rows(count: int = 12) -> Dataset:
    return MappedDataset(range(count), lambda i: (np.float32([i / 9]), np.float32([i])))


@pytest.mark.filterwarnings("error")
def test_training_and_validation_go_through_a_dataset_in_each_epoch() -> None:
    seen: list[int] = []

    class Counting(pylego.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(batch)

    train, validation = rows().batch(2).take(3), rows().batch(2).skip(4)
    options = {"epochs": 5, "validation_data": validation, "verbose": 0}
    history = model().fit(train, callbacks=[Counting()], **options).history
    assert seen == [0, 1, 2] * 5
    assert len(history["loss"]) == len(history["val_loss"]) == 5
    filtered = rows().filter(lambda x, y: y > 3).batch(4)
    assert len(model().fit(filtered, epochs=3, verbose=0).epoch) == 3
    assert model().predict(rows().map(lambda x, y: x).batch(5), verbose=0).shape == (12, 1)


def test_a_dataset_trains_as_its_rows_do() -> None:
    x, y = np.arange(12, dtype="float32")[:, None] / 9, np.arange(12, dtype="float32")[:, None]
    trained = []
    for data in ((x, y), (rows().batch(4).cache().prefetch(1),)):
        utils.set_random_seed(5)
        one = model()
        options = {"batch_size": 4} if len(data) == 2 else {}
        one.fit(*data, epochs=3, shuffle=False, verbose=0, **options)
        trained.append(one.get_weights())
    for a, b in zip(*trained):
        np.testing.assert_array_equal(a, b)


def test_a_dataset_without_end_needs_steps() -> None:
    endless = rows().batch(4).repeat()
    for call in (
        lambda: model().fit(endless, verbose=0),
        lambda: model().fit(rows().batch(4), validation_data=endless, verbose=0),
        lambda: model().evaluate(endless, verbose=0),
        lambda: model().predict(endless, verbose=0),
    ):
        with pytest.raises(ValueError, match=r"without end.*steps_per_epoch"):
            call()
    history = model().fit(
        endless, steps_per_epoch=5, epochs=3, validation_data=endless, validation_steps=2, verbose=0
    )
    assert len(history.history["val_loss"]) == 3


def test_image_datasets_have_these_methods(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(5):
            picture = np.full((4, 4, 3), 20 * number + 100 * (name == "b"), "uint8")
            image.fromarray(picture).save(tmp_path / name / f"{number}.png")
    options = {"image_size": (4, 4), "verbose": False}
    images = utils.image_dataset_from_directory(tmp_path, batch_size=2, seed=1, **options)
    one = pylego.Sequential([pylego.layers.Flatten(), pylego.layers.Dense(2)])
    one.compile("sgd", pylego.losses.SparseCategoricalCrossentropy(from_logits=True))
    history = one.fit(
        images.take(3), epochs=5, validation_data=images.skip(3).take(2), verbose=0
    ).history
    assert len(history["loss"]) == len(history["val_loss"]) == 5
    assert len(images.take(3)) == images.take(3).cardinality() == 3
    assert images.take(3).cardinality().numpy() == 3
    single = utils.image_dataset_from_directory(tmp_path, batch_size=None, shuffle=False, **options)
    batched = single.batch(4, drop_remainder=True).map(lambda x, y: (x / 255, y)).prefetch(-1)
    for _ in range(2):
        assert [tuple(x.shape) for x, _ in batched] == [(4, 4, 4, 3)] * 2
    assert [int(y) for _, y in single.take(2).concatenate(single.skip(9))] == [0, 0, 1]
    assert sorted(y.item() for _, y in images.unbatch()) == [0] * 5 + [1] * 5


def test_what_is_made_of_a_dataset_has_its_class_names() -> None:
    class Pictures(MappedDataset):
        class_names = ("cat", "dog")

    pictures = Pictures([(1.0, 0), (2.0, 1)], lambda x, y: (x, y))
    made = pictures.shuffle(2).map(lambda x, y: (x / 2, y)).batch(2).cache().prefetch(1)
    assert made.class_names == ("cat", "dog")
    assert not hasattr(MappedDataset([1], abs).take(1), "class_names")


def test_prefetched_elements_are_made_by_a_thread_ahead() -> None:
    made: list[int] = []
    ahead = threading.Event()

    def make(number: int) -> int:
        made.append(number)
        if len(made) == 3:
            ahead.set()
        return threading.get_ident()

    elements = iter(MappedDataset(range(9), make).prefetch(2))
    first = next(elements)
    assert ahead.wait(20)
    assert first != threading.get_ident()
    assert made == [0, 1, 2]
    elements.close()  # type: ignore[attr-defined]
    assert not [t for t in threading.enumerate() if t.name.startswith("pylego-prefetch")]
    same = iter(MappedDataset(range(9), make).prefetch(0))
    assert next(same) == threading.get_ident()


def test_an_error_in_a_prefetched_element_comes_in_its_turn() -> None:
    elements = iter(MappedDataset([1, 0], lambda x: 1 // x).prefetch(-1))
    assert next(elements) == 1
    with pytest.raises(ZeroDivisionError):
        next(elements)


def test_a_dataset_is_reduced_to_a_state_or_is_one_element() -> None:
    pairs = MappedDataset(Numbers(), lambda x: (x, 2 * x))
    total, count = pairs.reduce((0, 0), lambda state, pair: (state[0] + pair[1], state[1] + 1))
    assert (total.item(), count.item()) == (30, 6)
    assert pairs.skip(5).get_single_element() == (5, 10)
    for dataset, words in ((pairs, "are more"), (pairs.take(0), "are none")):
        with pytest.raises(ValueError, match=words):
            dataset.get_single_element()
    with pytest.raises(ValueError, match="below num_shards=3"):
        Numbers().shard(3, 3)
    assert len(Numbers().repeat().shard(3, 0).take(4)) == 4
