"""Files that are written whole or not at all.

After a crash, a full disk or an object that cannot be saved there is the old file or the new one.
"""

from __future__ import annotations

import contextlib
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


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def _beside(path: str, former: os.stat_result | None) -> Iterator[BinaryIO]:
    if former is not None and not os.access(path, os.W_OK):
        raise PermissionError(f"{path!r} is write-protected, so it was not replaced.")
    folder = os.path.dirname(path)
    part = os.path.join(folder, f".{os.urandom(8).hex()}.part")  # a name that no leftover has
    try:
        # The umask decides who may read it, as for any file, unless one was there.
        with open(part, "x+b") as file:
            if former is not None:
                os.chmod(part, stat.S_IMODE(former.st_mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.remove(part)
        raise
    _sync_folder(folder)


def _sync_folder(folder: str) -> None:
    """Make the renaming itself last, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
