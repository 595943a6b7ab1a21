"""Initializers: how weights start, as in `Dense(64, kernel_initializer="he_normal")`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pylego import lazy, names, registry
from pylego.core.tensor import Tensor, cast, convert_to_tensor
from pylego.initializers.constant import Constant, Identity, Ones, Zeros
from pylego.initializers.initializer import Initializer, RandomInitializer
from pylego.initializers.random import Orthogonal, RandomNormal, RandomUniform, TruncatedNormal
from pylego.initializers.scaling import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
    compute_fans,
)

__all__ = [
    "Constant", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "Identity", "Initializer",
    "LecunNormal", "LecunUniform", "Ones", "Orthogonal", "RandomInitializer", "RandomNormal",
    "RandomUniform", "TruncatedNormal", "VarianceScaling", "Zeros", "compute_fans", "constant",
    "deserialize", "get", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "identity",
    "lecun_normal", "lecun_uniform", "ones", "orthogonal", "random_normal", "random_uniform",
    "serialize", "truncated_normal", "variance_scaling", "zeros",
]  # fmt: skip

constant = Constant
identity = Identity
ones = Ones
zeros = Zeros
orthogonal = Orthogonal
random_normal = RandomNormal
random_uniform = RandomUniform
truncated_normal = TruncatedNormal
glorot_normal = GlorotNormal
glorot_uniform = GlorotUniform
he_normal = HeNormal
he_uniform = HeUniform
lecun_normal = LecunNormal
lecun_uniform = LecunUniform
variance_scaling = VarianceScaling

_CLASSES = (
    Constant, GlorotNormal, GlorotUniform, HeNormal, HeUniform, Identity, Initializer, LecunNormal,
    LecunUniform, Ones, Orthogonal, RandomNormal, RandomUniform, TruncatedNormal, VarianceScaling,
    Zeros,
)  # fmt: skip
_TABLE: dict[str, Any] = {
    **{cls.__name__: cls for cls in _CLASSES},
    **{names.snake_case(cls.__name__): cls for cls in _CLASSES},
    "normal": RandomNormal,
    "one": Ones,
    "uniform": RandomUniform,
    "zero": Zeros,
}


def get(identifier: Any) -> Any:
    """Return the initializer for a name, a function of (shape, dtype), an object, or an array.

    An array or tensor stands for the numbers themselves. None stays None.

    Raises:
        ValueError: for an unknown name, with the nearest ones.
        TypeError: for anything else.

    >>> type(get("he_normal")).__name__
    'HeNormal'
    """
    if hasattr(identifier, "__array__"):
        return _start_with(convert_to_tensor(identifier))
    return registry.get("initializer", identifier, _TABLE)


def _start_with(numbers: Tensor) -> Callable:
    def initialize(shape: Sequence[int], dtype: Any = None) -> Tensor:
        if tuple(shape) != numbers.shape:
            raise ValueError(
                f"The array given as initializer has shape {numbers.shape}, but the weight has "
                f"shape {tuple(shape)}"
            )
        return cast(numbers, dtype)

    return initialize


def serialize(initializer: Any) -> Any:
    """Describe an initializer as plain data.

    >>> serialize(Constant(0.5))
    {'class_name': 'Constant', 'config': {'value': 0.5}}
    """
    return registry.serialize(initializer)


def deserialize(config: Any) -> Any:
    """Make the initializer that `serialize` described."""
    return get(config)


if not TYPE_CHECKING:
    __getattr__ = lazy.refuse_others(__name__)
