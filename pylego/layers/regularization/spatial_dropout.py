"""Dropout of whole channels, for sequences, pictures and volumes.

Neighbours in a feature map say nearly the same, so that dropping single elements hardly hides
anything; dropping the map does (Tompson et al., "Efficient object localization using convolutional
networks", CVPR 2015).
"""

from __future__ import annotations

from typing import Any

from pylego import config, random
from pylego.core.tensor import Tensor
from pylego.layers.input_spec import InputSpec
from pylego.layers.regularization.dropout import Dropout


class _SpatialDropout(Dropout):
    """Dropout whose choice is made once for each channel of a sample."""

    data_format = "channels_last"

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not training or self.rate == 0:
            return inputs
        channels = 1 if self.data_format == "channels_first" else inputs.ndim - 1
        choice = [1] * inputs.ndim
        choice[0], choice[channels] = inputs.shape[0], inputs.shape[channels]
        return random.dropout(inputs, self.rate, choice, self.seed_generator)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        kept = {name: config[name] for name in ("rate", "seed", "name")}
        return {**kept, "dtype": self.dtype}  # the name of it: Keras writes no policy here


class SpatialDropout1D(_SpatialDropout):
    """Drop whole channels of sequences while training, and scale the others by 1 / (1 - rate).

    Shapes: (batch, steps, channels) stays as it is.

    Args:
        rate: the share of channels that is dropped, from 0 to 1.
        seed: an integer, for the same choices in every run.
        name: see `Layer`, as all that follow.
        dtype: of the computation.
        **kwargs: the others.

    Raises:
        ValueError: for a rate outside 0 to 1, or inputs of another rank.

    >>> SpatialDropout1D(0.5, seed=1)([[[1.0], [2.0]]]).numpy().tolist()
    [[[1.0], [2.0]]]
    """

    def __init__(
        self,
        rate: float,
        seed: int | None = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ):
        super().__init__(rate, seed=seed, name=name, dtype=dtype, **kwargs)
        self.input_spec = InputSpec(ndim=3)


class SpatialDropout2D(_SpatialDropout):
    """Drop whole feature maps of pictures while training, and scale the others by 1 / (1 - rate).

    Shapes: (batch, height, width, channels), or with channels_first (batch, channels, height,
    width), stays as it is.

    Args:
        rate: the share of channels that is dropped, from 0 to 1.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        seed: an integer, for the same choices in every run.
        name: see `Layer`, as all that follow.
        dtype: of the computation.
        **kwargs: the others.

    Raises:
        ValueError: for a rate outside 0 to 1, another data_format, or inputs of another rank.

    >>> layer = SpatialDropout2D(0.5, seed=1)
    >>> maps = layer([[[[1.0] * 9] * 4] * 4], training=True).numpy()
    >>> {len(set(maps[..., channel].ravel())) for channel in range(9)}
    {1}
    """

    axes = 2

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ):
        super().__init__(rate, seed=seed, name=name, dtype=dtype, **kwargs)
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.axes + 2)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format}


class SpatialDropout3D(SpatialDropout2D):
    """Drop whole channels of volumes while training, and scale the others by 1 / (1 - rate).

    Shapes: (batch, depth, height, width, channels), or with channels_first (batch, channels, depth,
    height, width), stays as it is. Arguments as for `SpatialDropout2D`.

    >>> SpatialDropout3D(0.5, seed=1)([[[[[1.0]]]]]).numpy().tolist()
    [[[[[1.0]]]]]
    """

    axes = 3
