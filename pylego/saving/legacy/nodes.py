"""Calls of layers in a graph: [[layer, call, output, arguments], ...] until Keras 2.

Today a call is {'args': [...], 'kwargs': {...}} with a description in place of each tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Config = dict[str, Any]

_CONSTANT = "_CONSTANT_VALUE"  # what TensorFlow wrote in place of a layer's name
_MODELS = ("Sequential", "Functional")


def modern_node(call: Any, names: set[str]) -> Config:
    """Return today's description of one call of a layer.

    Args:
        call: as any version wrote it.
        names: of the layers in the graph.

    Raises:
        ValueError: when it is none.
    """
    if isinstance(call, Mapping) and {"args", "kwargs"} <= {*call}:
        return dict(call)
    if _is_tensor(call):
        first, arguments = _came(call), call[3:]
    elif isinstance(call, list) and call and all(map(_is_tensor, call)):
        tensors = [_came(one) for one in call]
        first, arguments = tensors[0] if len(tensors) == 1 else tensors, call[0][3:]
    elif isinstance(call, Mapping) and all(map(_is_tensor, call.values())):
        first, arguments = {key: _came(one) for key, one in call.items()}, []
    else:
        raise ValueError("a call of a layer is described by the tensors that come into it")
    given = arguments[0] if arguments and isinstance(arguments[0], Mapping) else {}
    kwargs = {key: _argument(value, names) for key, value in given.items()}
    return {"args": [first], "kwargs": {k: v for k, v in kwargs.items() if v is not None}}


def reference(history: Any) -> Config:
    """Describe a tensor of the graph: [layer, number of the call, number of the output]."""
    config = {"shape": [None], "dtype": "float32", "keras_history": list(history[:3])}
    return {"class_name": "__keras_tensor__", "config": config}


def _is_tensor(call: Any) -> bool:
    return (
        isinstance(call, list)
        and 3 <= len(call) <= 4
        and isinstance(call[0], str)
        and type(call[1]) is int
        and (type(call[2]) is int or call[0] == _CONSTANT)
    )


def _came(call: list[Any]) -> Any:
    return call[2] if call[0] == _CONSTANT else reference(call)


def _argument(value: Any, names: set[str]) -> Any:
    if _is_tensor(value) and (value[0] in names or value[0] == _CONSTANT):
        return _came(value)
    if isinstance(value, list):
        return [_argument(item, names) for item in value]
    return value


# ---- numbers of calls ----


def renumbered(graph: Config) -> Config:
    """Count the calls of inner models from 0.

    Until Keras 2 a model's call 0 was its making, so that its first use in a graph was call 1.
    """
    inner = {layer["name"] for layer in graph["layers"] if layer["class_name"] in _MODELS}
    used: dict[str, set[int]] = {name: set() for name in inner}
    for history in _histories(graph):
        if history[0] in used:
            used[history[0]].add(history[1])
    late = {name for name, numbers in used.items() if numbers and 0 not in numbers}

    def mended(history: list[Any]) -> list[Any]:
        return [history[0], history[1] - 1, *history[2:]] if history[0] in late else history

    calls = [
        {**layer, "inbound_nodes": _mapped(layer["inbound_nodes"], mended)}
        for layer in graph["layers"]
    ]
    ends = {key: _mapped_ends(graph[key], mended) for key in ("input_layers", "output_layers")}
    return {**graph, "layers": calls, **ends}


def _histories(graph: Config) -> Iterator[list[Any]]:
    found: list[list[Any]] = []

    def note(history: list[Any]) -> list[Any]:
        found.append(history)
        return history

    for layer in graph["layers"]:
        _mapped(layer["inbound_nodes"], note)
    for key in ("input_layers", "output_layers"):
        _mapped_ends(graph[key], note)
    yield from found


def _mapped(part: Any, change: Callable[[list[Any]], list[Any]]) -> Any:
    if isinstance(part, Mapping):
        if part.get("class_name") == "__keras_tensor__":
            history = change(part["config"]["keras_history"])
            return {**part, "config": {**part["config"], "keras_history": history}}
        return {key: _mapped(value, change) for key, value in part.items()}
    return [_mapped(item, change) for item in part] if isinstance(part, list) else part


def _mapped_ends(ends: Any, change: Callable[[list[Any]], list[Any]]) -> Any:
    if _is_tensor(ends):
        return change(ends)
    if isinstance(ends, Mapping):
        return {key: _mapped_ends(value, change) for key, value in ends.items()}
    if isinstance(ends, list):
        return [_mapped_ends(item, change) for item in ends]
    raise ValueError("inputs and outputs of a model are described by the layers they belong to")
