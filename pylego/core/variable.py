"""Variables: tensors whose numbers can be replaced, by `assign` and nothing else."""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from pylego import engine, lazy, names, versions
from pylego.core import dtypes, recording
from pylego.core.name_scope import path_of
from pylego.core.tensor import Tensor, apply, cast, convert_to_tensor, operand

# Words of `aggregation` and `synchronization`, which say what several machines do with a variable.
_AGGREGATIONS = ("none", "mean", "sum", "only_first_replica")
_SYNCHRONIZATIONS = ("none", "auto", "on_read", "on_write")

# Initializers compute with variables, so they are looked up when somebody names one.
_INITIALIZERS = lazy.Names("pylego.initializers")

# Programs know variables by where their numbers lie: those who print one look up the names here.
_alive: weakref.WeakValueDictionary[int, Variable] = weakref.WeakValueDictionary()


class _Rules(NamedTuple):
    """What assigning means inside of the `with` blocks that are open."""

    former: dict[int, tuple[Variable, np.ndarray]] | None = None  # numbers that come back
    replaced: frozenset[int] = frozenset()  # ids of variables that other tensors stand for
    condition: Tensor | None = None  # where what is recorded counts
    captured: dict[int, tuple[Variable, Any]] | None = None  # their own memory, which comes back


_PLAIN = _Rules()


class _Thread(threading.local):
    rules = _PLAIN


_thread = _Thread()


@contextlib.contextmanager
def _under(rules: _Rules) -> Iterator[None]:
    around, _thread.rules = _thread.rules, rules
    try:
        yield
    finally:
        _thread.rules = around


@contextlib.contextmanager
def restored_variables() -> Iterator[None]:
    """Give variables that are assigned to inside the `with` block their numbers back after it."""
    written: dict[int, tuple[Variable, np.ndarray]] = {}
    try:
        with _under(_thread.rules._replace(former=written)):
            yield
    finally:
        for variable, numbers in written.values():
            variable.assign(numbers)


@contextlib.contextmanager
def captured_variables(
    pairs: Iterable[tuple[Variable, Any]],
) -> Iterator[dict[int, tuple[Variable, Any]]]:
    """Let tensors stand for all variables that are assigned to inside the `with` block: they have
    their own numbers again after it. No other thread may use these variables meanwhile.

    Args:
        pairs: variables, and the values that stand for them from the beginning.

    Gives the variables that tensors stand for, by id, each with its own memory.

    Raises:
        ValueError: when a value has another shape than its variable.
    """
    pairs = [(variable, _standing_for(variable, value)) for variable, value in pairs]
    captured: dict[int, tuple[Variable, Any]] = {}
    try:
        for variable, value in pairs:
            captured.setdefault(id(variable), (variable, variable._handle))
            variable._handle = value._handle
        with _under(_thread.rules._replace(captured=captured)):
            yield captured
    finally:
        for variable, own in captured.values():
            variable._handle = own


@contextlib.contextmanager
def lasting() -> Iterator[None]:
    """Run bricks at once inside the `with` block, and let what is assigned last: also within a
    recording, and within a block that restores variables."""
    with _under(_thread.rules._replace(former=None)), recording.paused():
        yield


@contextlib.contextmanager
def replaced_variables(variables: Sequence[Variable], values: Sequence[Any]) -> Iterator[None]:
    """Let tensors stand for variables inside the `with` block: code that reads a variable computes
    with its tensor, gradients reach the tensor, and what is assigned replaces the tensor only.

    Args:
        variables: that are replaced, in this thread's code; no other thread may use them meanwhile.
        values: one for each, of its shape.

    Raises:
        ValueError: when a shape differs, or there are more or fewer of them.
    """
    if len(variables) != len(values):
        raise ValueError(
            f"{len(values)} values were given for {len(variables)} variables: "
            f"{', '.join(variable.path for variable in variables) or 'none'}"
        )
    pairs = list(zip(variables, values))
    handles = [_standing_for(variable, value)._handle for variable, value in pairs]
    own = [variable._handle for variable in variables]
    rules = _thread.rules
    try:
        for variable, handle in zip(variables, handles):
            variable._handle = handle
        with _under(rules._replace(replaced=rules.replaced | set(map(id, variables)))):
            yield
    finally:
        for variable, handle in zip(variables, own):
            variable._handle = handle


@contextlib.contextmanager
def assigned_where(condition: Tensor) -> Iterator[None]:
    """Let what is assigned inside the `with` block count only where the condition, a boolean, is
    true: else variables keep their numbers."""
    rules = _thread.rules
    if rules.condition is not None:
        condition = apply("logical_and", (rules.condition, condition))
    with _under(rules._replace(condition=condition)):
        yield


def next_key(counter: Variable) -> Tensor:
    """Return what a variable of shape (2,) and dtype int64 holds, the key of a draw: a seed and how
    often was drawn before. The draw is counted."""
    key = engine.next_key(counter) if _thread.rules is _PLAIN else None
    if key is None:
        key = counter.value
        counter.assign(apply("add", (key, _ONE_DRAW)))
    return key


_ONE_DRAW = convert_to_tensor(np.array([0, 1], np.int64))


def _standing_for(variable: Variable, value: Any) -> Tensor:
    tensor = value if isinstance(value, Tensor) else convert_to_tensor(value, variable.dtype)
    if tensor.shape != variable.shape:
        raise ValueError(
            f"The variable {variable.path!r} has shape {variable.shape}; the value given for it has"
            f" shape {tensor.shape}"
        )
    return tensor if tensor.dtype == variable.dtype else cast(tensor, variable.dtype)


def variables_at(addresses: Iterable[int]) -> list[Variable]:
    """List the variables whose numbers lie at these addresses."""
    return [variable for variable in map(_alive.get, addresses) if variable is not None]


class Variable(Tensor):
    """A tensor whose numbers can be replaced: weights, optimizer states, metric totals.

    A copy of it, `copy.copy(variable)` as well, has the same name, and numbers of its own.

    Args:
        initializer: the first numbers, or what makes them: a function of (shape, dtype), or an
            initializer by name ('zeros'), class, object or description.
        shape: needed when the numbers are made; a whole number stands for one axis.
        dtype: by default that of the numbers, or `config.floatx()`.
        trainable: whether an open `GradientTape` watches it.
        autocast: whether layers that compute in another dtype read it in that one.
        aggregation: 'none', 'mean', 'sum' or 'only_first_replica'; kept for Keras's sake.
        synchronization: 'auto', 'none', 'on_read' or 'on_write'; kept for Keras's sake.
        name: without '/'; by default 'variable', 'variable_1', ...
        overwrite_with_gradient: whether an optimizer puts the gradient in place of the numbers.

    Raises:
        ValueError: when the numbers are to be made and no shape is given, or they do not have the
            shape; for words that are not known, and a name with '/', which parts paths; or when
            each call of what is recorded would make one.

    >>> v = Variable([1.0, 2.0])
    >>> v.assign_add([10.0, 10.0]).numpy().tolist()
    [11.0, 12.0]
    >>> Variable("ones", shape=(2,)).numpy().tolist()
    [1.0, 1.0]
    """

    __slots__ = (
        "_is_trainable", "aggregation", "constraint", "name", "overwrite_with_gradient", "path",
        "regularizer", "synchronization",
    )  # fmt: skip
    _carried = (
        "_is_autocast", "aggregation", "constraint", "name", "overwrite_with_gradient", "path",
        "regularizer", "synchronization", "trainable",
    )  # fmt: skip

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
        *,
        overwrite_with_gradient: bool = False,
    ):
        _check_words(name, aggregation, synchronization)
        if isinstance(initializer, Tensor):
            dtype = initializer.dtype if dtype is None else dtype
            initializer = initializer.numpy()
        with recording.paused():  # what lasts longer than a recording needs numbers now
            first = _first_numbers(initializer, shape, dtype)
            memory = engine.array_over(first._handle)
            super().__init__(engine.variable_from(memory, bool(trainable), first.dtype))
        self._is_trainable = bool(trainable)
        self._is_autocast = bool(autocast)
        self.name = name or names.unique_name("variable")
        recording.note_variable(self.name)
        _alive[engine.address(self._handle)] = self
        self.path = path_of(self.name)
        self.regularizer: Any = None
        self.constraint: Any = None
        self.aggregation = aggregation
        self.synchronization = synchronization
        self.overwrite_with_gradient = bool(overwrite_with_gradient)

    def _take(self, numbers: np.ndarray, dtype: str) -> None:
        # Also a shallow copy has numbers of its own: they are what a variable is.
        recording.note_variable("a copy")
        Tensor.__init__(self, engine.variable_from(numbers, True, dtype))
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
        if name in ("constraint", "regularizer") and not (value is None or callable(value)):
            raise ValueError(
                f"The {name} of a variable is a function of its numbers, or None. "
                f"Received: {name}={value!r}"
            )
        if name == "overwrite_with_gradient" and not isinstance(value, bool):
            raise TypeError(f"overwrite_with_gradient must be True or False. Received: {value!r}")
        super().__setattr__(name, value)
        if name in ("constraint", "overwrite_with_gradient", "regularizer"):
            versions.note()

    def _kind_of_logic(self, other: Any) -> str:
        """As Keras has it: `variable & other` is about truth, whatever the dtypes."""
        return "logical"

    @property
    def autocast(self) -> bool:
        """Whether layers that compute in another dtype read it in that one."""
        return self._is_autocast

    @property
    def value(self) -> Tensor:
        """The numbers as they are now, in a tensor that later assignments leave alone; inside the
        call of a layer that computes in another dtype they come in that one."""
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
        self._check_numbers()
        return apply("copy", (self._handle,)).__dlpack__(**options)

    def assign(self, value: Any) -> Variable:
        """Replace the numbers.

        Raises:
            ValueError: when the shapes differ.
        """
        if _thread.rules is _PLAIN and engine.change(self, "assign", value):
            return self
        dtype = self._handle.dtype  # its own, also where a layer reads it in another
        if type(value) is not Tensor or value.dtype != dtype:
            value = cast(value, dtype)
        if value.shape != self.shape:
            raise ValueError(
                f"The shape of variable {self.path!r} is {self.shape}, that of the value assigned "
                f"to it {value.shape}"
            )
        rules = _thread.rules
        if rules is _PLAIN:
            apply("assign", (self._handle, value))
        else:
            self._assign_by(rules, value)
        return self

    def _assign_by(self, rules: _Rules, value: Tensor) -> None:
        if rules.condition is not None:
            value = apply("where", (rules.condition, value, self._handle))
        captured = rules.captured
        if captured is not None and id(self) not in rules.replaced:
            captured.setdefault(id(self), (self, self._handle))
        if captured is not None or id(self) in rules.replaced:
            self._handle = value._handle
            return
        former = rules.former
        if former is not None and id(self) not in former and not engine.is_recording():
            former[id(self)] = (self, self.numpy())
        apply("assign", (self._handle, value))

    def assign_add(self, value: Any) -> Variable:
        """Add to the numbers."""
        return self._change("add", value)

    def assign_sub(self, value: Any) -> Variable:
        """Subtract from the numbers."""
        return self._change("subtract", value)

    def _change(self, brick: str, value: Any) -> Variable:
        """Assign what the brick makes of the numbers and the value; where they lie, if it can."""
        if _thread.rules is _PLAIN and engine.change(self, brick, value):
            return self
        own = Tensor(self._handle)  # in its own dtype, also where a layer reads it in another
        return self.assign(self._apply(brick, (own, value)))

    def __repr__(self) -> str:
        info = f"path={self.path}, shape={self.shape}, dtype={self.dtype}"
        if engine.is_recording():
            return f"<Variable {info}>"
        values = np.array2string(self.numpy(), threshold=100, edgeitems=3)
        return f"<Variable {info}, value={values}>"


def _check_words(name: Any, aggregation: Any, synchronization: Any) -> None:
    if name is not None and (not isinstance(name, str) or "/" in name):
        raise ValueError(
            "The name of a variable is a string without '/', which parts the names of a path. "
            f"Received: name={name!r}"
        )
    if aggregation not in _AGGREGATIONS and aggregation is not None:
        raise names.unknown("aggregation", str(aggregation), _AGGREGATIONS)
    if synchronization not in _SYNCHRONIZATIONS and synchronization is not None:
        raise names.unknown("synchronization", str(synchronization), _SYNCHRONIZATIONS)


def _first_numbers(initializer: Any, shape: Any, dtype: Any) -> Tensor:
    wanted = None if shape is None else checked_shape(shape)
    if initializer is None:
        raise ValueError(
            "A Variable begins with numbers, or with what makes them: Variable('zeros', shape=(2,))"
            ". Received: None"
        )
    if isinstance(initializer, (str, type, Mapping)):
        initializer = _INITIALIZERS["get"](initializer)
    if callable(initializer):
        if wanted is None:
            raise ValueError(
                "a Variable made by a function needs a shape: Variable(initializer, shape=(2, 3))"
            )
        dtype = dtypes.standardize_dtype(dtype)
        words = {"dtype": dtype} if _takes_dtype(initializer) else {}
        initializer = initializer(wanted, **words)
    first = _read(initializer, dtype)
    if wanted is not None and first.shape != wanted:
        raise ValueError(
            f"a Variable of shape {wanted} cannot begin with numbers of shape {first.shape}"
        )
    return first


def _takes_dtype(initializer: Any) -> bool:
    """Whether it is a function of (shape, dtype); in Keras 1 it was one of (shape, name)."""
    code = getattr(initializer, "__code__", None)
    if code is None:
        return True
    count = code.co_argcount + code.co_kwonlyargcount
    takes_any = bool(code.co_flags & 0x08)  # **options
    return (
        takes_any or "name" not in code.co_varnames[:count] or "dtype" in code.co_varnames[:count]
    )


def checked_shape(shape: Any) -> tuple[int, ...]:
    """Return the shape of a variable as a tuple; a whole number stands for one axis.

    Raises:
        ValueError: for a length that is not known, negative, or not a whole number.
    """
    lengths = (shape,) if hasattr(shape, "__index__") else shape
    is_shape = isinstance(lengths, (list, tuple)) and all(
        hasattr(length, "__index__") and int(length) >= 0 for length in lengths
    )
    if not is_shape:
        raise ValueError(
            "The shape of a variable is a tuple of whole numbers, such as (784, 10): it has all of "
            f"its numbers at once, so no length is free. Received: shape={shape!r}"
        )
    return tuple(map(int, lengths))


def _read(numbers: Any, dtype: Any) -> Tensor:
    """Read the first numbers; an array where it lies, for the variable gets a copy."""
    if not isinstance(numbers, np.ndarray):
        return convert_to_tensor(numbers, dtype)
    first = operand(numbers)
    return first if dtype is None else cast(first, dtype)
