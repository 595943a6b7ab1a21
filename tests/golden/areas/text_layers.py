"""Layers that read words, numbers of categories and raw features: what Keras makes of them.

Needs TensorFlow, which Keras's layers for text are built on: KERAS_BACKEND=tensorflow.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from areas.encoding import encode

TEXTS = [
    "The red brick, the blue brick!",
    "A brick\tis a brick; isn't it?",
    "빨간 블록과 파란 블록, 블록.",
    "É\u00a0LEGO  ",
    "",
]
UNSEEN = ["the yellow BRICK is red", "블록 하나", "É brick brick"]
WORDS = [["red", "blue", "red"], ["green", "", "블록"], ["blue", "[UNK]", "red"]]
NEW_WORDS = [["blue", "violet", "블록"], ["", "red", "orange"]]
NUMBERS = [[12, 36, 12], [1138, 0, -5], [36, 12, 7]]
NEW_NUMBERS = [[12, 1000, 36], [0, -3, 7]]
FLOATS = np.array(
    [[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 0.0], [2.5, -0.25, 8.0, 1.0]], dtype="float32"
)

VECTORIZATIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "a length": {"output_sequence_length": 3},
    "a long length": {"output_sequence_length": 9},
    "few words": {"max_tokens": 5},
    "two words": {"ngrams": 2},
    "three words only": {"ngrams": (3,), "output_sequence_length": 2},
    "as they stand": {"standardize": None},
    "lower": {"standardize": "lower"},
    "no punctuation": {"standardize": "strip_punctuation"},
    "letters": {"split": "character"},
    "whole texts": {"split": None},
    "multi-hot": {"output_mode": "multi_hot"},
    "count": {"output_mode": "count", "max_tokens": 6},
    "count, padded": {"output_mode": "count", "max_tokens": 40, "pad_to_max_tokens": True},
    "tf-idf": {"output_mode": "tf_idf"},
    "tf-idf, padded": {"output_mode": "tf_idf", "max_tokens": 40, "pad_to_max_tokens": True},
    "tf-idf, two words": {"output_mode": "tf_idf", "ngrams": 2, "max_tokens": 8},
}
MODES = ("one_hot", "multi_hot", "count", "tf_idf")
STRINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "masked": {"mask_token": ""},
    "few": {"max_tokens": 3},
    "three for unknown words": {"num_oov_indices": 3},
    "three, salted, masked": {"num_oov_indices": 3, "salt": 7, "mask_token": ""},
    **{mode: {"output_mode": mode} for mode in MODES},
    "count, masked": {"output_mode": "count", "mask_token": ""},
    "tf-idf, padded": {"output_mode": "tf_idf", "max_tokens": 9, "pad_to_max_tokens": True},
}
INTEGERS: dict[str, dict[str, Any]] = {
    "plain": {},
    "masked": {"mask_token": 0},
    "few": {"max_tokens": 3},
    "three for unknown numbers": {"num_oov_indices": 3},
    "three, hashed": {"num_oov_indices": 3, "oov_method": "farmhash"},
    "three, salted": {"num_oov_indices": 3, "oov_method": "farmhash", "salt": (1, 2)},
    **{mode: {"output_mode": mode} for mode in MODES},
    "count, masked": {"output_mode": "count", "mask_token": 0},
}
BINS: dict[str, dict[str, Any]] = {
    "three": {"bin_boundaries": [0.0, 1.0, 2.0]},
    **{
        mode: {"bin_boundaries": [0.0, 1.0, 2.0], "output_mode": mode}
        for mode in ("one_hot", "multi_hot", "count")
    },
    "learned": {"num_bins": 4},
    "learned, coarse": {"num_bins": 3, "epsilon": 0.3},
}
HASHINGS: dict[str, tuple[dict[str, Any], Any]] = {
    "words": ({"num_bins": 5}, WORDS),
    "salted": ({"num_bins": 5, "salt": 133}, WORDS),
    "two salts": ({"num_bins": 5, "salt": (133, 137)}, WORDS),
    "masked": ({"num_bins": 4, "mask_value": ""}, WORDS),
    "numbers": ({"num_bins": 5}, NUMBERS),
    "numbers, masked": ({"num_bins": 3, "mask_value": 12}, NUMBERS),
    "one-hot": ({"num_bins": 3, "output_mode": "one_hot"}, [["a"], ["b"]]),
    "multi-hot": ({"num_bins": 3, "output_mode": "multi_hot"}, WORDS),
    "count": ({"num_bins": 3, "output_mode": "count"}, NUMBERS),
}
CROSSINGS: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "words and numbers": ({"num_bins": 5}, [list("ABABA"), [101, 101, 101, 102, 102]]),
    "one-hot": ({"num_bins": 5, "output_mode": "one_hot"}, [list("ABA"), [101, 101, -7]]),
    "three": ({"num_bins": 9}, [[["a"], ["b"]], [[1], [2]], [["블록"], ["c"]]]),
}
ENCODINGS: dict[str, tuple[dict[str, Any], Any]] = {
    "multi-hot": ({"num_tokens": 4}, [[0, 1], [0, 0], [1, 2], [3, 1]]),
    "count": ({"num_tokens": 4, "output_mode": "count"}, [[0, 1], [0, 0], [1, 2], [3, 1]]),
    "one-hot": ({"num_tokens": 4, "output_mode": "one_hot"}, [3, 2, 0, 1]),
    "one-hot of a column": ({"num_tokens": 4, "output_mode": "one_hot"}, [[3], [2], [0], [1]]),
    "one-hot of pairs": ({"num_tokens": 3, "output_mode": "one_hot"}, [[0, 2], [1, 1]]),
    "one sample": ({"num_tokens": 4, "output_mode": "multi_hot"}, [3, 2, 3]),
}
NORMALIZATIONS: dict[str, dict[str, Any]] = {
    "last axis": {},
    "first axis": {"axis": 0},
    "two axes": {"axis": (0, 1)},
    "all": {"axis": None},
    "inverted": {"invert": True},
    "given": {"mean": 3.0, "variance": 2.0},
    "given for each": {"mean": [1.0, 2.0, 3.0, 4.0], "variance": [2.0, 0.0, 1.0, 4.0]},
}
WINDOWS: dict[str, dict[str, Any]] = {
    "plain": {"sequence_length": 4},
    "strides": {"sequence_length": 3, "sequence_stride": 2, "sampling_rate": 3, "batch_size": 2},
    "a part": {"sequence_length": 2, "start_index": 3, "end_index": 9},
    "one by one": {"sequence_length": 11, "batch_size": None},
}


def words(layer: Any) -> dict[str, Any]:
    """Return the vocabulary of a layer, and its weights for tf-idf."""
    inner = getattr(layer, "_lookup_layer", layer)
    weights = inner.idf_weights.numpy() if inner.output_mode == "tf_idf" else None
    found = [term.item() if hasattr(term, "item") else term for term in layer.get_vocabulary()]
    return {"vocabulary": found, "idf_weights": weights, "size": layer.vocabulary_size()}


def adapted(name: str, arguments: dict[str, Any], data: Any, unseen: Any) -> dict[str, Any]:
    """Return what a layer learns from data, and what it makes of others."""
    keras.utils.clear_session()
    layer = getattr(keras.layers, name)(**arguments)
    layer.adapt(np.array(data))
    return encode(
        {
            "arguments": arguments,
            **words(layer),
            "outputs": np.asarray(layer(np.array(unseen))),
            "config": layer.get_config(),
        }
    )


def bins(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the bins of numbers."""
    keras.utils.clear_session()
    layer = keras.layers.Discretization(**arguments)
    if "num_bins" in arguments:
        layer.adapt([FLOATS, FLOATS * 2 - 1])
    return encode(
        {
            "arguments": arguments,
            "boundaries": layer.bin_boundaries,
            "outputs": np.asarray(layer(FLOATS)),
            "config": layer.get_config(),
        }
    )


def called(name: str, arguments: dict[str, Any], inputs: Any) -> dict[str, Any]:
    """Return what a layer without state makes of inputs."""
    keras.utils.clear_session()
    layer = getattr(keras.layers, name)(**arguments)
    is_crossing = name == "HashedCrossing"
    arrays = [np.array(x) for x in inputs] if is_crossing else np.array(inputs)
    outputs = np.asarray(layer(arrays))
    facts = {"arguments": arguments, "inputs": inputs, "outputs": outputs}
    return encode({**facts, "config": layer.get_config()})


def normalized(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what a layer learns from numbers, and what it makes of them."""
    keras.utils.clear_session()
    layer = keras.layers.Normalization(**arguments)
    if "mean" not in arguments:
        layer.adapt(FLOATS)
    outputs = np.asarray(layer(FLOATS))
    facts = {"arguments": arguments, "outputs": outputs, "weights": layer.get_weights()}
    return encode({**facts, "config": layer.get_config()})


def windows(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the windows of a series of 12 steps, with and without targets."""
    series = np.arange(24).reshape(12, 2)
    make = keras.utils.timeseries_dataset_from_array
    plain = [x.numpy() for x in make(series, None, **arguments)]
    both = [[x.numpy(), y.numpy()] for x, y in make(series, np.arange(100, 110), **arguments)]
    return encode({"arguments": arguments, "windows": plain, "with_targets": both})


def facts() -> dict[str, Any]:
    """Return the content of text_layers.json."""
    return {
        "texts": TEXTS,
        "unseen": UNSEEN,
        "words": WORDS,
        "new_words": NEW_WORDS,
        "numbers": NUMBERS,
        "new_numbers": NEW_NUMBERS,
        "floats": encode(FLOATS),
        "TextVectorization": {
            label: adapted("TextVectorization", case, TEXTS, UNSEEN)
            for label, case in VECTORIZATIONS.items()
        },
        "StringLookup": {
            label: adapted("StringLookup", case, WORDS, NEW_WORDS)
            for label, case in STRINGS.items()
        },
        "IntegerLookup": {
            label: adapted("IntegerLookup", case, NUMBERS, NEW_NUMBERS)
            for label, case in INTEGERS.items()
        },
        "Discretization": {label: bins(case) for label, case in BINS.items()},
        "Hashing": {label: called("Hashing", *case) for label, case in HASHINGS.items()},
        "HashedCrossing": {
            label: called("HashedCrossing", *case) for label, case in CROSSINGS.items()
        },
        "CategoryEncoding": {
            label: called("CategoryEncoding", *case) for label, case in ENCODINGS.items()
        },
        "windows": {label: windows(case) for label, case in WINDOWS.items()},
        "Normalization": {label: normalized(case) for label, case in NORMALIZATIONS.items()},
    }
