"""Check single arguments: what comes back fits, anything else is refused by name and value."""

from __future__ import annotations

import math
import operator
from typing import Any

LARGEST = 2**63 - 1  # what a length or an index may be


def whole_number(name: str, value: Any, least: int = -LARGEST, owner: str = "") -> int:
    """Return the value as an int. Messages begin with the owner, where there is one.

    Raises:
        TypeError: when it is not a whole number.
        ValueError: when it is less than `least`, or larger than 64 bits hold.

    >>> whole_number("units", 10, least=1)
    10
    >>> whole_number("units", 2.5, owner="Dense")
    Traceback (most recent call last):
    TypeError: Dense: units must be a whole number. Received: units=2.5
    """
    if type(value) is int and least <= value <= LARGEST:  # the usual case, on the fast path
        return value
    whose = f"{owner}: " if owner else ""
    try:
        number = operator.index(value)
    except (TypeError, ValueError) as error:
        if getattr(error, "is_of_recording", False):  # its sentence says what to write
            raise
        number = None
    if number is None or isinstance(value, bool):
        raise TypeError(f"{whose}{name} must be a whole number. Received: {name}={value!r}")
    if number < least:
        raise ValueError(f"{whose}{name} must be {least} or more. Received: {name}={value!r}")
    if number > LARGEST:
        raise ValueError(f"{whose}{name} must be below 2**63. Received: {name}={value!r}")
    return number


def real_number(
    name: str, value: Any, least: float = -math.inf, most: float = math.inf, owner: str = ""
) -> int | float:
    """Return the value, which is a number between `least` and `most` and not NaN.

    Raises:
        TypeError: when it is not a number.
        ValueError: when it lies outside.

    >>> real_number("momentum", 0.9, 0, 1)
    0.9
    >>> real_number("momentum", 9, 0, 1)
    Traceback (most recent call last):
    ValueError: momentum must be a number from 0 to 1. Received: momentum=9
    """
    whose = f"{owner}: " if owner else ""
    try:
        number = None if isinstance(value, (str, bool)) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = None
    if number is None:
        raise TypeError(f"{whose}{name} must be a number. Received: {name}={value!r}")
    if math.isnan(number):
        raise ValueError(f"{whose}{name} must be a number, not NaN. Received: {name}={value!r}")
    if not least <= number <= most:
        limits = f"a number from {least:g} to {most:g}" if most < math.inf else f"{least:g} or more"
        raise ValueError(f"{whose}{name} must be {limits}. Received: {name}={value!r}")
    return value


def share(name: str, value: Any, owner: str = "") -> int | float:
    """Return the value, which is a number from 0 to below 1.

    Raises:
        TypeError: when it is not a number.
        ValueError: when it lies outside.

    >>> share("rate", 0.5)
    0.5
    """
    number = real_number(name, value, 0, 1, owner)
    if number == 1:
        whose = f"{owner}: " if owner else ""
        raise ValueError(f"{whose}{name} must be below 1. Received: {name}={value!r}")
    return number
