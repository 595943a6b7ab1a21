"""The placeholder that `Input` and layers return: shape and dtype of numbers to come.

Calls of layers, of functions of `ops` and of Python's operators on it become nodes of a graph.
What they mean is said in `operation.py`, which stands above this file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any, NamedTuple, NoReturn

import numpy as np

from pylego import names, ops
from pylego.core import dtypes
from pylego.core.operators import Operators
from pylego.core.placeholder import Placeholder, PlaceholderError
from pylego.core.text_array import TEXT
from pylego.keras_imports import is_as_keras

_INSTEAD = "compute with layers and functions of ops"


class KerasHistory(NamedTuple):
    """Where a placeholder comes from: an operation, which of its calls, which output of that."""

    operation: Any
    node_index: int
    tensor_index: int


class KerasTensor(Operators, Placeholder):
    """A shape and a dtype without numbers: what goes into layers, and comes out, in a graph.

    Layers, functions of `ops`, Python's operators and indices take it and return others. NumPy's
    functions, float(), bool(), len() and loops are refused with a TypeError: they need numbers.

    Args:
        shape: with None for lengths that are not known yet; the first counts samples.
        dtype: by default `config.floatx()`; 'string' for texts, which are read in front of a
            model's program.
        sparse: only False: there are no sparse tensors.
        ragged: only False: there are no ragged tensors.
        name: by default 'keras_tensor', 'keras_tensor_1', ...

    Raises:
        ValueError: for sparse or ragged tensors.

    >>> image = KerasTensor((None, 784), name="image")
    >>> image
    <KerasTensor shape=(None, 784), dtype=float32, sparse=False, ragged=False, name=image>
    >>> (image[:, :100] * 2).shape
    (None, 100)
    """

    _keras_history: KerasHistory  # once it is the output of an operation

    def __init__(
        self,
        shape: Sequence[int | None],
        dtype: str | None = None,
        sparse: bool = False,
        ragged: bool = False,
        name: str | None = None,
    ):
        if sparse or ragged:
            raise ValueError("pylego has no sparse or ragged tensors: leave sparse and ragged out")
        self.shape = _checked(shape)
        self.dtype = TEXT if dtype == TEXT else dtypes.standardize_dtype(dtype)
        self.sparse = self.ragged = False
        self._name = name

    @property
    def name(self) -> str:
        """Its name; one that was given none gets a number when somebody asks."""
        if self._name is None:
            self._name = names.unique_name("keras_tensor")
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._name = name

    @property
    def ndim(self) -> int:
        """How many axes it has."""
        return len(self.shape)

    @property
    def node(self) -> Any:
        """The call that it is an output of; None where it stands at the beginning."""
        history = vars(self).get("_keras_history")
        return None if history is None else history.operation._inbound_nodes[history.node_index]

    def _kind_of_logic(self, other: Any) -> str:
        """As Keras has it: `x & y` in a graph is about truth, whatever the dtypes."""
        return "logical"

    def __invert__(self) -> KerasTensor:
        return ops.logical_not(self)  # type: ignore[return-value]

    def reshape(self, *shape: Any) -> KerasTensor:
        """Return a placeholder for the same numbers in another shape."""
        return ops.reshape(self, shape[0] if len(shape) == 1 else shape)  # type: ignore[return-value]

    def squeeze(self, axis: int | Sequence[int] | None = None) -> KerasTensor:
        """Return a placeholder for the same numbers without axes of length 1."""
        return ops.squeeze(self, axis)  # type: ignore[return-value]

    @property
    def T(self) -> KerasTensor:  # noqa: N802 - NumPy's name
        """A placeholder for the same numbers with the axes in reverse order."""
        return ops.transpose(self)  # type: ignore[return-value]

    def __repr__(self) -> str:
        return (
            f"<KerasTensor shape={self.shape}, dtype={self.dtype}, sparse={self.sparse}, "
            f"ragged={self.ragged}, name={self.name}>"
        )

    def __getitem__(self, key: Any) -> KerasTensor:
        raise NotImplementedError  # see operation.py

    __hash__ = object.__hash__  # == is an operation of the graph

    def __getstate__(self) -> dict[str, Any]:
        """Return what copies and pickles carry over: not the graph, which its `Function` does."""
        return {name: value for name, value in vars(self).items() if name != "_keras_history"}

    # ---- refusals: NumPy and Python would make something else of it ----

    def _refuse(self, what: str, instead: str = _INSTEAD) -> NoReturn:
        raise PlaceholderError(
            self,
            f"{self!r} has no numbers for {what}: it stands for what goes through a model, as in "
            f"Model(inputs, outputs). For a graph, and in the call() of a layer, {instead}",
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        self._refuse("an array")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        name = _OF_OPERATORS.get(ufunc.__name__)  # array + placeholder asks NumPy first
        if name is not None and method == "__call__" and not options:
            return self._apply(name, inputs)
        self._refuse(f"np.{ufunc.__name__}", _instead_of(ufunc.__name__))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function is np.shape:
            return self.shape
        if function is np.ndim:
            return self.ndim
        self._refuse(f"np.{function.__name__}", _instead_of(function.__name__))


def is_keras_tensor(x: Any) -> bool:
    """Return whether x is a placeholder, as `Input` and layers called on it return.

    >>> is_keras_tensor(KerasTensor((None, 3))), is_keras_tensor(np.ones(3))
    (True, False)
    """
    return isinstance(x, KerasTensor)


# NumPy's names of Python's operators, and ours.
_OF_OPERATORS = {
    **dict.fromkeys(("add", "subtract", "multiply", "divide", "power", "matmul", "floor_divide")),
    **dict.fromkeys(("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")),
}
_OF_OPERATORS.update({name: name for name in _OF_OPERATORS}, true_divide="divide", remainder="mod")


def _checked(shape: Any) -> tuple[int | None, ...]:
    """The shape as a tuple; refused when its lengths are not integers from 0 on or None."""
    lengths = tuple(shape) if isinstance(shape, (tuple, list)) else (shape, "no tuple")
    for length in lengths:
        if length is not None and not (isinstance(length, Integral) and int(length) >= 0):
            raise ValueError(
                "The shape of a placeholder is a tuple of integers from 0 on, and None for lengths "
                f"that are free. Received: shape={shape!r}"
            )
    if is_as_keras():
        from pylego.older.shapes import TensorShape

        return TensorShape(lengths)
    return lengths


def _instead_of(name: str) -> str:
    return f"use ops.{name}" if name in ops.__all__ else "compute with the functions of ops"


def _refusing(what: str) -> Callable:
    def method(self: KerasTensor, *_: Any) -> NoReturn:
        self._refuse(what)

    return method


_REFUSED = {
    "float()": "float",
    "int()": "int",
    "bool(), which `if` asks for": "bool",
    "len()": "len",
    "a loop": "iter",
    "`in`": "contains",
}
for _what, _name in _REFUSED.items():
    setattr(KerasTensor, f"__{_name}__", _refusing(_what))
