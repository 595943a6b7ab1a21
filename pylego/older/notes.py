"""A note that an old word was understood: once for each, in one line that says today's."""

from __future__ import annotations

import sys
import warnings

PACKAGE = __name__.partition(".")[0]

_said: set[str] = set()


def note(old: str, today: str) -> None:
    """Warn, the first time, that a word is old.

    Args:
        old: the word with its owner, as in "Conv2D(border_mode=)".
        today: what is written in its place.
    """
    say_once(f"{old} is an older word: today it is {today}")


def say_once(sentence: str) -> None:
    """Warn with this sentence the first time, at the line of the program that led here."""
    if sentence in _said:
        return
    _said.add(sentence)
    frame, level = sys._getframe(), 1
    while frame.f_back is not None and _is_ours(frame.f_globals.get("__name__", "")):
        frame, level = frame.f_back, level + 1
    warnings.warn(sentence, stacklevel=level)


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == PACKAGE


def forget() -> None:
    """Let each note be said once more."""
    _said.clear()
