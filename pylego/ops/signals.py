"""Signals: windows that fade in and out, frames that move along, and their transforms."""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego import config, names
from pylego.checks import whole_number
from pylego.core.tensor import Tensor
from pylego.ops.core import as_floats, cast, convert_to_tensor, where
from pylego.ops.creation import arange, ones
from pylego.ops.elementwise import sqrt, square
from pylego.ops.fourier import as_complex, real_of_half, transformed_half
from pylego.ops.scattering import add_to_places
from pylego.ops.shapes import pad
from pylego.ops.special import i0
from pylego.ops.trigonometric import cos

__all__ = [
    "bartlett",
    "blackman",
    "extract_sequences",
    "hamming",
    "hanning",
    "istft",
    "kaiser",
    "stft",
]


# ---- windows --------------------------------------------------------------------------------


def bartlett(x: Any) -> Tensor:
    """Make Bartlett's window of x numbers: a triangle that is 0 at both ends.

    >>> print(bartlett(5))
    Tensor(shape=(5,), dtype=float32, [0.  0.5 1.  0.5 0. ])
    """
    places = _places(x)
    if places.size < 2:
        return ones(places.size)
    return where(places <= 0.5, 2.0 * places, 2.0 - 2.0 * places)


def hanning(x: Any) -> Tensor:
    """Make the Hann window of x numbers, 0.5 - 0.5 cos(2 pi n / (x - 1)).

    >>> hanning(5).numpy().round(3).tolist()
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    return _of_cosines(x, 0.5, 0.5)


def hamming(x: Any) -> Tensor:
    """Make the Hamming window of x numbers, 0.54 - 0.46 cos(2 pi n / (x - 1)).

    >>> hamming(3).numpy().round(2).tolist()
    [0.07999999821186066, 1.0, 0.07999999821186066]
    """
    return _of_cosines(x, 0.54, 0.46)


def blackman(x: Any) -> Tensor:
    """Make Blackman's window of x numbers: 0.42 - 0.5 cos(a) + 0.08 cos(2 a), a from 0 to 2 pi.

    >>> blackman(5).numpy().round(2).tolist()
    [-0.0, 0.3400000035762787, 1.0, 0.3400000035762787, -0.0]
    """
    return _of_cosines(x, 0.42, 0.5, 0.08)


def kaiser(x: Any, beta: float) -> Tensor:
    """Make Kaiser's window of x numbers, i0(beta sqrt(1 - r^2)) / i0(beta), r from -1 to 1.

    Args:
        x: how many numbers.
        beta: how narrow it is: 0 gives a rectangle, 5 is near `hamming`, 8.6 near `blackman`.

    >>> kaiser(3, 5.0).numpy().round(4).tolist()
    [0.03669999912381172, 1.0, 0.03669999912381172]
    """
    places = cast(_places(x), "float64")
    if places.size < 2:
        return ones(places.size)
    width = cast(convert_to_tensor(beta), "float64")
    rest = 1.0 - square(2.0 * places - 1.0)
    return cast(i0(width * sqrt(where(rest > 0, rest, 0.0))) / i0(width), config.floatx())


def _places(x: Any) -> Tensor:
    """x numbers from 0 to 1."""
    count = max(whole_number("the length of a window", _number(x)), 0)
    return cast(arange(count, dtype="float64") / max(count - 1, 1), config.floatx())


def _number(x: Any) -> Any:
    return x if isinstance(x, int) else convert_to_tensor(x).item()


def _of_cosines(x: Any, *weights: float) -> Tensor:
    """w_0 - w_1 cos(a) + w_2 cos(2 a), with a from 0 to 2 pi."""
    places = cast(_places(x), "float64")
    if places.size < 2:
        return ones(places.size)
    window: Any = 0.0
    for times, weight in enumerate(weights):
        window = window + (-1) ** times * weight * cos(places * (2.0 * np.pi * times))
    return cast(window, config.floatx())


# ---- frames ---------------------------------------------------------------------------------


def extract_sequences(x: Any, sequence_length: int, sequence_stride: int) -> Tensor:
    """Cut frames out of signals, one after another.

    Args:
        x: signals, (..., n).
        sequence_length: of a frame.
        sequence_stride: how far the next frame is.

    Returns (..., frames, sequence_length): those that fit.

    Raises:
        ValueError: for lengths below 1, and signals that are shorter than a frame.

    >>> print(extract_sequences([1, 2, 3, 4], 2, 1))
    Tensor(shape=(3, 2), dtype=int32,
    [[1 2]
     [2 3]
     [3 4]])
    """
    x = convert_to_tensor(x)
    length = whole_number("sequence_length", sequence_length, 1)
    stride = whole_number("sequence_stride", sequence_stride, 1)
    if not x.ndim or x.shape[-1] < length:
        raise ValueError(f"extract_sequences: frames of {length} do not fit into shape {x.shape}")
    return x[..., _frames((x.shape[-1] - length) // stride + 1, length, stride)]


def _frames(count: int, length: int, stride: int) -> np.ndarray:
    """Which numbers of a signal each frame has: (count, length)."""
    return np.arange(count)[:, None] * stride + np.arange(length)


def stft(
    x: Any,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    window: Any = "hann",
    center: bool = True,
) -> tuple[Tensor, Tensor]:
    """Transform frames of signals one by one (Short-Time Fourier Transform).

    Args:
        x: signals, floats of shape (..., n).
        sequence_length: of a frame.
        sequence_stride: how far the next frame is.
        fft_length: to which frames are filled up with zeros on both sides.
        window: what frames are multiplied with: 'hann', 'hamming', a tensor
            (sequence_length,), or None.
        center: whether the signal is mirrored at both ends first, so that the middle of frame t
            lies at sequence_stride t.

    Returns the real and the imaginary parts, (..., frames, fft_length // 2 + 1).

    Raises:
        TypeError: unless x has floats.
        ValueError: for a window that is not known or of another length, and for a fft_length that
            is shorter than a frame.

    >>> [y.shape for y in stft([0.0] * 8, 4, 2, 4)]
    [(5, 3), (5, 3)]
    """
    x = convert_to_tensor(x)
    if x.dtype not in ("float32", "float64"):
        raise TypeError(f"stft: signals of floats are wanted. Received: {x.dtype}")
    weights = _window("stft", window, sequence_length, fft_length, x.dtype)
    if center:
        around = (fft_length // 2, fft_length // 2)
        x = pad(x, [(0, 0)] * (x.ndim - 1) + [around], mode="reflect")
    y = transformed_half(extract_sequences(x, fft_length, sequence_stride) * weights, fft_length)
    return y.real, y.imaginary()


def istft(
    x: tuple[Any, Any],
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: Any = "hann",
    center: bool = True,
) -> Tensor:
    """Undo `stft`: frames are weighted again, added where they overlap, and divided by the sum of
    the squared windows (Griffin, Lim: "Signal estimation from modified short-time Fourier
    transform", 1984).

    Without a window, frames are added and not divided: as Keras has it, what comes out is
    fft_length / sequence_stride times the signal.

    Args:
        x: the real and the imaginary parts, (..., frames, fft_length // 2 + 1).
        sequence_length: see `stft`.
        sequence_stride: see `stft`.
        fft_length: see `stft`.
        length: of the signals; by default what the frames cover.
        window: see `stft`.
        center: whether `stft` mirrored the ends, which are cut off again.

    Returns signals, (..., length).

    Raises:
        ValueError: for what is not a pair of at least two axes, and as `stft` does.

    >>> istft(stft([1.0, 2.0, 3.0, 4.0], 4, 1, 4), 4, 1, 4).numpy().round(3).tolist()
    [1.0, 2.0, 3.0, 4.0]
    """
    y = as_complex("istft", x)
    if y.real.ndim < 2:
        raise ValueError(f"istft: (..., frames, bins) are wanted. Received: {y.real.shape}")
    stride = whole_number("sequence_stride", sequence_stride, 1)
    weights = _window("istft", window, sequence_length, fft_length, y.real.dtype)
    frames = real_of_half(y, fft_length) * weights
    count = frames.shape[-2]
    places = _frames(count, fft_length, stride).reshape(-1)
    whole = fft_length + stride * (count - 1)
    flat = frames.reshape((*frames.shape[:-2], count * fft_length))
    (norm,) = as_floats(add_to_places(_repeated(square(weights), count), places, whole))
    signal = add_to_places(flat, places, whole) / where(norm > 1e-10, norm, 1.0)
    if window is None:
        signal = signal * (fft_length / stride)
    first = fft_length // 2 if center else 0
    end = whole - first if length is None else first + length
    return signal[..., first:end]


def _repeated(x: Tensor, count: int) -> Tensor:
    return (ones((count, 1), x.dtype) * x).reshape(-1)


def _window(name: str, window: Any, length: int, fft_length: int, dtype: str) -> Tensor:
    """The window with zeros on both sides, (fft_length,)."""
    length = whole_number("sequence_length", length, 1)
    if fft_length < length:
        raise ValueError(
            f"{name}: fft_length is at least the length of a frame. Received: "
            f"sequence_length={length}, fft_length={fft_length}"
        )
    if isinstance(window, str):
        kinds = {"hann": hanning, "hamming": hamming}
        if window not in kinds:
            raise names.unknown("window", window, kinds)
        # A period: the window of one number more without the last.
        window = kinds[window](length + 1)[:-1]
    if window is None:
        return ones(fft_length, dtype)
    weights = convert_to_tensor(window, dtype)
    if weights.shape != (length,):
        raise ValueError(
            f"{name}: a window of shape {(length,)} is wanted. Received: {weights.shape}"
        )
    before = (fft_length - length) // 2
    return pad(weights, ((before, fft_length - length - before),))
