"""The layer of rectified linear units whose slopes are learnt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import constraints, initializers, ops, regularizers
from pylego.core.tensor import Tensor
from pylego.layers.input_spec import InputSpec
from pylego.layers.layer import Layer


class PReLU(Layer):
    """Compute x above 0 and alpha * x below, with a learnt alpha for each place of a sample.

    Shapes: any, and the same comes out; alpha has the shape of a sample, with a length of 1 along
    the shared axes. See He et al., arXiv 1502.01852.

    Args:
        alpha_initializer: how alpha starts.
        alpha_regularizer: penalty on alpha.
        alpha_constraint: applied to alpha after each step.
        shared_axes: axes, counted from 1 on, along which alpha is the same: [1, 2] for an alpha for
            each channel of an image.
        **kwargs: see `Layer`.

    Raises:
        ValueError: when the inputs do not have a shared axis.

    >>> PReLU("ones")([[-3.0, 5.0]]).numpy().tolist()
    [[-3.0, 5.0]]
    """

    supports_masking = True

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: int | Sequence[int] | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        axes = [shared_axes] if isinstance(shared_axes, int) else shared_axes
        self.shared_axes = None if axes is None else list(axes)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        rank = len(input_shape)
        lengths = dict(enumerate(input_shape[1:], start=1))
        for axis in self.shared_axes or ():
            if not 1 <= axis < rank:
                raise ValueError(
                    f"Layer {self.name!r} has shared_axes={self.shared_axes}, but samples have "
                    f"the axes 1 to {rank - 1}. Received: input shape {tuple(input_shape)}"
                )
            del lengths[axis]
        self.alpha = self.add_weight(
            [lengths.get(axis, 1) for axis in range(1, rank)],
            self.alpha_initializer,
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
            name="alpha",
        )
        self.input_spec = InputSpec(ndim=rank, axes=lengths if self.shared_axes else {})

    def call(self, inputs: Tensor) -> Tensor:
        return ops.relu(inputs) - self.alpha * ops.relu(-inputs)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "alpha_initializer": initializers.serialize(self.alpha_initializer),
            "alpha_regularizer": regularizers.serialize(self.alpha_regularizer),
            "alpha_constraint": constraints.serialize(self.alpha_constraint),
            "shared_axes": self.shared_axes,
        }
