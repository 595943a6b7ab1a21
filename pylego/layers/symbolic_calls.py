"""What comes out of a layer, as placeholders: for shapes, and in calls that a graph is made of."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import Any

from pylego.core.tensor import Tensor
from pylego.core.text_array import TEXT
from pylego.core.tree import leaves, map_leaves
from pylego.graph import KerasTensor, Node, Operation
from pylego.graph.inference import placeholders_of
from pylego.graph.shapes import map_shapes
from pylego.layers import arguments, masks, shape_inference


class OwnAttributesFirst:
    """A property that gives way to an attribute: a user's layer may have an `output` of its own."""

    def __init__(self, function: Callable):
        self._function = function
        functools.update_wrapper(self, function)  # type: ignore[arg-type]

    def __get__(self, layer: Any, owner: type | None = None) -> Any:
        return self if layer is None else self._function(layer)


@Operation.register
class SymbolicCalls:
    """The part of `Layer` that knows what comes out without numbers."""

    _inbound_nodes: Any = ()  # its calls, the oldest first

    def _call_on_placeholders(self: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
        """Build the layer and return placeholders for its outputs; the call becomes a node."""
        args, kwargs = self._with_training_by_name(args, kwargs)
        arguments.check_call(self, args, kwargs)
        inputs = args[0] if args else next(iter(kwargs.values()), None)
        self._check_inputs(inputs)
        if not self.built:
            self._build_for(inputs, args, kwargs)
        if kwargs.get("training", True) is None:
            del kwargs["training"]
        carried = masks.mask_of(inputs) if kwargs.get("mask") is None else kwargs["mask"]
        outputs = self.compute_output_spec(*args, **kwargs, **self._mask_to_come(args, kwargs))
        if not self.built and not self._own_layers():
            self.built = True
        outputs = map_leaves(_unless_known, outputs)
        Node(self, args, kwargs, outputs)
        if self.supports_masking and (carried is not None or self._makes_masks):
            with contextlib.suppress(TypeError, ValueError):  # what looks at numbers
                masks.pass_on(self, inputs, carried, outputs)
        return outputs

    def _mask_to_come(self: Any, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
        """The mask that `call` will get, where it is `call` that says what comes out."""
        kind = type(self)
        is_told = (
            kind.compute_output_spec is not SymbolicCalls.compute_output_spec
            or kind.compute_output_shape is not SymbolicCalls.compute_output_shape
        )
        if is_told or not self._wants_mask(args, kwargs):
            return {}
        carried = masks.mask_of(args[0] if args else next(iter(kwargs.values()), None))
        return {} if carried is None else {"mask": carried}

    # ---- shapes ----

    def compute_output_shape(self: Any, input_shape: Any) -> Any:
        """Return the shape of the outputs for a shape of inputs, None where a length is free.

        Unless a layer defines it, it is found by calls without numbers: nothing is computed, and no
        variable changes. Only a `call` that looks at numbers gets zeros.

        Args:
            input_shape: of a batch; for several inputs a list or dictionary of shapes.

        Raises:
            ValueError: or what else `call` raises, when it takes no inputs of that shape.
        """
        if self._defines_build and not self.built:
            self.build(input_shape)
        outputs = shape_inference.outputs_for_shapes(self, input_shape)
        if not self.built:  # the call has built what is inside
            self.build(input_shape)
        return map_leaves(lambda x: getattr(x, "shape", None), outputs)

    def compute_output_spec(self: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Return placeholders, with shape and dtype, for the outputs of such inputs.

        Args:
            inputs: tensors or placeholders, or a structure of them.
            *args: what else `call` takes.
            **kwargs: what `call` takes by name.

        Raises:
            ValueError: or what else `call` raises, when it takes no such inputs.
        """
        inputs, args, kwargs = map_leaves(_as_placeholder, (inputs, args, kwargs))
        shapes = map_leaves(lambda x: getattr(x, "shape", None), inputs)
        is_alone = not any(isinstance(x, KerasTensor) for x in leaves((args, kwargs)))
        is_alone &= not any(getattr(x, "dtype", None) == TEXT for x in leaves(inputs))
        if is_alone and type(self).compute_output_shape is not SymbolicCalls.compute_output_shape:
            found = self.compute_output_shape(shapes)
            kind = self._output_dtype(inputs)
            return map_shapes(lambda x: KerasTensor(x, kind), found)
        if not self.built:
            self._build_for(inputs, (inputs, *args), kwargs)
        outputs = shape_inference.outputs_for(self, inputs, *args, **kwargs)
        if not self.built:
            self.build(shapes)
        return outputs

    def _output_dtype(self: Any, inputs: Any) -> str:
        """The dtype of the outputs, where only their shape is known."""
        given = shape_inference.dtype_inside(self, leaves(inputs)[0].dtype)
        is_uniform = all(one.compute_dtype == self.compute_dtype for one in self._flatten_layers())
        if self._keeps_dtype or (given == self.compute_dtype and is_uniform):
            return given
        if self.built or not self._defines_build:  # what becomes of integers, the call says
            return leaves(shape_inference.outputs_for(self, inputs))[0].dtype
        return self.compute_dtype

    # ---- its first call ----

    @OwnAttributesFirst
    def input(self) -> Any:
        """The placeholder, or placeholders, that its first call was given.

        Raises:
            AttributeError: for a layer that was called on no placeholders.
        """
        node = self._first_node("input")
        is_plain = len(node.args) == 1 and not placeholders_of(node.kwargs)
        found = node.args[0] if is_plain else node.inputs
        return found[0] if isinstance(found, (list, tuple)) and len(found) == 1 else found

    @OwnAttributesFirst
    def output(self) -> Any:
        """The placeholder, or placeholders, that its first call returned.

        Raises:
            AttributeError: for a layer that was called on no placeholders.
        """
        return self._first_node("output").structure

    @OwnAttributesFirst
    def input_shape(self) -> Any:
        """The shape, or shapes, of what its first call was given: Keras 2's layers know it."""
        return map_leaves(lambda x: x.shape, self.input)

    @OwnAttributesFirst
    def output_shape(self) -> Any:
        """The shape, or shapes, of what its first call returned."""
        return map_leaves(lambda x: x.shape, self.output)

    def _first_node(self: Any, what: str) -> Node:
        if not self._inbound_nodes:
            raise AttributeError(
                f"Layer {self.name!r} has no {what} yet: it is a placeholder of the first call in "
                "a model's graph, such as layer(Input((784,)))"
            )
        return self._inbound_nodes[0]


def _as_placeholder(x: Any) -> Any:
    """A placeholder of the shape and dtype of a tensor; the rest stays as it is."""
    return KerasTensor(x.shape, str(x.dtype)) if isinstance(x, (Tensor, KerasTensor)) else x


def _unless_known(x: Any) -> Any:
    """A placeholder that is not an output of another call yet."""
    is_known = isinstance(x, KerasTensor) and x.node is not None
    return KerasTensor(x.shape, x.dtype) if is_known else x
