"""The layer that brings features to mean 0 and variance 1."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from pylego import config, ops
from pylego.core.tensor import Tensor, cast, convert_to_tensor
from pylego.layers.layer import Layer
from pylego.layers.preprocessing.batches import batches_of


class Normalization(Layer):
    """Compute (x - mean) / sqrt(variance), feature by feature, with numbers learned from data.

    `adapt` finds mean and variance; they are weights that do not train, `mean`, `variance` and
    `count`. Or both are given.

    Shapes: (batch, ..., n) stays as it is.

    Args:
        axis: the axis, or a tuple of axes, whose places have a mean of their own each; None: one
            mean for all.
        mean: a number, or one for each feature; together with variance.
        variance: the same.
        invert: whether normalized numbers are turned back.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for a mean without variance, shapes that do not fit, axes that are not there or
            have no known length.

    >>> layer = Normalization()
    >>> layer.adapt(np.array([[0.0, 7.0], [2.0, 9.0]]))
    >>> layer([[0.0, 7.0], [2.0, 8.0]]).numpy().tolist()
    [[-1.0, -1.0], [1.0, 0.0]]
    """

    supports_masking = True

    def __init__(
        self,
        axis: Any = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        axes = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        self.axis = axes
        self.input_mean = mean
        self.input_variance = variance
        self.invert = invert
        _check_given(mean, variance, axes)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self._kept = self._kept_axes(input_shape)
        self._broadcast_shape = tuple(
            length if length is not None and axis in self._kept else 1
            for axis, length in enumerate(input_shape)
        )
        if self.input_mean is not None:
            self._check_fits()
            return
        shape = tuple(input_shape[axis] for axis in self._kept)
        self.adapt_mean = self.add_weight(shape, "zeros", trainable=False, name="mean")
        self.adapt_variance = self.add_weight(shape, "ones", trainable=False, name="variance")
        self.count = self.add_weight((), "zeros", "int32", trainable=False, name="count")

    def _kept_axes(self, shape: tuple[int | None, ...]) -> tuple[int, ...]:
        rank = len(shape)
        if any(not -rank <= axis < rank for axis in self.axis):
            raise ValueError(
                f"Layer {self.name!r}: inputs of shape {shape} do not have all of the axes "
                f"{self.axis}"
            )
        kept = tuple(sorted(axis % rank for axis in self.axis))
        if any(shape[axis] is None for axis in kept):
            raise ValueError(
                f"Layer {self.name!r} has a mean for each place of the axes {self.axis}, so their "
                f"lengths are to be known. Received: inputs of shape {shape}"
            )
        return kept

    def _check_fits(self) -> None:
        try:
            np.broadcast_to(self._aligned(self.input_mean), self._broadcast_shape)
        except ValueError as error:
            raise ValueError(
                f"Layer {self.name!r}: a mean of shape {np.shape(self.input_mean)} does not fit "
                f"the axes {self.axis} of length "
                f"{[self._broadcast_shape[axis] for axis in self._kept]}"
            ) from error

    def _aligned(self, numbers: Any) -> np.ndarray:
        """Numbers for the kept axes, the last ones first, beside axes of length 1."""
        array = np.asarray(numbers, dtype=np.float64)
        shape = [1] * len(self._broadcast_shape)
        for axis, length in zip(reversed(self._kept), reversed(array.shape)):
            shape[axis] = length
        return array.reshape(shape)

    # ---- learning ----

    def adapt(self, data: Any) -> None:
        """Find the mean and the variance of data.

        Args:
            data: an array or a list of numbers, or something that yields batches; of a batch (x, y)
                only x is read.

        Raises:
            ValueError: without batches, for batches that do not fit, and for a layer that was made
                with a mean.
        """
        if self.input_mean is not None:
            raise ValueError(
                f"Layer {self.name!r} was made with mean and variance, so it does not learn them"
            )
        mean = variance = np.float64(0)
        total = 0
        for batch in self._checked_batches(data):
            reduced = tuple(axis for axis in range(batch.ndim) if axis not in self._kept)
            count = math.prod(batch.shape[axis] for axis in reduced)
            total += count
            share = count / total
            batch_mean = batch.mean(axis=reduced)
            shift = batch_mean - mean
            variance = (1 - share) * (variance + share * shift**2) + share * batch.var(axis=reduced)
            mean = mean + share * shift
        if not total:
            raise ValueError(f"Layer {self.name!r} cannot adapt to no data: there are no batches")
        self.adapt_mean.assign(mean)
        self.adapt_variance.assign(variance)

    def _checked_batches(self, data: Any) -> Iterator[np.ndarray]:
        for given in batches_of(data):
            batch = np.asarray(given, dtype=np.float64)
            if not batch.size:
                continue
            if not self.built:
                self.build(batch.shape)
            fits = batch.ndim == len(self._broadcast_shape) and all(
                batch.shape[axis] == self._broadcast_shape[axis] for axis in self._kept
            )
            if not fits:
                lengths = [self._broadcast_shape[axis] for axis in self._kept]
                raise ValueError(
                    f"Layer {self.name!r} has numbers for {len(self._broadcast_shape)} axes, "
                    f"{self.axis} of length {lengths}. Received: data of shape {batch.shape}"
                )
            yield batch

    def finalize_state(self) -> None:
        """Do nothing: `adapt` has set the weights. For Keras's sake."""

    # ---- computing ----

    @property
    def mean(self) -> Tensor | None:
        """The means, in a shape that fits the inputs; None before the layer is built."""
        return self._broadcast(self.input_mean, "adapt_mean")

    @property
    def variance(self) -> Tensor | None:
        """The variances, in a shape that fits the inputs; None before the layer is built."""
        return self._broadcast(self.input_variance, "adapt_variance")

    def _broadcast(self, given: Any, weight: str) -> Tensor | None:
        if not self.built:
            return None
        if given is not None:
            aligned = convert_to_tensor(self._aligned(given), self.compute_dtype)
            return ops.broadcast_to(aligned, self._broadcast_shape)
        return cast(getattr(self, weight).reshape(self._broadcast_shape), self.compute_dtype)

    def call(self, inputs: Tensor) -> Tensor:
        x = cast(inputs, self.compute_dtype)
        scale = ops.maximum(ops.sqrt(self.variance), config.epsilon())
        return x * scale + self.mean if self.invert else (x - self.mean) / scale

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "axis": list(self.axis),
            "invert": self.invert,
            "mean": np.array(self.input_mean).tolist(),
            "variance": np.array(self.input_variance).tolist(),
        }


def _check_given(mean: Any, variance: Any, axes: tuple[int, ...]) -> None:
    if (mean is None) != (variance is None):
        raise ValueError(
            "Normalization: mean and variance go together. Received: "
            f"mean={mean}, variance={variance}"
        )
    if mean is None:
        return
    if np.shape(mean) != np.shape(variance):
        raise ValueError(
            "Normalization: mean and variance have one shape. Received: "
            f"{np.shape(mean)} and {np.shape(variance)}"
        )
    if np.ndim(mean) > len(axes):
        raise ValueError(f"Normalization: a mean of {np.ndim(mean)} axes does not fit axis={axes}")
