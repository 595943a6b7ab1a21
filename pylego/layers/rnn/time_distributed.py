"""The layer that does the same at each step."""

from __future__ import annotations

from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.core.tree import leaves, map_leaves, with_leaves
from pylego.layers.core.wrapper import Wrapper
from pylego.layers.layer import Layer

Shape = tuple[int | None, ...]


class TimeDistributed(Wrapper):
    """Call a layer on each step of a sequence, with the same weights.

    Shapes: (batch, steps, ...) gives (batch, steps, ...): the steps become part of the batch for
    the layer, so that it is called once.

    Args:
        layer: what is called.
        **kwargs: see `Layer`.

    Raises:
        TypeError: when it is not a layer.
        ValueError: for inputs of fewer than three axes, and for a mask of other steps.

    >>> from pylego.layers import Dense
    >>> TimeDistributed(Dense(8)).compute_output_shape((None, 10, 16))
    (None, 10, 8)
    """

    supports_masking = True

    def __init__(self, layer: Layer, **kwargs: Any):
        super().__init__(layer, **kwargs)

    def build(self, input_shape: Shape) -> None:  # type: ignore[override]
        super().build(self._step_shape(input_shape))

    def _step_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) < 3:
            raise ValueError(
                f"Layer {self.name!r}: TimeDistributed takes inputs of shape (batch, steps, ...), "
                f"of three axes or more. Received: shape {tuple(input_shape)}"
            )
        return (input_shape[0], *input_shape[2:])

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, *rest = self.layer.compute_output_shape(self._step_shape(input_shape))
        return (batch, input_shape[1], *rest)

    def call(self, inputs: Tensor, training: bool | None = None, mask: Any = None) -> Any:
        self._check_mask(inputs, mask)
        if (
            training and self.layer.non_trainable_weights
        ):  # statistics of a batch are those of a step
            return self._step_by_step(inputs, mask, training)
        batch, steps = inputs.shape[:2]
        merged = ops.reshape(inputs, (batch * steps, *inputs.shape[2:]))
        if mask is not None:
            mask = ops.reshape(mask, (batch * steps, *mask.shape[2:]))
        outputs = self._call_layer(merged, mask, training)
        return map_leaves(lambda y: ops.reshape(y, (batch, steps, *y.shape[1:])), outputs)

    def _step_by_step(self, inputs: Tensor, mask: Any, training: bool) -> Any:
        outputs = [
            self._call_layer(inputs[:, i], None if mask is None else mask[:, i], training)
            for i in range(inputs.shape[1])
        ]
        stacked = [ops.stack(steps, axis=1) for steps in zip(*map(leaves, outputs))]
        return with_leaves(outputs[0], stacked)

    def _call_layer(self, x: Tensor, mask: Any, training: bool | None) -> Any:
        kwargs: dict[str, Any] = {}
        if mask is not None and "mask" in self.layer._call_names:
            kwargs["mask"] = mask
        if "training" in self.layer._call_names:
            kwargs["training"] = training
        return self.layer(x, **kwargs)

    def _check_mask(self, inputs: Tensor, mask: Any) -> None:
        if mask is not None and tuple(mask.shape[:2]) != tuple(inputs.shape[:2]):
            raise ValueError(
                f"Layer {self.name!r}: a mask is of shape (batch, steps, ...), which is "
                f"{inputs.shape[:2]} for inputs of shape {inputs.shape}. Received: a mask of shape "
                f"{mask.shape}"
            )
