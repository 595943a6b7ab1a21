"""Elements of several datasets in turn."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from pylego import random


def interleaved(
    source: Iterable, function: Callable[[Any], Iterable], cycle_length: int, block_length: int
) -> Iterator[Any]:
    """Yield from `cycle_length` of the datasets that a function makes of elements, a block of each
    in turn; where one ends, the next one takes its place.

    >>> "".join(interleaved(["aaa", "bbb", "cc"], iter, cycle_length=2, block_length=1))
    'abababcc'
    """
    waiting = map(function, source)
    open_now: list[Iterator | None] = [iter(one) for one in itertools.islice(waiting, cycle_length)]
    while any(one is not None for one in open_now):
        for place, elements in enumerate(open_now):
            if elements is None:
                continue
            block = list(itertools.islice(elements, block_length))
            yield from block
            if len(block) < block_length:
                following = next(waiting, None)
                open_now[place] = None if following is None else iter(following)


def mixed(sources: Sequence[Iterable], choices: Iterable[int], stops_early: bool) -> Iterator[Any]:
    """Yield the next element of the source that each choice names; one that has ended is passed
    over, or ends all.

    >>> list(mixed(["ab", "xyz"], [0, 1, 1, 0, 0, 1], stops_early=False))
    ['a', 'x', 'y', 'b', 'z']
    """
    passes: list[Iterator | None] = [iter(source) for source in sources]
    for choice in choices:
        chosen = passes[int(choice)]
        for element in itertools.islice(chosen or (), 1):
            yield element
            break
        else:
            passes[int(choice)] = None
            if stops_early or not any(one is not None for one in passes):
                return


def drawn_choices(weights: Sequence[float], seed: int | None) -> Iterator[int]:
    """Yield numbers of sources, drawn with these weights, without end."""
    shares = np.asarray(weights, "float64")
    start = int(random.randint((), 0, 2**31 - 1, "int64", seed))
    draws = np.random.default_rng(start)
    while True:
        yield from draws.choice(len(shares), 1024, p=shares / shares.sum())
