"""Regularizers: penalties on weights or outputs that training adds to the loss."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pylego import lazy, names, ops, registry
from pylego.core.tensor import Tensor
from pylego.versions import Versioned


def _strength(name: str, value: float | None) -> float:
    """Check a factor; None means 0."""
    if value is None:
        return 0.0
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or value < 0:
        raise ValueError(f"{name} must be a finite number, 0 or larger. Received: {name}={value!r}")
    return float(value)


class Regularizer(Versioned):
    """The base of all regularizers: define `__call__(x)`, which returns a scalar, and `get_config`.

    >>> class SumOfCubes(Regularizer):
    ...     def __call__(self, x):
    ...         return ops.sum(ops.abs(x) ** 3)
    >>> SumOfCubes()([1.0, -2.0]).item()
    9.0
    """

    def __call__(self, x: Any) -> Tensor:
        """Compute the penalty of x, a scalar."""
        raise NotImplementedError(f"{type(self).__name__} has no __call__(self, x)")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return registry.completed(self, {})

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Regularizer:
        """Make a regularizer from what `get_config` returned."""
        return cls(**registry.read_arguments(cls, config))


class L1L2(Regularizer):
    """Penalty l1 * sum(|x|) + l2 * sum(x^2).

    Args:
        l1: factor of the sizes.
        l2: factor of the squares.

    Raises:
        ValueError: when a factor is negative or no number.

    >>> L1L2(l1=1.0, l2=0.5)([1.0, -2.0]).item()
    5.5
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0):
        self.l1 = _strength("l1", l1)
        self.l2 = _strength("l2", l2)

    def __call__(self, x: Any) -> Tensor:
        """Compute the penalty of x, a scalar."""
        x = ops.convert_to_tensor(x)
        penalty = ops.zeros((), x.dtype)
        if self.l1:
            penalty = penalty + self.l1 * ops.sum(ops.abs(x))
        if self.l2:
            penalty = penalty + self.l2 * ops.sum(ops.square(x))
        return penalty

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return {"l1": self.l1, "l2": self.l2}


class L1(Regularizer):
    """Penalty l1 * sum(|x|), which drives weights to 0 (Tibshirani 1996, "lasso").

    Args:
        l1: factor.

    Raises:
        ValueError: when the factor is negative or no number.

    >>> L1(0.5)([1.0, -2.0]).item()
    1.5
    """

    def __init__(self, l1: float = 0.01):
        self.l1 = _strength("l1", l1)

    def __call__(self, x: Any) -> Tensor:
        """Compute the penalty of x, a scalar."""
        return self.l1 * ops.sum(ops.abs(x))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return {"l1": self.l1}


class L2(Regularizer):
    """Penalty l2 * sum(x^2), which keeps weights small (Hoerl, Kennard 1970, "ridge").

    Args:
        l2: factor.

    Raises:
        ValueError: when the factor is negative or no number.

    >>> L2(0.5)([1.0, -2.0]).item()
    2.5
    """

    def __init__(self, l2: float = 0.01):
        self.l2 = _strength("l2", l2)

    def __call__(self, x: Any) -> Tensor:
        """Compute the penalty of x, a scalar."""
        return self.l2 * ops.sum(ops.square(x))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return {"l2": self.l2}


class OrthogonalRegularizer(Regularizer):
    """Penalty factor * mean |cosine| over pairs of rows (or columns): it turns them apart.

    For rows r_i of unit length it is factor * sum over i < j of |r_i r_j| / (n (n - 1) / 2).

    Args:
        factor: of the penalty.
        mode: 'rows' or 'columns'.

    Raises:
        ValueError: when the factor is negative, the mode another, or x no matrix.

    >>> OrthogonalRegularizer(1.0)([[1.0, 0.0], [0.0, 3.0]]).item()
    0.0
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows"):
        if mode not in ("rows", "columns"):
            raise ValueError(f"mode must be 'rows' or 'columns'. Received: mode={mode!r}")
        self.factor = _strength("factor", factor)
        self.mode = mode

    def __call__(self, x: Any) -> Tensor:
        """Compute the penalty of the matrix x, a scalar."""
        x = ops.convert_to_tensor(x)
        if x.ndim != 2:
            raise ValueError(f"OrthogonalRegularizer takes a matrix. Received: shape {x.shape}")
        rows = x if self.mode == "rows" else x.T
        count = rows.shape[0]
        squares = ops.sum(ops.square(rows), axis=1, keepdims=True)
        rows = rows * ops.rsqrt(ops.maximum(squares, 1e-12))  # a row of zeros stays one
        cosines = ops.abs(ops.matmul(rows, rows.T)) * (1.0 - ops.eye(count, dtype=x.dtype))
        return self.factor * ops.sum(cosines) / max(count * (count - 1), 1)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return {"factor": self.factor, "mode": self.mode}


l1 = L1
l2 = L2
l1_l2 = L1L2
orthogonal_regularizer = OrthogonalRegularizer

_CLASSES = (Regularizer, L1, L2, L1L2, OrthogonalRegularizer)
_TABLE: dict[str, Any] = {
    **{cls.__name__: cls for cls in _CLASSES},
    **{names.snake_case(cls.__name__): cls for cls in _CLASSES},
    # Keras 2's factors: those of L1L2() are 0, and a penalty that is asked for should be one.
    "l1_l2": L1L2(0.01, 0.01),
}


def get(identifier: Any) -> Any:
    """Return the regularizer for a name, a function or an object; None for None.

    Raises:
        ValueError: for an unknown name, with the nearest ones.
        TypeError: for what is neither a name nor a function.

    >>> get("l2").get_config()
    {'l2': 0.01}
    """
    return registry.get("regularizer", identifier, _TABLE)


def serialize(regularizer: Any) -> Any:
    """Describe a regularizer as plain data.

    >>> serialize(L1(0.5))
    {'module': 'keras.regularizers', 'class_name': 'L1', 'config': {'l1': 0.5}, \
'registered_name': None}
    """
    return registry.serialize(regularizer)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """Make the regularizer that `serialize` described."""
    with registry.reading(config, custom_objects):
        return get(config)


if not TYPE_CHECKING:
    __getattr__ = lazy.refuse_others(__name__)
