"""What goes into a graph of layers: from where it begins, to arrays as users hand them over."""

from __future__ import annotations

from typing import Any

from pylego.core.tensor import Tensor, cast, convert_to_tensor
from pylego.core.text_array import TEXT, TextArray, holds_texts, text_array
from pylego.core.tree import leaves, map_leaves
from pylego.graph import Function, KerasTensor
from pylego.graph.function import in_order
from pylego.layers import InputLayer
from pylego.layers.input_spec import Shape

# ---- where a graph begins -------------------------------------------------------------------


def take_graph(positional: tuple, named: dict[str, Any]) -> tuple[Any, Any]:
    """Take inputs and outputs out of the arguments of `Model(...)`; (None, None) without any.

    Raises:
        TypeError: for one without the other, or more.
    """
    given = dict(zip(("inputs", "outputs"), positional))
    for name in ("inputs", "outputs", "input", "output"):
        if name in named:
            given[name if name.endswith("s") else f"{name}s"] = named.pop(name)
    there = [name for name, x in given.items() if x is not None]
    is_half = len(there) == 1
    if is_half or len(positional) > 3 or given.keys() not in ({"inputs", "outputs"}, set()):
        raise TypeError(
            "A model takes inputs and outputs, Model(inputs=..., outputs=...), or neither, when a "
            f"subclass computes in call(). Received: {', '.join(there) or positional}"
        )
    if len(positional) == 3:
        named.setdefault("name", positional[2])
    return given.get("inputs"), given.get("outputs")


def begun_by_input_layers(inputs: Any, outputs: Any) -> tuple[Any, Any]:
    """Return inputs and outputs of a graph that begins with input layers.

    Where an input comes out of a layer, as in Model(m.get_layer("conv").output, m.output), the same
    layers are called again on an input of its shape.
    """
    began = Function(inputs, outputs)  # or the error for what is not connected
    if all(is_input(x) for x in leaves(inputs)):
        return inputs, outputs
    new = map_leaves(lambda x: x if is_input(x) else _input_like(x), inputs)
    return new, began(new)


def is_input(x: KerasTensor) -> bool:
    """Return whether the placeholder comes out of an input layer."""
    return x.node is not None and isinstance(x.node.operation, InputLayer)


def _input_like(x: KerasTensor) -> Any:
    return InputLayer(batch_shape=x.shape, dtype=x.dtype, name=f"{x.name}_input").output


# ---- what is handed over --------------------------------------------------------------------


def lined_up(given: Any, function: Function) -> Any:
    """Return what a model was called with in the structure of its graph's inputs, each tensor with
    the dtype and the rank of its input.

    Args:
        given: arrays, tensors or placeholders: in the structure of the inputs, in a list, or in a
            dictionary by their names.
        function: the graph.

    Raises:
        ValueError: when inputs are missing or too many, or an axis does not fit.
    """
    found = _matched(given, function)
    _check_present(found, function)
    fitting = [aligned(x, wanted) for x, wanted in zip(found, function.inputs)]
    if not isinstance(function.inputs_structure, (dict, list, tuple)):
        return fitting[0]
    by_input = {id(wanted): x for wanted, x in zip(function.inputs, fitting)}
    return map_leaves(lambda wanted: by_input[id(wanted)], function.inputs_structure)


def _check_present(found: list, function: Function) -> None:
    for x, wanted in zip(found, function.inputs):
        if x is None and not _is_optional(wanted):
            raise ValueError(
                f"{function.name!r} got None for its input {wanted.name!r}: give an array, or say "
                "Input(..., optional=True)"
            )


def _is_optional(x: KerasTensor) -> bool:
    return is_input(x) and x.node.operation.optional


def with_texts(given: Any) -> Any:
    """Return what a model of a subclass was called with, with arrays of the texts in it.

    A list of texts is one input; a tuple, a dictionary and a list of arrays hold several.
    """
    if isinstance(given, dict):
        return {key: with_texts(value) for key, value in given.items()}
    is_list = isinstance(given, list) and any(hasattr(x, "__array__") for x in given)
    if is_list or isinstance(given, tuple):
        parts = map(with_texts, given)
        return type(given)(*parts) if hasattr(given, "_fields") else type(given)(parts)
    is_ready = isinstance(given, (Tensor, TextArray, KerasTensor)) or given is None
    return given if is_ready or not holds_texts(given) else text_array(given)


def _matched(given: Any, function: Function) -> list:
    """What was given for each of the inputs, in their order."""
    wanted = function.inputs
    if isinstance(given, dict):
        return _by_key(given, function)
    if isinstance(given, (list, tuple)) and (len(wanted) > 1 or _is_wrapped(given, function)):
        found = in_order(given) if any(hasattr(x, "shape") for x in in_order(given)) else [*given]
    else:
        found = [given]
    if len(found) != len(wanted):
        raise ValueError(f"{function.name!r} has {_inputs(wanted)}. Received: {len(found)}")
    return found


def _is_wrapped(given: Any, function: Function) -> bool:
    """Whether a list or tuple of one holds the only input, and is not a table of numbers."""
    return len(given) == 1 and hasattr(given[0], "shape")


def _by_key(given: dict, function: Function) -> list:
    structure = function.inputs_structure
    if isinstance(structure, dict) and structure.keys() <= given.keys():
        return in_order({key: given[key] for key in structure})
    named = {x.name: x for x in function.inputs}
    missing = [name for name in named if name not in given]
    if missing:
        raise ValueError(
            f"{function.name!r} has {_inputs(function.inputs)}: there is nothing for "
            f"{' and '.join(map(repr, missing))}. Received: {', '.join(map(repr, given))}"
        )
    return [given[name] for name in named]


def _inputs(wanted: list[KerasTensor]) -> str:
    noun = "the input" if len(wanted) == 1 else f"{len(wanted)} inputs:"
    return f"{noun} {', '.join(repr(x.name) for x in wanted)}"


def aligned(x: Any, wanted: KerasTensor) -> Any:
    """Return an input in the dtype of its input layer; a last axis of length 1 is added or
    dropped."""
    if isinstance(x, KerasTensor) or x is None:
        return x
    is_text = wanted.dtype == TEXT
    if not isinstance(x, Tensor):
        x = text_array(x) if is_text else convert_to_tensor(x)
    shape = wanted.shape
    if len(shape) > 1 and shape[-1] == 1 and _are_samples(x.shape, shape[:-1]):
        x = x.reshape((*x.shape, 1))
    elif x.ndim == len(shape) + 1 and x.shape[-1] == 1:
        x = x.reshape(x.shape[:-1])
    return x if is_text else cast(x, wanted.dtype)


def _are_samples(shape: Shape, wanted: Shape) -> bool:
    """Return whether the shape is wanted, but for the number of samples."""
    return len(shape) == len(wanted) and all(
        a == b or b is None for a, b in zip(shape[1:], wanted[1:])
    )
