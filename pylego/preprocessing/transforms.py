"""Random changes of images: drawn for each image by a key of its own, done to a batch at once.

Images are arrays (images, height, width, channels). x counts columns, y rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from pylego import names, random
from pylego.core.tensor import convert_to_tensor
from pylego.ops import affine

_DRAWS = 12  # numbers for each image: more than are used, so that one more changes no other


@dataclass(frozen=True)
class Transforms:
    """What happens to images; each field has a number for each image.

    Args:
        theta: by how many degrees it is turned, counter-clockwise.
        tx: how many columns further right is sampled.
        ty: how many rows further down is sampled.
        shear: by how many degrees it is sheared.
        zx: how much is seen of the width: 2 shows twice as much.
        zy: how much is seen of the height.
        flip_horizontal: whether left and right are swapped.
        flip_vertical: whether top and bottom are swapped.
        channel_shift_intensity: what is added, within the range of the image; None: nothing.
        brightness: by what it is multiplied; None: by nothing.
    """

    theta: Any = 0.0
    tx: Any = 0.0
    ty: Any = 0.0
    shear: Any = 0.0
    zx: Any = 1.0
    zy: Any = 1.0
    flip_horizontal: Any = False
    flip_vertical: Any = False
    channel_shift_intensity: Any = None
    brightness: Any = None

    @property
    def moves_pixels(self) -> bool:
        """Whether any image is sampled at other places."""
        rest = Transforms()
        moving = [field.name for field in fields(self)][:8]
        return any(np.any(getattr(self, name) != getattr(rest, name)) for name in moving)

    def of_image(self, number: int) -> dict[str, Any]:
        """Return what happens to one of the images, as a dictionary."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {k: v[number].item() if isinstance(v, np.ndarray) else v for k, v in values.items()}


@dataclass(frozen=True)
class Ranges:
    """From what is drawn; arguments as for `ImageDataGenerator`."""

    rotation: float = 0.0
    width_shift: Any = 0.0
    height_shift: Any = 0.0
    brightness: tuple[float, float] | None = None
    shear: float = 0.0
    zoom: tuple[float, float] = (1.0, 1.0)
    channel_shift: float = 0.0
    horizontal_flip: bool = False
    vertical_flip: bool = False

    def draw(self, keys: Any, size: Sequence[int]) -> Transforms:
        """Draw transforms for images of a (height, width), one for each key."""
        numbers = random.uniform_rows(keys, _DRAWS, "float64").numpy().T
        return Transforms(
            theta=_between(-self.rotation, self.rotation, numbers[0]),
            ty=_shift(self.height_shift, size[0], numbers[1]),
            tx=_shift(self.width_shift, size[1], numbers[2]),
            shear=_between(-self.shear, self.shear, numbers[3]),
            zx=_between(*self.zoom, numbers[4]),
            zy=_between(*self.zoom, numbers[5]),
            flip_horizontal=(numbers[6] < 0.5) & self.horizontal_flip,
            flip_vertical=(numbers[7] < 0.5) & self.vertical_flip,
            channel_shift_intensity=(
                _between(-self.channel_shift, self.channel_shift, numbers[8])
                if self.channel_shift
                else None
            ),
            brightness=None if self.brightness is None else _between(*self.brightness, numbers[9]),
        )


def _between(low: float, high: float, numbers: np.ndarray) -> np.ndarray:
    return low + (high - low) * numbers


def _shift(given: Any, length: int, numbers: np.ndarray) -> np.ndarray:
    """One of a list, either way; or from a range. Numbers below 1 are shares of the length."""
    unit = length if np.max(given) < 1 else 1
    if np.ndim(given) == 0:
        return _between(-given, given, numbers) * unit
    both_ways = np.concatenate([np.asarray(given), -np.asarray(given)])
    return both_ways[(numbers * len(both_ways)).astype(int)] * float(unit)


# ---- what is done ---------------------------------------------------------------------------


def moved(
    images: np.ndarray, transforms: Transforms, fill_mode: str, cval: float, order: int
) -> np.ndarray:
    """Turn, shift, shear, scale and flip images, in one pass over their pixels.

    'constant' is what scipy means by it, whom Keras asks here: beyond the last pixel all is cval.
    """
    if not transforms.moves_pixels:
        return images
    matrices = _matrices(len(images), transforms, images.shape[1:3])
    interpolation = affine.INTERPOLATIONS[order]
    tensor = convert_to_tensor(images)
    mode = "cut" if fill_mode == "constant" else fill_mode
    return affine.sample(tensor, matrices, None, interpolation, mode, cval).numpy()


def _matrices(count: int, t: Transforms, size: Sequence[int]) -> Any:
    """Rotation (shift + shear zoom flip p), for places p from the center."""
    theta, shear = np.deg2rad(t.theta), np.deg2rad(t.shear)
    cos, sin = np.cos(theta), np.sin(theta)
    zx = np.where(t.flip_horizontal, -1.0, 1.0) * t.zx
    zy = np.where(t.flip_vertical, -1.0, 1.0) * t.zy
    xx, xy = cos * zx, (-cos * np.sin(shear) - sin * np.cos(shear)) * zy
    yx, yy = sin * zx, (-sin * np.sin(shear) + cos * np.cos(shear)) * zy
    shift = (sin * t.tx + cos * t.ty, cos * t.tx - sin * t.ty)
    return affine.about_center(count, ((yy, yx), (xy, xx)), size, shift)


def recolored(images: np.ndarray, transforms: Transforms) -> np.ndarray:
    """Shift all channels of images, then change their brightness."""
    if transforms.channel_shift_intensity is not None:
        low, high = images.min((1, 2, 3), keepdims=True), images.max((1, 2, 3), keepdims=True)
        images = np.clip(images + _each(transforms.channel_shift_intensity, images), low, high)
    return images if transforms.brightness is None else _brightened(images, transforms.brightness)


def _brightened(images: np.ndarray, brightness: Any) -> np.ndarray:
    """Images have the range 0 to 255, or their own where they leave that."""
    low, high = images.min((1, 2, 3), keepdims=True), images.max((1, 2, 3), keepdims=True)
    is_usual = (low >= 0) & (high <= 255)
    low, high = np.where(is_usual, 0, low), np.where(is_usual, 255, high)
    bright = low + np.clip((images - low) * _each(brightness, images), 0, high - low)
    return bright.astype(images.dtype)


def _each(numbers: Any, images: np.ndarray) -> np.ndarray:
    return np.asarray(numbers, images.dtype).reshape(-1, 1, 1, 1)


def from_parameters(parameters: dict[str, Any]) -> Transforms:
    """Make the transforms of one image of a dictionary, as `get_random_transform` returns it."""
    known = [field.name for field in fields(Transforms)]
    for name in parameters:
        if name not in known:
            raise names.unknown_argument("apply_transform", name, known)
    return replace(Transforms(), **parameters)
