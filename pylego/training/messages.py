"""What messages of training say: which data do not fit, and how many rows were given."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from pylego import given
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
    y_shape = None if rows.y is None else rows.y.shape
    return given.data(rows.x.shape, y_shape, adapter.batch_size)


@contextlib.contextmanager
def labels_named(adapter: Adapter | data.Rows, owner: str = "") -> Iterator[None]:
    """Put the index in y into errors about labels: the engine knows only the index in a batch."""
    try:
        yield
    except IndexError as error:
        y = getattr(getattr(adapter, "rows", adapter), "y", None)
        told = data.bad_label(y, str(error))
        if told is None:
            raise
        raise IndexError(f"{owner}{told}") from error
