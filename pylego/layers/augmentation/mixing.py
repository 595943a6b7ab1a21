"""The base of layers that mix each image of a batch with another one, and their labels."""

from __future__ import annotations

import math
from typing import Any

from pylego import ops
from pylego.core import dtypes
from pylego.core.tensor import Tensor, cast, convert_to_tensor
from pylego.layers.augmentation.random_image_layer import RandomImageLayer


class MixingLayer(RandomImageLayer):
    """A layer that mixes each image with a partner, and their labels by the same shares.

    The first number of an image is its place in the order from which partners come.
    """

    def transform_labels(
        self, labels: Any, transformation: Tensor | None = None, training: bool = True
    ) -> Any:
        """Mix the labels of images by the shares that these have in the pictures.

        Args:
            labels: of shape (images, classes), floats: one-hot, or shares.
            transformation: of `get_random_transformation`; None changes nothing.
            training: whether they are mixed.

        Raises:
            ValueError: for labels that are whole numbers of classes: they have no mean.
        """
        if not training or transformation is None:
            return labels
        labels = convert_to_tensor(labels)
        if not dtypes.is_float(labels.dtype):
            raise ValueError(
                f"{type(self).__name__} mixes labels: they are floats, one for each class. "
                f"Received: labels of dtype {labels.dtype}. keras.ops.one_hot makes them of numbers"
            )
        weight = cast(self.weight_of_own(transformation), labels.dtype)
        weight = ops.reshape(weight, (-1, *(1,) * (labels.ndim - 1)))
        return weight * labels + (1.0 - weight) * partners(labels, transformation)

    def weight_of_own(self, numbers: Tensor) -> Tensor:
        """Return the share that each image keeps, of shape (images,)."""
        raise NotImplementedError


def partners(x: Tensor, numbers: Tensor) -> Tensor:
    """Return the rows of x in the order of the first numbers: one partner for each row."""
    return ops.take(x, ops.argsort(numbers[:, 0]), axis=0)


def symmetric_beta(alpha: Any, u: Tensor, v: Tensor) -> Tensor:
    """Make numbers of the distribution Beta(alpha, alpha) of two uniform ones each.

    With t^2 = (u^(-1/alpha) - 1) cos(2 pi v)^2, y = (1 + s / sqrt(1 + 1 / t^2)) / 2, where s is the
    sign of the cosine: t sqrt(2 alpha) has Student's distribution of 2 alpha degrees of freedom
    (Bailey, 1994), from which the beta distribution follows (Devroye, 1996).

    >>> u = ops.convert_to_tensor([0.25])
    >>> symmetric_beta(1.0, u, u * 0.0).numpy().round(4).tolist()
    [0.9330000281333923]
    """
    cosine = ops.cos(2 * math.pi * v)
    squared = (ops.power(ops.maximum(u, 1e-300), -1.0 / alpha) - 1.0) * ops.square(cosine)
    return 0.5 * (1.0 + ops.sign(cosine) / ops.sqrt(1.0 + 1.0 / squared))
