"""Convolutions of any channels, forward and with both gradients, and depthwise ones."""

from __future__ import annotations

from collections.abc import Iterator

from operations import CONVOLUTIONS, Convolution

from sweep.case import Array, Case, Way, case
from sweep.draws import drawer, odd

FORWARD, BOTH, DEPTHWISE = "convolution", "both gradients", "depthwise"


def operands(c: Convolution) -> tuple[Array, Array, Array]:
    """Images, kernel and the gradient by the result, as Keras has them."""
    kernel = (c.channels, c.filters // c.groups) if c.groups > 1 else (c.channels, c.filters)
    return (
        Array((c.batch, c.size, c.size, c.channels)),
        Array((c.kernel, c.kernel, *kernel)),
        Array((c.batch, c.out, c.out, c.filters)),
    )


def written(c: Convolution) -> tuple[str, str]:
    """Forward in pylego and in PyTorch.

    Uneven padding is not PyTorch's: it gets the larger of both sides, and no more work.
    """
    name = "depthwise_conv" if c.groups > 1 else "conv"
    ours = f"ops.{name}(a, b, strides={c.stride}, padding='{c.padding}')"
    return ours, f"F.conv2d(x, k, None, {c.stride}, {max(c.padded)}, 1, {c.groups})"


def in_layouts(c: Convolution, run: str) -> tuple[Way, ...]:
    """PyTorch's images have their channels first or last in memory: the faster one counts."""
    kernel = "b.transpose(2, 3)" if c.groups > 1 else "b"
    tensors = "x = channels_{0}(a); k = kernel_{0}({1}); dy = channels_{0}(c)"
    return tuple(Way(run, tensors.format(layout, kernel)) for layout in ("last", "first"))


def title(c: Convolution) -> str:
    same = "" if c.padding == "same" else f" {c.padding}"
    stride = f" stride {c.stride}" if c.stride > 1 else ""
    shape = f"{c.batch}x{c.size}x{c.size}x{c.channels}->{c.filters}"
    kind = "depthwise" if c.groups > 1 else "conv"
    return f"{kind} {shape} {c.kernel}x{c.kernel}{stride}{same}"


def forward(c: Convolution, *, is_named: bool = False) -> Case:
    ours, torch = written(c)
    x, kernel, dy = operands(c)
    return case(
        DEPTHWISE if c.groups > 1 else FORWARD, title(c), "conv", (x, kernel, dy), ours,
        in_layouts(c, torch), result=dy, reads=x.bytes + kernel.bytes,
        operations=c.operations, is_named=is_named,
    )  # fmt: skip


def both_gradients(c: Convolution) -> Case:
    """Forward, then the gradients by input and by kernel: three sums of the same size."""
    ours, torch = written(c)
    x, kernel, dy = operands(c)
    window = {
        "strides": (c.stride,) * 2, "dilation": (1, 1), "before": (c.padded[0],) * 2,
        "after": (c.padded[1],) * 2, "groups": c.groups,
    }  # fmt: skip
    words = ", ".join(f"{name}={value}" for name, value in window.items())
    by_input = f"apply('conv_input_gradient', (c, {{}}), lengths={x.shape[1:3]}, {words})"
    by_kernel = f"apply('conv_kernel_gradient', (a, c), lengths={kernel.shape[:2]}, {words})"
    back = f"backward(dy, x, k, None, {[c.stride] * 2}, {[max(c.padded)] * 2}, [1, 1], False, "
    setup = f"k = ops.reshape(b, {(c.kernel, c.kernel, c.channels // c.groups, c.filters)})"
    return case(
        DEPTHWISE if c.groups > 1 else BOTH, f"{title(c)} and both gradients",
        "conv conv_input_gradient conv_kernel_gradient", (x, kernel, dy),
        Way(f"({ours}, {by_input.format('k')}, {by_kernel})", setup),
        in_layouts(c, f"({torch}, {back}[0, 0], {c.groups}, [True, True, False]))"),
        result=dy.bytes + x.bytes + kernel.bytes, reads=2 * (x.bytes + kernel.bytes) + dy.bytes,
        operations=3 * c.operations,
    )  # fmt: skip


def plain() -> Iterator[Convolution]:
    """Those of `make bench`, then channels that no vector divides, few and many."""
    yield from (c for c in CONVOLUTIONS if c.what == "forward" and c.groups == 1)
    draw = drawer("convolution")
    for channels, filters in ((1, 8), (3, 16), (5, 7), (30, 30), (17, 33), (100, 10), (64, 65)):
        yield Convolution(8, odd(draw, 28), channels, filters, draw.choice((1, 3, 3, 5)))
    for size, stride in ((7, 1), (9, 2), (14, 2)):
        yield Convolution(
            odd(draw, 8), size, odd(draw, 40), odd(draw, 40), stride=stride,
            padding=draw.choice(("same", "valid")),
        )  # fmt: skip
    yield Convolution(1, 5, 3, 4)
    yield Convolution(1, 96, 3, 16)
    yield Convolution(8, 28, 64, 3)
    yield Convolution(8, 32, 3, 64, 4, 2)
    yield Convolution(8, 14, 96, 96, 5)


def depthwise() -> Iterator[Convolution]:
    draw = drawer("depthwise")
    for batch, size, channels in ((8, 28, 30), (8, 14, 7), (4, 29, 100), (1, 9, 3), (8, 56, 64)):
        kernel, stride = draw.choice(((3, 1), (3, 2), (5, 1)))
        yield Convolution(batch, size, channels, channels, kernel, stride, groups=channels)


NAMED = (
    Convolution(32, 28, 1, 32),
    Convolution(32, 28, 1, 32, padding="valid"),
    Convolution(8, 56, 32, 32, groups=32),
)


def cases() -> Iterator[Case]:
    for c in (*NAMED, *plain(), *depthwise()):
        yield forward(c, is_named=c in NAMED)
    for c in (*NAMED, *plain(), *depthwise()):
        yield both_gradients(c)
