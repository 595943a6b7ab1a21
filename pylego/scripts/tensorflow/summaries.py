"""`tf.summary`: numbers, histograms and pictures for TensorBoard, by its package."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Any

import numpy as np

from pylego.callbacks.event_files import EventFile
from pylego.utils import array_to_img

__all__ = ["create_file_writer", "experimental_set_step", "flush", "histogram", "image", "scalar"]


class SummaryWriter:
    """A folder that summaries are written into.

    Args:
        logdir: the folder.

    Raises:
        ImportError: when the package tensorboard is not installed.
    """

    def __init__(self, logdir: Any):
        self.file = EventFile(str(logdir))
        self.flush, self.close = self.file.flush, self.file.close

    @contextlib.contextmanager
    def as_default(self, step: Any = None) -> Iterator[SummaryWriter]:
        """Write here what the `with` block says."""
        former = dict(_now)
        _now.update(writer=self, step=former["step"] if step is None else step)
        try:
            yield self
        finally:
            _now.update(former)
            self.flush()


_now: dict[str, Any] = {"writer": None, "step": None}  # what `as_default` and `set_step` say


def create_file_writer(logdir: Any, *args: Any, **options: Any) -> SummaryWriter:
    """Return a writer into a folder; how it waits before it writes says nothing here."""
    return SummaryWriter(logdir)


def experimental_set_step(step: Any) -> None:
    """Say the step of what is written from now on without one."""
    _now["step"] = step


def flush(writer: SummaryWriter | None = None, name: Any = None) -> None:
    """Hand to the system what was written so far."""
    writer = writer or _now["writer"]
    if writer is not None:
        writer.flush()


def scalar(name: str, data: Any, step: Any = None, description: Any = None) -> bool:
    """Write a number; return whether there was a writer."""
    return _write("scalar", name, lambda: (float(data),), step)


def histogram(
    name: str, data: Any, step: Any = None, buckets: Any = None, description: Any = None
) -> bool:
    """Write how numbers are distributed; return whether there was a writer."""
    return _write("histogram", name, lambda: (np.asarray(data),), step)


def image(
    name: str, data: Any, step: Any = None, max_outputs: int = 3, description: Any = None
) -> bool:
    """Write pictures, uint8 or floats from 0 to 1, of shape (pictures, height, width, channels);
    return whether there was a writer."""

    def pictures() -> tuple[list[bytes], tuple[int, int]]:
        given = np.asarray(data)[:max_outputs]
        numbers = given if given.dtype == np.uint8 else np.clip(given, 0, 1) * 255.0
        return [_png(one) for one in numbers], given.shape[2:0:-1]

    return _write("image", name, pictures, step)


def _png(numbers: np.ndarray) -> bytes:
    file = io.BytesIO()
    array_to_img(numbers, scale=False).save(file, "png")
    return file.getvalue()


def _write(kind: str, name: str, values: Any, step: Any) -> bool:
    """As in TensorFlow, nothing is written without a writer, which several programs rely on."""
    writer, step = _now["writer"], _now["step"] if step is None else step
    if writer is None:
        return False
    if step is None:
        raise ValueError(f"tf.summary.{kind}({name!r}) needs a step: step=epoch")
    getattr(writer.file, kind)(name, *values(), int(step))
    return True
