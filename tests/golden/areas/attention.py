"""Attention: outputs, scores and gradients of layers and of ops.dot_product_attention.

Weights and inputs are the numbers of a seed, which the tests draw as well. What comes out is
rounded, and gradients are flat: the file stays small.
"""

from __future__ import annotations

from typing import Any

import jax
import keras
import numpy as np

from areas.encoding import encode
from areas.normalization import numbers

QUERY, VALUE, KEY = (2, 3, 4), (2, 5, 3), (2, 5, 2)
QUERY_MASK = np.array([[True, False, True], [True, True, False]])
VALUE_MASK = np.array([[True, False, True, True, False], [True, True, True, False, False]])
KEY_MASK = np.array([[False, True, True, True, True], [True, True, True, True, True]])
PAIRS = np.random.default_rng(2).random((2, 3, 5)) > 0.4
HEADS = {"num_heads": 2, "key_dim": 2}
GROUPS = {"head_dim": 2, "num_query_heads": 4, "num_key_value_heads": 2}
ALL_MASKS = {"query_mask": 1, "value_mask": 1, "key_mask": 1, "attention_mask": 1}
SCORES = {"return_attention_scores": True}
REGULARIZED = {
    "kernel_regularizer": "l2",
    "bias_regularizer": "l1",
    "activity_regularizer": "l2",
}

# label -> (class, arguments, arguments of the call, which inputs)
CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    "heads": ("MultiHeadAttention", HEADS, {}, "qvk"),
    "heads, self": ("MultiHeadAttention", HEADS, {}, "qq"),
    "heads, scores": ("MultiHeadAttention", HEADS, SCORES, "qv"),
    "heads, causal": ("MultiHeadAttention", HEADS, {"use_causal_mask": True}, "qvk"),
    "heads, causal, scores": (
        "MultiHeadAttention",
        HEADS,
        {"use_causal_mask": True, **SCORES},
        "qq",
    ),
    "heads, query mask": ("MultiHeadAttention", HEADS, {"query_mask": 1}, "qvk"),
    "heads, pairs": ("MultiHeadAttention", HEADS, {"attention_mask": 1}, "qvk"),
    "heads, all masks": (
        "MultiHeadAttention",
        HEADS,
        {**ALL_MASKS, "use_causal_mask": True},
        "qvk",
    ),
    "heads, all masks, scores": ("MultiHeadAttention", HEADS, {**ALL_MASKS, **SCORES}, "qvk"),
    "heads, dropout at rest": (
        "MultiHeadAttention",
        {**HEADS, "dropout": 0.5},
        {"value_mask": 1, "use_causal_mask": True},
        "qv",
    ),
    "heads, others": (
        "MultiHeadAttention",
        {**HEADS, "value_dim": 3, "use_bias": False, "output_shape": [2, 3]},
        SCORES,  # without them Keras on JAX wants values as long as keys
        "qvk",
    ),
    "heads, regularized": ("MultiHeadAttention", {**HEADS, **REGULARIZED}, {}, "qq"),
    "heads, window": (
        "MultiHeadAttention",
        {**HEADS, "sliding_window": 2},
        {"use_causal_mask": True},
        "qq",
    ),
    "heads, gate": ("MultiHeadAttention", {**HEADS, "use_gate": True}, {}, "qv"),
    "heads, one axis of two": (
        "MultiHeadAttention",
        {**HEADS, "attention_axes": 2},
        SCORES,
        "tt",
    ),
    "heads, last axis of two": (
        "MultiHeadAttention",
        {**HEADS, "attention_axes": [-2]},
        {},
        "tt",
    ),
    "heads, two axes": ("MultiHeadAttention", HEADS, {}, "tt"),
    "groups": ("GroupQueryAttention", GROUPS, {}, "qvk"),
    "groups, scores": ("GroupQueryAttention", GROUPS, SCORES, "qv"),
    "groups, causal": ("GroupQueryAttention", GROUPS, {"use_causal_mask": True}, "qq"),
    "groups, all masks": (
        "GroupQueryAttention",
        {**GROUPS, "use_bias": False},
        {**ALL_MASKS, **SCORES},
        "qvk",
    ),
    "groups, masks": ("GroupQueryAttention", GROUPS, ALL_MASKS, "qvk"),
    "groups, gate, window": (
        "GroupQueryAttention",
        {**GROUPS, "use_gate": True, "sliding_window": 2},
        {},
        "qv",
    ),
    "groups, regularized": ("GroupQueryAttention", {**GROUPS, **REGULARIZED}, {}, "qq"),
    "dot": ("Attention", {}, {}, "qw"),
    "dot, key": ("Attention", {"use_scale": True}, SCORES, "qvw"),
    "dot, masks": ("Attention", {}, {"mask": 1, **SCORES}, "qw"),
    "dot, causal": ("Attention", {"use_scale": True}, {"use_causal_mask": True}, "qw"),
    "dot, causal, masks": ("Attention", {}, {"use_causal_mask": True, "mask": 1}, "qw"),
    "concat": ("Attention", {"score_mode": "concat"}, SCORES, "qw"),
    "concat, scale": ("Attention", {"score_mode": "concat", "use_scale": True}, {"mask": 1}, "qw"),
    "additive": ("AdditiveAttention", {}, {}, "qvw"),
    "additive, no scale": ("AdditiveAttention", {"use_scale": False}, SCORES, "qw"),
    "additive, masks": ("AdditiveAttention", {}, {"use_causal_mask": True, "mask": 1}, "qw"),
}

DENSE: dict[str, tuple[dict[str, Any], tuple[int, ...]]] = {
    "a sequence": (
        {"equation": "abc,cd->abd", "output_shape": [None, 3], "activation": "tanh"},
        (2, 3, 4),
    ),
    "any axes": (
        {"equation": "...x,xy->...y", "output_shape": 3, "bias_axes": "y"},
        (2, 2, 3, 4),
    ),
    "heads": (
        {"equation": "abc,cde->abde", "output_shape": [None, 2, 3], "bias_axes": "de"},
        (2, 3, 4),
    ),
    "from heads": (
        {"equation": "abcd,cde->abe", "output_shape": [None, 3], "bias_axes": "e"},
        (2, 3, 2, 4),
    ),
    "steps have kernels": (
        {"equation": "abc,bcd->abd", "output_shape": [3, 2], "bias_axes": "bd"},
        (2, 3, 4),
    ),
    "bias of an inner axis": (
        {"equation": "abc,cd->abd", "output_shape": [3, 2], "bias_axes": "b"},
        (2, 3, 4),
    ),
    "elided last": (
        {"equation": "ab...,bc->ac...", "output_shape": 3, "bias_axes": "c"},
        (2, 4, 3),
    ),
    "turned": ({"equation": "abc,cd->adb", "output_shape": [2, 3], "bias_axes": "d"}, (2, 3, 4)),
}

OPS: dict[str, dict[str, Any]] = {
    "plain": {},
    "causal": {"is_causal": True},
    "bias, scale": {"bias": True, "scale": 0.3},
    "mask, causal": {"mask": True, "is_causal": True, "bias": True},
}


def inputs(which: str) -> list[np.ndarray]:
    """Return the inputs named by letters: queries, values, keys, wide values, tables."""
    shapes = {"q": QUERY, "v": VALUE, "k": KEY, "w": (2, 5, 4), "t": (2, 2, 3, 2)}
    made = {letter: numbers(shapes[letter], i) for i, letter in enumerate(shapes)}
    return [made[letter] for letter in which]


def options_of(options: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call: a 1 stands for a mask."""
    masks = {
        "query_mask": QUERY_MASK,
        "value_mask": VALUE_MASK,
        "key_mask": KEY_MASK,
        "attention_mask": PAIRS,
        "mask": [QUERY_MASK, VALUE_MASK],
    }
    return {name: masks.get(name, value) for name, value in options.items()}


def answers(layer: Any, given: list[Any], options: dict[str, Any]) -> dict[str, Any]:
    """Return the outputs, gradients and description of a layer; its weights become numbers."""
    is_list = isinstance(layer, keras.layers.Attention)
    args = [given] if is_list else given
    layer(*args, **options)
    for i, weight in enumerate(layer.weights):
        weight.assign(numbers(weight.shape, 6 + i))
    outputs = keras.tree.flatten(layer(*args, **options))
    losses = layer.losses

    def loss(trainable: list, given: list) -> Any:
        fixed = [weight.value for weight in layer.non_trainable_variables]
        args = [given] if is_list else given
        y, _ = layer.stateless_call(trainable, fixed, *args, **options)
        return sum((one**2).sum() for one in keras.tree.flatten(y))

    trainable = [weight.value for weight in layer.trainable_variables]
    by_weights, by_inputs = jax.grad(loss, argnums=(0, 1))(trainable, given)
    return {
        "weight_paths": [weight.path for weight in layer.weights],
        "outputs": rounded(outputs, 4),
        "losses": losses,
        "gradients": flat([*by_inputs, *by_weights]),
        "config": plain(layer.get_config()),
    }


def rounded(arrays: list[Any], decimals: int) -> list[np.ndarray]:
    """Return the arrays with fewer decimals."""
    return [np.asarray(one).round(decimals) for one in arrays]


def flat(gradients: Any) -> list[np.ndarray]:
    """Return gradients with few decimals and one axis each."""
    return [one.ravel() for one in rounded(gradients, 3)]


def plain(config: dict[str, Any]) -> dict[str, Any]:
    """Return a config with the class names of what it describes."""
    return {
        key: value["class_name"] if isinstance(value, dict) else value
        for key, value in config.items()
    }


def one_case(name: str, arguments: Any, options: dict[str, Any], which: str) -> dict[str, Any]:
    """Return the facts of a layer of attention."""
    keras.utils.clear_session()
    layer = getattr(keras.layers, name)(**arguments)
    found = answers(layer, inputs(which), options_of(options))
    if options:  # the file is to stay small
        del found["config"]
    given = {"class": name, "arguments": arguments, "options": options, "inputs": which}
    return given | encode(found)


def one_dense(arguments: dict[str, Any], shape: tuple[int, ...]) -> dict[str, Any]:
    """Return the facts of an EinsumDense."""
    keras.utils.clear_session()
    layer = keras.layers.EinsumDense(**arguments)
    x = numbers(shape, 5)
    return {"arguments": arguments, "shape": shape} | encode(answers(layer, [x], {}))


def one_op(options: dict[str, Any], groups: int) -> dict[str, Any]:
    """Return what dot_product_attention gives, with its gradients."""
    query, key = numbers((2, 3, 4, 2), 0), numbers((2, 5, groups, 2), 1)
    value = numbers((2, 5, groups, 2), 2)
    given = dict(options)
    if "bias" in given:
        given["bias"] = numbers((1, 4, 3, 5), 3)
    if "mask" in given:
        given["mask"] = PAIRS[:, None]

    def loss(*tensors: Any) -> Any:
        return (keras.ops.dot_product_attention(*tensors, **given) ** 2).sum()

    return encode(
        {
            "output": rounded([keras.ops.dot_product_attention(query, key, value, **given)], 4)[0],
            "gradients": flat(jax.grad(loss, argnums=(0, 1, 2))(query, key, value)),
        }
    )


def carried() -> dict[str, Any]:
    """Return what layers give for inputs that carry masks."""
    keras.utils.clear_session()
    query, value = inputs("qw")
    query[~QUERY_MASK] = 0
    value[~VALUE_MASK] = 0
    found = {}
    for name, arguments in (
        ("MultiHeadAttention", HEADS),
        ("GroupQueryAttention", GROUPS),
        ("Attention", {}),
    ):
        layer = getattr(keras.layers, name)(**arguments)
        q, v = keras.layers.Masking()(query), keras.layers.Masking()(value)
        args = [[q, v]] if name == "Attention" else [q, v]
        layer(*args)
        for i, weight in enumerate(layer.weights):
            weight.assign(numbers(weight.shape, 6 + i))
        q, v = keras.layers.Masking()(query), keras.layers.Masking()(value)
        args = [[q, v]] if name == "Attention" else [q, v]
        y = layer(*args)
        found[name] = {
            "arguments": arguments,
            "output": y,
            "mask": np.asarray(y._keras_mask),
        }
    return encode({"query": query, "value": value, "layers": found})


def embedding() -> dict[str, Any]:
    """Return what a ReversibleEmbedding gives both ways."""
    found = {}
    for label, arguments in {
        "tied": {},
        "own": {"tie_weights": False},
        "capped": {"logit_soft_cap": 2.0, "mask_zero": True},
    }.items():
        keras.utils.clear_session()
        layer = keras.layers.ReversibleEmbedding(4, 3, **arguments)
        layer.build()
        for i, weight in enumerate(layer.weights):
            weight.assign(numbers(weight.shape, 6 + i))
        x = np.array([[1, 3, 0]])
        found[label] = {
            "arguments": arguments,
            "weight_paths": [weight.path for weight in layer.weights],
            "vectors": layer(x),
            "scores": layer(numbers((1, 2, 3), 3), reverse=True),
            "config": plain(layer.get_config()),
        }
    return encode(found)


def facts() -> dict[str, Any]:
    """Return the content of attention.json."""
    return {
        "given": encode({letter: inputs(letter)[0] for letter in "qvkwt"}),
        "masks": encode(options_of({**ALL_MASKS, "mask": 1})),
        "layers": {label: one_case(*case) for label, case in CASES.items()},
        "dense": {label: one_dense(*case) for label, case in DENSE.items()},
        "op": {
            str(n): {label: one_op(options, n) for label, options in OPS.items()} for n in (2, 4)
        },
        "carried": carried(),
        "embedding": embedding(),
    }
