"""`tf.ragged`, `tf.RaggedTensor`, `tf.SparseTensor` and `tf.sparse`: made of lists, and made
ordinary tensors of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pylego import ops
from pylego.core import ragged
from pylego.core.tensor import Tensor

__all__ = ["RaggedTensor", "SparseTensor", "constant", "from_dense", "stack", "to_dense"]


class RaggedTensor(ragged.RaggedTensor):
    """Makes rows of unlike lengths, of lists, lengths or places."""

    @staticmethod
    def from_row_lengths(values: Any, row_lengths: Any) -> ragged.RaggedTensor:
        """Return rows of such lengths."""
        return ragged.RaggedTensor(values, np.asarray(row_lengths).tolist())

    @staticmethod
    def from_row_splits(values: Any, row_splits: Any) -> ragged.RaggedTensor:
        """Return rows that begin and end at such places.

        >>> RaggedTensor.from_row_splits([3, 1, 4], [0, 2, 3])
        <tf.RaggedTensor [[3, 1], [4]]>
        """
        return ragged.RaggedTensor(values, np.diff(np.asarray(row_splits)).tolist())

    @staticmethod
    def from_tensor(tensor: Any, lengths: Any = None, padding: Any = None) -> ragged.RaggedTensor:
        """Return the rows of a tensor: their beginnings, or without the padding at their ends."""
        table = np.asarray(tensor)
        if lengths is None:
            counts = np.arange(1, table.shape[1] + 1)
            is_kept = np.full(table.shape, True) if padding is None else table != padding
            lengths = (is_kept * counts).max(1, initial=0)
        return ragged.RaggedTensor.of_rows([row[:n] for row, n in zip(table, np.asarray(lengths))])


def constant(pylist: Sequence[Any], dtype: Any = None, name: Any = None) -> ragged.RaggedTensor:
    """Return the rows of lists.

    >>> constant([[1, 2], [3]]).to_tensor().numpy().tolist()
    [[1, 2], [3, 0]]
    """
    made = ragged.RaggedTensor.of_rows(pylist)
    return made if dtype is None else made.with_flat_values(ops.cast(made.flat_values, dtype))


def stack(values: Sequence[Any], axis: int = 0, name: Any = None) -> ragged.RaggedTensor:
    """Return tensors as rows."""
    return ragged.RaggedTensor.of_rows(values)


class SparseTensor:
    """Numbers, and their places in a tensor of zeros.

    Args:
        indices: a row of places for each number; a number alone where there is one axis.
        values: the numbers.
        dense_shape: of the tensor.
    """

    def __init__(self, indices: Any, values: Any, dense_shape: Any):
        self.values = ops.convert_to_tensor(values)
        self.dense_shape = self.shape = tuple(int(n) for n in dense_shape)
        self.indices = ops.reshape(ops.cast(indices, "int64"), (-1, len(self.shape)))
        self.dtype = self.values.dtype


def to_dense(sp_input: SparseTensor, default_value: Any = None, name: Any = None) -> Tensor:
    """Return the tensor, with zeros or another number elsewhere.

    >>> to_dense(SparseTensor([[0, 1]], [5.0], [2, 2])).numpy().tolist()
    [[0.0, 5.0], [0.0, 0.0]]
    """
    made = np.full(sp_input.shape, default_value or 0, sp_input.dtype)
    made[tuple(np.asarray(sp_input.indices).T)] = np.asarray(sp_input.values)
    return ops.convert_to_tensor(made)


def from_dense(tensor: Any, name: Any = None) -> SparseTensor:
    """Return the numbers of a tensor that are not 0, and their places."""
    table = np.asarray(tensor)
    places = np.argwhere(table)
    return SparseTensor(places, table[tuple(places.T)], table.shape)
