"""Download files: each is whole and verified, or not there.

A download that was interrupted is gone on with, where a checksum can tell that the parts fit:

    name.1f0c2a7b.part          what a download writes, under a name of its own
    name.69664113be75.part      what an interrupted one left; the next one takes it by renaming it
    name                        the whole, renamed when its checksum is right
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

from pylego import names
from pylego.console import tell
from pylego.utils.progbar import Progbar, is_live

SECONDS_WITHOUT_ANSWER = 30
_ALGORITHMS = {"md5": 32, "sha256": 64}  # and how many digits they give
_PIECE = 1 << 16  # bytes that are read at a time
_RANGE_NOT_THERE = 416


CERTIFICATE_ADVICE = """\
Python could not verify the server's certificate. On macOS run "Install Certificates.command" from
Python's folder; behind a company proxy set SSL_CERT_FILE to the proxy's certificate file."""


class ChecksumError(ValueError):
    """A file is not the expected one."""


def download(url: str, path: str, checksum: str | None = None, algorithm: str = "auto") -> None:
    """Download a file to a path; its folder is made if need be.

    Args:
        url: where it is.
        path: where to.
        checksum: what the content must have; by default any content will do.
        algorithm: of the checksum: 'md5', 'sha256', or 'auto', which goes by its length.

    Raises:
        ChecksumError: the content is another one.
        OSError, http.client.HTTPException: it cannot be downloaded or written.
    """
    tell(f"Downloading {url}", file=sys.stderr)
    part = f"{path}.{os.urandom(4).hex()}.part"
    left = None if checksum is None else f"{path}.{checksum[:12]}.part"
    if left is not None and os.path.exists(left):
        with contextlib.suppress(FileNotFoundError):  # another process was first
            os.replace(left, part)
    try:
        _fetch(url, part)
        if checksum is not None:
            check(part, checksum, algorithm)
        os.replace(part, path)
    except BaseException as error:
        if os.path.exists(part):
            if left is None or isinstance(error, ChecksumError):
                os.remove(part)
            else:
                os.replace(part, left)
        raise


def download_or_explain(
    url: str, path: str, checksum: str | None = None, algorithm: str = "auto"
) -> None:
    """Download a file; arguments as for `download`.

    Raises:
        ConnectionError: it cannot be downloaded; the text says where to put it by hand.
        ValueError: the content is another one than the checksum says.
    """
    from http.client import HTTPException

    try:
        download(url, path, checksum, algorithm)
    except ChecksumError as error:
        raise ValueError(f"{url} is incomplete or another file: {error}") from None
    except (OSError, HTTPException) as error:
        message = with_advice(f"Could not download {url}: {error}")
        by_hand = f"Or get it elsewhere, and put it here:\n  {path}"
        raise ConnectionError(f"{message}\n{by_hand}") from error


def with_advice(message: str) -> str:
    """Add to a message of failed downloads what to do, where that is known."""
    is_certificate = "CERTIFICATE_VERIFY_FAILED" in message
    return f"{message}\n{CERTIFICATE_ADVICE}" if is_certificate else message


def check(path: str, checksum: str, algorithm: str = "auto") -> None:
    """Compare a file with its checksum; arguments as for `download`.

    Raises:
        ChecksumError: the content is another one.
        ValueError: for an unknown algorithm.
    """
    import hashlib

    kind = algorithm_of(checksum, algorithm)
    digest = hashlib.new(kind, usedforsecurity=False)
    with open(path, "rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
        size = file.tell()
    if digest.hexdigest() != checksum.lower():
        raise ChecksumError(
            f"expected a file of {kind} {checksum}, found {digest.hexdigest()} ({size:,} bytes)"
        )


def algorithm_of(checksum: str, algorithm: str) -> str:
    """Return which algorithm a checksum is of.

    Raises:
        ValueError: for an unknown algorithm, and for a checksum that is of none.

    >>> algorithm_of("0" * 64, "auto")
    'sha256'
    """
    if algorithm != "auto" and algorithm not in _ALGORITHMS:
        raise names.unknown("hash_algorithm", algorithm, ["auto", *_ALGORITHMS])
    for kind, digits in _ALGORITHMS.items():
        if len(checksum) == digits and algorithm in (kind, "auto"):
            return kind
    raise ValueError(
        "A checksum is 32 digits of md5 or 64 of sha256. Received: "
        f"{checksum!r} with hash_algorithm={algorithm!r}"
    )


# ---- the network ----------------------------------------------------------------------------


def _fetch(url: str, part: str) -> None:
    """Write what is at a URL into a file, behind what the file has already."""
    import urllib.error

    done = os.path.getsize(part) if os.path.exists(part) else 0
    try:
        _append(url, part, done)
    except urllib.error.HTTPError as error:
        if not done or error.code != _RANGE_NOT_THERE:
            raise
        os.remove(part)
        _append(url, part, 0)


def _append(url: str, part: str, done: int) -> None:
    import urllib.request

    rest = urllib.request.Request(url, headers={"Range": f"bytes={done}-"}) if done else url
    with urllib.request.urlopen(rest, timeout=SECONDS_WITHOUT_ANSWER) as response:
        if done and not response.headers.get("Content-Range", "").startswith(f"bytes {done}-"):
            done = 0  # the server sends all
        length = response.headers.get("Content-Length")
        total = None if length is None else done + int(length)
        os.makedirs(os.path.dirname(part) or ".", exist_ok=True)
        with open(part, "ab") as file, _progress(total) as bar:
            file.truncate(done)
            while piece := response.read(_PIECE):
                file.write(piece)
                done += len(piece)
                bar.update(done // 1000, finalize=False)
    if total is not None and done < total:
        raise ConnectionError(f"the connection ended after {done:,} of {total:,} bytes")


@contextlib.contextmanager
def _progress(total: int | None) -> Iterator[Any]:
    """A bar on a terminal and in a notebook, nothing elsewhere."""
    bar = Progbar(total and total // 1000, verbose=int(is_live()), unit_name="kB")
    try:
        yield bar
    finally:
        bar.close()
