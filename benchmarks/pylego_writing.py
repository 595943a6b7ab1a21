"""A transformer that writes word by word, with the keys and values of all earlier words kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sequences import Transformer

import pylego
from pylego import layers, ops

Run = Callable[[], Any]


class CachedAttention(layers.MultiHeadAttention):
    """Self-attention of one step to itself and to all before it."""

    def build_cache(self, steps: int) -> None:
        """Make room for the keys and values of so many steps."""
        shape = (1, steps, self.num_heads, self.key_dim)
        self.keys = self.add_weight(shape, "zeros", trainable=False)
        self.values = self.add_weight(shape, "zeros", trainable=False)

    def step(self, x: Any, place: Any) -> Any:
        places = ops.arange(self.keys.shape[1])
        is_here = ops.reshape(places == place, (1, -1, 1, 1))
        self.keys.assign(ops.where(is_here, self.key_dense(x), self.keys))
        self.values.assign(ops.where(is_here, self.value_dense(x), self.values))
        seen = ops.reshape(places <= place, (1, 1, 1, -1))
        y = ops.dot_product_attention(self.query_dense(x), self.keys, self.values, mask=seen)
        return self.output_dense(y)


class Block(layers.Layer):
    """Attention and two dense layers, each with a way past it."""

    def __init__(self, network: Transformer):
        super().__init__()
        shape = (1, 1, network.width)
        self.norms = [built(layers.LayerNormalization(), shape) for _ in range(2)]
        self.attention = CachedAttention(network.heads, network.width // network.heads)
        self.attention.build(shape, shape)
        self.attention.build_cache(network.steps)
        self.hidden = built(layers.Dense(network.hidden, activation="relu"), shape)
        self.dense = built(layers.Dense(network.width), (1, 1, network.hidden))

    def step(self, x: Any, place: Any) -> Any:
        x = x + self.attention.step(self.norms[0](x), place)
        return x + self.dense(self.hidden(self.norms[1](x)))


def built(layer: layers.Layer, shape: tuple[int, ...]) -> layers.Layer:
    layer.build(shape)
    return layer


def prepare(network: Transformer) -> Run:
    """As many words as there are places, each the most likely one after those before."""
    shape = (1, 1, network.width)
    embedding = built(layers.Embedding(network.words, network.width), shape)
    vectors = built(layers.Embedding(network.steps, network.width), shape)
    blocks = [Block(network) for _ in range(network.blocks)]
    norm = built(layers.LayerNormalization(), shape)
    head = built(layers.Dense(network.words), shape)

    @pylego.function
    def step(word: Any, place: Any) -> Any:
        x = embedding(word) + vectors(place)
        for block in blocks:
            x = block.step(x, place)
        return ops.argmax(head(norm(x)), axis=-1)

    places = [ops.convert_to_tensor([[place]], "int32") for place in range(network.steps)]

    def run() -> list[int]:
        word, written = ops.zeros((1, 1), "int32"), []
        for place in places:
            word = step(word, place)
            written.append(int(word))
        return written

    return run
