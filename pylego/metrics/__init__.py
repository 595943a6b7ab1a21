"""Metrics: figures that are gathered over batches and shown, but not learned from.

Use a name (`metrics=["accuracy"]`), a function of (y_true, y_pred), or an object in `compile`.
"""

from __future__ import annotations

from pylego import lazy

__getattr__, __dir__, __all__ = lazy.public(__name__)
