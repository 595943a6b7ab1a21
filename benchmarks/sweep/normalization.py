"""Layer, batch and root mean square normalization, and their pieces."""

from __future__ import annotations

from collections.abc import Iterator

from sweep.case import Array, Case, Way, case, named
from sweep.draws import L1, L2, L3, drawer, matrix, odd

FAMILY = "normalization"


def layer(x: Array, *, is_named: bool = False) -> Case:
    row = Array(x.shape[-1:], x.dtype)
    return case(
        FAMILY, named("layer_normalization", (x,)), "moments rsqrt normalize_lines",
        (x, row, row), "ops.layer_normalization(a, b, c)",
        f"F.layer_norm(a, {row.shape}, b, c, 1e-7)", result=x, is_named=is_named,
    )  # fmt: skip


def layer_gradient(x: Array) -> Case:
    """With respect to the numbers, gamma and beta, of means and factors that are given."""
    row = Array(x.shape[-1:], x.dtype)
    places = Array((*x.shape[:-1], 1), x.dtype, low=0.5, high=2)
    return case(
        FAMILY, named("layer_normalization's gradient", (x,)), "normalize_lines_gradient",
        (x, x, row, places, places),
        "apply_all('normalize_lines_gradient', (a, b, c, d, e), 3, axis=-1, "
        "is_centered=1)",
        f"torch.ops.aten.native_layer_norm_backward(a, b, {row.shape}, d, e, c, c, "
        "[True, True, True])", result=x.bytes + 2 * row.bytes,
    )  # fmt: skip


def root_mean_square(x: Array) -> Case:
    row = Array(x.shape[-1:], x.dtype)
    return case(
        FAMILY, named("rms_normalization", (x,)), "square mean normalize_lines", (x, row),
        "ops.rms_normalization(a, b)", f"F.rms_norm(a, {row.shape}, b, 1e-7)", result=x,
    )  # fmt: skip


def batch(x: Array) -> Case:
    """By given means and variances, as predictions do."""
    row = Array(x.shape[-1:], x.dtype, low=0.5, high=2)
    return case(
        FAMILY, named("batch_normalization", (x,)), "rsqrt normalize", (x, row, row, row, row),
        "ops.batch_normalization(a, b, c, axis=-1, offset=e, scale=d)",
        in_layouts(x, "F.batch_norm(x, b, c, d, e, eps=1e-3)"), result=x,
    )  # fmt: skip


def batch_in_training(x: Array) -> Case:
    """With the means and variances of the batch itself."""
    row = Array(x.shape[-1:], x.dtype, low=0.5, high=2)
    both = f"*ops.moments(a, {tuple(range(len(x.shape) - 1))})"
    return case(
        FAMILY, named("batch_normalization of the batch", (x,)), "moments rsqrt normalize",
        (x, row, row), f"ops.batch_normalization(a, {both}, axis=-1, offset=c, scale=b)",
        in_layouts(x, "F.batch_norm(x, None, None, b, c, training=True, eps=1e-3)"), result=x,
    )  # fmt: skip


def in_layouts(x: Array, torch: str) -> tuple[Way, ...]:
    """PyTorch's images have their channels first or last in memory: the faster one counts."""
    if len(x.shape) != 4:
        return (Way(torch, "x = a"),)
    return tuple(Way(torch, f"x = {layout}(a)") for layout in ("channels_last", "channels_first"))


def shapes() -> Iterator[Array]:
    draw = drawer("normalization")
    for shape in ((2, 5), (32, 30), (1000, 37), matrix(draw, L1), matrix(draw, L2)):
        yield Array(shape)
    yield Array((odd(draw, 100), 512))
    yield Array((8, 65, 77))
    yield Array((L3 // 1000, 1000))
    yield Array((1000, 37), "float64")
    yield Array((300, 37), view="transposed")
    yield Array((300, 37), view="inner")


def cases() -> Iterator[Case]:
    for x in shapes():
        yield layer(x, is_named=x.shape == (1000, 37))
        if not x.view:
            yield layer_gradient(x)
        yield root_mean_square(x)
    for x in (*shapes(), Array((8, 28, 28, 30)), Array((8, 56, 56, 64))):
        if len(x.shape) in (2, 4) and not x.view:
            yield batch(x)
            yield batch_in_training(x)
