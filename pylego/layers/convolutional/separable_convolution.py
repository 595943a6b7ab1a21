"""Separable convolution: each channel by itself, then all channels at each place."""

from __future__ import annotations

from typing import Any

from pylego import checks, ops
from pylego.core.tensor import Tensor
from pylego.layers.convolutional.base_convolution import BaseConvolution, Shape


class _SeparableConvolution(BaseConvolution):
    parts = ("depthwise", "pointwise", "bias")

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        super().__init__(
            kernel_size=kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            use_bias=use_bias,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
        owner = type(self).__name__
        self.filters = checks.whole_number("filters", filters, 1, owner)
        self.depth_multiplier = checks.whole_number("depth_multiplier", depth_multiplier, 1, owner)
        self._set_part(
            "depthwise", depthwise_initializer, depthwise_regularizer, depthwise_constraint
        )
        self._set_part(
            "pointwise", pointwise_initializer, pointwise_regularizer, pointwise_constraint
        )
        self._set_part("bias", bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape: Shape) -> None:
        channels = self._begin_build(input_shape)
        own = (*self.kernel_size, channels, self.depth_multiplier)
        mixed = (*[1] * self.rank, channels * self.depth_multiplier, self.filters)
        self.depthwise_kernel = self._add_part("depthwise", "depthwise_kernel", own)
        self.pointwise_kernel = self._add_part("pointwise", "pointwise_kernel", mixed)
        self._add_bias(self.filters)

    def call(self, inputs: Tensor) -> Tensor:
        y = ops.separable_conv(
            self._begin(inputs),
            self.depthwise_kernel,
            self.pointwise_kernel,
            self.strides,
            self.padding,
            "channels_last",
            self.dilation_rate,
        )
        return self._end(y)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "depth_multiplier": self.depth_multiplier,
        }

    def _channels_out(self, channels: int | None) -> int:
        return self.filters


class SeparableConv1D(_SeparableConvolution):
    """Slide filters along each channel of sequences by itself, then mix the channels at each step.

    Shapes: (batch, steps, channels) gives (batch, places, filters). The kernels are (kernel_size,
    channels, depth_multiplier) and (1, channels * depth_multiplier, filters), the bias (filters,).
    Arguments as for `SeparableConv2D`, with one size instead of two.

    >>> SeparableConv1D(4, 3).compute_output_shape((None, 10, 2))
    (None, 8, 4)
    """

    rank = 1


class SeparableConv2D(_SeparableConvolution):
    """Slide filters over each channel of pictures by itself, then mix the channels at each place.

    This takes far fewer weights and operations than `Conv2D`: Chollet, "Xception: deep learning
    with depthwise separable convolutions", CVPR 2017.

    Shapes: (batch, height, width, channels) gives (batch, rows, columns, filters). The kernels are
    (*kernel_size, channels, depth_multiplier) and (1, 1, channels * depth_multiplier, filters), the
    bias (filters,). With channels_first the channels are axis 1.

    Args:
        filters: how many channels come out.
        kernel_size: height and width of the window, or one number for both.
        strides: by how many rows and columns a filter moves on, or one number for both.
        padding: 'valid' for places where all of the window fits; 'same' for zeros around, so that
            there are ceil(length / stride) places along each axis.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        dilation_rate: how far apart the rows and columns are that a filter sees.
        depth_multiplier: how many filters every channel has before they are mixed.
        activation: name or function; None for none.
        use_bias: whether a bias is added.
        depthwise_initializer: how the kernel of each channel starts.
        pointwise_initializer: how the kernel that mixes starts.
        bias_initializer: how the bias starts.
        depthwise_regularizer: penalty on the kernel of each channel.
        pointwise_regularizer: penalty on the kernel that mixes.
        bias_regularizer: penalty on the bias.
        activity_regularizer: penalty on the outputs.
        depthwise_constraint: applied to the kernel of each channel after each step.
        pointwise_constraint: applied to the kernel that mixes after each step.
        bias_constraint: applied to the bias after each step.
        **kwargs: see `Layer`.

    Raises:
        TypeError: for a size that is not a whole number.
        ValueError: for sizes below 1, and inputs that do not fit.

    >>> SeparableConv2D(64, 3, padding="same").compute_output_shape((None, 28, 28, 32))
    (None, 28, 28, 64)
    """

    rank = 2


SeparableConvolution1D = SeparableConv1D
SeparableConvolution2D = SeparableConv2D
