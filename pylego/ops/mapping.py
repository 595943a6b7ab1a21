"""Functions over many elements at once: scans in any order, choices among several, maps."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from pylego import engine
from pylego.core.tensor import Tensor
from pylego.core.tree import leaves, map_leaves, with_leaves
from pylego.ops.arguments import normalize_axis
from pylego.ops.control_flow import cond, map
from pylego.ops.core import convert_to_tensor
from pylego.ops.elementwise import clip
from pylego.ops.shapes import broadcast_to, concatenate, flip, moveaxis, stack

__all__ = ["associative_scan", "switch", "vectorize", "vectorized_map"]


# ---- scans ----------------------------------------------------------------------------------


def associative_scan(f: Callable, elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """Join the first elements, the first two, the first three, ...: y_i = f(y_(i - 1), x_i).

    f(f(a, b), c) must be f(a, f(b, c)). So elements are joined in pairs, the pairs again, and the
    function is called about 2 log2(n) times, on many elements at once (Blelloch: "Prefix sums and
    their applications", 1990).

    Args:
        f: joins two structures like `elems`, of any length along the axis.
        elems: a tensor or a structure of them, of one length along the axis.
        reverse: whether it begins with the last.
        axis: along which; the first by default.

    Raises:
        TypeError: unless `f` is a function.
        ValueError: for tensors of other lengths.

    >>> associative_scan(lambda a, b: a + b, [1.0, 2.0, 3.0]).numpy().tolist()
    [1.0, 3.0, 6.0]
    """
    if not callable(f):
        raise TypeError(f"associative_scan: `f` should be a callable. Received: f={f!r}")
    is_table = isinstance(elems, list) and all(isinstance(x, (int, float)) for x in leaves(elems))
    tree = convert_to_tensor(elems) if is_table else map_leaves(convert_to_tensor, elems)
    rows = [moveaxis(x, normalize_axis(axis, x.ndim), 0) for x in leaves(tree)]
    if len({len(x) for x in rows}) != 1:
        raise ValueError(
            "associative_scan: all tensors have one length along the axis. Received: "
            + ", ".join(str(x.shape) for x in leaves(tree))
        )
    rows = [flip(x, 0) for x in rows] if reverse else rows

    def join(a: list[Tensor], b: list[Tensor]) -> list[Tensor]:
        return leaves(f(with_leaves(tree, _back(a, axis)), with_leaves(tree, _back(b, axis))))

    def joined(a: list[Tensor], b: list[Tensor]) -> list[Tensor]:
        return [moveaxis(x, axis, 0) for x in join(a, b)]

    found = _scanned(joined, rows)
    found = [flip(x, 0) for x in found] if reverse else found
    return with_leaves(tree, _back(found, axis))


def _back(rows: Iterable[Tensor], axis: int) -> list[Tensor]:
    return [moveaxis(x, 0, axis) for x in rows]


def _scanned(join: Callable, rows: list[Tensor]) -> list[Tensor]:
    """Pairs are scanned; what stands between two pairs is joined with its own element."""
    length = len(rows[0])
    if length < 2:
        return rows
    odd = _scanned(join, join(_every_second(rows, 0, length - 1), _every_second(rows, 1, length)))
    even = _every_second(rows, 2, length)
    if len(even[0]):
        before = [x[: len(y)] for x, y in zip(odd, even)]
        even = join(before, even)
    firsts = (concatenate([x[:1], y]) for x, y in zip(rows, even))
    return [_interleaved(x, y) for x, y in zip(firsts, odd)]


def _every_second(rows: list[Tensor], first: int, end: int) -> list[Tensor]:
    return [x[first:end:2] for x in rows]


def _interleaved(a: Tensor, b: Tensor) -> Tensor:
    """a_0, b_0, a_1, b_1, ...; a may have one more."""
    count = len(b)
    pairs = stack([a[:count], b], axis=1).reshape((2 * count, *b.shape[1:]))
    return concatenate([pairs, a[count:]]) if len(a) > count else pairs


# ---- choices --------------------------------------------------------------------------------


def switch(index: Any, branches: Any, *operands: Any) -> Any:
    """Call one of several functions.

    While a program is recorded, an index that is a tensor has no number yet: all functions are
    recorded then, as `cond` does it.

    Args:
        index: which one, from 0 on; below means the first, beyond the last.
        branches: functions of the operands, which return the same structure.
        *operands: what they are called with.

    Raises:
        ValueError: when there are no functions.

    >>> switch(1, [lambda x: x + 1, lambda x: x * 10], 2)
    20
    """
    functions = list(branches)
    if not functions:
        raise ValueError("switch: at least one function is wanted")
    if not isinstance(index, Tensor) or not engine.is_recording():
        return functions[min(max(int(index), 0), len(functions) - 1)](*operands)
    return _chosen(clip(index, 0, len(functions) - 1), functions, operands)


def _chosen(index: Tensor, functions: list[Callable], operands: tuple) -> Any:
    """Half of the functions, by the number; and half of these."""
    if len(functions) == 1:
        return functions[0](*operands)
    half = len(functions) // 2
    return cond(
        index < half,
        lambda: _chosen(index, functions[:half], operands),
        lambda: _chosen(index - half, functions[half:], operands),
    )


# ---- maps -----------------------------------------------------------------------------------


def vectorized_map(function: Callable, elements: Any) -> Any:
    """Run a function on each row of tensors, and stack what it returns: `map` by another name.

    Args:
        function: of a row, or of the structure of rows.
        elements: a tensor or a structure of them, of shape (length, ...).

    >>> vectorized_map(lambda row: row * row, [1.0, 2.0, 3.0]).numpy().tolist()
    [1.0, 4.0, 9.0]
    """
    return map(function, elements)


def vectorize(pyfunc: Callable, *, excluded: Any = None, signature: str | None = None) -> Callable:
    """Make a function of single elements one of tensors, which are broadcast against each other.

    Args:
        pyfunc: of tensors without axes, or of the axes that the signature says.
        excluded: which arguments are handed on as they are: places, or names.
        signature: the last axes of arguments and results, such as "(n),(n)->()".

    Raises (when the new function is called):
        ValueError: for a signature that is not read or another number of arguments.

    >>> largest = vectorize(lambda a, b: a if a > b else b)
    >>> print(largest([1, 5], 3))
    Tensor(shape=(2,), dtype=int32, [3 5])
    """
    left_out = set(excluded or ())

    def over_elements(*args: Any, **kwargs: Any) -> Any:
        places = [i for i in range(len(args)) if i not in left_out]
        tensors = [convert_to_tensor(args[i]) for i in places]
        ranks = _ranks(signature, len(tensors))
        if any(x.ndim < rank for x, rank in zip(tensors, ranks)):
            shapes = ", ".join(str(x.shape) for x in tensors)
            raise ValueError(f"vectorize: {signature!r} wants more axes. Received: {shapes}")
        loops = [x.shape[: x.ndim - rank] for x, rank in zip(tensors, ranks)]
        shape = np.broadcast_shapes(*loops)
        count = math.prod(shape)
        rows = []
        for x, loop in zip(tensors, loops):
            inner = x.shape[len(loop) :]
            rows.append(broadcast_to(x, (*shape, *inner)).reshape((count, *inner)))

        def call(row: list[Tensor]) -> Any:
            given = list(args)
            for place, x in zip(places, row):
                given[place] = x
            return pyfunc(*given, **kwargs)

        results = [map_leaves(convert_to_tensor, call([x[i] for x in rows])) for i in range(count)]
        if not results:
            raise ValueError("vectorize: there are no elements to call the function with")
        columns = zip(*(leaves(result) for result in results))
        stacked = [stack(column).reshape((*shape, *column[0].shape)) for column in columns]
        return with_leaves(results[0], stacked)

    return over_elements


def _ranks(signature: str | None, count: int) -> list[int]:
    """How many axes the function takes of each argument."""
    if signature is None:
        return [0] * count
    inputs, arrow, _ = signature.replace(" ", "").partition("->")
    parts = inputs[1:-1].split("),(")
    if not arrow or not (inputs.startswith("(") and inputs.endswith(")")) or len(parts) != count:
        raise ValueError(
            f"vectorize: the signature of {count} arguments looks like '(n),(n)->()'. Received: "
            f"{signature!r}"
        )
    return [len(part.split(",")) if part else 0 for part in parts]
