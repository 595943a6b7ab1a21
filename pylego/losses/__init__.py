"""Losses: what is a mistake, and how large is it? The torso of the figure.

Use a name (`loss="mse"`), a function of (y_true, y_pred), or an object in `compile`; or call them.
"""

from __future__ import annotations

from pylego import lazy

__getattr__, __dir__, __all__ = lazy.public(__name__)
