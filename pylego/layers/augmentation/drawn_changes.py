"""The base of layers whose images draw, from a list of ways, how they are changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import ops
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


class DrawnChanges(RandomColorLayer):
    """A layer of layers, each of which changes images in one way, under the name that Keras gives
    it.

    Args:
        factor: from 0 to 1, how strong the changes are at most: a number f stands for 0 to f; or
            two numbers.
        value_range: the least and the largest number of the images.
        interpolation: 'bilinear' or 'nearest'.
        seed: an integer, for the same choices in every run.
        left_out: the names of ways that are not drawn.
        **kwargs: see `ImageLayer`.

    Raises:
        ValueError: for factors outside 0 to 1.
    """

    def __init__(
        self,
        factor: Any,
        value_range: Sequence[float],
        interpolation: str,
        seed: int | None,
        left_out: Sequence[str] = (),
        **kwargs: Any,
    ):
        super().__init__(value_range, seed, **kwargs)
        self.factor = share_range(type(self).__name__, "factor", factor)
        self.interpolation = interpolation
        made = self._made_changes()
        self._names = tuple(name for name in made if name not in left_out)
        for name in self._names:
            setattr(self, name, made[name])

    def _made_changes(self) -> dict[str, Any]:
        """Make a layer for each way."""
        batch: dict[str, Any] = {"data_format": "channels_last", "dtype": self.compute_dtype}
        moved: dict[str, Any] = {**batch, "interpolation": self.interpolation}
        colored: dict[str, Any] = {**batch, "value_range": self.value_range}
        share = self.factor
        return {
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

    def _width(self) -> int:
        """How many numbers a change takes: one for the way, and as many as ways take at most.
        Those that are not drawn leave theirs unused."""
        return 1 + max(getattr(getattr(self, name), "draws", 0) for name in self._names)

    def _in_turn(self, change: str, x: Tensor, numbers: Tensor, ways: int) -> Tensor:
        """Change images or masks in each way that they drew, one after another.

        Args:
            change: the method of the layers.
            x: images or masks.
            numbers: `_width()` for each change.
            ways: how many can be drawn; what is drawn beyond the last one changes nothing.
        """
        width = self._width()
        for first in range(0, numbers.shape[1], width):
            way = ops.floor(numbers[:, first] * float(ways))
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
            "factor": self.factor,
            "interpolation": self.interpolation,
        }
