"""The layer that scales each sample to length 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers.layer import Layer


class UnitNormalization(Layer):
    """Divide each sample by its length: the root of the sum of squares over some axes.

    Args:
        axis: over which axis, or axes, the length is taken.
        **kwargs: see `Layer`.

    Raises:
        TypeError: when axis is neither a whole number nor a list of them.

    >>> print(UnitNormalization()([[3.0, 4.0]]))
    Tensor(shape=(1, 2), dtype=float32, [[0.6 0.8]])
    """

    _is_built_when_made = True
    supports_masking = True

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any):
        super().__init__(**kwargs)
        if not isinstance(axis, (int, list, tuple)):
            raise TypeError(
                f"Layer {self.name!r}: axis must be a whole number or a list of them. "
                f"Received: axis={axis!r}"
            )
        self.axis = axis if isinstance(axis, int) else list(axis)

    def call(self, inputs: Tensor) -> Tensor:
        return ops.normalize(inputs, self.axis, order=2, epsilon=1e-12)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}
