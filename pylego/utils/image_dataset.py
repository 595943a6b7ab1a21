"""Batches of images out of files, read by a few threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pylego import random
from pylego.core.tensor import convert_to_tensor
from pylego.ops.image import METHODS, resize
from pylego.utils import image_utils
from pylego.utils.class_folders import LabelledFiles
from pylego.utils.dataset import Dataset
from pylego.utils.numerical import to_categorical

if TYPE_CHECKING:
    from concurrent.futures import Future

_THREADS = 4  # that read files: Pillow decodes without Python's lock


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
        """Return the image in a file, resized."""
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
        array = image_utils.img_to_array(image, "channels_last", "float32")
        if not is_ours or array.shape[:2] == self.size:
            return array
        return resize(array, self.size, self.interpolation, data_format="channels_last").numpy()

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of an image."""
        channels = image_utils.COLOR_MODES[self.color_mode]
        is_first = self.data_format == "channels_first"
        return (channels, *self.size) if is_first else (*self.size, channels)


class ImageDataset(Dataset):
    """Batches of images out of files, read by a few threads, one batch ahead of its use.

    It can be passed through again and again, and given to `fit`, `evaluate` and `predict`. A batch
    is a tensor of images, or such tensors of (images, labels). Its length is the number of batches
    of a pass. What `Dataset` has (`take`, `skip`, `map`, `shuffle`, `repeat` ...) makes others of
    it.

    Attributes:
        file_paths: the files, in the order in which they were listed.
        class_names: the names of the classes; None where there are no labels.
    """

    def __init__(
        self,
        files: LabelledFiles,
        reading: Reading,
        label_mode: str | None,
        batch_size: int | None,
        seed: int | None,
    ):
        self.file_paths = files.paths
        self.class_names = files.class_names
        self._labels = None if label_mode is None else _encoded(files, label_mode)
        self._reading = reading
        self._batch_size = batch_size
        self._order = None if seed is None else random.SeedGenerator(seed)

    def __len__(self) -> int:
        return -(-len(self.file_paths) // (self._batch_size or 1))

    def __iter__(self) -> Iterator[Any]:
        count = len(self.file_paths)
        order = np.arange(count) if self._order is None else random.permutation(count, self._order)
        size = self._batch_size or 1
        return self._read_ahead([order[i : i + size] for i in range(0, count, size)])

    def get_training_state(self) -> Any:
        """Return what later orders depend on, for a training that goes on elsewhere."""
        return None if self._order is None else self._order.state.numpy()

    def set_training_state(self, state: Any) -> None:
        """Go on from what `get_training_state` returned."""
        if self._order is not None:
            self._order.state.assign(state)

    def __repr__(self) -> str:
        shape = ", ".join(map(str, self._reading.shape))
        return (
            f"<ImageDataset: {len(self.file_paths)} images of shape ({shape}), {len(self)} steps>"
        )

    def _read_ahead(self, batches: list[np.ndarray]) -> Iterator[Any]:
        """While one batch is used, the next one is read."""
        from concurrent.futures import ThreadPoolExecutor  # not needed by those without images

        pool = ThreadPoolExecutor(_THREADS)
        try:
            reading: deque[tuple[np.ndarray, list[Future]]] = deque()
            for places in batches:
                read = self._reading.read
                reading.append((places, [pool.submit(read, self.file_paths[i]) for i in places]))
                if len(reading) > 1:
                    yield self._batch(*reading.popleft())
            if reading:
                yield self._batch(*reading.popleft())
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _batch(self, places: np.ndarray, images: list[Future]) -> Any:
        x = convert_to_tensor(np.stack([image.result() for image in images]))
        y = None if self._labels is None else convert_to_tensor(self._labels[places])
        if self._batch_size is None:
            x, y = x[0], None if y is None else y[0]
        return x if y is None else (x, y)


def _encoded(files: LabelledFiles, label_mode: str) -> np.ndarray:
    """The labels as the loss wants them."""
    assert files.labels is not None
    assert files.class_names is not None
    if label_mode == "categorical":
        return to_categorical(files.labels, len(files.class_names)).astype("float32")
    return files.labels.astype("float32")[:, None] if label_mode == "binary" else files.labels
