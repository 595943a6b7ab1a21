"""The waves of a Fourier transform, as a weight: convolution with it transforms frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pylego import names, ops, registry
from pylego.core import dtypes
from pylego.core.tensor import Tensor
from pylego.initializers.initializer import Initializer

SIDES: dict[str, Callable] = {"real": np.cos, "imag": np.sin}
SCALINGS = (None, "density", "spectrum")
_WINDOWS: dict[str, Callable[[int], np.ndarray]] = {
    "hann": np.hanning,
    "hamming": np.hamming,
    "blackman": np.blackman,
    "bartlett": np.bartlett,
    "boxcar": np.ones,
}


class STFT(Initializer):
    """Start with cos(-2 pi f t / n) or sin(-2 pi f t / n), of shape (frame, 1, n / 2 + 1).

    t counts samples of the frame, f frequencies.

    Args:
        side: 'real' for cosines, 'imag' for sines.
        window: what frames are multiplied with: 'hann', 'hamming', 'blackman', 'bartlett',
            'boxcar', numbers, or None.
        scaling: by what a window w is divided: 'density' by sqrt(sum(w^2)), 'spectrum' by
            sum(|w|), None by nothing.
        periodic: whether the window goes on after its last sample as it began.

    Raises:
        ValueError: for other words; when called, for a window of another length.

    >>> STFT("real", window=None)((2, 1, 2)).numpy().ravel().round().tolist()
    [1.0, 1.0, 1.0, -1.0]
    """

    def __init__(
        self,
        side: str = "real",
        window: Any = "hann",
        scaling: str | None = "density",
        periodic: bool = False,
    ):
        if side not in SIDES:
            raise names.unknown("side", side, SIDES)
        if scaling not in SCALINGS:
            raise names.unknown("scaling", scaling, [word for word in SCALINGS if word])
        if isinstance(window, str) and window not in _WINDOWS:
            raise names.unknown("window", window, _WINDOWS)
        self.side = side
        self.window = window
        self.scaling = scaling
        self.periodic = periodic

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Make the first numbers of a weight of that shape."""
        frame, _, frequencies = shape
        turns = np.outer(np.arange(frame), np.arange(frequencies)) / (2 * (frequencies - 1) or 1)
        waves = SIDES[self.side](-2.0 * np.pi * turns)
        if self.window is not None:
            waves = waves * self._weights(frame)[:, None]
        return ops.convert_to_tensor(waves[:, None], dtypes.standardize_dtype(dtype))

    def _weights(self, frame: int) -> np.ndarray:
        """The window over its scale."""
        if isinstance(self.window, str):
            found = _WINDOWS[self.window](frame + int(self.periodic))[:frame]
        else:
            found = np.asarray(ops.convert_to_numpy(self.window), np.float64)
        if found.shape != (frame,):
            raise ValueError(
                f"STFT: a window has as many numbers as a frame, {frame}. Received: {found.shape}"
            )
        scales = {None: 1.0, "density": np.sqrt(np.sum(found**2)), "spectrum": np.abs(found).sum()}
        return found / scales[self.scaling]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return {
            **super().get_config(),
            "side": self.side,
            "window": registry.serialize(self.window),
            "periodic": self.periodic,
            "scaling": self.scaling,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> STFT:
        return cls(**registry.read_parts(config))


stft = STFTInitializer = STFT
