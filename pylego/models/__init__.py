"""Models: stack layers with `Sequential`, or subclass `Model`; then compile, fit and predict."""

from typing import TYPE_CHECKING

from pylego import lazy
from pylego.models.model import Model
from pylego.models.sequential import Sequential

__all__ = ["Model", "Sequential"]

if not TYPE_CHECKING:
    __getattr__ = lazy.refuse_others(__name__)
