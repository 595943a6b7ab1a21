"""`tf.GradientTape`: pylego's, and Jacobians."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from pylego import autograd, ops
from pylego.core.tree import leaves, with_leaves


class UnconnectedGradients:
    """What stands for sources that a target does not depend on."""

    NONE = "none"
    ZERO = "zero"


class GradientTape(autograd.GradientTape):
    """Record what is computed inside a `with` block, to ask for gradients and Jacobians of it."""

    def jacobian(
        self,
        target: Any,
        sources: Any,
        unconnected_gradients: str = "none",
        parallel_iterations: Any = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """Return the derivative of each number of the target by each number of the sources: of the
        target's shape and then a source's.

        >>> x = ops.convert_to_tensor([1.0, 2.0])
        >>> with GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> tape.jacobian(y, x).numpy().tolist()
        [[2.0, 0.0], [0.0, 4.0]]
        """
        shape = tuple(target.shape)
        units = np.eye(math.prod(shape), dtype=str(target.dtype)).reshape(-1, *shape)
        found = self._of_each(units, target, sources, unconnected_gradients)
        return _stacked(found, sources, lambda rows, x: _shaped(rows, 0, (*shape, *x.shape)))

    def batch_jacobian(
        self,
        target: Any,
        source: Any,
        unconnected_gradients: str = "none",
        parallel_iterations: Any = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """Return the Jacobian of each sample, of which the others do not depend: of the target's
        shape and then the source's, without its first axis."""
        count, *inner = target.shape
        units = np.eye(math.prod(inner), dtype=str(target.dtype)).reshape(-1, 1, *inner)
        weights = [np.broadcast_to(unit, (count, *inner)) for unit in units]
        found = self._of_each(weights, target, source, unconnected_gradients)
        shape = (count, *inner, *source.shape[1:])
        return _stacked(found, source, lambda rows, x: _shaped(rows, 1, shape))

    def _of_each(self, weights: Any, target: Any, sources: Any, unconnected: str) -> list[Any]:
        """The gradients of a target, with each of several weights."""
        was_persistent, self._is_persistent = self._is_persistent, True
        try:
            return [self.gradient(target, sources, one, unconnected) for one in weights]
        finally:
            self._is_persistent = was_persistent
            self._is_used_up = not was_persistent


def _stacked(found: list[Any], sources: Any, stacked: Callable[..., Any]) -> Any:
    pairs = zip(zip(*map(leaves, found)), leaves(sources))
    made = [None if rows[0] is None else stacked(rows, x) for rows, x in pairs]
    return with_leaves(sources, made)


def _shaped(rows: Any, axis: int, shape: tuple[int, ...]) -> Any:
    return ops.reshape(ops.stack(rows, axis), shape)
