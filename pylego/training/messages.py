"""What messages of training say: which data do not fit, and how many rows were given."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from pylego import given
from pylego.core.tensor import Tensor
from pylego.training import data
from pylego.training.data_adapter import Adapter, RowAdapter


@contextlib.contextmanager
def named(data: str) -> Iterator[None]:
    """Put the name of the data in front of messages of errors inside the `with` block."""
    try:
        yield
    except (ValueError, IndexError) as error:
        if type(error) not in (ValueError, IndexError):
            raise
        raise type(error)(f"{data}: {error}") from error


def given_rows(adapter: Adapter) -> contextlib.AbstractContextManager[None]:
    """Messages inside the `with` block show the shapes of all rows, not of a batch."""
    if not isinstance(adapter, RowAdapter):
        return contextlib.nullcontext()
    rows = adapter.rows
    x_shape = getattr(rows.x, "shape", (len(rows),))  # one number is the same for all inputs
    return given.Data(x_shape, getattr(rows.y, "shape", None), adapter.batch_size)


class NamedLabels:
    """Put the index in y into errors about labels: the engine knows only the index in a batch.

    Args:
        adapter: has the targets, as its rows or in itself.
        owner: what a message begins with.
    """

    def __init__(self, adapter: Adapter | data.Rows, owner: str = ""):
        self._adapter = adapter
        self._owner = owner

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if not isinstance(error, IndexError):
            return
        rows = getattr(self._adapter, "rows", self._adapter)
        told = data.told_label(getattr(rows, "y", None), error)
        if told is not None:
            raise IndexError(f"{self._owner}{told}") from error


def of_all_rows(error: ValueError, tensors: list) -> ValueError:
    """Return the error with the shapes that were given in place of a batch's."""
    message = str(error)
    for tensor in tensors:
        if isinstance(tensor, Tensor):
            message = message.replace(str(tensor.shape), str(given.shape(tensor.shape)))
    return ValueError(message)


def label_advice(name: str, outputs: list) -> str:
    """Say what mends labels outside of the classes that the model's outputs stand for."""
    if len(outputs) > 1:
        return "Labels that begin at 1 are mended by y - 1"
    classes = outputs[0].shape[-1] if outputs[0].shape else 1
    if classes == 1:
        return (
            f"{name!r} ends in a single unit: for yes and no use loss='binary_crossentropy' with "
            "activation='sigmoid', for more classes give the last layer one unit per class"
        )
    return (
        f"{name!r} ends in {classes} units. Labels that begin at 1 are mended by y - 1; for more "
        "classes give the last layer more units"
    )
