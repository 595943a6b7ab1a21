"""Arrays of a layer as Keras 1 and 2 kept them, into those that the layer has today.

Every step is a permutation, a reversal or a concatenation, so that an optimizer's state of these
arrays goes the same way; only CuDNN's biases are added up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

Arrays = list[np.ndarray]
Shape = tuple[int, ...]


class Source(NamedTuple):
    """The program that wrote the arrays."""

    version: int = 3  # of Keras
    flips: bool = False  # whether it turned kernels around, as Theano's convolution does


class Target(NamedTuple):
    """The layer that the arrays are for."""

    class_name: str
    config: Mapping[str, Any]
    shapes: Sequence[Shape]


def modern_arrays(target: Target, stored: Arrays, source: Source) -> Arrays:
    """Return a layer's arrays in today's order and form.

    Args:
        target: what they are for.
        stored: what the file has, in its order.
        source: what wrote the file.
    """
    rule = _RULES.get(target.class_name)
    if rule is None or not stored or source.version >= 3:
        return stored
    return rule(target, list(stored), source)


# ---- convolution ----


def _convolution(target: Target, stored: Arrays, source: Source) -> Arrays:
    kernel, *others = stored
    kernel = _oriented(target, kernel, source, to_end=(1, 0))
    return [_unflipped(kernel, source), *others]


def _transposed_convolution(target: Target, stored: Arrays, source: Source) -> Arrays:
    """Kernels are (rows, columns, filters, channels) today.

    Keras 1 had (rows, columns, channels, filters), or Theano's (filters, channels, rows, columns).
    """
    kernel, *others = stored
    if source.version < 2 and kernel.ndim == len(target.shapes[0]):
        if _is_channels_first(target):
            kernel = _axes_last(kernel, (0, 1))
        else:
            kernel = np.swapaxes(kernel, -1, -2)
    return [_unflipped(kernel, source), *others]


def _convolution_1d(target: Target, stored: Arrays, source: Source) -> Arrays:
    """Keras 1 kept (length, 1, channels, filters), before 1.2 (filters, channels, length, 1)."""
    kernel, *others = stored
    if kernel.ndim == 4:
        length, _, filters = target.shapes[0]
        if kernel.shape[:2] != (length, 1) or kernel.shape[3] != filters:
            kernel = np.transpose(kernel, (2, 3, 1, 0))
        kernel = kernel[:, 0]
    return [_unflipped(kernel, source), *others]


def _oriented(target: Target, kernel: np.ndarray, source: Source, to_end: Shape) -> np.ndarray:
    """Theano's order, (filters, channels, rows, columns), into (rows, columns, channels, filters).

    Keras 1 has it for channels_first; a file of weights alone does not say, so shapes decide.
    """
    if source.version >= 2 and kernel.shape == target.shapes[0]:
        return kernel
    turned = _axes_last(kernel, to_end)
    fits, fits_turned = (a.shape == target.shapes[0] for a in (kernel, turned))
    if fits and fits_turned:
        return turned if _is_channels_first(target) else kernel
    return turned if fits_turned else kernel


def _axes_last(kernel: np.ndarray, first_two: Shape) -> np.ndarray:
    """Move the first two axes behind the others, in the given order."""
    return np.transpose(kernel, (*range(2, kernel.ndim), *first_two))


def _unflipped(kernel: np.ndarray, source: Source) -> np.ndarray:
    """A convolution reads the kernel backwards; what is called so today reads it forwards."""
    spatial = range(kernel.ndim - 2)
    return np.flip(kernel, tuple(spatial)) if source.flips else kernel


def _is_channels_first(target: Target) -> bool:
    return target.config.get("data_format") == "channels_first"


# ---- recurrent layers ----


def _lstm(target: Target, stored: Arrays, source: Source) -> Arrays:
    """Keras 1 kept (W, U, b) for each of the gates i, c, f, o; they are i, f, c, o side by side."""
    if len(stored) == 12:
        return _side_by_side(stored, gates=(0, 2, 1, 3))
    if len(stored) == 3 and stored[2].shape == (8 * stored[1].shape[0],):
        return _from_cudnn(stored, gates=4)
    return stored


def _gru(target: Target, stored: Arrays, source: Source) -> Arrays:
    """Keras 1 kept (W, U, b) for each of the gates z, r, h, which is today's order."""
    if len(stored) == 9:
        return _side_by_side(stored, gates=(0, 1, 2))
    if len(stored) == 3 and stored[2].shape == (6 * stored[1].shape[0],):
        return _from_cudnn(stored, gates=3)
    return stored


def _conv_lstm(target: Target, stored: Arrays, source: Source) -> Arrays:
    kernel, recurrent, *bias = (
        _side_by_side(stored, gates=(0, 2, 1, 3), turn=_is_channels_first(target))
        if len(stored) == 12
        else stored
    )
    return [_unflipped(kernel, source), _unflipped(recurrent, source), *bias]


def _side_by_side(stored: Arrays, gates: Shape, turn: bool = False) -> Arrays:
    """Join the arrays of the gates: kernels, recurrent kernels, biases."""
    joined = []
    for kind in range(3):
        of_gates = [stored[3 * gate + kind] for gate in gates]
        if turn and of_gates[0].ndim == 4:
            of_gates = [_axes_last(kernel, (1, 0)) for kernel in of_gates]
        joined.append(np.concatenate(of_gates, axis=-1))
    return joined


def _from_cudnn(stored: Arrays, gates: int) -> Arrays:
    """CuDNN kept each gate's kernels transposed, and a bias for each of the two products."""
    kernel, recurrent, bias = stored
    kernels = [gate.T.reshape(gate.shape, order="F") for gate in np.split(kernel, gates, axis=1)]
    recurrents = [gate.T for gate in np.split(recurrent, gates, axis=1)]
    both = bias.reshape(2, -1)
    return [
        np.concatenate(kernels, axis=1),
        np.concatenate(recurrents, axis=1),
        both.sum(axis=0) if gates == 4 else both,
    ]


# ---- layers around a layer ----


def _bidirectional(target: Target, stored: Arrays, source: Source) -> Arrays:
    inner, shapes = target.config.get("layer"), target.shapes
    half, places = len(stored) // 2, len(shapes) // 2
    return [
        *_inner(inner, shapes[:places], stored[:half], source),
        *_inner(inner, shapes[places:], stored[half:], source),
    ]


def _time_distributed(target: Target, stored: Arrays, source: Source) -> Arrays:
    return _inner(target.config.get("layer"), target.shapes, stored, source)


def _inner(inner: Any, shapes: Sequence[Shape], stored: Arrays, source: Source) -> Arrays:
    if not isinstance(inner, Mapping):
        return stored
    target = Target(str(inner.get("class_name")), inner.get("config") or {}, shapes)
    return modern_arrays(target, stored, source)


_RULES: dict[str, Callable[[Target, Arrays, Source], Arrays]] = {
    "Bidirectional": _bidirectional,
    "Conv1D": _convolution_1d,
    "Conv2D": _convolution,
    "Conv2DTranspose": _transposed_convolution,
    "Conv3D": _convolution,
    "Conv3DTranspose": _transposed_convolution,
    "ConvLSTM2D": _conv_lstm,
    "GRU": _gru,
    "LSTM": _lstm,
    "TimeDistributed": _time_distributed,
}
