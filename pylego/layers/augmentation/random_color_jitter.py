"""The layer that changes brightness, contrast, saturation and hue at random while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego.core.tensor import Tensor
from pylego.layers.augmentation.random_brightness import RandomBrightness
from pylego.layers.augmentation.random_color_layer import RandomColorLayer
from pylego.layers.augmentation.random_contrast import RandomContrast
from pylego.layers.augmentation.random_hue import RandomHue
from pylego.layers.augmentation.random_image_layer import RandomImageLayer
from pylego.layers.augmentation.random_saturation import RandomSaturation

_LAYERS: dict[str, type[RandomImageLayer]] = {
    "brightness": RandomBrightness,
    "contrast": RandomContrast,
    "saturation": RandomSaturation,
    "hue": RandomHue,
}


class RandomColorJitter(RandomColorLayer):
    """Change brightness, contrast, saturation and hue of each image, in this order, while training.

    Shapes: (images, height, width, 3), or one image, stays as it is.

    Args:
        value_range: the least and the largest number of the images; (0, 255) by default.
        brightness_factor: see `RandomBrightness`; None leaves it as it is.
        contrast_factor: see `RandomContrast`.
        saturation_factor: see `RandomSaturation`.
        hue_factor: see `RandomHue`.
        seed: an integer, for the same choices in every run.
        data_format: 'channels_last' or 'channels_first'.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for factors that those layers refuse, and anything but an image.

    >>> jitter = RandomColorJitter(brightness_factor=(0.5, 0.5), contrast_factor=0.0)
    >>> jitter([[[0.0, 10.0, 20.0]]]).numpy().ravel().tolist()
    [127.5, 137.5, 147.5]
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        brightness_factor: Any = None,
        contrast_factor: Any = None,
        saturation_factor: Any = None,
        hue_factor: Any = None,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(value_range, seed, data_format=data_format, **kwargs)
        self.brightness_factor = brightness_factor
        self.contrast_factor = contrast_factor
        self.saturation_factor = saturation_factor
        self.hue_factor = hue_factor
        for name, factor in self._factors().items():
            layer = None if factor is None else self._made(name, factor)
            setattr(self, f"random_{name}", layer)

    def _factors(self) -> dict[str, Any]:
        return {name: getattr(self, f"{name}_factor") for name in _LAYERS}

    def _made(self, name: str, factor: Any) -> RandomImageLayer:
        """A layer of one change: it sees batches with the channels last."""
        return _LAYERS[name](
            factor=factor,
            value_range=self.value_range,
            data_format="channels_last",
            dtype=self.compute_dtype,
        )

    def _changes(self) -> list[RandomImageLayer]:
        layers = (getattr(self, f"random_{name}") for name in _LAYERS)
        return [layer for layer in layers if layer is not None]

    def _draws_of(self, shape: Sequence[int]) -> int:
        return sum(layer.draws for layer in self._changes())

    def augment(self, images: Tensor, numbers: Tensor) -> Tensor:
        first = 0
        for layer in self._changes():
            images = layer.augment(images, numbers[:, first : first + layer.draws])
            first += layer.draws
        return images

    def get_config(self) -> dict[str, Any]:
        factors = {f"{name}_factor": factor for name, factor in self._factors().items()}
        return {**super().get_config(), **factors}
