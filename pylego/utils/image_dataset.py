"""Batches of images out of files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pylego.core.tensor import Tensor, cast, convert_to_tensor
from pylego.ops.image import METHODS, resize
from pylego.utils import image_utils
from pylego.utils.file_choice import Part
from pylego.utils.file_dataset import FileDataset


@dataclass(frozen=True)
class Reading:
    """How a file becomes an array.

    Args:
        color_mode: 'rgb', 'rgba' or 'grayscale'.
        size: (height, width) of the array.
        interpolation: how the image is resized.
        fit: 'stretch', 'crop' or 'pad': what happens to images of other proportions.
        data_format: 'channels_last' or 'channels_first'.
    """

    color_mode: str
    size: tuple[int, int]
    interpolation: str
    fit: str
    data_format: str

    def read(self, path: str) -> np.ndarray:
        """Return the image in a file, resized: as bytes where Pillow gives them, else float32."""
        image = image_utils.load_img(path, self.color_mode)
        image = image_utils.with_proportions(image, self.size, self.fit)
        array = self._resized(image)
        return array.transpose(2, 0, 1) if self.data_format == "channels_first" else array

    def _resized(self, image: Any) -> np.ndarray:
        """By the engine, as Keras does it, without averaging; in other ways by Pillow."""
        is_ours = self.interpolation in METHODS
        if not is_ours:
            name = "box" if self.interpolation == "area" else self.interpolation
            image = image_utils.resized(image, self.size, name)
        pixels = np.asarray(image)
        pixels = pixels[..., None] if pixels.ndim == 2 else pixels
        if not is_ours or pixels.shape[:2] == self.size:
            return pixels
        floats = cast(pixels, "float32")  # by the engine, whose memory has been used before
        return resize(floats, self.size, self.interpolation, data_format="channels_last").numpy()

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of an image."""
        channels = image_utils.COLOR_MODES[self.color_mode]
        is_first = self.data_format == "channels_first"
        return (channels, *self.size) if is_first else (*self.size, channels)


class ImageDataset(FileDataset):
    """Batches of images: a batch is a tensor of images, or such tensors of (images, labels).

    Args:
        part: which files.
        reading: how a file becomes an array.
    """

    def __init__(self, part: Part, reading: Reading):
        super().__init__(part)
        self._reading = reading

    def read(self, path: str) -> np.ndarray:
        """Return the image in a file."""
        return self._reading.read(path)

    def room(self, count: int) -> np.ndarray:
        """Return an array for so many images."""
        return np.empty((count, *self._reading.shape), "float32")

    def joined(self, rows: np.ndarray) -> Tensor:
        """Return images as one tensor."""
        rows.flags.writeable = False  # so that the tensor shares their memory
        return convert_to_tensor(rows)

    def __repr__(self) -> str:
        shape = ", ".join(map(str, self._reading.shape))
        return (
            f"<ImageDataset: {len(self.file_paths)} images of shape ({shape}), {len(self)} steps>"
        )
