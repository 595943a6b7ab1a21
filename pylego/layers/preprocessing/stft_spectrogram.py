"""The layer that turns sounds into pictures of their frequencies over time."""

from __future__ import annotations

import math
from typing import Any

from pylego import checks, config, names, ops
from pylego.core import dtypes
from pylego.core.tensor import Tensor
from pylego.initializers.fourier_waves import STFT
from pylego.layers import windows
from pylego.layers.input_spec import InputSpec, Shape
from pylego.layers.layer import Layer

_EPSILON = 1e-7
_MODES = ("log", "magnitude", "psd", "real", "imag", "angle", "stft")


class STFTSpectrogram(Layer):
    """Turn sounds into spectrograms, by convolution with the waves of a Fourier transform.

    The waves are weights, which train like others.

    Shapes: (batch, samples, channels) gives (batch, frames, channels * n), with n = fft_length / 2
    + 1 frequencies, or 2 n for mode 'stft'; with expand_dims (batch, frames, n, channels). With
    channels_first (batch, channels, samples) gives (batch, channels * n, frames) or (batch,
    channels, frames, n).

    Args:
        mode: what comes out: 'log' of the magnitude, 'magnitude', 'psd' for the power, 'real' or
            'imag' parts, 'angle', or 'stft' for both parts.
        frame_length: samples in a frame.
        frame_step: how many samples the next frame is further; half a frame by default.
        fft_length: how many samples the longest wave has; by default the next power of 2.
        window: see `initializers.STFT`.
        periodic: see `initializers.STFT`.
        scaling: see `initializers.STFT`.
        padding: 'valid' for frames that fit, 'same' for zeros around.
        expand_dims: whether frequencies have an axis of their own.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        **kwargs: see `Layer`.

    Raises:
        TypeError: when called, for sounds that are not floats.
        ValueError: for other words, a frame_step longer than a frame, and a fft_length shorter.

    >>> STFTSpectrogram(frame_length=4)(ops.ones((2, 10, 1))).shape
    (2, 4, 3)
    """

    def __init__(
        self,
        mode: str = "log",
        frame_length: int = 256,
        frame_step: int | None = None,
        fft_length: int | None = None,
        window: Any = "hann",
        periodic: bool = False,
        scaling: str | None = "density",
        padding: str = "valid",
        expand_dims: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        owner = "STFTSpectrogram"
        for word, value, known in (("mode", mode, _MODES), ("padding", padding, ("valid", "same"))):
            if value not in known:
                raise names.unknown(word, value, known)
        super().__init__(**kwargs)
        self.mode = mode
        self.frame_length = checks.whole_number("frame_length", frame_length, 1, owner)
        if frame_step is not None and not 1 <= frame_step <= frame_length:
            raise ValueError(
                f"{owner}: frame_step is from 1 to frame_length={frame_length}. Received: "
                f"frame_step={frame_step}"
            )
        if fft_length is not None and fft_length < frame_length:
            raise ValueError(
                f"{owner}: fft_length is not less than frame_length={frame_length}. Received: "
                f"fft_length={fft_length}"
            )
        self.frame_step = frame_step
        self.fft_length = fft_length
        self._step = frame_step or max(1, frame_length // 2)
        self._frequencies = (fft_length or 2 ** math.ceil(math.log2(frame_length))) // 2 + 1
        STFT("real", window, scaling, periodic)  # refuses what it does not know
        self.window = window
        self.periodic = periodic
        self.scaling = scaling
        self.padding = padding
        self.expand_dims = expand_dims
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=3)

    def build(self, input_shape: Shape) -> None:
        shape = (self.frame_length, 1, self._frequencies)
        for side in ("real", "imag"):
            if self.mode != ("imag" if side == "real" else "real"):
                start = STFT(side, self.window, self.scaling, self.periodic)
                setattr(
                    self, f"{side}_kernel", self.add_weight(shape, start, name=f"{side}_kernel")
                )

    def call(self, inputs: Tensor) -> Tensor:
        if not dtypes.is_float(inputs.dtype):
            raise TypeError(f"Layer {self.name!r} takes floats. Received: {inputs.dtype}")
        x = inputs if self.data_format == "channels_last" else ops.swapaxes(inputs, 1, 2)
        _, samples, channels = x.shape
        sounds = ops.reshape(ops.swapaxes(x, 1, 2), (-1, samples, 1))
        found = self._transformed(sounds)
        y = ops.reshape(found, (-1, channels, *found.shape[1:]))  # ..., frames, frequencies
        if self.mode in ("log", "magnitude"):
            y = ops.sqrt(ops.maximum(y, _EPSILON))
        return self._laid_out(ops.log(ops.maximum(y, _EPSILON)) if self.mode == "log" else y)

    def _transformed(self, sounds: Tensor) -> Tensor:
        """What the mode makes of sounds of one channel, before roots and logarithms."""
        if self.mode in ("real", "imag"):
            return self._with(getattr(self, f"{self.mode}_kernel"), sounds)
        real, imaginary = self._with(self.real_kernel, sounds), self._with(self.imag_kernel, sounds)
        if self.mode == "angle":
            return ops.arctan2(imaginary, real)
        if self.mode == "stft":
            return ops.concatenate([real, imaginary], axis=-1)
        power = ops.square(real) + ops.square(imaginary)
        if self.mode != "psd":
            return power
        middle = power[..., 1:-1]  # counts for the negative frequencies as well
        return power + ops.pad(middle, [(0, 0), (0, 0), (1, 1)])

    def _with(self, kernel: Any, sounds: Tensor) -> Tensor:
        kernel = ops.cast(kernel, sounds.dtype)
        return ops.conv(sounds, kernel, self._step, self.padding, "channels_last")

    def _laid_out(self, y: Tensor) -> Tensor:
        is_last = self.data_format == "channels_last"
        if self.expand_dims:
            return ops.transpose(y, (0, 2, 3, 1)) if is_last else y
        _, channels, frames, count = y.shape
        if is_last:
            return ops.reshape(ops.swapaxes(y, 1, 2), (-1, frames, channels * count))
        return ops.reshape(ops.swapaxes(y, 2, 3), (-1, channels * count, frames))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        is_last = self.data_format == "channels_last"
        batch, *rest = input_shape
        samples, channels = rest if is_last else reversed(rest)
        frames = windows.places(samples, self.frame_length, self._step, self.padding)
        count = self._frequencies * (2 if self.mode == "stft" else 1)
        if self.expand_dims:
            return (batch, frames, count, channels) if is_last else (batch, channels, frames, count)
        joined = None if channels is None else count * channels
        return (batch, frames, joined) if is_last else (batch, joined, frames)

    def get_config(self) -> dict[str, Any]:
        arguments = (
            *("mode", "frame_length", "frame_step", "fft_length", "window", "periodic", "scaling"),
            *("padding", "data_format", "expand_dims"),
        )
        return {**super().get_config(), **{name: getattr(self, name) for name in arguments}}
