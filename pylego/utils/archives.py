"""Unpack tar and zip archives into a folder that they cannot leave.

A member is written only if its path is relative, has no `..`, and leads through no link. A link is
made only if it is relative and has `..` in front alone, no more than lie between it and the folder.
So a link leads to a place in the folder, whatever other links it leads through: what is behind `..`
only goes down. (To ask where a path leads on the disk is not enough: a path that is too long to be
resolved is taken for a harmless one.)
"""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pylego import names

_FORMATS = ("tar", "zip")


def extract_archive(path: str, folder: str, archive_format: str | Sequence[str] | None) -> bool:
    """Unpack an archive; a folder that is not there yet appears when all is unpacked.

    Members that would leave the folder, and devices, are left out with a warning.

    Args:
        path: of the archive.
        folder: where to.
        archive_format: 'tar' (also compressed), 'zip', a list of those to try, 'auto' for both, or
            None for none.

    Returns whether it was an archive of such a format.

    Raises:
        ValueError: for an unknown format, and for a damaged archive.
    """
    kinds = formats_of(archive_format)
    with _damage_told(path):
        for kind in kinds:
            if _is_of_format(path, kind):
                _unpack_whole(path, folder, _unpack_tar if kind == "tar" else _unpack_zip)
                return True
    return False


def formats_of(archive_format: str | Sequence[str] | None) -> Sequence[str]:
    """Return the formats that an argument asks for, as a list.

    Raises:
        ValueError: for an unknown format.

    >>> formats_of("auto")
    ('tar', 'zip')
    """
    if archive_format == "auto":
        return _FORMATS
    given = [archive_format] if isinstance(archive_format, str) else archive_format or ()
    for kind in given:
        if kind not in _FORMATS:
            raise names.unknown("archive_format", kind, ["auto", *_FORMATS])
    return given


def _is_of_format(path: str, kind: str) -> bool:
    import tarfile
    import zipfile

    return tarfile.is_tarfile(path) if kind == "tar" else zipfile.is_zipfile(path)


@contextlib.contextmanager
def _damage_told(path: str) -> Iterator[None]:
    import errno
    import lzma
    import tarfile
    import zipfile
    import zlib

    damage = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError,
              RuntimeError, NotImplementedError, ValueError, OSError)  # fmt: skip
    try:
        yield
    except damage as error:
        # The system's own errors, such as a full disk, are others; a place before the file's
        # beginning is damage.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        raise ValueError(f"The archive {path} cannot be unpacked: {error}") from error


def _unpack_whole(path: str, folder: str, unpack: Callable[[str, str], None]) -> None:
    import shutil

    is_new = not os.path.exists(folder)
    part = f"{folder}.{os.urandom(4).hex()}.part" if is_new else folder
    os.makedirs(part, exist_ok=True)
    try:
        unpack(path, part)
        if is_new:
            os.replace(part, folder)
    finally:
        if is_new:
            shutil.rmtree(part, ignore_errors=True)


def _unpack_tar(path: str, folder: str) -> None:
    import tarfile

    filtering: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    with tarfile.open(path) as archive:
        for member in archive:
            if reason := _why_no_member(folder, member):
                _warn(path, member.name, reason)
            else:
                archive.extract(member, folder, **filtering)


def _unpack_zip(path: str, folder: str) -> None:
    import zipfile

    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if reason := _why_no_file(folder, member.filename):
                _warn(path, member.filename, reason)
            else:
                archive.extract(member, folder)  # links in it become files


def _warn(path: str, name: str, reason: str) -> None:
    warnings.warn(f"{path}: {name!r} is left out: {reason}", stacklevel=2)


# ---- what may be written --------------------------------------------------------------------

_LEAVES, _THROUGH_A_LINK = "it leads out of the folder", "it leads through a link"


def _why_no_member(folder: str, member: Any) -> str | None:
    if member.issym():
        return _why_no_link(folder, member.name, member.linkname)
    if member.islnk():  # another name for a member
        return _why_no_file(folder, member.linkname) or _why_no_file(folder, member.name)
    if not member.isfile() and not member.isdir():
        return "it is not a file"
    return _why_no_file(folder, member.name)


def _why_no_file(folder: str, name: str) -> str | None:
    """Why nothing may be written there; None where something may be."""
    parts = _parts(name)
    if parts is None or ".." in parts:
        return _LEAVES
    ways = (os.path.join(folder, *parts[:count]) for count in range(1, len(parts) + 1))
    return _THROUGH_A_LINK if any(map(os.path.islink, ways)) else None


def _why_no_link(folder: str, name: str, target: str) -> str | None:
    steps, place = _parts(target), _parts(name)
    if steps is None or not place:
        return _LEAVES
    up = next((i for i, step in enumerate(steps) if step != ".."), len(steps))
    if up >= len(place) or ".." in steps[up:]:
        return _LEAVES
    return _why_no_file(folder, "/".join(place))


def _parts(name: str) -> list[str] | None:
    """The steps of a path; None for one that does not begin in a folder."""
    path = name.replace(os.sep, "/")
    if path.startswith("/") or os.path.splitdrive(name)[0]:
        return None
    return [part for part in path.split("/") if part not in ("", ".")]
