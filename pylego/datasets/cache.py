"""Keep data sets in a cache folder: where it is, and how files that are missing get there.

The folder is `$PYLEGO_HOME`, or `~/.pylego`; each data set has a folder of its own in it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence

SECONDS_WITHOUT_ANSWER = 30

BY_HAND = "Or get these files elsewhere and put them here (PYLEGO_HOME moves the cache folder):"
CERTIFICATE_ADVICE = """\
Python could not verify the server's certificate. On macOS run "Install Certificates.command" from
Python's folder; behind a company proxy set SSL_CERT_FILE to the proxy's certificate file."""


def home() -> str:
    """Return the cache folder: `$PYLEGO_HOME`, or `~/.pylego` where that is not set."""
    return os.path.expanduser(os.environ.get("PYLEGO_HOME") or os.path.join("~", ".pylego"))


def keras_home() -> str:
    """Return where Keras keeps its data sets: `$KERAS_HOME/datasets`, or `~/.keras/datasets`."""
    home = os.environ.get("KERAS_HOME") or os.path.join("~", ".keras")
    return os.path.expanduser(os.path.join(home, "datasets"))


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
        try:
            content = _from_first_mirror(name, checksum, mirrors)
        except ConnectionError as error:
            raise ConnectionError(f"{error}\n{_by_hand(folder, checksums)}") from None
        _write_whole(os.path.join(folder, name), content)


def _from_first_mirror(name: str, checksum: str, mirrors: Sequence[str]) -> bytes:
    from http.client import HTTPException

    failures = [f"Could not download {name}:"]
    for mirror in mirrors:
        try:
            return _download(mirror + name, checksum)
        except (OSError, HTTPException) as error:  # noqa: PERF203, the next mirror may do
            failures.append(f"  {mirror}{name}: {error}")
    message = "\n".join(failures)
    if "CERTIFICATE_VERIFY_FAILED" in message:
        message += "\n" + CERTIFICATE_ADVICE
    raise ConnectionError(message)


def _download(url: str, checksum: str) -> bytes:
    import hashlib
    import urllib.request

    print(f"Downloading {url}", file=sys.stderr)
    with urllib.request.urlopen(url, timeout=SECONDS_WITHOUT_ANSWER) as response:
        content: bytes = response.read()
    kind = "md5" if len(checksum) == 32 else "sha256"
    found = hashlib.new(kind, content, usedforsecurity=False).hexdigest()
    if found != checksum:
        raise OSError(
            f"expected a file of {kind} {checksum}, found {found} ({len(content):,} bytes)"
        )
    return content


def _by_hand(folder: str, names: Iterable[str]) -> str:
    paths = [os.path.join(folder, name) for name in names]
    missing = [f"  {path}" for path in paths if not os.path.isfile(path)]
    return "\n".join([BY_HAND, *missing])


def _write_whole(path: str, content: bytes) -> None:
    """Write beside the target and rename, so that nobody ever sees half a file."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    part = f"{path}.{os.urandom(4).hex()}.part"
    try:
        with open(part, "xb") as file:
            file.write(content)
        os.replace(part, path)
    finally:
        if os.path.exists(part):
            os.remove(part)
