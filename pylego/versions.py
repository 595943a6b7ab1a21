"""Notice when something is set that a recording may have frozen.

What was recorded holds plain Python values as they were: a rate, a flag, which layers there are.
`number` is another one whenever such a value may have changed, so one comparison tells whether it
pays to look closely.
"""

from __future__ import annotations

import itertools
from typing import Any

from pylego.construction import Constructed

_numbers = itertools.count(1)
number = 0


def note() -> None:
    """Remember that something was set."""
    global number
    number = next(_numbers)


class Versioned(Constructed):
    """An object whose settings are part of what is recorded: setting one is noticed."""

    # Attributes that calls and training set themselves, or that only describe.
    _unversioned: frozenset[str] = frozenset()
    # Attributes that count as the thing that they are, whatever changes inside of it.
    _opaque: frozenset[str] = frozenset()

    # Attributes that copies and pickles begin without: what is remembered only to be quick, or
    # belongs to a call that is over. The class says how they begin.
    _not_copied: frozenset[str] = frozenset()

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name not in self._unversioned:
            note()

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        note()

    def __getstate__(self) -> dict[str, Any]:
        """Return the attributes that `copy` and `pickle` carry over."""
        return {name: value for name, value in vars(self).items() if name not in self._not_copied}
