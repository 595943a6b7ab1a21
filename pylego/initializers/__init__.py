"""Initializers: how weights start, as in `Dense(64, kernel_initializer="he_normal")`."""

from __future__ import annotations

from pylego import lazy

__getattr__, __dir__, __all__ = lazy.public(__name__)
