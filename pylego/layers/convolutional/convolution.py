"""Convolution over sequences, pictures and volumes."""

from __future__ import annotations

from typing import Any

from pylego import checks, ops
from pylego.core.tensor import Tensor
from pylego.layers import windows
from pylego.layers.adapters import ADAPTED_WEIGHT, LowRankLayer
from pylego.layers.convolutional.base_convolution import BaseConvolution, Shape


class _Convolution(BaseConvolution, LowRankLayer):
    dilates_with_strides = False

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        owner = type(self).__name__
        low_rank = (kwargs.pop("lora_rank", None), kwargs.pop("lora_alpha", None))
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
        self._begin_low_rank(*low_rank)
        self.filters = checks.whole_number("filters", filters, least=1, owner=owner)
        self.groups = checks.whole_number("groups", groups, least=1, owner=owner)
        self._set_part("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self._set_part("bias", bias_initializer, bias_regularizer, bias_constraint)
        if self.filters % self.groups:
            raise ValueError(
                f"{owner}: each group makes as many of the filters, so groups must divide them. "
                f"Received: filters={filters}, groups={groups}"
            )

    def build(self, input_shape: Shape) -> None:
        channels = self._begin_build(input_shape)
        if channels % self.groups:
            raise ValueError(
                f"Layer {self.name!r}: groups={self.groups} does not divide the {channels} "
                f"channels of its {windows.SAMPLES[self.rank]}s"
            )
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        self.kernel = self._add_part("kernel", "kernel", shape)
        self._add_bias(self.filters)
        self._end_low_rank()

    kernel = ADAPTED_WEIGHT

    def call(self, inputs: Tensor) -> Tensor:
        y = ops.conv(
            self._begin(inputs),
            self.kernel,
            self.strides,
            self._border(),
            "channels_last",
            self.dilation_rate,
        )
        return self._end(y)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "filters": self.filters, "groups": self.groups}

    def _border(self) -> Any:
        """Return the padding as `ops.conv` takes it."""
        return self.padding

    def _channels_out(self, channels: int | None) -> int:
        return self.filters


class Conv1D(_Convolution):
    """Slide filters along sequences: each sees kernel_size steps at a time, and all channels.

    Shapes: (batch, steps, channels) gives (batch, places, filters); the kernel is (kernel_size,
    channels / groups, filters), the bias (filters,). With channels_first the channels are axis 1.

    Args:
        filters: how many channels come out.
        kernel_size: how many steps a filter sees.
        strides: by how many steps a filter moves on.
        padding: 'valid' for places where all of the filter fits; 'same' for zeros around, so that
            there are ceil(steps / strides) places; 'causal' for zeros in front, so that nothing is
            seen before its time.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        dilation_rate: how far apart the steps are that a filter sees.
        groups: how many groups the channels are in, each with filters of its own.
        activation: name or function; None for none.
        use_bias: whether a bias is added.
        kernel_initializer: how the kernel starts.
        bias_initializer: how the bias starts.
        kernel_regularizer: penalty on the kernel.
        bias_regularizer: penalty on the bias.
        activity_regularizer: penalty on the outputs.
        kernel_constraint: applied to the kernel after each step.
        bias_constraint: applied to the bias after each step.
        **kwargs: see `Layer`.

    Raises:
        TypeError: for a size that is not a whole number.
        ValueError: for sizes below 1 or that do not go together, and inputs that do not fit.

    >>> layer = Conv1D(1, 2, padding="causal", kernel_initializer="ones")
    >>> layer([[[1.0], [2.0], [3.0]]]).numpy().tolist()
    [[[1.0], [3.0], [5.0]]]
    """

    rank = 1
    paddings = ("valid", "same", "causal")

    def _border(self) -> Any:
        if self.padding != "causal":
            return self.padding
        return [(windows.span(self.kernel_size[0], self.dilation_rate[0]) - 1, 0)]


class Conv2D(_Convolution):
    """Slide filters over pictures: each sees a window of kernel_size at a time, and all channels.

    Shapes: (batch, height, width, channels) gives (batch, rows, columns, filters); the kernel is
    (*kernel_size, channels / groups, filters), the bias (filters,). With channels_first the
    channels are axis 1. LeCun et al., "Gradient-based learning applied to document recognition",
    Proceedings of the IEEE 1998.

    Args:
        filters: how many channels come out.
        kernel_size: height and width of the window, or one number for both.
        strides: by how many rows and columns a filter moves on, or one number for both.
        padding: 'valid' for places where all of the window fits; 'same' for zeros around, so that
            there are ceil(length / stride) places along each axis.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        dilation_rate: how far apart the rows and columns are that a filter sees.
        groups: how many groups the channels are in, each with filters of its own.
        activation: name or function; None for none.
        use_bias: whether a bias is added.
        kernel_initializer: how the kernel starts.
        bias_initializer: how the bias starts.
        kernel_regularizer: penalty on the kernel.
        bias_regularizer: penalty on the bias.
        activity_regularizer: penalty on the outputs.
        kernel_constraint: applied to the kernel after each step.
        bias_constraint: applied to the bias after each step.
        **kwargs: see `Layer`.

    Raises:
        TypeError: for a size that is not a whole number.
        ValueError: for sizes below 1 or that do not go together, and inputs that do not fit.

    >>> layer = Conv2D(1, (2, 2), kernel_initializer="ones")
    >>> layer([[[[1.0], [2.0]], [[3.0], [4.0]]]]).numpy().tolist()
    [[[[10.0]]]]
    >>> Conv2D(32, (3, 3), padding="same").compute_output_shape((None, 28, 28, 1))
    (None, 28, 28, 32)
    """

    rank = 2


class Conv3D(_Convolution):
    """Slide filters through volumes, or through pictures and time.

    Shapes: (batch, depth, height, width, channels) gives (batch, layers, rows, columns, filters);
    the kernel is (*kernel_size, channels / groups, filters), the bias (filters,). Arguments as for
    `Conv2D`, with three sizes instead of two.

    >>> Conv3D(8, 3).compute_output_shape((None, 10, 10, 10, 1))
    (None, 8, 8, 8, 8)
    """

    rank = 3


Convolution1D = Conv1D
Convolution2D = Conv2D
Convolution3D = Conv3D
