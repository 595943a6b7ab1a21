"""Pictures: batches of shape (batch, height, width, channels), or single ones without the batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pylego import checks, lazy, names
from pylego.core import dtypes
from pylego.core.tensor import Tensor, apply
from pylego.ops import later, windows
from pylego.ops.core import cast, convert_to_tensor
from pylego.ops.deferral import deferring
from pylego.ops.elementwise import clip, round as rounded
from pylego.ops.shapes import moveaxis, pad

__all__ = [
    "affine_transform",
    "crop_images",
    "elastic_transform",
    "extract_patches",
    "extract_patches_3d",
    "gaussian_blur",
    "hsv_to_rgb",
    "map_coordinates",
    "pad_images",
    "perspective_transform",
    "resize",
    "rgb_to_grayscale",
    "rgb_to_hsv",
    "scale_and_translate",
    "sobel_edges",
    "ssim",
]

# As the brick counts them.
METHODS = {"nearest": 0, "bilinear": 1, "bicubic": 2, "lanczos3": 3, "lanczos5": 4}


def resize(
    images: Any,
    size: Sequence[int],
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Tensor:
    """Give pictures another height and width.

    Both have their corners at the same places: the center of pixel i of the result lies at
    (i + 1/2) * old / new - 1/2 of the old one.

    Args:
        images: one picture or a batch.
        size: (height, width).
        interpolation: 'bilinear': the mean of the four pixels around, each by how near it is;
            'bicubic' (Keys, 1981), 'lanczos3', 'lanczos5': of 4, 6 or 10 rows and columns, which
            keeps edges sharper and may overshoot beside them; or 'nearest'. At the edges it is the
            mean of what is there. Integers stay integers, rounded, within the range of their dtype.
        antialias: whether pixels of a picture that shrinks are averaged over all that come
            together, so that fine stripes become grey. 'nearest' knows none.
        crop_to_aspect_ratio: whether edges are cut off first, so that nothing is distorted.
        pad_to_aspect_ratio: whether a border is laid around first, so that nothing is distorted.
        fill_mode: of the border; only 'constant'.
        fill_value: what the border holds.
        data_format: 'channels_last' or 'channels_first'; by default
            `config.image_data_format()`.

    Raises:
        ValueError: for anything but a picture, for bad sizes and unknown interpolations, and when a
            picture should be both cropped and padded.

    >>> print(resize([[[1.0], [3.0]]], (1, 4)).reshape(4))
    Tensor(shape=(4,), dtype=float32, [1.  1.5 2.5 3. ])
    """
    x = convert_to_tensor(images)
    if x.ndim not in (3, 4):
        raise ValueError(
            "resize: one picture has 3 axes (height, width, channels), a batch of them 4. "
            f"Received: shape {x.shape}"
        )
    check_resizing(interpolation, crop_to_aspect_ratio, pad_to_aspect_ratio, fill_mode)
    interpolation = known_interpolation(interpolation)
    is_first = windows.is_channels_first(data_format)
    x = moveaxis(x, -3, -1) if is_first else x
    lengths = _height_and_width(size)
    if crop_to_aspect_ratio:
        x = _cropped(x, lengths)
    elif pad_to_aspect_ratio:
        x = _padded(x, lengths, fill_value)
    y = _resized(x, lengths, interpolation, antialias)
    return moveaxis(y, -1, -3) if is_first else y


def known_interpolation(interpolation: str) -> str:
    """Return the name of an interpolation in lower case.

    Raises:
        ValueError: for one that is not known.

    >>> known_interpolation("Nearest")
    'nearest'
    """
    name = interpolation.lower() if isinstance(interpolation, str) else interpolation
    if name not in METHODS:
        raise names.unknown("interpolation", interpolation, METHODS)
    return name


def check_resizing(
    interpolation: str,
    crop_to_aspect_ratio: bool,
    pad_to_aspect_ratio: bool,
    fill_mode: str,
    **others: Any,
) -> None:
    """Refuse settings that `resize` does not take, as it does."""
    known_interpolation(interpolation)
    if fill_mode != "constant":
        raise names.unknown("fill_mode", fill_mode, ("constant",))
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("resize: crop_to_aspect_ratio and pad_to_aspect_ratio exclude each other")


def _height_and_width(size: Any) -> tuple[int, ...]:
    if isinstance(size, str) or not isinstance(size, Sequence) or len(size) != 2:
        raise ValueError(f"resize: size is a pair (height, width). Received: size={size!r}")
    return tuple(checks.whole_number("resize: size", length, 1) for length in size)


def _resized(x: Tensor, lengths: tuple[int, ...], interpolation: str, antialias: bool) -> Tensor:
    """The height first: its rows are long."""
    is_mixed = interpolation != "nearest" and not dtypes.is_float(x.dtype)
    y = cast(x, "float32") if is_mixed else x
    how = {"method": METHODS[interpolation], "antialias": int(antialias)}
    for axis, length in zip((-3, -2), lengths):
        if length != y.shape[axis]:
            y = apply("resize", (y,), axis=axis, size=length, **how)
    return _as_integers(y, x.dtype) if is_mixed else y


def _as_integers(y: Tensor, dtype: str) -> Tensor:
    """Round, within the range of the dtype."""
    if dtype != "bool":
        y = clip(y, *dtypes.limits(dtype))
    return cast(rounded(y), dtype)


# ---- aspect ratio: as Keras counts pixels ---------------------------------------------------


def _cropped(x: Tensor, lengths: tuple[int, ...]) -> Tensor:
    """The middle of the pictures, as high and wide as height : width allows."""
    height, width = lengths
    rows, columns = x.shape[-3:-1]
    kept_rows = max(min(rows, columns * height // width), 1)
    kept_columns = max(min(columns, rows * width // height), 1)
    top, left = (rows - kept_rows) // 2, (columns - kept_columns) // 2
    return x[..., top : top + kept_rows, left : left + kept_columns, :]


def _padded(x: Tensor, lengths: tuple[int, ...], value: float) -> Tensor:
    """The pictures within a border of equal width on both sides."""
    height, width = lengths
    rows, columns = x.shape[-3:-1]
    above = max(columns * height // width - rows, 0) // 2
    beside = max(rows * width // height - columns, 0) // 2
    edges = [(above, above), (0 if above else beside,) * 2, (0, 0)]
    return pad(x, [(0, 0)] * (x.ndim - 3) + edges, constant_values=value)


if TYPE_CHECKING:
    from pylego.ops.affine import affine_transform
    from pylego.ops.borders import crop_images, pad_images
    from pylego.ops.colors import hsv_to_rgb, rgb_to_grayscale, rgb_to_hsv
    from pylego.ops.coordinates import map_coordinates, perspective_transform
    from pylego.ops.distortion import elastic_transform
    from pylego.ops.filters import gaussian_blur, sobel_edges
    from pylego.ops.image_quality import ssim
    from pylego.ops.patches import extract_patches, extract_patches_3d
    from pylego.ops.scaling import scale_and_translate
else:
    __getattr__, __dir__ = lazy.loaded_when_asked(__name__, later.HOMES_OF_IMAGE, deferring)
