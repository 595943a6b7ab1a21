"""Python's operators for tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pylego.core import dtypes
from pylego.core.placeholder import PlaceholderError


class Operators:
    """What `a + b` and its kin mean: the brick of that name, with NumPy's broadcasting.

    The tensor says how bricks are applied.
    """

    __slots__ = ()

    _apply: Callable[..., Any]
    _compare: Callable[..., Any]
    _matmul: Callable[..., Any]

    def get_shape(self: Any) -> Any:
        """Return the shape as TensorFlow had it: a tuple with `as_list()`."""
        from pylego.older.shapes import TensorShape

        return TensorShape(self.shape)

    @property
    def device(self) -> str:
        """Where the numbers are, as TensorFlow says it: on the CPU."""
        return "/job:localhost/replica:0/task:0/device:CPU:0"

    def set_shape(self: Any, shape: Any) -> None:
        """Check that a shape, in which None is any length, is this one: TensorFlow was told so.

        Raises:
            ValueError: if it is not.
        """
        known = tuple(shape)
        pairs = zip(known, self.shape)
        if len(known) != len(self.shape) or any(None not in (n, m) and n != m for n, m in pairs):
            raise ValueError(f"set_shape({known}): this has the shape {tuple(self.shape)}")

    def __add__(self, other: Any) -> Any:
        return self._apply("add", (self, other))

    def __radd__(self, other: Any) -> Any:
        return self._apply("add", (other, self))

    def __sub__(self, other: Any) -> Any:
        return self._apply("subtract", (self, other))

    def __rsub__(self, other: Any) -> Any:
        return self._apply("subtract", (other, self))

    def __mul__(self, other: Any) -> Any:
        return self._apply("multiply", (self, other))

    def __rmul__(self, other: Any) -> Any:
        return self._apply("multiply", (other, self))

    def __truediv__(self, other: Any) -> Any:
        return self._apply("divide", (self, other))

    def __rtruediv__(self, other: Any) -> Any:
        return self._apply("divide", (other, self))

    def __floordiv__(self, other: Any) -> Any:
        return self._apply("floor_divide", (self, other))

    def __rfloordiv__(self, other: Any) -> Any:
        return self._apply("floor_divide", (other, self))

    def __mod__(self, other: Any) -> Any:
        return self._apply("mod", (self, other))

    def __rmod__(self, other: Any) -> Any:
        return self._apply("mod", (other, self))

    def __pow__(self, other: Any) -> Any:
        return self._apply("power", (self, other))

    def __rpow__(self, other: Any) -> Any:
        return self._apply("power", (other, self))

    def __matmul__(self, other: Any) -> Any:
        return self._matmul(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return self._matmul(other, self)

    def __pos__(self) -> Any:
        return self

    def __neg__(self) -> Any:
        return self._apply("negative", (self,))

    def __abs__(self) -> Any:
        return self._apply("absolute", (self,))

    def __round__(self, ndigits: int | None = None) -> Any:
        """Round to the nearest number of that many decimals, halves to the even one."""
        if not ndigits:
            return self._apply("round", (self,))
        scale = 10.0**ndigits
        return self._apply("round", (self * scale,)) / scale

    # NumPy's meaning: of bools, whether both are true; of whole numbers, which bits both have.

    def __invert__(self: Any) -> Any:
        if self.dtype == "bool":
            return self._apply("logical_not", (self,))
        return self._apply("bitwise_xor", (self, dtypes.all_ones(self.dtype)))

    def __and__(self, other: Any) -> Any:
        return self._apply(self._kind_of_logic(other) + "_and", (self, other))

    def __rand__(self, other: Any) -> Any:
        return self._apply(self._kind_of_logic(other) + "_and", (other, self))

    def __or__(self, other: Any) -> Any:
        return self._apply(self._kind_of_logic(other) + "_or", (self, other))

    def __ror__(self, other: Any) -> Any:
        return self._apply(self._kind_of_logic(other) + "_or", (other, self))

    def __xor__(self, other: Any) -> Any:
        return self._apply(self._kind_of_logic(other) + "_xor", (self, other))

    def __rxor__(self, other: Any) -> Any:
        return self._apply(self._kind_of_logic(other) + "_xor", (other, self))

    def _kind_of_logic(self: Any, other: Any) -> str:
        """Bits of bools are the truth; Keras's files say `logical` of it."""
        if self.dtype != "bool":
            return "bitwise"
        dtype = getattr(other, "dtype", None) or np.asarray(other).dtype
        return "logical" if dtype == "bool" else "bitwise"

    def __lt__(self, other: Any) -> Any:
        return self._compare("less", (self, other))

    def __le__(self, other: Any) -> Any:
        return self._compare("less_equal", (self, other))

    def __gt__(self, other: Any) -> Any:
        return self._compare("greater", (self, other))

    def __ge__(self, other: Any) -> Any:
        return self._compare("greater_equal", (self, other))

    def __eq__(self, other: Any) -> Any:
        return NotImplemented if _is_no_number(other) else self._compare("equal", (self, other))

    def __ne__(self, other: Any) -> Any:
        return NotImplemented if _is_no_number(other) else self._compare("not_equal", (self, other))


def or_deferred(apply: Callable, method: str) -> Callable:
    """Return a function that applies operators, and leaves those on placeholders to that method of
    theirs."""

    def operate(first: Any, second: Any) -> Any:
        try:
            return apply(first, second)
        except PlaceholderError as error:
            placeholder = error.placeholder
        return getattr(placeholder, method)(first, second)

    return operate


def _is_no_number(other: Any) -> bool:
    """Whether == means identity, as Python has it for things of different kinds."""
    return other is None or isinstance(other, str)
