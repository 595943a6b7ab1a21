"""The layer that changes each image in some ways drawn from a list of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import checks, ops
from pylego.core.tensor import Tensor
from pylego.layers.augmentation.auto_contrast import AutoContrast
from pylego.layers.augmentation.equalization import Equalization
from pylego.layers.augmentation.random_brightness import RandomBrightness
from pylego.layers.augmentation.random_color_degeneration import RandomColorDegeneration
from pylego.layers.augmentation.random_color_layer import RandomColorLayer
from pylego.layers.augmentation.random_contrast import RandomContrast
from pylego.layers.augmentation.random_image_layer import share_range
from pylego.layers.augmentation.random_posterization import RandomPosterization
from pylego.layers.augmentation.random_rotation import RandomRotation
from pylego.layers.augmentation.random_sharpness import RandomSharpness
from pylego.layers.augmentation.random_shear import RandomShear
from pylego.layers.augmentation.random_translation import RandomTranslation
from pylego.layers.augmentation.solarization import Solarization


class RandAugment(RandomColorLayer):
    """Change each image in `num_ops` ways, one after another, drawn from eleven, while training.

    They are shear, translation, rotation, brightness, gray, contrast, sharpness, few bits,
    solarization, stretched contrast and equal frequencies. Each image draws its own; in Keras a
    whole batch has the same.

    Source: Cubuk and others, RandAugment: Practical Automated Data Augmentation (arXiv:1909.13719).

    Shapes: (images, height, width, 3), or one image, stays as it is.

    Args:
        value_range: the least and the largest number of the images; (0, 255) by default.
        num_ops: how many ways an image draws.
        factor: from 0 to 1, how strong the changes are at most: a number f stands for 0 to f; or
            two numbers.
        interpolation: 'bilinear' or 'nearest'.
        seed: an integer, for the same choices in every run.
        data_format: 'channels_last' or 'channels_first'.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for factors outside 0 to 1, num_ops below 0, and anything but an image of 3
            channels.

    >>> RandAugment(num_ops=0)([[[1.0, 2.0, 3.0]]]).numpy().ravel().tolist()
    [1.0, 2.0, 3.0]
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        num_ops: int = 2,
        factor: Any = 0.5,
        interpolation: str = "bilinear",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(value_range, seed, data_format=data_format, **kwargs)
        self.num_ops = checks.whole_number("num_ops", num_ops, 0, "RandAugment")
        self.factor = share_range("RandAugment", "factor", factor)
        self.interpolation = interpolation
        self._names = tuple(self._make_changes())

    def _make_changes(self) -> list[str]:
        """Make a layer for each way, as Keras names them; return the names."""
        batch: dict[str, Any] = {"data_format": "channels_last", "dtype": self.compute_dtype}
        moved: dict[str, Any] = {**batch, "interpolation": self.interpolation}
        colored: dict[str, Any] = {**batch, "value_range": self.value_range}
        share = self.factor
        changes = {
            "random_shear": RandomShear(share, share, **moved),
            "random_translation": RandomTranslation(share, share, **moved),
            "random_rotation": RandomRotation(share, **moved),
            "random_brightness": RandomBrightness(share, **colored),
            "random_color_degeneration": RandomColorDegeneration(share, **colored),
            "random_contrast": RandomContrast(share, **colored),
            "random_sharpness": RandomSharpness(share, **colored),
            "random_posterization": RandomPosterization(max(1, int(8 * share[1])), **colored),
            "solarization": Solarization(share, share, **colored),
            "auto_contrast": AutoContrast(**colored),
            "equalization": Equalization(**colored),
        }
        for name, layer in changes.items():
            setattr(self, name, layer)
        return list(changes)

    def _draws_of(self, shape: Sequence[int]) -> int:
        return self.num_ops * (1 + self._longest())

    def _longest(self) -> int:
        """How many numbers the ways take at most: those that are not drawn leave theirs unused."""
        return max(getattr(getattr(self, name), "draws", 0) for name in self._names)

    def augment(self, images: Tensor, numbers: Tensor) -> Tensor:
        return self._in_turn("transform_images", images, numbers)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Tensor | None = None, training: bool = True
    ) -> Any:
        """Move masks as the images were moved."""
        if not training or transformation is None:
            return segmentation_masks
        masks = self._to_floats(ops.convert_to_tensor(segmentation_masks))
        change = "transform_segmentation_masks"
        return self._over_batch(lambda x: self._in_turn(change, x, transformation), masks)

    def _in_turn(self, change: str, x: Tensor, numbers: Tensor) -> Tensor:
        """Change images or masks in each way that they drew, one after another."""
        width = 1 + self._longest()
        for first in range(0, self.num_ops * width, width):
            way = ops.floor(numbers[:, first] * float(len(self._names)))
            x = self._changed(change, x, way, numbers[:, first + 1 : first + width])
        return x

    def _changed(self, change: str, x: Tensor, way: Tensor, numbers: Tensor) -> Tensor:
        """Change each image in its way: all ways are gone, and one is kept, as programs need it."""
        result = x
        for k, name in enumerate(self._names):
            layer = getattr(self, name)
            changed = getattr(layer, change)(x, numbers[:, : getattr(layer, "draws", 0)])
            result = ops.where(ops.reshape(way == float(k), (-1, 1, 1, 1)), changed, result)
        return result

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_ops": self.num_ops,
            "factor": self.factor,
            "interpolation": self.interpolation,
        }
