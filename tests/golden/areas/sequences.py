"""Padding, windows of time series, skip-grams and tokenizers: what Keras's functions return."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras.src.legacy.preprocessing import sequence, text
from keras.utils import pad_sequences

from areas.encoding import encode

SEQUENCES = [[1], [2, 3], [4, 5, 6], []]
PADDING: dict[str, dict[str, Any]] = {
    "as it comes": {},
    "behind": {"padding": "post"},
    "cut in front": {"maxlen": 2},
    "cut behind": {"maxlen": 2, "truncating": "post"},
    "both behind, with a value": {"maxlen": 2, "padding": "post", "truncating": "post", "value": 7},
    "longer, floats": {"maxlen": 4, "dtype": "float32", "value": 0.5},
}
WINDOWS: dict[str, dict[str, Any]] = {
    "plain": {"length": 3},
    "small batches": {"length": 3, "batch_size": 2},
    "strides": {"length": 4, "sampling_rate": 2, "stride": 2, "batch_size": 2},
    "a part, reversed": {"length": 2, "start_index": 2, "end_index": 7, "reverse": True},
}
TEXTS = [
    "The red brick, the blue brick!",
    "A brick\tis a brick.",
    "빨간 블록과 파란 블록",
    "The GREEN one",
]
TOKENIZERS: dict[str, dict[str, Any]] = {
    "plain": {},
    "few words": {"num_words": 4},
    "few words, others by a token": {"num_words": 5, "oov_token": "?"},
    "characters": {"char_level": True},
    "capitals, no filters": {"lower": False, "filters": ""},
}
UNSEEN = ["the yellow brick is red", "블록"]


def tokenizer(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what a tokenizer knows and makes of texts."""
    one = text.Tokenizer(**arguments)
    one.fit_on_texts(TEXTS)
    sequences = one.texts_to_sequences(UNSEEN)
    return encode(
        {
            "arguments": arguments,
            "word_index": one.word_index,
            "word_counts": dict(one.word_counts),
            "sequences": sequences,
            "texts": one.sequences_to_texts(sequences),
            "matrices": {
                mode: one.texts_to_matrix(UNSEEN, mode)
                for mode in ("binary", "count", "freq", "tfidf")
            },
            "json": one.to_json(),
        }
    )


def windows(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return all batches of windows of ten steps."""
    batches = sequence.TimeseriesGenerator(np.arange(10) * 10, np.arange(10), **arguments)
    return encode({"arguments": arguments, "batches": [batches[i] for i in range(len(batches))]})


def facts() -> dict[str, Any]:
    """Return the content of sequences.json."""
    pairs = {"window_size": 1, "negative_samples": 0, "shuffle": False}
    return {
        "texts": TEXTS,
        "unseen": UNSEEN,
        "padding": {
            name: encode({"arguments": options, "value": pad_sequences(SEQUENCES, **options)})
            for name, options in PADDING.items()
        },
        "windows": {name: windows(options) for name, options in WINDOWS.items()},
        "tokenizers": {name: tokenizer(options) for name, options in TOKENIZERS.items()},
        "sampling_table": encode(sequence.make_sampling_table(20)),
        "skipgrams": encode(sequence.skipgrams([1, 0, 2, 3, 2], 5, **pairs)),
        "words": text.text_to_word_sequence(TEXTS[0]),
        "hashed": text.hashing_trick(TEXTS[0], 50, hash_function="md5"),
    }
