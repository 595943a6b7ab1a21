"""The layer that turns whole numbers into vectors."""

from __future__ import annotations

from typing import Any

from pylego import checks, constraints, initializers, ops, regularizers
from pylego.core import recording
from pylego.core.tensor import Tensor, cast
from pylego.layers.adapters import ADAPTED_WEIGHT, LowRankLayer, refuse_few_bits


class Embedding(LowRankLayer):
    """Look up a vector for each whole number, such as the number of a word.

    Shapes: (batch, ...) of numbers from 0 to input_dim - 1 gives (batch, ..., output_dim). The
    weight `embeddings` is the table, (input_dim, output_dim).

    A step of training with `SGD` changes only the rows that the batch has read, however long the
    table is, if the layer is called once, without regularizer, constraint, momentum, weight decay,
    clipping, averages (`use_ema`) or accumulated gradients. All else changes all rows in each step:
    the moments of Adam and RMSprop, for one, fade in the rows that were not read as well.

    Args:
        input_dim: how many numbers there are.
        output_dim: how long the vectors are.
        embeddings_initializer: how the table starts.
        embeddings_regularizer: penalty on the table.
        embeddings_constraint: applied to the table after each step.
        mask_zero: whether 0 stands for "nothing here": such steps are masked.
        weights: the first table, as an array or a list of one.
        lora_rank: calls `enable_lora` with that rank, once the layer is built; None does not.
        lora_alpha: see `enable_lora`.
        quantization_config: only None.
        **kwargs: see `Layer`; `input_length` is Keras 2's word for `input_shape=(steps,)`.

    Raises:
        IndexError: for a number outside of the table.
        NotImplementedError: for weights of few bits.
        TypeError: when a length is not a whole number.
        ValueError: when a length is less than 1.

    >>> layer = Embedding(3, 2, weights=[[[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]]])
    >>> layer([[1, 2]]).numpy().tolist()
    [[[1.0, 2.0], [3.0, 4.0]]]
    """

    _large_name = "embeddings"

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ):
        if (steps := kwargs.pop("input_length", None)) is not None:
            kwargs.setdefault("input_shape", (steps,))
        if weights is not None and not isinstance(weights, list):
            weights = [weights]
        kwargs.setdefault("autocast", False)
        super().__init__(weights=weights, **kwargs)
        refuse_few_bits("Embedding", quantization_config=quantization_config)
        self._begin_low_rank(lora_rank, lora_alpha)
        self.input_dim = checks.whole_number("input_dim", input_dim, least=1, owner="Embedding")
        self.output_dim = checks.whole_number("output_dim", output_dim, least=1, owner="Embedding")
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = mask_zero
        self.supports_masking = self._makes_masks = bool(mask_zero)

    def build(self, input_shape: Any = None) -> None:
        self.embeddings = self.add_weight(
            (self.input_dim, self.output_dim),
            self.embeddings_initializer,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
            name="embeddings",
        )
        self._end_low_rank()

    embeddings = ADAPTED_WEIGHT

    def call(self, inputs: Tensor) -> Tensor:
        indices = inputs if inputs.dtype in ("int32", "int64") else cast(inputs, "int32")
        advice = (
            f"input_dim={self.input_dim} takes the numbers 0 to {self.input_dim - 1}: it must be "
            "larger than the largest number that is looked up"
        )
        with recording.explained(IndexError, advice):
            vectors = ops.take(self._large_weight, indices, axis=0)
        if not self.lora_enabled:
            return vectors
        changes = ops.matmul(ops.take(self._lora_a, indices, axis=0), self._lora_b)
        return vectors + changes * self._lora_scale

    def compute_mask(self, inputs: Any, mask: Any = None) -> Tensor | None:
        """Return where the number is not 0, if 0 stands for nothing."""
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape, self.output_dim)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "input_dim": self.input_dim,
            "output_dim": self.output_dim,
            "embeddings_initializer": initializers.serialize(self.embeddings_initializer),
            "embeddings_regularizer": regularizers.serialize(self.embeddings_regularizer),
            "embeddings_constraint": constraints.serialize(self.embeddings_constraint),
            "mask_zero": self.mask_zero,
            "quantization_config": None,
        }
