"""Warnings that point to the line of the user's program, however deep inside they arise."""

from __future__ import annotations

import sys
import warnings


def warn(sentence: str) -> None:
    """Warn once for the line outside of pylego that led here."""
    frame, level = sys._getframe(), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("pylego."):
        frame, level = frame.f_back, level + 1
    warnings.warn(sentence, stacklevel=level)
