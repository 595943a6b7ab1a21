"""Convolutions as layers have them: of lines, images and volumes; strided, dilated, grouped,
causal, transposed, separable; channels first; float64; of one image and of many."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sweep.case import Array, Case, Shape, Way, case
from sweep.convolutions import BOTH, DEPTHWISE, FORWARD


@dataclass(frozen=True)
class Layer:
    """A convolution of `lengths` with a kernel of `taps` along each axis."""

    batch: int
    lengths: Shape
    channels: int
    filters: int
    taps: int
    stride: int = 1
    rate: int = 1
    groups: int = 1
    padding: str = "same"
    dtype: str = "float32"
    axes_order: str = "last"

    @property
    def padded(self) -> list[tuple[int, int]]:
        """Zeros before and after each axis; "same" as TensorFlow has it."""
        reach = (self.taps - 1) * self.rate
        if self.padding == "valid":
            return [(0, 0) for _ in self.lengths]
        if self.padding == "causal":
            return [(reach, 0) for _ in self.lengths]
        totals = [
            max((-(-n // self.stride) - 1) * self.stride + reach + 1 - n, 0) for n in self.lengths
        ]
        return [(total // 2, total - total // 2) for total in totals]

    @property
    def outputs(self) -> Shape:
        reach = (self.taps - 1) * self.rate
        return tuple(
            (n + sum(zeros) - reach - 1) // self.stride + 1
            for n, zeros in zip(self.lengths, self.padded)
        )

    @property
    def x(self) -> Array:
        return Array((self.batch, *self.lengths, self.channels), self.dtype)

    @property
    def y(self) -> Array:
        return Array((self.batch, *self.outputs, self.filters), self.dtype)

    @property
    def kernel(self) -> Array:
        """(taps..., channels of a group, filters), for any number of groups."""
        taps = (self.taps,) * len(self.lengths)
        return Array((*taps, self.channels // self.groups, self.filters), self.dtype)

    @property
    def operations(self) -> int:
        """Zeros around the inputs counted; those of float64 have half as many lanes."""
        count = 2 * math.prod(self.y.shape) * math.prod(self.kernel.shape[:-1])
        return count if self.dtype == "float32" else 2 * count

    @property
    def family(self) -> str:
        return DEPTHWISE if self.groups == self.channels > 1 else FORWARD

    @property
    def title(self) -> str:
        words = (
            f"stride {self.stride}" * (self.stride > 1), f"rate {self.rate}" * (self.rate > 1),
            f"groups {self.groups}" * (self.groups > 1), self.padding * (self.padding != "same"),
            self.dtype * (self.dtype != "float32"), "channels first" * (self.axes_order == "first"),
        )  # fmt: skip
        lengths = "x".join(map(str, self.lengths))
        taps = "x".join([str(self.taps)] * len(self.lengths))
        shape = f"{self.batch}x{lengths}x{self.channels}->{self.filters} {taps}"
        return " ".join(["layer", shape, *filter(None, words)])


def padding_of(layer: Layer) -> str:
    """PyTorch has no uneven padding: it gets the larger of both sides, and no more work."""
    return str([max(zeros) for zeros in layer.padded])


def in_layouts(run: str, operands: str) -> tuple[Way, ...]:
    """PyTorch's images have their channels first or last in memory: the faster one counts."""
    return tuple(Way(run, operands.replace("LAYOUT", order)) for order in ("last", "first"))


OPERANDS = "x = channels_LAYOUT(a); k = kernel_LAYOUT(b); dy = channels_LAYOUT(c)"


def forward(layer: Layer) -> Case:
    axes = len(layer.lengths)
    padding = "'valid'" if layer.padding == "valid" else layer.padded
    ours = f"ops.conv({{}}, b, {layer.stride}, {padding}, {{}}, {layer.rate})"
    torch = (
        f"F.conv{axes}d(x, k, None, {layer.stride}, {padding_of(layer)}, {layer.rate}, "
        f"{layer.groups})"
    )
    way: str | Way = ours.format("a", "'channels_last'")
    peers = in_layouts(torch, OPERANDS)
    if layer.axes_order == "first":
        order = (0, axes + 1, *range(1, axes + 1))
        first = f"x = ops.convert_to_tensor(ops.transpose(a, {order}).numpy().copy())"
        way = Way(ours.format("x", "'channels_first'"), first)
        peers = peers[1:]
    return case(
        layer.family, layer.title, "conv", (layer.x, layer.kernel, layer.y), way, peers,
        result=layer.y, reads=layer.x.bytes + layer.kernel.bytes, operations=layer.operations,
    )  # fmt: skip


def gradients(layer: Layer) -> Iterator[Case]:
    """Each on its own: by the inputs, which is also the transposed convolution, and the kernel."""
    axes = len(layer.lengths)
    before, after = zip(*layer.padded)
    window = (
        f"strides={(layer.stride,) * axes}, dilation={(layer.rate,) * axes}, before={before}, "
        f"after={after}, groups={layer.groups}"
    )
    back = (
        f"backward(dy, x, k, None, {[layer.stride] * axes}, {padding_of(layer)}, "
        f"{[layer.rate] * axes}, False, {[0] * axes}, {layer.groups}, "
    )
    operands = (layer.x, layer.kernel, layer.y)
    family = DEPTHWISE if layer.family == DEPTHWISE else BOTH
    bytes_ = sum(operand.bytes for operand in operands)
    for name, ours, wanted, result in (
        ("input", f"(c, b), lengths={layer.lengths}, ", [True, False, False], layer.x),
        ("kernel", f"(a, c), lengths={(layer.taps,) * axes}, ", [False, True, False], layer.kernel),
    ):
        brick = f"conv_{name}_gradient"
        yield case(
            family, f"{layer.title} gradient by {name}", brick, operands,
            f"apply('{brick}', {ours}{window})", in_layouts(f"{back}{wanted})", OPERANDS),
            result=result, reads=bytes_ - result.bytes, operations=layer.operations,
        )  # fmt: skip


def transposed(layer: Layer) -> Case:
    """Conv2DTranspose "same" with a kernel as the layer has it: images become larger."""
    axes, n = len(layer.lengths), layer.stride
    longer = tuple(length * n for length in layer.lengths)
    result = Array((layer.batch, *longer, layer.filters))
    kernel = Array((*(layer.taps,) * axes, layer.filters, layer.channels))
    cut, rest = divmod(max(layer.taps - n, 0), 2)
    run = f"F.conv_transpose{axes}d(x, k, None, {n}, {cut + rest}, {rest + max(n - layer.taps, 0)})"
    setup = "x = channels_{0}(a); k = channels_{0}(b.movedim(-1, 0))"
    return case(
        FORWARD, f"transposed {layer.title}", "conv_input_gradient", (layer.x, kernel),
        f"ops.conv_transpose(a, b, {n}, 'same')",
        tuple(Way(run, setup.format(order)) for order in ("last", "first")), result=result,
        operations=2 * math.prod(layer.x.shape) * math.prod(kernel.shape[:-1]),
    )  # fmt: skip


def separable(layer: Layer) -> Case:
    """Channels on their own, then a product with a kernel of one tap."""
    middle, axes = layer.channels, len(layer.lengths)
    by_channel = Array((*(layer.taps,) * axes, 1, middle))
    mixing = Array((*(1,) * axes, middle, layer.filters))
    alone = replace(layer, filters=middle, groups=middle)
    mixed = replace(layer, lengths=layer.outputs, taps=1, stride=1)
    return case(
        DEPTHWISE, f"separable {layer.title}", "conv", (layer.x, by_channel, mixing),
        Way(
            f"ops.separable_conv(a, k, c, {layer.stride}, 'same')",
            f"k = ops.reshape(b, {(*by_channel.shape[:-2], middle, 1)})",
        ),
        in_layouts(
            f"F.conv{axes}d(F.conv{axes}d(x, k, None, {layer.stride}, {padding_of(layer)}, 1, "
            f"{middle}), m)",
            "x = channels_LAYOUT(a); k = kernel_LAYOUT(b); m = kernel_LAYOUT(c)",
        ),
        result=layer.y, operations=alone.operations + mixed.operations,
    )  # fmt: skip


LINES = (
    Layer(8, (101,), 16, 32, 3), Layer(8, (101,), 16, 32, 3, padding="causal"),
    Layer(8, (101,), 32, 32, 2, rate=4, padding="causal"), Layer(32, (128,), 64, 64, 3),
    Layer(1, (1000,), 1, 16, 11), Layer(8, (257,), 64, 65, 5, stride=2), Layer(8, (99,), 9, 9, 7),
    Layer(32, (400,), 50, 250, 3, padding="valid"),
)  # fmt: skip
PICTURES = (
    Layer(1, (28, 28), 3, 16, 3), Layer(64, (14, 14), 32, 32, 3), Layer(1, (56, 56), 64, 64, 3),
    Layer(1, (4, 4), 256, 256, 3), Layer(1, (7, 7), 128, 128, 3), Layer(1, (14, 14), 256, 256, 3),
    Layer(1, (14, 14), 128, 256, 1), Layer(1, (7, 7), 64, 32, 1), Layer(8, (27, 27), 33, 31, 1),
    Layer(8, (14, 14), 48, 48, 5), Layer(8, (15, 15), 32, 64, 7), Layer(1, (64, 64), 3, 64, 7, 2),
    Layer(4, (64, 64), 3, 96, 11, 4), Layer(8, (14, 14), 16, 16, 11), Layer(8, (25, 25), 64, 65, 3),
    Layer(8, (28, 28), 32, 64, 3, 2), Layer(8, (29, 29), 33, 64, 3, 3),
    Layer(8, (28, 28), 64, 128, 1, 2), Layer(8, (28, 28), 32, 32, 3, 1, 2),
    Layer(8, (28, 28), 17, 19, 3, 1, 3), Layer(8, (28, 28), 64, 64, 3, 1, 1, 4),
    Layer(8, (28, 28), 64, 64, 3, 1, 1, 32), Layer(8, (14, 14), 30, 60, 3, 2, 1, 2),
    Layer(4, (28, 28), 32, 32, 3, dtype="float64"), Layer(4, (14, 14), 33, 65, 5, dtype="float64"),
    Layer(8, (28, 28), 32, 32, 3, padding="valid"), Layer(8, (28, 28), 3, 32, 5, padding="valid"),
)  # fmt: skip
VOLUMES = (
    Layer(1, (16, 16, 16), 1, 8, 3), Layer(2, (16, 16, 16), 16, 32, 3),
    Layer(2, (9, 15, 15), 33, 16, 3), Layer(2, (16, 16, 16), 8, 16, 3, 2),
)  # fmt: skip
ALONE = (
    Layer(8, (28, 28), 30, 30, 3, groups=30), Layer(8, (28, 28), 32, 32, 3, 2, groups=32),
    Layer(8, (14, 14), 64, 64, 7, groups=64), Layer(1, (56, 56), 72, 72, 5, groups=72),
    Layer(8, (14, 14), 64, 64, 3, 1, 2, groups=64), Layer(8, (101,), 48, 48, 3, groups=48),
    Layer(64, (7, 7), 100, 100, 3, groups=100), Layer(8, (14, 14), 16, 32, 3, groups=16),
    Layer(2, (9, 15, 15), 32, 32, 3, groups=32),
    Layer(4, (14, 14), 32, 32, 3, groups=32, dtype="float64"),
)  # fmt: skip
FIRST = (
    Layer(8, (28, 28), 1, 32, 3, axes_order="first"),
    Layer(8, (28, 28), 32, 32, 3, axes_order="first"),
    Layer(1, (56, 56), 3, 64, 7, 2, axes_order="first"),
    Layer(8, (101,), 16, 32, 3, axes_order="first"),
)  # fmt: skip
LARGER = (
    Layer(8, (7, 7), 64, 32, 3, 2), Layer(8, (14, 14), 32, 16, 3, 1),
    Layer(1, (28, 28), 64, 3, 4, 2), Layer(8, (9, 9), 33, 17, 5, 3),
    Layer(8, (14, 14), 64, 64, 2, 2), Layer(8, (50,), 32, 16, 3, 2),
    Layer(1, (8, 8, 8), 16, 8, 3, 2), Layer(32, (7, 7), 128, 64, 4, 2),
)  # fmt: skip
SEPARATED = (
    Layer(8, (28, 28), 32, 64, 3), Layer(8, (15, 15), 33, 65, 3, 2), Layer(8, (101,), 32, 32, 5),
)  # fmt: skip


def cases() -> Iterator[Case]:
    for layer in (*LINES, *PICTURES, *VOLUMES, *ALONE):
        yield forward(layer)
    for layer in (*LINES, *PICTURES, *VOLUMES, *ALONE):
        if layer.padding != "causal":  # PyTorch would need a dy of the padding that it has
            yield from gradients(layer)
    yield from map(forward, FIRST)
    yield from map(transposed, LARGER)
    yield from map(separable, SEPARATED)
