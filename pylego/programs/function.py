"""`pylego.function`: a Python function of tensors, recorded per signature and run as a program."""

from __future__ import annotations

import functools
import sys
import weakref
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from pylego import config, engine
from pylego.core.scope import innermost_layer
from pylego.core.tensor import Tensor, convert_to_tensor, operand
from pylego.core.tree import map_leaves
from pylego.programs.cache import Identity, ProgramCache
from pylego.programs.program import Program, is_input

WAY_OUT = (
    "leave @pylego.function off; pylego.config.run_functions_eagerly(True) does that for all "
    "functions"
)


class Function:
    """What `pylego.function` returns: call it like the Python function that it was made of."""

    def __init__(self, python_function: Callable, programs: ProgramCache | None = None):
        functools.update_wrapper(self, python_function)
        self.python_function = python_function
        self._programs = ProgramCache() if programs is None else programs
        self._of_instances: dict[int, tuple[weakref.ref, ProgramCache]] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function: run its program for arguments like these, or record that first."""
        if engine.is_recording() or innermost_layer() or config.functions_run_eagerly():
            return self.python_function(*args, **kwargs)
        tensors: list[Tensor] = []
        positional = tuple([_key(x, tensors) for x in args])
        key = positional, _key(kwargs, tensors) if kwargs else None
        program = self._program_for(args, kwargs, key)
        if program.is_watched() or any(engine.is_watched(x._handle) for x in tensors):
            args, kwargs = map_leaves(_as_tensor, (args, kwargs))  # gradients need its history
            return self.python_function(*args, **kwargs)
        return program.pack(program.run([x._handle for x in tensors if is_input(x)]))

    def _program_for(self, args: tuple, kwargs: dict, key: Hashable) -> Program:
        python_function, kind = self.python_function, ("function",)
        self._programs.refresh(python_function)
        return self._programs.find(kind, key) or self._programs.record(
            python_function,
            kind,
            key,
            lambda args, kwargs: python_function(*args, **kwargs),
            map_leaves(_as_input, (args, kwargs)),
            name=f"the function {getattr(python_function, '__name__', '')!r}",
            way_out=WAY_OUT,
            keeps_logits=True,
        )

    @property
    def programs(self) -> list[Program]:
        """The programs that are kept, the one that ran last at the end."""
        return list(self._programs)

    @property
    def program(self) -> Program:
        """The program that ran last.

        Raises:
            ValueError: before the first call.
        """
        if not len(self._programs):
            raise ValueError("Nothing is recorded before the function is called")
        return self.programs[-1]

    # ---- copies ----

    def __reduce__(self) -> str | tuple:
        """Return what `copy` and `pickle` find or make it by: its name, or its Python function."""
        owner = getattr(self.python_function, "__self__", None)
        name = getattr(self.python_function, "__name__", "")
        if isinstance(getattr(type(owner), name, None), Function):
            return getattr, (owner, name)
        if self._is_found_by_name():
            return self.python_function.__qualname__
        return Function, (self.python_function,)

    def _is_found_by_name(self) -> bool:
        path = getattr(self.python_function, "__qualname__", "")
        found = sys.modules.get(getattr(self.python_function, "__module__", ""))
        for name in path.split("."):
            found = getattr(found, name, None)
        return found is self

    # ---- methods ----

    def __get__(self, instance: Any, owner: type | None = None) -> Function:
        """Return the function of one instance, which has programs of its own."""
        if instance is None:
            return self
        bound = self.python_function.__get__(instance, owner)
        return type(self)(bound, self._programs_of(instance))

    def _programs_of(self, instance: Any) -> ProgramCache:
        number = id(instance)
        if number not in self._of_instances:
            forget = functools.partial(_forget, weakref.ref(self), number)
            self._of_instances[number] = (weakref.ref(instance, forget), ProgramCache())
        return self._of_instances[number][1]


def _forget(function: weakref.ref, number: int, _: Any) -> None:
    owner = function()
    if owner is not None:
        owner._of_instances.pop(number, None)


def function(python_function: Callable | None = None) -> Any:
    """Make a program of a function: a decorator.

    The first call with arguments of certain shapes and dtypes records what the function does with
    bricks, and later ones run that in the engine, without Python in between. Inside may be
    variables, tapes, layers, optimizers, and other such functions.

    Tensors and NumPy arrays among the arguments may have other numbers each time. Everything else
    is frozen: another value of a Python argument, or of what the function takes from outside, makes
    another program; only a `Variable` is read in each call. So `print` and counting in Python
    happen only while it is recorded. Variables may be made in the first call only, and have to be
    kept. The programs used last are kept, hundreds of them unless they are large; a method has
    programs per instance.

    Where a tape is open that needs the history of what happens inside, and inside of a layer's
    `call`, the Python function is run as it is.

    Copies and pickles of what it returns are, like those of a Python function, the function itself
    where a module has it by name; a method's belong to the copy of its instance. Programs are left
    behind.

    Args:
        python_function: of tensors and structures of them; it returns such, too.

    Returns a function to call instead. Its `program` is what ran last, `programs` all that is kept.

    Raises (when the new function is called):
        TypeError: when it looks at numbers of tensors, with the line that does.
        ValueError: when it makes a variable in each call.

    >>> from pylego import Variable, ops
    >>> total = Variable(0.0)
    >>> @function
    ... def add(x):
    ...     print("recorded")
    ...     total.assign_add(ops.sum(x))
    ...     return total * 1.0
    >>> add(np.array([1.0, 2.0])).item()
    recorded
    3.0
    >>> add(np.array([3.0, 4.0])).item()
    10.0
    """
    if python_function is None:
        return function
    if not callable(python_function):
        raise TypeError(
            f"pylego.function makes a program of a function. Received: {python_function!r}"
        )
    return Function(python_function)


def _as_tensor(x: Any) -> Any:
    if isinstance(x, np.generic):
        return x.item()
    return convert_to_tensor(x) if isinstance(x, np.ndarray) else x


def _as_input(x: Any) -> Any:
    """The same for a program, which has run before anyone can write an array again."""
    return operand(x) if isinstance(x, np.ndarray) else _as_tensor(x)


def _key(x: Any, tensors: list[Tensor]) -> Hashable:
    """What two calls must have in common to run the same program. The tensors of the call are
    appended in their order: each call walks its arguments once."""
    kind = type(x)
    if kind is Tensor:
        tensors.append(x)
        return engine.layout(x._handle)
    if issubclass(kind, (list, tuple)):
        return kind, *[_key(value, tensors) for value in x]
    if issubclass(kind, dict):
        return kind, *[(name, _key(value, tensors)) for name, value in x.items()]
    if issubclass(kind, (str, bytes, int)) or x is None:
        return kind, x
    if issubclass(kind, float):  # NumPy's float64 is one
        return float, repr(float(x))
    if issubclass(kind, (np.ndarray, np.generic)):
        return _key(_as_input(x), tensors)
    if issubclass(kind, Tensor):
        tensors.append(x)
        return engine.layout(x._handle) if is_input(x) else Identity(x)
    return Identity(x)
