"""Load small, well-known data sets: `digits` works offline, the others are downloaded once."""

from __future__ import annotations

from pylego import lazy

__getattr__, __dir__, __all__ = lazy.public(__name__)
