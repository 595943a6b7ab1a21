"""The layer that normalizes each sample over groups of its channels."""

from __future__ import annotations

from typing import Any

from pylego.core.tensor import Tensor
from pylego.layers.input_spec import InputSpec
from pylego.layers.normalization.scale_and_offset import ScaleAndOffset
from pylego.ops.normalization import group_normalization


class GroupNormalization(ScaleAndOffset):
    """Bring each group of channels of each sample to mean 0 and variance 1, then scale and shift.

    Mean and variance are taken over the channels of a group and all axes but the first.

    Shapes: (batch, ...), and the same comes out; gamma and beta have the length of `axis`. See Wu
    and He, arXiv 1803.08494.

    Args:
        groups: how many groups the channels are divided into; -1: each channel is one.
        axis: where the channels lie.
        epsilon: is added to variances before they are divided by.
        center: whether there is a beta, which is added.
        scale: whether there is a gamma, which is multiplied with.
        beta_initializer: how beta starts.
        gamma_initializer: how gamma starts.
        beta_regularizer: penalty on beta.
        gamma_regularizer: penalty on gamma.
        beta_constraint: applied to beta after each step.
        gamma_constraint: applied to gamma after each step.
        **kwargs: see `Layer`.

    Raises:
        ValueError: when groups is neither positive nor -1, or does not divide the channels.

    >>> layer = GroupNormalization(groups=2, epsilon=0.0)
    >>> layer([[1.0, 3.0, 10.0, 30.0]]).numpy().tolist()
    [[-1.0, 1.0, -1.0, 1.0]]
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
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
        if not isinstance(groups, int) or (groups <= 0 and groups != -1):
            raise ValueError(
                f"Layer {self.name!r}: groups must be 1 or more, or -1 for a group of each "
                f"channel. Received: groups={groups!r}"
            )
        self.groups = groups
        self.axis = axis

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self._check_axes(self.axis, input_shape)
        channels = input_shape[self.axis]
        if self.groups == -1 and channels is not None:
            self.groups = channels
        if channels is not None and channels % self.groups:
            raise ValueError(
                f"Layer {self.name!r}: {channels} channels do not divide into {self.groups} "
                f"groups. Received: input shape {tuple(input_shape)}, axis={self.axis}"
            )
        self._add_scale_and_offset((channels,))
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: channels})

    def call(self, inputs: Tensor) -> Tensor:
        axis = self.axis % inputs.ndim
        y = group_normalization(inputs, self.groups, axis, self.gamma, self.beta, self.epsilon)
        return self._as_computed(y)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "groups": self.groups, "axis": self.axis}
