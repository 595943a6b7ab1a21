"""datasets.imdb and datasets.reuters, from small files of the form that Keras stores."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import urllib.error
import urllib.request
import zipfile
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.response import addinfourl

import numpy as np
import pytest

from pylego.datasets import cache, imdb, reuters

TEXTS = [[1, 2, 3], [7, 1], [9, 9, 1, 4], [5], [2, 30, 1, 1, 6]]
WORDS = {"the": 1, "영화": 2}


def lists(rows: list) -> np.ndarray:
    return np.fromiter(rows, object, len(rows))


def npz(**changed: Any) -> bytes:
    """What both data sets read, in one file."""
    numbers, texts = np.arange(5), lists(TEXTS)
    arrays = {"x": texts, "y": numbers, "x_train": texts, "y_train": numbers}
    arrays |= {"x_test": texts[:4], "y_test": numbers[:4]}
    file = io.BytesIO()
    np.savez(file, **(arrays | changed))
    return file.getvalue()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "texts.npz"
    file.write_bytes(npz())
    return file


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


def read(parts: Any) -> list[list]:
    return [array.tolist() for part in parts for array in part]


# ---- the numbers of Keras 3.15, for the same file -------------------------------------------

FEW: dict[str, Any] = {"num_words": 8, "skip_top": 2, "maxlen": 5, "oov_char": None}
BARE: dict[str, Any] = {"start_char": None, "index_from": 0, "num_words": 6, "seed": 7}
FIRST = [[1, 10, 4], [1, 4, 5, 6], [1, 8], [1, 12, 12, 4, 7], [1, 5, 2, 4, 4, 9]]


@pytest.mark.parametrize(
    ("dataset", "settings", "expected"),
    [
        (imdb, {}, [FIRST, [1, 0, 3, 2, 4], [FIRST[i] for i in (1, 0, 2, 3)], [0, 1, 3, 2]]),
        (reuters, {}, [FIRST[:4], [1, 0, 3, 2], FIRST[4:], [4]]),
        (imdb, FEW, [[[4], [4, 5, 6], []], [1, 0, 3], [[4, 5, 6], [4], []], [0, 1, 3]]),
        (reuters, FEW, [[[4], [4, 5, 6]], [1, 0], [[]], [3]]),
        (
            reuters,
            BARE,
            [[[1, 2, 3], [5], [2, 2, 1, 4], [2, 1]], [0, 3, 2, 1], [[2, 2, 1, 1, 2]], [4]],
        ),
    ],
)
def test_texts_are_those_of_keras(dataset: Any, settings: dict, expected: list, path: Path) -> None:
    assert read(dataset.load_data(path, **settings)) == expected


def test_texts_of_one_length_stay_lists(tmp_path: Path) -> None:
    file = tmp_path / "same.npz"
    file.write_bytes(npz(x=lists([[1, 2]] * 5)))
    (x, y), _ = reuters.load_data(file, test_split=0.4)
    assert x.shape == y.shape == (3,)
    assert isinstance(x[0], list)


def test_older_and_wrong_arguments(path: Path) -> None:
    assert read(imdb.load_data(path, nb_words=8)) == read(imdb.load_data(path, num_words=8))
    with pytest.raises(TypeError, match="'top_words'"):
        imdb.load_data(path, top_words=8)
    for dataset in (imdb, reuters):
        with pytest.raises(ValueError, match="shorter than maxlen=1"):
            dataset.load_data(path, maxlen=1)


def test_topics_have_names() -> None:
    names = reuters.get_label_names()
    assert len(names) == len(set(names)) == 46
    assert (names[0], names[3], names[45]) == ("cocoa", "earn", "lead")


# ---- where files come from ------------------------------------------------------------------


@pytest.mark.parametrize("dataset", [imdb, reuters])
@pytest.mark.parametrize("kind", ["ours", "keras"])
def test_both_caches_are_looked_into(
    homes: tuple[Path, Path], dataset: Any, kind: str, path: Path
) -> None:
    folder = homes[0] / dataset.__name__.split(".")[-1] if kind == "ours" else homes[1] / "datasets"
    folder.mkdir(parents=True)
    (folder / dataset.TEXTS).write_bytes(npz())
    (folder / dataset.WORDS).write_text(json.dumps(WORDS), "utf-8")
    assert read(dataset.load_data()) == read(dataset.load_data(path))
    assert dataset.get_word_index() == WORDS


@pytest.mark.usefixtures("homes")
def test_without_network_the_error_says_what_to_put_where(homes: tuple[Path, Path]) -> None:
    with pytest.raises(ConnectionError, match=r"Could not download imdb\.npz") as caught:
        imdb.load_data()
    assert str(homes[0] / "imdb" / "imdb.npz") in str(caught.value)
    with pytest.raises(ConnectionError, match=r"reuters_word_index\.json"):
        reuters.get_word_index()
    with pytest.raises(FileNotFoundError, match="no such file"):
        imdb.load_data("/nowhere/imdb.npz")


@pytest.mark.parametrize("kind", ["sha256", "md5"])
def test_what_is_downloaded_is_compared_with_its_checksum(
    homes: tuple[Path, Path], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = json.dumps(WORDS).encode()
    monkeypatch.setattr(
        urllib.request, "urlopen", lambda url, **_: addinfourl(io.BytesIO(content), Message(), url)
    )
    with pytest.raises(ConnectionError, match="expected a file of md5"):
        imdb.get_word_index()
    checksums = {imdb.WORDS: hashlib.new(kind, content).hexdigest()}
    monkeypatch.setattr(imdb, "CHECKSUMS", checksums)
    assert imdb.get_word_index() == WORDS
    assert (homes[0] / "imdb" / imdb.WORDS).read_bytes() == content


def test_sources_are_complete_and_secure() -> None:
    for dataset in (imdb, reuters):
        assert len(bytes.fromhex(dataset.CHECKSUMS[dataset.TEXTS])) == 32
        assert len(bytes.fromhex(dataset.CHECKSUMS[dataset.WORDS])) == 16
    assert all(m.startswith("https://") and m.endswith("/") for m in cache.KERAS_MIRRORS)


# ---- files that lie -------------------------------------------------------------------------


class Evil:
    def __reduce__(self) -> tuple:
        return (print, ("this ran",))


def with_x(array: np.ndarray | bytes) -> bytes:
    """The file with another x: an array, or what stands behind the header of one."""
    if isinstance(array, np.ndarray):
        return npz(x=array)
    member = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        member, {"descr": "|O", "fortran_order": False, "shape": (5,)}
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.npy", member.getvalue() + array)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (with_x(lists([[Evil()]] * 5)), "it asks for builtins.print"),
        (with_x(pickle.dumps(Evil())), "it asks for builtins.print"),
        (with_x(pickle.dumps({"a": 1})), "holds lists of whole numbers"),
        (with_x(pickle.dumps(lists([[1]] * 5))[:-9]), "cannot be read"),
        (with_x(lists([{1: 2}] * 5)), "holds lists of whole numbers"),
        (b"no zip", "expected a .npz file with the arrays x, y"),
        (npz()[:300], "cannot be read"),
    ],
)
def test_files_that_lie_are_refused(
    tmp_path: Path, content: bytes, words: str, capsys: pytest.CaptureFixture
) -> None:
    file = tmp_path / "reuters.npz"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=words):
        reuters.load_data(file)
    assert "this ran" not in capsys.readouterr().out


def test_a_word_index_that_is_no_json_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "words.json"
    file.write_text("{", "utf-8")
    with pytest.raises(ValueError, match="expected JSON"):
        imdb.get_word_index(file)
