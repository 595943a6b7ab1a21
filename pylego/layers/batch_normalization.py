"""The layer that normalizes each channel over the batch."""

from __future__ import annotations

from typing import Any

from pylego import initializers, ops
from pylego.layers.input_spec import InputSpec
from pylego.layers.scale_and_offset import ScaleAndOffset
from pylego.tensor import Tensor


class BatchNormalization(ScaleAndOffset):
    """Bring each channel to mean 0 and variance 1 over the batch, then scale and shift it.

    While training, mean and variance are those of the batch (the variance divides by n), and
    moving averages follow them: moving = momentum * moving + (1 - momentum) * batch's. At inference
    the moving averages are used, and also while training in a layer with `trainable = False`.

    Shapes: any, and the same comes out; the weights gamma, beta, moving_mean and moving_variance
    have the length of `axis`. See Ioffe and Szegedy, ICML 2015 (arXiv 1502.03167).

    Args:
        axis: where the channels lie: -1, or 1 for channels first.
        momentum: of the moving averages.
        epsilon: is added to variances before they are divided by.
        center: whether there is a beta, which is added.
        scale: whether there is a gamma, which is multiplied with.
        beta_initializer: how beta starts.
        gamma_initializer: how gamma starts.
        moving_mean_initializer: how the moving mean starts.
        moving_variance_initializer: how the moving variance starts.
        beta_regularizer: penalty on beta.
        gamma_regularizer: penalty on gamma.
        beta_constraint: applied to beta after each step.
        gamma_constraint: applied to gamma after each step.
        renorm: batch renormalization, which is not there: it must be False.
        renorm_clipping: accepted for Keras's sake.
        renorm_momentum: accepted for Keras's sake.
        synchronized: accepted for Keras's sake: there is one machine.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for `renorm=True`.

    >>> layer = BatchNormalization(epsilon=0.0)
    >>> layer([[1.0], [3.0]], training=True).numpy().tolist()
    [[-1.0], [1.0]]
    >>> print(layer.moving_mean.value)
    Tensor(shape=(1,), dtype=float32, [0.02])
    """

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: Any = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ):
        super().__init__(
            float(epsilon),
            center,
            scale,
            beta_initializer,
            gamma_initializer,
            beta_regularizer,
            gamma_regularizer,
            beta_constraint,
            gamma_constraint,
            **kwargs,
        )
        if renorm:
            raise ValueError(
                f"Layer {self.name!r}: batch renormalization is not there. Leave out renorm=True"
            )
        self.axis = int(axis)
        self.momentum = float(momentum)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.renorm = renorm
        self.renorm_clipping = renorm_clipping
        self.renorm_momentum = renorm_momentum
        self.synchronized = synchronized

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self._check_axes(self.axis, input_shape)
        shape = (input_shape[self.axis],)
        self._add_scale_and_offset(shape)
        self.moving_mean = self.add_weight(
            shape, self.moving_mean_initializer, trainable=False, name="moving_mean"
        )
        self.moving_variance = self.add_weight(
            shape, self.moving_variance_initializer, trainable=False, name="moving_variance"
        )
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: shape[0]})

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        is_training = training and self.trainable
        mean, variance = (
            self._moments(inputs) if is_training else (self.moving_mean, self.moving_variance)
        )
        return ops.batch_normalization(
            inputs, mean, variance, self.axis, self.beta, self.gamma, self.epsilon
        )

    def _moments(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Take the batch's mean and variance, and let the moving averages follow."""
        channels = self.axis % inputs.ndim
        axes = [axis for axis in range(inputs.ndim) if axis != channels]
        mean, variance = ops.moments(inputs, axes)
        for moving, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + now.detach() * (1.0 - self.momentum))
        return mean, variance

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "axis": self.axis,
            "momentum": self.momentum,
            "moving_mean_initializer": initializers.serialize(self.moving_mean_initializer),
            "moving_variance_initializer": initializers.serialize(self.moving_variance_initializer),
            "synchronized": self.synchronized,
            "renorm": self.renorm,
            "renorm_clipping": self.renorm_clipping,
            "renorm_momentum": self.renorm_momentum,
        }
