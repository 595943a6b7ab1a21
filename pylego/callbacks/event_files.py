"""Files that TensorBoard reads, through the tensorboard package's own writer and messages.

Each number, table or picture is a summary: a tag, a tensor, and the name of the plugin that shows
it. TensorFlow is not needed.
"""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np

BUCKETS = 30  # of a histogram, as many as TensorBoard's own


def _tensorboard() -> Any:
    """The writer; its import takes half a second, so it waits until there is something to write."""
    try:
        from tensorboard.summary.writer import event_file_writer
    except ImportError as error:
        raise ImportError(
            "The TensorBoard callback needs the tensorboard package: pip install tensorboard, or "
            "pip install 'pylego[tensorboard]'"
        ) from error
    return event_file_writer


class EventFile:
    """A file of summaries in a folder.

    Raises:
        ImportError: when the package tensorboard is not installed.
    """

    def __init__(self, folder: str):
        self._writer = _tensorboard().EventFileWriter(folder)

    def scalar(self, tag: str, value: float, step: int) -> None:
        """A number, float32, as TensorBoard keeps it."""
        from tensorboard.plugins.scalar import metadata

        about = metadata.create_summary_metadata(display_name=None, description=None)
        self._add(tag, np.float32(value), about, step)

    def histogram(self, tag: str, values: np.ndarray, step: int) -> None:
        """How many values lie in each of 30 buckets between the least and the largest."""
        from tensorboard.plugins.histogram import metadata

        about = metadata.create_summary_metadata(display_name=None, description=None)
        self._add(tag, buckets_of(values), about, step)

    def image(self, tag: str, pictures: list[bytes], size: tuple[int, int], step: int) -> None:
        """Pictures as PNG, all as wide and high."""
        from tensorboard.plugins.image import metadata

        about = metadata.create_summary_metadata(display_name=None, description=None)
        lines = [str(length).encode() for length in size]
        self._add(tag, np.array([*lines, *pictures], dtype=object), about, step)

    def model(self, tag: str, description: dict[str, Any]) -> None:
        """The layers of a model, which the page of graphs draws."""
        from tensorboard.compat.proto.summary_pb2 import SummaryMetadata

        about = SummaryMetadata()
        about.plugin_data.plugin_name = "graph_keras_model"
        about.plugin_data.content = b"1"  # the version of the format
        self._add(tag, np.array(json.dumps(description).encode(), dtype=object), about, 0)

    def _add(self, tag: str, value: Any, about: Any, step: int) -> None:
        import time

        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.util import tensor_util

        summary = Summary()
        tensor = tensor_util.make_tensor_proto(value)
        summary.value.add(tag=tag, tensor=tensor, metadata=about)
        self._writer.add_event(Event(wall_time=time.time(), step=step, summary=summary))

    def flush(self) -> None:
        """Hand to the system what was added so far."""
        self._writer.flush()

    def close(self) -> None:
        """End the file."""
        self._writer.close()


def buckets_of(values: np.ndarray) -> np.ndarray:
    """Return rows of a bucket's left edge, right edge and count, of shape (30, 3) and float64.

    Equal values are all in the last bucket, which has no width. NaN and infinite ones are not
    counted.

    >>> buckets_of(np.array([0.0, 3.0]))[[0, -1]].round(1).tolist()
    [[0.0, 0.1, 1.0], [2.9, 3.0, 1.0]]
    """
    finite = np.asarray(values, np.float64).ravel()
    finite = finite[np.isfinite(finite)]
    if finite.size == 0:
        return np.zeros((BUCKETS, 3))
    low, high = finite.min(), finite.max()
    if low == high:
        counts = np.zeros(BUCKETS)
        counts[-1] = finite.size
        return np.stack([np.full(BUCKETS, low), np.full(BUCKETS, low), counts], axis=1)
    counts, edges = np.histogram(finite, BUCKETS)
    return np.stack([edges[:-1], edges[1:], counts], axis=1)


def pictures_of(weight: np.ndarray) -> np.ndarray | None:
    """Return a weight as grey pictures, of shape (pictures, height, width) and uint8, or None.

    A vector is a line; a matrix lies on its longer side; of three axes the last counts pictures.
    The least value is black and the largest white.
    """
    squeezed = np.squeeze(weight)
    if squeezed.ndim == 1:
        grid = squeezed[None, None, :]
    elif squeezed.ndim == 2:
        grid = (squeezed.T if squeezed.shape[0] > squeezed.shape[1] else squeezed)[None]
    elif squeezed.ndim == 3:
        grid = np.moveaxis(squeezed, -1, 0)
    else:
        return None
    low, high = float(grid.min()), float(grid.max())
    shares = (grid - low) / (high - low) if high > low else np.zeros(grid.shape)
    return np.round(255 * shares).astype(np.uint8)


def png_of(grey: np.ndarray) -> bytes:
    """Return a grey picture of shape (height, width) and uint8 as the bytes of a PNG.

    Raises:
        ImportError: without Pillow.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError("write_images needs Pillow: pip install pillow") from error
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "png")
    return file.getvalue()
