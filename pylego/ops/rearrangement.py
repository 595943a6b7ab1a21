"""Rearranging axes by a picture of them: `rearrange(x, "b (h w) c -> b h w c", h=8)`."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from pylego.core.tensor import Tensor
from pylego.ops.core import convert_to_tensor
from pylego.ops.shapes import transpose

__all__ = ["rearrange"]

_WORD = re.compile(r"\(([^()]*)\)|(\S+)")
_NAME = re.compile(r"[A-Za-z_]\w*|1|\.\.\.")


def rearrange(tensor: Any, pattern: str, **axes_lengths: int) -> Tensor:
    """Split, merge and exchange axes as a pattern shows.

    Args:
        tensor: the tensor.
        pattern: the axes before, an arrow, the axes after. Axes have names; those in parentheses
            are one axis together, `...` stands for any number of axes, 1 for an axis of length 1.
        **axes_lengths: lengths of axes that are split off; one of each parenthesis follows.

    Raises:
        ValueError: for a pattern that is not read, or does not fit.

    >>> rearrange([[1, 2, 3, 4]], "b (h w) -> b w h", h=2).numpy().tolist()
    [[[1, 3], [2, 4]]]
    """
    if not isinstance(pattern, str):
        raise TypeError(f"rearrange: the pattern is a string. Received: {pattern!r}")
    x = convert_to_tensor(tensor)
    before, arrow, after = pattern.partition("->")
    if not arrow:
        raise ValueError(f"rearrange: {pattern!r} has no arrow: 'b h w -> b (h w)' is a pattern")
    groups = _elided(_read(before, pattern), x.ndim, pattern, x)
    targets = _read(after, pattern)
    rest = [group for group in groups if group[:1] and group[0].startswith("...")]
    targets = [part for group in targets for part in (rest if group == ["..."] else [group])]
    sources = [name for group in groups for name in group]
    order = [name for group in targets for name in group if name != "1"]
    if sorted(order) != sorted(sources) or len(set(order)) < len(order):
        raise ValueError(
            f"rearrange: both sides of {pattern!r} have the same names, each of them once"
        )
    sizes = _lengths(groups, x.shape, axes_lengths, pattern)
    y = x.reshape([sizes[name] for name in sources])
    y = transpose(y, [sources.index(name) for name in order])
    return y.reshape([math.prod(sizes.get(name, 1) for name in group) for group in targets])


def _read(side: str, pattern: str) -> list[list[str]]:
    """The names of each axis; 1 has none on the left and on the right."""
    groups = [(word or inner).split() for inner, word in _WORD.findall(side)]
    for name in (name for group in groups for name in group):
        if not _NAME.fullmatch(name):
            raise ValueError(f"rearrange: {name!r} of {pattern!r} is not a name")
    return [[name for name in group if name != "1"] for group in groups]


def _elided(groups: list[list[str]], rank: int, pattern: str, x: Tensor) -> list[list[str]]:
    """The groups with names for the axes that `...` stands for."""
    count = rank - len(groups) + 1
    found = []
    for group in groups:
        if group == ["..."]:
            found += [[f"...{i}"] for i in range(count)]
        else:
            found.append(group)
    if len(found) != rank:
        raise ValueError(f"rearrange: {pattern!r} does not name the axes of shape {x.shape}")
    return found


def _lengths(
    groups: Sequence[list[str]], shape: Sequence[int], given: dict[str, int], pattern: str
) -> dict[str, int]:
    sizes = dict(given)
    for group, length in zip(groups, shape):
        unknown = [name for name in group if name not in sizes]
        known = math.prod(sizes[name] for name in group if name in sizes)
        if len(unknown) == 1 and known and length % known == 0:
            sizes[unknown[0]] = length // known
        elif unknown or known != length:
            raise ValueError(
                f"rearrange: an axis of length {length} is not ({' '.join(group)}) of {pattern!r} "
                f"with {given or 'no lengths'}"
            )
    return sizes
