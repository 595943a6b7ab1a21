"""Files that are written whole or not at all.

After a crash, a full disk or an object that cannot be saved there is the old file or the new one.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
from collections.abc import Iterator
from typing import Any, BinaryIO

Target = Any  # a path, or a binary file object


def is_path(target: Any) -> bool:
    """Return whether a target or source is a path rather than an open file.

    >>> is_path("모델.keras")
    True
    """
    return isinstance(target, (str, os.PathLike))


@contextlib.contextmanager
def writing(target: Target) -> Iterator[BinaryIO]:
    """Open a file beside the target, which takes its place when the `with` block ends well.

    It is in the same folder, so that the system renames it in one step, and synced before that. If
    anything is raised, it is removed, and what was there before is untouched. Permissions of a file
    that was there are kept, and where the target is a symbolic link, the file that it points to is
    written. File objects are handed through, and so are devices and pipes.

    Args:
        target: a path, or a binary file object.

    Raises:
        OSError: where the file cannot be written.

    >>> import tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "모델")
    >>> with writing(path) as file:
    ...     _ = file.write(b"numbers")
    >>> open(path, "rb").read()
    b'numbers'
    """
    if not is_path(target):
        if not hasattr(target, "write"):
            raise TypeError(
                "A file is written to a path or to a binary file object. "
                f"Received: {target!r} (a {type(target).__name__})"
            )
        yield target
        return
    path = os.path.realpath(os.fsdecode(target))
    former = _status(path)
    if former is not None and not stat.S_ISREG(former.st_mode):
        with open(path, "wb") as file:  # of a directory Python itself says that it is one
            yield file
        return
    with _beside(path, former) as file:
        yield file


@contextlib.contextmanager
def seekable(file: BinaryIO) -> Iterator[BinaryIO]:
    """Lend a file that can be read and sought in, and hand what was written on to one that cannot.

    A file that can is emptied, as `open(path, "wb")` would; the other ones, such as pipes, get all
    in one go when the `with` block ends well.
    """
    able = ("readable", "writable", "seekable")
    if all(getattr(file, name, bool)() for name in able) and hasattr(file, "readinto"):
        file.seek(0)
        file.truncate()
        yield file
        return
    whole = io.BytesIO()
    yield whole
    file.write(whole.getbuffer())


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def _beside(path: str, former: os.stat_result | None) -> Iterator[BinaryIO]:
    if former is not None and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "write-protected, so it is left as it was", path)
    folder = os.path.dirname(path)
    # A name that no leftover of a killed process has, and short enough for any system.
    name = os.path.basename(path).encode()[:60].decode(errors="ignore")
    part = os.path.join(folder, f"{name}.{os.urandom(8).hex()}.part")
    try:
        # The umask decides who may read it, as for any file, unless one was there.
        with open(part, "x+b") as file:
            if former is not None:
                with contextlib.suppress(OSError):  # only root may give files to others
                    os.chown(part, former.st_uid, former.st_gid)
                os.chmod(part, stat.S_IMODE(former.st_mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException as error:
        with contextlib.suppress(FileNotFoundError):
            os.remove(part)
        if isinstance(error, OSError) and error.filename in (None, part):
            raise _not_written(path, error) from error
        raise
    _sync_folder(folder)


def _not_written(path: str, error: OSError) -> OSError:
    """Return an error of the same class that names the file, as those of a full disk do not."""
    reason = f"{error.strerror or error}. It was not written, and what was there is unchanged"
    return OSError(error.errno or errno.EIO, reason, path)


def _sync_folder(folder: str) -> None:
    """Make the renaming itself last, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
