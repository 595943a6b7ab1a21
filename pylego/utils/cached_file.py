"""Files from the network, kept in a cache folder."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import Any

from pylego.construction import explained
from pylego.utils import archives, downloads


def keras_home() -> str:
    """Return where Keras keeps files: `$KERAS_HOME`, or `~/.keras`.

    >>> keras_home().endswith("keras") or "KERAS_HOME" in os.environ
    True
    """
    return os.path.expanduser(os.environ.get("KERAS_HOME") or os.path.join("~", ".keras"))


@explained
def get_file(
    fname: Any = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: str | Sequence[str] | None = "auto",
    cache_dir: Any = None,
    force_download: bool = False,
) -> str:
    """Return where a file of the network lies in the cache; it is downloaded if it is not there.

    The file is `cache_dir/cache_subdir/fname`, by default `~/.keras/datasets/fname`: what Keras
    downloaded is found, too. An interrupted download with a `file_hash` is gone on with by the next
    call. An archive is unpacked into a folder beside it, which nothing in it can leave: members
    with absolute paths, `..`, or links out of the folder are left out with a warning.

    Args:
        fname: the name of the file; by default the last part of `origin`. Of an archive that is
            unpacked, the name of the folder; where it has a dot, of the archive, and the folder is
            named by what is before it, with `_extracted`.
        origin: the URL.
        untar: the older way to say `extract=True, archive_format="tar"`.
        md5_hash: the older way to say `file_hash`.
        file_hash: the checksum that the file must have. Pass it where you can.
        cache_subdir: a folder in the cache, or an absolute path instead.
        hash_algorithm: 'md5', 'sha256', or 'auto', which goes by the length of the checksum.
        extract: whether to unpack an archive. That is done once, and again after a download.
        archive_format: 'tar', 'zip', a list of those, 'auto' for both, or None for none.
        cache_dir: the cache; by default `$KERAS_HOME` or `~/.keras`, and where that cannot be
            written, `.keras` in the folder for temporary files.
        force_download: whether to download it in any case.

    Returns the path of the file; of the folder for an archive that is unpacked.

    Raises:
        ValueError: without an origin or a name, for a wrong checksum, for a damaged archive.
        ConnectionError: it cannot be downloaded; the text says where to put it by hand.

    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "numbers.csv").write_text("1,2")
    >>> path = get_file(origin=(folder / "numbers.csv").as_uri(), cache_dir=folder / "cache")
    >>> pathlib.Path(path).read_text()
    '1,2'
    """
    if origin is None:
        raise ValueError("get_file needs origin, the URL of the file")
    if file_hash is None and md5_hash is not None:
        file_hash, hash_algorithm = md5_hash, "md5"
    if file_hash is not None:
        downloads.algorithm_of(file_hash, hash_algorithm)
    kinds = archives.formats_of("tar" if untar else archive_format)
    folder = _cache_folder(cache_dir, cache_subdir)
    name = _name(fname, origin)
    if not extract and not untar:
        path = os.path.join(folder, name)
        _keep(path, origin, file_hash, hash_algorithm, force_download)
        return path
    path, unpacked = _archive_and_folder(folder, name, is_given=bool(fname))
    is_new = _keep(path, origin, file_hash, hash_algorithm, force_download)
    if (is_new or not os.path.isdir(unpacked)) and not archives.extract_archive(
        path, unpacked, kinds
    ):
        what = " or ".join(kinds) or "any format"
        warnings.warn(f"Nothing is unpacked: {path} is not an archive of {what}", stacklevel=2)
    return unpacked


def _cache_folder(cache_dir: Any, cache_subdir: str) -> str:
    home = keras_home() if cache_dir is None else os.path.expanduser(os.fspath(cache_dir))
    try:
        os.makedirs(home, exist_ok=True)
        is_ours = os.access(home, os.W_OK)
    except OSError:
        is_ours = False
    if not is_ours:
        import tempfile

        home = os.path.join(tempfile.gettempdir(), ".keras")
    folder = os.path.join(home, cache_subdir)
    os.makedirs(folder, exist_ok=True)
    return folder


def _name(fname: Any, origin: str) -> str:
    import urllib.parse

    if fname:
        name = os.fspath(fname)
        if os.path.basename(name) != name:
            raise ValueError(
                f"fname is a name without folders: cache_dir and cache_subdir say where. Received: "
                f"fname={name!r}"
            )
        return name
    name = os.path.basename(urllib.parse.urlsplit(origin).path)
    if not name:
        raise ValueError(f"origin={origin!r} does not end in the name of a file: pass fname")
    return name


def _archive_and_folder(folder: str, name: str, is_given: bool) -> tuple[str, str]:
    """Where an archive lies, and where it is unpacked, as Keras names them."""
    if is_given and "." in name:
        unpacked = f"{name.partition('.')[0]}_extracted"
        return os.path.join(folder, name), os.path.join(folder, unpacked)
    return os.path.join(folder, f"{name}_archive"), os.path.join(folder, name)


def _keep(
    path: str, origin: str, checksum: str | None, algorithm: str, force_download: bool
) -> bool:
    """Download a file unless it is there; return whether that was done."""
    if os.path.exists(path) and not force_download:
        if checksum is None:
            return False
        try:
            downloads.check(path, checksum, algorithm)
            return False
        except downloads.ChecksumError as error:
            warnings.warn(f"{path} is downloaded again: {error}", stacklevel=3)
    downloads.download_or_explain(origin, path, checksum, algorithm)
    return True
