"""Do something while a model trains: stop early, remember, show, or whatever you write."""

from __future__ import annotations

from pylego import lazy

__getattr__, __dir__, __all__ = lazy.public(__name__)
