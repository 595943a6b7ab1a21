"""Recurrent layers: outputs, states and gradients, with masks and first states, and configs."""

from __future__ import annotations

from typing import Any

import jax
import keras
import numpy as np

from areas.encoding import encode
from areas.normalization import numbers

SHAPE = (2, 4, 3)
ALL = {"return_sequences": True, "return_state": True}

# label -> (class, arguments)
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "simple": ("SimpleRNN", {"units": 2}),
    "simple, all": ("SimpleRNN", {"units": 2, **ALL}),
    "simple, relu, no bias": ("SimpleRNN", {"units": 3, "activation": "relu", "use_bias": False}),
    "simple, backwards": ("SimpleRNN", {"units": 2, "go_backwards": True, **ALL}),
    "simple, unrolled": ("SimpleRNN", {"units": 2, "unroll": True, **ALL}),
    "simple, unrolled backwards": (
        "SimpleRNN",
        {"units": 2, "unroll": True, "go_backwards": True, **ALL},
    ),
    "lstm": ("LSTM", {"units": 2}),
    "lstm, all": ("LSTM", {"units": 2, **ALL}),
    "lstm, states": ("LSTM", {"units": 3, "return_state": True}),
    "lstm, backwards": ("LSTM", {"units": 2, "go_backwards": True, **ALL}),
    "lstm, other activations": (
        "LSTM",
        {"units": 2, "activation": "softsign", "recurrent_activation": "hard_sigmoid", **ALL},
    ),
    "lstm, no bias": ("LSTM", {"units": 2, "use_bias": False, **ALL}),
    "lstm, implementation 1": ("LSTM", {"units": 2, "implementation": 1}),
    "lstm, regularized": (
        "LSTM",
        {
            "units": 2,
            "kernel_regularizer": "l2",
            "recurrent_regularizer": "l1",
            "bias_regularizer": "l2",
            "activity_regularizer": "l2",
        },
    ),
    "gru": ("GRU", {"units": 2}),
    "gru, all": ("GRU", {"units": 2, **ALL}),
    "gru, reset before": ("GRU", {"units": 2, "reset_after": False, **ALL}),
    "gru, backwards": ("GRU", {"units": 2, "go_backwards": True, **ALL}),
    "gru, no bias": ("GRU", {"units": 2, "use_bias": False, **ALL}),
    "gru, reset before, no bias": (
        "GRU",
        {"units": 2, "use_bias": False, "reset_after": False},
    ),
    "gru, relu": ("GRU", {"units": 2, "activation": "relu", **ALL}),
}

# label -> (cells, arguments of RNN): each cell a class and its arguments
STACKS: dict[str, tuple[list[tuple[str, dict[str, Any]]], dict[str, Any]]] = {
    "a cell": ([("GRUCell", {"units": 2})], {"return_sequences": True}),
    "two cells": ([("LSTMCell", {"units": 2}), ("LSTMCell", {"units": 3})], ALL),
    "three kinds": (
        [
            ("SimpleRNNCell", {"units": 2}),
            ("LSTMCell", {"units": 3}),
            ("GRUCell", {"units": 2, "reset_after": False}),
        ],
        {"return_sequences": True},
    ),
    "zero output for mask": (
        [("LSTMCell", {"units": 2})],
        {"return_sequences": True, "zero_output_for_mask": True},
    ),
}

BOTH: dict[str, dict[str, Any]] = {
    f"{mode}, {'sequences' if sequences else 'last'}": {
        "merge_mode": mode,
        "return_sequences": sequences,
        "return_state": state,
    }
    for mode in ("concat", "sum", "mul", "ave", None)
    for sequences, state in ((True, True), (False, False))
}


def with_numbers(layer: keras.layers.Layer) -> keras.layers.Layer:
    """Return the layer, built, with weights that are numbers of their own."""
    layer.build(SHAPE)
    for i, weight in enumerate(layer.weights):
        weight.assign(numbers(weight.shape, 6 + i))
    return layer


def cell_stack(cells: list[tuple[str, dict[str, Any]]], arguments: dict[str, Any]) -> Any:
    """Return an RNN layer over these cells."""
    made = [getattr(keras.layers, name)(**options) for name, options in cells]
    return keras.layers.RNN(made if len(made) > 1 else made[0], **arguments)


def mask() -> np.ndarray:
    """Return a mask with gaps at both ends and in the middle."""
    return np.array([[True, False, True, False], [False, True, True, True]])


def outputs(layer: keras.layers.Layer, **options: Any) -> list[Any]:
    """Return what a layer gives for the numbers, as a flat list."""
    return keras.tree.flatten(layer(numbers(SHAPE, 5), **options))


def gradients(layer: keras.layers.Layer, **options: Any) -> list[Any]:
    """Return the gradients of the sum of squares of all outputs by the inputs and the weights."""

    def loss(trainable: list, x: Any) -> Any:
        fixed = [weight.value for weight in layer.non_trainable_variables]
        y, _ = layer.stateless_call(trainable, fixed, x, **options)
        return sum((one**2).sum() for one in keras.tree.flatten(y))

    trainable = [weight.value for weight in layer.trainable_variables]
    by_weights, by_x = jax.grad(loss, argnums=(0, 1))(trainable, numbers(SHAPE, 5))
    return [by_x, *by_weights]


def answers(layer: keras.layers.Layer, states: Any) -> dict[str, Any]:
    """Return what a layer answers, without and with a mask and first states."""
    with_numbers(layer)
    return encode(
        {
            "weight_paths": [weight.path for weight in layer.weights],
            "weights": layer.get_weights(),
            "outputs": outputs(layer),
            "losses": layer.losses,
            "gradients": gradients(layer),
            "masked": outputs(layer, mask=mask()),
            "masked_gradients": gradients(layer, mask=mask()),
            "states": states,
            "from_states": outputs(layer, initial_state=states),
            "config": layer.get_config(),
            "output_shape": layer.compute_output_shape((None, 7, 3)),
        }
    )


def states_of(layer: keras.layers.RNN) -> Any:
    """Return first states of the layer's shapes."""
    zeros = layer.get_initial_state(2)
    flat = [numbers(state.shape, 30 + i) for i, state in enumerate(keras.tree.flatten(zeros))]
    return keras.tree.pack_sequence_as(zeros, flat)


def one_case(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a layer."""
    keras.utils.clear_session()
    layer = getattr(keras.layers, name)(**arguments)
    return {"class": name, "arguments": arguments, **answers(layer, states_of(layer))}


def one_stack(cells: list[tuple[str, dict[str, Any]]], arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a layer over cells."""
    keras.utils.clear_session()
    layer = cell_stack(cells, arguments)
    with_numbers(layer)
    return {"cells": cells, "arguments": arguments, **answers(layer, states_of(layer))}


def both_ways(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a layer that reads from both ends."""
    keras.utils.clear_session()
    arguments = dict(arguments)
    mode = arguments.pop("merge_mode")
    layer = keras.layers.Bidirectional(keras.layers.LSTM(2, **arguments), merge_mode=mode)
    states = [numbers((2, 2), 30 + i) for i in range(4)]
    return {"merge_mode": mode, "arguments": arguments, **answers(layer, states)}


def stateful() -> dict[str, Any]:
    """Return what a stateful layer gives for two batches and, after a reset, for one more."""
    keras.utils.clear_session()
    layer = with_numbers(keras.layers.LSTM(2, stateful=True))
    found = [outputs(layer)[0], outputs(layer)[0]]
    layer.reset_states()
    return encode({"weights": layer.get_weights(), "outputs": [*found, outputs(layer)[0]]})


def each_step() -> dict[str, Any]:
    """Return what a layer gives at each step, and the statistics that it keeps."""
    keras.utils.clear_session()
    dense = with_numbers(keras.layers.TimeDistributed(keras.layers.Dense(2)))
    norm = with_numbers(keras.layers.TimeDistributed(keras.layers.BatchNormalization()))
    norm.set_weights([np.abs(weight) + 0.5 for weight in norm.get_weights()])
    first = norm.get_weights()
    return encode(
        {
            "dense": {"weights": dense.get_weights(), "output": outputs(dense)[0]},
            "normalization": {
                "weights": first,
                "output": outputs(norm, training=True)[0],
                "weights_after_training": norm.get_weights(),
            },
        }
    )


def facts() -> dict[str, Any]:
    """Return the content of recurrent.json."""
    return {
        "inputs": encode(numbers(SHAPE, 5)),
        "mask": encode(mask()),
        "layers": {label: one_case(*case) for label, case in CASES.items()},
        "stacks": {label: one_stack(*case) for label, case in STACKS.items()},
        "both": {label: both_ways(case) for label, case in BOTH.items()},
        "stateful": stateful(),
        "each_step": each_step(),
    }
