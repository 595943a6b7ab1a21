"""Batches of elements of unlike lengths: each is padded to the longest of its batch."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from pylego.core.tensor import convert_to_tensor
from pylego.core.text_array import holds_texts, text_array


def batches(source: Iterable, size: int, shapes: Any, values: Any, is_whole: bool) -> Iterator[Any]:
    """Yield so many elements at a time, stacked along a new first axis.

    Args:
        source: numbers, texts, or structures of them.
        size: how many elements make a batch.
        shapes: of the structure of an element, or None; a length of None or -1 is the longest.
        values: what is put behind: of the structure, one for all, or None: 0, or an empty text.
        is_whole: whether a last batch of fewer is left out.
    """
    elements = iter(source)
    while batch := list(itertools.islice(elements, size)):
        if is_whole and len(batch) < size:
            return
        yield _padded(batch, shapes, values)


def _padded(elements: list, shapes: Any, values: Any) -> Any:
    first = elements[0]
    if isinstance(first, dict):
        keys = [(key, _part(shapes, key), _part(values, key)) for key in first]
        return {key: _padded([one[key] for one in elements], *rest) for key, *rest in keys}
    if isinstance(first, (tuple, list)):
        rest = [(_part(shapes, n), _part(values, n)) for n in range(len(first))]
        return tuple(_padded(list(parts), *of) for parts, of in zip(zip(*elements), rest))
    is_text = holds_texts(first)
    arrays = [text_array(x) if is_text else np.asarray(x) for x in elements]
    shape = _longest(arrays, shapes)
    value = values if values is not None else "" if is_text else 0
    padded = np.full((len(arrays), *shape), value, object if is_text else arrays[0].dtype)
    for row, array in zip(padded, arrays):
        row[tuple(map(slice, array.shape))] = array
    return text_array(padded) if is_text else convert_to_tensor(padded)


def _part(structure: Any, key: Any) -> Any:
    return structure[key] if isinstance(structure, (dict, tuple, list)) else structure


def _longest(arrays: list, shape: Any) -> tuple[int, ...]:
    found = tuple(map(max, zip(*(array.shape for array in arrays))))
    if shape is None:
        return found
    wanted = tuple(n if m in (None, -1) else int(m) for n, m in zip(found, shape))
    if len(tuple(shape)) != len(found) or any(n > m for n, m in zip(found, wanted)):
        raise ValueError(
            f"padded_batch: elements of lengths up to {found} do not fit into "
            f"padded_shapes={tuple(shape)}"
        )
    return wanted
