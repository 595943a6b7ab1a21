"""Networks for photos, said once for all peers, and the photos that they are given."""

from __future__ import annotations

import functools
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Application:
    """A network of `keras.applications` with random weights, on photos of side x side pixels."""

    name: str
    side: int = 224
    classes: int = 1000
    loss: str = "categorical_crossentropy"  # Keras's name
    is_binary: bool = False
    is_graph: bool = False

    @property
    def inputs(self) -> tuple[int, ...]:
        return (self.side, self.side, 3)

    def data(self, rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Photos of random numbers, and one class of each."""
        labels = rng.integers(0, self.classes, rows)
        x = rng.random((rows, *self.inputs), dtype=np.float32)
        return x, np.eye(self.classes, dtype=np.float32)[labels]


@dataclass(frozen=True)
class Transfer:
    """A frozen MobileNetV2 and a new head, which tells two folders of photos from each other."""

    side: int = 160
    photos: int = 200
    batch: int = 32
    epochs: int = 5


RESNET50 = Application("ResNet50")
MOBILENET = Application("MobileNetV2")
EFFICIENTNET = Application("EfficientNetB0")


@functools.cache
def folder_of_photos(count: int) -> tempfile.TemporaryDirectory:
    """Two classes of JPEG files, 256 x 192, half of the count each; smooth, as photos are."""
    from PIL import Image

    folder = tempfile.TemporaryDirectory()
    rng = np.random.default_rng(0)
    for number in range(count):
        path = Path(folder.name, "ab"[number % 2], f"{number:03}.jpg")
        path.parent.mkdir(exist_ok=True)
        spots = Image.fromarray(rng.integers(0, 256, (12, 16, 3), np.uint8))
        spots.resize((256, 192), Image.Resampling.BICUBIC).save(path, quality=90)
    return folder
