"""Passes through datasets that keep elements: batches, rows of batches, a cache, a thread ahead."""

from __future__ import annotations

import itertools
import operator
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from pylego.core.tensor import convert_to_tensor
from pylego.core.text_array import holds_texts, text_array
from pylego.core.tree import leaves, map_leaves


def batches_of(source: Iterable, size: int, is_whole: bool) -> Iterator[Any]:
    elements = iter(source)
    while batch := list(itertools.islice(elements, size)):
        if is_whole and len(batch) < size:
            return
        yield stacked(batch)


def stacked(elements: list) -> Any:
    first = elements[0]
    if isinstance(first, dict):
        return {key: stacked([element[key] for element in elements]) for key in first}
    if isinstance(first, (tuple, list)):
        return tuple(stacked(list(parts)) for parts in zip(*elements))
    try:
        rows = np.stack([np.asarray(element) for element in elements])
        return text_array(rows) if holds_texts(rows) else convert_to_tensor(rows)
    except ValueError as error:
        raise ValueError(
            f"batch: elements must have one shape to be stacked: {error}. Where they are batches "
            "already, call unbatch() first"
        ) from error


def rows_of(source: Iterable) -> Iterator[Any]:
    for element in source:
        for row in range(len(leaves(element)[0])):
            yield map_leaves(operator.itemgetter(row), element)


class Kept:
    """Passes that are made once, and then come out of memory."""

    def __init__(self) -> None:
        self._elements: list[Any] | None = None

    def __call__(self, source: Iterable) -> Iterator[Any]:
        return self._first_pass(source) if self._elements is None else iter(self._elements)

    def _first_pass(self, source: Iterable) -> Iterator[Any]:
        elements = []
        for element in source:
            elements.append(element)
            yield element
        self._elements = elements


def made_ahead(source: Iterable, most: int) -> Iterator[Any]:
    if not most:
        yield from source
        return
    from concurrent.futures import Future, ThreadPoolExecutor  # not needed without prefetch

    elements, end = iter(source), object()
    thread = ThreadPoolExecutor(1, thread_name_prefix="pylego-prefetch")
    coming: deque[Future] = deque()
    try:
        while True:
            while len(coming) <= most:
                coming.append(thread.submit(next, elements, end))
            element = coming.popleft().result()
            if element is end:
                return
            yield element
    finally:
        thread.shutdown(wait=True, cancel_futures=True)
