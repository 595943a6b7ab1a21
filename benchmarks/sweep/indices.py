"""Elements by their indices: taken out, put in, compared with classes."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sweep.case import Array, Case, case, named
from sweep.draws import L2, L3, SMALL, drawer, odd

FAMILY = "indices"


def taken(rows: int, columns: int, count: int, *, is_named: bool = False) -> Iterator[Case]:
    """Rows of a table, and columns of the table that lies the other way."""
    for axis, shape in ((0, (rows, columns)), (1, (columns, rows))):
        table = Array(shape)
        for dtype in ("int32", "int64"):
            indices = Array((count,), dtype, low=0, high=rows)
            size = count * columns * 4
            yield case(
                FAMILY, named("take", (table, indices), f"along {axis}"), "take",
                (table, indices), f"ops.take(a, b, axis={axis})",
                f"torch.index_select(a, {axis}, b)", f"np.take(a, b, axis={axis})", result=size,
                reads=size + indices.bytes, is_named=is_named and axis == 0,
            )  # fmt: skip


def takes() -> Iterator[Case]:
    draw = drawer("takes")
    yield from taken(10, 3, 7)
    yield from taken(SMALL, 16, 100)
    yield from taken(10_000, 64, 6400, is_named=True)
    yield from taken(odd(draw, 5000), odd(draw, 33), odd(draw, 3000))
    yield from taken(L2, 1, odd(draw, L2))
    yield from taken(odd(draw, 300), odd(draw, 1000), odd(draw, 1000))
    for view in ("every second", "transposed"):
        for rows, columns, count in ((300, 8, 5000), (SMALL, 3, SMALL), (5000, 100, 500)):
            table = Array((rows, columns), view=view)
            indices = Array((count,), "int64", low=0, high=rows)
            yield case(
                FAMILY, named("take", (table, indices), "along 0"), "take", (table, indices),
                "ops.take(a, b, axis=0)", "torch.index_select(a, 0, b)", "np.take(a, b, axis=0)",
                result=4 * count * columns, reads=4 * count * columns + indices.bytes,
            )  # fmt: skip
    for count in (SMALL, L2):
        table, indices = Array((L3,)), Array((count,), "int64", low=0, high=L3)
        yield case(
            FAMILY, named("take", (table, indices)), "take", (table, indices),
            "ops.take(a, b)", "torch.take(a, b)", "np.take(a, b)", result=4 * count,
            reads=12 * count,
        )  # fmt: skip


def along(shape: tuple[int, ...], axis: int, count: int, *, is_named: bool = False) -> Case:
    wanted = (*shape[:axis], count, *shape[axis + 1 :])
    x, indices = Array(shape), Array(wanted, "int64", low=0, high=shape[axis])
    result = Array(wanted)
    return case(
        FAMILY, named("take_along_axis", (x, indices), f"along {axis}"),
        "take_along_axis", (x, indices),
        f"ops.take_along_axis(a, b, {axis})", f"torch.take_along_dim(a, b, {axis})",
        f"np.take_along_axis(a, b, {axis})", result=result,
        reads=indices.bytes + result.bytes, is_named=is_named,
    )  # fmt: skip


def alongs() -> Iterator[Case]:
    yield along((SMALL,), 0, SMALL, is_named=True)
    yield along((100, 10), 1, 10, is_named=True)
    for shape in ((7, 5), (303, 37), (37, 303), (1000, 100)):
        for axis in (0, 1):
            yield along(shape, axis, shape[axis])
    yield along((64, 1000), 1, 1)
    yield along((9, 33, 65), 1, 5)


def scatters() -> Iterator[Case]:
    draw = drawer("scatters")
    for rows, columns, count in (
        (10, 3, 7),
        (SMALL, 16, 100),
        (10_000, 64, 6400),
        (odd(draw, 999), 37, 5001),
    ):
        indices, updates = Array((count,), "int64", low=0, high=rows), Array((count, columns))
        yield case(
            FAMILY, named("scatter_add", (indices, updates), f"to {rows} rows"), "scatter_add",
            (indices, updates), f"apply('scatter_add', (a, b), axis=0, size={rows})",
            f"torch.zeros({rows}, {columns}).index_add_(0, a, b)", result=rows * columns * 4,
        )  # fmt: skip


def updates() -> Iterator[Case]:
    """Rows of a table that are written over, and numbers put at places among zeros."""
    for rows, columns, count in ((100, 7, 10), (1000, 64, 300), (5000, 33, 999)):
        x, indices = Array((rows, columns)), Array((count, 1), "int64", low=0, high=rows)
        new = Array((count, columns))
        yield case(
            FAMILY, named("scatter_update", (x, indices, new)), "sort scatter_add where",
            (x, indices, new), "ops.scatter_update(a, b, c)", "a.index_put((b[:, 0],), c)",
            result=x,
        )  # fmt: skip
        yield case(
            FAMILY, named("scatter", (indices, new), f"to {rows} rows"), "scatter_add",
            (indices, new), f"ops.scatter(a, b, ({rows}, {columns}))",
            f"torch.zeros({rows}, {columns}).index_add_(0, a[:, 0], b)", result=x,
        )  # fmt: skip
    for shape, wanted in (((64, 30, 17), 5), ((1000, 9, 4), 9)):
        x, indices = Array(shape), Array((wanted,), "int64", low=0, high=shape[1])
        yield case(
            FAMILY, named("take", (x, indices), "along 1"), "take", (x, indices),
            "ops.take(a, b, axis=1)", "torch.index_select(a, 1, b)", "np.take(a, b, axis=1)",
            result=4 * shape[0] * wanted * shape[2],
        )  # fmt: skip


def classes() -> Iterator[Case]:
    for count, classes in ((7, 3), (128, 10), (SMALL, 101), (6400, 1000)):
        for dtype in ("int32", "int64"):
            labels = Array((count,), dtype, low=0, high=classes)
            torch = "F.one_hot(a, {})" if dtype == "int64" else "F.one_hot(a.long(), {})"
            yield case(
                FAMILY, named("one_hot", (labels,), f"of {classes}"), "one_hot", (labels,),
                f"ops.one_hot(a, {classes})", torch.format(classes) + ".float()",
                result=count * classes * 4,
            )  # fmt: skip


def orders() -> Iterator[Case]:
    """All and the largest numbers of lines, with their places: np.sort gives none."""
    for shape, axis in (
        ((7, 5), 1),
        ((5000, 3), 1),
        ((1000, 20), 1),
        ((1000, 50), 1),
        ((303, 1000), 1),
        ((1000, 37), 0),
        ((L2,), 0),
    ):
        for dtype in ("float32", "int64"):
            x = Array(shape, dtype, low=-100, high=100)
            yield case(
                FAMILY, named("argsort", (x,), f"along {axis}"), "sort", (x,),
                f"ops.argsort(a, {axis})", f"torch.argsort(a, dim={axis}, stable=True)",
                f"np.argsort(a, {axis}, 'stable')", result=4 * math.prod(shape),
            )  # fmt: skip
    for shape in ((128, 10), (303, 1000)):
        x = Array(shape)
        yield case(
            FAMILY, named("top_k", (x,), "5"), "sort", (x,), "ops.top_k(a, 5)",
            "torch.topk(a, 5)", result=8 * 5 * shape[0],
        )  # fmt: skip


def cases() -> Iterator[Case]:
    yield from orders()
    yield from takes()
    yield from alongs()
    yield from scatters()
    yield from updates()
    yield from classes()
