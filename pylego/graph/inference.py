"""Shapes and dtypes of what a function gives for placeholders, found by calls without numbers.

The function is called on symbolic tensors (`programs/symbolic.py`) twice, with other lengths where
a length is free: what differs in the outputs is free there, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pylego.core.text_array import TEXT, TextArray
from pylego.core.tree import leaves, map_leaves, with_leaves
from pylego.graph import free_lengths
from pylego.graph.keras_tensor import KerasTensor
from pylego.programs import symbolic
from pylego.programs.symbolic import NumbersNeededError, TensorSpec

# Other lengths may mend these; what else goes wrong is a slip of the function's author.
MISFITS = (ValueError, TypeError, IndexError, ArithmeticError, AssertionError, MemoryError)


def placeholders_of(structure: Any) -> list[KerasTensor]:
    """List the placeholders in a structure, in order."""
    return [leaf for leaf in leaves(structure) if type(leaf) is KerasTensor]


def filled(structure: Any, values: list) -> Any:
    """Return the structure with values in the places of its placeholders, in order."""
    following = iter(values)
    return map_leaves(lambda x: next(following) if type(x) is KerasTensor else x, structure)


def outputs_of(function: Callable, args: tuple, kwargs: dict[str, Any], name: str) -> Any:
    """Return placeholders for what a function of tensors gives; nothing is computed.

    Args:
        function: called with tensors in the places of the placeholders.
        args: its arguments, structures with placeholders.
        kwargs: those by name.
        name: what messages call it.

    Raises:
        ValueError: or what else the function raises, when it takes no tensors of these shapes.
    """

    def call(tensors: list) -> Any:
        given_args, given_kwargs = filled((args, kwargs), tensors)
        return function(*given_args, **given_kwargs)

    def called(specs: list, on_numbers: bool) -> Any:
        return symbolic.run(call, (specs,)) if on_numbers else symbolic.call(call, (specs,), name)

    def on_others(specs: list, on_numbers: bool) -> Any:
        return symbolic.run(call, (specs,), are_counted=True)

    tensors = placeholders_of((args, kwargs))
    try:
        return settled(called, tensors, name, False)
    except NumbersNeededError:
        found = settled(called, tensors, name, True)
    try:  # lengths may depend on the numbers, as those of `unique` do
        return _compared(name, found, settled(on_others, tensors, name, True))
    except MISFITS:
        return found


def settled(
    call: Callable,
    tensors: list[KerasTensor],
    name: str,
    on_numbers: bool,
    after_misfit: Callable[[], object] = lambda: None,
) -> Any:
    """Return placeholders for the outputs, by the first lengths that the call accepts.

    Args:
        call: takes a list of `TensorSpec`s and `on_numbers`; returns outputs with shape and dtype.
        tensors: placeholders for what goes in.
        name: what messages call it.
        on_numbers: whether the call has to run on numbers, which takes time and memory.
        after_misfit: called after each call that failed.

    Raises:
        ValueError: or what else the call raises for the lengths whose error tells most.
    """
    shapes = [x.shape for x in tensors]
    kinds = [x.dtype for x in tensors]

    def called(lengths: list) -> Any:
        return call([TensorSpec(*info) for info in zip(lengths, kinds)], on_numbers)

    telling: Exception | None = None
    for number, first, second in free_lengths.tries(shapes, on_numbers):
        try:
            outputs = called(first)
            if outputs is None:
                raise TypeError(f"{name} returns nothing: end it with return")
            if first == second:
                return map_leaves(lambda x: _placeholder(x, x), outputs)
            found = _compared(name, outputs, called(second))
            return found if on_numbers else _confirmed(name, found, called, shapes)
        except MISFITS as error:  # noqa: PERF203, tries are few
            if telling is None or number <= free_lengths.TELLING:
                telling = error
            after_misfit()
    fitted = _fitted(name, called, shapes, after_misfit)
    if fitted is not None:
        return fitted
    assert telling is not None
    explained = free_lengths.explained(telling)
    raise explained from (None if explained is telling else telling)


def _fitted(name: str, called: Callable, shapes: list, after_misfit: Callable) -> Any:
    """Placeholders for what comes out where free lengths have to fit a fixed one of another input.

    None where no length does. An axis that takes another length as well remains free.
    """
    for lengths in free_lengths.fitting(shapes):
        try:
            found = called(lengths)
        except MISFITS:
            after_misfit()
            continue
        found = map_leaves(lambda x: _placeholder(x, x), found)
        for changed in free_lengths.changes(shapes, lengths):
            try:
                outputs = called(changed)
            except MISFITS:
                after_misfit()
                continue
            found = _compared(name, found, outputs)
        return found
    return None


def _compared(name: str, outputs: Any, others: Any) -> Any:
    """Placeholders for the outputs of two calls: None where their lengths differ."""
    pairs = list(zip(leaves(outputs), leaves(others)))
    is_same = len(pairs) == len(leaves(outputs)) == len(leaves(others))
    if not is_same or any(_rank(one) != _rank(other) for one, other in pairs):
        raise ValueError(
            f"{name}: how many outputs it has, or how many axes these have, depends on lengths "
            "that are free"
        )
    return with_leaves(outputs, [_placeholder(*pair) for pair in pairs])


def _confirmed(name: str, found: Any, called: Callable, shapes: Any) -> Any:
    """What was found, with None for a length that is 1 only because strides are long: there one
    more call decides."""
    farthest = free_lengths.farthest(shapes)
    if farthest is None or not any(1 in getattr(x, "shape", ()) for x in leaves(found)):
        return found
    try:
        return _compared(name, found, called(farthest))
    except MISFITS:
        return found


def _rank(x: Any) -> int:
    return len(getattr(x, "shape", ()))


def _placeholder(one: Any, other: Any) -> Any:
    """The placeholder for an output; other objects than tensors stay as they are, but a whole
    number that depends on free lengths is one of the graph."""
    if not hasattr(one, "shape"):
        is_free = type(one) is int and one != other
        return KerasTensor((), "int32") if is_free else one
    kind = TEXT if isinstance(one, TextArray) else str(one.dtype)
    shape = tuple(a if a == b else None for a, b in zip(one.shape, other.shape))
    return KerasTensor(shape, kind)
