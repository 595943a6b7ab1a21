"""datasets.boston_housing, california_housing, cifar10 and cifar100, from small files."""

from __future__ import annotations

import io
import os
import pickle
import tarfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pylego import config
from pylego.datasets import boston_housing, california_housing, cifar, cifar10, cifar100

RNG = np.random.default_rng(3)
PIXELS = RNG.integers(0, 256, (3, 3 * 32 * 32)).astype("uint8")


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Empty caches, ours and Keras's, and no network."""
    ours, keras = tmp_path / "pylego", tmp_path / "keras"
    monkeypatch.setenv("PYLEGO_HOME", str(ours))
    monkeypatch.setenv("KERAS_HOME", str(keras))

    def refuse(*_: Any, **__: Any) -> None:
        raise urllib.error.URLError("Network is unreachable")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    return ours, keras


# ---- houses ---------------------------------------------------------------------------------


def houses(path: Path, rows: int, columns: int) -> Path:
    """Each number says its row, so that orders can be read off."""
    path.parent.mkdir(parents=True, exist_ok=True)
    x = np.repeat(np.arange(rows, dtype=float)[:, None], columns, 1)
    np.savez(path, x=x, y=np.arange(rows, dtype=float) * 10)
    return path


def test_houses_are_shuffled_and_split_as_by_keras(tmp_path: Path) -> None:
    """The orders are those of Keras 3.15 for such files."""
    path = houses(tmp_path / "a.npz", 10, 13)
    (x, y), (x_test, y_test) = boston_housing.load_data(path)
    assert x[:, 0].tolist() == [9.0, 3.0, 6.0, 1.0, 0.0, 7.0, 4.0, 8.0]
    assert y_test.tolist() == [20.0, 50.0]
    assert (x.shape, x_test.shape) == ((8, 13), (2, 13))
    np.testing.assert_array_equal(y, x[:, 0] * 10)
    (x, _), (x_test, _) = california_housing.load_data(
        "small", houses(tmp_path / "b.npz", 700, 8), test_split=0.5, seed=1
    )
    assert x[:4, 0].tolist() == [446.0, 404.0, 509.0, 455.0]
    assert x.shape == x_test.shape == (300, 8)
    assert len(california_housing.load_data("large", tmp_path / "b.npz", 0)[0][0]) == 700


@pytest.mark.parametrize(("dataset", "columns"), [(boston_housing, 13), (california_housing, 8)])
def test_both_caches_have_houses(homes: tuple[Path, Path], dataset: Any, columns: int) -> None:
    name = dataset.__name__.rpartition(".")[2]
    with pytest.raises(ConnectionError) as caught:
        dataset.load_data()
    assert str(homes[0] / name / f"{name}.npz") in str(caught.value)
    houses(homes[1] / "datasets" / f"{name}.npz", 5, columns)
    assert len(dataset.load_data()[0][0]) == 4
    houses(homes[0] / name / f"{name}.npz", 10, columns)
    assert len(dataset.load_data()[0][0]) == 8


def test_wrong_houses_are_refused(tmp_path: Path) -> None:
    path = houses(tmp_path / "a.npz", 5, 8)
    with pytest.raises(ValueError, match=r"expected x of shape \(houses, 13\).*\(5, 8\)"):
        boston_housing.load_data(path)
    with pytest.raises(ValueError, match="test_split is a share"):
        california_housing.load_data(path=path, test_split=1.0)
    with pytest.raises(ValueError, match="Did you mean 'small'"):
        california_housing.load_data("smal", path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", "no array")
        archive.writestr("y.npy", b"\x93NUMPY\x01\x00\x10\x00{'descr': '<f8',\n(")
    with pytest.raises(ValueError, match=r"expected a \.npz file with the arrays x, y"):
        boston_housing.load_data(path)
    path.write_bytes(b"no table")
    with pytest.raises(ValueError, match=r"expected a \.npz file with the arrays x, y"):
        boston_housing.load_data(path)


# ---- CIFAR ----------------------------------------------------------------------------------


def content(labels: list[int] | None = None, **changed: Any) -> bytes:
    """A file of three images, with what both data sets look for."""
    labels = [3, 0, 9] if labels is None else labels
    keys = ("labels", "fine_labels", "coarse_labels")
    parts = {"data": PIXELS, "batch_label": b"one", **dict.fromkeys(keys, labels), **changed}
    return pickle.dumps({name.encode(): value for name, value in parts.items()}, protocol=2)


def write(folder: Path, source: cifar.Source, text: bytes | None = None) -> Path:
    folder.mkdir(parents=True)
    for name in source.files:
        (folder / name).write_bytes(content() if text is None else text)
    return folder


@pytest.mark.parametrize("dataset", [cifar10, cifar100])
def test_images_are_read_from_a_folder(tmp_path: Path, dataset: Any) -> None:
    folder = write(tmp_path / "a", dataset.SOURCE)
    (x, y), (x_test, y_test) = dataset.load_data(path=folder)
    files = len(dataset.SOURCE.train)
    assert x.shape == (3 * files, 32, 32, 3)
    assert (x.dtype, y.dtype) == (np.uint8, np.uint8 if dataset is cifar10 else np.int64)
    assert y.tolist() == [[3], [0], [9]] * files
    assert y_test.tolist() == [[3], [0], [9]]
    np.testing.assert_array_equal(x_test[1, 2, 5], PIXELS[1].reshape(3, 32, 32)[:, 2, 5])
    config.set_image_data_format("channels_first")
    try:
        first = dataset.load_data(path=folder)[1][0]
    finally:
        config.set_image_data_format("channels_last")
    np.testing.assert_array_equal(first.reshape(3, -1), PIXELS)


def test_labels_are_fine_or_coarse(tmp_path: Path) -> None:
    folder = write(tmp_path / "a", cifar100.SOURCE, content(coarse_labels=[19, 1, 2]))
    assert cifar100.load_data(path=folder)[0][1].ravel().tolist() == [3, 0, 9]
    assert cifar100.load_data("coarse", folder)[0][1].ravel().tolist() == [19, 1, 2]
    with pytest.raises(ValueError, match="Did you mean 'coarse'"):
        cifar100.load_data("course", folder)
    assert [len(set(names)) for names in cifar100.CLASSES.values()] == [100, 20]


PLACES: dict[str, Callable[[Path, Path, cifar.Source], Path]] = {
    "ours": lambda ours, keras, source: ours / source.folder / source.inside,
    "Keras's": lambda ours, keras, source: (
        keras / "datasets" / f"{source.inside}-target" / source.inside
    ),
    "older Keras's": lambda ours, keras, source: keras / "datasets" / source.inside,
}


@pytest.mark.parametrize("dataset", [cifar10, cifar100])
@pytest.mark.parametrize("place", PLACES)
def test_both_caches_have_images(homes: tuple[Path, Path], dataset: Any, place: str) -> None:
    write(PLACES[place](*homes, dataset.SOURCE), dataset.SOURCE)
    assert len(dataset.load_data()[1][0]) == 3


@pytest.mark.parametrize("dataset", [cifar10, cifar100])
def test_an_archive_is_downloaded_or_put_there_by_hand(
    homes: tuple[Path, Path], dataset: Any
) -> None:
    source = dataset.SOURCE
    archive = homes[0] / source.folder / source.archive
    with pytest.raises(ConnectionError, match="Network is unreachable") as caught:
        dataset.load_data()
    assert str(archive) in str(caught.value)
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "w:gz") as tar:
        for name in source.files:
            member = tarfile.TarInfo(f"{source.inside}/{name}")
            member.size = len(content())
            tar.addfile(member, io.BytesIO(content()))
    assert len(dataset.load_data()[1][0]) == 3
    archive.unlink()
    assert len(dataset.load_data()[1][0]) == 3


def test_an_archive_of_something_else_is_refused(homes: tuple[Path, Path]) -> None:
    archive = homes[0] / "cifar10" / cifar10.SOURCE.archive
    archive.parent.mkdir(parents=True)
    archive.write_bytes(b"<html>please log in</html>")
    with pytest.raises(ValueError, match="is damaged: delete it"):
        cifar10.load_data()
    with pytest.raises(FileNotFoundError, match="not found there: data_batch_1, "):
        cifar10.load_data("/nowhere")


class Evil:
    def __reduce__(self) -> tuple:
        return (print, ("this ran",))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (content(data=Evil()), "it asks for __builtin__.print"),
        (content(labels=Evil()), "it asks for __builtin__.print"),
        (content()[:-300], "cannot be read as images of CIFAR"),
        (content(data=PIXELS.astype("float32")), "expected bytes of shape"),
        (content(data=PIXELS[:, :-1]), "expected bytes of shape"),
        (content(data=[1, 2]), "expected bytes of shape"),
        (content(labels=[1, 2]), "expected 3 labels"),
        (content(labels=[1, 2, "a"]), "expected 3 labels"),
        (content(labels=[1, 2, 10]), "labels from 0 to 9, found 10"),
        (pickle.dumps([1]), "cannot be read"),
        (b"", "cannot be read"),
    ],
)
def test_files_that_lie_are_refused(
    tmp_path: Path, text: bytes, words: str, capsys: pytest.CaptureFixture
) -> None:
    folder = write(tmp_path / "a", cifar10.SOURCE, text)
    with pytest.raises(ValueError, match=words) as caught:
        cifar10.load_data(folder)
    assert str(folder / "data_batch_1") in str(caught.value)
    assert "this ran" not in capsys.readouterr().out


def test_sources_are_complete() -> None:
    for source in (cifar10.SOURCE, cifar100.SOURCE):
        assert len(bytes.fromhex(source.checksum)) == sha256().digest_size
    for dataset in (boston_housing, california_housing):
        assert len(bytes.fromhex(dataset.CHECKSUM)) == sha256().digest_size
    assert len(cifar10.SOURCE.files) == 6


def test_real_images(monkeypatch: pytest.MonkeyPatch) -> None:
    data = os.environ.get("PYLEGO_TEST_DATA")
    if not data or not os.path.isdir(os.path.join(data, "cifar10", cifar10.SOURCE.inside)):
        pytest.skip("PYLEGO_TEST_DATA names no folder with cifar10/ in it")
    monkeypatch.setenv("PYLEGO_HOME", data)
    for images, labels in cifar10.load_data():
        assert images.shape == (len(labels), 32, 32, 3)
        assert np.bincount(labels.ravel()).shape == (10,)
