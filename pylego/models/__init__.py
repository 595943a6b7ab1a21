"""Models: stack layers with `Sequential`, or subclass `Model`; then compile, fit, predict, save."""

from __future__ import annotations

from pylego import lazy

__getattr__, __dir__, __all__ = lazy.public(__name__)
