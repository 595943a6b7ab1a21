"""Read IDX files, the format of MNIST, trusting nothing that a file says about itself.

An IDX file is 00 00, a type code, the number of axes, the big-endian size of each axis, and then
the numbers (described at http://yann.lecun.com/exdb/mnist/).
"""

from __future__ import annotations

import math
import os
from typing import BinaryIO

import numpy as np

UINT8_CODE = 8
GZIP_MAGIC = b"\x1f\x8b"
PIECE = 1 << 20


def read_idx(path: str | os.PathLike[str], axes: int) -> np.ndarray:
    """Read an IDX file of unsigned bytes, plain or compressed with gzip whatever its name says.

    Args:
        path: the file.
        axes: the number of axes that it must have: 3 for images, 1 for labels.

    Returns:
        A uint8 array with the shape that the header gives.

    Raises:
        ValueError: the file is damaged, no such IDX file, empty, or not as long as it says.
        FileNotFoundError: there is no such file.
    """
    import gzip
    import zlib

    with open(path, "rb") as file:
        zipped = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        file.seek(0)
        stream = gzip.GzipFile(fileobj=file) if zipped else file
        try:
            return _parse(stream, axes)  # type: ignore[arg-type]
        except (ValueError, EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"{os.fspath(path)} cannot be read: {error}") from error


def _parse(stream: BinaryIO, axes: int) -> np.ndarray:
    shape = _read_shape(stream, axes)
    size = math.prod(shape)
    # One byte more than is due: it shows files that are too long, and has gzip check its sum.
    content = _read_up_to(stream, size + 1)
    promise = f"the header promises {size:,} bytes (shape {shape})"
    if len(content) < size:
        raise ValueError(f"{promise}, but only {len(content):,} follow; is the file cut off?")
    if len(content) > size:
        raise ValueError(f"{promise}, but more follow")
    return np.frombuffer(content, np.uint8).reshape(shape)


def _read_shape(stream: BinaryIO, axes: int) -> tuple[int, ...]:
    magic = bytes([0, 0, UINT8_CODE, axes])
    header = stream.read(len(magic) + 4 * axes)
    if header[: len(magic)] != magic:
        raise ValueError(
            f"expected an IDX file of bytes with {axes} axes, which begins with "
            f"{magic.hex(' ')}, found {header[: len(magic)].hex(' ') or 'nothing'}"
        )
    if len(header) < len(magic) + 4 * axes:
        raise ValueError(f"the file ends after {len(header)} bytes, within its header")
    shape = tuple(np.frombuffer(header, ">u4", offset=len(magic)).tolist())
    if 0 in shape:
        raise ValueError(f"it holds nothing (shape {shape})")
    return shape


def _read_up_to(stream: BinaryIO, limit: int) -> bytearray:
    """Read in pieces, so that memory follows what is really there, not what the header claims."""
    content = bytearray()
    while len(content) < limit:
        piece = stream.read(min(PIECE, limit - len(content)))
        if not piece:
            break
        content += piece
    return content
