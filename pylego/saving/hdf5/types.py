"""How HDF5 describes numbers and texts: data types and data spaces (File Format, IV.A.2.b, d)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pylego.saving.hdf5.source import Fields

INTEGER, FLOAT, STRING, OPAQUE, ENUM, TEXTS = 0, 1, 3, 5, 8, 9
REFUSED = {
    2: "times",
    4: "bit fields",
    6: "compound data",
    7: "references",
    10: "arrays in arrays",
    11: "complex numbers",
}
MOST_AXES = 32

# Bits of exponent and fraction, and the bias, of the floats of IEEE 754.
FLOATS = {2: (5, 10, 15), 4: (8, 23, 127), 8: (11, 52, 1023)}


@dataclass(frozen=True)
class Type:
    """A data type: a dtype of NumPy, or texts of any length that lie elsewhere (dtype None)."""

    dtype: np.dtype | None
    size: int  # of one element, bytes
    is_text: bool = False


def read_type(fields: Fields) -> Type:
    """Read a data type. What has no numbers or texts in it is refused.

    Raises:
        CorruptFileError: for all others.
    """
    source = fields.source
    kind = fields.number(1) & 15  # above is the version; what is read here is the same in all
    bits = fields.number(3)
    size = fields.number(4)
    if not 0 < size <= source.size:
        raise source.damaged(f"a data type in it has {size:,} bytes")
    if kind == STRING:
        return Type(np.dtype(f"S{size}"), size, is_text=True)
    if kind == TEXTS and bits & 15 == 1:
        return Type(None, size, is_text=True)
    if kind == TEXTS:
        raise source.refused("it holds lists of various lengths")
    if kind == OPAQUE and size == 2:
        return Type(np.dtype("V2"), size)  # how Keras stores bfloat16
    if kind in (INTEGER, ENUM, FLOAT):
        return Type(_number_type(fields, kind, bits, size), size)
    raise source.refused(f"it holds {REFUSED.get(kind, f'data of kind {kind}')}, and no numbers")


def _number_type(fields: Fields, kind: int, bits: int, size: int) -> np.dtype:
    order = ">" if bits & 1 else "<"
    if kind == ENUM:
        return _boolean_type(fields, bits & 0xFFFF, size)
    offset, precision = fields.number(2), fields.number(2)
    whole = offset == 0 and precision == 8 * size
    if kind == INTEGER and whole and size in (1, 2, 4, 8):
        return np.dtype(f"{order}{'i' if bits & 8 else 'u'}{size}")
    if kind == FLOAT and whole and size in FLOATS and not bits & 0x40:
        fields.skip(1)
        exponent = fields.number(1)
        fields.skip(1)
        if (exponent, fields.number(1), fields.number(4)) == FLOATS[size]:
            return np.dtype(f"{order}f{size}")
    raise fields.source.refused(f"it holds numbers of {precision} bits of an uncommon kind")


def _boolean_type(fields: Fields, members: int, size: int) -> np.dtype:
    """Booleans are an enumeration of FALSE and TRUE, as h5py writes them."""
    if members != 2 or size != 1 or b"FALSE\0" not in fields.content:
        raise fields.source.refused("it holds enumerations")
    return np.dtype(np.bool_)


def read_shape(fields: Fields) -> tuple[int, ...] | None:
    """Read a data space: the shape, () for one element, None for none at all.

    Raises:
        CorruptFileError: where it is none.
    """
    source = fields.source
    version, rank, flags = fields.number(1), fields.number(1), fields.number(1)
    if version not in (1, 2) or rank > MOST_AXES:
        raise source.damaged(f"it has a shape of version {version} with {rank} axes")
    if version == 1:
        fields.skip(5)
    elif fields.number(1) == 2:
        return None
    shape = tuple(fields.length() for _ in range(rank))
    if flags & 2:
        raise source.refused("it holds permuted axes")
    return shape


def count_elements(shape: tuple[int, ...] | None) -> int:
    """Return how many elements a shape has.

    >>> count_elements((2, 3)), count_elements(()), count_elements(None)
    (6, 1, 0)
    """
    return 0 if shape is None else math.prod(shape)
