"""Rules of arguments: which values a constructor takes, said once, as data of the class.

    class Adadelta(Optimizer):
        _rules = rules.of(rho=rules.number(0, 1), epsilon=rules.number(0))

`Constructed` applies them before `__init__` runs. A rule is a function of an argument's name, its
value and the class; it raises an error that names all three. Arguments without a rule are taken as
they come.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from pylego import checks, names

Rule = Callable[[str, Any, str], object]


def of(**rules: Rule) -> dict[str, Rule]:
    """The rules of a class, by the names of its arguments."""
    return rules


def number(least: float = -math.inf, most: float = math.inf) -> Rule:
    """A finite number between two others.

    >>> number(0, 1)("rho", 2, "Adadelta")
    Traceback (most recent call last):
    ValueError: Adadelta: rho must be a number from 0 to 1. Received: rho=2
    """

    def rule(name: str, value: Any, owner: str) -> None:
        checks.real_number(name, value, least, most, owner)
        if math.isinf(value):
            raise ValueError(f"{owner}: {name} must be finite. Received: {name}={value!r}")

    return rule


def above(least: float, most: float = math.inf, is_finite: bool = True) -> Rule:
    """A number that is larger than `least`.

    >>> above(0)("decay_steps", 0, "CosineDecay")
    Traceback (most recent call last):
    ValueError: CosineDecay: decay_steps must be above 0. Received: decay_steps=0
    """
    whole_range = number(-math.inf, most) if is_finite else limit(-math.inf)

    def rule(name: str, value: Any, owner: str) -> None:
        whole_range(name, value, owner)
        if value <= least:
            raise ValueError(f"{owner}: {name} must be above {least:g}. Received: {name}={value!r}")

    return rule


def limit(least: float = 0) -> Rule:
    """A number that may be infinite, where that means no limit."""
    return lambda name, value, owner: checks.real_number(name, value, least, owner=owner)


def share(name: str, value: Any, owner: str) -> object:
    """A number from 0 to below 1."""
    return checks.share(name, value, owner)


def between(least: float, most: float) -> Rule:
    """A number between two others, and none of them.

    >>> between(0, 1)("q", 1, "Loss")
    Traceback (most recent call last):
    ValueError: Loss: q must lie between 0 and 1. Received: q=1
    """

    def rule(name: str, value: Any, owner: str) -> None:
        if not least < checks.real_number(name, value, owner=owner) < most:
            raise ValueError(
                f"{owner}: {name} must lie between {least:g} and {most:g}. "
                f"Received: {name}={value!r}"
            )

    return rule


def whole(least: int = -checks.LARGEST) -> Rule:
    """A whole number."""
    return lambda name, value, owner: checks.whole_number(name, value, least, owner)


def flag(name: str, value: Any, owner: str) -> None:
    """True or False; 0 and 1 as well.

    >>> flag("from_logits", "no", "Poisson")
    Traceback (most recent call last):
    TypeError: Poisson: from_logits must be True or False. Received: from_logits='no'
    """
    if not isinstance(value, (bool, np.bool_)) and not (isinstance(value, int) and value in (0, 1)):
        raise TypeError(f"{owner}: {name} must be True or False. Received: {name}={value!r}")


def one_of(known: Collection[str]) -> Rule:
    """One of these words.

    >>> one_of(["micro", "macro"])("average", "mikro", "F1Score")
    Traceback (most recent call last):
    ValueError: Unknown average 'mikro'. Did you mean 'micro'?
    """

    def rule(name: str, value: Any, owner: str) -> None:
        if not isinstance(value, str) or value not in known:
            raise names.unknown(name, value, known)

    return rule


def optional(rule: Rule) -> Rule:
    """None, or what the rule says.

    >>> optional(share)("rate", None, "Dropout")
    """
    return lambda name, value, owner: None if value is None else rule(name, value, owner)


# A small number that is added to a divisor; None is what Keras 2 said for `config.epsilon()`.
epsilon = optional(number(0))


def unless_empty(rule: Rule) -> Rule:
    """None, False or 0, which mean that there is none, or what the rule says."""
    return lambda name, value, owner: rule(name, value, owner) if _is_there(value) else None


def _is_there(value: Any) -> bool:
    return value is not None and not (isinstance(value, (bool, int, float)) and value == 0)


def each(rule: Rule) -> Rule:
    """Several values, each of which the rule holds for."""

    def of_all(name: str, values: Any, owner: str) -> None:
        if isinstance(values, str) or not hasattr(values, "__iter__") or np.ndim(values) == 0:
            raise TypeError(
                f"{owner}: {name} must be a list of numbers. Received: {name}={values!r}"
            )
        for value in values:
            rule(name, value, owner)

    return of_all


def one_or_each(rule: Rule) -> Rule:
    """A value that the rule holds for, or several."""
    of_all = each(rule)

    def of_both(name: str, value: Any, owner: str) -> None:
        is_one = isinstance(value, (str, bytes)) or np.ndim(value) == 0
        (rule if is_one else of_all)(name, value, owner)

    return of_both
