"""Shapes as TensorFlow had them: `x.shape.as_list()`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any


class TensorShape(tuple):
    """A shape that also is a list. Shapes are of this class where imports of Keras reach pylego.

    Args:
        lengths: of the axes; None for those that are not known.

    >>> shape = TensorShape((None, 2, 3))
    >>> shape.as_list(), shape[1:].num_elements(), [5] + shape[1:]
    ([None, 2, 3], 6, (5, 2, 3))
    """

    __slots__ = ()

    def as_list(self) -> list[int | None]:
        """Return the lengths as a list."""
        return list(self)

    @property
    def ndims(self) -> int:
        """How many axes there are."""
        return len(self)

    @property
    def rank(self) -> int:
        """How many axes there are."""
        return len(self)

    def is_fully_defined(self) -> bool:
        """Return whether all lengths are known."""
        return None not in self

    def num_elements(self) -> int | None:
        """Return how many numbers there are; None where a length is not known."""
        return math.prod(self) if self.is_fully_defined() else None

    def __getitem__(self, key: Any) -> Any:
        found = tuple.__getitem__(self, key)
        return TensorShape(found) if type(key) is slice else found

    def __add__(self, other: Iterable[Any]) -> TensorShape:
        return TensorShape((*self, *other))

    def __radd__(self, other: Iterable[Any]) -> TensorShape:
        return TensorShape((*other, *self))

    concatenate = __add__
