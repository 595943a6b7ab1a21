"""What a tensor is like, without its numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from pylego.core.text_array import holds_texts


class TensorSpec(NamedTuple):
    """Shape and dtype: said to `tf.function` and `from_generator`, which look for themselves."""

    shape: Any
    dtype: Any = "float32"
    name: str | None = None


def of(x: Any) -> TensorSpec:
    """Return shape and dtype of a tensor, an array or texts.

    >>> of(np.zeros((2, 3), "float32"))
    TensorSpec(shape=(2, 3), dtype='float32', name=None)
    """
    if holds_texts(x):
        return TensorSpec(np.shape(x), "string")
    return TensorSpec(tuple(x.shape), str(x.dtype))
