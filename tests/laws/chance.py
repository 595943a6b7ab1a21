"""The random bricks again, in NumPy: what a key draws is fixed, on any machine and any day."""

from __future__ import annotations

import statistics

import numpy as np

TWO_TO_32 = 2.0**32
FLOAT64 = 5


def philox(key: np.ndarray, blocks: int) -> np.ndarray:
    """Philox 4x32-10 (Salmon et al., SC 2011): four words of 32 bits for each block."""
    seed, draw = (int(number) for number in key)
    count = np.arange(blocks, dtype=np.uint64)
    low, shift = np.uint64(0xFFFFFFFF), np.uint64(32)
    c = [count & low, count >> shift, np.full_like(count, draw & 0xFFFFFFFF),
         np.full_like(count, draw >> 32)]  # fmt: skip
    k = [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = [p1 >> shift ^ c[1] ^ np.uint64(k[0]), p1 & low,
             p0 >> shift ^ c[3] ^ np.uint64(k[1]), p0 & low]  # fmt: skip
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return np.stack(c, axis=1).reshape(-1)


def _words(key: np.ndarray, count: int) -> np.ndarray:
    return philox(key, -(-count // 4))[:count]


def _wide_words(key: np.ndarray, count: int) -> np.ndarray:
    words = _words(key, 2 * count)
    return words[1::2] << np.uint64(32) | words[::2]


def _middles(key: np.ndarray, count: int, dtype: int) -> np.ndarray:
    """In the middle of equal parts of 0 to 1."""
    if dtype == FLOAT64:
        return ((_wide_words(key, count) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    return (_words(key, count).astype(np.float64) + 0.5) / TWO_TO_32


def uniform(key: np.ndarray, shape: tuple, low: float, high: float, dtype: int) -> np.ndarray:
    count = int(np.prod(shape))
    if dtype == FLOAT64:
        u = (_wide_words(key, count) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    else:
        u = (_words(key, count) >> np.uint64(8)).astype(np.float64) * 2.0**-24
    return (low + (high - low) * u).reshape(shape)


def uniform_rows(keys: np.ndarray, columns: int, dtype: int) -> np.ndarray:
    rows = [uniform(key, (columns,), 0.0, 1.0, dtype) for key in keys]
    return np.stack(rows) if rows else np.zeros((0, columns))


def normal(key: np.ndarray, shape: tuple, mean: float, stddev: float, dtype: int) -> np.ndarray:
    """Box and Muller: a radius from one number, an angle from the next."""
    count = int(np.prod(shape))
    u = _middles(key, count + count % 2, dtype)
    radius, angle = np.sqrt(-2 * np.log(u[::2])), 2 * np.pi * u[1::2]
    pairs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return (mean + stddev * pairs.reshape(-1)[:count]).reshape(shape)


def truncated_normal(
    key: np.ndarray, shape: tuple, mean: float, stddev: float, dtype: int
) -> np.ndarray:
    """The inverse of the distribution function, between its values at -2 and 2."""
    standard = statistics.NormalDist()
    low, high = standard.cdf(-2.0), standard.cdf(2.0)
    u = low + (high - low) * _middles(key, int(np.prod(shape)), dtype)
    z = np.array([standard.inv_cdf(one) for one in u])
    return (mean + stddev * z).reshape(shape)


def integers(key: np.ndarray, shape: tuple, low: int, high: int, dtype: int) -> np.ndarray:
    """The upper half of word times range (Lemire 2019)."""
    words = _wide_words(key, int(np.prod(shape)))
    places = [low + (int(word) * (high - low) >> 64) for word in words]
    return np.array(places, np.int64).reshape(shape)


def dropout(x: np.ndarray, key: np.ndarray, rate: float, noise_shape: tuple) -> np.ndarray:
    shape = noise_shape or x.shape
    words = _words(key, int(np.prod(shape))).reshape(shape)
    is_kept = words >= np.floor(rate * TWO_TO_32)
    return np.where(is_kept & (rate < 1), x / (1 - rate + (rate == 1)), 0)
