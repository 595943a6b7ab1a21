"""The base of layers that take images: one or a batch, channels last or first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pylego import config, given, names, ops
from pylego.core import dtypes
from pylego.core.tensor import Tensor, cast
from pylego.layers.layer import Layer


class ImageLayer(Layer):
    """A layer of images: a subclass sees batches (images, height, width, channels) only.

    It takes images, or a dictionary of 'images' and what belongs to them: 'labels', which most
    layers leave as they are, and 'segmentation_masks', of the height and width of the images, which
    move as they do.

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

    def call(self, inputs: Any, training: bool = True) -> Any:
        drawn = self.get_random_transformation(inputs, training)
        if not isinstance(inputs, dict):
            return self.transform_images(inputs, drawn, training)
        changes = {
            "images": self.transform_images,
            "labels": self.transform_labels,
            "segmentation_masks": self.transform_segmentation_masks,
        }
        if unknown := [key for key in inputs if key not in changes]:
            raise names.unknown(f"{type(self).__name__}: input", unknown[0], changes)
        return {key: changes[key](value, drawn, training) for key, value in inputs.items()}

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draw what happens to images, where something is random: here nothing, None."""
        return None

    def transform_images(
        self, images: Any, transformation: Any = None, training: bool = True
    ) -> Tensor:
        """Change images.

        Args:
            images: an image or a batch.
            transformation: of `get_random_transformation`.
            training: whether random changes are made.
        """
        raise NotImplementedError

    def transform_labels(
        self, labels: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Return the labels of changed images: the same, but for layers that mix."""
        return labels

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Move the masks of images as these were moved: not at all, where colors change only."""
        return segmentation_masks

    def _over_batch(self, function: Callable[[Tensor], Tensor], inputs: Tensor) -> Tensor:
        """Apply a function of batches with the channels last, whatever the inputs look like."""
        self._check_rank(inputs.shape)
        is_first = self.data_format == "channels_first"
        images = inputs if inputs.ndim == 4 else ops.expand_dims(inputs, 0)
        images = ops.transpose(images, (0, 2, 3, 1)) if is_first else images
        images = self._to_own_dtype(function(images))
        images = ops.transpose(images, (0, 3, 1, 2)) if is_first else images
        return images if inputs.ndim == 4 else ops.squeeze(images, 0)

    def _to_floats(self, inputs: Tensor) -> Tensor:
        own = self.compute_dtype
        return cast(inputs, own if dtypes.is_float(own) else None)

    def _to_own_dtype(self, images: Tensor) -> Tensor:
        """What was computed in floats, also for layers whose dtype is one of whole numbers."""
        own = self.compute_dtype
        is_rounded = dtypes.is_integer(own) and dtypes.is_float(images.dtype)
        return ops.saturate_cast(ops.round(images), own) if is_rounded else cast(images, own)

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
        if not isinstance(input_shape, dict):
            return self._shape_of_images(tuple(input_shape))
        return {
            key: tuple(shape) if key == "labels" else self._shape_of_images(tuple(shape))
            for key, shape in input_shape.items()
        }

    def _shape_of_images(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of what becomes of images or masks of a shape."""
        return shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format}


def images_of(data: Any, owner: str) -> Any:
    """Return the images among what a layer takes: a batch, or a dictionary with one.

    Raises:
        ValueError: for a dictionary without 'images'.

    >>> images_of({"images": 3, "labels": 1}, "RandomFlip")
    3
    """
    if not isinstance(data, dict):
        return data
    if "images" not in data:
        raise ValueError(f"{owner}: a dictionary needs 'images'. Received: {sorted(data)}")
    return data["images"]
