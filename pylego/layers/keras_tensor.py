"""The placeholder that `Input` returns: a shape and a dtype that stand for numbers to come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

from pylego import names, ops
from pylego.core import dtypes


class KerasTensor:
    """A shape and a dtype without numbers; the first element of `Sequential([Input((784,)), ...])`.

    NumPy's functions and Python's operators, float(), bool(), len(), loops and indices are refused
    with a TypeError: they need numbers.

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

    # ---- refusals: NumPy and Python would make something else of it ----

    def _refuse(self, what: str, instead: str = "compute") -> NoReturn:
        raise TypeError(
            f"{self!r} has no numbers for {what}: it stands for what goes into a model, as in "
            "Sequential([Input((784,)), ...]). In the call() of a layer or a model there are "
            f"tensors: {instead} there"
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        self._refuse("an array")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        self._refuse(f"np.{ufunc.__name__}", _instead_of(ufunc.__name__))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function is np.shape:
            return self.shape
        if function is np.ndim:
            return self.ndim
        self._refuse(f"np.{function.__name__}", _instead_of(function.__name__))


def _instead_of(name: str) -> str:
    return f"use ops.{name}" if name in ops.__dict__ else "compute with the functions of ops"


def _refusing(what: str) -> Callable:
    def method(self: KerasTensor, *_: Any) -> NoReturn:
        self._refuse(what)

    return method


_REFUSED = {
    "float()": ("float",),
    "int()": ("int",),
    "bool(), which `if` asks for": ("bool",),
    "len()": ("len",),
    "a loop": ("iter",),
    "`in`": ("contains",),
    "an index": ("getitem",),
    "+": ("add", "radd"),
    "-": ("sub", "rsub", "neg"),
    "*": ("mul", "rmul"),
    "/": ("truediv", "rtruediv"),
    "//": ("floordiv", "rfloordiv"),
    "%": ("mod", "rmod"),
    "**": ("pow", "rpow"),
    "@": ("matmul", "rmatmul"),
    "abs()": ("abs",),
    "<": ("lt",),
    "<=": ("le",),
    ">": ("gt",),
    ">=": ("ge",),
}
for _what, _names in _REFUSED.items():
    for _name in _names:
        setattr(KerasTensor, f"__{_name}__", _refusing(_what))
