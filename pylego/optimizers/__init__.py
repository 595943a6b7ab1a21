"""Optimizers: how to step away from a mistake. The legs of the figure.

Use a name (`optimizer="adam"`) or an object in `compile`, or `apply` gradients yourself.
"""

from __future__ import annotations

from pylego import lazy

__getattr__, __dir__, __all__ = lazy.public(__name__)
