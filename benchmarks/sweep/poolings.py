"""Pooling, its gradients, and images that get another size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from sweep.case import Array, Case, Way, case
from sweep.draws import drawer, odd

POOLING, IMAGES = "pooling", "images"
Images: TypeAlias = tuple[int, int, int, int]
LAYOUTS = ("last", "first")  # of PyTorch's images: the faster one counts


def in_layouts(run: str, setup: str) -> tuple[Way, ...]:
    return tuple(Way(run, setup.format(layout)) for layout in LAYOUTS)


def pooled(shape: Images, size: int, stride: int, *, is_named: bool = False) -> Iterator[Case]:
    """The largest and the mean of windows, and the way back of both; "valid"."""
    images, height, width, channels = shape
    lengths = tuple((length - size) // stride + 1 for length in (height, width))
    x, dy = Array(shape), Array((images, *lengths, channels))
    window = f"size={(size,) * 2}, strides={(stride,) * 2}, before=(0, 0), after=(0, 0)"
    words = f"{size}x{size} stride {stride} of {x}"
    ours = "ops.{}_pool(a, " + f"{size}, {stride})"
    yield case(
        POOLING, f"max pooling {words}", "max_pool", (x, dy), ours.format("max"),
        in_layouts(f"F.max_pool2d(x, {size}, {stride})", "x = channels_{}(a)"), result=dy,
        reads=x.bytes,
    )  # fmt: skip
    yield case(
        POOLING, f"average pooling {words}", "average_pool", (x, dy), ours.format("average"),
        in_layouts(f"F.avg_pool2d(x, {size}, {stride})", "x = channels_{}(a)"), result=dy,
        reads=x.bytes, is_named=is_named,
    )  # fmt: skip
    both = f"[{size}] * 2, [{stride}] * 2, [0] * 2, "
    yield case(
        POOLING, f"gradient of max pooling {words}", "max_pool max_pool_gradient", (x, dy),
        Way(
            f"apply('max_pool_gradient', (places, b), shape={shape}, {window})",
            f"places = apply_all('max_pool', (a,), 2, {window})[1]",
        ),
        in_layouts(
            f"torch.ops.aten.max_pool2d_with_indices_backward(dy, x, {both}[1] * 2, False, places)",
            "x, dy = channels_{0}(a), channels_{0}(b); "
            f"places = F.max_pool2d(x, {size}, {stride}, return_indices=True)[1]",
        ),
        result=x, reads=dy.bytes,
    )  # fmt: skip
    yield case(
        POOLING, f"gradient of average pooling {words}", "average_pool_gradient", (x, dy),
        f"apply('average_pool_gradient', (b,), shape={shape}, {window})",
        in_layouts(
            f"torch.ops.aten.avg_pool2d_backward(dy, x, {both}False, True, None)",
            "x, dy = channels_{0}(a), channels_{0}(b)",
        ),
        result=x, reads=dy.bytes,
    )  # fmt: skip


def poolings() -> Iterator[Case]:
    draw = drawer("pooling")
    for channels, size, stride in (
        (30, 3, 1), (30, 3, 2), (64, 2, 2), (1, 2, 2), (3, 3, 2), (17, 2, 2), (33, 5, 3),
        (100, 2, 1),
    ):  # fmt: skip
        images = draw.choice((1, 4, 8))
        shape = (images, odd(draw, 28), odd(draw, 28), channels)
        yield from pooled(shape, size, stride)
    yield from pooled((8, 28, 28, 30), 3, 2, is_named=True)
    yield from pooled((1, 5, 5, 3), 2, 2)
    yield from pooled((1, 56, 56, 64), 3, 2)
    yield from pooled((8, 15, 15, 33), 5, 1)
    yield from pooled((64, 14, 14, 32), 2, 2)
    for shape in ((8, 7, 7, 512), (8, 28, 28, 30), (1, 14, 14, 33)):
        x, y = Array(shape), Array((shape[0], shape[-1]))
        for name, torch in (("mean", "mean"), ("max", "amax")):
            yield case(
                POOLING, f"global {name} of {x}", name, (x,), f"ops.{name}(a, axis=(1, 2))",
                f"torch.{torch}(a, dim=(1, 2))", f"np.{name}(a, axis=(1, 2))", result=y,
            )  # fmt: skip


def resized(shape: Images, size: tuple[int, int], method: str) -> Case:
    x, y = Array(shape), Array((shape[0], *size, shape[-1]))
    mode = "nearest-exact" if method == "nearest" else method  # pixels have their places in between
    aligned = ", align_corners=False" if method != "nearest" else ""
    return case(
        IMAGES, f"resize {x} to {size[0]}x{size[1]} {method}", "resize", (x,),
        f"ops.image.resize(a, {size}, interpolation='{method}')",
        in_layouts(f"F.interpolate(x, {size}, mode='{mode}'{aligned})", "x = channels_{}(a)"),
        result=y,
    )  # fmt: skip


def as_pytorch_counts(turn: Sequence[float], height: int, width: int) -> list[list[float]]:
    """The same turn of places that go from -1 to 1, from the first edge of an image to the last."""
    a0, a1, a2, b0, b1, b2 = turn
    right, down = width - 1, height - 1
    return [
        [a0, a1 * height / width, (a0 * right + a1 * down + 2 * a2 + 1) / width - 1],
        [b0 * width / height, b1, (b0 * right + b1 * down + 2 * b2 + 1) / height - 1],
    ]


def turned(shape: Images) -> Case:
    """By numbers that are given; both find the places that they lead to."""
    x, count = Array(shape), shape[0]
    turn = [0.9, -0.2, 1.5, 0.2, 0.9, -1.5]
    theta = as_pytorch_counts(turn, *shape[1:3])
    return case(
        IMAGES, f"affine_transform {x}", "affine", (x,),
        Way(
            "ops.image.affine_transform(a, turns)",
            f"turns = ops.convert_to_tensor([{[*turn, 0.0, 0.0]}] * {count})",
        ),
        in_layouts(
            "F.grid_sample(x, F.affine_grid(theta, x.shape, False), align_corners=False)",
            f"x = channels_{{}}(a); theta = torch.tensor([{theta}] * {count})",
        ),
        result=x,
    )  # fmt: skip


def images() -> Iterator[Case]:
    draw = drawer("images")
    yield turned((2, 9, 7, 3))
    for method in ("nearest", "bilinear", "bicubic"):
        yield resized((2, 9, 7, 3), (13, 11), method)
    for shape in ((8, 14, 14, 32), (1, 28, 28, 17), (4, 16, 16, 3)):
        twice = (2 * shape[1], 2 * shape[2])
        for method in ("nearest", "bilinear"):  # as UpSampling2D
            yield resized(shape, twice, method)
    for channels in (1, 3, 30):
        shape = (4, odd(draw, 40), odd(draw, 40), channels)
        for method in ("nearest", "bilinear", "bicubic"):
            yield resized(shape, (odd(draw, 60), odd(draw, 60)), method)
            yield resized(shape, (odd(draw, 20), odd(draw, 20)), method)
        yield turned(shape)
        axis = f"axis=1, size={shape[1]}, method=1, antialias=0"
        dy = Array((shape[0], 61, *shape[2:]))
        yield case(
            IMAGES, f"gradient of resize {dy} to {shape[1]} rows", "resize_gradient", (dy,),
            f"apply('resize_gradient', (a,), {axis})", result=Array(shape),
        )  # fmt: skip


def cases() -> Iterator[Case]:
    yield from poolings()
    yield from images()
