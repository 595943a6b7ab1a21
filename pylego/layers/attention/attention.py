"""The layer of attention with one head and without projections."""

from __future__ import annotations

from typing import Any

from pylego import config, ops, random
from pylego.core.tensor import Tensor
from pylego.layers import shape_inference
from pylego.layers.attention import attention_masks
from pylego.layers.layer import Layer
from pylego.ops.attention import blockwise_attention

SCORE_MODES = ("dot", "concat")
_FAR_BELOW = 1e9  # taken off a masked score


class Attention(Layer):
    """Let queries attend to values: softmax(query @ key.T) @ value.

    It is called with a list, [query, value] or [query, value, key]; without keys values are their
    own. Shapes: queries (batch, steps, n), values (batch, others, m) and keys (batch, others, n)
    give (batch, steps, m) (Luong et al., arXiv 1508.04025).

    Args:
        use_scale: whether a weight, `scale`, multiplies the scores.
        score_mode: "dot" for products; "concat" for the sum of tanh(query + key), times a weight.
        dropout: the share of weights that is dropped while training.
        seed: an integer, for the same choices of dropout in every run.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for another `score_mode`, and unless it is called with a list of 2 or 3.

    >>> import numpy as np
    >>> query, value = np.ones((1, 2, 4)), np.ones((1, 3, 4))
    >>> Attention()([query, value]).shape
    (1, 2, 4)
    """

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ):
        self._is_causal = bool(kwargs.pop("causal", False))  # Keras 2 said it here, not in calls
        super().__init__(**kwargs)
        if self._is_causal:
            from pylego.older.notes import note

            note(f"{type(self).__name__}(causal=)", "use_causal_mask= of its call")
        if score_mode not in SCORE_MODES:
            raise ValueError(
                f"{type(self).__name__}: score_mode is 'dot' or 'concat'. Received: "
                f"score_mode={score_mode!r}"
            )
        self.use_scale = use_scale
        self.score_mode = score_mode
        self.dropout = dropout
        self.seed = seed
        if dropout > 0:
            self.seed_generator = random.SeedGenerator(seed)

    def build(self, input_shape: Any) -> None:
        self._check_list(input_shape)
        self.scale: Any = self.add_weight((), "ones", name="scale") if self.use_scale else None
        self.concat_score_weight: Any = None
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight((), "ones", name="concat_score_weight")

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """Let queries attend to values.

        Args:
            inputs: [query, value] or [query, value, key].
            mask: [query_mask, value_mask], each None or of shape (batch, steps); by default those
                that the inputs carry. Where the first is False, the output is 0; where the second
                is, a value does not count.
            training: whether weights are dropped.
            return_attention_scores: whether the weights are returned as well.
            use_causal_mask: whether a step sees only the steps up to its own.
        """
        self._check_list(inputs)
        self._check_masks(mask)
        query, value = inputs[:2]
        key = inputs[2] if len(inputs) > 2 else value
        query_mask, value_mask = mask[:2] if mask else (None, None)
        use_causal_mask = use_causal_mask or self._is_causal
        if self._goes_by_blocks(query, key) and not return_attention_scores:
            outputs = self._attend(query, key, value, value_mask, training, use_causal_mask)
            return self._without_masked(outputs, query_mask)
        scores = self._scores(query, key)
        seen = attention_masks.all_of(
            [
                attention_masks.of_values(value_mask),
                attention_masks.causal(*scores.shape[-2:]) if use_causal_mask else None,
            ]
        )
        if seen is not None:
            scores = ops.where(seen, scores, scores - _FAR_BELOW)
        shares = ops.softmax(scores)
        if training and self.dropout > 0:
            shares = random.dropout(shares, self.dropout, seed=self.seed_generator)
        outputs = ops.matmul(shares, value)
        outputs = self._without_masked(outputs, query_mask)
        return (outputs, shares) if return_attention_scores else outputs

    def _goes_by_blocks(self, query: Tensor, key: Tensor) -> bool:
        """Whether the matrix of scores need not be stored."""
        is_plain = query.ndim == key.ndim == 3 and query.shape[0] == key.shape[0]
        return is_plain and self.score_mode == "dot" and config.is_flash_attention_enabled()

    def _attend(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        value_mask: Any,
        training: bool,
        is_causal: bool,
    ) -> Tensor:
        """Attend with one head."""
        query = query if self.scale is None else query * self.scale
        drops = training and self.dropout > 0
        mask = attention_masks.of_values(value_mask)
        outputs = blockwise_attention(
            ops.expand_dims(query, 2),
            ops.expand_dims(key, 2),
            ops.expand_dims(value, 2),
            mask=None if mask is None else ops.expand_dims(mask, 1),
            bias=None,
            scale=1.0,
            is_causal=is_causal,
            rate=self.dropout if drops else 0.0,
            draw=self.seed_generator.next() if drops else None,
        )
        return ops.squeeze(outputs, 2)

    def _without_masked(self, outputs: Tensor, query_mask: Any) -> Tensor:
        if query_mask is None:
            return outputs
        return ops.where(attention_masks.of_queries(query_mask), outputs, 0.0)

    def _scores(self, query: Tensor, key: Tensor) -> Tensor:
        """How well each key fits each query: (batch, steps, others)."""
        if self.score_mode == "dot":
            scores = ops.matmul(query, ops.swapaxes(key, -2, -1))
            return scores if self.scale is None else scores * self.scale
        pairs = pairs_of(query, key)
        pairs = pairs if self.scale is None else pairs * self.scale
        return self.concat_score_weight * ops.sum(ops.tanh(pairs), axis=-1)

    def _check_list(self, inputs: Any) -> None:
        is_list = isinstance(inputs, (list, tuple)) and not _is_shape(inputs)
        if not is_list or not 2 <= len(inputs) <= 3:
            count = f"{len(inputs)} of them" if is_list else "one tensor"
            raise ValueError(
                f"Layer {self.name!r} ({type(self).__name__}) is called with a list, [query, value]"
                f" or [query, value, key]. Received: {count}"
            )

    def _check_masks(self, mask: Any) -> None:
        if mask is None or (isinstance(mask, (list, tuple)) and 2 <= len(mask) <= 3):
            return
        raise ValueError(
            f"Layer {self.name!r} ({type(self).__name__}) takes a list of masks, [query_mask, "
            f"value_mask], of which each may be None. Received: mask={mask!r}"
        )

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the mask of the queries."""
        return None if mask is None else mask[0]

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        self._check_list(input_shape)
        return (*input_shape[0][:-1], input_shape[1][-1])

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Return placeholders for the outputs of such inputs, and for the scores if asked."""
        self._check_list(inputs)
        return shape_inference.outputs_for(self, inputs, *args, **kwargs)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "use_scale": self.use_scale,
            "score_mode": self.score_mode,
            "dropout": self.dropout,
            "seed": self.seed,
            **({"causal": True} if self._is_causal else {}),
        }


def _is_shape(inputs: Any) -> bool:
    """Whether it is the shape of one tensor, and not a list of shapes."""
    return all(isinstance(length, (int, type(None))) for length in inputs)


def pairs_of(query: Tensor, key: Tensor) -> Tensor:
    """The sum of each query and each key: (batch, steps, others, n)."""
    return ops.expand_dims(query, -2) + ops.expand_dims(key, -3)
