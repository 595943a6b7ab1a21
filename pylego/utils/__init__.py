"""Prepare labels and arrays for training: the functions that Keras keeps under `keras.utils`."""

from __future__ import annotations

from pylego import lazy

__getattr__, __dir__, __all__ = lazy.public(__name__)
