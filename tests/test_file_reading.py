"""Files are read by as many threads as pay, each into its row."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from pylego.utils import file_reading
from pylego.utils.file_reading import FileReader, ReadingThreads, content_of


def threads_of(reader: FileReader, seconds: float, is_ahead: bool = True) -> set[str]:
    """The threads that read a batch of files which take so long, besides this one."""
    names = set()

    def read(file: int) -> int:
        time.sleep(seconds)
        names.add(threading.current_thread().name)
        return file * file

    files = list(range(40))
    rows = np.zeros(40, int)
    if is_ahead:
        with ReadingThreads() as threads:
            for part in reader.begin(threads, read, files, rows):
                part.result()
    else:
        reader.fill(read, files, rows)
    assert rows.tolist() == [file * file for file in files]
    return names - {threading.current_thread().name}


def test_files_that_take_long_are_read_by_several_threads() -> None:
    reader = FileReader()
    assert len(threads_of(reader, 0.002)) > 1
    assert len(threads_of(reader, 0.002)) > 1


def test_small_files_are_read_by_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_reading, "_LONG", 0.1)  # nothing takes as long on a busy machine
    reader = FileReader()
    assert len(threads_of(reader, 0)) == 1
    assert len(threads_of(reader, 0)) == 1


def test_who_waits_for_small_files_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_reading, "_LONG", 0.1)
    reader = FileReader()
    assert not threads_of(reader, 0, is_ahead=False)
    assert not threads_of(reader, 0, is_ahead=False)
    monkeypatch.setattr(file_reading, "_LONG", 1e-4)
    assert len(threads_of(FileReader(), 0.002, is_ahead=False)) > 1


@pytest.mark.parametrize("count", [0, 1, 8])
def test_few_files_say_how_long_a_file_takes(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_reading, "_LONG", 0.1)
    reader = FileReader()
    reader.fill(lambda file: file, range(count), np.zeros(count))
    assert not threads_of(reader, 0, is_ahead=False)


def test_a_disk_that_becomes_slow_is_noticed() -> None:
    reader = FileReader()
    threads_of(reader, 0)
    threads_of(reader, 0.002)
    assert len(threads_of(reader, 0.002)) > 1


def test_what_reading_raises_is_told() -> None:
    def read(file: int) -> int:
        if file == 11:
            raise ValueError("file 11 is broken")
        return file

    with ReadingThreads() as threads:
        (part,) = FileReader().begin(threads, read, range(20), np.zeros(20))
        with pytest.raises(ValueError, match="file 11"):
            part.result()


@pytest.mark.parametrize("size", [0, 1, 2**14 - 1, 2**14, 2**14 + 1, 2**15, 100_003])
def test_files_of_any_size_are_read_whole(tmp_path: Path, size: int) -> None:
    content = np.random.default_rng(0).bytes(size)
    path = tmp_path / "file"
    path.write_bytes(content)
    assert content_of(path) == content
    assert content_of(bytes(path)) == content


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        content_of(tmp_path / "none")
    with pytest.raises(OSError, match=str(tmp_path.name)):
        content_of(tmp_path)
