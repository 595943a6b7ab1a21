"""Schedules: learning rates that change from step to step.

Give one as `learning_rate` of an optimizer; it runs inside of the recorded training step.
"""

from __future__ import annotations

from pylego import lazy

__getattr__, __dir__, __all__ = lazy.public(__name__)
