"""Objects as plain data, and back: the public functions over `pylego.registry`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pylego import registry
from pylego.core.tree import map_leaves
from pylego.graph import KerasTensor
from pylego.registry import TensorReference


def serialize_keras_object(obj: Any) -> Any:
    """Describe an object in Keras 3's dictionaries.

    Args:
        obj: a layer, a model, an optimizer, ..., a function, an array, or lists and dictionaries
            of them. Plain data stays what it is.

    Returns:
        Plain data: {'module', 'class_name', 'config', 'registered_name'} for an object, and
        'build_config' and 'compile_config' where it is built and compiled.

    Raises:
        TypeError: for what cannot be described: a lambda, an object without `get_config()`.
        ValueError: for what holds itself.

    >>> from pylego.initializers import Constant
    >>> serialize_keras_object(Constant(0.5))
    {'module': 'keras.initializers', 'class_name': 'Constant', 'config': {'value': 0.5}, \
'registered_name': None}
    """
    try:
        with registry.sharing():
            return registry.serialize(obj)
    except RecursionError:
        raise ValueError("What is nested without end cannot be described") from None


def deserialize_keras_object(
    config: Any,
    custom_objects: Mapping[str, Any] | None = None,
    safe_mode: bool = True,
    **kwargs: Any,
) -> Any:
    """Make an object again of its description, which may come from anywhere.

    Names in it mean pylego's own classes and functions, and those that are registered or given; no
    module is imported for them, and no code in the description is run.

    Args:
        config: what `serialize_keras_object` returned, or Keras 3.
        custom_objects: {name: class or function} of your own.
        safe_mode: whether the bytecode of a lambda is refused.
        **kwargs: `module_objects`, further objects by name, as Keras has it.

    Raises:
        ValueError: for an unknown name, with the nearest ones; for values that a class does not
            take; for what is nested too deeply; for code, in safe mode.
        TypeError: for what is not a description.

    >>> from pylego.initializers import Constant
    >>> deserialize_keras_object(serialize_keras_object(Constant(0.5))).value
    0.5
    """
    objects = {**(kwargs.pop("module_objects", None) or {}), **(custom_objects or {})}
    if kwargs:
        raise TypeError(f"deserialize_keras_object has no argument {next(iter(kwargs))!r}")
    return map_leaves(_placeholder, registry.deserialize(config, objects, safe_mode))


@registry.describe.register
def _(x: KerasTensor) -> dict[str, Any]:
    history = vars(x).get("_keras_history")
    place = None if history is None else [history.operation.name, *history[1:]]
    config = {"shape": x.shape, "dtype": x.dtype, "keras_history": place}
    return {"class_name": "__keras_tensor__", "config": config}


def _placeholder(x: Any) -> Any:
    """A placeholder for one that is described without the graph around it."""
    return KerasTensor(x.shape, x.dtype) if isinstance(x, TensorReference) else x
