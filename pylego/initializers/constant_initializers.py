"""Initializers without chance: zeros, ones, any constant, the identity matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import ops, registry
from pylego.core.tensor import Tensor
from pylego.initializers.initializer import Initializer


class Zeros(Initializer):
    """Start with 0.

    >>> Zeros()((2,)).numpy().tolist()
    [0.0, 0.0]
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Make the first numbers of a weight of that shape."""
        return ops.zeros(shape, dtype)


class Ones(Initializer):
    """Start with 1.

    >>> Ones()((2,)).numpy().tolist()
    [1.0, 1.0]
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Make the first numbers of a weight of that shape."""
        return ops.ones(shape, dtype)


class Constant(Initializer):
    """Start with a given number, or with given numbers that broadcast to the shape.

    Args:
        value: the number, or an array.

    >>> Constant(0.5)((2,)).numpy().tolist()
    [0.5, 0.5]
    """

    def __init__(self, value: Any = 0.0):
        self.value = value

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Make the first numbers of a weight of that shape."""
        return ops.broadcast_to(ops.cast(self.value, dtype), shape)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return {**super().get_config(), "value": registry.serialize(self.value)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Constant:
        return cls(**registry.read_parts(config))


class GivenNumbers(Constant):
    """Start with an array of the weight's own shape: what an array as initializer means."""

    _keras_identity = ("keras.initializers", "Constant")

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Return the numbers."""
        if tuple(shape) != self.value.shape:
            raise ValueError(
                f"The array given as initializer has shape {self.value.shape}, but the weight has "
                f"shape {tuple(shape)}"
            )
        return ops.cast(self.value, dtype)


class Identity(Initializer):
    """Start with the identity matrix: ones on the main diagonal.

    Args:
        gain: what stands on the diagonal.

    Raises:
        ValueError: when called for a shape that is not a matrix.

    >>> Identity(2.0)((2, 2)).numpy().tolist()
    [[2.0, 0.0], [0.0, 2.0]]
    """

    def __init__(self, gain: float = 1.0):
        self.gain = gain

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Make the first numbers of a weight of that shape."""
        if len(shape) != 2:
            raise ValueError(f"Identity makes matrices only. Received: shape={tuple(shape)}")
        return self.gain * ops.eye(shape[0], shape[1], dtype=dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return {} if self.gain == 1 else {"gain": self.gain}  # Keras never writes it


constant = Constant
identity = IdentityInitializer = Identity
ones = Ones
zeros = Zeros
