"""Texts at the door of a layer: whatever holds some becomes one NumPy array of Python strings.

Texts never reach the engine: in a model, layers that take them run in front of its program (see
`graph/python_prefix.py`). The arrays have dtype object: one long text among short ones costs
nothing, which it would where all have the same width.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego.core.placeholder import PlaceholderError
from pylego.core.tensor import Tensor
from pylego.core.text_array import TEXT
from pylego.graph import KerasTensor


def check_placeholder(name: str, x: Any) -> None:
    """Refuse a placeholder of numbers, for a layer that takes texts.

    Raises:
        TypeError: for one.
    """
    if x.dtype != TEXT:
        raise TypeError(f"Layer {name!r}: {_numbers_in_model(x)}")


def _numbers_in_model(x: Any) -> str:
    return (
        f"it takes texts, which a model has from an Input(shape=(1,), dtype='string'). Received: "
        f"{x!r}"
    )


def as_texts(x: Any, encoding: str = "utf-8") -> np.ndarray:
    """Return texts as an array of strings, of dtype object.

    Args:
        x: a text, or an array, a column of a table, or nested lists of texts; bytes are decoded.
        encoding: of bytes.

    Raises:
        PlaceholderError: for the placeholder of texts.
        TypeError: for anything but texts.
        ValueError: for lists of unequal lengths.

    >>> as_texts([["a", "b"], ["c", b"d"]]).tolist()
    [['a', 'b'], ['c', 'd']]
    """
    if isinstance(x, KerasTensor):
        if x.dtype == TEXT:
            raise PlaceholderError(x, f"{x!r} has no texts to read")
        raise TypeError(_numbers_in_model(x))
    if isinstance(x, Tensor):
        raise TypeError(
            f"it takes texts, as arrays or lists of strings. Received: a tensor of {x.dtype}"
        )
    array = np.array(x, dtype=object)
    texts = np.empty(array.shape, dtype=object)
    texts.reshape(-1)[:] = [_as_text(text, encoding) for text in array.reshape(-1)]
    return texts


def _as_text(text: Any, encoding: str) -> str:
    if isinstance(text, str):
        return text
    if isinstance(text, bytes):
        return text.decode(encoding)
    if isinstance(text, (list, tuple, np.ndarray)):
        raise ValueError(
            "its texts are an array: the lists in it need one length. Received: lists of unequal "
            f"lengths, one of them {text!r}"
        )
    raise TypeError(f"it takes texts. Received: {text!r} of type {type(text).__name__}")
