"""What pooling and resizing compute, in NumPy: one window after the other."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np


def _windows(
    lengths: tuple[int, ...], size: tuple, strides: tuple, before: tuple, after: tuple
) -> list[tuple[tuple[int, ...], tuple[slice, ...]]]:
    """Where each window stands, and what it covers: one axis after the other."""
    along = []
    for n, k, step, begin, end in zip(lengths, size, strides, before, after):
        starts = range(-begin, n + end - k + 1, step)
        along.append([slice(max(start, 0), min(start + k, n)) for start in starts])
    places = itertools.product(*(range(len(slices)) for slices in along))
    return [(place, tuple(s[i] for s, i in zip(along, place))) for place in places]


def _pool_shape(x: np.ndarray, windows: list) -> tuple[int, ...]:
    return (x.shape[0], *(1 + last for last in windows[-1][0]), x.shape[-1])


def _flat(part: np.ndarray) -> tuple[int, int, int]:
    return (len(part), math.prod(part.shape[1:-1]), part.shape[-1])


def _standing(x: np.ndarray, windows: dict[str, tuple]) -> list:
    """Each window's place in the result, and its numbers: (images, places, channels), a copy."""
    standing = _windows(x.shape[1:-1], **windows)
    parts = [(place, x[(slice(None), *covered)]) for place, covered in standing]
    return [((slice(None), *place), part.reshape(_flat(part))) for place, part in parts]


def max_pool(x: np.ndarray, **windows: tuple) -> list[np.ndarray]:
    """The largest numbers, and the places of the first of them."""
    shape = _pool_shape(x, _windows(x.shape[1:-1], **windows))
    y, places = np.zeros(shape, x.dtype), np.zeros(shape, np.uint8)
    for place, part in _standing(x, windows) if x.size else ():
        y[place] = part.max(1)
        places[place] = part.argmax(1)
    return [y, places]


def average_pool(x: np.ndarray, **windows: tuple) -> np.ndarray:
    dtype = np.result_type(np.ones(1, x.dtype).mean())
    y = np.zeros(_pool_shape(x, _windows(x.shape[1:-1], **windows)), dtype)
    for place, part in _standing(x, windows):
        y[place] = part.mean(1)
    return y


def max_pool_gradient(
    places: np.ndarray, dy: np.ndarray, shape: tuple, **windows: tuple
) -> np.ndarray:
    dx = np.zeros(shape, dy.dtype)
    for place, covered in _windows(shape[1:-1], **windows):
        at, inside = (slice(None), *place), (slice(None), *covered)
        count = math.prod(s.stop - s.start for s in covered)
        is_here = np.arange(count)[None, :, None] == places[at][:, None]
        dx[inside] += (is_here * dy[at][:, None]).reshape(dx[inside].shape)
    return dx


def max_pool_gather(places: np.ndarray, z: np.ndarray, **windows: tuple) -> np.ndarray:
    y = np.zeros(places.shape, z.dtype)
    for place, part in _standing(z, windows):
        found = places[place][:, None].astype(np.int64)
        y[place] = np.take_along_axis(part, found, 1)[:, 0]
    return y


def average_pool_gradient(dy: np.ndarray, shape: tuple, **windows: tuple) -> np.ndarray:
    dx = np.zeros(shape, dy.dtype)
    for place, covered in _windows(shape[1:-1], **windows):
        share = dy[(slice(None), *place)] / math.prod(s.stop - s.start for s in covered)
        dx[(slice(None), *covered)] += share[(slice(None), *(None,) * len(covered))]
    return dx


def _lanczos(x: np.ndarray, radius: int) -> np.ndarray:
    return np.sinc(x) * np.sinc(x / radius)


def _cubic(x: np.ndarray) -> np.ndarray:
    near, far = 1.5 * x**3 - 2.5 * x**2 + 1, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x < 1, near, far)


# Of each method from 1 on: how far it reaches, and its curve.
_CURVES: list[tuple[int, Any]] = [
    (1, lambda x: 1 - x),
    (2, _cubic),
    (3, lambda x: _lanczos(x, 3)),
    (5, lambda x: _lanczos(x, 5)),
]


def _resize_matrix(length: int, size: int, method: int, antialias: int) -> Any:
    """What each of `size` numbers takes of each of `length` numbers, and whether it takes any."""
    s = (np.arange(size) + 0.5) * length / size - 0.5
    if not method:
        taken = np.floor(s + 0.5 + 1e-9)[:, None] == np.arange(length)
        return taken.astype(float), taken
    radius, curve = _CURVES[method - 1]
    widened = max(length / size, 1) if antialias else 1
    distances = np.abs(s[:, None] - np.arange(length)) / widened
    taken = distances < radius - 1e-9
    shares = np.where(taken, curve(distances), 0)
    return shares / shares.sum(1, keepdims=True), taken


def _mixed(shares: np.ndarray, taken: np.ndarray, x: np.ndarray, axis: int) -> np.ndarray:
    """Row i is the sum of shares[i, j] x[j]; where nothing is taken even NaN is nothing."""
    rows = np.moveaxis(x, axis, 0)
    dtype = x.dtype if x.dtype.kind == "f" else np.float64
    y = np.zeros((len(shares), *rows.shape[1:]), dtype)
    for i, j in zip(*np.nonzero(taken)):
        y[i] += shares[i, j] * rows[j]
    return np.moveaxis(y, 0, axis)


def resize(x: np.ndarray, axis: int, size: int, **how: int) -> np.ndarray:
    return _mixed(*_resize_matrix(x.shape[axis], size, **how), x, axis)


def resize_gradient(dy: np.ndarray, axis: int, size: int, **how: int) -> np.ndarray:
    shares, taken = _resize_matrix(size, dy.shape[axis], **how)
    return _mixed(shares.T, taken.T, dy, axis)
