"""Networks that name what is in a picture, with published weights where they can be had."""

from __future__ import annotations

from pylego import lazy

__getattr__, __dir__, __all__ = lazy.public(__name__)
