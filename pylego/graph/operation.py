"""Operations of a graph: functions of ops, such as `x + y` and `x[:, 0]`, and a user's own."""

from __future__ import annotations

import abc
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from pylego import names, ops, registry
from pylego.checks import whole_number
from pylego.construction import Constructed
from pylego.core.placeholder import PlaceholderError
from pylego.core.tree import map_leaves
from pylego.graph.inference import outputs_of, placeholders_of
from pylego.graph.keras_operations import class_name
from pylego.graph.keras_tensor import KerasTensor
from pylego.graph.node import Node
from pylego.ops.arguments import normalize_axis


class Operation(Constructed, abc.ABC):
    """A function of tensors as a part of a graph: subclass it, and compute in `call`.

    It has no weights; layers, which may have some, are operations as well.

    Args:
        name: by default the class name in snake case, numbered.

    Raises:
        TypeError: for a name that is not a string.

    >>> class Times(Operation):
    ...     def __init__(self, factor, name=None):
    ...         super().__init__(name=name)
    ...         self.factor = factor
    ...
    ...     def call(self, x):
    ...         return x * self.factor
    >>> double = Times(2.0)
    >>> double(ops.ones(2)).numpy().tolist(), double(KerasTensor((None, 4))).shape
    ([2.0, 2.0], (None, 4))
    """

    built = True
    _set_by_base = "name"

    def __init__(self, name: str | None = None):
        if name is not None and not isinstance(name, str):
            raise TypeError(f"The name of an operation is a string. Received: name={name!r}")
        self.name = name or names.unique_name(type(self).__name__)
        self._inbound_nodes: list[Node] = []

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs from tensors; every operation defines it."""
        raise NotImplementedError(f"{type(self).__name__} has no call(): define call(self, x)")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute on tensors; on placeholders add a node, and return placeholders."""
        if placeholders_of((args, kwargs)):
            return self.symbolic_call(*args, **kwargs)
        return self.call(*args, **kwargs)

    def symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        """Add a node to the graph of the placeholders, and return placeholders."""
        outputs = self.compute_output_spec(*args, **kwargs)
        Node(self, args, kwargs, outputs)
        return outputs

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return placeholders for the outputs, without adding a node.

        Raises:
            ValueError: or what else `call` raises, when it takes no such tensors.
        """
        return outputs_of(self.call, args, kwargs, self.name)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make the operation again, as plain data."""
        return registry.completed(self, {"name": self.name})

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make an operation from what `get_config` returned."""
        return cls(**registry.read_arguments(cls, config))

    @property
    def input(self) -> Any:
        """What went into its first call."""
        return _only(self._inbound_nodes[0].inputs)

    @property
    def output(self) -> Any:
        """What came out of its first call."""
        return self._inbound_nodes[0].structure

    def __getstate__(self) -> dict[str, Any]:
        """Return what copies and pickles carry over: not the graph, which its `Function` does."""
        return {**vars(self), "_inbound_nodes": []}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


class FunctionOperation(Operation):
    """A function of `pylego.ops` as a part of a graph.

    Args:
        function: of `pylego.ops`.
        name: by default that of its class in Keras in snake case, numbered, as a layer's is.

    >>> x = KerasTensor((None, 4))
    >>> FunctionOperation(ops.sum)(x, axis=1).shape
    (None,)
    """

    def __init__(self, function: Callable, name: str | None = None):
        super().__init__(name or names.unique_name(class_name(function.__name__)))
        self.function = self.call = function  # type: ignore[method-assign]

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return placeholders for the outputs, without adding a node.

        Raises:
            ValueError: or what else the function raises, when it takes no such tensors.
        """
        own = _OWN_OUTPUTS.get(self.function)
        found = None if own is None else own(*args, **kwargs)
        if found is not None:
            return found
        return outputs_of(self.function, args, kwargs, f"ops.{self.function.__name__}")


def _only(items: list) -> Any:
    return items[0] if len(items) == 1 else items


# ---- what placeholders answer to ops and operators ------------------------------------------

# Of these a placeholder knows the answer itself.
_ANSWERS: dict[str, Callable] = {
    "shape": lambda x: x.shape,
    "ndim": lambda x: x.ndim,
    "convert_to_tensor": lambda x, dtype=None, **_: x if dtype is None else ops.cast(x, dtype),
    "convert_to_numpy": np.asarray,  # which says why there is no array
    "size": lambda x: FunctionOperation(ops.size)(x) if None in x.shape else math.prod(x.shape),
}


def _defer(self: KerasTensor, function: Callable, args: tuple, kwargs: dict[str, Any]) -> Any:
    answer = _ANSWERS.get(function.__name__)
    if answer is not None and args and args[0] is self:
        return answer(*args, **kwargs)
    if all(x is not self for x in placeholders_of((args, kwargs))):
        raise PlaceholderError(
            self,
            f"ops.{function.__name__}: a function that was given to it reads {self!r} from outside."
            " In a graph it comes as an argument; or a layer does all of this in its call()",
        )
    return FunctionOperation(function)(*args, **kwargs)


def _get_item(self: KerasTensor, key: Any) -> Any:
    return FunctionOperation(ops.get_item)(self, key)


def _of_loop(cond: Any, body: Any, loop_vars: Any, maximum_iterations: Any = None) -> Any:
    """What a loop carries keeps its shapes and dtypes; how often it runs depends on numbers."""
    return map_leaves(lambda x: KerasTensor(x.shape, x.dtype), map_leaves(_with_shape, loop_vars))


def _with_shape(x: Any) -> Any:
    return x if hasattr(x, "shape") else ops.convert_to_tensor(x)


def _of_unstack(x: Any, num: int | None = None, axis: int = 0) -> list[KerasTensor] | None:
    """Where the length of the axis is free, `num` says it."""
    place = normalize_axis(axis, x.ndim)
    if num is None or x.shape[place] is not None:
        return None
    shape = x.shape[:place] + x.shape[place + 1 :]
    return [KerasTensor(shape, x.dtype) for _ in range(whole_number("num", num, 1))]


def _of_diagonal(x: Any, *args: Any, **kwargs: Any) -> KerasTensor | None:
    """A diagonal ends where the shorter axis ends: with one free axis, its length is free."""
    if x.ndim < 2 or None not in x.shape:
        return None
    found = outputs_of(ops.diagonal, (x, *args), kwargs, "ops.diagonal")
    given = dict(zip(("offset", "axis1", "axis2"), args), **kwargs)
    pair = (normalize_axis(given.get(name, k), x.ndim) for k, name in enumerate(("axis1", "axis2")))
    is_free = any(x.shape[axis] is None for axis in pair)
    return KerasTensor((*found.shape[:-1], None), found.dtype) if is_free else found


def _of_diag(x: Any, k: int = 0) -> KerasTensor | None:
    return _of_diagonal(x, k) if x.ndim == 2 else None


# What comes out of these is not found by calls with other lengths.
_OWN_OUTPUTS: dict[Callable, Callable] = {
    ops.diag: _of_diag,
    ops.diagonal: _of_diagonal,
    ops.unstack: _of_unstack,
    ops.while_loop: _of_loop,
}


KerasTensor.defer = _defer  # type: ignore[assignment, method-assign]
KerasTensor.__getitem__ = _get_item  # type: ignore[method-assign]
KerasTensor._apply = staticmethod(
    lambda name, inputs: getattr(ops, "true_divide" if name == "divide" else name)(*inputs)
)
KerasTensor._compare = staticmethod(lambda name, inputs: getattr(ops, name)(*inputs))
KerasTensor._matmul = staticmethod(lambda a, b: ops.matmul(a, b))
