"""Variables: tensors whose numbers can be replaced, by `assign` and nothing else."""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from pylego import engine, names, versions
from pylego.core import dtypes, recording
from pylego.core.tensor import Tensor, apply, cast, convert_to_tensor, operand

# Programs know variables by where their numbers lie: those who print one look up the names here.
_alive: weakref.WeakValueDictionary[int, Variable] = weakref.WeakValueDictionary()


class _Thread(threading.local):
    former: dict[int, tuple[Variable, np.ndarray]] | None = None


_thread = _Thread()


@contextlib.contextmanager
def restored_variables() -> Iterator[None]:
    """Give variables that are assigned to inside the `with` block their numbers back after it."""
    around, _thread.former = _thread.former, {}
    try:
        yield
    finally:
        written, _thread.former = _thread.former, around
        for variable, numbers in written.values():
            variable.assign(numbers)


@contextlib.contextmanager
def lasting() -> Iterator[None]:
    """Run bricks at once inside the `with` block, and let what is assigned last: also within a
    recording, and within a block that restores variables."""
    around, _thread.former = _thread.former, None
    try:
        with recording.paused():
            yield
    finally:
        _thread.former = around


def variables_at(addresses: Iterable[int]) -> list[Variable]:
    """List the variables whose numbers lie at these addresses."""
    return [variable for variable in map(_alive.get, addresses) if variable is not None]


class Variable(Tensor):
    """A tensor whose numbers can be replaced: weights, optimizer states, metric totals.

    A copy of it, `copy.copy(variable)` as well, has the same name, and numbers of its own.

    Args:
        initializer: the first numbers, or a function of (shape, dtype) that makes them.
        shape: needed when `initializer` is a function.
        dtype: by default that of the numbers, or `config.floatx()`.
        trainable: whether an open `GradientTape` watches it.
        autocast: accepted for Keras's sake.
        aggregation: accepted for Keras's sake.
        synchronization: accepted for Keras's sake.
        name: by default 'variable', 'variable_1', ...

    Raises:
        ValueError: when `initializer` is a function and no shape is given, or the numbers do not
            have the shape; or when each call of what is recorded would make one.

    >>> v = Variable([1.0, 2.0])
    >>> v.assign_add([10.0, 10.0]).numpy().tolist()
    [11.0, 12.0]
    """

    __slots__ = ("_is_trainable", "constraint", "name", "path", "regularizer")
    _carried = ("constraint", "name", "path", "regularizer", "trainable")

    def __init__(
        self,
        initializer: Any,
        shape: Sequence[int] | None = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: str = "none",
        synchronization: str = "auto",
        name: str | None = None,
    ):
        if isinstance(initializer, Tensor):
            initializer = initializer.numpy()
        with recording.paused():  # what lasts longer than a recording needs numbers now
            first = _first_numbers(initializer, shape, dtype)
            super().__init__(engine.variable_from(first.numpy(), trainable))
        self._is_trainable = trainable
        self.name = name or names.unique_name("variable")
        recording.note_variable(self.name)
        _alive[engine.address(self._handle)] = self
        self.path = self.name
        self.regularizer: Any = None
        self.constraint: Any = None

    def _take(self, numbers: np.ndarray) -> None:
        # Also a shallow copy has numbers of its own: they are what a variable is.
        recording.note_variable("a copy")
        Tensor.__init__(self, engine.variable_from(numbers, True))
        _alive[engine.address(self._handle)] = self

    @property
    def trainable(self) -> bool:
        """Whether an open `GradientTape` watches it."""
        return self._is_trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._is_trainable = bool(value)
        engine.set_trainable(self._handle, self._is_trainable)
        versions.note()

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in ("constraint", "regularizer"):
            versions.note()

    @property
    def value(self) -> Tensor:
        """The numbers as they are now, in a tensor that later assignments leave alone."""
        return apply("copy", (self,))

    def numpy(self) -> np.ndarray:
        """Return a copy of the numbers as they are now.

        Raises:
            TypeError: while something is recorded: there the numbers would never change again.
        """
        return super().numpy().copy()

    def _check_numbers(self) -> None:
        if engine.is_recording():
            raise recording.refusal(f"the variable {self.path!r}")

    def __dlpack__(self, **options: Any) -> Any:
        return self.numpy().__dlpack__(**options)

    def assign(self, value: Any) -> Variable:
        """Replace the numbers.

        Raises:
            ValueError: when the shapes differ.
        """
        if type(value) is not Tensor or value.dtype != self.dtype:
            value = cast(value, self.dtype)
        if value.shape != self.shape:
            raise ValueError(
                f"The shape of variable {self.path!r} is {self.shape}, that of the value assigned "
                f"to it {value.shape}"
            )
        former = _thread.former
        if former is not None and id(self) not in former and not engine.is_recording():
            former[id(self)] = (self, self.numpy())
        apply("assign", (self, value))
        return self

    def assign_add(self, value: Any) -> Variable:
        """Add to the numbers."""
        return self.assign(self + value)

    def assign_sub(self, value: Any) -> Variable:
        """Subtract from the numbers."""
        return self.assign(self - value)

    def __repr__(self) -> str:
        info = f"path={self.path}, shape={self.shape}, dtype={self.dtype}"
        if engine.is_recording():
            return f"<Variable {info}>"
        values = np.array2string(self.numpy(), threshold=100, edgeitems=3)
        return f"<Variable {info}, value={values}>"


def _first_numbers(initializer: Any, shape: Sequence[int] | None, dtype: Any) -> Tensor:
    if callable(initializer):
        if shape is None:
            raise ValueError(
                "a Variable made by a function needs a shape: Variable(initializer, shape=(2, 3))"
            )
        initializer = initializer(tuple(shape), dtype=dtypes.standardize_dtype(dtype))
    first = _read(initializer, dtype)
    if shape is not None and first.shape != tuple(shape):
        raise ValueError(
            f"a Variable of shape {tuple(shape)} cannot begin with numbers of shape {first.shape}"
        )
    return first


def _read(numbers: Any, dtype: Any) -> Tensor:
    """Read the first numbers; an array where it lies, for the variable gets a copy."""
    if not isinstance(numbers, np.ndarray):
        return convert_to_tensor(numbers, dtype)
    first = operand(numbers)
    return first if dtype is None else cast(first, dtype)
