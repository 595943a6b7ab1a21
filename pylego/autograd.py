"""Gradients: a tape that is read backwards, and functions that differentiate functions.

Two forms of the same backward pass (see also `Tensor.backward`): `GradientTape` for training loops,
`grad` and `value_and_grad` for mathematics. They return ordinary tensors, which can be
differentiated again.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pylego import engine, ops
from pylego.core import dtypes
from pylego.core.tensor import Tensor
from pylego.core.tree import leaves, map_leaves, with_leaves
from pylego.core.variable import Variable

# ---- the tape -------------------------------------------------------------------------------


class _OpenTapes(threading.local):
    """The tapes that are open in this thread, the innermost last."""

    def __init__(self) -> None:
        self.tapes: list[GradientTape] = []


_open = _OpenTapes()


class GradientTape:
    """Record what is computed inside a `with` block, to ask for gradients of it.

    Trainable variables are watched by themselves, other tensors after `watch`. Tapes may be nested;
    an outer one records the gradients that are taken inside it, for second derivatives.

    Args:
        persistent: whether `gradient` may be called more than once.
        watch_accessed_variables: whether trainable variables are watched by themselves.

    >>> x = ops.convert_to_tensor(3.0)
    >>> with GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * x
    >>> tape.gradient(y, x).item()
    6.0
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True):
        self._is_persistent = persistent
        self._watches_variables = watch_accessed_variables
        self._watched: list[Tensor] = []
        self._former_taping: int | None = None
        self._is_used_up = False

    def __enter__(self) -> GradientTape:
        if self._former_taping is not None:
            raise RuntimeError("This GradientTape is open already: make another one")
        mode = engine.TAPE_VARIABLES if self._watches_variables else engine.TAPE_ASKED
        self._former_taping = engine.tape(mode)
        if self._former_taping > mode:  # what an outer tape records goes on being recorded
            engine.tape(self._former_taping)
        _open.tapes.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        _open.tapes.remove(self)
        if self._former_taping is not None:
            engine.tape(self._former_taping)
        self._former_taping = None
        for tensor in self._watched:
            engine.watch(tensor._handle, False)

    def watch(self, tensor: Any) -> None:
        """Record what is computed from these tensors from now on until the tape is closed.

        Args:
            tensor: a tensor, or a list, tuple or dictionary of them.

        Raises:
            TypeError: for objects other than tensors, and for tensors without floats.
        """
        for one in leaves(tensor):
            if not isinstance(one, Tensor):
                raise _no_tensor("watch", one)
            if not engine.is_watched(one._handle):
                engine.watch(one._handle, True)
                self._watched.append(one)

    @contextlib.contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Record nothing inside this `with` block.

        >>> x = Variable(2.0)
        >>> with GradientTape() as tape:
        ...     y = x * x
        ...     with tape.stop_recording():
        ...         looked_at = y * y
        >>> tape.gradient(y, x).item()
        4.0
        """
        with stopped_tapes():
            yield

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: str = "none",
    ) -> Any:
        """Compute the gradients of sum(target) by each source.

        Args:
            target: a tensor, or a structure of them, whose gradients are added up.
            sources: a tensor or variable, or lists, tuples and dictionaries of them.
            output_gradients: what the targets are weighted with, of their structure and
                shapes; ones by default.
            unconnected_gradients: what stands for sources that the target does not depend on:
                'none' gives None, 'zero' gives zeros.

        Returns the gradients in the structure of the sources.

        Raises:
            RuntimeError: when it is called again and the tape is not persistent.
            TypeError: for sources that are not tensors, and targets that hold no floats.
            ValueError: when a brick on the way has no gradient.

        >>> w = Variable([1.0, 2.0])
        >>> with GradientTape() as tape:
        ...     loss = ops.sum(w * w)
        >>> tape.gradient(loss, {"w": w})["w"].numpy().tolist()
        [2.0, 4.0]
        """
        _check_unconnected(unconnected_gradients)
        flat_sources, targets = leaves(sources), _checked_targets(target)
        for source in flat_sources:
            if not isinstance(source, Tensor):
                raise _no_tensor("gradient", source)
        self._use()
        found = engine.gradients(
            [one._handle for one in targets],
            _seeds(targets, output_gradients),
            [one._handle for one in flat_sources],
            is_recorded=any(tape is not self or tape._is_persistent for tape in _open.tapes),
        )
        gradients = [
            self._finished(source, handle, unconnected_gradients)
            for source, handle in zip(flat_sources, found)
        ]
        return with_leaves(sources, gradients)

    def _use(self) -> None:
        if self._is_used_up:
            raise RuntimeError(
                "This GradientTape has given its gradients. To ask it more than once make it with "
                "GradientTape(persistent=True)"
            )
        self._is_used_up = not self._is_persistent

    def _finished(self, source: Tensor, handle: Any, unconnected: str) -> Tensor | None:
        if handle is not None and self._has_watched(source):
            return Tensor(handle)
        return ops.zeros_like(source) if unconnected == "zero" else None

    def _has_watched(self, source: Tensor) -> bool:
        """An outer tape may have recorded variables that this one was told to leave alone."""
        return (
            self._watches_variables
            or not isinstance(source, Variable)
            or any(one is source for one in self._watched)
        )


def _check_unconnected(wish: str) -> None:
    if wish not in ("none", "zero"):
        raise ValueError(f"unconnected_gradients must be 'none' or 'zero'. Received: {wish!r}")


def _no_tensor(method: str, what: Any) -> TypeError:
    return TypeError(
        f"GradientTape.{method} needs tensors or variables of pylego. Received: {what!r} of type "
        f"{type(what).__name__}. Make a tensor of it first, x = ops.convert_to_tensor(x), and "
        "compute with that"
    )


def _checked_targets(target: Any) -> list[Tensor]:
    targets = leaves(target)
    for one in targets:
        if not isinstance(one, Tensor):
            raise _no_tensor("gradient", one)
        if not dtypes.is_float(one.dtype):
            raise TypeError(
                f"only floats have gradients; the target of shape {one.shape} is {one.dtype}"
            )
    return targets


def _seeds(targets: list[Tensor], output_gradients: Any) -> list[engine.Handle | None]:
    if output_gradients is None:
        return [None] * len(targets)
    weights = leaves(output_gradients) if len(targets) > 1 else [output_gradients]
    if len(weights) != len(targets):
        raise ValueError(f"{len(targets)} targets, but {len(weights)} output_gradients")
    return [
        None if weight is None else ops.convert_to_tensor(weight, target.dtype)._handle
        for target, weight in zip(targets, weights)
    ]


@contextlib.contextmanager
def stopped_tapes() -> Iterator[None]:
    """Let no open tape record what is computed inside this `with` block."""
    tapes, _open.tapes = _open.tapes, []
    former = engine.tape(engine.TAPE_PAUSED)
    try:
        yield
    finally:
        engine.tape(former)
        _open.tapes = tapes


# ---- functions of functions -----------------------------------------------------------------


def value_and_grad(f: Callable, argnums: int | Sequence[int] = 0) -> Callable:
    """Return a function that gives f(...) and its gradients.

    Args:
        f: a function of tensors (or structures of them) that returns a tensor without axes.
        argnums: by which of its arguments it is differentiated, a number or several.

    Raises (when the new function is called):
        TypeError: for arguments that hold no floats.
        ValueError: when f returns more than a number.

    >>> value, slope = value_and_grad(lambda x: x * x)(3.0)
    >>> value.item(), slope.item()
    (9.0, 6.0)
    """

    def value_and_gradient(*args: Any, **options: Any) -> tuple[Tensor, Any]:
        numbers = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        arguments = list(args)
        with GradientTape(watch_accessed_variables=False) as tape:
            for number in numbers:
                arguments[number] = map_leaves(_fresh, args[number])
                tape.watch(arguments[number])
            value = f(*arguments, **options)
        if not isinstance(value, Tensor) or value.shape != ():
            raise ValueError(f"grad needs a function that returns a single number, got {value!r}")
        sources = [arguments[number] for number in numbers]
        gradients = tape.gradient(value, sources, unconnected_gradients="zero")
        return value, gradients[0] if isinstance(argnums, int) else tuple(gradients)

    return value_and_gradient


def grad(f: Callable, argnums: int | Sequence[int] = 0) -> Callable:
    """Return the function that gives the gradients of f; arguments as for `value_and_grad`.

    >>> cube = lambda x: x * x * x
    >>> grad(cube)(2.0).item(), grad(grad(cube))(2.0).item()
    (12.0, 12.0)
    """
    both = value_and_grad(f, argnums)

    def gradient(*args: Any, **options: Any) -> Any:
        return both(*args, **options)[1]

    return gradient


def _fresh(x: Any) -> Tensor:
    """The same numbers as a tensor of its own: f(x, x) has two gradients."""
    tensor = ops.convert_to_tensor(x)
    return tensor.reshape(tensor.shape)
