"""What networks trained on ImageNet share: how pictures are prepared, and the names of classes."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from importlib import resources
from typing import Any

import numpy as np

from pylego import checks, config, names, ops
from pylego.core import dtypes

__all__ = ["decode_predictions", "preprocess_input"]

CLASSES = 1000
MODES = ("caffe", "tf", "torch")
# Means and deviations of ImageNet's colors: of blue, green and red up to 255, and of red, green and
# blue up to 1.
_CAFFE_MEAN = (103.939, 116.779, 123.68)
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)


def preprocess_input(x: Any, data_format: str | None = None, mode: str = "caffe") -> Any:
    """Prepare pictures with colors from 0 to 255 as the weights of a network expect them.

    Args:
        x: a picture or a batch: an array, which gives an array, or a tensor. It stays as it is;
            integers become `config.floatx()`.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        mode: 'caffe': blue, green and red, in this order, minus their means; 'tf': from -1 to 1;
            'torch': from 0 to 1, minus the means, by the deviations.

    Raises:
        ValueError: for another mode or data_format, and where 'caffe' or 'torch' find another
            number of channels than 3.

    >>> preprocess_input(np.array([[[0.0, 127.5, 255.0]]]), mode="tf").tolist()
    [[[-1.0, 0.0, 1.0]]]
    """
    if mode not in MODES:
        raise names.unknown("preprocess_input: mode", mode, MODES)
    layout = config.standardize_data_format(data_format)
    floats = _as_floats(x)
    if mode == "tf":
        return floats / 127.5 - 1.0
    _check_colors(floats.shape, layout)
    if mode == "torch":
        centered = floats / 255.0 - _along_channels(MEAN, floats, layout)
        return centered / _along_channels(DEVIATION, floats, layout)
    axis = -1 if layout == "channels_last" else -3
    flipped = (np if isinstance(floats, np.ndarray) else ops).flip(floats, axis)
    return flipped - _along_channels(_CAFFE_MEAN, floats, layout)


def preprocess_caffe(x: Any, data_format: str | None = None) -> Any:
    """Turn colors up to 255 into blue, green and red minus their means: `preprocess_input`."""
    return preprocess_input(x, data_format, "caffe")


def preprocess_tf(x: Any, data_format: str | None = None) -> Any:
    """Turn colors from 0 to 255 into numbers from -1 to 1; see `preprocess_input`."""
    return preprocess_input(x, data_format, "tf")


def preprocess_torch(x: Any, data_format: str | None = None) -> Any:
    """Turn colors from 0 to 255 into numbers of mean 0 and deviation 1; see `preprocess_input`."""
    return preprocess_input(x, data_format, "torch")


def preprocess_nothing(x: Any, data_format: str | None = None) -> Any:
    """Return pictures as they are: the network itself prepares colors from 0 to 255."""
    return x


def decode_predictions(preds: Any, top: int = 5) -> list[list[tuple[str, str, float]]]:
    """Name the most likely of ImageNet's 1,000 classes.

    Args:
        preds: of shape (pictures, 1000).
        top: how many are named.

    Returns:
        For each picture a list of (number of WordNet, name, score), the most likely first, and NaN
        before them all.

    Raises:
        ValueError: for another shape.

    >>> scores = np.eye(1000)[[985]]
    >>> decode_predictions(scores, top=1)
    [[('n11939491', 'daisy', 1.0)]]
    """
    scores = np.asarray(preds)
    top = checks.whole_number("top", top, 0, "decode_predictions")
    if scores.ndim != 2 or scores.shape[1] != CLASSES:
        raise ValueError(
            "decode_predictions takes the outputs of a network with its top, of shape (pictures, "
            f"1000). Received: shape {scores.shape}"
        )
    classes = _classes()
    keys = np.where(np.isnan(scores), -np.inf, -scores)  # NaN comes first: nobody overlooks it
    best = np.argsort(keys, axis=1, kind="stable")[:, :top]
    return [[(*classes[k], row[k].item()) for k in places] for row, places in zip(scores, best)]


@functools.cache
def _classes() -> list[tuple[str, str]]:
    """The number of WordNet and the name of each class."""
    text = resources.files(__package__).joinpath("imagenet_classes.txt").read_text("utf-8")
    rows = (line.partition(" ") for line in text.splitlines())
    return [(number, name) for number, _, name in rows]


def _as_floats(x: Any) -> Any:
    if hasattr(x, "dtype") and not isinstance(x, np.ndarray):  # a tensor or a placeholder
        return x if "float" in str(x.dtype) else ops.cast(x, config.floatx())
    array = np.asarray(x)
    return array if array.dtype.kind == "f" else array.astype(dtypes.array_dtype())


def _check_colors(shape: Sequence[int | None], layout: str) -> None:
    """One channel would become three: the means of the colors are broadcast."""
    axis = -1 if layout == "channels_last" else -3
    channels = shape[axis] if len(shape) >= 3 else 0
    if channels not in (None, 3):
        raise ValueError(
            "preprocess_input prepares pictures of 3 channels, of shape (height, width, 3) or "
            f"(3, height, width) by data_format, or batches of them. Received: shape {tuple(shape)}"
            f" with data_format={layout!r}"
        )


def _along_channels(numbers: tuple[float, ...], x: Any, layout: str) -> Any:
    """One number for each channel, in a shape that fits x."""
    shape = (-1,) if layout == "channels_last" else (-1, 1, 1)
    array = np.array(numbers, str(x.dtype)).reshape(shape)
    return array if isinstance(x, np.ndarray) else ops.convert_to_tensor(array)
