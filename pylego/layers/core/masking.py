"""The layer that says which steps of a sequence count."""

from __future__ import annotations

from typing import Any

from pylego import ops, registry
from pylego.core.tensor import Tensor
from pylego.layers.layer import Layer


class Masking(Layer):
    """Mask the steps at which all features have one value; layers behind it pass over them.

    Shapes: (batch, steps, features) comes out as it is, with a mask of shape (batch, steps). The
    masked steps become 0.

    Args:
        mask_value: what stands at steps that do not count.
        **kwargs: see `Layer`.

    >>> layer = Masking()
    >>> layer.compute_mask([[[1.0, 2.0], [0.0, 3.0], [0.0, 0.0]]]).numpy().tolist()
    [[True, True, False]]
    """

    _is_built_when_made = True
    supports_masking = True

    def __init__(self, mask_value: Any = 0.0, **kwargs: Any):
        super().__init__(**kwargs)
        if isinstance(mask_value, dict) and "config" in mask_value:  # a tensor in a file
            mask_value = registry.deserialize(mask_value)
        self.mask_value = mask_value

    def call(self, inputs: Tensor) -> Tensor:
        is_real = ops.any(ops.not_equal(inputs, self.mask_value), axis=-1, keepdims=True)
        return ops.where(is_real, inputs, 0)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Tensor:
        """Return where any feature differs from the value."""
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mask_value": self.mask_value}
