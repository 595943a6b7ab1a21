"""DTypePolicy: the dtypes of a layer's computation and of its weights."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from pylego import config, engine, ops, registry
from pylego.core import dtypes
from pylego.core.placeholder import Placeholder
from pylego.core.tensor import Tensor, convert_to_tensor

_MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}


class DTypePolicy:
    """In which dtype a layer computes, and in which it keeps its weights.

    Numbers of 16 bits take half the memory and lose digits: float16 has 3 of them and ends at
    65504, bfloat16 has 2 and the range of float32. A mixed policy computes with such numbers and
    keeps the weights in float32, so that small steps of an optimizer add up; layers read their
    weights in the dtype of the computation.

    Args:
        name: of a dtype, for both; or "mixed_float16", "mixed_bfloat16". By default that of
            `config.dtype_policy()`.

    Raises:
        TypeError: for anything but a string.
        ValueError: for another name.

    >>> DTypePolicy("mixed_float16")
    <DTypePolicy "mixed_float16">
    >>> policy = DTypePolicy("mixed_bfloat16")
    >>> policy.compute_dtype, policy.variable_dtype
    ('bfloat16', 'float32')
    """

    def __init__(self, name: str | None = None):
        name = config.dtype_policy().name if name is None else name
        self._name = name
        self._compute_dtype, self._variable_dtype = _parse(name)

    @property
    def name(self) -> str:
        """The name of a dtype, or of a mixed policy."""
        return self._name

    @property
    def compute_dtype(self) -> str:
        """The dtype in which layers compute, which is that of their outputs."""
        return self._compute_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of the weights."""
        return self._variable_dtype

    @property
    def quantization_mode(self) -> None:
        """None: weights are not quantized."""
        return None

    def convert_input(self, x: Any, autocast: bool, dtype: Any) -> Any:
        """Return x, where it is a tensor or an array of floats, in another dtype.

        Args:
            x: what a layer is called with; what has no dtype comes back as it is.
            autocast: whether floats are cast at all.
            dtype: that they are cast to.
        """
        if not (isinstance(x, Tensor) or hasattr(x, "__array__")):
            return x
        x = x if isinstance(x, (Tensor, Placeholder)) else convert_to_tensor(x)
        return ops.cast(x, dtype) if autocast and dtypes.is_float(x.dtype) else x

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make it again from `get_config()`."""
        return cls(**config)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and self.get_config() == other.get_config()

    def __hash__(self) -> int:
        return hash(self.name)


FloatDTypePolicy = DTypePolicy  # Keras's other name for it


def _parse(name: Any) -> tuple[str, str]:
    if not isinstance(name, str):
        raise TypeError(
            "A dtype policy has a name, such as 'mixed_float16'. "
            f"Received: name={name!r} of type {type(name).__name__}"
        )
    if name in _MIXED:
        return _MIXED[name], "float32"
    try:
        dtype = dtypes.standardize_dtype(name)
    except TypeError as error:
        if name == "string":  # a dtype of Keras: the error says where texts have their place
            raise
        raise ValueError(
            f"A dtype policy is {', '.join(map(repr, _MIXED))} or the name of a dtype: "
            f"{', '.join(engine.DTYPES)}. Received: {name!r}"
        ) from error
    return dtype, dtype


def get(identifier: Any) -> DTypePolicy:
    """Return the policy that a name, a dtype, a description or a policy means.

    Args:
        identifier: None is `config.dtype_policy()`.

    Raises:
        ValueError: for an unknown name.
        TypeError: for anything that is neither a policy nor a dtype.

    >>> import numpy as np
    >>> get("mixed_float16"), get(np.float64)
    (<DTypePolicy "mixed_float16">, <DTypePolicy "float64">)
    """
    if isinstance(identifier, DTypePolicy):
        return identifier
    if identifier is None:
        return config.dtype_policy()
    if isinstance(identifier, Mapping):
        return registry.deserialize(identifier)
    is_name = isinstance(identifier, str)
    return _named(identifier if is_name else dtypes.standardize_dtype(identifier))


@functools.cache
def _named(name: str) -> DTypePolicy:
    return DTypePolicy(name)
