"""`tf.io` and `tf.audio`: pictures and sound out of files, in the words of TensorFlow."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from pylego import ops, utils
from pylego.core.tensor import Tensor
from pylego.utils.wave_files import read_wave

__all__ = ["decode_image", "decode_wav", "read_file"]

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


def decode_wav(
    contents: bytes, desired_channels: int = -1, desired_samples: int = -1, name: Any = None
) -> tuple[Tensor, Tensor]:
    """Return the sound that the bytes of a WAV file hold, and how many samples come in a second.

    Args:
        contents: the bytes.
        desired_channels: how many channels are returned, the first ones; all by default. A missing
            one is the last one that is there.
        desired_samples: to which length it is cut, or filled up with zeros; by default as it is.
        name: says nothing here.

    Returns float32 numbers from -1 to 1, of shape (samples, channels), and int32.
    """
    samples, rate = read_wave(io.BytesIO(contents))
    if desired_channels > 0:
        last = samples.shape[1] - 1
        samples = samples[:, [min(channel, last) for channel in range(desired_channels)]]
    if desired_samples > 0:
        missing = max(desired_samples - len(samples), 0)
        samples = np.pad(samples[:desired_samples], ((0, missing), (0, 0)))
    return ops.convert_to_tensor(samples), ops.convert_to_tensor(rate, "int32")
