"""The layer that normalizes each sample over its features."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers.normalization.scale_and_offset import ScaleAndOffset


class LayerNormalization(ScaleAndOffset):
    """Bring each sample to mean 0 and variance 1 over some axes, then scale and shift it.

    Shapes: any, and the same comes out; gamma and beta have the lengths of the axes. See Ba et al.,
    arXiv 1607.06450.

    Args:
        axis: over which axis, or axes, mean and variance are taken.
        epsilon: is added to variances before they are divided by.
        center: whether there is a beta, which is added.
        scale: whether there is a gamma, which is multiplied with.
        beta_initializer: how beta starts.
        gamma_initializer: how gamma starts.
        beta_regularizer: penalty on beta.
        gamma_regularizer: penalty on gamma.
        beta_constraint: applied to beta after each step.
        gamma_constraint: applied to gamma after each step.
        rms_scaling: an old mode of Keras, by name only, with a warning: x is divided by the root of
            its variance without taking off the mean, and there is a gamma and no beta, whatever
            scale and center say. What papers call so is `RMSNormalization`.
        **kwargs: see `Layer`.

    Raises:
        TypeError: when axis is neither a whole number nor a list of them.
        ValueError: when the inputs do not have such an axis.

    >>> layer = LayerNormalization(epsilon=0.0)
    >>> layer([[1.0, 3.0], [10.0, 30.0]]).numpy().tolist()
    [[-1.0, 1.0], [-1.0, 1.0]]
    """

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
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
        rms_scaling = kwargs.pop("rms_scaling", False)  # False stands in all files of Keras
        super().__init__(
            epsilon=epsilon,
            center=center,
            scale=scale,
            beta_initializer=beta_initializer,
            gamma_initializer=gamma_initializer,
            beta_regularizer=beta_regularizer,
            gamma_regularizer=gamma_regularizer,
            beta_constraint=beta_constraint,
            gamma_constraint=gamma_constraint,
            **kwargs,
        )
        self.autocast = False  # what float16 cannot hold is normalized before it is rounded
        if not isinstance(axis, (int, list, tuple)):
            raise TypeError(
                f"Layer {self.name!r}: axis must be a whole number or a list of them. "
                f"Received: axis={axis!r}"
            )
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.rms_scaling = rms_scaling
        if rms_scaling:
            warnings.warn(
                f"Layer {self.name!r}: rms_scaling=True divides by the root of the variance, not "
                "of the mean square: take RMSNormalization",
                stacklevel=2,
            )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self._check_axes(self.axis, input_shape)
        self.axis = [self.axis] if isinstance(self.axis, int) else sorted(self.axis)
        shape = tuple(input_shape[axis] for axis in self.axis)
        if self.rms_scaling:
            self._add_scale(shape)
        else:
            self._add_scale_and_offset(shape)

    def call(self, inputs: Tensor) -> Tensor:
        scale, offset = self.gamma, None if self.rms_scaling else self.beta
        y = ops.layer_normalization(
            inputs, scale, offset, self.axis, self.epsilon, self.rms_scaling
        )
        return self._as_computed(y)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis, "rms_scaling": self.rms_scaling}
