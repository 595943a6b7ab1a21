"""Ops of NumPy, of linear algebra and of signals: values, dtypes and gradients."""

from __future__ import annotations

from typing import Any

import jax
import keras
import numpy as np
from keras import ops

from areas.encoding import encode


def inputs() -> dict[str, Any]:
    """Return arrays by name; those of floats have gradients."""
    draw = np.random.default_rng(16)
    near = draw.normal(size=(3, 4))
    return {
        "x": near.astype("float32"),
        "y": draw.normal(size=(3, 4)).astype("float32"),
        "v": draw.normal(size=(6,)).astype("float32"),
        "w": draw.normal(size=(5,)).astype("float32"),
        "p": draw.uniform(0.1, 0.9, size=(3, 4)).astype("float32"),
        "a": (draw.normal(size=(2, 3, 3)) + 3 * np.eye(3)).astype("float32"),
        "c": draw.normal(size=(2, 3)).astype("float32"),
        "t": draw.normal(size=(4, 3)).astype("float32"),
        "picture": draw.uniform(size=(2, 6, 6, 4)).astype("float32"),
        "signal": draw.normal(size=(2, 20)).astype("float32"),
        "gaps": np.where(draw.random((3, 4)) < 0.3, np.nan, near).astype("float32"),
        "n": draw.integers(-9, 9, (3, 4)).astype("int32"),
        "m": draw.integers(1, 9, (3, 4)).astype("int32"),
        "k": draw.integers(0, 5, (8,)).astype("int32"),
        "u": draw.integers(0, 9, (3, 4)).astype("uint8"),
        "b": draw.random((3, 4)) < 0.5,
        "d": draw.random((3, 4)) < 0.5,
        "e": np.zeros((0, 3), "float32"),
        "s": np.float32(0.5),
        "i": np.int32(3),
    }


EXPRESSIONS = """
ops.fabs(n)
ops.trunc(x)
ops.trunc(n)
ops.fmod(x, y)
ops.fmod(n, m)
ops.signbit(x)
ops.cbrt(x)
ops.hypot(x, y)
ops.logaddexp2(x, y)
ops.heaviside(x, s)
ops.fmax(gaps, x)
ops.fmin(gaps, x)
ops.isclose(x, x + 1e-7)
ops.allclose(x, y)
ops.isposinf(x)
ops.nan_to_num(gaps)
ops.nan_to_num(gaps, nan=2.0)
ops.ldexp(x, m)
ops.saturate_cast(x * 500, "uint8")
ops.real(x)
ops.imag(x)
ops.conj(n)
ops.angle(x)
ops.isreal(n)
ops.erfc(x)
ops.erfinv(p)
ops.i0(x)
ops.bitwise_and(n, m)
ops.bitwise_or(b, d)
ops.bitwise_xor(u, u)
ops.bitwise_not(n)
ops.bitwise_not(u)
ops.left_shift(m, 2)
ops.right_shift(n, 1)
ops.gcd(n, m)
ops.lcm(n, m)
ops.cumprod(x)
ops.cumprod(x, axis=1)
ops.cumprod(n, axis=0)
ops.nansum(gaps, axis=0)
ops.nanprod(gaps, axis=0)
ops.nanmean(gaps, axis=1, keepdims=True)
ops.nanvar(gaps)
ops.nanstd(gaps, axis=(0, 1))
ops.nanmax(gaps, axis=-1)
ops.nanmin(gaps, axis=0)
ops.nanargmax(gaps, axis=1)
ops.nanargmin(gaps, axis=0)
ops.nancumsum(gaps, axis=0)
ops.nancumprod(gaps, axis=1)
ops.nanmedian(gaps, axis=0)
ops.nanquantile(gaps, 0.3, axis=0)
ops.nanpercentile(gaps, 30)
ops.median(x)
ops.median(n, axis=-1)
ops.quantile(x, 0.3, axis=0)
ops.quantile(x, v[:2] * 0 + 0.4, axis=1, keepdims=True)
ops.quantile(x, 0.3, method="nearest")
ops.quantile(x, 0.3, method="midpoint")
ops.quantile(x, 0.3, method="lower")
ops.quantile(x, 0.3, method="higher")
ops.percentile(x, 75.0, axis=1)
ops.bincount(k)
ops.bincount(k, minlength=9)
ops.digitize(x, ops.sort(v))
ops.searchsorted(ops.sort(v), x)
ops.searchsorted(ops.sort(v), x, side="right")
ops.isin(n, k)
ops.isin(n, k, invert=True)
ops.unique(k)
ops.unique(k, return_index=True, return_inverse=True, return_counts=True)
ops.unique(k, size=9, fill_value=-1)
ops.diag(v)
ops.diag(v, k=-1)
ops.diag(x, k=1)
ops.diagflat(x)
ops.diagonal(a, offset=1, axis1=1, axis2=2)
ops.trace(a, axis1=1, axis2=2)
ops.trace(n)
ops.diff(x, axis=0)
ops.diff(n, n=2)
ops.trapezoid(x, dx=0.5)
ops.trapezoid(x, x=y, axis=0)
ops.corrcoef(x)
ops.inner(x, y)
ops.vdot(x, y)
ops.kron(c, x)
ops.cross(t, t[::-1])
ops.cross(c[:, :2], c[:, 1:])
ops.vander(v)
ops.vander(k, N=3, increasing=True)
ops.correlate(v, w, mode="full")
ops.correlate(v, w, mode="same")
ops.correlate(w, v)
ops.append(x, v)
ops.append(x, y, axis=0)
ops.hstack([v, w])
ops.vstack([x, y])
ops.dstack([x, y])
ops.hsplit(x, 2)
ops.vsplit(x, [1])
ops.dsplit(a, 3)
ops.array_split(v, 4)
ops.flipud(x)
ops.fliplr(x)
ops.rot90(x)
ops.rot90(a, k=3, axes=(1, 2))
ops.meshgrid(v, w)
ops.meshgrid(v, w, indexing="ij")
ops.logspace(0, 2, 5)
ops.logspace(s, v, 3)
ops.geomspace(1.0, 8.0, 4)
ops.geomspace(p, p + 3, 4, axis=-1)
ops.select([b, d], [x, y], 9.0)
ops.select([b], [n])
ops.argpartition(ops.sort(v), 2)
ops.unravel_index(k, (2, 3))
ops.multi_hot(k, 6)
ops.multi_hot(ops.abs(n), 6)
ops.get_item(x, 1)
ops.array(n)
ops.copy(x)
ops.empty_like(n) * 0
ops.associative_scan(lambda a, b: a * b, x, axis=1)
ops.vectorized_map(lambda row: row * row, x)
ops.bartlett(6)
ops.blackman(6)
ops.hamming(6)
ops.hanning(6)
ops.kaiser(6, 3.0)
ops.fft((x, y))
ops.fft2((x, y))
ops.ifft2((x, y))
ops.rfft(x)
ops.rfft(x, fft_length=7)
ops.irfft((x, y))
ops.irfft((x, y), fft_length=5)
ops.extract_sequences(signal, 4, 3)
ops.stft(signal, 4, 2, 6)
ops.stft(signal, 4, 2, 8, window="hamming", center=False)
ops.stft(signal, 4, 2, 4, window=None)
ops.istft(ops.stft(signal, 4, 2, 6), 4, 2, 6)
ops.istft(ops.stft(signal, 4, 2, 6), 4, 2, 6, length=15)
ops.cholesky(ops.matmul(a, ops.swapaxes(a, 1, 2)))
ops.cholesky(ops.matmul(a, ops.swapaxes(a, 1, 2)), upper=True)
ops.solve_triangular(a, c, lower=True)
ops.inv(a)
ops.det(a)
ops.slogdet(a)
ops.logdet(ops.matmul(a, ops.swapaxes(a, 1, 2)))
ops.pinv(t)
ops.lstsq(t, x[0])
ops.matrix_rank(a)
ops.eigh(ops.matmul(a, ops.swapaxes(a, 1, 2)))[0]
ops.svd(t, compute_uv=False)
ops.lu_factor(a)
ops.abs(ops.qr(t)[1])
ops.abs(ops.qr(t, mode="complete")[0])
ops.cdist(x, y)
ops.hard_shrink(x)
ops.sparsemax(x)
ops.sparsemax(x, axis=0)
ops.psnr(p, x, 1.0)
ops.depth_to_space(picture, 2)
ops.depth_to_space(picture[:, :4, :4], 2, data_format="channels_first")
ops.space_to_depth(picture, 3)
ops.unfold(picture, 3, dilation=1, padding=1, stride=2)
ops.fold(ops.unfold(picture, 2), (6, 4), 2)
ops.adaptive_average_pool(picture, (3, 4))
ops.adaptive_max_pool(picture, (2, 4))
ops.rearrange(picture, "b (h k) w c -> (b h) k w c", k=2)
ops.image.gaussian_blur(picture, (3, 5), (1.0, 2.0), data_format="channels_last")
ops.image.sobel_edges(picture)
ops.image.ssim(picture, picture[::-1], filter_size=5)
ops.image.map_coordinates(x, t[:2] * 2, 1, fill_mode="mirror")
ops.image.map_coordinates(x, t[:2] * 2, 0)
ops.image.scale_and_translate(x, (5, 3), v[:2] * 0 + 0.7, v[:2], (0, 1), "cubic")
ops.image.extract_patches_3d(a[..., None], 2, strides=1)
ops.stft(signal, 4, 2, 8, window=None)
ops.istft(ops.stft(signal, 8, 4, 8, window=None), 8, 4, 8, window=None)
ops.istft(ops.stft(signal, 5, 3, 9, window=None, center=False), 5, 3, 9, window=None, center=False)
ops.segment_sum(t, n[0], num_segments=9)
ops.segment_max(t, n[0], num_segments=9)
ops.segment_min(t, n[0], num_segments=9)
ops.segment_prod(t, n[0], num_segments=9)
ops.moments(ops.cast(x * 1000, "float16"), axes=[1])
ops.image.extract_patches(picture[..., None], (3, 2, 2))
"""


def gradients(expression: str, arrays: dict[str, Any]) -> dict[str, Any]:
    """Return the gradients of the sum of all floats that come out, each times its place + 1."""
    used = [
        name for name in arrays if arrays[name].dtype == "float32" and name in names(expression)
    ]

    def total(*floats: Any) -> Any:
        found = jax.tree.leaves(eval(expression, {"ops": ops, **arrays, **dict(zip(used, floats))}))
        parts = [y for y in found if keras.backend.standardize_dtype(y.dtype) == "float32"]
        return sum(((ops.arange(y.size, dtype="float32") + 1) * y.ravel()).sum() for y in parts)

    try:
        slopes = jax.grad(total, argnums=tuple(range(len(used))))(*(arrays[n] for n in used))
    except Exception:  # no floats, or jax cannot
        return {}
    return dict(zip(used, map(np.asarray, slopes)))


def names(expression: str) -> set[str]:
    """Return the names that an expression reads."""
    return set(compile(expression, "expression", "eval").co_names)


def described(expression: str, arrays: dict[str, Any]) -> dict[str, Any]:
    """Return what Keras makes of the expression."""
    found = eval(expression, {"ops": ops, **arrays})
    parts = [np.asarray(y) for y in jax.tree.leaves(found)]
    return {
        "expression": expression,
        "dtypes": [str(y.dtype) for y in parts],
        "values": [encode(y) for y in parts],
        "gradients": {name: encode(g) for name, g in gradients(expression, arrays).items()},
    }


def facts() -> dict[str, Any]:
    """Return the content of numpy_ops.json."""
    arrays = inputs()
    lines = [line for line in EXPRESSIONS.splitlines() if line]
    return {
        "about": "ops: values, dtypes, and gradients of the sum of (place + 1) times each float",
        "inputs": {n: {"dtype": str(x.dtype), "value": encode(x)} for n, x in arrays.items()},
        "expressions": [described(line, arrays) for line in lines],
    }
