"""The layer that makes a sequence of one vector."""

from __future__ import annotations

from typing import Any

from pylego import checks, ops
from pylego.core.tensor import Tensor
from pylego.layers.input_spec import InputSpec
from pylego.layers.layer import Layer

Shape = tuple[int | None, ...]


class RepeatVector(Layer):
    """Repeat every sample n times: (batch, features) gives (batch, n, features).

    Args:
        n: how often.
        **kwargs: see `Layer`.

    Raises:
        TypeError: when n is not a whole number.
        ValueError: when n is less than 1, or samples are not vectors.

    >>> RepeatVector(3)([[1.0, 2.0]]).numpy().tolist()
    [[[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]]
    """

    def __init__(self, n: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.n = checks.whole_number("n", n, least=1, owner="RepeatVector")
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Tensor) -> Tensor:
        samples, features = inputs.shape
        return ops.broadcast_to(ops.expand_dims(inputs, 1), (samples, self.n, features))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], self.n, input_shape[1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "n": self.n}
