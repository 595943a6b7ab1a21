"""Depthwise convolution: every channel has filters of its own."""

from __future__ import annotations

from typing import Any

from pylego import checks, ops
from pylego.core.tensor import Tensor
from pylego.layers.convolutional.base_convolution import BaseConvolution, Shape


class _DepthwiseConvolution(BaseConvolution):
    parts = ("depthwise", "bias")

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
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
        self.depth_multiplier = checks.whole_number("depth_multiplier", depth_multiplier, 1, owner)
        self._set_part(
            "depthwise", depthwise_initializer, depthwise_regularizer, depthwise_constraint
        )
        self._set_part("bias", bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape: Shape) -> None:
        channels = self._begin_build(input_shape)
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        self.kernel = self._add_part("depthwise", "kernel", shape)
        self._add_bias(channels * self.depth_multiplier)

    def call(self, inputs: Tensor) -> Tensor:
        y = ops.depthwise_conv(
            self._begin(inputs),
            self.kernel,
            self.strides,
            self.padding,
            "channels_last",
            self.dilation_rate,
        )
        return self._end(y)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "depth_multiplier": self.depth_multiplier}

    def _channels_out(self, channels: int | None) -> int | None:
        return None if channels is None else channels * self.depth_multiplier


class DepthwiseConv1D(_DepthwiseConvolution):
    """Slide filters along sequences, each over one channel.

    Shapes: (batch, steps, channels) gives (batch, places, channels * depth_multiplier); the kernel
    is (kernel_size, channels, depth_multiplier), the bias (channels * depth_multiplier,). Arguments
    as for `DepthwiseConv2D`, with one size instead of two.

    >>> layer = DepthwiseConv1D(2, depthwise_initializer="ones")
    >>> layer([[[1.0, 10.0], [2.0, 20.0]]]).numpy().tolist()
    [[[3.0, 30.0]]]
    """

    rank = 1


class DepthwiseConv2D(_DepthwiseConvolution):
    """Slide filters over pictures, each over one channel: channels are not mixed.

    Shapes: (batch, height, width, channels) gives (batch, rows, columns, channels *
    depth_multiplier); the kernel is (*kernel_size, channels, depth_multiplier), the bias (channels
    * depth_multiplier,). With channels_first the channels are axis 1.

    Args:
        kernel_size: height and width of the window, or one number for both.
        strides: by how many rows and columns a filter moves on, or one number for both.
        padding: 'valid' for places where all of the window fits; 'same' for zeros around, so that
            there are ceil(length / stride) places along each axis.
        depth_multiplier: how many filters every channel has.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        dilation_rate: how far apart the rows and columns are that a filter sees.
        activation: name or function; None for none.
        use_bias: whether a bias is added.
        depthwise_initializer: how the kernel starts.
        bias_initializer: how the bias starts.
        depthwise_regularizer: penalty on the kernel.
        bias_regularizer: penalty on the bias.
        activity_regularizer: penalty on the outputs.
        depthwise_constraint: applied to the kernel after each step.
        bias_constraint: applied to the bias after each step.
        **kwargs: see `Layer`.

    Raises:
        TypeError: for a size that is not a whole number.
        ValueError: for sizes below 1, and inputs that do not fit.

    >>> DepthwiseConv2D(3, depth_multiplier=2).compute_output_shape((None, 28, 28, 16))
    (None, 26, 26, 32)
    """

    rank = 2
