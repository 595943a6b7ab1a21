"""Products of matrices: of every form, tiny and odd, and many at once."""

from __future__ import annotations

import math
from collections.abc import Iterator

from operations import CUBES, TRAINING

from sweep.case import Array, Case, case, named
from sweep.draws import drawer, odd

FAMILY, BATCHED = "matmul", "batched matmul"
NAMED = ((10, 64, 1), (7, 7, 7))


def product(x: Array, y: Array, *, is_named: bool = False) -> Case:
    batch = x.shape[:-2]
    shape = (*batch, x.shape[-2], y.shape[-1])
    count = 2 * x.shape[-1] * math.prod(shape)
    return case(
        BATCHED if batch else FAMILY, named("matmul", (x, y)), "matmul", (x, y),
        "ops.matmul(a, b)", "torch.matmul(a, b)", "np.matmul(a, b)",
        result=Array(shape, x.dtype), is_named=is_named,
        operations=count if x.dtype == "float32" else 2 * count,  # half as many lanes
    )  # fmt: skip


def forms(rows: int, depth: int, columns: int, **others: bool) -> Iterator[Case]:
    """As they lie, and with either of the two lying the other way."""
    for left, right in (("", ""), ("transposed", ""), ("", "transposed")):
        yield product(
            Array((rows, depth), view=left), Array((depth, columns), view=right), **others
        )


def matrices() -> Iterator[Case]:
    draw = drawer("matmul")
    for shape in NAMED:
        yield from forms(*shape, is_named=True)
    for cube in CUBES:
        if cube.rows <= 1024:
            yield product(Array((cube.rows,) * 2), Array((cube.rows,) * 2))
    for shape in TRAINING[:5]:
        yield from forms(*shape)
    for near in (3, 9, 33, 100, 300):
        for _ in range(2):
            yield from forms(odd(draw, near), odd(draw, near), odd(draw, near))
    for rows, depth, columns in ((1, 784, 512), (512, 784, 1), (1, 10_000, 1), (1000, 1, 1000)):
        yield product(Array((rows, depth)), Array((depth, columns)))
    for near in (7, 65, 300):
        shape = (odd(draw, near),) * 2
        yield product(Array(shape, "float64"), Array(shape, "float64"))


def vectors() -> Iterator[Case]:
    """One row or one column: each number of the matrix is read once."""
    for depth, length in ((65, 1000), (1000, 65), (512, 513), (10, 300), (3, 4000), (2000, 2000)):
        yield from forms(1, depth, length)
        yield from forms(length, depth, 1)
        yield product(Array((1, depth), "float64"), Array((depth, length), "float64", "transposed"))
        yield product(Array((length, depth), "float64", "transposed"), Array((depth, 1), "float64"))


def batches() -> Iterator[Case]:
    """As attention has them: many, of few rows each."""
    draw = drawer("batched matmul")
    for count, rows, depth, columns in (
        (4, 5, 6, 7), (32, 10, 64, 10), (64, 100, 64, 100), (64, 100, 100, 64), (256, 7, 7, 7),
        (1000, 3, 3, 3), (256, 64, 64, 1), (256, 1, 64, 64), (1000, 4, 4, 1), (256, 1, 64, 1),
        (3, 300, 301, 299),
        (odd(draw, 30), odd(draw, 30), odd(draw, 30), odd(draw, 30)),
    ):  # fmt: skip
        x = Array((count, rows, depth))
        yield product(x, Array((count, depth, columns)))
        yield product(x, Array((count, depth, columns), "float32", "every second"))
    yield product(Array((8, 33, 65), "float64"), Array((8, 65, 17), "float64"))


def cases() -> Iterator[Case]:
    yield from matrices()
    yield from vectors()
    yield from batches()
