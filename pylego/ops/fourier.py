"""Discrete Fourier transforms, of products of matrices.

    Y_k = sum_n x_n w^(k n)      w = exp(-2 pi i / N)

A length N = P Q is split (Cooley, Tukey 1965): with n = Q p + q and k = r + P s

    Y_(r + P s) = sum_q w^(q r) W_Q^(q s) [sum_p x_(Q p + q) W_P^(p r)]

which is a product with a P x P matrix, a product with the numbers w^(q r), and transforms of length
Q. P is near the root of N, so the work is N^1.5 multiplications in the fastest kernel there is. A
prime length that is too long for one matrix becomes a convolution of a length that can be split
(Bluestein 1970). All of it is bricks: gradients and programs follow.

Complex numbers are pairs of tensors, as Keras has them: the real parts and the imaginary ones.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from pylego import checks
from pylego.core.tensor import Tensor
from pylego.ops.core import as_floats, convert_to_tensor
from pylego.ops.linear import matmul
from pylego.ops.shapes import concatenate, flip, pad, swapaxes

__all__ = ["fft", "fft2", "ifft2", "irfft", "rfft"]

_LONGEST_MATRIX = 128  # of a length that is not split


class Complex(NamedTuple):
    """Complex numbers: real parts and imaginary parts; None: they are 0."""

    real: Tensor
    imag: Tensor | None

    def times(self, real: np.ndarray, imag: np.ndarray) -> Complex:
        """Multiply with numbers, element by element."""
        a, b = (convert_to_tensor(part, self.real.dtype) for part in (real, imag))
        if self.imag is None:
            return Complex(self.real * a, self.real * b)
        return Complex(self.real * a - self.imag * b, self.real * b + self.imag * a)

    def matmul(self, real: np.ndarray, imag: np.ndarray) -> Complex:
        """Multiply with a matrix, along the last axis."""
        a, b = (convert_to_tensor(part, self.real.dtype) for part in (real, imag))
        if self.imag is None:
            return Complex(matmul(self.real, a), matmul(self.real, b))
        y, z = self.real, self.imag
        return Complex(matmul(y, a) - matmul(z, b), matmul(y, b) + matmul(z, a))

    def each(self, function: Any) -> Complex:
        """Call a function of both parts."""
        return Complex(function(self.real), None if self.imag is None else function(self.imag))

    def imaginary(self) -> Tensor:
        """Return the imaginary parts."""
        return self.real * 0.0 if self.imag is None else self.imag


def as_complex(name: str, x: Any) -> Complex:
    """Read a pair (real parts, imaginary parts).

    Raises:
        ValueError: for anything else, and parts of unlike shapes.
    """
    if not isinstance(x, (list, tuple)) or len(x) != 2:
        raise ValueError(f"{name}: x is a pair of tensors (real, imag). Received: {x!r}")
    real, imag = as_floats(*x)
    if real.shape != imag.shape or not real.ndim:
        raise ValueError(
            f"{name}: real and imaginary parts have one shape, of one axis or more. Received: "
            f"{real.shape} and {imag.shape}"
        )
    return Complex(real, imag)


def fft(x: tuple[Any, Any]) -> tuple[Tensor, Tensor]:
    """Transform along the last axis: Y_k = sum_n x_n exp(-2 pi i k n / N).

    Args:
        x: the real parts and the imaginary ones, of one shape.

    Returns the real and the imaginary parts.

    Raises:
        ValueError: for anything but a pair of one shape.

    >>> [y.numpy().round(3).tolist() for y in fft(([1.0, 0.0], [0.0, 1.0]))]
    [[1.0, 1.0], [1.0, -1.0]]
    """
    y = transformed(as_complex("fft", x))
    return y.real, y.imaginary()


def fft2(x: tuple[Any, Any]) -> tuple[Tensor, Tensor]:
    """Transform along the last two axes; see `fft`.

    >>> [y.numpy().tolist() for y in fft2(([[1.0, 1.0]], [[0.0, 0.0]]))]
    [[[2.0, 0.0]], [[0.0, 0.0]]]
    """
    y = _along_two_axes(_of_two_axes("fft2", x))
    return y.real, y.imaginary()


def ifft2(x: tuple[Any, Any]) -> tuple[Tensor, Tensor]:
    """Undo `fft2`.

    >>> [y.numpy().tolist() for y in ifft2(([[2.0, 0.0]], [[0.0, 0.0]]))[:1]]
    [[[1.0, 1.0]]]
    """
    y = _of_two_axes("ifft2", x)
    return _inverse(y, _along_two_axes, math.prod(y.real.shape[-2:]))


def _of_two_axes(name: str, x: Any) -> Complex:
    y = as_complex(name, x)
    if y.real.ndim < 2:
        raise ValueError(f"{name}: two axes or more are wanted. Received: {y.real.shape}")
    return y


def _along_two_axes(x: Complex) -> Complex:
    y = transformed(x).each(lambda part: swapaxes(part, -1, -2))
    return transformed(y).each(lambda part: swapaxes(part, -1, -2))


def inverse(x: Complex) -> Complex:
    """Return the transform that undoes `transformed`."""
    return Complex(*_inverse(x, transformed, x.real.shape[-1]))


def _inverse(x: Complex, transform: Any, length: int) -> tuple[Tensor, Tensor]:
    """What undoes it is the conjugate of the transform of the conjugate, over the length."""
    y = transform(Complex(x.real, None if x.imag is None else -x.imag))
    return y.real / length, -y.imaginary() / length


def rfft(x: Any, fft_length: int | None = None) -> tuple[Tensor, Tensor]:
    """Transform real numbers along the last axis; the half that the other half follows from.

    Args:
        x: real numbers, (..., n).
        fft_length: to which x is cut or filled up with zeros; n by default.

    Returns the real and the imaginary parts, (..., fft_length // 2 + 1).

    >>> [y.numpy().tolist() for y in rfft([1.0, 2.0])]
    [[3.0, -1.0], [0.0, 0.0]]
    """
    y = transformed_half(as_floats(x)[0], fft_length)
    return y.real, y.imaginary()


def transformed_half(x: Tensor, length: int | None) -> Complex:
    """Return the first half of the transform of real numbers."""
    if not x.ndim:
        raise ValueError(f"rfft: one axis or more is wanted. Received: {x.shape}")
    length = x.shape[-1] if length is None else checks.whole_number("fft_length", length, 1)
    return transformed(Complex(_of_length(x, length), None)).each(
        lambda part: part[..., : length // 2 + 1]
    )


def irfft(x: tuple[Any, Any], fft_length: int | None = None) -> Tensor:
    """Undo `rfft`.

    Args:
        x: the real and the imaginary parts, (..., n).
        fft_length: how many numbers come out; 2 (n - 1) by default.

    Returns real numbers, (..., fft_length).

    >>> irfft(([3.0, -1.0], [0.0, 0.0])).numpy().tolist()
    [1.0, 2.0]
    """
    return real_of_half(as_complex("irfft", x), fft_length)


def real_of_half(x: Complex, length: int | None) -> Tensor:
    """Return the real numbers whose transform has this first half."""
    wish = 2 * (x.real.shape[-1] - 1) if length is None else length
    length = checks.whole_number("fft_length", wish, 1)
    half = x.each(lambda part: _of_length(part, length // 2 + 1))
    mirrored = half.each(lambda part: flip(part[..., 1 : (length + 1) // 2], axis=-1))
    imag = half.imaginary()
    # Of the first number, and of the middle one of an even length, the imaginary part is not read.
    counts = np.ones(length // 2 + 1, bool)
    counts[[0, *([-1] if length % 2 == 0 else [])]] = False
    imag = imag * convert_to_tensor(counts, imag.dtype)
    real = concatenate([half.real, mirrored.real], axis=-1)
    return inverse(Complex(real, concatenate([imag, -mirrored.imaginary()], axis=-1))).real


def _of_length(x: Tensor, length: int) -> Tensor:
    """Cut the last axis, or fill it up with zeros."""
    missing = length - x.shape[-1]
    return pad(x, [(0, 0)] * (x.ndim - 1) + [(0, missing)]) if missing > 0 else x[..., :length]


# ---- the transform --------------------------------------------------------------------------


def transformed(x: Complex) -> Complex:
    """Return the transform along the last axis."""
    length = x.real.shape[-1]
    if length < 2:
        return x
    first = _factor(length)
    if first == length:
        return x.matmul(*_matrix(length)) if length <= _LONGEST_MATRIX else _by_convolution(x)
    second = length // first
    shape = x.real.shape[:-1]
    # (..., p, q), then q before p: the matrix is applied to p.
    y = x.each(lambda part: swapaxes(part.reshape((*shape, first, second)), -1, -2))
    y = y.matmul(*_matrix(first)).times(*_twiddles(second, first))
    y = transformed(y.each(lambda part: swapaxes(part, -1, -2)))  # (..., r, s)
    return y.each(lambda part: swapaxes(part, -1, -2).reshape((*shape, length)))


@lru_cache(maxsize=64)
def _factor(length: int) -> int:
    """The factor to split by: the largest below the root; the length itself if it is not split."""
    if length <= 16:
        return length
    root = math.isqrt(length)
    found = next(p for p in range(min(root, _LONGEST_MATRIX), 0, -1) if length % p == 0)
    return found if found > 1 else length


@lru_cache(maxsize=64)
def _matrix(length: int) -> tuple[np.ndarray, np.ndarray]:
    return _twiddles(length, length, length)


@lru_cache(maxsize=64)
def _twiddles(rows: int, columns: int, length: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """w^(i j) of the length, rows * columns by default; i j is reduced first, which is exact."""
    length = rows * columns if length is None else length
    turns = np.outer(np.arange(rows), np.arange(columns)) % length
    angles = -2.0 * np.pi * turns / length
    cosines, sines = np.cos(angles), np.sin(angles)
    for numbers in (cosines, sines):
        numbers[np.abs(numbers) < 1e-15] = 0.0  # what is 0, as sin(pi), and not rounded to it
    return cosines, sines


def _by_convolution(x: Complex) -> Complex:
    """n k = (n^2 + k^2 - (k - n)^2) / 2, so Y_k = c_k sum_n (x_n c_n) conj(c_(k - n)) with
    c_n = exp(-pi i n^2 / N)."""
    length = x.real.shape[-1]
    chirp = _chirp(length)
    room = 1 << (2 * length - 2).bit_length()
    kernel = np.zeros(room, complex)
    kernel[:length] = np.conj(chirp)
    kernel[room - length + 1 :] = np.conj(chirp[:0:-1])
    kernel = np.fft.fft(kernel)
    y = x.times(chirp.real, chirp.imag).each(lambda part: _of_length(part, room))
    y = inverse(transformed(y).times(kernel.real, kernel.imag))
    return y.each(lambda part: part[..., :length]).times(chirp.real, chirp.imag)


@lru_cache(maxsize=16)
def _chirp(length: int) -> np.ndarray:
    return np.exp(-1j * np.pi * (np.arange(length) ** 2 % (2 * length)) / length)
