"""The layer that brings out the contrast of each part of an image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import checks, ops
from pylego.core.tensor import Tensor, cast, convert_to_tensor
from pylego.layers.augmentation.random_color_layer import BYTES, color_range, spread
from pylego.layers.preprocessing.image_layer import ImageLayer

_LEVELS = 256


class ContrastLimitedAdaptiveHistogramEqualization(ImageLayer):
    """Make the brightnesses of each tile about equally frequent, within limits (CLAHE).

    The image is cut into tiles. In a tile, a brightness of more than clip_limit times the mean
    count gives the rest to all 256 of them. A number becomes the share of the pixels of its tile
    that are not larger; between the middles of tiles these shares are interpolated.

    Source: Zuiderveld, Contrast Limited Adaptive Histogram Equalization (Graphics Gems IV, 1994).

    Shapes: (images, height, width, channels), or one image, stays as it is.

    Args:
        value_range: the least and the largest number of the images; (0, 255) by default.
        clip_limit: how many times the mean count is kept; 0 for no limit.
        tile_grid_size: how many tiles there are along the height and the width.
        data_format: 'channels_last' or 'channels_first'.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for a value_range that is not a range, sizes below 1, and anything but an image.

    >>> layer = ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=(1, 1), clip_limit=0)
    >>> layer([[[10.0], [11.0], [12.0]]]).numpy().round().ravel().tolist()
    [85.0, 170.0, 255.0]
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        clip_limit: float = 4.0,
        tile_grid_size: Sequence[int] = (8, 8),
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        owner = type(self).__name__
        self.value_range = color_range(owner, value_range)
        self.clip_limit = checks.real_number("clip_limit", clip_limit, 0, owner=owner)
        rows, columns = (checks.whole_number("tile_grid_size", n, 1, owner) for n in tile_grid_size)
        self.tile_grid_size = (rows, columns)

    def transform_images(
        self, images: Any, transformation: None = None, training: bool = True
    ) -> Tensor:
        """Change images, also outside of training, as Keras does."""
        return self._over_batch(self._equalized, self._to_floats(convert_to_tensor(images)))

    def _equalized(self, images: Tensor) -> Tensor:
        height, width = images.shape[1:3]
        sizes = tuple(-(-n // tiles) for n, tiles in zip((height, width), self.tile_grid_size))
        filled = [n * tiles for n, tiles in zip(sizes, self.tile_grid_size)]
        border = [(0, 0), (0, filled[0] - height), (0, filled[1] - width), (0, 0)]
        bytes_ = cast(spread(images, self.value_range, BYTES), "float32")
        padded = ops.pad(bytes_, border, mode="symmetric")
        levels = cast(ops.clip(padded, *BYTES), "int32")
        shares = self._shares(levels, sizes)
        found = _between_tiles(shares, levels, sizes)[:, :height, :width]
        return cast(spread(found, BYTES, self.value_range), images.dtype)

    def _shares(self, levels: Tensor, sizes: tuple[int, ...]) -> Tensor:
        """What each brightness of each tile becomes: (images, rows, columns, channels, 256)."""
        (rows, columns), (high, wide) = self.tile_grid_size, sizes
        count, channels = levels.shape[0], levels.shape[-1]
        cut = ops.reshape(levels, (count, rows, high, columns, wide, channels))
        tiles = ops.reshape(ops.transpose(cut, (0, 1, 3, 5, 2, 4)), (-1, high * wide))
        return ops.reshape(self._table(tiles), (count, rows, columns, channels, _LEVELS))

    def _table(self, tiles: Tensor) -> Tensor:
        """The same for tiles that are rows of pixels."""
        number, pixels = tiles.shape
        flat = tiles + ops.reshape(ops.arange(number), (-1, 1)) * _LEVELS
        ones = ops.ones((number * pixels,), "float32")
        counts = ops.segment_sum(ones, ops.reshape(flat, (-1,)), number * _LEVELS)
        counts = ops.reshape(counts, (number, _LEVELS))
        if self.clip_limit > 0:
            kept = ops.minimum(counts, self.clip_limit * pixels / _LEVELS)
            counts = kept + ops.sum(counts - kept, axis=-1, keepdims=True) / _LEVELS
        below = ops.cumsum(counts, axis=-1)
        first = below[:, :1]
        others = float(pixels) - first
        shares = (below - first) * BYTES[1] / ops.where(others == 0, 1.0, others)
        return ops.clip(shares, *BYTES)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "value_range": self.value_range,
            "clip_limit": self.clip_limit,
            "tile_grid_size": self.tile_grid_size,
        }


def _between_tiles(shares: Tensor, levels: Tensor, sizes: tuple[int, ...]) -> Tensor:
    """Look pixels up in the four tiles around them, weighed by how near their middles are."""
    count, rows, columns, channels, _ = shares.shape
    flat = ops.reshape(shares, (-1,))
    image = ops.reshape(ops.arange(count), (-1, 1, 1, 1)) * rows
    of_rows = [(ops.reshape(n, (-1, 1, 1)), w[:, None, None]) for n, w in _near(rows, sizes[0])]
    of_columns = [(ops.reshape(n, (-1, 1)), w[:, None]) for n, w in _near(columns, sizes[1])]
    total: Any = 0.0
    for row, high in of_rows:
        for column, wide in of_columns:
            tile = ((image + row) * columns + column) * channels + ops.arange(channels)
            total = total + ops.take(flat, tile * _LEVELS + levels) * (high * wide)
    return total


def _near(tiles: int, size: int) -> list[tuple[Tensor, Tensor]]:
    """For each pixel of an axis, the tile before it and its weight, and the tile behind it."""
    place = (ops.arange(tiles * size, dtype="float32") - size / 2) / size
    first = ops.floor(place)
    share = place - first
    both = ((first, 1.0 - share), (first + 1.0, share))
    return [(cast(ops.clip(tile, 0, tiles - 1), "int32"), weight) for tile, weight in both]
