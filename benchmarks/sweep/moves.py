"""Numbers that only change their place: transposes, joins, borders, slices, repeats; new ones."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sweep.case import Array, Case, Shape, case, named
from sweep.draws import BEYOND, L1, L2, L3, SMALL, drawer, matrix, odd, volume

FAMILY = "moves"
SIZES = (30, SMALL, L1, L2, L3)


def move(
    name: str, x: Array | tuple[Array, ...], bricks: str, ours: str, torch: str | None,
    numpy: str | None, result: Array | int, *, words: str = "", **others,
) -> Case:  # fmt: skip
    every = x if isinstance(x, tuple) else (x,)
    return case(
        FAMILY, named(name, every, words), bricks, every, ours, torch, numpy, result=result,
        **others,
    )  # fmt: skip


# ---- transposes -----------------------------------------------------------------------------


def transposed(x: Array, axes: tuple[int, ...], *, is_named: bool = False) -> Case:
    """Written out in the new order, as what comes after a transpose reads it."""
    shape = tuple(x.shape[axis] for axis in axes)
    return move(
        "transpose", x, "transpose copy", f"ops.reshape(ops.transpose(a, {axes}), (-1,))",
        f"a.permute({axes}).reshape(-1)", f"a.transpose({axes}).reshape(-1)",
        Array(shape, x.dtype), words=f"to {axes}, written out", is_named=is_named,
    )  # fmt: skip


def transposes() -> Iterator[Case]:
    draw = drawer("transposes")
    for dtype in ("float32", "float64"):
        for near in SIZES:
            yield transposed(Array(matrix(draw, near), dtype), (1, 0), is_named=near <= SMALL)
        yield transposed(Array((1000, 1000), dtype), (1, 0), is_named=True)
        yield transposed(Array((32, 100, 64), dtype), (0, 2, 1), is_named=True)
    for shape in ((7, 5), (13, 11), (3, 37), (33, 31)):
        yield transposed(Array(shape), (1, 0), is_named=True)
    for near in (SMALL, L2, L3):
        for axes in ((0, 2, 1), (1, 0, 2), (2, 1, 0), (2, 0, 1)):
            yield transposed(Array(volume(draw, near)[:3]), axes)
    for axes in ((0, 3, 1, 2), (0, 2, 3, 1), (3, 2, 1, 0)):
        yield transposed(Array((8, 28, 30, 17)), axes)
    yield transposed(Array((8, 30, 4, 16)), (0, 2, 1, 3))
    for axes in ((0, 4, 1, 2, 3), (0, 2, 1, 4, 3), (1, 0, 3, 2, 4), (4, 3, 2, 1, 0)):
        yield transposed(Array((4, 7, 9, 11, 13)), axes)
    yield transposed(Array((BEYOND // 1000, 1000)), (1, 0))
    for view in ("transposed", "every second", "inner"):
        for near in (100, L2, L3):
            x = Array(matrix(draw, near), view=view)
            yield move(
                "copy", x, "copy", "apply('copy', (a,))",
                "a.clone(memory_format=torch.contiguous_format)", "a.copy()",
                Array(x.shape, x.dtype),
            )  # fmt: skip
    for dtype in ("uint8", "bool", "int64"):
        yield transposed(Array(matrix(draw, L2), dtype, low=0, high=99), (1, 0))


# ---- joins and parts ------------------------------------------------------------------------


def joins() -> Iterator[Case]:
    draw = drawer("joins")
    for near in SIZES:
        shape = matrix(draw, near)
        for axis in (0, 1):
            both = (Array(shape), Array(shape))
            yield move(
                "concatenate", both, "concatenate", f"ops.concatenate((a, b), axis={axis})",
                f"torch.cat((a, b), dim={axis})", f"np.concatenate((a, b), axis={axis})",
                2 * both[0].bytes, words=f"along {axis}", is_named=True,
            )  # fmt: skip
            yield move(
                "stack", both, "stack", f"ops.stack((a, b), axis={axis})",
                f"torch.stack((a, b), dim={axis})", f"np.stack((a, b), axis={axis})",
                2 * both[0].bytes, words=f"along {axis}",
            )  # fmt: skip
    narrow = (Array((8, 30, 30, 33)), Array((8, 30, 30, 7)), Array((8, 30, 30, 64)))
    yield move(
        "concatenate", narrow, "concatenate", "ops.concatenate((a, b, c), axis=-1)",
        "torch.cat((a, b, c), dim=-1)", "np.concatenate((a, b, c), axis=-1)",
        sum(x.bytes for x in narrow), words="along -1",
    )  # fmt: skip
    for axis in range(4):
        both = (Array((8, 14, 15, 17)),) * 2
        yield move(
            "concatenate", both, "concatenate", f"ops.concatenate((a, b), axis={axis})",
            f"torch.cat((a, b), dim={axis})", f"np.concatenate((a, b), axis={axis})",
            2 * both[0].bytes, words=f"along {axis}",
        )  # fmt: skip
    for near in SIZES:
        rows, columns = matrix(draw, near)
        yield move(
            "split", Array((2 * rows, columns)), "split", "ops.split(a, 2)",
            f"torch.split(a, {rows})", "np.split(a, 2)", 0, reads=0,
        )  # fmt: skip


# ---- borders and orders ---------------------------------------------------------------------


def borders() -> Iterator[Case]:
    draw = drawer("borders")
    for near in SIZES:
        rows, columns = matrix(draw, near)
        x = Array((rows, columns))
        yield move(
            "pad by 1", x, "pad", "ops.pad(a, 1)", "F.pad(a, (1, 1, 1, 1))", "np.pad(a, 1)",
            (rows + 2) * (columns + 2) * 4, is_named=True,
        )  # fmt: skip
        for axis in (0, 1):
            yield move(
                "flip", x, "slice copy", f"ops.reshape(ops.flip(a, {axis}), (-1,))",
                f"torch.flip(a, ({axis},)).reshape(-1)", f"np.flip(a, {axis}).reshape(-1)", x,
                words=f"along {axis}, written out", is_named=True,
            )  # fmt: skip
            yield move(
                "roll", x, "roll", f"ops.roll(a, 1, {axis})", f"torch.roll(a, 1, {axis})",
                f"np.roll(a, 1, {axis})", x, words=f"along {axis}",
            )  # fmt: skip
        part = max(1, rows // 2), max(1, columns // 2)
        yield move(
            "slice_update", (x, Array(part)), "slice_update", "ops.slice_update(a, (0, 0), b)",
            f"torch.slice_scatter(a, torch.slice_scatter(a[:{part[0]}], b, 1, 0, {part[1]}), "
            f"0, 0, {part[0]})", None, x,
        )  # fmt: skip
        yield move(
            "unslice", Array(part), "unslice",
            f"apply('unslice', (a,), shape={x.shape}, begin=(0, 0), step=(2, 2))", None, None, x,
        )  # fmt: skip
    x = Array((8, 28, 28, 30))
    yield move(
        "pad of images", x, "pad", "ops.pad(a, ((0, 0), (1, 1), (1, 1), (0, 0)))",
        "F.pad(a, (0, 0, 1, 1, 1, 1))", "np.pad(a, ((0, 0), (1, 1), (1, 1), (0, 0)))",
        8 * 30 * 30 * 30 * 4,
    )  # fmt: skip


def mirrored() -> Iterator[Case]:
    """Borders that repeat what is inside, of images and of lines."""
    for shape, width in (((8, 28, 28, 3), 2), ((4, 33, 31, 30), 3), ((8, 101, 16), 5)):
        axes = len(shape) - 2
        widths = ((0, 0), *((width, width),) * axes, (0, 0))
        result = Array((shape[0], *(n + 2 * width for n in shape[1:-1]), shape[-1]))
        for mode in ("reflect", "symmetric"):
            torch = None
            if mode == "reflect":
                torch = f"F.pad(a.movedim(-1, 1), {(width,) * 2 * axes}, mode='reflect')"
            yield move(
                "pad", Array(shape), "pad", f"ops.pad(a, {widths}, mode='{mode}')", torch,
                f"np.pad(a, {widths}, mode='{mode}')", result, words=f"by {width}, {mode}",
            )  # fmt: skip


# ---- slices: views ------------------------------------------------------------------------


def views() -> Iterator[Case]:
    """What copies nothing costs the call alone."""
    small, large = Array((9, 7)), Array((1000, 999))
    for x in (small, large):
        for written in ("a[1:5]", "a[:, 1:3]", "a[::2, ::2]", "a[3]"):
            yield move(
                written, x, "slice", written, written, written, 0, reads=0, is_named=x is small
            )
        yield move(
            "slice", x, "slice", "ops.slice(a, (1, 1), (4, 3))",
            "a.narrow(0, 1, 4).narrow(1, 1, 3)", "a[1:5, 1:4]", 0, reads=0, is_named=x is small,
        )  # fmt: skip
        yield move(
            "transpose, a view", x, "transpose", "ops.transpose(a)", "a.t()", "np.transpose(a)",
            0, reads=0,
        )  # fmt: skip
        yield move(
            "reshape, a view", x, "reshape", "ops.reshape(a, (-1,))", "torch.reshape(a, (-1,))",
            "np.reshape(a, (-1,))", 0, reads=0,
        )  # fmt: skip
        yield move(
            "expand_dims", x, "reshape", "ops.expand_dims(a, 1)", "torch.unsqueeze(a, 1)",
            "np.expand_dims(a, 1)", 0, reads=0,
        )  # fmt: skip
        yield move(
            "broadcast_to", x, "broadcast_to", f"ops.broadcast_to(a, {(3, *x.shape)})",
            f"torch.broadcast_to(a, {(3, *x.shape)})", f"np.broadcast_to(a, {(3, *x.shape)})",
            0, reads=0,
        )  # fmt: skip


# ---- repeats, and numbers out of nothing ------------------------------------------------------


def repeats() -> Iterator[Case]:
    draw = drawer("repeats")
    for near in (30, SMALL, L1, L2, L3 // 4):
        x = Array(matrix(draw, near))
        for axis in (0, 1):
            yield move(
                "repeat", x, "repeat", f"ops.repeat(a, 3, axis={axis})",
                f"torch.repeat_interleave(a, 3, dim={axis})", f"np.repeat(a, 3, axis={axis})",
                3 * x.bytes, words=f"3 times along {axis}",
            )  # fmt: skip
        yield move(
            "tile", x, "tile", "ops.tile(a, (2, 2))", "torch.tile(a, (2, 2))",
            "np.tile(a, (2, 2))", 4 * x.bytes,
        )  # fmt: skip
        for name in ("tril", "triu"):
            yield move(name, x, name, f"ops.{name}(a)", f"torch.{name}(a)", f"np.{name}(a)", x)


def made(shape: Shape, dtype: str) -> Iterator[Case]:
    count = math.prod(shape)
    result = Array(shape, dtype)
    yield move(
        f"full {result}", (), "full", f"ops.full({shape}, 2.5, dtype='{dtype}')",
        f"torch.full({shape}, 2.5, dtype=torch.{dtype})",
        f"np.full({shape}, 2.5, dtype=np.{dtype})", result,
    )  # fmt: skip
    yield move(
        f"arange {result}", (), "arange", f"ops.arange({count}, dtype='{dtype}')",
        f"torch.arange({count}, dtype=torch.{dtype})", f"np.arange({count}, dtype=np.{dtype})",
        result,
    )  # fmt: skip


def creation() -> Iterator[Case]:
    draw = drawer("creation")
    for near in (7, SMALL, odd(draw, L2), L3):
        yield from made((near,), "float32")
    yield from made((SMALL,), "float64")
    for size in (7, 33, odd(draw, 200), 1000):
        x = Array((size, size))
        yield move(f"eye {x}", (), "eye", f"ops.eye({size})", f"torch.eye({size})",
                   f"np.eye({size}, dtype=np.float32)", x)  # fmt: skip


def cases() -> Iterator[Case]:
    yield from transposes()
    yield from joins()
    yield from borders()
    yield from mirrored()
    yield from views()
    yield from repeats()
    yield from creation()
