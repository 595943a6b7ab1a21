"""Bricks that move numbers: at sizes around those of their blocks, in all layouts, at rank 8."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from pylego import ops
from pylego.core.tensor import Tensor, apply
from pylego.ops import convert_to_tensor

DTYPES = ("bool", "uint8", "int32", "float64")  # one, four and eight bytes
GENERATOR = np.random.default_rng(3)


def numbers(shape: tuple[int, ...], dtype: str = "float32") -> np.ndarray:
    return GENERATOR.integers(0, 2 if dtype == "bool" else 100, shape).astype(dtype)


def check(found: Tensor, wanted: np.ndarray) -> None:
    np.testing.assert_array_equal(found.numpy(), wanted)
    assert found.dtype == str(wanted.dtype)


def layouts(x: np.ndarray) -> dict[str, tuple[Tensor, np.ndarray]]:
    """A matrix as it is, transposed, with steps, backwards, and of one row repeated."""
    t = convert_to_tensor(x)
    return {
        "dense": (t, x),
        "transposed": (ops.transpose(t), x.T),
        "every second": (t[::2, ::2], x[::2, ::2]),
        "backwards": (t[:, ::-1], x[:, ::-1]),
        "inner": (t[1:-1, 1:-1], x[1:-1, 1:-1]),
        "broadcast": (ops.broadcast_to(t[:1], x.shape), np.broadcast_to(x[:1], x.shape)),
    }


# ---- transposed copies --------------------------------------------------------------------------

# Around the squares of 2 to 16 elements, the lines of 8 to 64, and the width of a block.
LENGTHS = (1, 2, 3, 5, 8, 15, 17, 31, 33, 64, 65, 127, 129, 257, 511, 513)


@pytest.mark.parametrize("dtype", DTYPES)
def test_transposed_copies(dtype: str) -> None:
    for rows, columns in itertools.product(LENGTHS, LENGTHS):
        x = numbers((rows, columns), dtype)
        check(apply("copy", (ops.transpose(convert_to_tensor(x)),)), x.T)


@pytest.mark.parametrize("dtype", DTYPES)
def test_transposed_copies_of_many_matrices(dtype: str) -> None:
    x = numbers((5, 67, 3, 19), dtype)
    for axes in itertools.permutations(range(4)):
        check(apply("copy", (ops.transpose(convert_to_tensor(x), axes),)), x.transpose(axes))


# ---- joins, borders, repeats ----------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("columns", [1, 3, 4, 16, 40])
def test_joins_of_rows_of_any_length(dtype: str, columns: int) -> None:
    parts = [numbers((9, 5, columns), dtype) for _ in range(3)]
    tensors = [convert_to_tensor(part) for part in parts]
    for axis in range(3):
        check(ops.concatenate(tensors, axis), np.concatenate(parts, axis))
    for axis in range(4):
        check(ops.stack(tensors, axis), np.stack(parts, axis))
    many = [convert_to_tensor(parts[i % 3]) for i in range(20)]
    check(ops.concatenate(many, 1), np.concatenate([parts[i % 3] for i in range(20)], 1))


@pytest.mark.parametrize("kind", layouts(numbers((6, 6))))
@pytest.mark.parametrize("dtype", DTYPES)
def test_layouts(kind: str, dtype: str) -> None:
    t, x = layouts(numbers((23, 21), dtype))[kind]
    for k in (0, 1, -1, 5, -30, 30, 2**63 - 1, -(2**63) + 1):
        near = max(-40, min(k, 40))
        check(ops.tril(t, k), np.tril(x, near))
        check(ops.triu(t, k), np.triu(x, near))
    for widths in (0, 1, ((2, 0), (0, 0)), ((0, 0), (0, 3)), ((1, 2), (3, 0))):
        check(
            ops.pad(t, widths, constant_values=1),
            np.pad(x, widths, constant_values=x.dtype.type(1)),
        )
    for shift, axis in ((1, 0), (-2, 1), ((3, 4), (0, 1)), (1000, 0), (7, None)):
        check(ops.roll(t, shift, axis), np.roll(x, shift, axis))
    for axis in (0, 1):
        check(ops.repeat(t, 3, axis), np.repeat(x, 3, axis))
        check(ops.concatenate((t, t), axis), np.concatenate((x, x), axis))
    for counts in ((2, 3), (1, 4), (3, 1), (2, 1, 2), (0, 2)):
        check(ops.tile(t, counts), np.tile(x, counts))
    block = numbers((2, 3), dtype)
    wanted = x.copy()
    wanted[1:3, 2:5] = block
    check(ops.slice_update(t, (1, 2), block), wanted)


EIGHT = (2, 3, 2, 1, 2, 2, 1, 3)


def test_eight_axes() -> None:
    x = numbers(EIGHT).transpose(7, 0, 6, 2, 1, 4, 3, 5)  # no two axes can be merged
    t = ops.transpose(convert_to_tensor(np.ascontiguousarray(x.transpose(5, 7, 6, 4, 3, 1, 2, 0))),
                      (7, 5, 6, 4, 3, 0, 2, 1))  # fmt: skip
    check(t, x)
    for axis in range(8):
        check(ops.repeat(t, 2, axis), np.repeat(x, 2, axis))
        check(ops.concatenate((t, t), axis), np.concatenate((x, x), axis))
    for counts in ((2,) * 8, (1, 3, 1, 2, 1, 1, 1, 2)):
        check(ops.tile(t, counts), np.tile(x, counts))
    check(ops.roll(t, (1,) * 8, tuple(range(8))), np.roll(x, (1,) * 8, tuple(range(8))))
    check(ops.pad(t, 1), np.pad(x, 1))
    check(ops.triu(t), np.triu(x))


@pytest.mark.parametrize("shape", [(70, 33, 31), (3, 40000, 2), (9, 5, 2000)])
def test_triangles_of_many_matrices(shape: tuple[int, ...]) -> None:
    """So many that a chunk of them begins within a matrix."""
    x = numbers(shape)
    for k in (0, 2, -7):
        check(ops.tril(x, k), np.tril(x, k))
        check(ops.triu(x, k), np.triu(x, k))


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0), (2, 0, 3)])
def test_empty_tensors(shape: tuple[int, ...]) -> None:
    x = numbers(shape)
    for name in ("tril", "triu"):
        check(getattr(ops, name)(x), getattr(np, name)(x))
    check(ops.pad(x, 2, constant_values=3), np.pad(x, 2, constant_values=np.float32(3)))
    check(ops.roll(x, 1, 0), x)
    check(ops.tile(x, (2, 2)), np.tile(x, (2, 2)))
    check(ops.repeat(x, 2, 1), np.repeat(x, 2, 1))
    check(ops.concatenate((x, x), 1), np.concatenate((x, x), 1))


@pytest.mark.parametrize(("rows", "columns", "k"), [
    (5, 7, 0), (7, 5, 1), (7, 5, -6), (5, 7, 7), (3, 3, -3), (0, 4, 0), (4, 0, -1),
    (1, 1, -(2**62)),
])  # fmt: skip
def test_eye_and_tri(rows: int, columns: int, k: int) -> None:
    near = max(-40, min(k, 40))
    for dtype in DTYPES:
        check(ops.eye(rows, columns, k, dtype), np.eye(rows, columns, near, dtype))
        check(ops.tri(rows, columns, k, dtype), np.tri(rows, columns, near, dtype))


# ---- mistakes -------------------------------------------------------------------------------

X = numbers((2, 3))


@pytest.mark.parametrize(("name", "inputs", "attributes", "words"), [
    ("roll", (X,), {"shifts": (1, 2, 3)}, "as many shifts"),
    ("tile", (X,), {"repeats": (1,)}, "as many repeats"),
    ("tile", (X,), {"repeats": (2**62, 2**62)}, "overflow"),
    ("repeat", (X,), {"repeats": -1, "axis": 0}, "-1 times"),
    ("repeat", (X,), {"repeats": 2, "axis": 2}, "axis"),
    ("repeat", (X,), {"repeats": 2**62, "axis": 0}, "repeat"),
    ("tril", (X[0],), {"k": 0}, "two axes"),
    ("eye", (), {"rows": 2**40, "columns": 2**40, "k": 0, "dtype": 4}, "eye"),
    ("eye", (), {"rows": 2, "columns": 2, "k": 0, "dtype": 99}, "dtype"),
    ("slice_update", (X, X), {"begin": (1, 0)}, "leave axis 0"),
    ("slice_update", (X, X[0]), {"begin": (0, 0)}, "2 axes"),
    ("slice_update", (X, X.astype("float64")), {"begin": (0, 0)}, "cast"),
])  # fmt: skip
def test_misfits_are_refused(
    name: str, inputs: tuple[Any, ...], attributes: dict[str, Any], words: str
) -> None:
    with pytest.raises((ValueError, TypeError, MemoryError), match=words):
        apply(name, inputs, **attributes)
