"""Hashes of bytes that are the same everywhere and for ever: FarmHash64 and SipHash-2-4.

TensorFlow, and with it Keras, puts words into bins by them, so a model that was trained there finds
its words in the same bins here. Sources: Pike and Alakuijala, FarmHash (`farmhashna::Hash64`), MIT
licence; Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
"""

from __future__ import annotations

_BITS = (1 << 64) - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
_CROSSING = 0xC6A4A7935BD1E995


def _word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 8], "little")


def _half(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


def _rotate(x: int, by: int) -> int:
    """To the right."""
    return (x >> by | x << (64 - by)) & _BITS


def _mix(x: int) -> int:
    return x ^ x >> 47


def _hash_pair(u: int, v: int, factor: int) -> int:
    a = _mix((u ^ v) * factor & _BITS)
    b = _mix((v ^ a) * factor & _BITS)
    return b * factor & _BITS


# ---- FarmHash -------------------------------------------------------------------------------


def farmhash64(data: bytes) -> int:
    """Return the 64 bits of FarmHash's fingerprint.

    >>> hex(farmhash64(b"lego"))
    '0x89b6b1f5fea6c0ab'
    """
    length = len(data)
    if length <= 16:
        return _up_to_16(data, length)
    if length <= 32:
        return _up_to_32(data, length)
    if length <= 64:
        return _up_to_64(data, length)
    return _longer(data, length)


def _up_to_16(data: bytes, length: int) -> int:
    factor = _K2 + length * 2
    if length >= 8:
        a = _word(data, 0) + _K2 & _BITS
        b = _word(data, length - 8)
        c = _rotate(b, 37) * factor + a & _BITS
        d = (_rotate(a, 25) + b) * factor & _BITS
        return _hash_pair(c, d, factor)
    if length >= 4:
        first = _half(data, 0)
        return _hash_pair(length + (first << 3) & _BITS, _half(data, length - 4), factor)
    if length == 0:
        return _K2
    y = data[0] + (data[length >> 1] << 8)
    z = length + (data[length - 1] << 2)
    return _mix(y * _K2 & _BITS ^ z * _K0 & _BITS) * _K2 & _BITS


def _up_to_32(data: bytes, length: int) -> int:
    factor = _K2 + length * 2
    a = _word(data, 0) * _K1 & _BITS
    b = _word(data, 8)
    c = _word(data, length - 8) * factor & _BITS
    d = _word(data, length - 16) * _K2 & _BITS
    return _hash_pair(
        _rotate(a + b & _BITS, 43) + _rotate(c, 30) + d & _BITS,
        a + _rotate(b + _K2 & _BITS, 18) + c & _BITS,
        factor,
    )


def _up_to_64(data: bytes, length: int) -> int:
    factor = _K2 + length * 2
    a = _word(data, 0) * _K2 & _BITS
    b = _word(data, 8)
    c = _word(data, length - 8) * factor & _BITS
    d = _word(data, length - 16) * _K2 & _BITS
    y = _rotate(a + b & _BITS, 43) + _rotate(c, 30) + d & _BITS
    z = _hash_pair(y, a + _rotate(b + _K2 & _BITS, 18) + c & _BITS, factor)
    e = _word(data, 16) * factor & _BITS
    f = _word(data, 24)
    g = (y + _word(data, length - 32)) * factor & _BITS
    h = (z + _word(data, length - 24)) * factor & _BITS
    return _hash_pair(
        _rotate(e + f & _BITS, 43) + _rotate(g, 30) + h & _BITS,
        e + _rotate(f + a & _BITS, 18) + g & _BITS,
        factor,
    )


def _weak_pair(data: bytes, at: int, a: int, b: int) -> tuple[int, int]:
    """32 bytes into two words, quickly."""
    w, x, y, z = (_word(data, at + 8 * i) for i in range(4))
    a = a + w & _BITS
    b = _rotate(b + a + z & _BITS, 21)
    c = a
    a = a + x + y & _BITS
    b = b + _rotate(a, 44) & _BITS
    return a + z & _BITS, b + c & _BITS


_State = tuple[int, int, int, tuple[int, int], tuple[int, int]]


def _longer(data: bytes, length: int) -> int:
    """56 bytes of state, 64 bytes at a time; the last 64 are read with a factor of their own."""
    y = (81 * _K1 + 113) & _BITS
    z = _mix((y * _K2 + 113) & _BITS) * _K2 & _BITS
    state: _State = ((81 * _K2 + _word(data, 0)) & _BITS, y, z, (0, 0), (0, 0))
    for at in range(0, (length - 1) // 64 * 64, 64):
        state = _round(data, at, state, _K1, 1)
    x, y, z, v, w = state
    factor = _K1 + ((z & 0xFF) << 1) & _BITS
    first = w[0] + ((length - 1) & 63)
    v = (v[0] + first & _BITS, v[1])
    w = (first + v[0] & _BITS, w[1])
    x, y, z, v, w = _round(data, length - 64, (x, y, z, v, w), factor, 9)
    return _hash_pair(
        _hash_pair(v[0], w[0], factor) + _mix(y) * _K0 + z & _BITS,
        _hash_pair(v[1], w[1], factor) + x & _BITS,
        factor,
    )


def _round(data: bytes, at: int, state: _State, factor: int, times: int) -> _State:
    x, y, z, v, w = state
    x = _rotate(x + y + v[0] + _word(data, at + 8) & _BITS, 37) * factor & _BITS
    y = _rotate(y + v[1] + _word(data, at + 48) & _BITS, 42) * factor & _BITS
    x ^= w[1] * times & _BITS
    y = y + v[0] * times + _word(data, at + 40) & _BITS
    z = _rotate(z + w[0] & _BITS, 33) * factor & _BITS
    v = _weak_pair(data, at, v[1] * factor & _BITS, x + w[0] & _BITS)
    w = _weak_pair(data, at + 32, z + w[1] & _BITS, y + _word(data, at + 16) & _BITS)
    return z, y, x, v, w


# ---- SipHash --------------------------------------------------------------------------------


def siphash64(data: bytes, key: tuple[int, int]) -> int:
    """Return the 64 bits of SipHash-2-4 under a key of two words.

    The first of the values that its authors published:

    >>> hex(siphash64(b"", (0x0706050403020100, 0x0F0E0D0C0B0A0908)))
    '0x726fdb47dd0e0e31'
    """
    first, second = key[0] & _BITS, key[1] & _BITS
    v = [
        first ^ 0x736F6D6570736575,
        second ^ 0x646F72616E646F6D,
        first ^ 0x6C7967656E657261,
        second ^ 0x7465646279746573,
    ]
    whole = len(data) // 8 * 8
    last = int.from_bytes(data[whole:], "little") | (len(data) & 0xFF) << 56
    for word in [*(_word(data, at) for at in range(0, whole, 8)), last]:
        v[3] ^= word
        _sip_rounds(v, 2)
        v[0] ^= word
    v[2] ^= 0xFF
    _sip_rounds(v, 4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def _sip_rounds(v: list[int], count: int) -> None:
    for _ in range(count):
        v[0], v[2] = v[0] + v[1] & _BITS, v[2] + v[3] & _BITS
        v[1], v[3] = _left(v[1], 13) ^ v[0], _left(v[3], 16) ^ v[2]
        v[0] = _left(v[0], 32)
        v[2], v[0] = v[2] + v[1] & _BITS, v[0] + v[3] & _BITS
        v[1], v[3] = _left(v[1], 17) ^ v[2], _left(v[3], 21) ^ v[0]
        v[2] = _left(v[2], 32)


def _left(x: int, by: int) -> int:
    return _rotate(x, 64 - by)


# ---- bins -----------------------------------------------------------------------------------


def bin_of(text: str, bins: int, salt: list[int] | None = None) -> int:
    """Return the bin, from 0 to bins - 1, of a text: SipHash with a salt, FarmHash without."""
    data = text.encode()
    return (farmhash64(data) if salt is None else siphash64(data, (salt[0], salt[1]))) % bins


def cross(first: int, second: int) -> int:
    """Return one fingerprint for two, in this order (TensorFlow's FingerprintCat64)."""
    found = first ^ _CROSSING ^ _mix(second * _CROSSING & _BITS) * _CROSSING & _BITS
    found = _mix(found * _CROSSING & _BITS) * _CROSSING & _BITS
    return _mix(found)


def two_integers(name: str, salt: object) -> list[int] | None:
    """Return a salt as a list of two whole numbers; one number stands for both.

    Raises:
        ValueError: for anything else.
    """
    if salt is None:
        return None
    both = [salt, salt] if isinstance(salt, int) else salt
    if isinstance(both, (list, tuple)) and len(both) == 2 and all(type(x) is int for x in both):
        return list(both)
    raise ValueError(f"{name}: salt is a whole number, or a pair of them. Received: salt={salt!r}")
