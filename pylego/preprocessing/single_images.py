"""Single images, changed by what is said or at random: the functions of older tutorials.

They take and return arrays of three axes; which holds rows, columns and channels, the last three
arguments say. What is random follows from `utils.set_random_seed`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pylego import random
from pylego.construction import explained
from pylego.core.tensor import Tensor
from pylego.ops.core import convert_to_tensor
from pylego.ops.image import resize
from pylego.preprocessing.transforms import Transforms, moved, recolored


@explained
def smart_resize(
    x: Any, size: Sequence[int], interpolation: str = "bilinear", data_format: str = "channels_last"
) -> Any:
    """Resize images without distorting them: the middle, of the right proportions, is cut out.

    Args:
        x: an image or a batch; a tensor comes back for a tensor, else an array, of float32.
        size: (height, width).
        interpolation: see `ops.image.resize`.
        data_format: 'channels_last' or 'channels_first'.

    >>> smart_resize(np.ones((4, 9, 3)), (2, 2)).shape
    (2, 2, 3)
    """
    images = convert_to_tensor(x, "float32")
    y = resize(images, size, interpolation, crop_to_aspect_ratio=True, data_format=data_format)
    return y if isinstance(x, Tensor) else y.numpy()


# ---- by what is said ------------------------------------------------------------------------


@explained
def apply_affine_transform(
    x: Any,
    theta: float = 0,
    tx: float = 0,
    ty: float = 0,
    shear: float = 0,
    zx: float = 1,
    zy: float = 1,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    order: int = 1,
) -> np.ndarray:
    """Turn, shift, shear and zoom an image about its center.

    Args:
        x: the image.
        theta: by how many degrees it is turned.
        tx: how many columns further right is sampled.
        ty: how many rows further down is sampled.
        shear: by how many degrees it is sheared.
        zx: how much is seen of the width.
        zy: how much is seen of the height.
        row_axis: which axis counts rows.
        col_axis: which axis counts columns.
        channel_axis: which axis counts channels.
        fill_mode: what is seen beyond the edges: see `ImageDataGenerator`.
        cval: what is seen there with fill_mode 'constant'.
        order: 1: bilinear, 0: the nearest pixel.

    >>> row = np.array([[[1.0], [2.0], [3.0]]])
    >>> y = apply_affine_transform(row, tx=1, row_axis=0, col_axis=1, channel_axis=2)
    >>> y.ravel().tolist()
    [2.0, 3.0, 3.0]
    """
    given = np.asarray(x)
    if given.ndim != 3:
        raise ValueError(f"An image has three axes. Received: shape {given.shape}")
    axes = (row_axis, col_axis, channel_axis)
    image = np.moveaxis(given, axes, (0, 1, 2))
    floats = image.astype("float64" if given.dtype == "float64" else "float32")
    change = Transforms(theta=theta, tx=tx, ty=ty, shear=shear, zx=zx, zy=zy)
    y = moved(floats[None], change, fill_mode, cval, order)[0]
    y = np.moveaxis(y, (0, 1, 2), axes)
    return (y if given.dtype.kind == "f" else np.round(y)).astype(given.dtype)


@explained
def apply_channel_shift(x: Any, intensity: float, channel_axis: int = 0) -> np.ndarray:
    """Add a number to all channels, within the range of the image.

    Args:
        x: the image.
        intensity: the number.
        channel_axis: accepted for Keras's sake: all channels are alike.

    >>> apply_channel_shift([[[0.0, 4.0]]], 1.0).ravel().tolist()
    [1.0, 4.0]
    """
    return recolored(np.asarray(x)[None], Transforms(channel_shift_intensity=intensity))[0]


@explained
def apply_brightness_shift(x: Any, brightness: float, scale: bool = True) -> np.ndarray:
    """Multiply an image by a number, from its least possible one.

    Args:
        x: the image.
        brightness: 0: black, 1: as it is; above, brighter.
        scale: whether it is first stretched to the range 0 to 255, which it keeps to. Otherwise it
            keeps to 0 to 255, or to its own range where it leaves that.

    >>> apply_brightness_shift([[[0.0, 100.0, 255.0]]], 0.5, scale=False).ravel().tolist()
    [0.0, 50.0, 127.5]
    """
    image = np.asarray(x)
    image = image if image.dtype == "float64" else image.astype("float32")
    if scale:
        image = (image - image.min()) * (255 / (np.ptp(image) or 1))
    return recolored(image[None], Transforms(brightness=brightness))[0]


# ---- at random ------------------------------------------------------------------------------


@explained
def random_rotation(
    x: Any,
    rg: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """Turn an image by up to `rg` degrees, either way; see `apply_affine_transform`."""
    axes = (row_axis, col_axis, channel_axis)
    return _moved(x, axes, fill_mode, cval, interpolation_order, theta=_drawn(-rg, rg))


@explained
def random_shift(
    x: Any,
    wrg: float,
    hrg: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """Shift an image by up to a share `wrg` of its width and `hrg` of its height, either way.

    See `apply_affine_transform`.
    """
    shape = np.shape(x)
    tx, ty = _drawn(-wrg, wrg) * shape[col_axis], _drawn(-hrg, hrg) * shape[row_axis]
    axes = (row_axis, col_axis, channel_axis)
    return _moved(x, axes, fill_mode, cval, interpolation_order, tx=tx, ty=ty)


@explained
def random_shear(
    x: Any,
    intensity: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """Shear an image by up to `intensity` degrees, either way; see `apply_affine_transform`."""
    shear = _drawn(-intensity, intensity)
    axes = (row_axis, col_axis, channel_axis)
    return _moved(x, axes, fill_mode, cval, interpolation_order, shear=shear)


@explained
def random_zoom(
    x: Any,
    zoom_range: Sequence[float],
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """Show a share of an image's width, and one of its height, from a range of two numbers.

    See `apply_affine_transform`.
    """
    low, high = _two("zoom_range", zoom_range)
    zx, zy = _drawn(low, high), _drawn(low, high)
    axes = (row_axis, col_axis, channel_axis)
    return _moved(x, axes, fill_mode, cval, interpolation_order, zx=zx, zy=zy)


@explained
def random_channel_shift(x: Any, intensity_range: float, channel_axis: int = 0) -> np.ndarray:
    """Add up to `intensity_range`, either way, to an image; see `apply_channel_shift`."""
    return apply_channel_shift(x, _drawn(-intensity_range, intensity_range), channel_axis)


@explained
def random_brightness(x: Any, brightness_range: Sequence[float], scale: bool = True) -> np.ndarray:
    """Multiply an image by a number from a range of two; see `apply_brightness_shift`."""
    return apply_brightness_shift(x, _drawn(*_two("brightness_range", brightness_range)), scale)


def _moved(
    x: Any, axes: tuple[int, int, int], fill_mode: str, cval: float, order: int, **change: float
) -> np.ndarray:
    return apply_affine_transform(
        x,
        **change,
        row_axis=axes[0],
        col_axis=axes[1],
        channel_axis=axes[2],
        fill_mode=fill_mode,
        cval=cval,
        order=order,
    )


def _drawn(low: float, high: float) -> float:
    return random.uniform((), low, high, "float64").item()


def _two(name: str, ends: Any) -> tuple[float, float]:
    if np.shape(ends) != (2,):
        raise ValueError(f"{name} has two numbers. Received: {name}={ends!r}")
    return float(ends[0]), float(ends[1])
