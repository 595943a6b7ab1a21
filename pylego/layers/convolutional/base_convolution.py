"""What all convolutions have: a window that slides, where the channels are, a bias, an end."""

from __future__ import annotations

from typing import Any

from pylego import activations, constraints, initializers, ops, regularizers
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.layers import windows
from pylego.layers.space_layer import SpaceLayer
from pylego.layers.space_spec import SpaceSpec

Shape = tuple[int | None, ...]


class BaseConvolution(SpaceLayer):
    """The base of all convolutions. A family defines `build`, `call` and `_channels_out`.

    A weight has a *part*, such as 'kernel' or 'bias': the layer keeps `kernel_initializer`,
    `kernel_regularizer` and `kernel_constraint`.
    """

    parts: tuple[str, ...] = ("kernel", "bias")
    paddings: tuple[str, ...] = ("valid", "same")
    dilates_with_strides = True
    bias: Variable | None

    def __init__(
        self,
        kernel_size: Any,
        strides: Any,
        padding: str,
        data_format: str | None,
        dilation_rate: Any,
        activation: Any,
        use_bias: bool,
        **kwargs: Any,
    ):
        super().__init__(data_format, **kwargs)
        self.kernel_size = self._sizes("kernel_size", kernel_size)
        self.strides = self._sizes("strides", strides)
        self.dilation_rate = self._sizes("dilation_rate", dilation_rate)
        self.padding = windows.padding(padding, self.paddings)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        if max(self.strides) > 1 and max(self.dilation_rate) > 1 and not self.dilates_with_strides:
            raise ValueError(
                f"{type(self).__name__} takes strides above 1 or a dilation_rate above 1, not "
                f"both. Received: strides={self.strides}, dilation_rate={self.dilation_rate}"
            )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        shape = list(super().compute_output_shape(input_shape))
        channel_axis = self.input_spec.channel_axis
        shape[channel_axis] = self._channels_out(input_shape[channel_axis])
        return tuple(shape)

    def get_config(self) -> dict[str, Any]:
        config = {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "dilation_rate": self.dilation_rate,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
        }
        for part in self.parts:
            config.update(self._part_config(part))
        return config

    # ---- what families begin and end with ----

    def _sizes(self, name: str, value: Any, least: int = 1) -> tuple[int, ...]:
        return windows.sizes(name, value, self.rank, type(self).__name__, least)

    def _begin_build(self, input_shape: Shape) -> int:
        """Check the shape of the inputs, and settle on their channels; return how many."""
        self.compute_output_shape(input_shape)
        channels = input_shape[self.input_spec.channel_axis]
        if channels is None:
            raise ValueError(
                f"Layer {self.name!r} needs to know how many channels its inputs have. Received: "
                f"shape {tuple(input_shape)}"
            )
        self.input_spec = SpaceSpec(self.rank, self.data_format, channels)
        return channels

    def _add_bias(self, channels: int) -> None:
        self.bias = self._add_part("bias", "bias", (channels,)) if self.use_bias else None

    def _begin(self, inputs: Tensor) -> Tensor:
        """Put channels last, and speak of the layer where lengths that were free are too small."""
        self._lengths_out(self._lengths_of(inputs))
        return inputs if self.data_format == "channels_last" else ops.moveaxis(inputs, 1, -1)

    def _end(self, x: Tensor) -> Tensor:
        """Add the bias, activate, and put the channels where the layout has them.

        Before they move, bias and activation are the end of the convolution; but functions that
        join numbers, or that we do not know, must see the layout as it is.
        """
        if self.bias is not None:
            x = x + self.bias
        activation = self.activation or activations.linear  # None may be set once it is built
        if self.data_format == "channels_last":
            return activation(x)
        if activations.is_elementwise(activation):
            return ops.moveaxis(activation(x), -1, 1)
        return activation(ops.moveaxis(x, -1, 1))

    # ---- shapes ----

    def _channels_out(self, channels: int | None) -> int | None:
        """Return how many channels come out."""
        raise NotImplementedError

    def _lengths_out(self, lengths: Shape) -> Shape:
        spans = tuple(map(windows.span, self.kernel_size, self.dilation_rate))
        paddings = [self.padding] * self.rank
        found = tuple(map(windows.places, lengths, spans, self.strides, paddings))
        if 0 in found and self.padding == "valid":
            raise self._too_small(lengths, spans)
        windows.check_not_empty(self.name, lengths)
        return found

    def _too_small(self, lengths: Shape, spans: tuple[int, ...]) -> ValueError:
        window = windows.written(self.kernel_size)
        if spans != self.kernel_size:
            window += f", {windows.written(spans)} with dilation_rate={self.dilation_rate},"
        sample = windows.SAMPLES[self.rank]
        return ValueError(
            f"Layer {self.name!r}: a window of {window} does not fit into {sample}s of "
            f"{windows.written(lengths)}. padding='same' or a smaller kernel_size would do, and so "
            "would less pooling and smaller strides in the layers before"
            f"{self._layout_advice(lengths)}"
        )

    def _layout_advice(self, lengths: Shape) -> str:
        """Say what helps where the first length seems to count colours."""
        if self.rank == 1 or self.data_format == "channels_first" or lengths[0] not in (1, 3):
            return ""
        return f". If {lengths[0]} counts channels, data_format='channels_first' says so"

    # ---- the parts of the weights ----

    def _set_part(self, part: str, initializer: Any, regularizer: Any, constraint: Any) -> None:
        setattr(self, f"{part}_initializer", initializers.get(initializer))
        setattr(self, f"{part}_regularizer", regularizers.get(regularizer))
        setattr(self, f"{part}_constraint", constraints.get(constraint))

    def _add_part(self, part: str, name: str, shape: tuple[int, ...]) -> Variable:
        return self.add_weight(
            shape,
            getattr(self, f"{part}_initializer"),
            regularizer=getattr(self, f"{part}_regularizer"),
            constraint=getattr(self, f"{part}_constraint"),
            name=name,
        )

    def _part_config(self, part: str) -> dict[str, Any]:
        return {
            f"{part}_{role}": module.serialize(getattr(self, f"{part}_{role}"))
            for role, module in _ROLES.items()
        }


_ROLES: dict[str, Any] = {
    "initializer": initializers,
    "regularizer": regularizers,
    "constraint": constraints,
}
