"""Data on their way to a model, under the names that Keras keeps for them."""

from __future__ import annotations

from pylego import lazy

__getattr__, __dir__, __all__ = lazy.public(__name__)
