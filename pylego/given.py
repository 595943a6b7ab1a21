"""What a running `fit`, `evaluate` or `predict` was given, for messages of what goes wrong in it.

Layers and losses see batches. A user who gave 60,000 rows looks for that number, and not for the
32 of a batch; so messages say shapes by `shape`.
"""

from __future__ import annotations

import threading

Shape = tuple[int | None, ...]


class _Thread(threading.local):
    x: Shape | None = None
    y: Shape | None = None
    batch_size = 0


_thread = _Thread()


class Data:
    """Speak of these data inside the `with` block.

    Args:
        x: the shape of all inputs.
        y: the shape of all targets, where there are any.
        batch_size: how many rows a batch has.
    """

    def __init__(self, x: Shape, y: Shape | None, batch_size: int):
        self._ours = x, y, batch_size

    def __enter__(self) -> None:
        self._former = _thread.x, _thread.y, _thread.batch_size
        _thread.x, _thread.y, _thread.batch_size = self._ours

    def __exit__(self, *error: object) -> None:
        _thread.x, _thread.y, _thread.batch_size = self._former


def shape(of_batch: Shape) -> Shape:
    """Return the shape with the number of all rows in place of the batch's.

    >>> with Data((60000, 4), (60000,), 32):
    ...     shape((32, 7)), shape((5, 7))
    ((60000, 7), (5, 7))
    >>> shape((32, 7))
    (32, 7)
    """
    if _thread.x is None or not of_batch:
        return of_batch
    rows = _thread.x[0] or 0
    is_whole = of_batch[0] in {min(_thread.batch_size, rows), rows % _thread.batch_size} - {0}
    return (rows, *of_batch[1:]) if is_whole else of_batch


def y_shape() -> Shape | None:
    """Return the shape of the targets that were given."""
    return _thread.y
