"""The layer that makes probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import activations, given, ops
from pylego.core.tensor import Tensor
from pylego.layers.layer import Layer

_FAR_BELOW = -3e38  # instead of a masked number: its exponential is 0, also where all are masked


class Softmax(Layer):
    """Compute exp(x) / sum(exp(x)): positive numbers whose sum is 1 over some axes.

    Called with a `mask`, which is broadcast over the inputs, it leaves out the numbers where that
    is False: their share is 0.

    Args:
        axis: over which axis, or axes, the sum runs.
        **kwargs: see `Layer`.

    >>> Softmax()([[1.0, 1.0]]).numpy().tolist()
    [[0.5, 0.5]]
    >>> Softmax()([[1.0, 1.0]], mask=[[True, False]]).numpy().tolist()
    [[1.0, 0.0]]
    """

    _is_built_when_made = True
    supports_masking = True

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = axis if isinstance(axis, int) else list(axis)

    def call(self, inputs: Tensor, mask: Any = None) -> Tensor:
        if mask is None:
            return self._shares(inputs)
        mask = ops.convert_to_tensor(mask)
        pairs = zip(mask.shape[::-1], inputs.shape[::-1])
        if mask.ndim > inputs.ndim or any(m not in (1, n) for m, n in pairs):
            raise ValueError(
                f"Layer {self.name!r}: a mask of shape {given.shape(mask.shape)} cannot be "
                f"broadcast to inputs of shape {given.shape(inputs.shape)}"
            )
        is_kept = mask if mask.dtype == "bool" else mask > 0.5
        return ops.where(is_kept, self._shares(ops.where(is_kept, inputs, _FAR_BELOW)), 0.0)

    def _shares(self, inputs: Tensor) -> Tensor:
        axes = [self.axis] if isinstance(self.axis, int) else list(self.axis)
        if len(axes) > 1:
            return ops.softmax(inputs, tuple(axes))
        return activations.softmax(inputs, axes[0])

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}
