"""Sound in WAV files: read as floats, and brought to another sampling rate."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

_ZERO_CROSSINGS = 16  # of the filter, on each side of its middle
_BLOCK = 4096  # samples that are computed at once


def read_wave(path: Any) -> tuple[np.ndarray, int]:
    """Read a WAV file of whole numbers (PCM) of 8, 16, 24 or 32 bits.

    Returns float32 samples from -1 to 1, shape (samples, channels), and how many come in a second.

    Raises:
        ValueError: for any other file, by its name.
    """
    import wave

    try:
        with wave.open(path if hasattr(path, "read") else str(path), "rb") as file:
            content = file.readframes(file.getnframes())
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
        if not 1 <= width <= 4:
            raise wave.Error(f"{8 * width} bits a sample")
    except (wave.Error, EOFError, RuntimeError) as error:
        raise ValueError(
            f"{path} is not a WAV file of whole numbers: {error or 'it ends'}"
        ) from error
    whole = len(content) // (width * channels) * width * channels
    return _floats(content[:whole], width).reshape(-1, channels), rate


def _floats(content: bytes, width: int) -> np.ndarray:
    """Whole numbers of so many bytes; a single byte has its zero at 128."""
    if width == 1:
        return (np.frombuffer(content, np.uint8).astype("float32") - 128) / 128
    if width != 3:
        return np.frombuffer(content, f"<i{width}").astype("float32") / 2 ** (8 * width - 1)
    bytes_of_each = np.frombuffer(content, np.uint8).reshape(-1, 3)
    wide = np.zeros((len(bytes_of_each), 4), np.uint8)
    wide[:, 1:] = bytes_of_each  # 256 times the number
    return wide.view("<i4")[:, 0].astype("float32") / 2**31


def resampled(samples: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    """Return sound at another sampling rate.

    y[n] = sum_k x[k] h(n * rate / wanted - k), where h is the sinc function that lets frequencies
    below half of both rates pass, under a window (cos^2) of 16 zero crossings to each side.

    Args:
        samples: shape (samples, channels).
        rate: of them, in samples a second.
        wanted: the other rate.

    >>> resampled(np.ones((100, 1), "float32"), 100, 50).shape
    (50, 1)
    """
    if rate == wanted:
        return samples
    cutoff = min(1.0, wanted / rate)
    reach = math.ceil(_ZERO_CROSSINGS / cutoff)
    padded = np.pad(samples, ((reach, reach + 1), (0, 0)))
    count = -(-len(samples) * wanted // rate)
    found = np.empty((count, samples.shape[1]), "float32")
    taps = np.arange(-reach, reach + 1)
    for first in range(0, count, _BLOCK):
        positions = np.arange(first, min(first + _BLOCK, count)) * rate
        nearest, past = positions // wanted, positions % wanted / wanted
        distance = past[:, None] - taps
        window = np.cos(np.clip(distance * cutoff / _ZERO_CROSSINGS, -1, 1) * np.pi / 2) ** 2
        weights = (cutoff * np.sinc(cutoff * distance) * window).astype("float32")
        parts = padded[nearest[:, None] + taps + reach]
        found[first : first + len(positions)] = np.einsum("nk,nkc->nc", weights, parts)
    return found
