"""Sequences of several lengths as one array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

_ENDS = ("pre", "post")


def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """Make one array of sequences: shorter ones are filled up, longer ones are cut.

    Args:
        sequences: lists of numbers, or arrays that agree in all axes but the first.
        maxlen: how long all become; by default as long as the longest.
        dtype: of the array; `object` for strings of any length.
        padding: where values are added: "pre", in front, or "post", behind.
        truncating: where elements are cut off.
        value: what is added.

    Returns an array of shape (number of sequences, maxlen, ...).

    Raises:
        ValueError: for other ends than "pre" and "post", for something that is not a sequence, and
            for sequences of other shapes.

    >>> pad_sequences([[1], [2, 3], [4, 5, 6]], maxlen=2).tolist()
    [[0, 1], [2, 3], [5, 6]]
    """
    for name, end in (("padding", padding), ("truncating", truncating)):
        if end not in _ENDS:
            raise ValueError(f"pad_sequences: {name} is 'pre' or 'post'. Received: {name}={end!r}")
    if not hasattr(sequences, "__len__"):
        raise ValueError(f"pad_sequences: takes a list of sequences. Received: {sequences!r}")
    _check_value(value, dtype)
    lengths = [_length(i, one) for i, one in enumerate(sequences)]
    if maxlen is None:
        maxlen = max(lengths, default=0)
    filled = [one for one, length in zip(sequences, lengths) if length]
    shape = np.asarray(filled[0]).shape[1:] if filled else ()
    padded = np.full((len(sequences), maxlen, *shape), value, dtype=dtype)
    for i, (one, length) in enumerate(zip(sequences, lengths)):
        kept = min(length, maxlen)
        if not kept:
            continue
        part = _as_array(i, one[length - kept :] if truncating == "pre" else one[:kept], dtype)
        if part.shape[1:] != shape:
            raise ValueError(
                f"pad_sequences: sequence {i} has elements of shape {part.shape[1:]}, those "
                f"before it {shape}"
            )
        padded[i, maxlen - kept if padding == "pre" else 0 :][:kept] = part
    return padded


def _as_array(position: int, part: Any, dtype: Any) -> np.ndarray:
    try:
        return np.asarray(part, dtype=dtype)
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(
            f"pad_sequences: sequence {position} does not become an array of {dtype}: {error}. "
            "Words become numbers by Tokenizer or TextVectorization; dtype=object keeps them"
        ) from error


def _length(position: int, sequence: Any) -> int:
    try:
        return len(sequence)
    except TypeError:
        raise ValueError(
            f"pad_sequences: takes a list of sequences. Received: {sequence!r} at {position}"
        ) from None


def _check_value(value: Any, dtype: Any) -> None:
    kind = np.dtype(dtype).kind
    if isinstance(value, str) and kind not in "OUS":
        raise ValueError(
            f"pad_sequences: a string does not fit an array of dtype {dtype}: say dtype=object. "
            f"Received: value={value!r}"
        )
