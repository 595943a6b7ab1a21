"""Keep data sets in a cache folder: where it is, and how files that are missing get there.

The folder is `$PYLEGO_HOME`, or `~/.pylego`; each data set has a folder of its own in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from pylego.utils import cached_file, downloads

KERAS_MIRRORS = ("https://storage.googleapis.com/tensorflow/tf-keras-datasets/",)

BY_HAND = "Or get these files elsewhere and put them here (PYLEGO_HOME moves the cache folder):"


def home() -> str:
    """Return the cache folder: `$PYLEGO_HOME`, or `~/.pylego` where that is not set."""
    return os.path.expanduser(os.environ.get("PYLEGO_HOME") or os.path.join("~", ".pylego"))


def keras_home() -> str:
    """Return where Keras keeps its data sets: `$KERAS_HOME/datasets`, or `~/.keras/datasets`."""
    return os.path.join(cached_file.keras_home(), "datasets")


def found_file(folder: str, name: str, checksum: str, path: str | os.PathLike[str]) -> str:
    """Return where a file of Keras's lies; it is downloaded if it is in no cache.

    Args:
        folder: of the data set, in our cache.
        name: of the official file, such as imdb.npz.
        checksum: what `download` compares.
        path: a file to take instead; or a name, below the cache folder.

    Raises:
        ConnectionError: it is missing and cannot be downloaded.
        FileNotFoundError: `path` leads to no file.
    """
    path = os.path.expanduser(path)
    own_folder = os.path.join(home(), folder)
    own = [] if path == name else [path]
    for place in (*own, *(os.path.join(place, path) for place in (own_folder, keras_home()))):
        if os.path.isfile(place):
            return place
    if os.path.basename(path) != path:
        raise FileNotFoundError(f"path={path!r} should lead to {name}; there is no such file")
    download(own_folder, {name: checksum}, KERAS_MIRRORS)
    return os.path.join(own_folder, name)


def download(folder: str, checksums: Mapping[str, str], mirrors: Sequence[str]) -> None:
    """Download files into a folder, each whole and verified or not at all.

    Args:
        folder: where to; made if need be.
        checksums: the names of the files, and the SHA-256 (or MD5) that each must have.
        mirrors: URLs that end in `/` and are tried in this order.

    Raises:
        ConnectionError: no mirror gave one of the files; the text says what to put where instead.
    """
    for name, checksum in checksums.items():
        failures = _from_first_mirror(os.path.join(folder, name), checksum, mirrors)
        if failures is not None:
            raise ConnectionError(f"{failures}\n{_by_hand(folder, checksums)}")


def _from_first_mirror(path: str, checksum: str, mirrors: Sequence[str]) -> str | None:
    """Download a file; return why no mirror gave it, or None."""
    from http.client import HTTPException

    failing = (OSError, HTTPException, downloads.ChecksumError)
    name = os.path.basename(path)
    failures = [f"Could not download {name}:"]
    for mirror in mirrors:
        try:
            downloads.download(mirror + name, path, checksum)
            return None
        except failing as error:  # noqa: PERF203, the next mirror may do
            failures.append(f"  {mirror}{name}: {error}")
    return downloads.with_advice("\n".join(failures))


def _by_hand(folder: str, names: Iterable[str]) -> str:
    paths = [os.path.join(folder, name) for name in names]
    missing = [f"  {path}" for path in paths if not os.path.isfile(path)]
    return "\n".join([BY_HAND, *missing])
