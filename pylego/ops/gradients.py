"""Gradients that a function says itself, and derivatives along a direction."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any

from pylego import engine
from pylego.core import dtypes
from pylego.core.tensor import Tensor
from pylego.core.tree import leaves, map_leaves, with_leaves
from pylego.ops.core import cast, convert_to_tensor
from pylego.ops.creation import zeros, zeros_like
from pylego.ops.shapes import concatenate, split

__all__ = ["custom_gradient", "jvp"]


def custom_gradient(f: Callable) -> Callable:
    """Let a function say its own gradient, where the one of its steps is not what is wanted.

    Args:
        f: returns a pair: its result, a tensor or a structure of them; and a function of the
            gradient of the result, which returns the gradient of each argument of `f` (several as
            a tuple; None means zero).

    Returns the function that returns the result alone.

    Raises (when gradients are taken):
        ValueError: for another number of gradients than arguments, or another shape.

    >>> @custom_gradient
    ... def half_the_slope(x):
    ...     return x * x, lambda upstream: upstream * x
    >>> x = convert_to_tensor(3.0)
    >>> x.requires_grad = True
    >>> half_the_slope(x).backward()
    >>> x.grad.item()
    3.0
    """

    @functools.wraps(f)
    def with_own_gradient(*args: Any, **kwargs: Any) -> Any:
        returned = f(*args, **kwargs)
        if not isinstance(returned, tuple) or len(returned) != 2 or not callable(returned[1]):
            raise TypeError(
                "custom_gradient: the function returns its result and a function that makes "
                f"gradients. Received: {returned!r}"
            )
        result, gradient = returned
        result = map_leaves(convert_to_tensor, result)

        def of_leaves(upstream: Sequence[Tensor]) -> list[Any]:
            found = gradient(with_leaves(result, list(upstream)))
            return _one_for_each(args, found if isinstance(found, (list, tuple)) else (found,))

        return with_leaves(result, with_gradient(leaves(result), leaves(args), of_leaves))

    return with_own_gradient


def _one_for_each(args: tuple, found: Sequence[Any]) -> list[Any]:
    """The gradients of all leaves of the arguments, of which one may be a structure."""
    if len(found) != len(args):
        raise ValueError(
            f"custom_gradient: {len(args)} arguments have as many gradients. Received: {len(found)}"
        )
    pairs = zip(args, found)
    lists = [leaves(g) if g is not None else [None] * len(leaves(x)) for x, g in pairs]
    return list(itertools.chain.from_iterable(lists))


def with_gradient(
    values: Sequence[Tensor],
    inputs: Sequence[Any],
    gradient: Callable[[list[Tensor]], Sequence[Any]],
) -> list[Tensor]:
    """Return the numbers as functions of the inputs, with gradients that a function computes.

    The function is built of bricks, so its gradients can be differentiated again.

    Args:
        values: the results: floats.
        inputs: what they depend on; what is not a tensor of floats has no gradient.
        gradient: takes the gradients of all values, returns one for each input, or None for zero.
            It must not hold what comes out here, which would keep itself alive.
    """
    shapes, flat = [x.shape for x in values], [x.detach() for x in values]
    places = [i for i, x in enumerate(inputs) if _is_float(x)]
    sources = [inputs[i] for i in places]
    if not flat or not any(map(is_watched, sources)):
        return flat
    sizes = list(itertools.accumulate(x.size for x in values))[:-1]
    is_one = len(flat) == 1
    value = flat[0] if is_one else concatenate([x.reshape(-1) for x in flat])

    def of_handles(dy: engine.Handle, wanted: list[bool]) -> list[engine.Handle | None]:
        upstream = [Tensor(dy)] if is_one else _cut(Tensor(dy), sizes, shapes)
        found = gradient(upstream)
        pairs = zip(sources, (found[i] for i in places), wanted)
        return [_checked(x, dx)._handle if w and dx is not None else None for x, dx, w in pairs]

    y = Tensor(engine.with_gradient(value._handle, [x._handle for x in sources], of_handles))
    return [y] if is_one else _cut(y, sizes, shapes)


def _is_float(x: Any) -> bool:
    return isinstance(x, Tensor) and dtypes.is_float(x.dtype)


def is_watched(x: Tensor) -> bool:
    """Whether gradients may be asked by a tensor, or by what it was computed from."""
    return engine.is_watched(x._handle)


def _cut(x: Tensor, sizes: Sequence[int], shapes: Sequence[tuple[int, ...]]) -> list[Tensor]:
    """The parts of what was laid in a row."""
    return [part.reshape(shape) for part, shape in zip(split(x, sizes), shapes)]


def _checked(x: Tensor, dx: Any) -> Tensor:
    """The gradient as a tensor like x."""
    dx = cast(dx, x.dtype)
    if dx.shape != x.shape:
        raise ValueError(
            f"a gradient has the shape of its argument, {x.shape}. Received: {dx.shape}"
        )
    return dx


# ---- along a direction ----------------------------------------------------------------------


def jvp(fun: Callable, primals: Any, tangents: Any, has_aux: bool = False) -> tuple:
    """Compute a function and how it changes along a direction: f(x) and f'(x) v.

    The backward pass gives u f'(x) for any u; that is linear in u, and its own gradient by u along
    v is f'(x) v. So each operation in `fun` must have a second gradient.

    Args:
        fun: a function of tensors that returns a tensor or a structure of them.
        primals: its arguments x, a tuple or list.
        tangents: the directions v, of the same structure and shapes.
        has_aux: whether `fun` returns a pair of which only the first is differentiated.

    Returns (f(x), f'(x) v), and with `has_aux` the second of the pair as well.

    Raises:
        TypeError: unless the arguments come as a tuple or list.
        ValueError: when the directions have other shapes than the arguments.

    >>> y, dy = jvp(lambda x: x * x, (convert_to_tensor(3.0),), (convert_to_tensor(1.0),))
    >>> y.item(), dy.item()
    (9.0, 6.0)
    """
    if not isinstance(primals, (list, tuple)) or not isinstance(tangents, (list, tuple)):
        raise TypeError("jvp: primals and tangents are tuples or lists, one item an argument")
    arguments = map_leaves(_watched, tuple(primals))
    directions = [convert_to_tensor(v) for v in leaves(tuple(tangents))]
    sources = leaves(arguments)
    shapes = [[x.shape for x in tensors] for tensors in (sources, directions)]
    if shapes[0] != shapes[1]:
        raise ValueError(f"jvp: primals have the shapes {shapes[0]}, tangents {shapes[1]}")
    returned = fun(*arguments)
    value, *others = returned if has_aux else (returned,)
    results = [convert_to_tensor(y) for y in leaves(value)]
    changes = _changes(results, sources, directions)
    value = with_leaves(value, [y.detach() for y in results])
    return (value, with_leaves(value, changes), *others)


def _watched(x: Any) -> Tensor:
    """The same numbers as a tensor of its own whose gradient is asked for."""
    x = convert_to_tensor(x).detach()
    x = x.reshape(x.shape)
    x.requires_grad = True
    return x


def _changes(
    results: Sequence[Tensor], sources: Sequence[Tensor], directions: Sequence[Tensor]
) -> list[Tensor]:
    weights = [_watched(zeros_like(y)) for y in results]
    slopes = _gradients(results, weights, sources, is_recorded=True)
    pairs = [(g, v) for g, v in zip(slopes, directions) if g is not None]
    if not pairs:
        return [zeros_like(y) for y in results]
    ends, seeds = zip(*pairs)
    seeds = tuple(cast(v, g.dtype) for g, v in pairs)
    found = _gradients(ends, seeds, weights, is_recorded=False)
    return [zeros(y.shape, y.dtype) if dy is None else dy for y, dy in zip(results, found)]


def _gradients(
    targets: Sequence[Tensor], seeds: Sequence[Tensor], sources: Sequence[Tensor], is_recorded: bool
) -> list[Tensor | None]:
    to, weights, by = ([x._handle for x in group] for group in (targets, seeds, sources))
    found = engine.gradients(to, weights, by, is_recorded)
    return [None if handle is None else Tensor(handle) for handle in found]
