"""The layer that resizes images."""

from __future__ import annotations

from typing import Any

from pylego import checks, ops
from pylego.core.tensor import Tensor, convert_to_tensor
from pylego.layers.preprocessing.image_layer import ImageLayer


class Resizing(ImageLayer):
    """Resize images, also at inference.

    Integers come out as integers, rounded.

    Shapes: (images, height, width, channels), or one image, to that height and width.

    Args:
        height: of what comes out.
        width: of what comes out.
        interpolation: 'bilinear', 'nearest', 'bicubic', 'lanczos3' or 'lanczos5': see
            `ops.image.resize`.
        crop_to_aspect_ratio: whether the middle is cut out first, so that nothing is distorted.
        pad_to_aspect_ratio: whether borders are added first, to the same end.
        fill_mode: only 'constant': borders have the fill_value.
        fill_value: of the borders.
        antialias: whether images that become smaller are smoothed.
        data_format: 'channels_last' or 'channels_first'.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for lengths below 1, settings that are not there, and anything but an image.

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
        self._settings: dict[str, Any] = {
            "interpolation": interpolation,
            "crop_to_aspect_ratio": crop_to_aspect_ratio,
            "pad_to_aspect_ratio": pad_to_aspect_ratio,
            "fill_mode": fill_mode,
            "fill_value": fill_value,
            "antialias": antialias,
            "data_format": self.data_format,
        }
        ops.image.check_resizing(**self._settings)

    def transform_images(
        self, images: Any, transformation: None = None, training: bool = True
    ) -> Tensor:
        """Resize images; the other arguments are those of layers that draw."""
        return self._resized(images, self._settings["interpolation"])

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: None = None, training: bool = True
    ) -> Tensor:
        """Resize masks: each pixel takes the nearest number."""
        return self._resized(segmentation_masks, "nearest")

    def _resized(self, images: Any, interpolation: str) -> Tensor:
        x = convert_to_tensor(images)
        self._check_rank(x.shape)
        settings = {**self._settings, "interpolation": interpolation}
        return ops.image.resize(x, (self.height, self.width), **settings)

    def _shape_of_images(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return self._with_size(shape, self.height, self.width)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "height": self.height,
            "width": self.width,
            **self._settings,
        }
