"""What a class says when it is made with arguments that it does not take.

Python names the class that defines `__init__`, which may be a private base, and guesses nothing.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

from pylego import names

F = TypeVar("F", bound=Callable)


class Constructed:
    """A class whose constructor, and those of its subclasses, name mistaken arguments.

    Objects of a user's subclasses remember their arguments, so that they can be described by them.

    >>> class Brick(Constructed):
    ...     def __init__(self, length, colour="red"):
    ...         self.length = length
    >>> Brick(4, color="blue")
    Traceback (most recent call last):
    TypeError: Brick got an unknown argument 'color'. Did you mean 'colour'?
    >>> Brick()
    Traceback (most recent call last):
    TypeError: Brick needs the argument length: Brick(length, colour='red')
    """

    # What the arguments of `__init__` must be (`pylego.rules`), by their names.
    _rules: Mapping[str, Callable[[str, Any, str], object]] = {}
    # What the `__init__` of the base sets, where subclasses have to call it.
    _set_by_base: str | None = None

    # Whether objects remember their arguments: those of a user's classes do.
    _keeps_arguments = False
    _init_arguments: tuple[tuple, dict[str, Any]]
    # Whether words that it does not name may be older ones: not where it takes words of any kind.
    _reads_older_words = True

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls.__init__ is object.__init__ and (args or kwargs):
            raise TypeError(f"{cls.__name__} takes no arguments: {cls.__name__}()")
        made = super().__new__(cls)
        if cls._keeps_arguments:
            vars(made)["_init_arguments"] = (args, kwargs)
        return made

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        if not cls.__module__.startswith(f"{__package__}."):
            cls._keeps_arguments = True
        if "__init__" in vars(cls):
            is_ours = cls.__module__.startswith(f"{__package__}.")
            cls.__init__ = _explained(cls, cls.__init__, is_ours)  # type: ignore[method-assign]

    def __getattr__(self, name: str) -> Any:
        if hasattr(type(self), name):  # a property whose own AttributeError led here
            return object.__getattribute__(self, name)
        message = f"{type(self).__name__!r} object has no attribute {name!r}"
        if self._set_by_base and self._set_by_base not in vars(self):
            message += ": its __init__() has to begin with super().__init__()"
        raise AttributeError(message, name=name, obj=self)


def explained(function: F) -> F:
    """Let a function, a method or an `__init__` name mistaken arguments as constructors do."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            place = error.__traceback__
            if place is None or place.tb_next is not None:  # it began, and went wrong inside
                raise
            read = _words_of_function(function, kwargs)
            if read == kwargs:
                _refuse(_name_of(function), function, args, kwargs, error)
        return function(*args, **read)

    return call  # type: ignore[return-value]


def check_options(
    owner: str, function: Callable, options: Iterable[str], own: Iterable[str]
) -> None:
    """Refuse options that a function of (y_true, y_pred, ...) does not take.

    Args:
        owner: the class that hands them to the function.
        function: the function.
        options: names.
        own: what the class takes itself.

    Raises:
        TypeError: with the nearest names.

    >>> def error(y_true, y_pred, scale=1.0):
    ...     return scale * abs(y_true - y_pred)
    >>> check_options("Wrapper", error, ["scales"], ["name"])
    Traceback (most recent call last):
    TypeError: Wrapper got an unknown argument 'scales'. Did you mean 'scale'?
    """
    options = list(options)
    if not options:
        return
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # of code that was compiled nobody knows
        return
    known = [p.name for p in parameters[2:] if p.kind is not p.VAR_POSITIONAL]
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return
    for option in options:
        if option not in known:
            raise names.unknown_argument(owner, option, [*known, *own])


# What `Layer` takes of all layers: not among the parameters of most, and no older words.
_OF_ALL_LAYERS = frozenset(
    {"name", "trainable", "dtype", "input_shape", "input_dim", "batch_input_shape", "weights"}
)


def _explained(owner: type, init: Callable, is_ours: bool = False) -> Callable:
    rules, arguments = vars(owner).get("_rules"), _positional(init)
    code = getattr(init, "__code__", None)
    count = code.co_argcount + code.co_kwonlyargcount if is_ours and code else 0
    plain = _OF_ALL_LAYERS | {*(code.co_varnames[:count] if code else ())}

    @functools.wraps(init)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        if kwargs and is_ours and self._reads_older_words and not plain.issuperset(kwargs):
            args, kwargs = _in_todays_words(type(self), args, kwargs)
            if self._keeps_arguments and type(self).__init__ is __init__:
                vars(self)["_init_arguments"] = (args, kwargs)
        try:
            if rules:
                _check(rules, {**dict(zip(arguments, args)), **kwargs}, type(self).__name__)
            init(self, *args, **kwargs)
        except TypeError as error:
            place = error.__traceback__
            if place is None or place.tb_next is not None:
                raise
            _refuse(_called(owner, type(self)), init, (self, *args), kwargs, error)

    return __init__


def _positional(init: Callable) -> Sequence[str]:
    """The names of arguments that may come without one, in their order."""
    code = getattr(inspect.unwrap(init), "__code__", None)
    return code.co_varnames[1 : code.co_argcount] if code else ()


def _check(rules: Mapping[str, Callable], given: Mapping[str, Any], owner: str) -> None:
    for name, value in given.items():
        if name in rules:
            rules[name](name, value, owner)


def _in_todays_words(made: type, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
    """Read arguments of Keras 1 and 2; an argument that only a base takes is none of them."""
    ours = next(part for part in made.__mro__ if part.__module__.startswith(f"{__package__}."))
    known = _arguments_of(ours)
    if known.issuperset(kwargs):
        return args, kwargs
    from pylego.older import arguments  # loaded where a word is not one of today's

    return arguments.modern(ours.__name__, args, kwargs, known)


def _words_of_function(function: Callable, kwargs: dict) -> dict:
    """Read the arguments of a function that Keras 1 and 2 called otherwise."""
    from pylego.older import arguments

    known = inspect.signature(function).parameters
    return arguments.modern(_name_of(function), (), kwargs, known)[1]


@functools.cache
def _arguments_of(made: type) -> frozenset[str]:
    """The names of all arguments that a class and its bases take."""
    found = set(_OF_ALL_LAYERS)
    for part in made.__mro__[:-1]:
        if "__init__" in vars(part):
            found.update(inspect.signature(vars(part)["__init__"]).parameters)
    return frozenset(found)


def _name_of(function: Callable) -> str:
    """What a user calls: a function's name, or that of the class whose `__init__` it is."""
    return function.__qualname__.removesuffix(".__init__").rpartition(".")[2]


def _called(owner: type, made: type) -> str:
    """The class that a user knows: the one that was made, or the one that defines __init__."""
    is_inherited = made.__init__ is owner.__init__  # type: ignore[misc]
    return made.__name__ if is_inherited or owner.__name__.startswith("_") else owner.__name__


def _refuse(
    owner: str, function: Callable, args: tuple, kwargs: dict, error: TypeError
) -> NoReturn:
    """Raise a TypeError that says which arguments are not known, missing, or too many."""
    parameters = list(inspect.signature(function).parameters.values())
    if parameters and parameters[0].name == "self":
        parameters, args = parameters[1:], args[1:]
    named = [p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    takes_others = any(p.kind is p.VAR_KEYWORD for p in parameters)
    given = {*named[: len(args)], *kwargs}
    needed = [p.name for p in parameters if p.default is p.empty and p.name in named]
    missing = [name for name in needed if name not in given]
    others = [name for name in kwargs if name not in named]
    if takes_others:  # a base may know them, unless they are meant for what is missing
        others = [
            name for name in others if names.is_older(name, named) or names.closest(name, missing)
        ]
    if others:
        raise names.unknown_argument(owner, others[0], named) from None
    if not missing:
        raise TypeError(f"{owner}: {_too_many(owner, parameters, args, error)}") from None
    listed = " and ".join(missing)
    noun = "argument" if len(missing) == 1 else "arguments"
    raise TypeError(f"{owner} needs the {noun} {listed}: {owner}{_shortened(parameters)}") from None


def _too_many(
    owner: str, parameters: list[inspect.Parameter], args: tuple, error: TypeError
) -> str:
    """Count arguments as users do, without self."""
    places = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if len(args) <= len(places):  # one came twice
        return str(error).partition("() ")[2]
    noun = "argument" if len(places) == 1 else "arguments"
    most = f"at most {len(places)} {noun}" if len(places) else "no arguments"
    return f"takes {most} without a name, {len(args)} were given: {owner}{_shortened(parameters)}"


def _shortened(parameters: list[inspect.Parameter]) -> str:
    """The first arguments as they are written."""
    shown = [str(p.replace(annotation=p.empty)) for p in parameters[:4]]
    return f"({', '.join(shown)}{', ...' if len(parameters) > 4 else ''})"
