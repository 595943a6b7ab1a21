"""What a recording depends on: the plain Python values that the code it recorded can read.

A program freezes Python values: rates, flags, the list of layers. Variables are not frozen, since
programs read them at each run. Two readings of equal `state` mean that the same recording is right.

pylego's own objects are `Versioned`: one number tells that none of them was set. Code of the user
may read anything else, so it is asked what it names: closures, globals, attributes, class
attributes. What it can reach in this way is remembered as it was, and looked at before each run:
containers by the identity of their items, arrays by their numbers. What no code names costs
nothing, and may change.
"""

from __future__ import annotations

import array
import contextlib
import dis
import functools
import itertools
import operator
import sys
import types
import weakref
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any

import numpy as np

from pylego import config
from pylego.core.variable import Variable
from pylego.versions import Versioned

MOST_OBJECTS = 1000  # of the user's: what lies behind so many is compared by identity
LONGEST_LIST = 1000  # longer ones are data, compared by identity and length
DEEPEST = 40  # containers in containers: what lies deeper is compared by identity

_PLAIN = frozenset({str, int, bool, bytes, complex, type(None), type(...), range})
_CONTAINERS = (list, tuple, dict, set, frozenset, deque)
_BUFFERS = (array.array, bytearray)
_CODE = (types.FunctionType, types.MethodType, functools.partial)
_OF_CODE = ("__code__", "__defaults__", "__kwdefaults__")  # of a function
_INERT = (types.CodeType, types.GetSetDescriptorType, types.MemberDescriptorType)
_END = object()
_ENDS = (_END,)

# What only computes, so that a call may be left out. Whatever else a user's code names may answer
# differently each time, or do something: clocks, files, random numbers.
_COMPUTING = frozenset({
    "abc", "builtins", "collections", "dataclasses", "enum", "functools", "itertools", "math",
    "numbers", "numpy", "operator", "pylego", "types", "typing",
})  # fmt: skip
_DOING = frozenset({"breakpoint", "eval", "exec", "input", "next", "open", "print", "setattr"})
_PREPARING = frozenset({"__init__", "__new__", "build"})  # they run before anything is recorded
_SETTLED = sys.stdlib_module_names - {"__main__"} | {"numpy", "pylego"}


class Reads:
    """The values that a recording of some root can read, at one time.

    Args:
        root: a model, or a function.
        names: all names in the code that was met before; they grow.

    Attributes:
        state: the value of each attribute that is read: plain ones by value, objects by identity.
        only_computes: whether no code was met that may do something else than compute.
    """

    def __init__(self, root: Any, names: set[str]):
        self._names = names
        known = -1
        while known < len(names):  # a name that is met late may be an attribute that was passed by
            known = len(names)
            self._state: dict[Hashable, Hashable] = {"settings": config.frozen_settings()}
            self.only_computes = True
            self._looks: list[tuple[Callable[[], Iterable], tuple]] = []
            self._long: list[Callable[[], bool]] = []
            self._functions: list[types.FunctionType] = []
            self._globals: dict[int, tuple[dict[str, Any], set[str]]] = {}
            self._met: set[int] = set()
            self._users = 0
            self._depth = 0  # containers in containers
            self._kept: list[Any] = []  # so that no other object gets their ids
            self._waiting: list[tuple[Any, int]] = []  # a chain of objects may be a long one
            self._of(root)
            while self._waiting:
                self._enter(*self._waiting.pop())
        self.state = tuple(self._state.items())
        self._watch_functions()

    def are_current(self) -> bool:
        """Return whether all that has no version is as it was; what has one is not looked at."""
        for contents, known in self._looks:
            if not all(map(operator.is_, itertools.chain(contents(), _ENDS), known)):
                return False
        return not self._long or all(look() for look in self._long)

    @property
    def has_users_values(self) -> bool:
        """Whether `are_current` has anything to look at."""
        return bool(self._looks or self._long)

    @property
    def has_users_code(self) -> bool:
        """Whether anything is read that has no version."""
        return bool(self._looks)

    # ---- values ----

    def _of(self, value: Any) -> Hashable:
        """What stands for a value: it is equal only for the same value, or the same object."""
        kind = type(value)
        if kind in _PLAIN:
            return kind, value
        if kind is float:
            return kind, repr(value)  # nan, and the sign of 0
        if kind is slice:  # which cannot be hashed before Python 3.12
            return kind, tuple(self._of(end) for end in (value.start, value.stop, value.step))
        if isinstance(value, _CONTAINERS):
            return self._of_container(value)
        number = self._number_of(value)
        if number not in self._met:
            self._met.add(number)
            self._waiting.append((value, number))
        return number

    def _number_of(self, thing: Any) -> int:
        """A number that no other object ever has: Python keeps one weak reference for each."""
        try:
            kept: Any = weakref.ref(thing)
        except TypeError:  # one of the few kinds that cannot be referred to weakly
            kept = thing
        self._kept.append(kept)
        return id(kept)

    def _enter(self, thing: Any, number: int) -> None:
        if isinstance(thing, Versioned):
            self._enter_versioned(thing, number)
        elif isinstance(thing, Variable):
            parts = thing.constraint, thing.regularizer
            self._state[number] = (thing.trainable, *map(self._of, parts))
        elif isinstance(thing, np.ndarray):
            self._enter_array(thing, number)
        elif isinstance(thing, _BUFFERS):
            self._enter_buffer(thing, number)
        elif _is_ours(type(thing)):
            self._state[number] = self._of(getattr(thing, "python_function", None))
        elif not isinstance(thing, _INERT):
            self._enter_users(thing, number)

    def _enter_users(self, thing: Any, number: int) -> None:
        self._users += 1
        if self._users > MOST_OBJECTS:
            self.only_computes = False
        elif isinstance(thing, _CODE):
            self._enter_function(thing, number)
        elif isinstance(thing, types.ModuleType):
            self._enter_module(thing, number)
        elif isinstance(thing, type):
            self._enter_class(thing)
        else:
            self._enter_object(thing, number)

    def _enter_versioned(self, thing: Versioned, number: int) -> None:
        """Its attributes: whoever sets one moves the version, but not what lies in a list."""
        is_ours = _is_ours(type(thing))
        if not is_ours:
            self._enter_class(type(thing))
        for name, value in vars(thing).items():
            if name in thing._unversioned:
                continue
            if name in thing._opaque:
                self._state[number, name] = self._number_of(value)
            else:
                self._state[number, name] = self._of_attribute(name, value, is_ours)

    def _of_attribute(self, name: str, value: Any, is_ours: bool) -> Hashable:
        if type(value) in _PLAIN:
            return type(value), value
        if isinstance(value, _CONTAINERS):
            if is_ours:
                return self._of_own(value)
            return self._of_container(value) if name in self._names else self._of_parts(value)
        is_read = isinstance(value, (float, slice, Versioned, Variable)) or callable(value)
        return self._of(value) if is_read or name in self._names else self._number_of(value)

    def _enter_object(self, thing: Any, number: int) -> None:
        """An object of the user's own: the attributes that some code names."""
        if _is_settled(type(thing)) and not isinstance(thing, types.SimpleNamespace):
            self._enter_foreign(thing)
            return
        self._enter_class(type(thing))
        held = _dictionary_of(thing)
        self._watch(functools.partial(_contents, held))  # which does not keep the object alive
        if _slots(type(thing)):  # type: ignore[arg-type]
            self._watch(functools.partial(_slot_values, thing))
        for name, value in (*held.items(), *_in_slots(thing)):
            if name in self._names:
                self._state[number, name] = self._of(value)

    def _enter_foreign(self, thing: Any) -> None:
        """An object of NumPy, Python or another library, whose insides nobody sees."""
        if hasattr(thing, "__wrapped__"):  # a cache around a function
            self._of(thing.__wrapped__)
            return
        owner = getattr(thing, "__self__", None)  # of a method in C
        is_free = owner is None or isinstance(owner, (types.ModuleType, type))
        is_value = callable(thing) or isinstance(thing, (np.generic, np.dtype))
        self.only_computes &= is_free and is_value and _only_computes(thing)

    def _enter_array(self, array: np.ndarray, number: int) -> None:
        if array.dtype.hasobject:
            self._state[number] = (array.shape, self._of_objects(array))
            return
        import hashlib  # it loads OpenSSL, and few programs read arrays

        known = array.copy()
        digest = hashlib.blake2b(known.tobytes(), digest_size=16).digest()
        self._state[number] = (array.shape, str(array.dtype), digest)
        self._long.append(functools.partial(_is_same_array, array, known))

    def _of_objects(self, array: np.ndarray) -> Hashable:
        """The items of an array of Python objects."""
        if array.size > LONGEST_LIST or array.dtype != object:
            return None
        self._watch(functools.partial(np.ravel, array))
        return tuple(map(self._of, np.ravel(array)))

    def _enter_buffer(self, buffer: Any, number: int) -> None:
        known = bytes(buffer)
        self._state[number] = known
        self._long.append(functools.partial(_has_bytes, buffer, known))

    # ---- containers ----

    def _of_container(self, container: Any) -> Hashable:
        """The items of a container that the user's code may change at any time."""
        if len(container) > LONGEST_LIST:
            self._kept.append(container)
            self._long.append(functools.partial(_has_length, container, len(container)))
            return id(container), len(container)
        if id(container) in self._met:  # it contains itself
            return id(container)
        if self._depth == DEEPEST:
            self.only_computes = False
            self._kept.append(container)
            return id(container)
        if not isinstance(container, (tuple, frozenset)):
            self._watch(functools.partial(_contents, container))
        self._met.add(id(container))
        self._depth += 1
        found = self._of_items(container)
        if not _is_settled(type(container)):  # it may have attributes and methods
            found = found, self._of_attributes(container)
        self._depth -= 1
        self._met.discard(id(container))
        return found

    def _of_attributes(self, container: Any) -> Hashable:
        self._enter_object(container, number := self._number_of(container))
        return number

    def _of_items(self, container: Any, of: Callable[[Any], Hashable] | None = None) -> Hashable:
        if len(container) > LONGEST_LIST:
            self._kept.append(container)
            return id(container), len(container)
        return type(container), *map(of or self._of, _contents(container))

    def _of_own(self, value: Any) -> Hashable:
        """What pylego's own objects hold: their code tells when it changes a container."""
        if isinstance(value, _CONTAINERS):
            return self._of_items(value, self._of_own)
        return self._of(value)

    def _of_parts(self, container: Any) -> Hashable:
        """Of a container that no code names only the layers and variables count."""
        found: list[Hashable] = []
        for item in itertools.islice(_contents(container), LONGEST_LIST):
            if isinstance(item, (Versioned, Variable)):
                found.append(self._of(item))
            elif isinstance(item, _CONTAINERS):
                found.append(self._of_parts(item))
        return tuple(found)

    def _watch(self, contents: Callable[[], Iterable]) -> None:
        self._looks.append((contents, (*contents(), _END)))

    def _watch_functions(self) -> None:
        """All functions at once: their code, their closures, and the globals of each module."""
        cells = [cell for one in self._functions for cell in one.__closure__ or ()]
        looks = [(operator.attrgetter(name), self._functions) for name in _OF_CODE]
        for look, things in (*looks, (_in_cell, cells)):
            if things:
                self._watch(functools.partial(map, look, things))
        for known, names in self._globals.values():
            if names:
                self._watch(functools.partial(_in_names, known, tuple(names)))

    # ---- code ----

    def _enter_function(self, thing: Any, number: int) -> None:
        if isinstance(thing, functools.partial):
            self._state[number] = tuple(map(self._of, (thing.func, thing.args, thing.keywords)))
        elif isinstance(thing, types.MethodType):
            self._state[number] = (self._of(thing.__self__), self._of(thing.__func__))
        elif _is_settled(thing):
            self.only_computes &= _only_computes(thing)
        else:
            self._enter_users_function(thing, number)

    def _enter_users_function(self, function: types.FunctionType, number: int) -> None:
        named, from_outside = _names_in(function.__code__)
        self._names |= named
        cells, known = function.__closure__ or (), function.__globals__
        found = tuple(name for name in from_outside if name in known)
        values = [known[name] for name in found]
        self._functions.append(function)
        self._globals.setdefault(id(known), (known, set()))[1].update(found)
        is_random = "random" in named and any(value is np for value in values)
        self.only_computes &= not (is_random or _DOING & set(from_outside).difference(found))
        code = [getattr(function, name) for name in _OF_CODE]
        self._state[number] = tuple(map(self._of, (*code, *map(_in_cell, cells), *values)))

    def _enter_module(self, module: types.ModuleType, number: int) -> None:
        """A module of the user's: what some code names of it."""
        if _package(module.__name__) in _SETTLED:
            self.only_computes &= _only_computes(module)
            return
        found = tuple(name for name in sorted(self._names) if name in vars(module))
        self._watch(functools.partial(_in_names, vars(module), found))
        self._state[number] = tuple(self._of(vars(module)[name]) for name in found)

    def _enter_class(self, kind: type) -> None:
        """What a user's class says: its attributes and methods, and those of its bases."""
        if _is_settled(kind):
            self.only_computes &= _only_computes(kind)
        for one in kind.__mro__:
            number = self._number_of(one)
            if _is_settled(one) or (number, "class") in self._state:
                continue
            self._state[number, "class"] = True
            self._watch(vars(one).values)
            for name, value in vars(one).items():
                if name not in _PREPARING and self._is_run(one, name):
                    self._state[number, name] = self._of_member(value)

    def _is_run(self, kind: type, name: str) -> bool:
        """Whether an attribute of a class counts: some code names it, or pylego or Python does."""
        is_named = name in self._names or name.startswith("__")
        return is_named or any(hasattr(base, name) for base in kind.__bases__)

    def _of_member(self, value: Any) -> Hashable:
        if isinstance(value, property):
            return tuple(map(self._of, (value.fget, value.fset)))
        if isinstance(value, (staticmethod, classmethod)):
            return self._of(value.__func__)
        return self._of(value)


# ---- looking ----------------------------------------------------------------------------------


def _has_length(container: Any, length: int) -> bool:
    return len(container) == length


def _has_bytes(buffer: Any, known: bytes) -> bool:
    return bytes(buffer) == known


def _is_same_array(array: np.ndarray, known: np.ndarray) -> bool:
    if array.shape != known.shape or array.dtype != known.dtype:
        return False
    return bool(np.array_equal(_bits(array), _bits(known)))


def _bits(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def _contents(container: Any) -> Iterable:
    base = _base(type(container))  # type: ignore[arg-type]
    if issubclass(base, dict):
        return (*base.__iter__(container), *base.values(container))
    return base.__iter__(container)


@functools.lru_cache(256)
def _base(kind: type) -> Any:
    """The class of Python that a container is of, so that no code of the user runs."""
    return next(one for one in kind.__mro__ if _is_settled(one))


def _dictionary_of(thing: Any) -> dict[str, Any]:
    try:
        return object.__getattribute__(thing, "__dict__")
    except AttributeError:
        return {}


def _slot_values(thing: Any) -> list:
    return [value for _, value in _in_slots(thing)]


def _in_slots(thing: Any) -> Iterator[tuple[str, Any]]:
    """Names and values of the slots that are set; no code of the user runs."""
    for name, slot in _slots(type(thing)):  # type: ignore[arg-type]
        with contextlib.suppress(AttributeError):  # not set yet
            yield name, slot.__get__(thing)


@functools.lru_cache(256)
def _slots(kind: type) -> tuple:
    return tuple(
        (name, slot)
        for one in kind.__mro__
        for name, slot in vars(one).items()
        if isinstance(slot, types.MemberDescriptorType)
    )


def _in_cell(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing is in it yet
        return _END


def _in_names(known: dict[str, Any], names: tuple[str, ...]) -> list:
    return [known.get(name, _END) for name in names]


# ---- whose code it is ---------------------------------------------------------------------------


def _package(module: str | None) -> str:
    return (module or "").partition(".")[0]


def _is_ours(code: Any) -> bool:
    """Whether a class or function is pylego's own."""
    return _package(getattr(code, "__module__", None)) == "pylego"


def _is_settled(code: Any) -> bool:
    """Whether a class or function belongs to pylego, NumPy or Python, and never changes."""
    return _package(getattr(code, "__module__", None)) in _SETTLED


def _only_computes(thing: Any) -> bool:
    """Whether a module, class or function outside of the user's code does nothing but compute."""
    name = getattr(thing, "__name__", "")
    module = name if isinstance(thing, types.ModuleType) else getattr(thing, "__module__", None)
    package = _package(module or "numpy")
    is_random = (module or "").startswith("numpy.random")
    return package in _COMPUTING and name not in _DOING and not is_random


@functools.lru_cache(1024)
def _names_in(code: types.CodeType) -> tuple[frozenset[str], tuple[str, ...]]:
    """All names in code and in functions inside of it, and those among them that are global."""
    found, from_outside = set(code.co_names), set()
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            from_outside.add(step.argval)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            inside, from_inside = _names_in(constant)
            found |= inside
            from_outside.update(from_inside)
        elif isinstance(constant, str) and constant.isidentifier():  # as in getattr(self, "rate")
            found.add(constant)
    return frozenset(found), tuple(sorted(from_outside))
