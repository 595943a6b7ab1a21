"""The layer that turns whole numbers into vectors, and vectors back into scores of numbers."""

from __future__ import annotations

from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor, cast
from pylego.layers import shape_inference
from pylego.layers.core.embedding import Embedding


class ReversibleEmbedding(Embedding):
    """Look up a vector for each whole number; in reverse, score each number for a vector.

    Shapes: as for `Embedding`; with `reverse=True` (batch, ..., output_dim) gives
    (batch, ..., input_dim), the products with all vectors of the table (Press and Wolf, arXiv
    1608.05859). There is no bias.

    Args:
        input_dim: how many numbers there are.
        output_dim: how long the vectors are.
        tie_weights: whether one table serves both ways; else `reverse_embeddings`, of shape
            (output_dim, input_dim), leads back.
        embeddings_initializer: how the tables start.
        embeddings_regularizer: penalty on the table.
        embeddings_constraint: applied to the table after each step.
        mask_zero: whether 0 stands for "nothing here": such steps are masked.
        reverse_dtype: of the way back; by default the layer's.
        logit_soft_cap: c keeps scores between -c and c by c * tanh(score / c).
        **kwargs: see `Embedding`.

    >>> layer = ReversibleEmbedding(2, 2, weights=[[[0.0, 1.0], [2.0, 3.0]]])
    >>> vectors = layer([[1]])
    >>> layer(vectors, reverse=True).numpy().tolist()
    [[[3.0, 13.0]]]
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        tie_weights: bool = True,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        reverse_dtype: Any = None,
        logit_soft_cap: float | None = None,
        **kwargs: Any,
    ):
        super().__init__(
            input_dim,
            output_dim,
            embeddings_initializer=embeddings_initializer,
            embeddings_regularizer=embeddings_regularizer,
            embeddings_constraint=embeddings_constraint,
            mask_zero=mask_zero,
            **kwargs,
        )
        self.tie_weights = tie_weights
        self.reverse_dtype = reverse_dtype
        self.logit_soft_cap = logit_soft_cap

    def build(self, input_shape: Any = None) -> None:
        super().build(input_shape)
        if not self.tie_weights:
            self.reverse_embeddings = self.add_weight(
                (self.output_dim, self.input_dim),
                self.embeddings_initializer,
                name="reverse_embeddings",
            )

    def call(self, inputs: Tensor, reverse: bool = False) -> Tensor:
        """Look up vectors, or score all numbers.

        Args:
            inputs: whole numbers; with `reverse` vectors.
            reverse: whether the way back is meant.
        """
        if reverse:
            return self._scores(inputs)
        vectors = super().call(inputs)
        mask = super().compute_mask(inputs)
        if mask is not None:
            vectors._keras_mask = mask
        return vectors

    def _scores(self, vectors: Tensor) -> Tensor:
        table = ops.transpose(self.embeddings) if self.tie_weights else self.reverse_embeddings
        if self.reverse_dtype is not None:
            vectors, table = (cast(x, self.reverse_dtype) for x in (vectors, table))
        scores = ops.matmul(vectors, table)
        if self.logit_soft_cap is not None:
            scores = ops.tanh(scores / self.logit_soft_cap) * self.logit_soft_cap
        return scores

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """Return None: `call` gives vectors their mask, and scores have none."""

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...], reverse: bool = False
    ) -> tuple[int | None, ...]:
        if reverse:
            return (*input_shape[:-1], self.input_dim)
        return super().compute_output_shape(input_shape)

    def compute_output_spec(self, inputs: Any, reverse: bool = False) -> Any:
        """Return a placeholder for the outputs of such inputs."""
        return shape_inference.outputs_for(self, inputs, reverse=reverse)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "tie_weights": self.tie_weights,
            "reverse_dtype": self.reverse_dtype,
            "logit_soft_cap": self.logit_soft_cap,
        }
