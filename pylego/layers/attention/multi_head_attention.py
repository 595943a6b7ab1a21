"""The layer in which several heads attend side by side."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

from pylego import checks
from pylego.core.tensor import Tensor
from pylego.layers.attention.base_attention import BaseAttention
from pylego.layers.core.einsum_dense import EinsumDense
from pylego.layers.masks import mask_of

Shape = tuple[int | None, ...]


class MultiHeadAttention(BaseAttention):
    """Let queries attend to values, by several heads that look for different things.

    Queries, keys and values are projected for each head; a head's output is the mean of its values,
    weighted by softmax(query @ key / sqrt(key_dim)); all heads together are projected once more
    (Vaswani et al., arXiv 1706.03762). With the same queries and values it is self-attention:
    `layer(x, x)`.

    Shapes: queries (batch, steps, n) and values (batch, others, m) give (batch, steps, n).

    The outputs carry the mask of the queries. The inputs lose theirs, as in Keras: layers that
    follow in a residual branch, such as `Add`, meet one input without a mask and pass none on.

    Args:
        num_heads: how many heads.
        key_dim: how long the queries and keys of a head are.
        value_dim: how long its values are; by default `key_dim`.
        dropout: the share of weights that is dropped while training.
        use_bias: whether projections have a bias.
        output_shape: of the outputs' features; by default those of the queries.
        attention_axes: the axes that are attended over; all but the batch and the features by
            default.
        sliding_window: how far a step sees: to steps less than so many away; None for all.
        flash_attention: whether the matrix of scores is not stored, unless it is asked for; by
            default `config.is_flash_attention_enabled()`, which is True.
        kernel_initializer: how kernels start.
        bias_initializer: how biases start.
        kernel_regularizer: penalty on the kernels.
        bias_regularizer: penalty on the biases.
        activity_regularizer: penalty on the outputs of each projection.
        kernel_constraint: applied to the kernels after each step.
        bias_constraint: applied to the biases after each step.
        use_gate: whether the heads' outputs are multiplied with a sigmoid of the queries.
        seed: an integer, for the same choices of dropout in every run.
        **kwargs: see `Layer`.

    Raises:
        TypeError: when a length is not a whole number.
        ValueError: when a length is less than 1, and when shapes do not fit.

    >>> import numpy as np
    >>> layer = MultiHeadAttention(num_heads=2, key_dim=3)
    >>> x = np.ones((1, 5, 8))
    >>> y, shares = layer(x, x, return_attention_scores=True)
    >>> y.shape, shares.shape
    ((1, 5, 8), (1, 2, 5, 5))
    """

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: int | Sequence[int] | None = None,
        attention_axes: int | Sequence[int] | None = None,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ):
        key_dim = checks.whole_number("key_dim", key_dim, least=1, owner="MultiHeadAttention")
        super().__init__(
            key_dim,
            dropout,
            use_bias,
            sliding_window,
            flash_attention,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            activity_regularizer,
            kernel_constraint,
            bias_constraint,
            use_gate,
            seed,
            **kwargs,
        )
        self.num_heads = checks.whole_number(
            "num_heads", num_heads, least=1, owner="MultiHeadAttention"
        )
        self.key_dim = key_dim
        self.value_dim = self._count("value_dim", value_dim) or key_dim
        self._output_shape = _numbers(output_shape) or None
        self.attention_axes = None if attention_axes is None else _numbers(attention_axes)

    def build(
        self, query_shape: Shape, value_shape: Shape | None = None, key_shape: Shape | None = None
    ) -> None:
        value_shape = self._shape_of_values(value_shape)
        key_shape = value_shape if key_shape is None else key_shape
        self._check_shapes(query_shape, value_shape, key_shape)
        rank = len(query_shape)
        shapes = {
            "query": (query_shape, self.key_dim),
            "key": (key_shape, self.key_dim),
            "value": (value_shape, self.value_dim),
        }
        self.query_dense = self._heads("query", *shapes["query"])
        self.key_dense = self._heads("key", *shapes["key"])
        if self.use_gate:
            self._gate_dense = self._heads("gate", query_shape, self.value_dim, "sigmoid")
        self.value_dense = self._heads("value", *shapes["value"])
        self._build_attention(rank + 1)
        outputs = self._output_shape or (query_shape[-1],)
        equation, bias_axes = _projection_equation(rank - 1, 2, len(outputs))
        lengths = (*[None] * (rank - 2), *outputs)
        self.output_dense = self._projection("attention_output", equation, lengths, bias_axes)
        self.output_dense.build((*query_shape[:-1], self.num_heads, self.value_dim))

    def _heads(
        self, name: str, shape: Shape, size: int, activation: str | None = None
    ) -> EinsumDense:
        """Make the projection of an input to all heads."""
        equation, bias_axes = _projection_equation(len(shape) - 1, 1, 2)
        lengths = (*[None] * (len(shape) - 2), self.num_heads, size)
        layer = self._projection(name, equation, lengths, bias_axes, activation)
        layer.build(shape)
        return layer

    def _build_attention(self, rank: int) -> None:
        """Write the equations of scores and outputs; heads have `rank` axes."""
        if self.attention_axes is None:
            self.attention_axes = tuple(range(1, rank - 2))
        axes = tuple(axis % (rank - 1) for axis in self.attention_axes)
        self.attention_axes = axes
        of_queries = string.ascii_lowercase[:rank]
        renamed = dict(zip((of_queries[axis] for axis in axes), string.ascii_lowercase[rank:]))
        of_keys = "".join(renamed.get(letter, letter) for letter in of_queries)
        batch = "".join(of_queries[i] for i in range(rank - 1) if i not in axes)
        scores = batch + "".join(renamed) + "".join(renamed.values())
        self._scores_equation = f"{of_keys},{of_queries}->{scores}"
        self._output_equation = f"{scores},{of_keys}->{of_queries}"
        self._build_shares(len(axes))

    def _projections(self) -> tuple[EinsumDense, EinsumDense, EinsumDense, EinsumDense]:
        return self.query_dense, self.key_dense, self.value_dense, self.output_dense

    def _take_query_mask(self, query: Tensor, value: Tensor, key: Tensor, given: Any) -> Any:
        """The mask that the queries carry: what is given beside has no effect, as in Keras."""
        return mask_of(query)

    def _check_shapes(self, query_shape: Shape, value_shape: Shape, key_shape: Shape) -> None:
        if min(map(len, (query_shape, value_shape, key_shape))) < 3:
            raise ValueError(
                f"Layer {self.name!r} attends over steps: inputs have shape (batch, steps, "
                f"features). Received: shapes {query_shape}, {value_shape} and {key_shape}"
            )
        if value_shape[1:-1] != key_shape[1:-1]:
            raise ValueError(
                f"Layer {self.name!r}: there is a key for each value. Received: values of shape "
                f"{value_shape}, keys of shape {key_shape}"
            )

    def compute_output_shape(  # type: ignore[override]
        self, query_shape: Shape, value_shape: Shape, key_shape: Shape | None = None
    ) -> Shape:
        self._check_shapes(query_shape, value_shape, key_shape or value_shape)
        return (*query_shape[:-1], *(self._output_shape or query_shape[-1:]))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_heads": self.num_heads,
            "key_dim": self.key_dim,
            "value_dim": self.value_dim,
            "dropout": self.dropout,
            "output_shape": self._output_shape,
            "attention_axes": self.attention_axes,
            **self._shared_config(),
        }


def _numbers(value: Any) -> tuple[int, ...]:
    """One number, or several, as a tuple."""
    if value is None:
        return ()
    return (value,) if isinstance(value, int) else tuple(value)


def _projection_equation(free: int, bound: int, outputs: int) -> tuple[str, str]:
    """The equation of a product over `bound` axes after `free` ones, and the axes of its bias."""
    letters = string.ascii_lowercase
    kept, summed = letters[:free], letters[free : free + bound]
    made = letters[free + bound : free + bound + outputs]
    return f"{kept}{summed},{summed}{made}->{kept}{made}", made
