"""`tf.io`: pictures out of files, in the words of TensorFlow."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from pylego import ops, utils
from pylego.core.tensor import Tensor

__all__ = ["decode_image", "read_file"]

_MODES = {1: "grayscale", 3: "rgb", 4: "rgba"}


def read_file(filename: Any, name: Any = None) -> bytes:
    """Return what is in a file."""
    path = filename.decode() if isinstance(filename, bytes) else str(filename)
    return Path(path).read_bytes()


def decode_image(
    contents: bytes, channels: int = 0, dtype: Any = "uint8", name: Any = None, **options: Any
) -> Tensor:
    """Return the picture that the bytes of a file of any common format hold.

    Args:
        contents: the bytes.
        channels: 1 for gray, 3 for colors, 4 for colors and how opaque they are; 0, for as many
            as the file has, means 3.
        dtype: of the numbers, which are from 0 to 255; floats are from 0 to 1.
        name: says nothing here.
        **options: of TensorFlow's decoders, which say nothing here.

    Returns uint8 numbers (or the dtype) of shape (height, width, channels).
    """
    image = utils.load_img(io.BytesIO(contents), color_mode=_MODES[channels or 3])
    numbers = ops.convert_to_tensor(utils.img_to_array(image, dtype="uint8"))
    return numbers if dtype == "uint8" else ops.cast(numbers, dtype) / 255.0
