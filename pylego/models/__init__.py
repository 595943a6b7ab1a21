"""Models: stack layers with `Sequential`, or subclass `Model`; then compile, fit and predict."""

from typing import TYPE_CHECKING

from pylego import lazy
from pylego.models.cloning import clone_model
from pylego.models.description import model_from_json
from pylego.models.model import Model
from pylego.models.sequential import Sequential

__all__ = ["Model", "Sequential", "clone_model", "model_from_json"]

if not TYPE_CHECKING:
    __getattr__ = lazy.refuse_others(__name__)
