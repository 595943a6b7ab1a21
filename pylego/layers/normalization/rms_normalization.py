"""The layer that divides each sample by its root mean square."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers.layer import Layer


class RMSNormalization(Layer):
    """Divide each sample by the root of its mean square over some axes, then multiply by a scale.

    Shapes: any, and the same comes out; the weight `scale` has the lengths of the axes. See Zhang
    and Sennrich, NeurIPS 2019 (arXiv 1910.07467).

    Args:
        axis: over which axis, or axes, the mean is taken.
        epsilon: is added to the mean square.
        **kwargs: see `Layer`.

    Raises:
        TypeError: when axis is neither a whole number nor a list of them.
        ValueError: when the inputs do not have such an axis.

    >>> print(RMSNormalization(epsilon=0.0)([[1.0, -1.0, 7.0, 7.0]]))
    Tensor(shape=(1, 4), dtype=float32, [[ 0.2 -0.2  1.4  1.4]])
    """

    def __init__(self, axis: int | Sequence[int] = -1, epsilon: float = 1e-6, **kwargs: Any):
        super().__init__(**kwargs)
        if not isinstance(axis, (int, list, tuple)):
            raise TypeError(
                f"Layer {self.name!r}: axis must be a whole number or a list of them. "
                f"Received: axis={axis!r}"
            )
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.epsilon = epsilon

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.axis = [self.axis] if isinstance(self.axis, int) else sorted(self.axis)
        rank = len(input_shape)
        if not all(-rank <= axis < rank for axis in self.axis):
            raise ValueError(
                f"Layer {self.name!r} has axis={self.axis}, but the inputs have {rank} axes. "
                f"Received: input shape {tuple(input_shape)}"
            )
        shape = tuple(input_shape[axis] for axis in self.axis)
        self.scale = self.add_weight(shape, "ones", name="scale")

    def call(self, inputs: Tensor) -> Tensor:
        return ops.rms_normalization(inputs, self.scale, self.axis, self.epsilon)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis, "epsilon": self.epsilon}
