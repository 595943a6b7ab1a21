"""The layer that normalizes each channel over the batch."""

from __future__ import annotations

from typing import Any

from pylego import config, initializers, names, ops
from pylego.core import dtypes
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.layers.input_spec import InputSpec
from pylego.layers.normalization.scale_and_offset import ScaleAndOffset


class BatchNormalization(ScaleAndOffset):
    """Bring each channel to mean 0 and variance 1 over the batch, then scale and shift it.

    While training, mean and variance are those of the batch (the variance divides by n), and
    moving averages follow them: moving = momentum * moving + (1 - momentum) * batch's. At inference
    the moving averages are used, and also while training in a layer with `trainable = False`.

    Called with a `mask`, which has an axis less than the inputs, it takes mean and variance of what
    the mask keeps; all of the inputs are normalized by them.

    With `renorm`, what training sees is close to what inference sees, also where batches are small:
    y = ((x - mean) / deviation * r + d) * gamma + beta, where r = deviation / renorm_stddev and
    d = (mean - renorm_mean) / renorm_stddev, clipped, are constants to the gradient. See Ioffe,
    arXiv 1702.03275.

    Shapes: any, and the same comes out; the weights gamma, beta, moving_mean and moving_variance
    have the length of `axis`, and so have moving_stddev, renorm_mean and renorm_stddev. See Ioffe
    and Szegedy, ICML 2015 (arXiv 1502.03167).

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
        renorm: whether batches are renormalized.
        renorm_clipping: a dictionary of bounds: 'rmin' and 'rmax' of r, and 'dmax' of d, which lies
            within -dmax and dmax. What is left out is not bounded.
        renorm_momentum: of renorm_mean and renorm_stddev.
        synchronized: accepted for Keras's sake: there is one machine.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for other keys of renorm_clipping, or bounds that leave nothing; when called,
            for a mask of another shape.

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
        self.axis = int(axis)
        self.momentum = float(momentum)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.renorm = renorm
        self.renorm_clipping = renorm_clipping or ({} if renorm else None)
        self._check_clipping(renorm_clipping or {})
        self.renorm_momentum = renorm_momentum
        self.synchronized = synchronized

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self._check_axes(self.axis, input_shape)
        shape = (input_shape[self.axis],)
        self._add_scale_and_offset(shape)
        self.moving_mean = self._add_average("moving_mean", self.moving_mean_initializer, shape)
        self.moving_variance = self._add_average(
            "moving_variance", self.moving_variance_initializer, shape
        )
        if self.renorm:
            deviations = self._initial_deviations
            self.moving_stddev = self._add_average("moving_stddev", deviations, shape)
            self.renorm_mean = self._add_average("renorm_mean", self.moving_mean_initializer, shape)
            self.renorm_stddev = self._add_average("renorm_stddev", deviations, shape)
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: shape[0]})

    def _add_average(self, name: str, initializer: Any, shape: tuple[int | None, ...]) -> Variable:
        return self.add_weight(shape, initializer, trainable=False, autocast=False, name=name)

    def _initial_deviations(self, shape: tuple[int, ...], dtype: Any = None) -> Tensor:
        return ops.sqrt(self.moving_variance_initializer(shape, dtype))

    def call(self, inputs: Tensor, training: bool | None = None, mask: Any = None) -> Tensor:
        inputs = ops.cast(inputs, dtypes.result_type(inputs.dtype, "float32"))
        mean: Tensor | Variable = self.moving_mean
        variance: Tensor | Variable = self.moving_variance
        offset: Tensor | Variable | None = self.beta
        scale: Tensor | Variable | None = self.gamma
        if training and self.trainable:
            mean, variance = self._moments(inputs, mask)
            if self.renorm:
                offset, scale = self._renormalized(mean, variance)
            else:
                self._follow(self.moving_mean, mean)
                self._follow(self.moving_variance, variance)
        y = ops.batch_normalization(inputs, mean, variance, self.axis, offset, scale, self.epsilon)
        return self._as_computed(y)

    def _follow(self, moving: Variable, now: Tensor, momentum: float | None = None) -> None:
        kept = self.momentum if momentum is None else momentum
        moving.assign(moving * kept + now.detach() * (1.0 - kept))

    # ---- moments ----

    def _moments(self, inputs: Tensor, mask: Any) -> tuple[Tensor, Tensor]:
        """Take mean and variance of the batch, or of those of its numbers that a mask keeps."""
        channels = self.axis % inputs.ndim
        axes = [axis for axis in range(inputs.ndim) if axis != channels]
        if mask is None:
            return ops.moments(inputs, axes)
        weights = self._weights_of(ops.convert_to_tensor(mask), inputs)
        count = ops.maximum(ops.sum(weights, axes, keepdims=True), config.epsilon())
        mean = ops.sum(weights * inputs, axes, keepdims=True) / count
        variance = ops.sum(weights * ops.square(inputs - mean), axes, keepdims=True) / count
        return mean.reshape((-1,)), variance.reshape((-1,))

    def _weights_of(self, mask: Tensor, inputs: Tensor) -> Tensor:
        """Spread a mask over the last axis of the inputs: 1 for what is kept, else 0."""
        wanted = inputs.shape[:-1]
        fits = len(mask.shape) == len(wanted) and all(
            length in (1, other) for length, other in zip(mask.shape, wanted)
        )
        if not fits:
            raise ValueError(
                f"Layer {self.name!r}: a mask for inputs of shape {inputs.shape} has the shape "
                f"{wanted}. Received: mask of shape {mask.shape}"
            )
        weights = ops.expand_dims(ops.cast(mask, inputs.dtype), -1)
        return ops.broadcast_to(weights, inputs.shape)

    # ---- renormalization ----

    def _check_clipping(self, clipping: dict[str, float | None]) -> None:
        for key in clipping:
            if key not in ("rmax", "rmin", "dmax"):
                raise names.unknown("renorm_clipping", key, ("rmax", "rmin", "dmax"))
        low, high, most = (clipping.get(key) for key in ("rmin", "rmax", "dmax"))
        is_empty = low is not None and high is not None and low > high
        if is_empty or (most is not None and most < 0):
            raise ValueError(
                f"Layer {self.name!r}: renorm_clipping keeps r between rmin and rmax, and d "
                f"between -dmax and dmax. Received: renorm_clipping={clipping}"
            )

    def _renormalized(self, mean: Tensor, variance: Tensor) -> tuple[Tensor, Tensor]:
        """Let the averages follow; return offset and scale, corrected by d and r."""
        deviation = ops.sqrt(variance + self.epsilon)
        r = deviation.detach() / self.renorm_stddev
        d = (mean.detach() - self.renorm_mean) / self.renorm_stddev
        bounds = self.renorm_clipping or {}
        r = _clipped(r, bounds.get("rmin"), bounds.get("rmax"))
        if bounds.get("dmax") is not None:
            d = ops.clip(d, -bounds["dmax"], bounds["dmax"])
        self._follow(self.renorm_mean, mean, self.renorm_momentum)
        self._follow(self.renorm_stddev, deviation, self.renorm_momentum)
        self._follow(self.moving_mean, mean)
        self._follow(self.moving_stddev, deviation)
        square = ops.square(self.moving_stddev)
        self.moving_variance.assign(ops.maximum(square - self.epsilon, 0.0))
        scale = r if self.gamma is None else r * self.gamma
        shift = d if self.gamma is None else d * self.gamma
        return shift if self.beta is None else shift + self.beta, scale

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


def _clipped(x: Tensor, low: float | None, high: float | None) -> Tensor:
    x = x if low is None else ops.maximum(x, low)
    return x if high is None else ops.minimum(x, high)
