"""Functions of ops as operations of a graph: `x + y`, `x[:, 0]`, `ops.reshape(x, (-1, 4))`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pylego import names, ops
from pylego.graph.inference import outputs_of, placeholders_of
from pylego.graph.keras_operations import class_name
from pylego.graph.keras_tensor import KerasTensor
from pylego.graph.node import Node


class Operation:
    """A function of tensors as a part of a graph. It has no weights.

    Args:
        function: of `pylego.ops`.
        name: by default that of its class in Keras in snake case, numbered, as a layer's is.

    >>> x = KerasTensor((None, 4))
    >>> Operation(ops.sum)(x, axis=1).shape
    (None,)
    """

    built = True

    def __init__(self, function: Callable, name: str | None = None):
        self.function = function
        self.name = name or names.unique_name(class_name(function.__name__))
        self._inbound_nodes: list[Node] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute on tensors; on placeholders add a node, and return placeholders."""
        if not placeholders_of((args, kwargs)):
            return self.function(*args, **kwargs)
        outputs = self.compute_output_spec(*args, **kwargs)
        Node(self, args, kwargs, outputs)
        return outputs

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return placeholders for the outputs, without adding a node.

        Raises:
            ValueError: or what else the function raises, when it takes no such tensors.
        """
        return outputs_of(self.function, args, kwargs, f"ops.{self.function.__name__}")

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
        return f"<Operation name={self.name}, function={self.function.__name__}>"


def _only(items: list) -> Any:
    return items[0] if len(items) == 1 else items


# ---- what placeholders answer to ops and operators ------------------------------------------

# Of these a placeholder knows the answer itself.
_ANSWERS: dict[str, Callable] = {
    "shape": lambda x: x.shape,
    "ndim": lambda x: x.ndim,
    "convert_to_tensor": lambda x, dtype=None, **_: x if dtype is None else ops.cast(x, dtype),
}


def _defer(self: KerasTensor, function: Callable, args: tuple, kwargs: dict[str, Any]) -> Any:
    answer = _ANSWERS.get(function.__name__)
    if answer is not None and args and args[0] is self:
        return answer(*args, **kwargs)
    return Operation(function)(*args, **kwargs)


def _get_item(self: KerasTensor, key: Any) -> Any:
    return Operation(ops.get_item)(self, key)


KerasTensor.defer = _defer  # type: ignore[assignment, method-assign]
KerasTensor.__getitem__ = _get_item  # type: ignore[method-assign]
KerasTensor._apply = staticmethod(
    lambda name, inputs: getattr(ops, "true_divide" if name == "divide" else name)(*inputs)
)
KerasTensor._compare = staticmethod(lambda name, inputs: getattr(ops, name)(*inputs))
KerasTensor._matmul = staticmethod(lambda a, b: ops.matmul(a, b))
