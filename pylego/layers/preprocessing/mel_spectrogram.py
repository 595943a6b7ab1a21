"""The layer that turns sounds into pictures of their pitches over time."""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego import checks, ops
from pylego.core.tensor import Tensor
from pylego.layers.layer import Layer

_BREAK_HERTZ = 700.0  # below it, pitches are about as far apart as frequencies
_MELS = 1127.0


class MelSpectrogram(Layer):
    """Turn sounds into mel spectrograms: how strong each pitch is at each time.

    Frames of the sound are transformed by Fourier, magnitudes are raised to `mag_exp`, and summed
    in triangles that lie evenly on the mel scale, mel(f) = 1127 log(1 + f / 700).

    Shapes: (samples,) gives (num_mel_bins, frames); (batch, samples) gives (batch, num_mel_bins,
    frames).

    Args:
        fft_length: to how many samples frames are filled up.
        sequence_stride: how many samples the next frame is further.
        sequence_length: of a frame; fft_length by default.
        window: what frames are multiplied with: 'hann', 'hamming', numbers, or None.
        sampling_rate: samples in a second.
        num_mel_bins: how many pitches there are.
        min_freq: the lowest frequency, in hertz.
        max_freq: the highest one; half the sampling_rate by default.
        power_to_db: whether decibels come out, 10 log10(x / ref_power).
        top_db: how far below the loudest decibels are cut off.
        mag_exp: 1 for magnitudes, 2 for powers.
        min_power: below it all is counted as this.
        ref_power: what has 0 decibels.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for a fft_length shorter than a frame, and sizes below 1.

    >>> MelSpectrogram(num_mel_bins=64, sampling_rate=8000)(ops.ones(16000)).shape
    (64, 32)
    """

    def __init__(
        self,
        fft_length: int = 2048,
        sequence_stride: int = 512,
        sequence_length: int | None = None,
        window: Any = "hann",
        sampling_rate: int = 16000,
        num_mel_bins: int = 128,
        min_freq: float = 20.0,
        max_freq: float | None = None,
        power_to_db: bool = True,
        top_db: float = 80.0,
        mag_exp: float = 2.0,
        min_power: float = 1e-10,
        ref_power: float = 1.0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        sizes = {
            "fft_length": fft_length,
            "sequence_stride": sequence_stride,
            "sequence_length": sequence_length or fft_length,
            "sampling_rate": sampling_rate,
            "num_mel_bins": num_mel_bins,
        }
        for name, size in sizes.items():
            setattr(self, name, checks.whole_number(name, size, 1, "MelSpectrogram"))
        if fft_length < sizes["sequence_length"]:
            raise ValueError(
                "MelSpectrogram: frames are filled up to fft_length, which cannot be shorter. "
                f"Received: fft_length={fft_length}, sequence_length={sequence_length}"
            )
        self.window = window
        self.min_freq = min_freq
        self.max_freq = max_freq or int(sampling_rate / 2)
        self.power_to_db = power_to_db
        self.top_db = top_db
        self.mag_exp = mag_exp
        self.min_power = min_power
        self.ref_power = ref_power

    def call(self, inputs: Tensor) -> Tensor:
        dtype = self.compute_dtype if self.compute_dtype in ("float32", "float64") else "float32"
        x = ops.cast(inputs, dtype)
        real, imaginary = ops.stft(
            x, self.sequence_length, self.sequence_stride, self.fft_length, self.window
        )
        powers = ops.power(ops.sqrt(ops.square(real) + ops.square(imaginary)), self.mag_exp)
        triangles = mel_triangles(
            self.num_mel_bins, powers.shape[-1], self.sampling_rate, self.min_freq, self.max_freq
        )
        y = ops.matmul(powers, ops.convert_to_tensor(triangles, dtype))
        y = self._in_decibels(y) if self.power_to_db else y
        return ops.cast(ops.swapaxes(y, -1, -2), self.compute_dtype)

    def _in_decibels(self, powers: Tensor) -> Tensor:
        decibels = 10.0 * ops.log10(ops.maximum(powers, self.min_power))
        decibels = decibels - 10.0 * float(np.log10(max(abs(self.ref_power), self.min_power)))
        return ops.maximum(decibels, ops.max(decibels) - self.top_db)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        *batch, samples = input_shape
        frames = None if samples is None else self._frames(samples)
        return (*batch, self.num_mel_bins, frames)

    def _frames(self, samples: int) -> int:
        """How many frames fit, where the sound is mirrored at both ends by half a frame."""
        return 1 + (samples + 2 * (self.fft_length // 2) - self.fft_length) // self.sequence_stride

    def get_config(self) -> dict[str, Any]:
        names = (
            *("fft_length", "sequence_stride", "sequence_length", "window", "sampling_rate"),
            *("num_mel_bins", "min_freq", "max_freq", "power_to_db", "top_db", "mag_exp"),
            *("min_power", "ref_power"),
        )
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def mel_triangles(
    bins: int, frequencies: int, sampling_rate: float, lowest: float, highest: float
) -> np.ndarray:
    """Return how much each frequency counts for each pitch, (frequencies, bins).

    A pitch's triangle rises from the middle of the one below to 1 at its own, and falls to the
    middle of the one above. The frequency 0 counts for none.

    Args:
        bins: how many pitches.
        frequencies: how many there are, from 0 to half the sampling rate.
        sampling_rate: samples in a second.
        lowest: where the first triangle begins, in hertz.
        highest: where the last one ends.
    """
    mels = _mels(np.linspace(0.0, sampling_rate / 2.0, frequencies))[:, None]
    first, last = _mels(np.array([lowest, highest]))
    corners = np.linspace(first, last, bins + 2)
    rising = (mels - corners[:-2]) / (corners[1:-1] - corners[:-2])
    falling = (corners[2:] - mels) / (corners[2:] - corners[1:-1])
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    triangles[0] = 0.0
    return triangles


def _mels(hertz: np.ndarray) -> np.ndarray:
    return _MELS * np.log(1.0 + hertz / _BREAK_HERTZ)
