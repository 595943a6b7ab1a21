"""Constraints: what an optimizer does to a weight after each step, to keep it in bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pylego import config, lazy, names, ops, registry
from pylego.core.tensor import Tensor
from pylego.versions import Versioned

Axis = int | Sequence[int]


class Constraint(Versioned):
    """The base of all constraints: define `__call__(w)`, which returns the new w, and `get_config`.

    Itself it constrains nothing.

    >>> class AtMostOne(Constraint):
    ...     def __call__(self, w):
    ...         return ops.minimum(w, 1.0)
    >>> AtMostOne()([0.5, 2.0]).numpy().tolist()
    [0.5, 1.0]
    """

    def __call__(self, w: Any) -> Tensor:
        """Return w within bounds."""
        return w

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return registry.completed(self, {})

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Constraint:
        """Make a constraint from what `get_config` returned."""
        return cls(**registry.read_arguments(cls, config))


def _norm(w: Tensor, axis: Axis) -> Tensor:
    return ops.norm(w, axis=axis, keepdims=True)


class MaxNorm(Constraint):
    """Shorten vectors of weights that are longer than `max_value` (Srivastava et al., JMLR 2014).

    Args:
        max_value: the greatest length, sqrt(sum(w^2)).
        axis: along which a vector lies; 0 for the weights into each unit of a `Dense` layer.

    >>> MaxNorm(1.0)([[3.0, 0.3], [4.0, 0.4]]).numpy().round(4).tolist()
    [[0.6000000238418579, 0.30000001192092896], [0.800000011920929, 0.4000000059604645]]
    """

    def __init__(self, max_value: float = 2, axis: Axis = 0):
        self.max_value = max_value
        self.axis = axis

    def __call__(self, w: Any) -> Tensor:
        """Return w within bounds."""
        w = ops.convert_to_tensor(w)
        length = _norm(w, self.axis)
        return w * (ops.minimum(length, self.max_value) / (length + config.epsilon()))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return {"max_value": self.max_value, "axis": self.axis}


class NonNeg(Constraint):
    """Set negative weights to 0.

    >>> NonNeg()([-1.0, 2.0]).numpy().tolist()
    [0.0, 2.0]
    """

    def __call__(self, w: Any) -> Tensor:
        """Return w within bounds."""
        return ops.maximum(w, 0.0)


class UnitNorm(Constraint):
    """Scale vectors of weights to length 1.

    Args:
        axis: along which a vector lies; 0 for the weights into each unit of a `Dense` layer.

    >>> UnitNorm()([[3.0], [4.0]]).numpy().round(4).tolist()
    [[0.6000000238418579], [0.800000011920929]]
    """

    def __init__(self, axis: Axis = 0):
        self.axis = axis

    def __call__(self, w: Any) -> Tensor:
        """Return w within bounds."""
        w = ops.convert_to_tensor(w)
        return w / (_norm(w, self.axis) + config.epsilon())

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return {"axis": self.axis}


class MinMaxNorm(Constraint):
    """Scale vectors of weights toward lengths between `min_value` and `max_value`.

    Args:
        min_value: the smallest length.
        max_value: the greatest length.
        rate: how much of the way a step goes; 1 goes all of it.
        axis: along which a vector lies; 0 for the weights into each unit of a `Dense` layer.

    >>> MinMaxNorm(min_value=5.0, max_value=10.0)([[0.3], [0.4]]).numpy().round(2).tolist()
    [[3.0], [4.0]]
    """

    def __init__(
        self,
        min_value: float = 0.0,
        max_value: float = 1.0,
        rate: float = 1.0,
        axis: Axis = 0,
    ):
        self.min_value = min_value
        self.max_value = max_value
        self.rate = rate
        self.axis = axis

    def __call__(self, w: Any) -> Tensor:
        """Return w within bounds."""
        w = ops.convert_to_tensor(w)
        length = _norm(w, self.axis)
        bounded = ops.clip(length, self.min_value, self.max_value)
        wanted = self.rate * bounded + (1.0 - self.rate) * length
        return w * (wanted / (length + config.epsilon()))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return {
            "min_value": self.min_value,
            "max_value": self.max_value,
            "rate": self.rate,
            "axis": self.axis,
        }


max_norm = MaxNorm
non_neg = NonNeg
unit_norm = UnitNorm
min_max_norm = MinMaxNorm

_CLASSES = (Constraint, MaxNorm, NonNeg, UnitNorm, MinMaxNorm)
_TABLE: dict[str, Any] = {
    **{cls.__name__: cls for cls in _CLASSES},
    **{names.snake_case(cls.__name__): cls for cls in _CLASSES},
}


def get(identifier: Any) -> Any:
    """Return the constraint for a name, a function or an object; None for None.

    Raises:
        ValueError: for an unknown name, with the nearest ones.
        TypeError: for what is neither a name nor a function.

    >>> get("max_norm").get_config()
    {'max_value': 2, 'axis': 0}
    """
    return registry.get("constraint", identifier, _TABLE)


def serialize(constraint: Any) -> Any:
    """Describe a constraint as plain data.

    >>> serialize(UnitNorm(axis=1))
    {'module': 'keras.constraints', 'class_name': 'UnitNorm', 'config': {'axis': 1}, \
'registered_name': None}
    """
    return registry.serialize(constraint)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """Make the constraint that `serialize` described."""
    with registry.reading(config, custom_objects):
        return get(config)


if not TYPE_CHECKING:
    __getattr__ = lazy.refuse_others(__name__)
