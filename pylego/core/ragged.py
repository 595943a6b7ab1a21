"""Rows of unlike lengths: what texts are cut into, in front of a model.

No brick reads such rows: `to_tensor()` fills them up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from pylego.core.tensor import Tensor, convert_to_tensor
from pylego.core.text_array import TextArray, holds_texts, text_array


class RaggedTensor:
    """Rows of unlike lengths, of numbers or of texts, as `tf.RaggedTensor` has them.

    Args:
        flat_values: the rows, one after another: a tensor, or an array of texts.
        lengths: of the rows.

    Raises:
        ValueError: when the lengths do not add up to the number of values.

    >>> rows = RaggedTensor([1, 2, 3], [2, 0, 1])
    >>> rows.to_list(), rows.to_tensor().numpy().tolist()
    ([[1, 2], [], [3]], [[1, 2], [0, 0], [3, 0]])
    """

    def __init__(self, flat_values: Any, lengths: Any):
        self.flat_values = self.values = _tensor(flat_values)
        self._lengths = np.asarray(lengths, "int64")
        if len(self.flat_values) != self._lengths.sum():
            raise ValueError(
                f"{len(self.flat_values)} values are not rows of the lengths {list(lengths)}"
            )
        self._ends = self._lengths.cumsum()

    @classmethod
    def of_rows(cls, rows: Sequence[Any]) -> RaggedTensor:
        """Return rows that are lists, arrays or tensors."""
        filled = [np.asarray(row, object if holds_texts(row) else None) for row in rows if len(row)]
        values = np.concatenate(filled) if filled else np.zeros(0, "float32")
        is_plain = values.dtype in ("int64", "float64") and not hasattr(rows[0], "dtype")
        return cls(values.tolist() if is_plain else values, [len(row) for row in rows])

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The number of rows, None for their lengths, and the shape of each value."""
        return (len(self), None, *self.flat_values.shape[1:])

    @property
    def dtype(self) -> Any:
        """The dtype of the values."""
        return "string" if isinstance(self.flat_values, TextArray) else self.flat_values.dtype

    def with_flat_values(self, values: Any) -> RaggedTensor:
        """Return rows of the same lengths, of other values."""
        return RaggedTensor(values, self._lengths)

    def row_lengths(self) -> Tensor:
        """Return how long each row is."""
        return convert_to_tensor(self._lengths)

    @property
    def row_splits(self) -> Tensor:
        """Where each row begins among the values, and where the last one ends."""
        return convert_to_tensor(np.concatenate([[0], self._ends]))

    def nrows(self) -> Tensor:
        """Return how many rows there are."""
        return convert_to_tensor(np.int64(len(self)))

    def bounding_shape(self) -> Tensor:
        """Return the shape that the rows have once they are filled up."""
        widest = self._lengths.max(initial=0)
        shape = [len(self), widest, *self.flat_values.shape[1:]]
        return convert_to_tensor(np.array(shape, "int64"))

    def to_tensor(self, default_value: Any = None, shape: Any = None, name: Any = None) -> Any:
        """Return the rows filled up to one length, by default the greatest.

        Args:
            default_value: what they are filled up with; 0 or '' by default.
            shape: of what is returned, None where it is as usual; longer rows are cut.
            name: says nothing here.
        """
        width = int(self._lengths.max(initial=0))
        width = width if shape is None or shape[1] is None else int(shape[1])
        is_text = isinstance(self.flat_values, TextArray)
        values = np.asarray(self.flat_values)
        default = ("" if is_text else 0) if default_value is None else default_value
        made = np.full((len(self), width, *values.shape[1:]), default, values.dtype)
        starts = np.repeat(self._ends - self._lengths, self._lengths)
        columns = np.arange(len(values)) - starts
        is_kept = columns < width
        rows = np.repeat(np.arange(len(self)), self._lengths)
        made[rows[is_kept], columns[is_kept]] = values[is_kept]
        return text_array(made) if is_text else convert_to_tensor(made)

    def to_list(self) -> list[Any]:
        """Return lists; texts as bytes, as of TensorFlow."""
        return [row.numpy().tolist() for row in self]

    def numpy(self) -> np.ndarray:
        """Return an array; of arrays, where the rows have unlike lengths."""
        if len(set(self._lengths.tolist())) == 1:
            return self.to_tensor().numpy()
        made = np.empty(len(self), object)
        made[:] = [row.numpy() for row in self]
        return made

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[Any]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        rows, *rest = key if isinstance(key, tuple) else (key,)
        if not isinstance(rows, slice):
            begin = self._ends[int(rows)] - self._lengths[int(rows)]
            row = self.flat_values[int(begin) : int(self._ends[int(rows)])]
            return row[tuple(rest)] if rest else row
        chosen = [self[row] for row in range(*rows.indices(len(self)))]
        chosen = [row[tuple(rest)] for row in chosen] if rest else chosen
        if rest and not isinstance(rest[0], slice):
            return _tensor(np.stack([np.asarray(one) for one in chosen]))
        values = [np.asarray(row) for row in chosen] or [np.asarray(self.flat_values)[:0]]
        return RaggedTensor(np.concatenate(values), [len(row) for row in chosen])

    def __repr__(self) -> str:
        return f"<tf.RaggedTensor {self.to_list()}>"


def _tensor(values: Any) -> Any:
    if isinstance(values, Tensor):
        return values
    is_text = isinstance(values, TextArray) or holds_texts(values)
    return text_array(values) if is_text else convert_to_tensor(values)
