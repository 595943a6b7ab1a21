"""utils.get_file: downloads that break off, checksums, archives that want to leave their folder."""

from __future__ import annotations

import hashlib
import http.server
import io
import os
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pylego.utils import get_file
from pylego.utils.archives import extract_archive
from pylego.utils.downloads import ChecksumError, check, download

CONTENT = np.random.default_rng(0).bytes(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MD5 = hashlib.md5(CONTENT).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """A web server on this machine, whose connections may end early."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {"/numbers.bin": CONTENT}
        self.most: int | None = None  # bytes of an answer, before its connection ends
        self.knows_ranges = True
        self.asked: list[str] = []

    def url(self, path: str = "/numbers.bin") -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with a file, or with what is behind the place that is asked for."""

    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        self.server.asked.append(wanted)
        content = self.server.files.get(self.path.partition("?")[0])
        if content is None:
            self.send_error(404)
            return
        first = int(wanted[6:-1]) if wanted and self.server.knows_ranges else 0
        if first >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if first else 200)
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - first))
        self.end_headers()
        self.wfile.write(content[first:][: self.server.most])

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras"


# ---- downloads ------------------------------------------------------------------------------


@pytest.mark.parametrize("knows_ranges", [True, False])
def test_an_interrupted_download_is_gone_on_with(
    server: Server, tmp_path: Path, knows_ranges: bool
) -> None:
    path = tmp_path / "new" / "numbers.bin"
    server.knows_ranges, server.most = knows_ranges, 100_000
    with pytest.raises(ConnectionError, match="ended after 100,000 of 300,000 bytes"):
        download(server.url(), str(path), SHA256)
    assert [part.stat().st_size for part in path.parent.iterdir()] == [100_000]
    server.most = None
    download(server.url(), str(path), SHA256)
    assert path.read_bytes() == CONTENT
    assert server.asked == ["", "bytes=100000-"]
    assert os.listdir(path.parent) == ["numbers.bin"]


def test_a_part_that_is_whole_or_of_another_file_does_not_stay(
    server: Server, tmp_path: Path
) -> None:
    path = tmp_path / "numbers.bin"
    part = tmp_path / f"numbers.bin.{SHA256[:12]}.part"
    part.write_bytes(CONTENT)
    download(server.url(), str(path), SHA256)
    assert path.read_bytes() == CONTENT
    part.write_bytes(b"another file")
    with pytest.raises(ChecksumError, match=f"expected a file of sha256 {SHA256}, found"):
        download(server.url(), str(path), SHA256)
    assert os.listdir(tmp_path) == ["numbers.bin"]
    download(server.url(), str(path), SHA256)


def test_without_a_checksum_nothing_stays_of_an_interrupted_download(
    server: Server, tmp_path: Path
) -> None:
    server.most = 10
    with pytest.raises(ConnectionError):
        download(server.url(), str(tmp_path / "a"))
    assert os.listdir(tmp_path) == []


def test_a_bar_shows_how_far_a_download_is(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    for module in ("downloads", "progbar"):
        monkeypatch.setattr(f"pylego.utils.{module}.is_live", lambda: True)
    download(server.url(), str(tmp_path / "a"))
    told = capsys.readouterr()
    assert told.err == f"Downloading {server.url()}\n"
    assert "/300 " in told.out
    assert "/kB" in told.out
    assert told.out.endswith("\n")
    monkeypatch.undo()
    download(server.url(), str(tmp_path / "a"))
    assert capsys.readouterr().out == ""


# ---- get_file -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"file_hash": SHA256},
        {"file_hash": MD5.upper()},
        {"md5_hash": MD5},
        {"file_hash": SHA256, "hash_algorithm": "sha256"},
    ],
)
def test_a_file_is_downloaded_once(server: Server, home: Path, settings: dict[str, Any]) -> None:
    for _ in range(2):
        path = get_file(origin=server.url(), **settings)
        assert Path(path) == home / "datasets" / "numbers.bin"
        assert Path(path).read_bytes() == CONTENT
    assert len(server.asked) == 1
    get_file(origin=server.url(), force_download=True, **settings)
    assert len(server.asked) == 2


def test_files_have_the_places_that_are_said(server: Server, tmp_path: Path, home: Path) -> None:
    places = {
        home / "datasets" / "a.bin": {"fname": "a.bin"},
        home / "models" / "a.bin": {"fname": Path("a.bin"), "cache_subdir": "models"},
        tmp_path / "c" / "d" / "numbers.bin": {"cache_dir": tmp_path / "c", "cache_subdir": "d"},
        tmp_path / "e" / "numbers.bin": {"cache_subdir": str(tmp_path / "e")},
    }
    for place, settings in places.items():
        assert Path(get_file(origin=server.url(), **settings)) == place  # type: ignore[arg-type]
    assert Path(get_file("b.bin", server.url("/numbers.bin?raw=1#top"))).name == "b.bin"


def test_a_damaged_file_in_the_cache_is_downloaded_again(server: Server, home: Path) -> None:
    path = Path(get_file(origin=server.url()))
    path.write_bytes(b"half")
    assert get_file(origin=server.url()) == str(path)
    assert path.read_bytes() == b"half"
    with pytest.warns(UserWarning, match="is downloaded again: expected a file of md5"):
        get_file(origin=server.url(), file_hash=MD5)
    assert path.read_bytes() == CONTENT


@pytest.mark.usefixtures("home")
def test_what_cannot_be_downloaded_is_explained(server: Server, home: Path) -> None:
    with pytest.raises(ConnectionError, match=r"404(.|\n)*put it here(.|\n)*there\.bin"):
        get_file(origin=server.url("/there.bin"))
    with pytest.raises(ValueError, match="is incomplete or another file: expected"):
        get_file(origin=server.url(), file_hash="0" * 64)
    assert os.listdir(home / "datasets") == []
    with pytest.raises(ValueError, match="needs origin"):
        get_file("a")
    with pytest.raises(ValueError, match="pass fname"):
        get_file(origin="http://127.0.0.1/")
    with pytest.raises(ValueError, match="a name without folders"):
        get_file("../a", server.url())
    with pytest.raises(ValueError, match="Did you mean 'sha256'"):
        get_file("a", server.url(), file_hash=SHA256, hash_algorithm="sha265")
    with pytest.raises(ValueError, match="32 digits of md5 or 64 of sha256"):
        get_file("a", server.url(), file_hash="abc")
    with pytest.raises(ValueError, match="archive_format"):
        get_file("a", server.url(), extract=True, archive_format="rar")
    with pytest.raises(TypeError, match="Did you mean 'file_hash'"):
        get_file("a", server.url(), filehash=MD5)  # type: ignore[call-arg]


def test_a_cache_that_cannot_be_made_is_elsewhere(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "file").write_text("")
    path = get_file(origin=server.url(), cache_dir=tmp_path / "file" / "keras")
    assert Path(path) == tmp_path / "temporary" / ".keras" / "datasets" / "numbers.bin"


# ---- archives -------------------------------------------------------------------------------


def tar_of(*members: tuple[str, str, str], compression: str = "gz") -> bytes:
    """Members are (kind, name, content or target)."""
    kinds = {"file": b"0", "hard": b"1", "link": b"2", "folder": b"5", "pipe": b"6"}
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=f"w:{compression}") as archive:
        for kind, name, text in members:
            member = tarfile.TarInfo(name)
            member.type = kinds[kind]
            member.mode = 0o755
            if kind == "file":
                member.size = len(text.encode())
            else:
                member.linkname = text
            archive.addfile(member, io.BytesIO(text.encode()))
    return file.getvalue()


def zip_of(**files: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return file.getvalue()


USUAL = tar_of(("folder", "a", ""), ("file", "a/b.txt", "hello"), ("link", "a/c", "b.txt"))


@pytest.mark.parametrize(
    ("settings", "archive", "folder"),
    [
        ({}, "x.tar.gz_archive", "x.tar.gz"),
        ({"fname": "pictures"}, "pictures_archive", "pictures"),
        ({"fname": "pictures.tgz"}, "pictures.tgz", "pictures_extracted"),
        ({"untar": True, "extract": False}, "x.tar.gz_archive", "x.tar.gz"),
    ],
)
def test_archives_are_unpacked_where_keras_unpacks_them(
    server: Server, home: Path, settings: dict[str, Any], archive: str, folder: str
) -> None:
    server.files["/x.tar.gz"] = USUAL
    path = get_file(origin=server.url("/x.tar.gz"), **{"extract": True, **settings})
    assert Path(path) == home / "datasets" / folder
    assert (Path(path) / "a" / "c").read_text() == "hello"
    assert sorted(os.listdir(home / "datasets")) == sorted([archive, folder])


def test_an_archive_is_unpacked_anew_after_a_download(server: Server, home: Path) -> None:
    server.files["/x.zip"] = zip_of(a="1", b="1")
    folder = Path(get_file(origin=server.url("/x.zip"), extract=True))
    (folder / "a").write_text("own")
    get_file(origin=server.url("/x.zip"), extract=True)
    assert (folder / "a").read_text() == "own"
    server.files["/x.zip"] = zip_of(b="2")
    get_file(origin=server.url("/x.zip"), extract=True, force_download=True)
    assert [(folder / name).read_text() for name in "ab"] == ["own", "2"]
    with pytest.warns(UserWarning, match="is not an archive of tar"):
        get_file("y", server.url("/x.zip"), extract=True, archive_format="tar")


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([("file", "../evil", "x")], "leads out"),
        ([("file", "/tmp/pylego-evil", "x")], "leads out"),
        ([("file", "a/../../evil", "x")], "leads out"),
        ([("link", "l", "/")], "leads out"),
        ([("link", "l", "..")], "leads out"),
        ([("link", "a/l", "../..")], "leads out"),
        (
            [("folder", "a/b", ""), ("link", "a/b/l", "../.."), ("link", "a/b/m", "l/..")],
            "leads out",
        ),
        ([("hard", "h", "../outside")], "leads out"),
        ([("link", "l", "a"), ("file", "l/evil", "x")], "through a link"),
        ([("link", "l", "a"), ("hard", "h", "l")], "through a link"),
        ([("pipe", "p", "")], "is not a file"),
    ],
)
def test_no_member_leaves_the_folder(tmp_path: Path, members: list, reason: str) -> None:
    (tmp_path / "outside").write_text("untouched")
    path = tmp_path / "x.tar"
    path.write_bytes(tar_of(("folder", "a", ""), *members, ("file", "good", "y"), compression=""))
    folder = tmp_path / "inside" / "unpacked"
    with pytest.warns(UserWarning, match=f"is left out: it (leads )?.*{reason}"):
        assert extract_archive(str(path), str(folder), "auto")
    assert (folder / "good").read_text() == "y"
    assert sorted(os.listdir(tmp_path)) == ["inside", "outside", "x.tar"]
    assert os.listdir(tmp_path / "inside") == ["unpacked"]
    places = [path.resolve() for path in folder.rglob("*")]
    assert all(folder.resolve() in [place, *place.parents] for place in places)


def test_zip_members_that_would_leave_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(zip_of(**{"../evil": "x", "/root": "x", "a/good": "y"}))
    with pytest.warns(UserWarning, match="leads out of the folder"):
        extract_archive(str(path), str(tmp_path / "x"), "zip")
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a", "good", "x", "x.zip"]


def test_damaged_archives_leave_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    rows = [("file", str(i), CONTENT[i * 5000 :][:5000].hex()) for i in range(20)]
    path.write_bytes(tar_of(*rows)[:-20000])
    with pytest.raises(ValueError, match=r"x\.tar\.gz cannot be unpacked"):
        extract_archive(str(path), str(tmp_path / "x"), "auto")
    assert os.listdir(tmp_path) == ["x.tar.gz"]
    assert not extract_archive(str(path), str(tmp_path / "x"), None)
    assert not extract_archive(str(path), str(tmp_path / "x"), ["zip"])


def test_checksums_are_of_either_kind(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(CONTENT)
    check(str(tmp_path / "a"), MD5)
    check(str(tmp_path / "a"), SHA256, "sha256")
    with pytest.raises(ChecksumError, match=r"found .* \(300,000 bytes\)"):
        check(str(tmp_path / "a"), "0" * 32)
