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
    lengths: frozenset[int] = frozenset()  # of batches


_thread = _Thread()


class Data:
    """Speak of these data inside the `with` block.

    Args:
        x: the shape of all inputs.
        y: the shape of all targets, where there are any.
        batch_size: how many rows a batch has.
    """

    def __init__(self, x: Shape, y: Shape | None, batch_size: int):
        rows = x[0] or 0
        self._ours = x, y, frozenset({min(batch_size, rows), rows % batch_size} - {0})

    def __enter__(self) -> None:
        self._former = _thread.x, _thread.y, _thread.lengths
        _thread.x, _thread.y, _thread.lengths = self._ours

    def __exit__(self, *error: object) -> None:
        _thread.x, _thread.y, _thread.lengths = self._former


def shape(of_batch: Shape) -> Shape:
    """Return the shape with the number of all rows in place of the batch's.

    >>> with Data((60000, 4), (60000,), 32):
    ...     shape((32, 7)), shape((5, 7))
    ((60000, 7), (5, 7))
    >>> shape((32, 7))
    (32, 7)
    """
    if _thread.x is None or not of_batch or of_batch[0] not in _thread.lengths:
        return of_batch
    return (_thread.x[0], *of_batch[1:])


def y_shape() -> Shape | None:
    """Return the shape of the targets that were given."""
    return _thread.y
