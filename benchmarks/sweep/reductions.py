"""Many numbers to few, and along an axis: sums, extremes, softmax, cumulative sums."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from sweep.case import Array, Case, Shape, case, named
from sweep.draws import BEYOND, L1, L2, L3, SMALL, drawer, matrix, odd, volume

FAMILY = "reductions"
Axes = int | tuple[int, ...] | None
IMAGES = (4, 3, 128, 128)


@dataclass(frozen=True)
class Reduction:
    """How an operation over axes is written: {0} stands for the axes."""

    bricks: str
    torch: str | None
    numpy: str | None
    torch_of_all: str | None = None  # where PyTorch writes it in another way without axes
    keeps_shape: bool = False  # softmax and the like
    one_axis: bool = False
    pylego: str = "ops.{name}(a, axis={axes})"
    low: float = -1.0
    high: float = 1.0
    dtype: str = "float32"
    result: str = ""  # another dtype than that of the operand

    def written(self, name: str, x: Array, axes: Axes) -> tuple[str, str | None, str | None]:
        torch = self.torch
        if axes is None and self.torch_of_all is not None:
            torch = self.torch_of_all
        every = tuple(range(len(x.shape))) if axes is None else axes
        return (
            self.pylego.format(name=name, axes=axes),
            torch and torch.format(every if "{0}" in torch else axes),
            self.numpy and self.numpy.format(axes),
        )


def plain(name: str, torch: str = "", **others) -> Reduction:
    """Written in all libraries by about the same name."""
    whole = others.pop("torch_of_all", f"torch.{name}(a)")
    return Reduction(
        others.pop("bricks", name), torch or f"torch.{name}(a, dim={{0}})",
        others.pop("numpy", f"np.{name}(a, axis={{0}})"), whole, **others,
    )  # fmt: skip


REDUCTIONS = {
    "sum": plain("sum"),
    "mean": plain("mean"),
    "max": plain("max", "torch.amax(a, dim={0})"),
    "min": plain("min", "torch.amin(a, dim={0})"),
    "prod": plain("prod", one_axis=True, low=0.9, high=1.1),
    "any": plain("any", dtype="bool"),
    "all": plain("all", dtype="bool"),
    "argmax": plain("argmax", one_axis=True, result="int32"),
    "argmin": plain("argmin", one_axis=True, result="int32"),
    "count_nonzero": plain("count_nonzero", result="int32"),
    "var": Reduction(
        "moments", "torch.var(a, dim={0}, correction=0)", "np.var(a, axis={0})",
        "torch.var(a, correction=0)",
    ),
    "std": Reduction(
        "moments sqrt", "torch.std(a, dim={0}, correction=0)", "np.std(a, axis={0})",
        "torch.std(a, correction=0)",
    ),
    "moments": Reduction(
        "moments", "torch.var_mean(a, dim={0}, correction=0)", None,
        pylego="ops.moments(a, axes={axes})",
    ),
    "norm": Reduction(
        "norm", "torch.linalg.vector_norm(a, dim={0})", None,
    ),
    "logsumexp": Reduction("max exp sum log logsumexp", "torch.logsumexp(a, dim={0})", None),
    "softmax": Reduction("softmax", "torch.softmax(a, dim={0})", None, None, True, True),
    "log_softmax": Reduction(
        "log_softmax", "torch.log_softmax(a, dim={0})", None, None, True, True
    ),
    "cumsum": Reduction(
        "cumsum", "torch.cumsum(a, dim={0})", "np.cumsum(a, axis={0})", None, True, True
    ),
}  # fmt: skip
OF_IMAGES = ("sum", "max", "mean", "softmax", "log_softmax", "logsumexp", "cumsum", "var", "argmax")


def reduction(name: str, x: Array, axes: Axes, *, is_named: bool = False) -> Case:
    one = REDUCTIONS[name]
    words = "over all" if axes is None else f"along {axes}"
    return case(
        FAMILY, named(name, (x,), words), one.bricks, (x,), *one.written(name, x, axes),
        result=left(one, x, axes) * (2 if name == "moments" else 1), is_named=is_named,
    )  # fmt: skip


def left(one: Reduction, x: Array, axes: Axes) -> int:
    """The bytes of the result."""
    gone: Shape = (
        tuple(range(len(x.shape))) if axes is None else axes if isinstance(axes, tuple) else (axes,)
    )
    gone = tuple(axis % len(x.shape) for axis in gone)
    kept = [n for axis, n in enumerate(x.shape) if one.keeps_shape or axis not in gone]
    return Array(tuple(kept), one.result or x.dtype).bytes


def axes_of(rank: int, one: Reduction) -> list[Axes]:
    """Each axis alone, all, and pairs of them."""
    single: list[Axes] = list(range(rank))
    if one.one_axis:
        return single
    pairs: list[Axes] = [(0, 1), (0, 2), (1, 2)] if rank > 2 else []
    return [*single, *pairs, None]


def operands(name: str, one: Reduction) -> Iterator[tuple[Array, list[Axes]]]:
    draw = drawer(name)

    def array(shape: Shape, view: str = "", dtype: str = one.dtype) -> Array:
        return Array(shape, dtype, view, one.low, one.high)

    for size in (draw.randint(1, 10), SMALL, odd(draw, L1), odd(draw, L2), L3):
        yield array((size,)), [0] if one.one_axis else [None]
    yield array((SMALL, SMALL)), [0, 1]
    yield array(matrix(draw, L1)), axes_of(2, one)
    yield array(matrix(draw, L2)), axes_of(2, one)
    yield array(matrix(draw, 300)), axes_of(2, one)
    yield array(volume(draw, L2)), axes_of(3, one)
    yield array((odd(draw, 20_000), draw.choice((2, 3, 5)))), axes_of(2, one)  # short rows
    yield array((draw.choice((2, 3, 5)), odd(draw, 20_000))), axes_of(2, one)  # long ones
    yield array(matrix(draw, L2), "transposed"), axes_of(2, one)
    yield array(matrix(draw, L2), draw.choice(("every second", "inner"))), axes_of(2, one)
    if one.dtype == "float32":
        yield array((SMALL,), dtype="float64"), [0] if one.one_axis else [None]
        yield array(matrix(draw, L2), dtype="float64"), axes_of(2, one)


def drawn() -> Iterator[Case]:
    for name, one in REDUCTIONS.items():
        for x, every in operands(name, one):
            for axes in every:
                is_named = x.shape in ((SMALL,), (SMALL, SMALL)) and name in OF_IMAGES
                yield reduction(name, x, axes, is_named=is_named)


def images() -> Iterator[Case]:
    """The volume that the issue names, along each of its axes."""
    for name in OF_IMAGES:
        for axis in range(len(IMAGES)):
            is_named = name in ("softmax", "cumsum") or (
                axis == 3 and name in ("sum", "max", "mean")
            )
            yield reduction(name, Array(IMAGES), axis, is_named=is_named)
    for name in ("sum", "max", "softmax", "cumsum"):
        for shape in ((BEYOND // 1000, 1000), (1000, BEYOND // 1000)):
            for axis in (0, 1):
                yield reduction(name, Array(shape), axis)


def gradients() -> Iterator[Case]:
    """Sums as the gradients of broadcasts and of normalization need them."""
    draw = drawer("gradients")
    for near in (300, L1, L2, L3):
        rows, columns = matrix(draw, near)
        x = Array((rows, columns))
        for shape in ((1, columns), (rows, 1)):
            yield case(
                FAMILY, named("sum_to", (x,), f"to {shape}"), "sum_to", (x,),
                f"apply('sum_to', (a,), shape={shape})", f"a.sum_to_size({shape})",
                result=math.prod(shape) * 4,
            )  # fmt: skip
        center = Array((1, columns))
        yield case(
            FAMILY, named("centered_sums", (x, x, center)), "centered_sums", (x, x, center),
            "apply_all('centered_sums', (a, b, c), 2)", result=2 * center.bytes,
        )  # fmt: skip


def cases() -> Iterator[Case]:
    yield from drawn()
    yield from images()
    yield from gradients()
