"""Transposed convolution: from the shape of a convolution's outputs to the shape of its inputs."""

from __future__ import annotations

from typing import Any

from pylego import checks, ops
from pylego.core.tensor import Tensor
from pylego.layers import windows
from pylego.layers.convolutional.base_convolution import BaseConvolution, Shape


class _TransposedConvolution(BaseConvolution):
    dilates_with_strides = False

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        self.filters = checks.whole_number("filters", filters, 1, type(self).__name__)
        self.output_padding = self._output_padding(output_padding)
        self._set_part("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self._set_part("bias", bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape: Shape) -> None:
        channels = self._begin_build(input_shape)
        shape = (*self.kernel_size, self.filters, channels)
        self.kernel = self._add_part("kernel", "kernel", shape)
        self._add_bias(self.filters)

    def call(self, inputs: Tensor) -> Tensor:
        y = ops.conv_transpose(
            self._begin(inputs),
            self.kernel,
            self.strides,
            self.padding,
            self.output_padding,
            "channels_last",
            self.dilation_rate,
        )
        return self._end(y)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {**config, "filters": self.filters, "output_padding": self.output_padding}

    def _output_padding(self, value: Any) -> tuple[int, ...] | None:
        """Return the checked argument, one number for each axis."""
        if value is None:
            return None
        more = self._sizes("output_padding", value, least=0)
        if any(a >= b for a, b in zip(more, self.strides)):
            raise ValueError(
                f"{type(self).__name__}: output_padding chooses among the lengths that give as "
                "many places, so it is below strides. Received: "
                f"output_padding={value}, strides={self.strides}"
            )
        return more

    def _channels_out(self, channels: int | None) -> int:
        return self.filters

    def _lengths_out(self, lengths: Shape) -> Shape:
        windows.check_not_empty(self.name, lengths)
        spans = map(windows.span, self.kernel_size, self.dilation_rate)
        paddings = [self.padding] * self.rank
        more = self.output_padding or [None] * self.rank
        return tuple(map(windows.extent, lengths, spans, self.strides, paddings, more))


class Conv1DTranspose(_TransposedConvolution):
    """Lay a filter down at every step of a sequence, and add up where they overlap.

    Shapes: (batch, steps, channels) gives (batch, longer, filters); the kernel is (kernel_size,
    filters, channels), the bias (filters,). Arguments as for `Conv2DTranspose`, with one size
    instead of two.

    >>> layer = Conv1DTranspose(1, 2, strides=2, kernel_initializer="ones")
    >>> layer([[[1.0], [2.0]]]).numpy().tolist()
    [[[1.0], [1.0], [2.0], [2.0]]]
    """

    rank = 1


class Conv2DTranspose(_TransposedConvolution):
    """Lay a filter down at every place of a picture, and add up where they overlap.

    This is the gradient of `Conv2D` by its inputs, and makes pictures larger by their strides:
    Zeiler et al., "Deconvolutional networks", CVPR 2010.

    Shapes: (batch, height, width, channels) gives (batch, higher, wider, filters); the kernel is
    (*kernel_size, filters, channels), the bias (filters,). With channels_first the channels are
    axis 1.

    Args:
        filters: how many channels come out.
        kernel_size: height and width of a filter, or one number for both.
        strides: how far apart the filters are laid, or one number for both axes.
        padding: 'valid' to keep all that filters cover; 'same' to cut the rim off, so that length *
            stride is left.
        output_padding: how many rows and columns the outputs have more than the least; below
            strides. None for as many as make the lengths above.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        dilation_rate: how far apart the elements of a filter are.
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

    >>> Conv2DTranspose(8, 3, strides=2, padding="same").compute_output_shape((None, 14, 14, 16))
    (None, 28, 28, 8)
    """

    rank = 2


class Conv3DTranspose(_TransposedConvolution):
    """Lay a filter down at every place of a volume, and add up where they overlap.

    Shapes: (batch, depth, height, width, channels) gives (batch, deeper, higher, wider, filters);
    the kernel is (*kernel_size, filters, channels), the bias (filters,). Arguments as for
    `Conv2DTranspose`, with three sizes instead of two.

    >>> Conv3DTranspose(8, 2, strides=2).compute_output_shape((None, 5, 5, 5, 16))
    (None, 10, 10, 10, 8)
    """

    rank = 3


Convolution1DTranspose = Conv1DTranspose
Convolution2DTranspose = Conv2DTranspose
Convolution3DTranspose = Conv3DTranspose
