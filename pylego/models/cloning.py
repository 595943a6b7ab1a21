"""Make a model again with new weights, and perhaps with other layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pylego import registry
from pylego.core.tree import leaves, map_leaves, outline
from pylego.graph import FunctionOperation, KerasTensor, Node
from pylego.graph.function import in_order
from pylego.layers import Input, InputLayer, Layer
from pylego.models.description import takes_graph
from pylego.models.graph_config import is_functional
from pylego.models.model import Model
from pylego.models.sequential import Sequential
from pylego.registry import custom
from pylego.registry.shown import shown


def clone_model(
    model: Model,
    input_tensors: Any = None,
    clone_function: Callable[[Layer], Layer] | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
    cache: dict[int, Any] | None = None,
) -> Model:
    """Make a model of new layers, with new weights, which computes as this one does.

    A layer that is called several times is one layer in the clone, too. What was compiled is
    compiled in the clone, with a new optimizer.

    Args:
        model: a `Sequential`, a model with a graph, or one that `get_config` describes.
        input_tensors: placeholders that the clone begins with, in the structure of the model's
            inputs; by default new ones.
        clone_function: returns the clone of a layer; by default the layer is made of its config.
            Input layers are not asked for.
        call_function: calls a layer of the clone, `call_function(layer, *args, **kwargs)`; it may
            call others before and after. For models with a graph.
        recursive: whether models inside are cloned by `clone_model`, with the same functions, and
            not by `clone_function`.
        cache: clones that are there already, by the id of the layer.

    Raises:
        ValueError: for a `call_function` of a Sequential, for functions and tensors of a model that
            has no graph, and for tensors of another structure.
        TypeError: for what is not a model, and clones that are not layers.

    >>> from pylego import Sequential, layers
    >>> model = Sequential([layers.Input((3,)), layers.Dense(2)])
    >>> clone = clone_model(model)
    >>> clone.output_shape, clone.layers[0] is model.layers[0]
    ((None, 2), False)
    """
    if not isinstance(model, Model):
        raise TypeError(f"clone_model takes a model. Received: {shown(model)}")
    cloner = _Cloner(clone_function, call_function, recursive, {} if cache is None else cache)
    known = {type(layer).__name__: type(layer) for layer in model._flatten_layers()}
    with custom.scope({name: cls for name, cls in known.items() if _is_users(cls)}):
        clone: Model
        if isinstance(model, Sequential):
            clone = cloner.clone_stack(model, input_tensors)
        elif is_functional(model):
            clone = cloner.clone_graph(model, input_tensors)
        else:
            return _clone_described(model, input_tensors, clone_function, call_function)
        if model.compiled:
            clone.compile_from_config(model.get_compile_config())
    return clone


def _is_users(cls: type) -> bool:
    return not cls.__module__.startswith("pylego.")


class _Cloner:
    """Clones layers, each once."""

    def __init__(
        self,
        clone_function: Callable[[Layer], Layer] | None,
        call_function: Callable[..., Any] | None,
        recursive: bool,
        cache: dict[int, Any],
    ):
        self.clone_function = clone_function
        self.call_function = call_function
        self.recursive = recursive
        self.cache = cache

    def clone(self, operation: Any) -> Any:
        """Return the clone of a layer or an op."""
        if id(operation) not in self.cache:
            self.cache[id(operation)] = self._cloned(operation)
        return self.cache[id(operation)]

    def _cloned(self, operation: Any) -> Any:
        if isinstance(operation, FunctionOperation):
            return FunctionOperation(operation.function, operation.name)
        is_stack = isinstance(operation, Sequential)
        if self.recursive and (is_stack or is_functional(operation)):
            call = None if is_stack else self.call_function
            return clone_model(operation, None, self.clone_function, call, True, self.cache)
        if self.clone_function is None or not isinstance(operation, Layer):
            return type(operation).from_config(operation.get_config())
        found = self.clone_function(operation)
        if not isinstance(found, Layer):
            raise TypeError(
                f"clone_function must return a layer. For {operation.name!r} it returned: "
                f"{shown(found)}"
            )
        return found

    def clone_stack(self, model: Sequential, input_tensors: Any) -> Sequential:
        if self.call_function is not None:
            raise ValueError(
                f"call_function is for models with a graph: the layers of {model.name!r}, a "
                "Sequential, are listed and not called"
            )
        stack = [self.clone(layer) for layer in model.layers]
        old = model._input_layer()
        if input_tensors is not None:
            given = input_tensors if isinstance(input_tensors, (list, tuple)) else [input_tensors]
            if len(given) != 1:
                raise ValueError(
                    f"{model.name!r} has one input. Received: input_tensors={shown(input_tensors)}"
                )
            stack = [Input(tensor=given[0], name=None if old is None else old.name), *stack]
        elif old is not None:
            stack = [InputLayer.from_config(old.get_config()), *stack]
        clone = Sequential(stack, name=model.name)
        if not model.trainable:
            clone.trainable = False
        return clone

    def clone_graph(self, model: Model, input_tensors: Any) -> Model:
        if input_tensors is None:
            new = map_leaves(_input_like, model.input)
        else:
            new = _check_inputs(model, input_tensors)
        outputs = model._function.run(in_order(new), self._called)
        made = type(model) if takes_graph(type(model)) else Model
        clone = made(inputs=new, outputs=outputs, name=model.name)
        if not model.trainable:
            clone.trainable = False
        return clone

    def _called(self, node: Node) -> Callable:
        clone = self.clone(node.operation)
        if self.call_function is None:
            return clone
        call = self.call_function
        return lambda *args, **kwargs: call(clone, *args, **kwargs)


def _input_like(x: KerasTensor) -> KerasTensor:
    optional = x.node is not None and x.node.operation.optional
    return Input(batch_shape=x.shape, dtype=x.dtype, name=x.name, optional=optional)


def _check_inputs(model: Model, given: Any) -> Any:
    if not all(isinstance(x, KerasTensor) for x in leaves(given)):
        raise TypeError(f"input_tensors are placeholders, as Input(...) gives. Received: {given}")
    same = map_leaves(lambda x: 0, given), map_leaves(lambda x: 0, model.input)
    if outline(same[0]) != outline(same[1]):
        raise ValueError(
            f"input_tensors must have the structure of the inputs of {model.name!r}, "
            f"{shown(model.input)}. Received: {shown(given)}"
        )
    return given


def _clone_described(model: Model, *others: Any) -> Model:
    """Clone a model that computes in call()."""
    if any(one is not None for one in others):
        raise ValueError(
            f"{model.name!r} computes in the call() of {type(model).__name__}, it has no graph: "
            "input_tensors, clone_function and call_function are for a Sequential and for "
            "Model(inputs, outputs)"
        )
    return registry.deserialize(
        registry.serialize(model), {type(model).__name__: type(model)}, kind="model"
    )
