"""A version number that tells whether a recording may be stale.

A recording holds plain Python values as they were: a rate, a flag, the list of layers. `number`
moves whenever such a value may have changed. So one comparison of integers is enough in most steps;
only after a change the model is read in full (`programs/reads.py`).
"""

from __future__ import annotations

import itertools
from typing import Any

from pylego.construction import Constructed

_numbers = itertools.count(1)
number = 0


def note() -> None:
    """Move to a new version, because something was set."""
    global number
    number = next(_numbers)


class Versioned(Constructed):
    """An object whose attributes recordings depend on: setting one moves the version."""

    # Attributes that no recording depends on: calls and training set them, or they only describe.
    _unversioned: frozenset[str] = frozenset({"_init_arguments"})
    # Attributes that are compared by identity, whatever changes inside of them.
    _opaque: frozenset[str] = frozenset()

    # Attributes that copies and pickles leave out: caches, and values of a call that is over. The
    # class has their initial values.
    _not_copied: frozenset[str] = frozenset()

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name not in self._unversioned:
            note()

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        if name not in self._unversioned:
            note()

    def __getstate__(self) -> dict[str, Any]:
        """Return the attributes that `copy` and `pickle` carry over."""
        return {name: value for name, value in vars(self).items() if name not in self._not_copied}
