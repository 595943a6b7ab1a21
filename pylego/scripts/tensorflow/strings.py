"""`tf.strings`: functions of each text of an array, for what stands in front of a model."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from pylego import ops
from pylego.core.ragged import RaggedTensor
from pylego.core.tensor import Tensor
from pylego.core.text_array import Text, TextArray, text_array

__all__ = [
    "as_string", "bytes_split", "join", "length", "lower", "reduce_join", "regex_full_match",
    "regex_replace", "split", "strip", "substr", "to_number", "unicode_decode", "unicode_encode",
    "unicode_split", "upper",
]  # fmt: skip


def _of_each(function: Callable[[Text], Any], texts: Any) -> Any:
    """The array of what a function makes of each text; of a text alone, what it makes of that, of
    rows, rows."""
    if isinstance(texts, RaggedTensor):
        return texts.with_flat_values(_of_each(function, texts.flat_values))
    given = text_array(texts)
    if not given.ndim:
        return function(given.item())
    made = np.empty(given.shape, object)
    flat = made.reshape(-1)
    for place, text in enumerate(given.reshape(-1)):
        flat[place] = function(text)  # one by one: lists of one length would become an array
    return made


def _texts(made: Any) -> Any:
    if isinstance(made, RaggedTensor):
        return made
    return text_array(made) if isinstance(made, np.ndarray) else Text(made)


def _rows(found: Any) -> Any:
    """What several texts were cut into, as rows; of a text alone, what that was cut into."""
    is_of_one = isinstance(found, (TextArray, Tensor))
    return found if is_of_one else RaggedTensor.of_rows(list(found.flat))


def _pattern(text: str | bytes) -> str:
    """A regular expression, or what is written in the place of its matches."""
    return text.decode() if isinstance(text, bytes) else text


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
    found, instead = _pattern(pattern), _pattern(rewrite).replace(r"\0", r"\g<0>")
    return _texts(_of_each(lambda text: re.sub(found, instead, text, count=count), input))


def regex_full_match(input: Any, pattern: str, name: Any = None) -> Tensor:
    """Return whether a regular expression matches each whole text."""
    wanted = _pattern(pattern)
    found = _of_each(lambda text: re.fullmatch(wanted, text) is not None, input)
    return ops.convert_to_tensor(np.asarray(found, "bool"))


def split(input: Any, sep: str | None = None, maxsplit: int = -1, name: Any = None) -> Any:
    """Cut a text at a separator, or at spaces; of an array, each text into a row.

    >>> split("a/b", "/").tolist()
    ['a', 'b']
    """
    return _rows(_of_each(lambda text: text_array(text.split(sep or None, maxsplit)), input))


def unicode_split(input: Any, input_encoding: str = "UTF-8", name: Any = None) -> Any:
    """Cut a text into its letters; of an array, each text into a row, as `split` does."""
    return _rows(_of_each(lambda text: text_array(list(text)), input))


bytes_split = unicode_split


def unicode_decode(input: Any, input_encoding: str = "UTF-8", name: Any = None) -> Any:
    """Return the numbers that Unicode gives to the letters of a text; of an array, rows of them.

    >>> unicode_decode(["ab", "c"])
    <tf.RaggedTensor [[97, 98], [99]]>
    """
    return _rows(_of_each(lambda text: ops.convert_to_tensor([*map(ord, text)], "int32"), input))


def unicode_encode(input: Any, output_encoding: str = "UTF-8", name: Any = None) -> Any:
    """Return the texts of rows of such numbers."""
    if isinstance(input, RaggedTensor) or np.ndim(input) > 1:
        return text_array([unicode_encode(row) for row in input])
    return Text("".join(map(chr, np.asarray(input).astype("int64").tolist())))


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
    if isinstance(inputs, RaggedTensor):
        return text_array([separator.join(row) for row in inputs])
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
