"""Name things and mend names: "did you mean" errors, and the automatic names of layers."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

# A likeness runs from 0 (nothing in common) to 1 (equal); from 0.6 on, names look alike to people.
NEAR = 0.6
# A suggestion that much worse than the best one would only distract.
BEHIND_THE_BEST = 0.1
SAME_LETTERS = 0.95
MOST_SUGGESTIONS = 3
MOST_LISTED = 12
LONGEST_SHOWN = 60
LATER = "Keras has it, pylego does not have it yet"

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
    >>> closest("adma", ["adamax", "adam"])
    ['adam']
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
    known = list(candidates)
    advice = _advice_on_part(kind, name) or _advice(name, known)
    return ValueError(f"Unknown {kind} {_shown(name)}.{advice}")


def unknown_argument(owner: str, argument: str, candidates: Iterable[str]) -> TypeError:
    """Make the error for a keyword argument that `owner` does not take; the caller raises it.

    >>> raise unknown_argument("Dense", "unit", ["units", "activation"])
    Traceback (most recent call last):
    TypeError: Dense got an unknown argument 'unit'. Did you mean 'units'?
    >>> raise unknown_argument("Conv2D", "border_mode", ["filters", "padding"])
    Traceback (most recent call last):
    TypeError: Conv2D got an unknown argument 'border_mode'. It is called 'padding' today
    """
    known = list(candidates)
    advice = _advice_on_older(argument, known) or _advice(argument, known)
    return TypeError(f"{owner} got an unknown argument {_shown(argument)}.{advice}")


def is_older(argument: str, candidates: Iterable[str]) -> bool:
    """Return whether Keras 1 or 2 called one of the candidates so."""
    return bool(_advice_on_older(argument, list(candidates)))


def in_todays_words(owner: str, given: dict, candidates: Iterable[str]) -> dict:
    """Read arguments of Keras 1 and 2, and refuse those that nobody knows.

    Args:
        owner: the method or class that got them.
        given: what came by name that it does not take today.
        candidates: the names that it takes.

    Raises:
        TypeError: for an argument that is none, with the nearest ones.
    """
    from pylego.older import arguments

    known = list(candidates)
    read = arguments.modern(owner, (), given, known)[1]
    for name in read:
        if name not in known:
            raise unknown_argument(owner, name, known)
    return read


def note_older(old: str, today: str) -> None:
    """Warn, the first time, that a word of Keras 1 or 2 was understood.

    Args:
        old: the word with its owner, as in "SGD(lr=)".
        today: what is written in its place.
    """
    from pylego.older.notes import note

    note(old, today)


def advice_on_method(name: str) -> str:
    """Return what is said of a method that Keras's models have, or had, and ours have not.

    >>> advice_on_method("to_yaml")
    'Keras no longer has it, write model.to_json()'
    >>> advice_on_method("sumary")
    ''
    """
    from pylego import keras_names  # loaded where a name is not found

    if name in keras_names.OLDER_METHODS:
        return f"Keras no longer has it, {keras_names.OLDER_METHODS[name]}"
    return LATER if name in keras_names.METHODS_NOT_THERE_YET.split() else ""


def no_name(module: str, name: str, candidates: Iterable[str], others: Sequence[str] = ()) -> str:
    """Return the sentence for a name that a module does not have.

    Args:
        module: that was asked for it.
        name: what was asked for.
        candidates: the names that it has.
        others: other modules that have the name.

    >>> no_name("pylego.layers", "Conv2d", ["Conv1D", "Conv2D"])
    "module 'pylego.layers' has no attribute 'Conv2d'. Did you mean: 'Conv2D'?"
    >>> no_name("pylego.layers", "FlaxLayer", ["Conv1D", "Conv2D"])
    "module 'pylego.layers' has no attribute 'FlaxLayer': Keras has it, pylego does not have it yet"
    """
    from pylego import keras_names

    package = module.partition(".")[2]
    later = keras_names.NOT_THERE_YET.get(package, "").split()
    known = list(candidates)
    near = closest(name, [*known, *later])
    if name in later:
        advice = f": {LATER}"
    elif name in keras_names.OLDER_NAMES:
        advice = f": today it is {keras_names.OLDER_NAMES[name]}"
    elif others:
        advice = f": it is {others[0]}.{name}"
    elif near and near[0] in later:
        advice = f". Did you mean: {near[0]!r}? {LATER}"
    else:
        near = [one for one in near if one in known]
        advice = f". Did you mean: {_either(near)}?" if near else ""
    return f"module {module!r} has no attribute {name!r}{advice}"


def no_module(package: str, name: str, candidates: Iterable[str]) -> str:
    """Return the sentence for a module that a package does not have.

    Args:
        package: the package.
        name: of the module that was asked for.
        candidates: the names that the package has.

    >>> no_module("pylego", "optimizer", ["Optimizer", "optimizers"])
    "No module named 'pylego.optimizer'. Did you mean 'pylego.optimizers'?"
    >>> no_module("pylego.layers", "recurrent", ["Conv2D"])
    "No module named 'pylego.layers.recurrent': today its names are in pylego.layers"
    """
    from pylego import keras_names

    message = f"No module named '{package}.{name}'"
    if name in keras_names.NOT_THERE_YET.get(package.partition(".")[2], "").split():
        return f"{message}: {LATER}"
    if name in keras_names.OLDER_MODULES.get(package.partition(".")[2], "").split():
        return f"{message}: today its names are in {package}"
    near = closest(name, [one for one in candidates if one.islower()])
    return f"{message}. Did you mean '{package}.{near[0]}'?" if near else message


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
    if a != b and sorted(a) == sorted(b):  # letters that changed places: the commonest slip
        return SAME_LETTERS
    from difflib import SequenceMatcher

    return SequenceMatcher(None, a, b).ratio()


def _either(near: list[str]) -> str:
    return " or ".join(map(repr, near))


def _advice_on_part(kind: str, name: object) -> str:
    """Say so where a loss, an optimizer, ... is Keras's and not there yet."""
    if not isinstance(name, str) or len(name) > LONGEST_SHOWN:
        return ""
    from pylego import keras_names

    package = f"{kind}es" if kind.endswith("s") else f"{kind}s"
    later = map(_squash, keras_names.NOT_THERE_YET.get(package, "").split())
    return f" {LATER}." if _squash(name) in later else ""


def _advice_on_older(argument: str, known: list[str]) -> str:
    """Say what an argument of Keras 1 and 2 is called today."""
    from pylego.older import arguments

    today = [word for word in arguments.meanings(argument) if word in known]
    if today:
        return f" It is called {today[0]!r} today"
    return " Keras no longer has it: leave it out" if arguments.is_ignored(argument) else ""


def _advice(name: object, candidates: Iterable[str]) -> str:
    known = list(candidates)
    near = closest(name, known) if isinstance(name, str) else []
    if near:
        return f" Did you mean {_either(near)}?"
    if not known:
        return ""
    rest = len(known) - MOST_LISTED
    more = f" and {rest} more" if rest > 0 else ""
    return f" Known: {', '.join(map(repr, known[:MOST_LISTED]))}{more}."


def _shown(name: object) -> str:
    text = repr(name)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
