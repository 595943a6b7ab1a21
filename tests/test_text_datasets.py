"""Data sets out of folders of texts, and windows of time series."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from goldens import load

import pylego
from pylego import layers
from pylego.models import Sequential
from pylego.utils import text_dataset_from_directory, timeseries_dataset_from_array

WINDOWS = load("text_layers")["windows"]
SERIES = np.arange(24).reshape(12, 2)


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    for name, texts in (
        ("bad", ["나쁜 영화", "bad film"]),
        ("good", ["good film", "좋은 영화", "fine"]),
    ):
        folder = tmp_path / "reviews" / name
        folder.mkdir(parents=True)
        for number, text in enumerate(texts):
            (folder / f"{number}.txt").write_text(text, encoding="utf-8")
        (folder / "notes.md").write_text("not a text", encoding="utf-8")
    return tmp_path / "reviews"


def read(directory: Any, **options: Any) -> Any:
    return text_dataset_from_directory(directory, verbose=False, **options)


def test_names_are_in_preprocessing_too() -> None:
    assert pylego.preprocessing.text_dataset_from_directory is text_dataset_from_directory
    assert pylego.preprocessing.timeseries_dataset_from_array is timeseries_dataset_from_array


# ---- texts ----------------------------------------------------------------------------------


def test_texts_and_labels(reviews: Path, capsys: pytest.CaptureFixture) -> None:
    dataset = text_dataset_from_directory(reviews, shuffle=False, batch_size=3)
    assert capsys.readouterr().out == "Found 5 files belonging to 2 classes.\n"
    assert dataset.class_names == ["bad", "good"]
    assert repr(dataset) == "<TextDataset: 5 texts, 2 steps>"
    for _ in range(2):  # a data set can be passed through again
        (first, labels), (second, _) = dataset
        assert first.tolist() == ["나쁜 영화", "bad film", "good film"]
        assert labels.numpy().tolist() == [0, 0, 1]
        assert labels.dtype == "int32"
        assert second.tolist() == ["좋은 영화", "fine"]


def test_ways_to_write_labels(reviews: Path) -> None:
    options: dict[str, Any] = {"shuffle": False, "batch_size": 5}
    ((_, binary),) = read(reviews, label_mode="binary", **options)
    assert binary.numpy().tolist() == [[0.0], [0.0], [1.0], [1.0], [1.0]]
    ((_, rows),) = read(reviews, label_mode="categorical", **options)
    assert rows.numpy().argmax(axis=1).tolist() == [0, 0, 1, 1, 1]
    (plain,) = read(reviews, labels=None, **options)
    assert plain.shape == (5,)
    assert next(iter(read(reviews, batch_size=None, shuffle=False)))[0] == "나쁜 영화"


def test_a_part_is_held_back(reviews: Path) -> None:
    train, rest = read(reviews, validation_split=0.4, subset="both", seed=1)
    assert (len(train.file_paths), len(rest.file_paths)) == (3, 2)
    assert not set(train.file_paths) & set(rest.file_paths)
    alone = read(reviews, validation_split=0.4, subset="validation", seed=1)
    assert alone.file_paths == rest.file_paths


def test_long_texts_are_cut_at_bytes(reviews: Path) -> None:
    (texts,) = read(reviews, labels=None, shuffle=False, max_length=5)
    assert texts.tolist() == ["나", "bad f", "good ", "좋", "fine"]


def test_orders_follow_from_the_seed(reviews: Path) -> None:
    def passes(seed: int) -> list[Any]:
        dataset = read(reviews, labels=None, seed=seed, batch_size=None)
        return [list(dataset) for _ in range(4)]

    first = passes(3)
    assert first == passes(3)
    assert len({tuple(one) for one in first}) > 1
    assert {frozenset(one) for one in first} == {frozenset(first[0])}


def test_training_on_texts(reviews: Path) -> None:
    dataset = read(reviews, seed=1, batch_size=2)
    vectorize = layers.TextVectorization(output_sequence_length=3)
    vectorize.adapt(dataset.map(lambda texts, labels: texts))
    assert vectorize.get_vocabulary()[2:4] == ["영화", "film"]
    model = Sequential(
        [
            layers.Embedding(vectorize.vocabulary_size(), 8, mask_zero=True),
            layers.LSTM(8),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(pylego.optimizers.Adam(0.05), "binary_crossentropy", metrics=["accuracy"])
    numbers = dataset.map(lambda texts, labels: (vectorize(texts), labels))
    history = model.fit(numbers, epochs=25, verbose=0)
    assert history.history["accuracy"][-1] == 1.0


def test_mistakes_with_folders(reviews: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"Did you mean .*reviews"):
        read(tmp_path / "review")
    with pytest.raises(ValueError, match=r"has no texts in folders. Classes are folders"):
        read(reviews / "bad")
    (reviews / "bad" / "0.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match=r"0\.txt is not a text in UTF-8"):
        list(read(reviews))
    with pytest.raises(ValueError, match="max_length must be 0 or more"):
        read(reviews, max_length=-1)


# ---- time series ----------------------------------------------------------------------------


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in WINDOWS.items()])
def test_windows_are_keras_s(case: dict[str, Any]) -> None:
    plain = timeseries_dataset_from_array(SERIES, None, **case["arguments"])
    assert len(plain) == len(case["windows"])
    for _ in range(2):
        for ours, theirs in zip(plain, case["windows"], strict=True):
            np.testing.assert_array_equal(ours, theirs)
    both = timeseries_dataset_from_array(SERIES, np.arange(100, 110), **case["arguments"])
    for ours, theirs in zip(both, case["with_targets"], strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_array_equal(ours[1], theirs[1])


def test_shuffled_windows_keep_their_targets() -> None:
    def passes(seed: int | None) -> list[list[int]]:
        dataset = timeseries_dataset_from_array(
            np.arange(50), np.arange(50) * 2, 3, batch_size=8, shuffle=True, seed=seed
        )
        found = []
        for _ in range(2):
            batches = list(dataset)
            for x, y in batches:
                np.testing.assert_array_equal(x.numpy()[:, 0] * 2, y)
            found.append([int(n) for _, y in batches for n in y.numpy()])
        return found

    first, second = passes(5)
    assert first != second
    assert sorted(first) == sorted(second) == list(range(0, 96, 2))
    assert passes(5) == [first, second]


def test_training_on_windows() -> None:
    wave = np.sin(np.arange(200) / 5).astype("float32")[:, None]
    windows = timeseries_dataset_from_array(wave[:-4], wave[4:], 4, batch_size=32, shuffle=True)
    model = Sequential([layers.Input((4, 1)), layers.Flatten(), layers.Dense(1)])
    model.compile(pylego.optimizers.Adam(0.05), "mse")
    assert model.fit(windows, epochs=60, verbose=0).history["loss"][-1] < 0.01


def series(**options: Any) -> Any:
    return timeseries_dataset_from_array(SERIES, None, **{"sequence_length": 3, **options})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: series(sequence_length=0), "sequence_length must be 1 or more"),
        (lambda: series(sampling_rate=12), "sampling_rate is below the length of the data, 12"),
        (lambda: series(sequence_stride=0), "sequence_stride must be 1 or more"),
        (lambda: series(start_index=5, end_index=5), "end_index lies behind start_index"),
        (lambda: series(end_index=12), "end_index is below the length"),
        (lambda: series(format="numpy"), "format"),
    ],
)
def test_mistakes_with_windows(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
