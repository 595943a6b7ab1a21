"""Write what each epoch gave into a table."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pylego.callbacks.callback import Callback, Logs


class CSVLogger(Callback):
    """Write a row of a CSV file after each epoch: its number, from 0, and the logs.

    The columns are those of the first epoch, in the order of their names. Where it has none of
    validation, a column for each of them is left open, 'NA', since validation may come later.

    Args:
        filename: where to; folders that are missing are made.
        separator: what is between two columns; ',' by default.
        append: whether rows are added to a file that is there, as when training goes on; by default
            it is written anew.

    Raises:
        ValueError: for a separator that is not one character.
        OSError: in training, where the file cannot be written.

    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "log.csv"
    >>> log = CSVLogger(path)
    >>> log.on_train_begin()
    >>> log.on_epoch_end(0, {"loss": 0.5, "val_loss": 0.75})
    >>> path.read_text().split()
    ['epoch,loss,val_loss', '0,0.5,0.75']
    """

    def __init__(self, filename: str | os.PathLike, separator: str = ",", append: bool = False):
        if not isinstance(separator, str) or len(separator) != 1:
            raise ValueError(
                f"CSVLogger: the separator is one character. Received: separator={separator!r}"
            )
        self.filename = os.fsdecode(filename)
        self.sep = separator
        self.append = append
        self._columns: list[str] | None = None  # None: nothing is written yet

    def get_training_state(self) -> dict[str, Any]:
        return {"columns": self._columns or []}

    def set_training_state(self, state: dict[str, Any]) -> None:
        """Rows of the process that was interrupted stay: `on_train_begin` has written nothing."""
        if state["columns"]:
            self._columns = list(state["columns"])

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._columns = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        logs = logs or {}
        if self._columns is None:
            self._begin(logs)
        self._write([epoch, *(_written(logs.get(name, "NA")) for name in self._columns or ())])

    def _begin(self, logs: Logs) -> None:
        """Empty the file, or go on below what is there; an empty one gets its heading."""
        self._columns = _columns_of(logs)
        os.makedirs(os.path.dirname(self.filename) or ".", exist_ok=True)
        if not self.append or not os.path.exists(self.filename):
            Path(self.filename).write_bytes(b"")
        if os.path.getsize(self.filename) == 0:
            self._write(["epoch", *self._columns])

    def _write(self, row: list[Any]) -> None:
        """A row is in the file at once: other programs may read it while training goes on."""
        with open(self.filename, "a", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter=self.sep).writerow(row)


def _columns_of(logs: Logs) -> list[str]:
    names = sorted(logs)
    if any(name.startswith("val_") for name in names):
        return names
    return names + [f"val_{name}" for name in names]


def _written(value: Any) -> Any:
    """Numbers as they are; several as '[1, 2]'."""
    if isinstance(value, str) or not isinstance(value, Iterable) or getattr(value, "ndim", 1) == 0:
        return value
    return f"[{', '.join(map(str, value))}]"
