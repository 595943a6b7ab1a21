"""Images brought to the range and the spread that networks like."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from pylego.config import standardize_data_format
from pylego.core import dtypes
from pylego.ops.windows import is_channels_first

_SMALL = 1e-6  # keeps divisions by a spread away from zero


class Standardizer:
    """The part of `ImageDataGenerator` without randomness; see there.

    Attributes:
        mean: what is subtracted from each channel, from `fit`, or set by hand.
        std: what each channel is divided by.
        zca_whitening_matrix: what pixels are multiplied by.
    """

    def __init__(
        self,
        featurewise_center: bool,
        samplewise_center: bool,
        featurewise_std_normalization: bool,
        samplewise_std_normalization: bool,
        zca_whitening: bool,
        zca_epsilon: float,
        rescale: float | None,
        preprocessing_function: Callable[[np.ndarray], Any] | None,
        data_format: str | None,
        dtype: Any,
    ):
        self.featurewise_std_normalization = featurewise_std_normalization and not zca_whitening
        self.featurewise_center = featurewise_center or featurewise_std_normalization
        self.featurewise_center = self.featurewise_center or zca_whitening
        self.samplewise_std_normalization = samplewise_std_normalization
        self.samplewise_center = samplewise_center or samplewise_std_normalization
        self.zca_whitening = zca_whitening
        self.zca_epsilon = zca_epsilon
        self.rescale = rescale
        self.preprocessing_function = preprocessing_function
        self.data_format = standardize_data_format(data_format)
        self.dtype = dtypes.standardize_dtype(dtype)
        self._check_fractions()
        self.mean: Any = None
        self.std: Any = None
        self.zca_whitening_matrix: Any = None

    def _check_fractions(self) -> None:
        needy = ("rescale", "samplewise_center", "featurewise_center")
        used = [name for name in needy if getattr(self, name)]
        used = ["zca_whitening"] if self.zca_whitening else used
        if used and not dtypes.is_float(self.dtype):
            raise ValueError(f"dtype={self.dtype!r} has no fractions, as {used[0]} needs")

    def standardized(self, images: np.ndarray) -> np.ndarray:
        """Normalize images with four axes."""
        if self.preprocessing_function is not None:
            images = np.stack([self.preprocessing_function(image.copy()) for image in images])
        images = images.astype(self.dtype, copy=False)
        if self.rescale:
            images = images * np.asarray(self.rescale, self.dtype)
        if self.samplewise_center:
            images = images - images.mean((1, 2, 3), keepdims=True)
        if self.samplewise_std_normalization:
            images = images / (images.std((1, 2, 3), keepdims=True) + _SMALL)
        return self._standardized_by_fit(images).astype(self.dtype, copy=False)

    def _standardized_by_fit(self, images: np.ndarray) -> np.ndarray:
        if not self.featurewise_center:
            return images
        if self.mean is None:
            warnings.warn(
                "ImageDataGenerator: the mean and spread of the data are not known, and nothing is "
                "subtracted: call generator.fit(x_train) first",
                stacklevel=2,
            )
            return images
        images = images - self.mean
        if self.std is not None:
            images = images / (self.std + _SMALL)
        if self.zca_whitening_matrix is not None:
            white = images.reshape(len(images), -1) @ self.zca_whitening_matrix
            images = white.reshape(images.shape)
        return images

    def learn(self, images: np.ndarray) -> None:
        """Learn mean, spread and whitening from images, which are changed by that."""
        channels = 1 if is_channels_first(self.data_format) else 3
        axes = tuple(axis for axis in range(4) if axis != channels)
        if self.featurewise_center:
            self.mean = images.mean(axes, keepdims=True)[0]
            images -= self.mean
        if self.featurewise_std_normalization:
            self.std = images.std(axes, keepdims=True)[0]
        if self.zca_whitening:
            self.zca_whitening_matrix = _whitening(images, self.zca_epsilon)


def _whitening(images: np.ndarray, epsilon: float) -> np.ndarray:
    """U (sqrt(n) / S) U^T of the images as columns (Krizhevsky, 2009, appendix A)."""
    flat = images.reshape(len(images), -1)
    u, s, _ = np.linalg.svd(flat.T, full_matrices=False)
    return (u * (np.sqrt(len(images)) / (s + epsilon))) @ u.T
