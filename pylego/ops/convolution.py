"""Convolutions over one, two or three spatial axes, and what is built of them."""

from __future__ import annotations

from typing import Any

from pylego.core import dtypes
from pylego.core.tensor import Tensor, apply, cast
from pylego.ops import windows
from pylego.ops.core import convert_to_tensor
from pylego.ops.shapes import reshape
from pylego.ops.windows import Lengths, Padding

__all__ = [
    "conv",
    "conv_transpose",
    "depthwise_conv",
    "separable_conv",
]


# ---- what all of them do --------------------------------------------------------------------


def conv(
    inputs: Any,
    kernel: Any,
    strides: Lengths = 1,
    padding: Padding = "valid",
    data_format: str | None = None,
    dilation_rate: Lengths = 1,
) -> Tensor:
    """Slide a kernel over the spatial axes and sum the products at each place.

    y[n, o, f] = sum over t, c of inputs[n, o * strides + t * dilation_rate - before, c]
    kernel[t, c, f]; the kernel is not flipped, and beyond the edges the inputs are 0. Of whole
    numbers come whole numbers.

    Args:
        inputs: (batch, lengths..., channels), or (batch, channels, lengths...) with
            'channels_first'.
        kernel: (lengths..., channels / groups, filters), in both layouts. Where it has fewer
            channels than the inputs, the channels, and the filters, fall into so many groups, each
            on its own.
        strides: how far the kernel moves, one number or one for each spatial axis.
        padding: 'valid': no padding; 'same': zeros around the inputs, so that with a stride of 1
            the outputs are as long as they are, one more of them at the end than at the beginning
            where their number is odd; or a pair (before, after) for each spatial axis.
        data_format: 'channels_last' or 'channels_first'; by default
            `config.image_data_format()`.
        dilation_rate: how far apart the kernel's elements lie on the inputs.

    Returns:
        (batch, outputs..., filters), or with its channels first.

    Raises:
        ValueError: when the shapes do not fit, or the kernel is larger than the padded inputs.

    >>> print(conv([[[1.0], [2.0], [3.0], [4.0]]], [[[1.0]], [[-1.0]]]).reshape(3))
    Tensor(shape=(3,), dtype=float32, [-1. -1. -1.])
    """
    x, kernel = _operands("conv", inputs, kernel, data_format)
    window = _window("conv", _shapes(x, kernel), strides, padding, dilation_rate)
    y = _applied("conv", x, kernel, groups=_groups(x, kernel), **window)
    return windows.laid_out(y, data_format)


def depthwise_conv(
    inputs: Any,
    kernel: Any,
    strides: Lengths = 1,
    padding: Padding = "valid",
    data_format: str | None = None,
    dilation_rate: Lengths = 1,
) -> Tensor:
    """Convolve each channel on its own, with as many filters as the kernel's last axis has.

    Args:
        inputs: (batch, lengths..., channels), or (batch, channels, lengths...).
        kernel: (lengths..., channels, multiplier).
        strides: see `conv`, as all that follow.
        padding: see `conv`.
        data_format: see `conv`.
        dilation_rate: see `conv`.

    Returns:
        (batch, outputs..., channels * multiplier), the filters of a channel side by side; or with
        its channels first.

    Raises:
        ValueError: when the shapes do not fit.

    >>> depthwise_conv([[[1.0, 10.0], [2.0, 20.0]]], [[[1.0], [2.0]]]).numpy().tolist()
    [[[1.0, 20.0], [2.0, 40.0]]]
    """
    x, kernel = _operands("depthwise_conv", inputs, kernel, data_format)
    window = _window("depthwise_conv", _shapes(x, kernel), strides, padding, dilation_rate)
    channels, multiplier = kernel.shape[-2:]
    if channels != x.shape[-1]:
        raise ValueError(
            f"depthwise_conv: the kernel {kernel.shape} is for {channels} channels, and the "
            f"inputs have {x.shape[-1]}: its last axis but one must be as long as that"
        )
    kernel = reshape(kernel, (*kernel.shape[:-2], 1, channels * multiplier))
    y = _applied("conv", x, kernel, groups=max(1, channels), **window)
    return windows.laid_out(y, data_format)


def separable_conv(
    inputs: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Lengths = 1,
    padding: Padding = "valid",
    data_format: str | None = None,
    dilation_rate: Lengths = 1,
) -> Tensor:
    """Convolve each channel on its own, then mix the channels at each place.

    Args:
        inputs: (batch, lengths..., channels), or (batch, channels, lengths...).
        depthwise_kernel: (lengths..., channels, multiplier).
        pointwise_kernel: (1..., channels * multiplier, filters).
        strides: see `conv`, as all that follow.
        padding: see `conv`.
        data_format: see `conv`.
        dilation_rate: see `conv`.

    Returns:
        (batch, outputs..., filters), or with its channels first.

    Raises:
        ValueError: when the shapes do not fit.

    >>> separable_conv([[[1.0, 10.0]]], [[[1.0], [2.0]]], [[[1.0], [1.0]]]).numpy().tolist()
    [[[21.0]]]
    """
    y = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(y, pointwise_kernel, 1, "valid", data_format)


def conv_transpose(
    inputs: Any,
    kernel: Any,
    strides: Lengths = 1,
    padding: str = "valid",
    output_padding: Lengths | None = None,
    data_format: str | None = None,
    dilation_rate: Lengths = 1,
) -> Tensor:
    """Spread each element by the kernel: the transpose of `conv`, which makes images larger.

    Args:
        inputs: (batch, lengths..., channels), or (batch, channels, lengths...).
        kernel: (lengths..., filters, channels).
        strides: how far apart the elements are put.
        padding: 'valid': all that they are spread to; 'same': length * strides of it.
        output_padding: how much longer the outputs are than the shortest of which `conv` would
            make the inputs; by default as `padding` says.
        data_format: see `conv`.
        dilation_rate: see `conv`.

    Returns:
        (batch, outputs..., filters), or with its channels first.

    Raises:
        ValueError: when the shapes do not fit.

    >>> print(conv_transpose([[[1.0], [2.0]]], [[[1.0]], [[0.5]]], strides=2).reshape(4))
    Tensor(shape=(4,), dtype=float32, [1.  0.5 2.  1. ])
    """
    x, kernel = _operands("conv_transpose", inputs, kernel, data_format)
    axes = x.ndim - 2
    steps = windows.lengths("conv_transpose", "strides", strides, axes)
    rates = windows.lengths("conv_transpose", "dilation_rate", dilation_rate, axes)
    if kernel.shape[-1] != x.shape[-1]:
        raise ValueError(
            f"conv_transpose: the kernel {kernel.shape} is for {kernel.shape[-1]} channels, and "
            f"the inputs have {x.shape[-1]}: its last axis must be as long as that, and the one "
            "before it counts the filters"
        )
    longer = (
        (None,) * axes
        if output_padding is None
        else windows.lengths("conv_transpose", "output_padding", output_padding, axes, 0)
    )
    word = windows.padding_word(padding)
    spread = [
        _spread(*numbers, word)
        for numbers in zip(x.shape[1:-1], kernel.shape[:-2], steps, rates, longer)
    ]
    lengths, before, after = zip(*spread)
    window = {"strides": steps, "dilation": rates, "before": before, "after": after}
    y = _applied("conv_input_gradient", x, kernel, groups=1, lengths=lengths, **window)
    return windows.laid_out(y, data_format)


# ---- arguments ------------------------------------------------------------------------------


def _operands(
    name: str, inputs: Any, kernel: Any, data_format: str | None
) -> tuple[Tensor, Tensor]:
    """The inputs with their channels last, and the kernel."""
    x, kernel = convert_to_tensor(inputs), convert_to_tensor(kernel)
    if not 3 <= x.ndim <= 5 or kernel.ndim != x.ndim:
        raise ValueError(
            f"{name}: inputs {x.shape} and a kernel {kernel.shape} do not fit: both need one to "
            "three spatial axes and two more, so 3, 4 or 5 axes, and the same number of them"
        )
    return windows.with_channels_last(x, data_format), kernel


def _applied(brick: str, x: Tensor, kernel: Tensor, **attributes: Any) -> Tensor:
    """Apply a brick of floats; of whole numbers in float64, which holds their sums up to 2^53."""
    common = dtypes.common(x.dtype, kernel.dtype)
    if dtypes.is_float(common):
        return apply(brick, (x, kernel), **attributes)
    y = apply(brick, (cast(x, "float64"), cast(kernel, "float64")), **attributes)
    return cast(cast(y, "int64"), common)


def _groups(x: Tensor, kernel: Tensor) -> int:
    """How often the kernel's channels go into those of x; what does not fit the brick refuses."""
    return max(1, x.shape[-1] // max(1, kernel.shape[-2]))


def _shapes(x: Tensor, kernel: Tensor) -> tuple[tuple, tuple]:
    """Of the inputs and of the kernel, spatial axes alone."""
    return x.shape[1:-1], kernel.shape[:-2]


@windows.remembered
def _window(
    name: str, shapes: tuple[tuple, tuple], strides: Lengths, padding: Padding, rate: Lengths
) -> dict[str, Any]:
    """The attributes of the bricks, but for the groups."""
    inputs, taps = shapes
    axes = len(inputs)
    steps = windows.lengths(name, "strides", strides, axes)
    rates = windows.lengths(name, "dilation_rate", rate, axes)
    extents = [(n - 1) * far + 1 for n, far in zip(taps, rates)]
    before, after = zip(*windows.paddings(name, padding, inputs, extents, steps))
    return {"strides": steps, "dilation": rates, "before": before, "after": after}


def _spread(
    length: int, taps: int, stride: int, rate: int, longer: int | None, padding: str
) -> tuple[int, int, int]:
    """The length that comes out of a transposed convolution, and what Keras cuts off around it.

    A whole output is (length - 1) * stride + extent long; `before` and `after` of that are cut,
    where a negative `after` adds zeros.
    """
    extent = (taps - 1) * rate + 1
    whole = (length - 1) * stride + extent
    if padding == "valid":
        after = -(max(stride - extent, 0) if longer is None else longer)
        return whole - after, 0, after
    total = extent - stride if longer is None else extent - extent % 2 - longer
    before = max(total // 2, 0)
    return whole - total, before, total - before
