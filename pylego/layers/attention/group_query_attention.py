"""The layer in which heads attend in groups that share keys and values."""

from __future__ import annotations

from typing import Any

from pylego import checks, names, ops
from pylego.core.tensor import Tensor
from pylego.layers.attention.base_attention import BaseAttention
from pylego.layers.core.einsum_dense import EinsumDense

Shape = tuple[int | None, ...]


class GroupQueryAttention(BaseAttention):
    """Let queries attend to values by heads of which several share keys and values.

    There are fewer weights and fewer keys to keep than with `MultiHeadAttention`, which it is with
    as many heads of keys as of queries (Ainslie et al., arXiv 2305.13245).

    Shapes: queries (batch, steps, n) and values (batch, others, m) give (batch, steps, n).

    Args:
        head_dim: how long queries, keys and values of a head are.
        num_query_heads: how many heads ask.
        num_key_value_heads: how many heads answer; it divides `num_query_heads`.
        dropout: see `MultiHeadAttention`, as are all that follow.
        use_bias: whether projections have a bias.
        sliding_window: how far a step sees.
        flash_attention: whether the matrix of scores is not stored, unless it is asked for; by
            default `config.is_flash_attention_enabled()`, which is True.
        kernel_initializer: how kernels start.
        bias_initializer: how biases start.
        kernel_regularizer: penalty on the kernels.
        bias_regularizer: penalty on the biases.
        activity_regularizer: penalty on the outputs, and on those of each projection.
        kernel_constraint: applied to the kernels after each step.
        bias_constraint: applied to the biases after each step.
        use_gate: whether the heads' outputs are multiplied with a sigmoid of the queries.
        seed: an integer, for the same choices of dropout in every run.
        **kwargs: see `Layer`.

    Raises:
        TypeError: when a length is not a whole number.
        ValueError: when a length is less than 1, and when the heads do not fall into groups.

    >>> import numpy as np
    >>> layer = GroupQueryAttention(head_dim=3, num_query_heads=4, num_key_value_heads=2)
    >>> x = np.ones((1, 5, 8))
    >>> layer(x, x).shape, layer.count_params()
    ((1, 5, 8), 320)
    """

    _scores_equation = "bkuh,bquh->buqk"
    _output_equation = "buqk,bkuh->bquh"

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
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
        counts = (head_dim, num_query_heads, num_key_value_heads)
        named = zip(("head_dim", "num_query_heads", "num_key_value_heads"), counts)
        head_dim, num_query_heads, num_key_value_heads = (
            checks.whole_number(name, count, least=1, owner="GroupQueryAttention")
            for name, count in named
        )
        if num_query_heads % num_key_value_heads:
            raise ValueError(
                "GroupQueryAttention: num_query_heads is a multiple of num_key_value_heads. "
                f"Received: {num_query_heads} and {num_key_value_heads}"
            )
        if kwargs.get("name") is None:  # the name of the class in Keras's own code
            kwargs["name"] = names.unique_name("GroupedQueryAttention")
        super().__init__(
            head_dim,
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
        self.activity_regularizer = self._activity_regularizer
        self.head_dim = head_dim
        self.num_query_heads = num_query_heads
        self.num_key_value_heads = num_key_value_heads

    def build(
        self, query_shape: Shape, value_shape: Shape | None = None, key_shape: Shape | None = None
    ) -> None:
        value_shape = self._shape_of_values(value_shape)
        key_shape = value_shape if key_shape is None else key_shape
        self._check_shapes(query_shape, value_shape, key_shape)
        asking = "bqm,muh->bquh", (None, self.num_query_heads, self.head_dim), "uh"
        answering = "bkm,mvh->bkvh", (None, self.num_key_value_heads, self.head_dim), "vh"
        self._query_dense = self._projection("query", *asking)
        self._query_dense.build(query_shape)
        self._key_dense = self._projection("key", *answering)
        self._key_dense.build(key_shape)
        if self.use_gate:
            self._gate_dense = self._projection("gate", *asking, "sigmoid")
            self._gate_dense.build(query_shape)
        self._value_dense = self._projection("value", *answering)
        self._value_dense.build(value_shape)
        self._build_shares(1)
        self._output_dense = self._projection(
            "attention_output", "bquh,uhm->bqm", (None, query_shape[-1]), "m"
        )
        self._output_dense.build((None, None, self.num_query_heads, self.head_dim))

    def _projections(self) -> tuple[EinsumDense, EinsumDense, EinsumDense, EinsumDense]:
        return self._query_dense, self._key_dense, self._value_dense, self._output_dense

    def _for_each_head(self, x: Tensor) -> Tensor:
        return ops.repeat(x, self.num_query_heads // self.num_key_value_heads, axis=2)

    def _check_shapes(self, query_shape: Shape, value_shape: Shape, key_shape: Shape) -> None:
        shapes = (query_shape, value_shape, key_shape)
        if {*map(len, shapes)} != {3} or value_shape[1] != key_shape[1]:
            raise ValueError(
                f"Layer {self.name!r}: inputs have shape (batch, steps, features), and there is a "
                f"key for each value. Received: queries {query_shape}, values {value_shape}, keys "
                f"{key_shape}"
            )

    def compute_output_shape(  # type: ignore[override]
        self, query_shape: Shape, value_shape: Shape, key_shape: Shape | None = None
    ) -> Shape:
        self._check_shapes(query_shape, value_shape, key_shape or value_shape)
        return tuple(query_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "head_dim": self.head_dim,
            "num_query_heads": self.num_query_heads,
            "num_key_value_heads": self.num_key_value_heads,
            "dropout": self.dropout,
            **self._shared_config(),
        }
