"""Zip archives: what is written is read by others, and what could do harm is refused."""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pylego.saving.archive import create_archive, open_archive, reading, writing
from pylego.saving.errors import CorruptFileError
from pylego.saving.hdf5 import create_hdf5, open_hdf5


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return content.getvalue()


def refused(content: bytes, sentence: str, name: str = "a") -> None:
    with pytest.raises(CorruptFileError, match=sentence):
        look(content, name)


def look(content: bytes, name: str) -> None:
    with open_archive(content) as archive:
        archive.read(name)


# ---- what is written is read ----


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "모델 1.keras"
    numbers = np.arange(5000, dtype="float32")
    with create_archive(path) as archive:
        archive.write("config.json", b"{}")
        with archive.create("가중치.h5") as member, create_hdf5(member) as file:
            file.write("a/b", numbers)
        archive.write("empty", b"")
    for source in (path, str(path), path.read_bytes(), io.BytesIO(path.read_bytes())):
        with open_archive(source) as archive:
            assert archive.names == ["config.json", "가중치.h5", "empty"]
            assert archive.read("config.json") == b"{}"
            assert archive.read("empty") == b""
            with archive.open("가중치.h5") as member, open_hdf5(member) as file:
                np.testing.assert_array_equal(file.read("a/b"), numbers)
    with zipfile.ZipFile(path) as other:
        assert other.testzip() is None
        assert other.namelist() == archive.names
        assert stat.S_ISREG(other.infolist()[0].external_attr >> 16)


def test_a_file_that_cannot_seek_gets_the_same_bytes() -> None:
    class Pipe(io.RawIOBase):
        content = b""

        def writable(self) -> bool:
            return True

        def write(self, content: Any) -> int:
            self.content += bytes(content)
            return len(content)

    pipe, file = Pipe(), io.BytesIO()
    for target in (pipe, file):
        with create_archive(target) as archive:
            archive.write("a", b"123")
    assert pipe.content == file.getvalue()


def test_archives_of_others_are_read() -> None:
    members = {"a": b"x" * 1000, "b/c.txt": bytes(range(256)), "한글": b"y"}
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        with open_archive(zipped(members, method)) as archive:
            assert {name: archive.read(name) for name in archive.names} == members
            with archive.open("b/c.txt") as member:
                member.seek(-3, io.SEEK_END)
                assert (member.tell(), member.read()) == (253, b"\xfd\xfe\xff")


def test_folders_are_left_out() -> None:
    with open_archive(zipped({"folder/": b"", "folder/a": b"1"})) as archive:
        assert archive.names == ["folder/a"]


def test_a_member_twice_is_not_written() -> None:
    with create_archive(io.BytesIO()) as archive:
        archive.write("a", b"1")
        with pytest.raises(ValueError, match="has a member 'a' already"):
            archive.write("a", b"2")


def test_archives_beyond_four_gigabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the border set low, so that all fields of 64 bits are used."""
    monkeypatch.setattr(writing, "WIDER", 100)
    member = writing._Member(b"a", 200, 300, 7)
    central = writing._central(member)
    assert central[20:28] == struct.pack("<2L", 100, 100)
    assert central.endswith(struct.pack("<2H3Q", 1, 24, 300, 300, 200))
    end = writing._end(1, 50, 1000)
    assert end.startswith(b"PK\6\6")
    assert end[56:].startswith(b"PK\6\7" + struct.pack("<LQL", 0, 1050, 1))
    assert struct.unpack("<2Q", end[40:56]) == (50, 1000)


# ---- what is refused ----


@pytest.mark.parametrize(
    "name", ["../a", "a/../../b", "/etc/passwd", "C:/a", "a\\b", "a//b", "./a", "a/.", ".."]
)
def test_names_that_lead_out_are_refused(name: str) -> None:
    content = zipped({"x" * len(name): b"1"}).replace(b"x" * len(name), name.encode())
    refused(content, "is not a name")


def test_a_name_with_a_zero_is_refused() -> None:
    refused(zipped({"axb": b"1"}).replace(b"axb", b"a\0b"), "is not a name for a member")


def test_two_members_of_one_name_are_refused() -> None:
    refused(zipped({"a": b"1", "b": b"2"}).replace(b"b", b"a"), "two members are called 'a'")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_links_and_devices_are_refused(kind: int) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        entry = zipfile.ZipInfo("a")
        entry.external_attr = (kind | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    refused(content.getvalue(), "is a link or device")


def with_field(content: bytes, place: int, value: bytes) -> bytes:
    """Change a field of the directory's first entry."""
    start = content.rindex(b"PK\1\2") + place
    return content[:start] + value + content[start + len(value) :]


def test_encrypted_members_are_refused() -> None:
    refused(with_field(zipped({"a": b"1"}), 8, b"\1"), "'a' is encrypted")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_refused(method: int) -> None:
    refused(zipped({"a": b"1"}, method), f"compressed by method {method}")


def test_a_wrong_checksum_is_refused() -> None:
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        content = zipped({"a": b"x" * 100}, method)
        refused(with_field(content, 16, b"1234"), "another checksum")


def test_a_changed_number_in_a_model_is_seen() -> None:
    content = io.BytesIO()
    with (
        create_archive(content) as archive,
        archive.create("a") as member,
        create_hdf5(member) as file,
    ):
        file.write("a", np.full(1000, 0.5))
    changed = content.getvalue().replace(np.full(9, 0.5).tobytes(), np.full(9, 0.25).tobytes(), 1)
    refused(changed, "'a' has another checksum")


def test_sizes_that_are_not_so_are_refused() -> None:
    stored, deflated = (
        zipped({"a": b"x" * 100}, method) for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    )
    refused(with_field(stored, 24, struct.pack("<L", 99)), "has two sizes")
    for size in (99, 101, 0):
        refused(with_field(deflated, 24, struct.pack("<L", size)), "has not the [0-9]+ bytes")
    refused(with_field(stored, 20, struct.pack("<2L", 10**6, 10**6)), "lies beyond")


def test_members_above_each_other_are_refused() -> None:
    """As the bombs do, of which one piece becomes every member."""
    content = zipped({"a": b"x" * 500, "b": b"y" * 500})
    refused(with_field(content, 42, struct.pack("<L", 10)), "no member 'b' where it should be")
    inside = zipped({"a": zipped({"b": b"y" * 500}), "b": b"y" * 500})
    place = inside.index(b"PK\3\4", 4)
    refused(with_field(inside, 42, struct.pack("<L", place)), "lie above each other")


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = zipped({"a": bytes(1 << 20)}, zipfile.ZIP_DEFLATED)
    with open_archive(content) as archive:
        assert len(archive.read("a")) == 1 << 20
    monkeypatch.setattr(reading, "ALWAYS_READ", 1000)
    refused(content, "its members become 1,048,576 bytes, too many for its size")


def test_a_whole_archive_is_not_read_into_memory() -> None:
    content = with_field(zipped({"a": b"1"}), 20, struct.pack("<2L", 1 << 31, 1 << 31))
    refused(content, "lies beyond|too many")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive_that_was_cut_short_is_refused(method: int) -> None:
    content = zipped({"a": bytes(range(256)), "b": b"2" * 100}, method)
    for length in range(len(content)):
        refused(content[:length], "is not a zip archive|is damaged")


def test_a_missing_member_is_named() -> None:
    refused(zipped({"b": b"1"}), "the bytes that were given has no member 'a'")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_messages_name_the_member_and_the_file(tmp_path: Path, method: int) -> None:
    path = tmp_path / "모델.keras"
    path.write_bytes(zipped({"w.h5": b"no HDF5"}, method))
    sentence = re.escape(f"'w.h5' in {str(path)!r} is not an HDF5 file")
    with (
        open_archive(path) as archive,
        pytest.raises(CorruptFileError, match=sentence),
        open_hdf5(archive.open("w.h5")),
    ):
        pass


def test_a_directory_that_would_take_much_memory_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "LARGEST_DIRECTORY", 100)
    refused(zipped({str(k): b"" for k in range(10)}), "its directory has [0-9]+ bytes, too many")
    monkeypatch.setattr(writing, "WIDER", 20)
    content = io.BytesIO()
    with create_archive(content) as archive:
        for k in range(10):
            archive.write(str(k), b"")
    refused(content.getvalue(), "its directory has [0-9]+ bytes, too many")


def test_messages_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "망가진 파일.keras"
    path.write_bytes(b"nothing")
    with pytest.raises(CorruptFileError, match=r"망가진 파일\..*is not a zip"), open_archive(path):
        pass
