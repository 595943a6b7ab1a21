"""`tf.strings`: functions of each text of an array, for what stands in front of a model."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.core.text_array import Text, TextArray, text_array

__all__ = [
    "as_string", "join", "length", "lower", "reduce_join", "regex_full_match", "regex_replace",
    "split", "strip", "substr", "to_number", "unicode_split", "upper",
]  # fmt: skip


def _of_each(function: Callable[[Text], Any], texts: Any) -> Any:
    """The array of what a function makes of each text; of a text alone, what it makes of that."""
    given = text_array(texts)
    made = np.empty(given.shape, object)
    made.reshape(-1)[:] = [function(text) for text in given.reshape(-1)]
    return made if made.ndim else made.item()


def _texts(made: Any) -> Text | TextArray:
    return text_array(made) if isinstance(made, np.ndarray) else Text(made)


def _rows(found: np.ndarray) -> Any:
    """One array of the arrays of several texts, if these have one length."""
    if isinstance(found, TextArray) or len({len(row) for row in found.flat}) != 1:
        return found
    return np.stack(list(found.flat)).reshape(*found.shape, -1).view(TextArray)


def lower(input: Any, encoding: str = "", name: Any = None) -> Text | TextArray:
    """Return the texts in small letters."""
    return _texts(_of_each(str.lower, input))


def upper(input: Any, encoding: str = "", name: Any = None) -> Text | TextArray:
    """Return the texts in capital letters."""
    return _texts(_of_each(str.upper, input))


def strip(input: Any, name: Any = None) -> Text | TextArray:
    """Return the texts without spaces around them."""
    return _texts(_of_each(str.strip, input))


def regex_replace(
    input: Any, pattern: str, rewrite: str, replace_global: bool = True, name: Any = None
) -> Text | TextArray:
    """Replace what a regular expression matches, everywhere or once; \\0 is what it matched.

    >>> regex_replace(["a<br />b"], "<br />", " ").tolist()
    ['a b']
    """
    count = 0 if replace_global else 1
    rewrite = rewrite.replace(r"\0", r"\g<0>")
    return _texts(_of_each(lambda text: re.sub(pattern, rewrite, text, count=count), input))


def regex_full_match(input: Any, pattern: str, name: Any = None) -> Tensor:
    """Return whether a regular expression matches each whole text."""
    found = _of_each(lambda text: re.fullmatch(pattern, text) is not None, input)
    return ops.convert_to_tensor(np.asarray(found, "bool"))


def split(input: Any, sep: str | None = None, maxsplit: int = -1, name: Any = None) -> Any:
    """Cut a text at a separator, or at spaces; of an array, each text into a row.

    Where the rows have different lengths, they are arrays of their own.

    >>> split("a/b", "/").tolist()
    ['a', 'b']
    """
    return _rows(_of_each(lambda text: text_array(text.split(sep or None, maxsplit)), input))


def unicode_split(input: Any, input_encoding: str = "UTF-8", name: Any = None) -> Any:
    """Cut a text into its letters; of an array, each text into a row, as `split` does."""
    return _rows(_of_each(lambda text: text_array(list(text)), input))


def substr(input: Any, pos: int, len: int, unit: str = "BYTE", name: Any = None) -> Any:
    """Return the letters from a place on."""
    return _texts(_of_each(lambda text: text[pos:][:len], input))


def join(inputs: Any, separator: str = "", name: Any = None) -> Text | TextArray:
    """Put the texts of several arrays together, one of each.

    >>> join([["a", "b"], "c"], "-").tolist()
    ['a-c', 'b-c']
    """
    rows = np.broadcast_arrays(*map(text_array, inputs))
    made = np.empty(rows[0].shape, object)
    made.reshape(-1)[:] = [separator.join(parts) for parts in zip(*(row.flat for row in rows))]
    return _texts(made if made.ndim else made.item())


def reduce_join(
    inputs: Any, axis: int | None = None, separator: str = "", name: Any = None
) -> Text | TextArray:
    """Put the texts along an axis together; all of them for None.

    >>> reduce_join([["a", "b"], ["c", "d"]], axis=-1).tolist()
    ['ab', 'cd']
    """
    given = text_array(inputs)
    rows = given.reshape(-1) if axis is None else np.moveaxis(given, axis, 0)
    return join(list(rows), separator)


def length(input: Any, unit: str = "BYTE", name: Any = None) -> Tensor:
    """Count the bytes of each text, or its letters where the unit is 'UTF8_CHAR'."""
    is_bytes = unit == "BYTE"
    counts = _of_each(lambda text: len(text.encode() if is_bytes else text), input)
    return ops.convert_to_tensor(np.asarray(counts, "int32"))


def to_number(input: Any, out_type: str = "float32", name: Any = None) -> Tensor:
    """Read each text as a number."""
    return ops.convert_to_tensor(np.asarray(_of_each(float, input), "float64"), out_type)


def as_string(input: Any, name: Any = None) -> Text | TextArray:
    """Write each number as a text."""
    numbers = np.asarray(input)
    return _texts(np.vectorize(str, otypes=[object])(numbers) if numbers.ndim else str(numbers))
