"""The layer that puts pairs of features into bins by a hash."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pylego import checks, config
from pylego.core import dtypes
from pylego.core.tensor import Tensor, convert_to_tensor
from pylego.core.text_array import holds_texts
from pylego.graph import KerasTensor
from pylego.layers.layer import Layer
from pylego.layers.preprocessing.encoding import encode, encoded_shape, output_mode, refuse_sparse
from pylego.layers.preprocessing.fingerprints import cross, farmhash64
from pylego.layers.preprocessing.texts import as_texts

_START = 0xDECAFCAFFE  # TensorFlow's key of crossed features


class HashedCrossing(Layer):
    """Put each combination of two or more features, such as town and weekday, into a bin.

    Features are whole numbers or texts. Two combinations may share a bin; they are Keras's bins.
    The hash reads the numbers themselves, so at the beginning of a model it runs in front of the
    model's program; behind layers with weights a model with it runs eagerly.

    Shapes: features of shape (), (batch,) or (batch, 1), all the same, keep it; 'one_hot' gives
    (batch, num_bins).

    Args:
        num_bins: how many bins there are.
        output_mode: 'int' or 'one_hot'.
        sparse: only False.
        name: see `Layer`.
        dtype: of the outputs; int64 for 'int' by default.
        **kwargs: see `Layer`.

    Raises:
        TypeError: for fractions.
        ValueError: for fewer than two features, and for other shapes.

    >>> layer = HashedCrossing(num_bins=5)
    >>> layer((["A", "B", "A", "B", "A"], [101, 101, 101, 102, 102])).numpy().tolist()
    [1, 4, 1, 1, 3]
    """

    looks_at_numbers = True

    def __init__(
        self,
        num_bins: int,
        output_mode: str = "int",
        sparse: bool = False,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ):
        if dtype is None:
            dtype = "int64" if output_mode == "int" else config.floatx()
        kwargs.setdefault("autocast", False)
        super().__init__(name=name, dtype=dtype, **kwargs)
        self.num_bins = checks.whole_number("num_bins", num_bins, 1, "HashedCrossing")
        self.output_mode = _mode(output_mode)
        refuse_sparse(sparse)
        self.sparse = False

    def _read_arguments(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        inputs = args[0] if args else kwargs.get("inputs")
        if not isinstance(inputs, (list, tuple)) or len(inputs) < 2:
            raise ValueError(f"it takes a list of two or more features. Received: {inputs!r}")
        if any(isinstance(feature, KerasTensor) for feature in inputs):
            return super()._read_arguments(args, kwargs)
        features = [as_texts(x) if holds_texts(x) else convert_to_tensor(x) for x in inputs]
        return (features,), {k: v for k, v in kwargs.items() if k != "inputs"}

    def call(self, inputs: Sequence[Any]) -> Tensor:
        shape = tuple(inputs[0].shape)
        self._check_features(inputs, shape)
        prints = [_fingerprints(feature) for feature in inputs]
        found = []
        for row in zip(*prints):
            crossed = _START
            for fingerprint in row:
                crossed = cross(crossed, fingerprint)
            found.append(crossed % self.num_bins)
        bins = convert_to_tensor(np.array(found, dtype=np.int64).reshape(shape))
        return encode(bins, self.output_mode, self.num_bins, self.dtype)

    def _check_features(self, features: Sequence[Any], shape: tuple[int, ...]) -> None:
        shapes = [tuple(feature.shape) for feature in features]
        if len(shape) > 2 or (len(shape) == 2 and shape[1] != 1) or shapes != [shape] * len(shapes):
            raise ValueError(
                f"Layer {self.name!r} crosses features of one shape, (), (batch,) or (batch, 1). "
                f"Received: shapes {shapes}"
            )
        for feature in features:
            if isinstance(feature, Tensor) and not dtypes.is_integer(feature.dtype):
                raise TypeError(
                    f"Layer {self.name!r} crosses whole numbers and texts. Received: a feature of "
                    f"{feature.dtype}"
                )

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return encoded_shape(input_shape[0], self.output_mode, self.num_bins)

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> KerasTensor:
        """Return the placeholder of what comes out for placeholders."""
        shapes = [feature.shape for feature in inputs]
        return KerasTensor(self.compute_output_shape(shapes), self.dtype)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["trainable"]  # Keras does not write it either
        return {
            **config,
            "num_bins": self.num_bins,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
        }


def _mode(mode: str) -> str:
    return output_mode(mode, ("int", "one_hot"))


def _fingerprints(feature: Any) -> list[int]:
    """Numbers stand for themselves."""
    if isinstance(feature, Tensor):
        return [number % 2**64 for number in feature.numpy().reshape(-1).tolist()]
    return [farmhash64(text.encode()) for text in feature.reshape(-1)]
