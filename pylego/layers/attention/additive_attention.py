"""The layer of attention whose scores are sums."""

from __future__ import annotations

from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers.attention.attention import Attention, pairs_of


class AdditiveAttention(Attention):
    """Let queries attend to values, with the scores sum(scale * tanh(query + key)).

    It is called as `Attention` is (Bahdanau et al., arXiv 1409.0473).

    Args:
        use_scale: whether the sum is weighted by a weight, `scale`, of shape (n,).
        dropout: the share of weights that is dropped while training.
        **kwargs: see `Attention` and `Layer`.

    Raises:
        ValueError: unless it is called with a list of 2 or 3.

    >>> import numpy as np
    >>> query, value = np.ones((1, 2, 4)), np.ones((1, 3, 4))
    >>> AdditiveAttention()([query, value]).shape
    (1, 2, 4)
    """

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any):
        super().__init__(use_scale=use_scale, dropout=dropout, **kwargs)

    def build(self, input_shape: Any) -> None:
        self._check_list(input_shape)
        self.scale = None
        if self.use_scale:
            self.scale = self.add_weight((input_shape[0][-1],), "glorot_uniform", name="scale")

    def _goes_by_blocks(self, query: Tensor, key: Tensor) -> bool:
        """These scores are not a product of matrices."""
        return False

    def _scores(self, query: Tensor, key: Tensor) -> Tensor:
        fits = ops.tanh(pairs_of(query, key))
        return ops.sum(fits if self.scale is None else self.scale * fits, axis=-1)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["score_mode"]
        return config
