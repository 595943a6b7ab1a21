"""Shapes as TensorFlow had them: `x.get_shape().as_list()`."""

from __future__ import annotations


class TensorShape(tuple):
    """A shape that also is a list.

    >>> TensorShape((None, 3)).as_list()
    [None, 3]
    """

    def as_list(self) -> list[int | None]:
        """Return the lengths as a list."""
        return list(self)

    @property
    def ndims(self) -> int:
        """How many axes there are."""
        return len(self)
