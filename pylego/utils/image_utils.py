"""Read, convert and write single images: files, images of Pillow, arrays of three axes.

Pillow reads and writes the files. It is imported when the first of these functions is called.
"""

from __future__ import annotations

import io
import os
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from pylego import names
from pylego.construction import explained
from pylego.core import dtypes
from pylego.ops.windows import is_channels_first
from pylego.utils.file_reading import content_of
from pylego.utils.image_modes import in_color_mode

if TYPE_CHECKING:
    from PIL.Image import Image

COLOR_MODES = {"grayscale": 1, "rgb": 3, "rgba": 4}  # and how many channels they have
_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": ("PNG",), b"\xff\xd8\xff": ("JPEG",)}
RESAMPLING = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")


def pillow() -> Any:
    """Return the module PIL.Image.

    Raises:
        ImportError: where Pillow is not installed, with the line that installs it.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError(
            "Images are read and written by Pillow, which is not installed: "
            "pip install 'pylego[images]'"
        ) from error
    return Image


def check_color_mode(color_mode: str) -> int:
    """Return how many channels the images will have.

    Raises:
        ValueError: for anything but 'grayscale', 'rgb' and 'rgba'.

    >>> check_color_mode("rgba")
    4
    """
    if color_mode not in COLOR_MODES:
        raise names.unknown("color_mode", color_mode, COLOR_MODES)
    return COLOR_MODES[color_mode]


def height_and_width(name: str, size: Any) -> tuple[int, int]:
    """Return a size as (height, width); a single number stands for both.

    Raises:
        ValueError: for anything else.

    >>> height_and_width("image_size", 32)
    (32, 32)
    """
    lengths = (size, size) if isinstance(size, (int, np.integer)) else size
    if not isinstance(lengths, (list, tuple)) or len(lengths) != 2:
        raise ValueError(f"{name} is (height, width). Received: {name}={size!r}")
    if not all(isinstance(n, (int, np.integer)) and n > 0 for n in lengths):
        raise ValueError(f"{name} has whole numbers from 1 on. Received: {name}={size!r}")
    return int(lengths[0]), int(lengths[1])


# ---- reading --------------------------------------------------------------------------------


@explained
def load_img(
    path: Any,
    color_mode: str = "rgb",
    target_size: Any = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> Image:
    """Read an image file, of any mode that Pillow knows, as pixels from 0 to 255.

    Bits become 0 and 255, palettes their colors; CMYK, YCbCr, HSV and LAB become red, green and
    blue, and gray is 0.299 red + 0.587 green + 0.114 blue, as Pillow converts. Transparency is
    kept by 'rgba', where what has none is opaque; else it is left out, and the colors beneath are
    seen. Of grays of 16 bits (I;16, and I, taken as such) the upper 8 are taken; of floats (F) what
    is from 0 to 255, without fractions. What lies beyond is cut off, with a warning. Of several
    frames the first one is read. The orientation that cameras note is left alone, as in Keras:
    `PIL.ImageOps.exif_transpose` turns an image by it.

    Args:
        path: of the file, or its content as an `io.BytesIO`.
        color_mode: 'rgb' (the default), 'rgba' or 'grayscale'.
        target_size: (height, width) to which it is resized; None leaves it as it is.
        interpolation: how it is resized: 'nearest' (the default), 'bilinear', 'bicubic', 'lanczos',
            'box' or 'hamming'. All but 'nearest' average when they make it smaller.
        keep_aspect_ratio: whether the middle is cut out first, so that nothing is distorted.

    Returns an image of Pillow.

    Raises:
        ImportError: without Pillow.
        FileNotFoundError: when there is no such file.
        ValueError: for a file that is not an image, and unknown modes.

    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> save_img(folder / "row.png", np.zeros((2, 3, 3)))
    >>> load_img(folder / "row.png", target_size=(4, 6)).size
    (6, 4)
    """
    check_color_mode(color_mode)
    image = in_color_mode(_opened(path), color_mode)
    if target_size is None:
        return image
    size = height_and_width("target_size", target_size)
    return resized(
        image, size, interpolation, middle_box(image.size, size) if keep_aspect_ratio else None
    )


def _opened(path: Any) -> Image:
    """The decoded image."""
    if not isinstance(path, (str, bytes, os.PathLike, io.BytesIO)):
        raise TypeError(f"path is the name of a file, or an io.BytesIO. Received: {path!r}")
    image_module = pillow()
    try:
        if isinstance(path, io.BytesIO):
            image = image_module.open(path)
        else:
            content = content_of(path)  # Pillow would read it in many small pieces
            image = image_module.open(io.BytesIO(content), formats=_formats_of(content))
        image.load()
        return image
    except (FileNotFoundError, IsADirectoryError, PermissionError):
        raise
    except (OSError, SyntaxError, image_module.DecompressionBombError) as error:
        raise ValueError(f"{path!s} is not an image that Pillow can read: {error}") from error


def _formats_of(content: bytes) -> tuple[str, ...] | None:
    """The one format that an image has, so that Pillow need not try all of some forty."""
    return next((form for begin, form in _BEGINNINGS.items() if content.startswith(begin)), None)


# ---- sizes ----------------------------------------------------------------------------------


def resized(image: Image, size: tuple[int, int], interpolation: str, box: Any = None) -> Image:
    """Bring an image of Pillow, or a box of it, to a (height, width); see `load_img`.

    Raises:
        ValueError: for another interpolation.
    """
    if interpolation not in RESAMPLING:
        raise names.unknown("interpolation", interpolation, RESAMPLING)
    if image.size == size[::-1]:
        return image
    return image.resize(size[::-1], pillow().Resampling[interpolation.upper()], box=box)


def with_proportions(image: Image, size: tuple[int, int], fit: str) -> Image:
    """Give an image of Pillow the proportions of a (height, width).

    Args:
        image: the image.
        size: whose proportions are wanted.
        fit: 'crop' cuts out the middle, 'pad' adds black borders, 'stretch' does nothing.
    """
    if fit == "crop":
        return image.crop(middle_box(image.size, size))
    return _padded(image, size) if fit == "pad" else image


def middle_box(size: tuple[int, int], wanted: tuple[int, int]) -> tuple[int, int, int, int]:
    """The largest box of the wanted proportions: left, top, right, bottom."""
    width, height = size
    box_height = min(height, max(1, width * wanted[0] // wanted[1]))
    box_width = min(width, max(1, height * wanted[1] // wanted[0]))
    top, left = (height - box_height) // 2, (width - box_width) // 2
    return left, top, left + box_width, top + box_height


def _padded(image: Image, wanted: tuple[int, int]) -> Image:
    """The image in the middle of a black one that has the wanted proportions."""
    width, height = image.size
    whole = max(width, height * wanted[1] // wanted[0]), max(height, width * wanted[0] // wanted[1])
    padded = pillow().new(image.mode, whole)
    padded.paste(image, ((whole[0] - width) // 2, (whole[1] - height) // 2))
    return padded


# ---- writing --------------------------------------------------------------------------------


def save_img(
    path: Any,
    x: Any,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Write an image into a file.

    Args:
        path: of the file; or a file open for writing, with a file_format.
        x: the image, as for `array_to_img`. Of a gray one with numbers above 255, unscaled, PNG
            keeps 16 bits.
        data_format: where its channels are.
        file_format: such as 'png' or 'jpeg'; by default what the name ends in.
        scale: whether the numbers are spread over 0 to 255.
        **kwargs: what Pillow's `Image.save` takes.

    Raises:
        ImportError: without Pillow.
        ValueError: for anything but an image, and unknown formats.
    """
    format = _format_of(path, file_format)
    image = array_to_img(x, data_format, scale)
    if image.mode == "RGBA" and format == "JPEG":
        warnings.warn("JPEG has no alpha channel: it is left out", stacklevel=2)
        image = image.convert("RGB")
    if image.mode == "I" and format == "PNG":
        image = image.convert("I;16")  # the widest that such files hold
    image.save(path, format=format, **kwargs)


def _format_of(path: Any, file_format: str | None) -> str | None:
    """As Pillow calls it: by an ending such as 'jpg', too. None leaves it to Pillow to complain."""
    is_named = isinstance(path, (str, os.PathLike))
    ending = os.path.splitext(os.fspath(path))[1] if is_named else ""
    wanted = ending if file_format is None else f".{file_format}"
    known = pillow().registered_extensions()
    return known.get(wanted.lower(), file_format and file_format.upper())


# ---- arrays ---------------------------------------------------------------------------------


@explained
def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> np.ndarray:
    """Return an image of Pillow as an array with three axes.

    The numbers are those that Pillow holds, whatever the mode: 0 to 255 for L, RGB, RGBA, and what
    else `load_img` returns; 0 and 1 for 1, places in the palette for P, up to 65535 for I;16. So is
    the number of channels: 2 for LA and PA, 4 for CMYK.

    Args:
        img: the image.
        data_format: 'channels_last' gives (height, width, channels), 'channels_first'
            (channels, height, width); by default `config.image_data_format()`.
        dtype: of the array; `config.floatx()` by default. The numbers are not scaled.

    Raises:
        ValueError: for anything but an image.

    >>> img_to_array(array_to_img(np.ones((2, 3, 1)), scale=False)).shape
    (2, 3, 1)
    """
    first = is_channels_first(data_format)
    array = np.array(img, dtype=dtypes.array_dtype(dtype))
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3:
        raise ValueError(f"An image has two axes or three. Received: shape {array.shape}")
    return array.transpose(2, 0, 1) if first else array


@explained
def array_to_img(
    x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None
) -> Image:
    """Make an image of Pillow of an array.

    Args:
        x: of shape (height, width, channels) with 1, 3 or 4 channels.
        data_format: 'channels_first' for (channels, height, width).
        scale: whether the lowest number becomes 0 and the highest 255. Without, fractions are cut
            off, and what lies beyond 0 and 255; but gray images with more than 255 have mode I.
        dtype: in which is computed; `config.floatx()` by default.

    Raises:
        ImportError: without Pillow.
        ValueError: for other shapes.

    >>> array_to_img(np.zeros((2, 3, 3))).size
    (3, 2)
    """
    first = is_channels_first(data_format)
    array = np.array(x, dtype=dtypes.array_dtype(dtype))
    if array.ndim != 3:
        raise ValueError(
            f"An image has three axes, (height, width, channels). Received: shape {array.shape}"
        )
    array = array.transpose(1, 2, 0) if first else array
    return _image_of(_spread(array) if scale else array)


def _spread(array: np.ndarray) -> np.ndarray:
    """From 0 to 255."""
    if array.size == 0:
        return array
    array = array - array.min()
    return array / (array.max() or 1) * 255


def _image_of(array: np.ndarray) -> Image:
    """Fractions are cut off, as Keras does."""
    channels = array.shape[2]
    if channels not in (1, 3, 4):
        raise ValueError(f"An image has 1, 3 or 4 channels. Received: shape {array.shape}")
    is_wide = channels == 1 and array.size > 0 and array.max() > 255
    pixels = array.astype("int32") if is_wide else np.clip(array, 0, 255).astype("uint8")
    return pillow().fromarray(np.ascontiguousarray(pixels[:, :, 0] if channels == 1 else pixels))
