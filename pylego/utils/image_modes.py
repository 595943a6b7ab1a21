"""What the pixels of Pillow's many modes mean: brought to gray, rgb or rgba of 8 bits."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

MODES = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}
_BETWEEN = {"La": "LA", "LAB": "RGB"}  # ways that Pillow does not find by itself
_LARGEST = {"I": 2**16 - 1, "F": 255}  # what those may hold; more is cut off


def in_color_mode(image: Image, color_mode: str) -> Image:
    """Return an image of any mode of Pillow with pixels of 8 bits.

    Args:
        image: of Pillow.
        color_mode: 'grayscale', 'rgb' or 'rgba'.

    >>> from PIL import Image
    >>> gray = Image.fromarray(np.array([[0, 1800, 18000, 63000]], "uint16"))
    >>> np.asarray(in_color_mode(gray, "grayscale")).tolist()
    [[0, 7, 70, 246]]
    """
    mode = MODES[color_mode]
    if image.mode in _LARGEST or image.mode.startswith("I;16"):
        image = _of_bytes(image)
    image = image.convert(_BETWEEN[image.mode]) if image.mode in _BETWEEN else image
    return image if image.mode == mode else image.convert(mode)


def _of_bytes(image: Image) -> Image:
    """Grays of more than 8 bits, as L; as LA where one of them stands for transparent."""
    import PIL.Image

    numbers = np.asarray(image)
    gray = PIL.Image.fromarray(_upper_bytes(numbers, image.mode))
    transparent = image.info.get("transparency")
    if not isinstance(transparent, int):
        return gray
    alpha = np.where(numbers == transparent, 0, 255).astype("uint8")
    return PIL.Image.merge("LA", (gray, PIL.Image.fromarray(alpha)))


def _upper_bytes(numbers: np.ndarray, mode: str) -> np.ndarray:
    """Of 16 bits the upper eight, as image formats are read everywhere; floats lose fractions."""
    largest = _LARGEST.get(mode, 2**16 - 1)
    darkest, limit = (1, 1) if mode == "F" else (0, 255)
    kept = np.clip(np.nan_to_num(numbers), 0, largest)
    pixels = (kept if mode == "F" else kept // 256).astype("uint8")
    if not np.array_equal(kept, numbers):
        _warn(f"pixels from 0 to {largest}; what is less or more is cut off", mode)
    elif numbers.any() and pixels.max() <= darkest:
        _warn(f"pixels from 0 to {largest}, and has none above {limit}: it is black", mode)
    return pixels


def _warn(text: str, mode: str) -> None:
    warnings.warn(
        f"An image of Pillow's mode {mode!r} is read as having {text}. Numbers of another range "
        "are read by np.asarray(PIL.Image.open(path))",
        stacklevel=2,
    )
