"""The layer that turns whole numbers into rows."""

from __future__ import annotations

from typing import Any

from pylego import checks
from pylego.core.tensor import Tensor, cast
from pylego.layers.layer import Layer
from pylego.layers.preprocessing.encoding import encode, encoded_shape, output_mode, refuse_sparse


class CategoryEncoding(Layer):
    """Turn numbers of categories into rows of 0 and 1, or into counts.

    Shapes: 'one_hot' turns (batch, n) into (batch, n, num_tokens), and (batch, 1) into (batch,
    num_tokens); the other modes turn (batch, n) into (batch, num_tokens).

    Args:
        num_tokens: how many categories there are: numbers from 0 to num_tokens - 1. Others are
            counted nowhere.
        output_mode: 'multi_hot', 'one_hot' or 'count'.
        sparse: only False.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for settings that are not there, and for weights in another mode than 'count'.

    >>> CategoryEncoding(num_tokens=4)([[0, 1], [0, 0], [1, 3]]).numpy().tolist()
    [[1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 1.0]]
    """

    def __init__(
        self,
        num_tokens: int | None = None,
        output_mode: str = "multi_hot",
        sparse: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if num_tokens is None:
            raise ValueError(
                "CategoryEncoding: num_tokens, the number of categories, is needed. Where it is "
                "not known, IntegerLookup learns the categories"
            )
        self.num_tokens = checks.whole_number("num_tokens", num_tokens, 1, "CategoryEncoding")
        self.output_mode = _mode(output_mode)
        refuse_sparse(sparse)
        self.sparse = False

    def call(self, inputs: Tensor, count_weights: Any = None) -> Tensor:
        if count_weights is not None and self.output_mode != "count":
            raise ValueError(
                "CategoryEncoding: count_weights are for output_mode='count'. Received: "
                f"output_mode={self.output_mode!r}"
            )
        indices = cast(inputs, "int64")
        return encode(indices, self.output_mode, self.num_tokens, self.compute_dtype, count_weights)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return encoded_shape(input_shape, self.output_mode, self.num_tokens)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_tokens": self.num_tokens,
            "output_mode": self.output_mode,
        }


def _mode(mode: str) -> str:
    return output_mode(mode, ("multi_hot", "one_hot", "count"))
