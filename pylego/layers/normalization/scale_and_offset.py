"""What normalizing layers have in common: the weights gamma and beta that follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import constraints, initializers, ops, regularizers
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.layers.layer import Layer


class ScaleAndOffset(Layer):
    """Hold the arguments of gamma, the scale, and beta, the offset, and make these weights.

    Args:
        epsilon: is added to variances before they are divided by.
        center: whether there is a beta.
        scale: whether there is a gamma.
        beta_initializer: how beta starts.
        gamma_initializer: how gamma starts.
        beta_regularizer: penalty on beta.
        gamma_regularizer: penalty on gamma.
        beta_constraint: applied to beta after each step.
        gamma_constraint: applied to gamma after each step.
        **kwargs: see `Layer`.
    """

    supports_masking = True

    gamma: Variable | None = None
    beta: Variable | None = None

    def __init__(
        self,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)

    def _check_axes(self, axis: int | Sequence[int], input_shape: tuple[int | None, ...]) -> None:
        rank = len(input_shape)
        for one in [axis] if isinstance(axis, int) else axis:
            if not -rank <= one < rank:
                raise ValueError(
                    f"Layer {self.name!r} has axis={axis}, but the inputs have {rank} axes. "
                    f"Received: input shape {tuple(input_shape)}"
                )

    def _add_scale_and_offset(self, shape: tuple[int | None, ...]) -> None:
        if self.scale:
            self._add_scale(shape)
        if self.center:
            self._add_offset(shape)

    def _add_scale(self, shape: tuple[int | None, ...]) -> None:
        self.gamma = self.add_weight(
            shape,
            self.gamma_initializer,
            autocast=False,
            regularizer=self.gamma_regularizer,
            constraint=self.gamma_constraint,
            name="gamma",
        )

    def _add_offset(self, shape: tuple[int | None, ...]) -> None:
        self.beta = self.add_weight(
            shape,
            self.beta_initializer,
            autocast=False,
            regularizer=self.beta_regularizer,
            constraint=self.beta_constraint,
            name="beta",
        )

    def _as_computed(self, outputs: Tensor) -> Tensor:
        """Weights and statistics are float32 or wider, so that small numbers are not lost and large
        ones have room; what comes out is rounded once."""
        return ops.cast(outputs, self.compute_dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "beta_initializer": initializers.serialize(self.beta_initializer),
            "gamma_initializer": initializers.serialize(self.gamma_initializer),
            "beta_regularizer": regularizers.serialize(self.beta_regularizer),
            "gamma_regularizer": regularizers.serialize(self.gamma_regularizer),
            "beta_constraint": constraints.serialize(self.beta_constraint),
            "gamma_constraint": constraints.serialize(self.gamma_constraint),
        }
