"""The bases of layers that change images at random while training.

What is drawn for an image follows from the layer's seed and the number of the image alone: neither
the size of the batches nor the number of threads changes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import checks, names, random
from pylego.core.tensor import Tensor, convert_to_tensor
from pylego.layers.preprocessing.image_layer import ImageLayer, images_of
from pylego.ops import affine

FILL_MODES = ("reflect", "wrap", "constant", "nearest")


class RandomImageLayer(ImageLayer):
    """A layer that changes images by numbers drawn for each of them, while training.

    A subclass says in `draws` how many numbers an image takes, and in `augment` what they do. As in
    Keras it also changes images when it is called by itself, with no `training` said.

    Args:
        seed: an integer, for the same choices in every run.
        **kwargs: see `ImageLayer`.
    """

    draws = 1

    def __init__(self, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.seed = seed
        self.generator = random.SeedGenerator(seed)

    def get_random_transformation(
        self, data: Any, training: bool = True, seed: random.SeedGenerator | None = None
    ) -> Tensor | None:
        """Draw what happens to images: `transform_images` does it, to others of the number too.

        Args:
            data: an image or a batch, or a dictionary with 'images'.
            training: False draws nothing.
            seed: what is drawn from; the layer's own by default.

        Raises:
            ValueError: for a dictionary without images, and anything but images.
        """
        if not training:
            return None
        shape = convert_to_tensor(images_of(data, type(self).__name__)).shape
        self._check_rank(shape)
        keys = (seed or self.generator).next_keys(shape[0] if len(shape) == 4 else 1)
        return random.uniform_rows(keys, self._draws_of(shape), "float64")

    def _draws_of(self, shape: Sequence[int]) -> int:
        """How many numbers an image takes, of images of this shape."""
        return self.draws

    def transform_images(
        self, images: Any, transformation: Tensor | None = None, training: bool = True
    ) -> Tensor:
        """Change images by what was drawn.

        Args:
            images: an image or a batch.
            transformation: of `get_random_transformation`; None changes nothing.
            training: whether they are changed.
        """
        floats = self._to_floats(convert_to_tensor(images))
        if not training or transformation is None:
            return self._to_own_dtype(self._unchanged(floats))
        return self._over_batch(lambda batch: self.augment(batch, transformation), floats)

    def _unchanged(self, images: Tensor) -> Tensor:
        """The outputs of inference, where nothing is random."""
        return images

    def augment(self, images: Tensor, numbers: Tensor) -> Tensor:
        """Change images of shape (images, height, width, channels).

        Args:
            images: floats.
            numbers: of shape (images, draws), from 0 to 1.
        """
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}


class RandomMovingLayer(RandomImageLayer):
    """A layer that samples each image at places drawn for it; masks move as their images do.

    Args:
        interpolation: 'bilinear' or 'nearest'.
        seed: an integer, for the same choices in every run.
        fill_value: what is seen outside the image, where nothing else is.
        **kwargs: see `ImageLayer`.

    Raises:
        ValueError: for another interpolation.
    """

    def __init__(
        self,
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        **kwargs: Any,
    ):
        super().__init__(seed=seed, **kwargs)
        if interpolation not in affine.INTERPOLATIONS:
            raise names.unknown("interpolation", interpolation, affine.INTERPOLATIONS)
        self.interpolation = interpolation
        self.fill_value = fill_value

    def augment(self, images: Tensor, numbers: Tensor) -> Tensor:
        return self._sampled(images, numbers, self.interpolation)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Tensor | None = None, training: bool = True
    ) -> Any:
        """Move masks as the images were moved: each pixel takes the nearest number."""
        if not training or transformation is None:
            return segmentation_masks
        masks = self._to_floats(convert_to_tensor(segmentation_masks))
        return self._over_batch(lambda x: self._sampled(x, transformation, "nearest"), masks)

    def _sampled(self, images: Tensor, numbers: Tensor, interpolation: str) -> Tensor:
        """Return images of shape (images, height, width, channels) at other places."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "interpolation": self.interpolation,
            "fill_value": self.fill_value,
        }


class RandomAffineLayer(RandomMovingLayer):
    """A layer that samples each image by a matrix drawn for it.

    Args:
        fill_mode: what is seen beyond the last pixel of a b c d: 'reflect' d c b, 'nearest' d d d,
            'wrap' a b c, 'constant' the fill_value.
        interpolation: 'bilinear' or 'nearest'.
        seed: an integer, for the same choices in every run.
        fill_value: for 'constant'.
        **kwargs: see `ImageLayer`.
    """

    def __init__(
        self,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        **kwargs: Any,
    ):
        super().__init__(interpolation, seed, fill_value, **kwargs)
        if fill_mode not in FILL_MODES:
            raise names.unknown("fill_mode", fill_mode, FILL_MODES)
        self.fill_mode = fill_mode

    def _sampled(self, images: Tensor, numbers: Tensor, interpolation: str) -> Tensor:
        matrices = self.matrices(numbers, images.shape[1:3])
        return affine.sample(images, matrices, None, interpolation, self.fill_mode, self.fill_value)

    def matrices(self, numbers: Tensor, size: Sequence[int]) -> Tensor:
        """Return a matrix for each image of that (height, width); see `affine.sample`."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "fill_mode": self.fill_mode}


def factor_range(
    owner: str, name: str, factor: Any, lowest: float, highest: float = 1.0
) -> tuple[float, float]:
    """Return the range of a factor: a number f stands for -f to f, cut off at `lowest`.

    Raises:
        ValueError: for what is neither a number nor two, and for numbers outside.
    """
    if isinstance(factor, (list, tuple)):
        ends = factor
    else:
        size = abs(checks.real_number(name, factor, owner=owner))
        ends = -size, size
    if len(ends) != 2:
        raise ValueError(f"{owner}: {name} is a number, or two. Received: {name}={factor!r}")
    low, high = (checks.real_number(name, end, -highest, highest, owner) for end in ends)
    return max(min(low, high), lowest), max(low, high)


def share_range(owner: str, name: str, factor: Any, lowest: float = 0.0) -> tuple[float, float]:
    """Return the range of a share: a number f stands for 0 to f.

    Raises:
        ValueError: for what is neither a number nor two, and for numbers outside `lowest` to 1.
    """
    ends = factor if isinstance(factor, (list, tuple)) else (0, factor)
    if len(ends) != 2:
        raise ValueError(f"{owner}: {name} is a number, or two. Received: {name}={factor!r}")
    low, high = (checks.real_number(name, end, lowest, 1, owner) for end in ends)
    return min(low, high), max(low, high)


def between(ends: tuple[float, float], numbers: Tensor) -> Tensor:
    """Spread numbers from 0 to 1 over a range."""
    return ends[0] + (ends[1] - ends[0]) * numbers
