"""The layer that puts words and whole numbers into bins by a hash."""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego import checks, config
from pylego.core import dtypes
from pylego.core.tensor import Tensor, convert_to_tensor
from pylego.core.text_array import holds_texts
from pylego.graph import KerasTensor
from pylego.layers.layer import Layer
from pylego.layers.preprocessing.encoding import encode, encoded_shape, output_mode, refuse_sparse
from pylego.layers.preprocessing.fingerprints import bin_of, two_integers
from pylego.layers.preprocessing.texts import as_texts


class Hashing(Layer):
    """Put words, or whole numbers, into a fixed number of bins, without a vocabulary.

    Two words may share a bin. The hash is FarmHash64, or SipHash with a salt: the same bins on
    every machine, and in Keras. It reads the numbers themselves, so at the beginning of a model it
    runs in front of the model's program; behind layers with weights a model with it runs eagerly.

    Shapes: 'int' keeps the shape; the other modes: see `CategoryEncoding`.

    Args:
        num_bins: how many bins there are.
        mask_value: a word or number that means "nothing here": it has bin 0 for itself.
        salt: a whole number or two, the key of SipHash.
        output_mode: 'int', 'one_hot', 'multi_hot' or 'count'.
        sparse: only False.
        **kwargs: see `Layer`; the dtype is that of the outputs, int64 for 'int' by default.

    Raises:
        ValueError: for settings that are not there, and a dtype of fractions for 'int'.

    >>> Hashing(num_bins=3)([["A"], ["B"], ["C"], ["D"], ["E"]]).numpy().tolist()
    [[1], [0], [1], [1], [2]]
    """

    looks_at_numbers = True

    def __init__(
        self,
        num_bins: int,
        mask_value: Any = None,
        salt: Any = None,
        output_mode: str = "int",
        sparse: bool = False,
        **kwargs: Any,
    ):
        if kwargs.get("dtype") is None:
            kwargs["dtype"] = "int64" if output_mode == "int" else config.floatx()
        kwargs.setdefault("autocast", False)
        super().__init__(**kwargs)
        self.num_bins = checks.whole_number("num_bins", num_bins, 1, "Hashing")
        self.mask_value = mask_value
        self.salt = two_integers("Hashing", salt)
        self.output_mode = _mode(output_mode)
        if output_mode == "int" and not dtypes.is_integer(self.dtype):
            raise ValueError(
                "Hashing: the numbers of bins have dtype 'int32' or 'int64'. Received: "
                f"dtype={self.dtype!r}"
            )
        refuse_sparse(sparse)
        self.sparse = False

    def _read_arguments(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        inputs = args[0] if args else kwargs.get("inputs")
        if holds_texts(inputs):
            return (as_texts(inputs),), {k: v for k, v in kwargs.items() if k != "inputs"}
        return super()._read_arguments(args, kwargs)

    def call(self, inputs: Any) -> Tensor:
        values = inputs if isinstance(inputs, np.ndarray) else _whole(inputs.numpy())
        bins = [self._bin(value) for value in values.reshape(-1).tolist()]
        found = convert_to_tensor(np.array(bins, dtype=np.int64).reshape(values.shape))
        return encode(found, self.output_mode, self.num_bins, self.dtype)

    def _bin(self, value: Any) -> int:
        if self.mask_value is None or self.num_bins == 1:
            return bin_of(str(value), self.num_bins, self.salt)
        if value == self.mask_value:
            return 0
        return 1 + bin_of(str(value), self.num_bins - 1, self.salt)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return encoded_shape(input_shape, self.output_mode, self.num_bins)

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> KerasTensor:
        """Return the placeholder of what comes out for a placeholder."""
        return KerasTensor(self.compute_output_shape(inputs.shape), self.dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_bins": self.num_bins,
            "salt": self.salt,
            "mask_value": self.mask_value,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
        }


def _mode(mode: str) -> str:
    return output_mode(mode, ("int", "one_hot", "multi_hot", "count"))


def _whole(numbers: np.ndarray) -> np.ndarray:
    """Fractions are cut off."""
    return numbers.astype(np.int64)
