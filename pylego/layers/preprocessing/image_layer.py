"""The base of layers that take images: one or a batch, channels last or first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pylego import config, given, ops
from pylego.core.tensor import Tensor, cast
from pylego.layers.layer import Layer


class ImageLayer(Layer):
    """A layer of images: a subclass sees batches (images, height, width, channels) only.

    Args:
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for another data_format; when called, for what is neither an image, three axes,
            nor a batch of them, four.
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = config.standardize_data_format(data_format)

    def _over_batch(self, function: Callable[[Tensor], Tensor], inputs: Tensor) -> Tensor:
        """Apply a function of batches with the channels last, whatever the inputs look like."""
        self._check_rank(inputs.shape)
        is_first = self.data_format == "channels_first"
        images = inputs if inputs.ndim == 4 else ops.expand_dims(inputs, 0)
        images = ops.transpose(images, (0, 2, 3, 1)) if is_first else images
        images = function(images)
        images = ops.transpose(images, (0, 3, 1, 2)) if is_first else images
        return images if inputs.ndim == 4 else ops.squeeze(images, 0)

    def _to_floats(self, inputs: Tensor) -> Tensor:
        return cast(inputs, self.compute_dtype)

    def _check_rank(self, shape: Any) -> None:
        if len(shape) not in (3, 4):
            axes = "height, width, channels"
            axes = axes if self.data_format == "channels_last" else "channels, height, width"
            raise ValueError(
                f"Layer {self.name!r} takes an image, ({axes}), or many, (images, {axes}). "
                f"Received: shape {given.shape(tuple(shape))}. Gray images need an axis for their "
                "one channel: x[..., None]"
            )

    def _with_size(self, input_shape: Any, height: int, width: int) -> tuple[int | None, ...]:
        """The shape with another height and width."""
        self._check_rank(input_shape)
        shape = list(input_shape)
        first = len(shape) - (2 if self.data_format == "channels_first" else 3)
        shape[first : first + 2] = height, width
        return tuple(shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format}
