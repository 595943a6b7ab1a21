"""After a crash, a full disk or a refused object there is the old file or the new one."""

from __future__ import annotations

import io
import os
import random
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from pylego.saving import atomic
from pylego.saving.archive import create_archive
from pylego.saving.hdf5 import create_hdf5, open_hdf5


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "모델 1.h5"
    file.write_bytes(b"old")
    return file


def alone(path: Path) -> bool:
    return os.listdir(path.parent) == [path.name]


def test_the_new_file_takes_the_place_of_the_old(path: Path) -> None:
    with atomic.writing(path) as file:
        file.write(b"new")
        assert Path(file.name).parent == path.parent
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert alone(path)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, MemoryError])
def test_whatever_is_raised_leaves_the_old_file(path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), atomic.writing(path) as file:  # noqa: PT012
        file.write(b"new")
        raise error
    assert path.read_bytes() == b"old"
    assert alone(path)


def test_a_refused_object_leaves_the_old_file(path: Path) -> None:
    def save() -> None:
        with (
            create_archive(path) as archive,
            archive.create("a") as member,
            create_hdf5(member) as file,
        ):
            file.write("a", np.ones(10))
            file.write("b", np.array([object()]))

    with pytest.raises(TypeError):
        save()
    assert path.read_bytes() == b"old"
    assert alone(path)


def test_permissions(path: Path, tmp_path: Path) -> None:
    path.chmod(0o640)
    with atomic.writing(path) as file:
        file.write(b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    former = os.umask(0o027)
    try:
        with atomic.writing(tmp_path / "other") as file:
            file.write(b"new")
    finally:
        os.umask(former)
    assert stat.S_IMODE((tmp_path / "other").stat().st_mode) == 0o640


def test_the_target_of_a_symbolic_link_is_written(path: Path, tmp_path: Path) -> None:
    link, missing = tmp_path / "link", tmp_path / "missing"
    link.symlink_to(path)
    missing.symlink_to(tmp_path / "not there yet")
    for one in (link, missing):
        with atomic.writing(one) as file:
            file.write(b"new")
        assert one.is_symlink()
        assert one.read_bytes() == b"new"
    assert path.read_bytes() == b"new"


def test_devices_and_folders_are_not_replaced(tmp_path: Path) -> None:
    with atomic.writing(os.devnull) as file:
        file.write(b"new")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)
    with pytest.raises(IsADirectoryError), atomic.writing(tmp_path):
        pass
    with pytest.raises(FileNotFoundError, match="nowhere"), atomic.writing(tmp_path / "nowhere/a"):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to every file")
def test_a_write_protected_file_is_left(path: Path) -> None:
    path.chmod(0o440)
    with pytest.raises(PermissionError, match="write-protected"), atomic.writing(path):
        pass
    assert path.read_bytes() == b"old"


def test_names_as_long_as_the_system_has(tmp_path: Path) -> None:
    for name in ("x" * 255, "글" * 85):
        with atomic.writing(tmp_path / name) as file:
            file.write(b"new")
        assert (tmp_path / name).read_bytes() == b"new"


def test_file_objects_are_written_to() -> None:
    target = io.BytesIO()
    with atomic.writing(target) as file:
        file.write(b"new")
    assert target.getvalue() == b"new"
    with pytest.raises(TypeError, match="a path or to a binary file object"), atomic.writing(b"a"):
        pass


# ---- disks and crashes ----

FULL = """
import resource, signal, sys
import numpy as np
from pylego.saving.archive import create_archive
from pylego.saving.hdf5 import create_hdf5
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for limit in (10, 2000, 50_000, 160_000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        with create_archive(sys.argv[1]) as archive:
            archive.write("config.json", b"{}")
            with archive.create("a") as member, create_hdf5(member) as file:
                for k in range(20):
                    file.write(f"a/{k}", np.ones(1000))
    except OSError as error:
        print(error)
    assert open(sys.argv[1], "rb").read() == b"old"
"""


def test_a_full_disk_leaves_the_old_file(path: Path) -> None:
    """As a limit on the size of files makes it, which every system has."""
    program = [sys.executable, "-c", FULL, str(path)]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    errors = done.stdout.splitlines()
    assert len(errors) == 4
    assert all("what was there is unchanged" in error for error in errors)
    assert all(path.name in error for error in errors)
    assert alone(path)


SAVES = """
import sys
import numpy as np
from pylego.saving.hdf5 import create_hdf5
k = 0
while True:
    with create_hdf5(sys.argv[1]) as file:
        for name in "abcd":
            file.write(name, np.full(20_000, k))
    print(k, flush=True)
    k += 1
"""


def test_a_killed_process_leaves_the_old_file_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "모델.h5"
    draw = random.Random(0)
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", SAVES, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        process.stdout.readline()  # there is one
        time.sleep(draw.random() / 10)
        process.send_signal(signal.SIGKILL)
        said = process.communicate()[0].split()
        with open_hdf5(path) as file:
            values = {value for name in "abcd" for value in file.read(name).tolist()}
        assert len(values) == 1
        last = int(said[-1]) if said else 0
        assert values <= {last, last + 1}
