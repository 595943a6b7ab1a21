"""The layer that resizes images."""

from __future__ import annotations

from typing import Any

from pylego import checks, dtypes, names, ops
from pylego.layers.center_crop import largest_box, middle
from pylego.layers.image_layer import ImageLayer
from pylego.ops import affine
from pylego.tensor import Tensor, cast


class Resizing(ImageLayer):
    """Resize images, also at inference.

    Integers come out as integers, rounded.

    Shapes: (images, height, width, channels), or one image, to that height and width.

    Args:
        height: of what comes out.
        width: of what comes out.
        interpolation: 'bilinear' or 'nearest'. Nothing is averaged when images become smaller.
        crop_to_aspect_ratio: whether the middle is cut out first, so that nothing is distorted.
        pad_to_aspect_ratio: whether borders are added first, to the same end.
        fill_mode: only 'constant': borders have the fill_value.
        fill_value: of the borders.
        antialias: only False.
        data_format: 'channels_last' or 'channels_first'.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for lengths below 1, settings that are not there, and what is no image.

    >>> Resizing(1, 2)([[[1.0], [2.0], [3.0], [4.0]]]).numpy().ravel().tolist()
    [1.5, 3.5]
    """

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.height = checks.whole_number("height", height, 1, "Resizing")
        self.width = checks.whole_number("width", width, 1, "Resizing")
        if interpolation not in affine.INTERPOLATIONS:
            raise names.unknown("interpolation", interpolation, affine.INTERPOLATIONS)
        if fill_mode != "constant" or antialias:
            raise ValueError(
                "Resizing has fill_mode='constant' and antialias=False only. Received: "
                f"fill_mode={fill_mode!r}, antialias={antialias!r}"
            )
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise ValueError("crop_to_aspect_ratio and pad_to_aspect_ratio exclude each other")
        self.interpolation = interpolation
        self.crop_to_aspect_ratio = crop_to_aspect_ratio
        self.pad_to_aspect_ratio = pad_to_aspect_ratio
        self.fill_mode = fill_mode
        self.fill_value = fill_value
        self.antialias = antialias

    def call(self, inputs: Tensor) -> Tensor:
        if dtypes.is_float(inputs.dtype):
            return self._over_batch(self._resized, inputs)
        resized = self._over_batch(self._resized, self._to_floats(inputs))
        return cast(ops.round(resized), inputs.dtype)

    def _resized(self, images: Tensor) -> Tensor:
        size = (self.height, self.width)
        if self.crop_to_aspect_ratio:
            images = middle(images, largest_box(images.shape[1:3], size))
        elif self.pad_to_aspect_ratio:
            images = self._padded(images)
        return affine.resized(images, size, self.interpolation)

    def _padded(self, images: Tensor) -> Tensor:
        """The images within borders, as wide on either side, up to the wanted proportions."""
        height, width = images.shape[1:3]
        top = max(0, (width * self.height // self.width - height) // 2)
        left = max(0, (height * self.width // self.height - width) // 2)
        borders = ((0, 0), (top, top), (left, left), (0, 0))
        return ops.pad(images, borders, constant_values=self.fill_value)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self._with_size(input_shape, self.height, self.width)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "height": self.height,
            "width": self.width,
            "interpolation": self.interpolation,
            "crop_to_aspect_ratio": self.crop_to_aspect_ratio,
            "pad_to_aspect_ratio": self.pad_to_aspect_ratio,
            "fill_mode": self.fill_mode,
            "fill_value": self.fill_value,
            "antialias": self.antialias,
        }
