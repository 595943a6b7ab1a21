"""What came, in a message: a description may be as large as a file, or nested without end."""

from __future__ import annotations

import reprlib

_short = reprlib.Repr()
_short.maxlevel = 3
_short.maxstring = _short.maxother = 60
_short.maxdict = _short.maxlist = _short.maxtuple = 4
_short.maxlong = 30


def shown(value: object) -> str:
    """Return a short repr, however large the value is.

    >>> shown([[[[[1]]]], "x" * 1000])
    "[[[[...]]], 'xxxxxxxxxxxxxxxxxxxxxxxxxxx...xxxxxxxxxxxxxxxxxxxxxxxxxxxx']"
    """
    try:
        return _short.repr(value)
    except ValueError:  # Python writes no numbers of thousands of digits
        return f"a huge {type(value).__name__}"
