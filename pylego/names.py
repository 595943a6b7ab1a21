"""Name things and mend names: "did you mean" errors, and the automatic names of layers."""

from __future__ import annotations

import functools
import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

# A likeness runs from 0 (nothing in common) to 1 (equal); from 0.6 on, names look alike to people.
NEAR = 0.6
# A suggestion that much worse than the best one would only distract.
BEHIND_THE_BEST = 0.1
MOST_SUGGESTIONS = 3
MOST_LISTED = 12
LONGEST_SHOWN = 60

F = TypeVar("F", bound=Callable)

WORD_START = "(?<=[a-z])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])"

# itertools.count is stepped in one go, so two threads never get the same number.
_counters: defaultdict[str, Iterator[int]] = defaultdict(itertools.count)


def closest(name: str, candidates: Iterable[str]) -> list[str]:
    """List the candidates that `name` may have been meant to be, best first, at most three.

    Case and underscores hardly count: of `"adam"` and `"Adam"` only the one nearer to `name` is
    listed.

    >>> closest("categorical_crossentrophy", ["binary_crossentropy", "categorical_crossentropy"])
    ['categorical_crossentropy']
    >>> closest("re_luu", ["relu", "ReLU", "tanh"])
    ['relu']
    >>> closest("banana", ["relu", "gelu"])
    []
    """
    meaning = _squash(name)
    likeness = {c: _likeness(meaning, _squash(c)) for c in candidates}
    threshold = max(NEAR, max(likeness.values(), default=0.0) - BEHIND_THE_BEST)
    near = [c for c in likeness if likeness[c] >= threshold]
    near.sort(key=lambda c: (-likeness[c], -_likeness(name, c), c))
    first_of_meaning: dict[str, str] = {}
    for candidate in near:
        first_of_meaning.setdefault(_squash(candidate), candidate)
    return list(first_of_meaning.values())[:MOST_SUGGESTIONS]


def unknown(kind: str, name: object, candidates: Iterable[str]) -> ValueError:
    """Make the error for a name that is not among the candidates; the caller raises it.

    Args:
        kind: what the name should be a name of, such as `"loss"`.
        name: what came; need not be a string.
        candidates: the names that are known.

    >>> raise unknown("loss", "categorical_crossentrophy", ["mse", "categorical_crossentropy"])
    Traceback (most recent call last):
    ValueError: Unknown loss 'categorical_crossentrophy'. Did you mean 'categorical_crossentropy'?
    >>> raise unknown("loss", "banana", ["mse", "mae"])
    Traceback (most recent call last):
    ValueError: Unknown loss 'banana'. Known: 'mse', 'mae'.
    """
    return ValueError(f"Unknown {kind} {_shown(name)}.{_advice(name, candidates)}")


def unknown_argument(owner: str, argument: str, candidates: Iterable[str]) -> TypeError:
    """Make the error for a keyword argument that `owner` does not take; the caller raises it.

    >>> raise unknown_argument("Dense", "unit", ["units", "activation"])
    Traceback (most recent call last):
    TypeError: Dense got an unknown argument 'unit'. Did you mean 'units'?
    """
    advice = _advice(argument, candidates)
    return TypeError(f"{owner} got an unknown argument {_shown(argument)}.{advice}")


def mends_keywords(function: F) -> F:
    """Let a function, or `__init__`, say what an unknown keyword may have been meant to be.

    >>> @mends_keywords
    ... def turned(image, angle=0.0):
    ...     return image
    >>> turned("a", angel=0.5)
    Traceback (most recent call last):
    TypeError: turned got an unknown argument 'angel'. Did you mean 'angle'?
    """

    @functools.wraps(function)
    def mended(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except TypeError:
            error = _keyword_error(function, kwargs)
            if error is None:
                raise
        raise error

    return mended  # type: ignore[return-value]


def _keyword_error(function: Callable, given: Iterable[str]) -> TypeError | None:
    """The error for the first keyword that is none of the function's, if there is one."""
    import inspect  # only for those who err

    parameters = inspect.signature(function).parameters
    known = [name for name in parameters if name not in ("self", "cls")]
    unknown = [name for name in given if name not in known]
    if not unknown or any(p.kind == p.VAR_KEYWORD for p in parameters.values()):
        return None
    owner = function.__qualname__.removesuffix(".__init__").rpartition(".")[2]
    return unknown_argument(owner, unknown[0], known)


def snake_case(name: str) -> str:
    """Turn a class name into the snake case that Keras makes its layer names of.

    >>> [snake_case(name) for name in ("Dense", "InputLayer", "Conv2DTranspose", "LSTM", "GRUCell")]
    ['dense', 'input_layer', 'conv2d_transpose', 'lstm', 'gru_cell']
    """
    return re.sub(WORD_START, "_", re.sub(r"\W+", "", name)).lower()


def unique_name(prefix: str) -> str:
    """Return a name that no earlier call gave: `dense`, `dense_1`, `dense_2`, as Keras counts.

    Args:
        prefix: a class name or a name in snake case; each has a counter of its own.

    >>> reset_names()
    >>> [unique_name(prefix) for prefix in ("Dense", "Dropout", "Dense", "dense")]
    ['dense', 'dropout', 'dense_1', 'dense_2']
    """
    name = snake_case(prefix)
    number = next(_counters[name])
    return f"{name}_{number}" if number else name


def reset_names() -> None:
    """Let `unique_name` count from the start again."""
    _counters.clear()


def _squash(name: str) -> str:
    return name.replace("_", "").lower()


def _likeness(a: str, b: str) -> float:
    # Lengths alone bound the likeness: a huge string that came for a name costs nothing.
    if 2 * min(len(a), len(b)) < NEAR * (len(a) + len(b)):
        return 0.0
    from difflib import SequenceMatcher

    return SequenceMatcher(None, a, b).ratio()


def _advice(name: object, candidates: Iterable[str]) -> str:
    known = list(candidates)
    near = closest(name, known) if isinstance(name, str) else []
    if near:
        return f" Did you mean {' or '.join(map(repr, near))}?"
    if not known:
        return ""
    rest = len(known) - MOST_LISTED
    more = f" and {rest} more" if rest > 0 else ""
    return f" Known: {', '.join(map(repr, known[:MOST_LISTED]))}{more}."


def _shown(name: object) -> str:
    text = repr(name)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
