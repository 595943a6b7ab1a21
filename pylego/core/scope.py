"""What a layer takes over from the layer around it: the path of its name, and whether it trains."""

from __future__ import annotations

import itertools
import threading
from typing import Any

from pylego import engine
from pylego.core import dtypes, recording
from pylego.core.tree import leaves


class _Innermost(threading.local):
    scope: Scope | None = None


_innermost = _Innermost()
_numbers = itertools.count(1)


class Scope:
    """Hold open, with `with`, while a layer is built or called.

    Its `number` is that of the outermost call: all layers inside share it.

    Args:
        layer: the layer.
        training: whether it trains; None takes over what the scope around it says.
        is_call: whether it is called; then variables are read in the dtype that it computes in.
    """

    __slots__ = (
        "_changes_autocast", "_label", "autocast", "layer", "number", "outer", "training",
    )  # fmt: skip
    number: int
    training: bool | None
    autocast: int | None  # the number of the dtype in which variables are read; None: their own

    def __init__(self, layer: Any, training: bool | None = None, is_call: bool = False):
        outer = _innermost.scope
        around = None if outer is None else outer.autocast
        is_asked = is_call and (around is not None or layer._is_mixed)
        self.autocast = _autocast_of(layer, around) if is_asked else around
        self._changes_autocast = self.autocast != around
        self._label = recording.Label(layer.path, type(layer))
        self.layer = layer
        self.outer = outer
        self.number = next(_numbers) if outer is None else outer.number
        self.training = outer.training if training is None and outer is not None else training

    def __enter__(self) -> Scope:
        _innermost.scope = self
        self._label.__enter__()
        if self._changes_autocast:
            _set_autocast(self.autocast)
        return self

    def __exit__(self, *error: Any) -> None:
        self._label.__exit__(*error)
        _innermost.scope = self.outer
        if self._changes_autocast:
            _set_autocast(None if self.outer is None else self.outer.autocast)


def _set_autocast(number: int | None) -> None:
    engine.set_autocast(-1 if number is None else number)


def _autocast_of(layer: Any, around: int | None) -> int | None:
    """The dtype in which the call of a layer reads variables, where the layer computes in another
    than that of its weights, or the call around reads them in another: that of the computation."""
    computes_in = layer.compute_dtype
    is_cast = dtypes.is_float(computes_in) and (layer.autocast or around is None)
    return engine.DTYPE_NUMBERS[computes_in] if is_cast else None


class called_in_training:
    """Let layers that are called in the `with` block train or not, outside of any model.

    Args:
        training: whether they do.
    """

    layer = autocast = None

    def __init__(self, training: bool):
        self.training = training
        self.number = next(_numbers)

    def __enter__(self) -> None:
        self._outer = _innermost.scope
        _innermost.scope = self  # type: ignore[assignment]

    def __exit__(self, *error: Any) -> None:
        _innermost.scope = self._outer


def training_now() -> bool | None:
    """Return whether the layer that is being called trains; None outside of all layers."""
    return None if _innermost.scope is None else _innermost.scope.training


def innermost_layer() -> Any:
    """Return the layer that is being built or called now, or None."""
    return None if _innermost.scope is None else _innermost.scope.layer


def place_of(layer: Any, inputs: Any) -> str:
    """Say for an error which layer was called, and with what."""
    shapes = [str(x.shape) for x in leaves(inputs) if hasattr(x, "shape")]
    name = recording.place(layer.path, type(layer))
    return f"{name}, called with inputs of shape {', '.join(shapes)}" if shapes else name
