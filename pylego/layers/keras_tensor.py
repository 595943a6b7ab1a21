"""The placeholder that `Input` returns: a shape and a dtype that stand for numbers to come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import dtypes, names


class KerasTensor:
    """A shape and a dtype without numbers; the first element of `Sequential([Input((784,)), ...])`.

    Args:
        shape: with None for lengths that are not known yet; the first counts samples.
        dtype: by default `config.floatx()`.
        name: by default 'keras_tensor', 'keras_tensor_1', ...
        layer: the `InputLayer` it came out of.

    >>> KerasTensor((None, 784), name="image")
    <KerasTensor shape=(None, 784), dtype=float32, name=image>
    """

    def __init__(
        self,
        shape: Sequence[int | None],
        dtype: str | None = None,
        name: str | None = None,
        layer: Any = None,
    ):
        self.shape = tuple(shape)
        self.dtype = dtypes.standardize_dtype(dtype)
        self.name = name or names.unique_name("keras_tensor")
        self.layer = layer

    @property
    def ndim(self) -> int:
        """How many axes it has."""
        return len(self.shape)

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"
