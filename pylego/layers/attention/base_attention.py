"""What layers of attention with heads share: projections, masks, and two ways to attend."""

from __future__ import annotations

import math
from typing import Any

from pylego import checks, config, constraints, initializers, ops, regularizers
from pylego.core.tensor import Tensor
from pylego.layers.activations.softmax import Softmax
from pylego.layers.attention import attention_masks
from pylego.layers.core.einsum_dense import EinsumDense
from pylego.layers.layer import Layer
from pylego.layers.regularization.dropout import Dropout
from pylego.ops.attention import blockwise_attention


class BaseAttention(Layer):
    """Attention with heads: queries, keys and values are projected, each head attends on its own.

    Subclasses make the projections and say how einsum multiplies heads. The others are arguments
    that they share; see `MultiHeadAttention`.
    """

    supports_masking = True

    _scores_equation: str  # keys, queries -> scores
    _output_equation: str  # scores, values -> outputs
    _attended_axes = 1  # how many axes the queries attend over

    def __init__(
        self,
        key_dim: int,
        dropout: float,
        use_bias: bool,
        sliding_window: int | None,
        flash_attention: bool | None,
        kernel_initializer: Any,
        bias_initializer: Any,
        kernel_regularizer: Any,
        bias_regularizer: Any,
        activity_regularizer: Any,
        kernel_constraint: Any,
        bias_constraint: Any,
        use_gate: bool,
        seed: int | None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.dropout = dropout
        self.use_bias = use_bias
        self.use_gate = use_gate
        self.sliding_window = self._count("sliding_window", sliding_window)
        self.seed = seed
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self._activity_regularizer = regularizers.get(activity_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self._scale = 1 / math.sqrt(key_dim)
        self._flash_attention = flash_attention
        if flash_attention and dropout > 0:
            raise ValueError(
                f"{type(self).__name__}: flash_attention=True does not go with dropout={dropout}. "
                "Leave one of them out"
            )

    def _count(self, name: str, value: Any) -> Any:
        """A number of 1 or more, or None."""
        if value is None:
            return None
        return checks.whole_number(name, value, least=1, owner=type(self).__name__)

    # ---- building ----

    def _projection(
        self,
        name: str,
        equation: str,
        output_shape: tuple[int | None, ...],
        bias_axes: str,
        activation: str | None = None,
    ) -> EinsumDense:
        """Make a layer that projects, with initializers of its own."""
        layer = EinsumDense(
            equation,
            output_shape,
            activation=activation,
            bias_axes=bias_axes if self.use_bias else None,
            kernel_initializer=_copy(self.kernel_initializer),
            bias_initializer=_copy(self.bias_initializer),
            kernel_regularizer=self.kernel_regularizer,
            bias_regularizer=self.bias_regularizer,
            activity_regularizer=self._activity_regularizer,
            kernel_constraint=self.kernel_constraint,
            bias_constraint=self.bias_constraint,
            dtype=self.dtype_policy,
            name=name,
        )
        layer.supports_masking = True  # what the inputs' masks mean is decided here
        return layer

    def _build_shares(self, axes: int) -> None:
        """Make the layers between scores and outputs."""
        self._attended_axes = axes
        self._softmax = Softmax(axis=tuple(range(-axes, 0)), dtype=self.dtype_policy)
        self._dropout_layer = Dropout(self.dropout, seed=self.seed, dtype=self.dtype_policy)

    def _projections(self) -> tuple[EinsumDense, EinsumDense, EinsumDense, EinsumDense]:
        """The layers of queries, keys, values and outputs."""
        raise NotImplementedError

    def _shape_of_values(self, value_shape: Any) -> Any:
        if value_shape is None:
            raise TypeError(
                f"Layer {self.name!r} ({type(self).__name__}) is called with (query, value) or "
                "(query, value, key), each an argument of its own; layer(x, x) lets x attend to "
                "itself. Received: one argument"
            )
        return value_shape

    # ---- calling ----

    def call(  # type: ignore[override]
        self,
        query: Tensor,
        value: Tensor,
        key: Tensor | None = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """Let queries attend to keys, and return the means of values.

        Args:
            query: of shape (batch, steps, n).
            value: of shape (batch, others, m).
            key: of shape (batch, others, k); by default the values.
            query_mask: of shape (batch, steps); by default the mask that the queries carry.
                `MultiHeadAttention` asks the queries alone, as in Keras.
            value_mask: of shape (batch, others), by default that of the values: where it is False,
                a value does not count.
            key_mask: likewise, of the keys.
            attention_mask: of shape (batch, steps, others), or (batch, heads, steps, others): which
                values count for which queries.
            return_attention_scores: whether the shares are returned as well.
            training: whether shares are dropped.
            use_causal_mask: whether a step sees only the steps up to its own.
        """
        key = value if key is None else key
        query_mask = self._take_query_mask(query, value, key, query_mask)
        masks = (query_mask, value_mask, key_mask, attention_mask)
        is_own = type(self)._compute_attention is not BaseAttention._compute_attention
        has_masks = self.sliding_window is not None or any(mask is not None for mask in masks)
        is_causal = use_causal_mask and not is_own and not has_masks
        steps, others = query.shape[1], value.shape[1]
        mask = self._attention_mask(*masks, steps, others, use_causal_mask and not is_causal)
        of_queries, of_keys, of_values, of_outputs = self._projections()
        heads = of_queries(query), of_keys(key), of_values(value)
        options: dict[str, Any] = {"use_causal_mask": True} if is_causal else {}
        outputs, shares = self._compute_attention(
            *heads, mask, training, return_attention_scores, **options
        )
        if self.use_gate:
            outputs = outputs * self._gate_dense(query)
        outputs = of_outputs(outputs)
        return (outputs, shares) if return_attention_scores else outputs

    def _take_query_mask(self, query: Tensor, value: Tensor, key: Tensor, given: Any) -> Any:
        """The mask of the queries that counts."""
        return given

    def _attention_mask(
        self,
        query_mask: Any,
        value_mask: Any,
        key_mask: Any,
        attention_mask: Any,
        steps: int,
        others: int,
        is_causal: bool,
    ) -> Tensor | None:
        """Which values count for which queries, of all that says something about it."""
        width = self.sliding_window
        return attention_masks.all_of(
            [
                None if attention_mask is None else attention_masks.as_booleans(attention_mask),
                attention_masks.of_queries(query_mask),
                attention_masks.of_values(value_mask),
                attention_masks.of_values(key_mask),
                attention_masks.causal(steps, others) if is_causal else None,
                None if width is None else attention_masks.window(steps, others, width),
            ]
        )

    def _compute_attention(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        attention_mask: Any = None,
        training: bool | None = None,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Attend with heads: return their outputs, and the shares if they are known."""
        if return_attention_scores and self._flash_attention:
            raise ValueError(
                f"Layer {self.name!r} has flash_attention=True, which knows no shares: leave that "
                "out, or return_attention_scores=True"
            )
        if self._goes_by_blocks() and not return_attention_scores and query.ndim == 4:
            drops = bool(training and self.dropout)
            outputs = blockwise_attention(
                *(query, key, value, self._for_heads(attention_mask, 4), None, self._scale),
                is_causal=use_causal_mask,
                rate=self.dropout if drops else 0.0,
                draw=self._dropout_layer.seed_generator.next() if drops else None,
            )
            return outputs, None
        if use_causal_mask:
            attention_mask = attention_masks.causal(query.shape[1], key.shape[1])
        key, value = self._for_each_head(key), self._for_each_head(value)
        scores = ops.einsum(self._scores_equation, key, query * self._scale)
        shares = self._softmax(scores, mask=self._for_heads(attention_mask, scores.ndim))
        kept = self._dropout_layer(shares, training=training) if self.dropout else shares
        return ops.einsum(self._output_equation, kept, value), shares

    def _goes_by_blocks(self) -> bool:
        """Whether no matrix of scores is stored, unless these are asked for."""
        if self._flash_attention is None:
            return config.is_flash_attention_enabled()
        return self._flash_attention

    def _for_each_head(self, x: Tensor) -> Tensor:
        """Keys or values, as many as there are heads of queries."""
        return x

    def _for_heads(self, mask: Any, rank: int) -> Any:
        """The mask with axes of length 1 in front of the axes that are attended over."""
        if mask is None:
            return None
        place = mask.ndim - 2 * self._attended_axes
        shape = (*mask.shape[:place], *[1] * (rank - mask.ndim), *mask.shape[place:])
        return ops.reshape(mask, shape)

    def _shared_config(self) -> dict[str, Any]:
        """The arguments that all layers of attention with heads share."""
        return {
            "use_bias": self.use_bias,
            "use_gate": self.use_gate,
            "sliding_window": self.sliding_window,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "activity_regularizer": regularizers.serialize(self._activity_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
            "seed": self.seed,
        }


def _copy(initializer: Any) -> Any:
    """Another initializer of the same kind, which draws other numbers unless it has a seed."""
    if not hasattr(initializer, "get_config"):
        return initializer
    return type(initializer).from_config(initializer.get_config())
