"""Layers: the bricks that models are stacked of, and `Layer` for bricks of one's own."""

from __future__ import annotations

from pylego import lazy

__getattr__, __dir__, __all__ = lazy.public(__name__)
