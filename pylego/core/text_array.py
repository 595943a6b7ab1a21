"""Texts as datasets hand them on: strings, and arrays of them, with the `numpy()` of tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego.core.placeholder import Placeholder
from pylego.core.tensor import Tensor
from pylego.core.tree import leaves

TEXT = "string"  # the dtype of placeholders of texts, which no tensor has


class Text(str):
    """A string whose `numpy()` is its bytes, as those of a text of TensorFlow are.

    >>> Text("brick").numpy()
    b'brick'
    """

    __slots__ = ()

    def numpy(self) -> bytes:
        """Return the text in UTF-8."""
        return self.encode()


ANY_TEXT = Text()  # stands for the texts of a placeholder, where only shapes are asked for


class TextArray(np.ndarray):
    """An array of texts, dtype object, that has `numpy()`; otherwise NumPy's.

    >>> text_array(["a", b"b"]).numpy()
    array([b'a', b'b'], dtype=object)
    """

    def numpy(self) -> np.ndarray:
        """Return an array of the texts in UTF-8."""
        encoded = np.empty(self.shape, object)
        encoded.reshape(-1)[:] = [str(text).encode() for text in self.reshape(-1)]
        return encoded


def text_array(texts: Any) -> TextArray:
    """Return an array of any shape of texts; bytes are read as UTF-8.

    >>> text_array(["a", "b"]).shape
    (2,)
    """
    given = np.asarray(texts, dtype=object)
    found = np.empty(given.shape, object)
    found.reshape(-1)[:] = [_as_text(text) for text in given.reshape(-1)]
    return found.view(TextArray)


def holds_texts(x: Any) -> bool:
    """Return whether x is a text, or an array or table of texts.

    >>> holds_texts([["a"], ["b"]]), holds_texts([[1], [2]])
    (True, False)
    """
    if isinstance(x, (Tensor, Placeholder)):
        return False
    if hasattr(x, "__array__") and not isinstance(x, np.generic):
        array = np.asarray(x)
        kind = array.dtype.kind
        if kind in "USO" and array.size:
            return kind != "O" or isinstance(array.flat[0], (str, bytes))
        return kind in "US"
    return any(isinstance(leaf, (str, bytes)) for leaf in leaves(x)[:1])


def _as_text(text: Any) -> Text:
    return Text(text.decode() if isinstance(text, bytes) else text)
