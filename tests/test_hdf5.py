"""HDF5 files: what h5py writes is read as h5py reads it, and what could do harm is refused."""

from __future__ import annotations

import io
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from pylego.saving.errors import CorruptFileError
from pylego.saving.hdf5 import HDF5File, create_hdf5, open_hdf5, reading
from pylego.saving.hdf5.filters import _fletcher32

VERSIONS = ["earliest", "v108", "v110", "latest"]


def written(fill: Callable[[h5py.File], Any], **options: Any) -> bytes:
    content = io.BytesIO()
    with h5py.File(content, "w", **options) as file:
        fill(file)
    return content.getvalue()


def read(fill: Callable[[h5py.File], Any], path: str = "a", **options: Any) -> np.ndarray:
    with open_hdf5(written(fill, **options)) as file:
        return file.read(path)


# ---- what is written is read ----


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "가중치 1.h5"
    array = np.arange(6, dtype="float32").reshape(2, 3)
    with create_hdf5(path) as file:
        file.write("layers/dense/vars/0", array)
        file.group("empty")
        file.set_attribute("layers", "names", ["dense", "한글"])
        file.set_attribute("", "config", "{}")
    with open_hdf5(str(path)) as file:
        assert file.children("") == ["empty", "layers"]
        assert file.children("empty") == []
        assert file.has("/layers/dense/")
        assert not file.has("layers/dense/vars/1")
        assert not file.has("layers/dense/vars/0/0")
        assert file.is_dataset("layers/dense/vars/0")
        assert not file.is_dataset("layers")
        assert file.shape("layers/dense/vars/0") == (2, 3)
        assert file.dtype("layers/dense/vars/0") == np.float32
        np.testing.assert_array_equal(file.read("layers/dense/vars/0"), array)
        assert file.attribute_names("layers") == ["names"]
        assert file.attribute("layers", "names") == ["dense", "한글"]
        assert file.attribute("", "config") == "{}"
        assert file.attribute("", "nothing", 3) == 3
    with h5py.File(path) as file:
        assert [name.decode() for name in file["layers"].attrs["names"]] == ["dense", "한글"]
        assert file.attrs["config"] == "{}"


@pytest.mark.parametrize("version", VERSIONS)
def test_all_that_h5py_writes_is_read_as_h5py_reads_it(version: str) -> None:
    def fill(file: h5py.File) -> None:
        for k in range(150):  # enough for trees of several levels
            file.create_dataset(f"group {k}/한글 {'x' * (k % 40)}", data=np.full((2, k % 3), k))
            file.attrs[f"attribute {k}"] = np.arange(k % 5)
        for dtype in ("?", "i1", "u2", ">i4", "<u8", "f2", ">f4", "f8"):
            file[f"dtypes/{dtype}"] = np.arange(6).reshape(3, 2).astype(dtype)
        file["scalar"] = 2.5
        file["bytes"] = np.array([b"a", b"bcd"])
        file.create_group("made in order", track_order=True).attrs["text"] = "글" * 1000
        file.attrs["texts"] = ["a", "", "bcd" * 50]
        file.attrs["one"] = np.bytes_(b"text")
        file.attrs["true"] = True

    content = written(fill, libver=(version, "latest"))
    with h5py.File(io.BytesIO(content)) as expected, open_hdf5(content) as file:
        compare(file, expected, "")


def compare(file: HDF5File, expected: Any, path: str) -> None:
    found = expected[path or "/"]
    assert file.attribute_names(path) == sorted(found.attrs)
    for name, value in found.attrs.items():
        assert np.array_equal(file.attribute(path, name), decoded(value))
    if isinstance(found, h5py.Dataset):
        np.testing.assert_array_equal(file.read(path), found[()], strict=found.dtype.isnative)
        return
    assert file.children(path) == sorted(found)
    for name in found:
        compare(file, expected, f"{path}/{name}".strip("/"))


def decoded(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value


@pytest.mark.parametrize("options", [
    {}, {"compression": "gzip"}, {"compression": 9, "shuffle": True}, {"fletcher32": True},
    {"compression": "gzip", "shuffle": True, "fletcher32": True},
])  # fmt: skip
@pytest.mark.parametrize("shape", [(7,), (40, 33), (5, 6, 7)])
def test_chunks(shape: tuple[int, ...], options: dict[str, Any]) -> None:
    array = np.random.default_rng(0).integers(0, 9, shape).astype("float32")
    chunks = tuple(min(4, size) for size in shape)
    found = read(lambda file: file.create_dataset("a", data=array, chunks=chunks, **options))
    np.testing.assert_array_equal(found, array)


def test_one_chunk_of_the_newest_kind() -> None:
    array = np.random.default_rng(0).normal(size=(9, 8))
    options = {"chunks": (9, 8), "compression": "gzip"}
    found = read(lambda f: f.create_dataset("a", data=array, **options), libver=("v110", "v110"))
    np.testing.assert_array_equal(found, array)


def test_bfloat16_becomes_float32() -> None:
    """As Keras stores it: two bytes of which HDF5 knows nothing."""
    expected = np.array([1.5, -2.0, 3.25], "float32")
    upper = (expected.view(np.uint32) >> 16).astype(np.uint16).view("V2")

    def fill(file: h5py.File) -> None:
        file.create_dataset("a", data=upper).attrs["dtype"] = "bfloat16"

    np.testing.assert_array_equal(read(fill), expected, strict=True)
    with open_hdf5(written(fill)) as file:
        assert file.dtype("a") == np.float32


def test_long_lists_are_cut_as_keras_does() -> None:
    names = [f"{k:03}" + "x" * 997 for k in range(200)]
    content = io.BytesIO()
    with create_hdf5(content) as file:
        file.set_attribute("", "names", names)
        file.set_attribute("", "empty", [])
    with open_hdf5(content) as file:
        assert file.attribute_names("")[:3] == ["empty", "names0", "names1"]
        assert file.attribute("", "names") == names
        assert file.attribute("", "empty") == []


def test_a_text_that_has_no_room_is_refused() -> None:
    with create_hdf5(io.BytesIO()) as file, pytest.raises(ValueError, match="has room for 64,512"):
        file.set_attribute("", "names", ["a", "x" * 70_000])


def test_a_user_block_before_the_file() -> None:
    content = written(lambda file: file.create_dataset("a", data=[1, 2]), userblock_size=1024)
    with open_hdf5(b"#!" + content[2:]) as file:
        assert file.read("a").tolist() == [1, 2]


def test_an_array_is_not_copied_on_its_way() -> None:
    """What is read belongs to the caller, and can be written to."""
    found = read(lambda file: file.create_dataset("a", data=np.zeros(1000)))
    found[0] = 1
    assert found.flags.owndata or found.base is not None
    assert found.flags.writeable


# ---- sources and targets ----


class Pipe(io.RawIOBase):
    """A file that cannot seek."""

    def __init__(self, content: bytes = b"") -> None:
        self.content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def readinto(self, memory: Any) -> int:
        return self.content.readinto(memory)

    def write(self, content: Any) -> int:
        return self.content.write(content)


def test_sources() -> None:
    content = written(lambda file: file.create_dataset("a", data=[1, 2]))
    for source in (content, bytearray(content), memoryview(content), io.BytesIO(content),
                   io.BufferedReader(io.BytesIO(content)), Pipe(content)):  # fmt: skip
        with open_hdf5(source) as file:
            assert file.read("a").tolist() == [1, 2]


def test_targets() -> None:
    for target in (io.BytesIO(), Pipe()):
        with create_hdf5(target) as file:
            file.write("a", np.ones(3))
        content = target.getvalue() if isinstance(target, io.BytesIO) else target.content.getvalue()
        with open_hdf5(content) as file:
            assert file.read("a").tolist() == [1, 1, 1]


@pytest.mark.parametrize("door", [open_hdf5, create_hdf5])
def test_what_is_no_file_is_refused(door: Any) -> None:
    with pytest.raises(TypeError, match=r"a path.* file object\. Received: 3 \(a int\)"), door(3):
        pass


def test_a_file_of_text_is_refused() -> None:
    with pytest.raises(TypeError, match="mode='rb'"), open_hdf5(io.StringIO("text")):
        pass


def test_a_missing_file_is_a_missing_file() -> None:
    with pytest.raises(FileNotFoundError), open_hdf5("없는 파일.h5"):
        pass


def test_without_h5py_files_are_read_and_not_written() -> None:
    program = (
        "import sys; sys.modules['h5py'] = None\n"
        "from pylego.saving.hdf5 import create_hdf5, open_hdf5\n"
        "try:\n    with create_hdf5('/nowhere/a.h5'): pass\n"
        "except ImportError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "pip install h5py" in done.stdout, done.stderr


# ---- what is refused ----


def refused(content: bytes, sentence: str, path: str = "a") -> None:
    with pytest.raises(CorruptFileError, match=sentence):
        look(content, path)


def look(content: bytes, path: str) -> None:
    with open_hdf5(content) as file:
        file.attribute("", "texts")
        file.read(path)


def test_links_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other.h5").write_bytes(written(lambda file: file.create_dataset("a", data=[1])))
    for version in VERSIONS:
        for link in (h5py.SoftLink("/b"), h5py.ExternalLink(str(tmp_path / "other.h5"), "/a")):
            content = written(lambda f: f.__setitem__("a", link), libver=(version, "latest"))  # noqa: B023
            refused(content, "'a' is a link to another place or file")


def test_two_names_for_one_object_are_refused() -> None:
    def fill(file: h5py.File) -> None:
        file["b"] = [1]
        file["c"] = file["b"]
        group = file.create_group("group")
        group["circle"] = group
        file["group/root"] = file["/"]

    with open_hdf5(written(fill)) as file:
        assert file.read("b").tolist() == [1]
        for path in ("c", "group/circle", "group/root"):
            with pytest.raises(CorruptFileError, match="are the same object"):
                file.read(path)


def test_numbers_in_other_files_are_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"12345678")
    refused(
        written(lambda f: f.create_dataset("a", (2,), "f4", external=[(str(secret), 0, 8)])),
        "numbers of it lie in other files",
    )


def test_views_of_other_files_are_refused() -> None:
    layout = h5py.VirtualLayout((2,), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "a", (2,))
    refused(written(lambda f: f.create_virtual_dataset("a", layout)), "a view of other files")


@pytest.mark.parametrize(("dtype", "sentence"), [
    (np.dtype([("x", "f4"), ("y", "i4")]), "compound data"),
    (h5py.vlen_dtype("f4"), "lists of various lengths"),
    (h5py.ref_dtype, "references"),
    (h5py.enum_dtype({"RED": 0, "GREEN": 1}, "i4"), "enumerations"),
    (np.dtype("complex64"), "compound data|complex numbers"),
    (np.dtype("V5"), "data of kind 5"),
    (h5py.string_dtype(), "no numbers"),
])  # fmt: skip
def test_what_are_no_numbers_is_refused(dtype: Any, sentence: str) -> None:
    refused(written(lambda file: file.create_dataset("a", (2,), dtype)), sentence)


def test_data_types_with_names_are_refused() -> None:
    def fill(file: h5py.File) -> None:
        file["type"] = np.dtype("f4")
        file.create_dataset("a", data=[1.0], dtype=file["type"])

    refused(written(fill), "data types with names of their own")
    refused(written(fill), "neither a group nor an array", "type")


@pytest.mark.parametrize("options", [{"compression": "lzf"}, {"scaleoffset": 2}])
def test_other_filters_are_refused(options: dict[str, Any]) -> None:
    content = written(lambda f: f.create_dataset("a", data=np.ones(99), chunks=(9,), **options))
    refused(content, "compressed by the filter (lzf|scale-offset); gzip is read")


@pytest.mark.parametrize("options", [{}, {"chunks": (1 << 20,), "compression": "gzip"}])
def test_a_small_file_that_asks_for_a_terabyte_is_refused(options: dict[str, Any]) -> None:
    content = written(lambda f: f.create_dataset("a", (1 << 38,), "f4", fillvalue=1, **options))
    assert len(content) < 10_000
    refused(content, r"of shape \(274877906944,\), 1,099,511,627,776 bytes, and has 0 bytes of it")


def test_shapes_that_numpy_has_not_are_refused() -> None:
    shape = (0, 1 << 40, 1 << 40)
    refused(written(lambda f: f.create_dataset("a", shape, "f4")), "it declares an array of shape")


def test_compressed_zeros_beyond_measure_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = np.zeros(1 << 20, "float64")
    options: dict[str, Any] = {"chunks": zeros.shape, "compression": "gzip"}
    content = written(lambda file: file.create_dataset("a", data=zeros, **options))
    with open_hdf5(content) as file:
        assert not file.read("a").any()
    monkeypatch.setattr(reading, "ALWAYS_READ", 1000)
    refused(content, "it becomes 8,388,608 bytes, too many for its size")


def test_a_chunk_that_becomes_longer_than_it_is_stops() -> None:
    content = written(
        lambda f: f.create_dataset("a", data=np.zeros(100, "u1"), chunks=(100,), compression=9)
    )
    bomb = zlib.compress(bytes(1 << 24), 9)
    old = zlib.compress(bytes(100), 9)
    start = content.index(old)
    changed = content[:start] + bomb[: len(old)] + content[start + len(old) :]
    refused(changed, "longer than it should be, or cut off|cannot be read")


def test_a_changed_checksum_is_seen() -> None:
    array = np.arange(100, dtype="u1")
    content = written(lambda f: f.create_dataset("a", data=array, chunks=(100,), fletcher32=True))
    refused(content.replace(bytes(range(50)), bytes(49) + b"x"), "the checksum of a chunk")


def test_fletcher32_of_known_bytes() -> None:
    assert _fletcher32(b"abcde") == (20464, 10695)  # of the words 24930, 25444 and 25856


def test_arrays_that_lie_above_each_other_are_refused() -> None:
    def fill(file: h5py.File) -> None:
        file["a"] = np.ones(3000)
        for name in "bcd":
            file.create_dataset(name, (3000,), "f8")  # not written, so it has no place

    content = written(fill)
    with open_hdf5(content) as file:
        address = file._at("a").dataset.chunks[0].address.to_bytes(8, "little")
    length = (24_000).to_bytes(8, "little")
    changed = content.replace(b"\xff" * 8 + length, address + length)
    with open_hdf5(changed) as file:
        assert file.read("b").tolist() == file.read("b").tolist() == [1] * 3000
        with pytest.raises(CorruptFileError, match="above each other"):
            file.read("c")


def test_texts_that_are_told_again_and_again_are_refused() -> None:
    """A list of a thousand texts that are all the same long one."""
    content = written(lambda f: f.attrs.__setitem__("texts", ["x" * 60_000] + ["y"] * 1000))
    start = content.index((60_000).to_bytes(4, "little"))
    first = content[start : start + 16]
    changed = content[:start] + first * 1001 + content[start + 16 * 1001 :]
    refused(changed, "a list of texts is longer than the file")


def test_too_many_groups_in_groups_are_refused() -> None:
    with open_hdf5(written(lambda file: file.create_group("/".join("a" * 300)))) as file:
        assert file.has("/".join("a" * 200))
        with pytest.raises(CorruptFileError, match="in more than 256 groups"):
            file.has("/".join("a" * 100_000))


def test_a_file_that_was_cut_short_is_refused() -> None:
    content = written(lambda file: file.create_dataset("a", data=np.ones(1000)))
    for length in range(0, len(content), 97):
        refused(content[:length], "is not an HDF5 file|was cut short|outside|too early")


def test_a_file_of_another_kind_is_refused() -> None:
    refused(b"PK\3\4" + bytes(2000), "the bytes that were given is not an HDF5 file")
    refused(b"", "not an HDF5 file")


def test_messages_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "망가진 파일.h5"
    path.write_bytes(b"nothing")
    with (
        pytest.raises(CorruptFileError, match=r"망가진 파일\.h5' is not an HDF5 file"),
        open_hdf5(path),
    ):
        pass
