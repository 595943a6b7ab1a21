"""Loops, whose function is called once and runs once per step, and choices between functions.

The function of a loop is recorded as its body. The engine runs the body for all steps with no
Python in between, and a program that contains the loop has one op for it, whatever its length.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from pylego import checks, engine
from pylego.core import recording
from pylego.core.tensor import Tensor, cast, convert_to_tensor
from pylego.core.tree import leaves, map_leaves, with_leaves
from pylego.core.variable import assigned_where, variables_at
from pylego.ops.core import where
from pylego.ops.creation import arange

__all__ = ["cond", "fori_loop", "map", "scan", "while_loop"]

WAY_OUT = "write the loop in Python"


def scan(
    f: Callable,
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> tuple[Any, Any]:
    """Run a function over the first axis of tensors, and carry a state from step to step.

    It is what this Python function does, in one op:

        def scan(f, init, xs, length=None):
            carry, ys = init, []
            for x in [None] * length if xs is None else xs:
                carry, y = f(carry, x)
                ys.append(y)
            return carry, stack(ys)

    `f` is called once, on symbolic tensors. It may read tensors and variables from outside, whose
    gradients are summed over the steps, and draw random numbers: a `SeedGenerator` gives another
    key at each step. What it assigns to variables is assigned step by step. The gradient keeps of
    each step what it will read again, as a loop in Python would. It is taken once: second
    derivatives through a scan are refused.

    Args:
        f: of a carry and a row of `xs`; it returns the next carry, of the same structure, shapes
            and dtypes, and what is stacked.
        init: the first carry: a tensor, or a structure of them.
        xs: a tensor or a structure of them, of shape (length, ...). None: `f` gets None.
        length: the number of steps, which may be 0. By default that of the first axis of `xs`.
        reverse: whether the last row comes first, in `xs` and in what is stacked.
        unroll: accepted for Keras's sake: a step costs no more in a loop than in a row of ops.

    Returns the last carry, and what is stacked: each tensor has the steps as its first axis.

    Raises:
        ValueError: when the lengths of `xs` and `length` differ, or none is given; when the next
            carry has another structure or shape than the carry; for an `unroll` below 1.
        TypeError: when it has another dtype, or `f` looks at numbers or does not return a pair.

    >>> def add(carry, x):
    ...     total = carry + x
    ...     return total, total
    >>> last, totals = scan(add, 0.0, [1.0, 2.0, 3.0])
    >>> last.item(), totals.numpy().tolist()
    (6.0, [1.0, 3.0, 6.0])
    """
    if not callable(f):
        raise TypeError(f"scan: `f` should be a callable. Received: f={f!r}")
    _check_unroll(unroll)
    carry = map_leaves(_as_tensor, init)
    sequences = _sequences(xs)
    steps = _length_of(sequences, length)
    body = _Body(getattr(f, "__name__", "a function"))
    results = body.record(f, carry, sequences)
    return body.run(results, steps, bool(reverse))


def fori_loop(lower: int, upper: int, body_fun: Callable, init_val: Any) -> Any:
    """Run a function for each whole number from `lower` to `upper` - 1, and carry a value along.

    It is what this Python function does, in one op:

        def fori_loop(lower, upper, body_fun, init_val):
            value = init_val
            for i in range(lower, upper):
                value = body_fun(i, value)
            return value

    Args:
        lower: the first number.
        upper: the bound that is not reached; it must be known while a program is recorded.
        body_fun: of the number, an int32 tensor, and the value; it returns the next value, of the
            same structure, shapes and dtypes.
        init_val: the first value: a tensor, or a structure of them.

    Returns the last value.

    Raises:
        ValueError, TypeError: as `scan` does.

    >>> fori_loop(0, 10, lambda i, total: total + i, 0).item()
    45
    """
    first, end = _bound("lower", lower), _bound("upper", upper)
    numbers = arange(first, max(end, first))
    return scan(lambda value, i: (body_fun(i, value), None), init_val, numbers)[0]


def _bound(name: str, value: Any) -> int:
    """The bound as an int; a tensor says itself why it has no number yet."""
    if isinstance(value, Tensor):
        return operator.index(value)
    return checks.whole_number(name, value, owner="fori_loop")


def map(f: Callable, xs: Any) -> Any:
    """Run a function on each row of tensors, and stack what it returns.

    Args:
        f: of a row of `xs`, or the structure of rows; it returns a tensor or a structure of them.
        xs: a tensor or a structure of them, of shape (length, ...).

    Returns the structure that `f` returns, with the rows as the first axis.

    Raises:
        ValueError, TypeError: as `scan` does.

    >>> map(lambda row: row * row, [1.0, 2.0, 3.0]).numpy().tolist()
    [1.0, 4.0, 9.0]
    """
    return scan(lambda nothing, x: (nothing, f(x)), (), xs)[1]


def while_loop(
    cond: Callable, body: Callable, loop_vars: Any, maximum_iterations: int | None = None
) -> Any:
    """Run a function as long as a condition holds.

    How many steps that takes depends on numbers, so it is a loop in Python, which cannot be
    recorded: not in `pylego.function`, and in `fit` only with `compile(run_eagerly=True)`. A loop
    of a known length is `fori_loop`.

    Args:
        cond: of the loop variables; it returns a boolean, or a tensor of one.
        body: of the loop variables; it returns the next ones.
        loop_vars: a tensor or a structure of them. A list or a tuple is given to `cond` and `body`
            as their arguments.
        maximum_iterations: the most steps; None: no bound.

    Returns the last loop variables.

    Raises:
        TypeError: while it is recorded: the condition looks at numbers.

    >>> while_loop(lambda i: i < 10, lambda i: i * 2, 1).item()
    16
    """
    is_listed = isinstance(loop_vars, (list, tuple))
    values = map_leaves(_as_tensor, tuple(loop_vars) if is_listed else (loop_vars,))
    steps = 0
    while (maximum_iterations is None or steps < maximum_iterations) and cond(*values):
        following = body(*values)
        values = map_leaves(_as_tensor, tuple(following) if is_listed else (following,))
        steps += 1
    return type(loop_vars)(values) if is_listed else values[0]


def cond(pred: Any, true_fn: Callable, false_fn: Callable) -> Any:
    """Call one of two functions.

    While a program is recorded, a condition that is a tensor has no number yet. Then both functions
    are recorded, both are computed in each run, and their results are chosen by `where`; what they
    assign to variables counts only where they were to be called. A gradient that is infinite or NaN
    in the function that is not meant comes through as NaN, as it does with `where`.

    Args:
        pred: a boolean, or a tensor of one.
        true_fn: called without arguments where it is true; returns a tensor or a structure of them.
        false_fn: called without arguments where it is false; returns the same structure.

    Returns what the function returns.

    Raises:
        ValueError: for a condition of several elements; and, while a program is recorded, where
            the two return other structures or shapes.

    >>> cond(convert_to_tensor(2.0) > 1.0, lambda: "more", lambda: "less")
    'more'
    """
    if not isinstance(pred, Tensor) or not engine.is_recording():
        return true_fn() if pred else false_fn()
    if pred.size != 1:
        raise ValueError(f"cond: pred is one boolean. Received: pred of shape {pred.shape}")
    condition = cast(pred, "bool").reshape(())
    with assigned_where(condition):
        first = map_leaves(_as_tensor, true_fn())
    with assigned_where(~condition):
        second = map_leaves(_as_tensor, false_fn())
    shapes = [{path: x.shape for path, x in _paths(one).items()} for one in (first, second)]
    if shapes[0] != shapes[1]:
        raise ValueError(
            "cond: in a program both functions return the same structure and shapes. Received: "
            f"{_described(first)} and {_described(second)}"
        )
    pairs = zip(leaves(first), leaves(second))
    chosen = [None if a is None else where(condition, a, b) for a, b in pairs]
    return with_leaves(first, chosen)


# ---- the body ---------------------------------------------------------------------------------


class _Body:
    """The body of a loop: a function, recorded once."""

    def __init__(self, name: str):
        around = recording.now()
        self.pointer = engine.new_body()
        self._under_way = recording.Recording(self.pointer, f"the body of a loop, {name!r},",
                                              WAY_OUT, may_make_variables=True)  # fmt: skip
        self._under_way.is_of_loop = True
        if around is not None:  # what comes up in the body is for those who run what is around it
            self._under_way.asked_before_runs = around.asked_before_runs
            self._under_way.explanations = around.explanations

    def record(self, f: Callable, carry: Any, sequences: Any) -> tuple[Any, Any]:
        """Call the function; return the next carry and what is stacked, both symbolic."""
        own_carry = map_leaves(lambda x: self._input(engine.body_carry, x), carry)
        row = map_leaves(lambda x: self._input(engine.body_row, x), sequences)
        with self._under_way.open():
            returned = f(own_carry, row)
            if not isinstance(returned, (list, tuple)) or len(returned) != 2:
                raise TypeError(
                    "scan: f returns a pair, the next carry and what is stacked. "
                    f"Received: {returned!r}"
                )
            following, stacked = map_leaves(_as_tensor, tuple(returned))
            _check_carry(carry, following)
        return following, stacked

    def _input(self, make: Callable, x: Tensor | None) -> Tensor | None:
        return None if x is None else Tensor(make(self.pointer, x._handle))

    def run(self, results: tuple[Any, Any], length: int, is_reversed: bool) -> tuple[Any, Any]:
        """Run it; return the last carry and what is stacked, in the same structures."""
        written = list(engine.written_by_body(self.pointer))
        tensors = [x for x in leaves(results) if x is not None]
        if not tensors and not written:
            return results
        room = len(tensors) + len(written)
        handles = [x._handle for x in tensors]
        outputs = [
            Tensor(y) for y in engine.run_scan(self.pointer, handles, length, is_reversed, room)
        ]
        for address, last in zip(written, outputs[len(tensors) :]):
            for variable in variables_at([address]):  # none: nobody has it any more
                variable.assign(last)
        made = iter(outputs)
        return with_leaves(results, [None if x is None else next(made) for x in leaves(results)])


# ---- what goes in -----------------------------------------------------------------------------


def _as_tensor(x: Any) -> Tensor | None:
    return None if x is None else convert_to_tensor(x)


def _sequences(xs: Any) -> Any:
    """The structure with tensors for its leaves; a list of numbers alone is one tensor."""
    is_table = isinstance(xs, list) and all(isinstance(x, (bool, int, float)) for x in leaves(xs))
    return convert_to_tensor(xs) if is_table else map_leaves(_as_tensor, xs)


def _length_of(sequences: Any, length: int | None) -> int:
    found = [x for x in leaves(sequences) if x is not None]
    if any(not x.shape for x in found):
        raise ValueError("scan: xs needs an axis to loop over, but a tensor in it has none")
    lengths = {x.shape[0] for x in found}
    if length is not None:
        lengths.add(operator.index(length))
    if not lengths:
        raise ValueError("scan: it needs xs to scan over and, without them, length: how many steps")
    if len(lengths) > 1:
        raise ValueError(
            f"scan: the number of steps is not clear: length={length}, and xs has tensors of "
            f"shape {', '.join(str(x.shape) for x in found)}"
        )
    return lengths.pop()


def _check_unroll(unroll: Any) -> None:
    if not isinstance(unroll, bool) and (not isinstance(unroll, int) or unroll < 1):
        raise ValueError(
            f"`unroll` must be an positive integer or boolean. Received: unroll={unroll}"
        )


def _check_carry(carry: Any, following: Any) -> None:
    """Refuse a next carry that does not look like the carry."""
    first, second = _paths(carry), _paths(following)
    if list(first) != list(second):
        raise ValueError(
            f"scan: the carry has the structure {_described(carry)}, but f returns "
            f"{_described(following)} for it"
        )
    for path, old in first.items():
        new = second[path]
        kind = ValueError if old.shape != new.shape else TypeError
        if old.shape != new.shape or old.dtype != new.dtype:
            raise kind(
                f"scan: the carry{path} begins as {old.dtype} of shape {old.shape}, but f returns "
                f"{new.dtype} of shape {new.shape} for it: it must keep its shape and dtype"
            )


def _paths(structure: Any, path: str = "") -> dict[str, Any]:
    """The leaves by where they are: '[0]['state']'."""
    if isinstance(structure, dict):
        pairs = [(f"{path}[{key!r}]", value) for key, value in structure.items()]
    elif isinstance(structure, (list, tuple)):
        pairs = [(f"{path}[{index}]", value) for index, value in enumerate(structure)]
    else:
        return {} if structure is None else {path: structure}
    return {where: leaf for at, value in pairs for where, leaf in _paths(value, at).items()}


def _described(structure: Any) -> Any:
    return map_leaves(lambda x: None if x is None else f"{x.dtype}{x.shape}", structure)
