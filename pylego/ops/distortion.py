"""Pictures that are bent at random, as if they were of rubber."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from pylego import names
from pylego.core.tensor import Tensor
from pylego.ops.affine import INTERPOLATIONS
from pylego.ops.coordinates import at_places
from pylego.ops.core import cast, convert_to_tensor
from pylego.ops.creation import arange
from pylego.ops.filters import gaussian_blur
from pylego.ops.shapes import moveaxis
from pylego.ops.windows import is_channels_first

__all__ = ["elastic_transform"]

_FILL_MODES = ("constant", "nearest", "wrap", "mirror", "reflect")


def elastic_transform(
    images: Any,
    alpha: float = 20.0,
    sigma: float = 5.0,
    interpolation: str = "bilinear",
    fill_mode: str = "reflect",
    fill_value: float = 0.0,
    seed: Any = None,
    data_format: str | None = None,
) -> Tensor:
    """Take each pixel from a place nearby: all channels of a picture from the same one.

    The distances along rows and columns are normal numbers times sigma, which are averaged by a
    bell of the width sigma and multiplied by alpha.

    Source: Simard, Steinkraus, Platt, Best Practices for Convolutional Neural Networks Applied to
    Visual Document Analysis (2003).

    Args:
        images: one picture, or a batch.
        alpha: how strong it is.
        sigma: how far pixels are bent together, above 0.
        interpolation: 'bilinear' or 'nearest'.
        fill_mode: what is seen beyond the last pixel, as for `map_coordinates`.
        fill_value: for 'constant'.
        seed: a whole number or a `SeedGenerator`; see `pylego.random`.
        data_format: 'channels_last' or 'channels_first'; by default
            `config.image_data_format()`.

    Returns numbers of the dtype of the images.

    Raises:
        ValueError: for anything but pictures, unknown modes, and a sigma that is not above 0.

    >>> elastic_transform([[[1.0], [2.0]]], alpha=0.0).numpy().ravel().tolist()
    [1.0, 2.0]
    """
    x = convert_to_tensor(images)
    if x.ndim not in (3, 4):
        raise ValueError(
            "elastic_transform: one picture has 3 axes, a batch of them 4. Received: shape "
            f"{x.shape}"
        )
    for name, value, known in (
        ("interpolation", interpolation, INTERPOLATIONS),
        ("fill_mode", fill_mode, _FILL_MODES),
    ):
        if value not in known:
            raise names.unknown(name, value, known)
    if not sigma > 0:
        raise ValueError(f"elastic_transform: sigma must be above 0. Received: sigma={sigma}")
    batch = x if x.ndim == 4 else x[None]
    is_first = is_channels_first(data_format)
    batch = moveaxis(batch, 1, -1) if is_first else batch
    rows, columns = _places(batch.shape[:3], float(alpha), float(sigma), seed)
    order = INTERPOLATIONS.index(interpolation)
    bent = cast(at_places(batch, rows, columns, order, fill_mode, fill_value), x.dtype)
    bent = moveaxis(bent, -1, 1) if is_first else bent
    return bent if x.ndim == 4 else bent[0]


def _places(shape: tuple[int, ...], alpha: float, sigma: float, seed: Any) -> tuple[Tensor, Tensor]:
    """Rows and columns that the pixels of each picture come from, of shape (images, *size)."""
    draw = import_module("pylego.random").normal  # it stands on ops
    size = int(6 * sigma) | 1
    drawn = draw((*shape, 2), stddev=sigma, dtype="float32", seed=seed)
    moved = alpha * gaussian_blur(drawn, (size, size), (sigma, sigma), "channels_last")
    rows = arange(shape[1], dtype="float32").reshape(-1, 1)
    return moved[..., 0] + rows, moved[..., 1] + arange(shape[2], dtype="float32")
