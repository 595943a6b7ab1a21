"""Placeholders, functions of them, and their gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pylego.autograd import GradientTape
from pylego.backend.phases import LearningPhase
from pylego.core.scope import called_in_training
from pylego.core.tensor import Tensor, convert_to_tensor
from pylego.core.tree import leaves
from pylego.core.variable import Variable
from pylego.graph import Function, FunctionOperation, KerasTensor
from pylego.layers import Input

__all__ = ["function", "gradients", "placeholder"]


def placeholder(
    shape: Any = None,
    ndim: int | None = None,
    dtype: Any = None,
    sparse: bool = False,
    name: str | None = None,
) -> KerasTensor:
    """Return a placeholder for numbers to come.

    Args:
        shape: with None where a length is free, the batch axis included.
        ndim: the number of axes, all free, where there is no shape.
        dtype: `config.floatx()` by default.
        sparse: only False.
        name: of the placeholder.

    Raises:
        ValueError: without shape and ndim.
    """
    if shape is None and ndim is None:
        raise ValueError("placeholder needs a shape, or ndim, the number of axes")
    shape = (None,) * int(ndim or 0) if shape is None else tuple(shape)
    return Input(batch_shape=shape, dtype=dtype, sparse=sparse, name=name)


def function(
    inputs: Sequence[Any], outputs: Any, updates: Sequence[Any] = (), **options: Any
) -> Callable:
    """Return a function of lists of arrays that computes placeholders from others.

    Args:
        inputs: placeholders such as `model.input`; `K.learning_phase()` may be among them.
        outputs: placeholders that are computed from them, such as `model.layers[3].output`.
        updates: of variables: they are done where they are written, so a list of them is ignored.
        **options: accepted for Keras's sake.

    >>> from pylego.layers import Dense
    >>> from pylego.models import Sequential
    >>> model = Sequential([Dense(3, input_shape=(2,)), Dense(1)])
    >>> first = function([model.input], [model.layers[0].output])
    >>> first([np.ones((4, 2))])[0].shape
    (4, 3)
    """
    return _CompiledFunction(list(inputs), outputs)


class _CompiledFunction:
    """What `function` returns."""

    def __init__(self, inputs: list[Any], outputs: Any):
        self._is_single = isinstance(outputs, (KerasTensor, Tensor))
        self._outputs = [outputs] if self._is_single else list(outputs)
        self._phase = next(
            (place for place, x in enumerate(inputs) if isinstance(x, LearningPhase)), None
        )
        self._inputs = [x for x in inputs if not isinstance(x, LearningPhase)]
        self._symbolic = [x for x in self._outputs if isinstance(x, KerasTensor)]
        self._graph = Function(self._inputs, self._symbolic) if self._symbolic else None

    def __call__(self, values: Any, *more: Any) -> Any:
        """Compute the outputs for arrays, one for each input."""
        given = list(values) if isinstance(values, (list, tuple)) else [values, *more]
        training = bool(given.pop(self._phase)) if self._phase is not None else False
        pairs = zip(given, self._inputs)
        arrays = [convert_to_tensor(np.asarray(value), x.dtype) for value, x in pairs]
        computed = []
        if self._graph is not None:
            with called_in_training(training):
                computed = list(self._graph(arrays))
        waiting = iter(computed)
        results = [
            np.array(next(waiting) if isinstance(x, KerasTensor) else x) for x in self._outputs
        ]
        return results[0] if self._is_single else results


def gradients(loss: Any, variables: Any) -> list[Any]:
    """Return the gradients of a placeholder as placeholders, for `function` to compute.

    Args:
        loss: what is differentiated.
        variables: with respect to what: placeholders that it is computed from, or variables.

    Raises:
        TypeError: for tensors with numbers: use a `GradientTape` there.

    >>> x = placeholder((None, 2))
    >>> slope, = gradients(x * x, [x])
    >>> function([x], [slope])([np.array([[1.0, 3.0]])])[0].tolist()
    [[2.0, 6.0]]
    """
    if not isinstance(loss, KerasTensor):
        raise TypeError(
            "K.gradients differentiates placeholders, such as model.output. For numbers write "
            "with GradientTape() as tape: ... tape.gradient(loss, variables)"
        )
    wanted = list(variables) if isinstance(variables, (list, tuple)) else [variables]
    return [_gradient(loss, one) for one in wanted]


def _gradient(loss: KerasTensor, variable: Any) -> KerasTensor:
    sources = _sources_of(loss)
    before = None if isinstance(variable, Variable) else Function(sources, [variable])
    begin = sources if before is None else [variable, *(x for x in sources if x is not variable)]
    behind = Function(begin, [loss])

    def gradient(*numbers: Any) -> Any:
        with GradientTape() as tape:
            if before is None:
                point, given = variable, list(numbers)
            else:
                (point,) = before(list(numbers))
                others = [x for x, source in zip(numbers, sources) if source is not variable]
                given = [point, *others]
                tape.watch(point)
            (value,) = behind(given)
        return tape.gradient(value, point, unconnected_gradients="zero")

    return FunctionOperation(gradient)(*sources)


def _sources_of(x: KerasTensor) -> list[KerasTensor]:
    """The inputs that a placeholder is computed from."""
    found: dict[int, KerasTensor] = {}
    seen: set[int] = set()
    waiting = [x]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if one.node is None or one.node.is_input:
            found[id(one)] = one
        else:
            waiting.extend(x for x in leaves(one.node.inputs) if isinstance(x, KerasTensor))
    return list(found.values())
