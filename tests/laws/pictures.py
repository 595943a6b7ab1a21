"""The bricks of images again, in NumPy, one pixel after the other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

CONSTANT, NEAREST, REFLECT, MIRROR, WRAP, CUT = range(6)
ONE = 2**32


def _place(i: int, n: int, mode: int) -> int | None:
    """Where place i of an axis of length n is taken from; None: from nowhere."""
    if 0 <= i < n:
        return i
    if n == 0 or mode in (CONSTANT, CUT):
        return None
    if mode == NEAREST:
        return min(max(i, 0), n - 1)
    there = list(range(n))
    back = there[::-1] if mode == REFLECT else there[1:-1][::-1] if mode == MIRROR else []
    return (there + back)[i % len(there + back)]


def _along(place: int, bilinear: bool) -> list[tuple[int, float]]:
    """The pixels around a place, in 2^-32, and their shares; halves go away from zero."""
    if not bilinear:
        nearest = (abs(place) + ONE // 2) // ONE
        return [(nearest if place >= 0 else -nearest, 1.0)]
    part = place % ONE / ONE
    return [(place // ONE + k, share) for k, share in ((0, 1 - part), (1, part)) if share]


def _shares(
    matrices: np.ndarray, sizes: tuple, of: tuple, bilinear: bool, mode: int
) -> Iterator[tuple]:
    """For each pixel of `sizes`: those of the images of size `of` that it is made of."""
    for i, r, c in np.ndindex(len(matrices), *sizes):
        row, column = (int(m[0]) * r + int(m[1]) * c + int(m[2]) for m in matrices[i])
        is_within = all(0 <= place <= (n - 1) * ONE for place, n in zip((row, column), of))
        if mode == CUT and not is_within:
            yield (i, r, c), (i, None, None), 1.0
            continue
        for y, down in _along(row, bilinear):
            for x, right in _along(column, bilinear):
                place = _place(y, of[0], mode), _place(x, of[1], mode)
                yield (i, r, c), (i, *place), down * right


def affine(
    x: np.ndarray, matrices: np.ndarray, size: tuple, is_bilinear: int, fill_mode: int,
    fill_value: float,
) -> np.ndarray:  # fmt: skip
    y = np.zeros((len(x), *size, x.shape[3]))
    for to, place, share in _shares(matrices, size, x.shape[1:3], bool(is_bilinear), fill_mode):
        y[to] += share * (fill_value if None in place else x[place])
    return y


def affine_adjoint(
    x: np.ndarray, matrices: np.ndarray, size: tuple, is_bilinear: int, fill_mode: int
) -> np.ndarray:
    y = np.zeros((len(x), *size, x.shape[3]))
    for to, place, share in _shares(matrices, x.shape[1:3], size, bool(is_bilinear), fill_mode):
        if None not in place:
            y[place] += share * x[to]
    return y
