"""Models: stack layers with `Sequential`, or subclass `Model`; then compile, fit and predict."""

from pylego.models.model import Model
from pylego.models.sequential import Sequential

__all__ = ["Model", "Sequential"]
