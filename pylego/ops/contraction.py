"""Sums of products in Einstein's notation.

`einsum("ij,jk->ik", a, b)` names the axes of each operand by letters. Letters that the result lacks
are summed over. Operands are multiplied one after another: each pair by one product of matrices.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from pylego.core.tensor import Tensor
from pylego.ops.core import convert_to_tensor
from pylego.ops.linear import matmul
from pylego.ops.reductions import sum as sum_over
from pylego.ops.shapes import transpose

__all__ = ["einsum"]

KEPT = 256  # subscripts that have been read, each with the shapes of its operands
_TERM = re.compile(r"([a-zA-Z]*)(\.\.\.)?([a-zA-Z]*)")


class _Term(NamedTuple):
    """A tensor and the labels of its axes: letters, and numbers for those of an ellipsis."""

    x: Tensor
    labels: tuple[Any, ...]

    def length(self, label: Any) -> int:
        return self.x.shape[self.labels.index(label)]


def einsum(subscripts: str, *operands: Any, optimize: Any = None) -> Tensor:
    """Sum products over axes that are named by letters.

    Args:
        subscripts: a letter for each axis of each operand, then the axes of the result, such as
            "ij,jk->ik". Without an arrow the result has the letters that stand there once, in
            alphabetical order. `...` stands for any number of axes, which are broadcast. A letter
            twice in one operand takes its diagonal.
        *operands: tensors, as many as the subscripts have parts.
        optimize: kept for Keras's sake; operands are multiplied from left to right.

    Raises:
        TypeError: unless the subscripts are a string.
        ValueError: for subscripts that are not read, and for operands that do not fit them.

    >>> print(einsum("ij,j->i", [[1.0, 2.0], [3.0, 4.0]], [1.0, 10.0]))
    Tensor(shape=(2,), dtype=float32, [21. 43.])
    >>> einsum("ii", [[1.0, 2.0], [3.0, 4.0]]).item()
    5.0
    """
    if not isinstance(subscripts, str):
        raise TypeError(f"einsum: the subscripts come first, as a string. Received: {subscripts!r}")
    tensors = [convert_to_tensor(x) for x in operands]
    parts, output = _read(subscripts, tuple(x.shape for x in tensors))
    terms = [_diagonal(_Term(x, labels)) for x, labels in zip(tensors, parts)]
    terms = _without_short_axes(subscripts, terms)
    first, *others = terms
    for i, other in enumerate(others):
        wanted = {*output, *(label for later in others[i + 1 :] for label in later.labels)}
        first = _multiplied(first, other, wanted)
    found = _summed(first, set(output))
    return _laid_out(found, output)


# ---- reading --------------------------------------------------------------------------------


@lru_cache(maxsize=KEPT)
def _read(
    subscripts: str, shapes: tuple[tuple[int, ...], ...]
) -> tuple[tuple[tuple[Any, ...], ...], tuple[Any, ...]]:
    """The labels of each operand, and those of the result."""
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    parts = inputs.split(",")
    if not shapes or len(parts) != len(shapes):
        raise ValueError(
            f"einsum: {subscripts!r} has {len(parts)} parts, one for each operand. Received: "
            f"{len(shapes)} operands"
        )
    labels = tuple(_labels(subscripts, part, len(shape)) for part, shape in zip(parts, shapes))
    for part, one, shape in zip(parts, labels, shapes):
        if len(one) != len(shape):
            raise ValueError(
                f"einsum: {part!r} of {subscripts!r} names {len(one)} axes, the operand has shape "
                f"{shape}"
            )
    elided = max((-label for one in labels for label in one if isinstance(label, int)), default=0)
    if arrow:
        result = _labels(subscripts, output, len(output.replace("...", "")) + elided)
    else:
        counts = Counter(label for one in labels for label in one if isinstance(label, str))
        letters = sorted(letter for letter, count in counts.items() if count == 1)
        result = (*range(-elided, 0), *letters)
    _check_output(subscripts, result, labels)
    return labels, result


def _labels(subscripts: str, part: str, rank: int) -> tuple[Any, ...]:
    """Letters as they are, and -n to -1 for the n axes that an ellipsis stands for."""
    found = _TERM.fullmatch(part)
    if found is None:
        raise ValueError(
            f"einsum: {part!r} of {subscripts!r} is not read: each part has letters, and `...` at "
            'most once, as in "bij,bjk->bik"'
        )
    before, ellipsis, after = found.groups()
    elided = max(rank - len(before) - len(after), 0) if ellipsis else 0
    return (*before, *range(-elided, 0), *after)


def _check_output(
    subscripts: str, result: Sequence[Any], labels: Sequence[tuple[Any, ...]]
) -> None:
    known = {label for one in labels for label in one}
    for label in result:
        if label not in known:
            raise ValueError(
                f"einsum: {subscripts!r} wants the axis {label!r}, which no operand has"
            )
    if len(set(result)) < len(result):
        raise ValueError(f"einsum: the result of {subscripts!r} has an axis twice")


# ---- terms ----------------------------------------------------------------------------------


def _diagonal(term: _Term) -> _Term:
    """Take the diagonal of axes with one label, until each has its own.

    Two axes of length n, laid out as one of n * n, have it at every (n + 1)th place.
    """
    if len(set(term.labels)) == len(term.labels):
        return term
    for label, count in Counter(term.labels).items():
        for _ in range(count - 1):
            first = term.labels.index(label)
            second = term.labels.index(label, first + 1)
            n, m = term.x.shape[first], term.x.shape[second]
            if n != m:
                raise ValueError(
                    f"einsum: the axes {label!r} of one operand have lengths {n} and {m}: a "
                    f"diagonal needs a square. Received: shape {term.x.shape}"
                )
            others = [i for i in range(term.x.ndim) if i not in (first, second)]
            x = transpose(term.x, [*others, first, second])
            x = x.reshape(*x.shape[:-2], n * n)[..., :: n + 1]
            term = _Term(x, (*(term.labels[i] for i in others), label))
    return term


def _without_short_axes(subscripts: str, terms: Sequence[_Term]) -> list[_Term]:
    """Drop axes of length 1 where another operand's is longer: they are broadcast."""
    lengths: dict[Any, int] = {}
    for term in terms:
        for label, length in zip(term.labels, term.x.shape):
            known = lengths.get(label, 1)
            if 1 not in (known, length) and known != length:
                name = "an axis of the ellipsis" if isinstance(label, int) else f"axis {label!r}"
                raise ValueError(
                    f"einsum: {name} of {subscripts!r} has lengths {known} and {length}. Received: "
                    f"shapes {', '.join(str(one.x.shape) for one in terms)}"
                )
            lengths[label] = known if length == 1 else length
    return [
        _without(term, [x for x in term.labels if term.length(x) != lengths[x]])
        if 1 in term.x.shape
        else term
        for term in terms
    ]


def _without(term: _Term, short: Sequence[Any]) -> _Term:
    kept = tuple(label for label in term.labels if label not in short)
    return _Term(term.x.reshape([term.length(x) for x in kept]), kept) if short else term


def _summed(term: _Term, wanted: set[Any]) -> _Term:
    """Sum over the axes that nothing needs any more."""
    axes = [i for i, label in enumerate(term.labels) if label not in wanted]
    if not axes:
        return term
    kept = tuple(label for label in term.labels if label in wanted)
    return _Term(sum_over(term.x, axis=axes), kept)


def _laid_out(term: _Term, labels: Sequence[Any]) -> Tensor:
    """The tensor with its axes in this order."""
    order = [term.labels.index(label) for label in labels]
    return term.x if order == sorted(order) else transpose(term.x, order)


def _multiplied(a: _Term, b: _Term, wanted: set[Any]) -> _Term:
    """Multiply two, and sum over the axes that both have and nothing needs any more.

    Shapes: (*batch, *rows, *inner) and (*batch, *inner, *columns) give (*batch, *rows, *columns).
    """
    a = _summed(a, wanted | set(b.labels))
    b = _summed(b, wanted | set(a.labels))
    batch = [label for label in a.labels if label in b.labels and label in wanted]
    inner = [label for label in a.labels if label in b.labels and label not in wanted]
    rows = [label for label in a.labels if label not in b.labels]
    columns = [label for label in b.labels if label not in a.labels]
    shape = [*map(a.length, batch + rows), *map(b.length, columns)]
    labels = (*batch, *rows, *columns)
    if not inner:
        x = _laid_out(a, batch + rows)
        x = x.reshape(*x.shape, *[1] * len(columns))
        y = _laid_out(b, batch + columns)
        y = y.reshape(*y.shape[: len(batch)], *[1] * len(rows), *y.shape[len(batch) :])
        return _Term(x * y, labels)
    x = _as_matrices(a, batch, rows, inner)
    y = _as_matrices(b, batch, inner, columns)
    return _Term(_reshaped(matmul(x, y), shape), labels)


def _as_matrices(term: _Term, batch: list, rows: list, columns: list) -> Tensor:
    """Lay out a tensor as (*batch, all rows, all columns)."""
    x = _laid_out(term, batch + rows + columns)
    height, width = (math.prod(map(term.length, labels)) for labels in (rows, columns))
    return _reshaped(x, [*x.shape[: len(batch)], height, width])


def _reshaped(x: Tensor, shape: Sequence[int]) -> Tensor:
    return x if list(x.shape) == list(shape) else x.reshape(list(shape))
