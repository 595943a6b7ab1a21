"""Networks over sequences: the same program for pylego and Keras."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from sequences import Recurrent, Transformer


def model_of(keras: ModuleType, network: Recurrent | Transformer) -> Any:
    """The network, compiled."""
    make = recurrent if isinstance(network, Recurrent) else transformer
    model = make(keras, network)
    metrics = [] if network.loss == "mse" else ["accuracy"]
    model.compile(optimizer="adam", loss=network.loss, metrics=metrics)
    return model


# ---- recurrent layers ----


def recurrent(keras: ModuleType, network: Recurrent) -> Any:
    layers = keras.layers
    activation = "sigmoid" if network.loss == "binary_crossentropy" else None
    stack = [recurrent_layer(keras, network), layers.Dense(1, activation=activation)]
    if network.words is not None:
        stack.insert(0, layers.Embedding(network.words, network.features))
        return keras.Sequential([keras.Input((network.steps,), dtype="int32"), *stack])
    batch = 1 if network.is_stateful else None
    shape = (batch, network.steps, network.features)
    return keras.Sequential([keras.Input(batch_shape=shape), *stack])


def recurrent_layer(keras: ModuleType, network: Recurrent) -> Any:
    layers = keras.layers
    match network.layer:
        case "bidirectional LSTM":
            return layers.Bidirectional(layers.LSTM(network.units))
        case "own cell":
            return layers.RNN(own_cell(keras)(network.units))
    return getattr(layers, network.layer)(network.units, stateful=network.is_stateful)


def own_cell(keras: ModuleType) -> type:
    ops = keras.ops

    class OwnCell(keras.layers.Layer):
        """f = sigmoid of x and h; h' = f h + (1 - f) tanh of x and f h."""

        def __init__(self, units: int):
            super().__init__()
            self.units = self.state_size = units

        def build(self, shape: tuple) -> None:
            self.gate = self.add_weight((shape[-1] + self.units, self.units), "glorot_uniform")
            self.kernel = self.add_weight((shape[-1] + self.units, self.units), "glorot_uniform")

        def call(self, x: Any, states: list) -> tuple[Any, list]:
            h = states[0]
            f = ops.sigmoid(ops.matmul(ops.concatenate([x, h], -1), self.gate))
            new = ops.tanh(ops.matmul(ops.concatenate([x, f * h], -1), self.kernel))
            h = f * h + (1 - f) * new
            return h, [h]

    return OwnCell


# ---- transformers ----


def transformer(keras: ModuleType, network: Transformer) -> Any:
    layers = keras.layers
    inputs = keras.Input((network.steps,), dtype="int32")
    x = places(keras)()(layers.Embedding(network.words, network.width)(inputs))
    for _ in range(network.blocks):
        x = block(layers, network, x)
    x = layers.LayerNormalization()(x)
    if network.is_writer:
        return keras.Model(inputs, layers.Dense(network.words, activation="softmax")(x))
    x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))


def places(keras: ModuleType) -> type:
    class Places(keras.layers.Layer):
        """Add a vector for each place."""

        def build(self, shape: tuple) -> None:
            self.vectors = self.add_weight(shape[1:], "uniform")

        def call(self, x: Any) -> Any:
            return x + self.vectors

    return Places


def block(layers: Any, network: Transformer, x: Any) -> Any:
    y = layers.LayerNormalization()(x)
    attention = layers.MultiHeadAttention(network.heads, network.width // network.heads)
    x = layers.Add()([x, attention(y, y, use_causal_mask=network.is_writer)])
    y = layers.LayerNormalization()(x)
    y = layers.Dense(network.hidden, activation="relu")(y)
    return layers.Add()([x, layers.Dense(network.width)(y)])
