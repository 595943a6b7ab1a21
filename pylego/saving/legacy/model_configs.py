"""Rewrite the description of a model in a .h5 file of Keras 1, 2 or 3 into today's form.

That form is what `.keras` files have: each object says its module, and each call of a layer says
which tensors came in. Nothing is made here; `pylego.registry` makes the model of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pylego.saving.legacy import operations, parts
from pylego.saving.legacy.layer_configs import (
    Config,
    Layer,
    Origin,
    class_and_config,
    modern_layer,
    own_name,
)
from pylego.saving.legacy.layer_names import MODELS
from pylego.saving.legacy.nodes import modern_node, reference, renumbered

DEEPEST = 60  # models inside of models


def modern_description(entry: Any, origin: Origin, depth: int = 0) -> Config:
    """Return today's description of a model or a layer.

    Args:
        entry: {'class_name', 'config'} as Keras 1, 2, or 3 in a .h5 file wrote it.
        origin: who wrote it.
        depth: how many models are around it.

    Raises:
        ValueError: when it is not a description, or has what no layer of today does.
    """
    if depth > DEEPEST:
        raise ValueError(f"models lie more than {DEEPEST} deep inside of each other")
    class_name, config = class_and_config(entry)
    if class_name == "Sequential" and class_name not in origin.custom:
        return _sequential(config, _informed(origin, config), depth)
    if class_name in ("Model", "Functional") or _is_graph(config):
        return _functional(class_name, config, _informed(origin, config), depth)
    return described(modern_layer(class_name, config, origin), origin)


def described(layer: Layer, origin: Origin) -> Config:
    """Return the description that says where the class is found."""
    is_custom = layer.class_name in origin.custom
    return {
        "module": None if is_custom else "keras.layers",
        "class_name": layer.class_name,
        "config": layer.config,
        "registered_name": layer.class_name if is_custom else None,
    }


def _is_graph(config: Any) -> bool:
    return isinstance(config, Mapping) and {"layers", "input_layers", "output_layers"} <= {*config}


def _informed(origin: Origin, config: Any) -> Origin:
    """Find out how images are ordered: some layers of Keras 1 did not write it down."""
    for ordering in _orderings(config):
        return origin._replace(data_format=ordering)
    return origin


def _orderings(config: Any) -> Iterator[str]:
    names = {"th": "channels_first", "tf": "channels_last"}
    todo = [config]
    while todo:
        part = todo.pop()
        if isinstance(part, Mapping):
            found = part.get("dim_ordering")
            if isinstance(found, str) and found in names:
                yield names[found]
            todo += part.values()
        elif isinstance(part, list):
            todo += part


# ---- a list of layers ----


def _sequential(config: Any, origin: Origin, depth: int) -> Config:
    name, entries, rest = _listed(config)
    if entries and class_and_config(entries[0])[0] == "Merge":
        return _merged(name, entries, origin, depth)
    layers = [modern_description(entry, origin, depth + 1) for entry in entries]
    if entries:
        layers = [*_input_before(entries[0], layers[0]), *layers]
    modern = {"name": name, "layers": layers}
    built_for = parts.plain(rest.get("build_input_shape"))
    if isinstance(built_for, list):
        modern["build_input_shape"] = built_for
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {key: value for key, value in modern.items() if value is not None},
        "registered_name": None,
    }


def _listed(config: Any) -> tuple[str | None, list[Any], Mapping[str, Any]]:
    """Return a Sequential's name, its layers, and what else is said of it."""
    if isinstance(config, list):  # until Keras 2.2
        return None, config, {}
    if isinstance(config, Mapping) and isinstance(config.get("layers"), list):
        name = config.get("name")
        return name if isinstance(name, str) else None, config["layers"], config
    raise ValueError("a Sequential is described by a list of layers, which this one is not")


def _input_before(entry: Any, first: Config) -> list[Config]:
    """Return the InputLayer that tells the shape which the first layer of older files tells."""
    class_name, config = class_and_config(entry)
    if first["class_name"] in ("InputLayer", "Sequential", "Functional"):
        return []
    shape = input_shape_in(class_name, config)
    if shape is None:
        return []
    settings: Config = {"batch_shape": shape, "name": f"{first['config'].get('name')}_input"}
    dtype = config.get("input_dtype") or config.get("dtype")
    if isinstance(dtype, str):
        settings["dtype"] = dtype
    return [described(modern_layer("InputLayer", settings, Origin()), Origin())]


def input_shape_in(class_name: str, config: Mapping[str, Any]) -> list[Any] | None:
    """Return the shape of a batch that a layer's own description tells, or None."""
    whole = parts.plain(config.get("batch_input_shape"))
    if isinstance(whole, list):
        return whole
    if isinstance(config.get("input_shape"), list):
        return [None, *config["input_shape"]]
    if class_name == "Embedding":
        return [None, config.get("input_length")]
    if not isinstance(config.get("input_dim"), int):
        return None
    steps = [config["input_length"]] if "input_length" in config else []
    return [None, *steps, config["input_dim"]]


# ---- branches that a Merge of Keras 1 joins in front of a list of layers ----


def _merged(name: str | None, entries: list[Any], origin: Origin, depth: int) -> Config:
    graph = _Graph(origin, depth)
    output = graph.chain(entries, None)
    config = {
        "name": name,
        "layers": [*graph.layers.values()],
        "input_layers": graph.inputs if len(graph.inputs) > 1 else graph.inputs[0],
        "output_layers": output,
    }
    return _as_functional({key: value for key, value in config.items() if value is not None})


class _Graph:
    """A graph in today's description, made of lists of layers that begin with a Merge."""

    def __init__(self, origin: Origin, depth: int) -> None:
        self.layers: dict[str, Config] = {}
        self.inputs: list[list[Any]] = []
        self._origin = origin
        self._depth = depth

    def chain(self, entries: list[Any], output: Any) -> list[Any]:
        """Put layers on top of each other; return which tensor comes out."""
        if self._depth > DEEPEST:
            raise ValueError(f"models lie more than {DEEPEST} deep inside of each other")
        for entry in entries:
            class_name, config = class_and_config(entry)
            if class_name == "Merge" and output is None:
                output = self._merge(config)
                continue
            description = modern_description(entry, self._origin, self._depth + 1)
            if output is None:
                for first in _input_before(entry, description) or _inputs_of(description):
                    output = self._input(first)
            if description["class_name"] != "InputLayer":
                output = self._call(description, output)
        if output is None:
            raise ValueError(
                "a branch that is merged has no layers, or tells no shape of its input"
            )
        return output

    def _merge(self, config: Any) -> list[Any]:
        branches = config.get("layers") if isinstance(config, Mapping) else None
        if not isinstance(branches, list) or not branches:
            raise ValueError("a Merge layer tells no layers to merge")
        self._depth += 1
        outputs = []
        for branch in branches:
            class_name, inner = class_and_config(branch)
            entries = _listed(inner)[1] if class_name == "Sequential" else [branch]
            outputs.append(self.chain(entries, None))
        self._depth -= 1
        description = described(modern_layer("Merge", config, self._origin), self._origin)
        return self._call(description, outputs)

    def _input(self, description: Config) -> list[Any]:
        name = self._named(description)
        if name not in self.layers:
            self.layers[name] = {**description, "name": name, "inbound_nodes": []}
            self.inputs.append([name, 0, 0])
        return [name, 0, 0]

    def _call(self, description: Config, came: list[Any]) -> list[Any]:
        name = self._named(description)
        entry = self.layers.setdefault(name, {**description, "name": name, "inbound_nodes": []})
        args = reference(came) if isinstance(came[0], str) else [reference(one) for one in came]
        entry["inbound_nodes"].append({"args": [args], "kwargs": {}})
        return [name, len(entry["inbound_nodes"]) - 1, 0]

    def _named(self, description: Config) -> str:
        config = description["config"]
        name = config.get("name")
        if not isinstance(name, str):
            name = config["name"] = f"{description['class_name'].lower()}_{len(self.layers)}"
        return name


def _inputs_of(description: Config) -> list[Config]:
    """Return the input of a branch that begins with an InputLayer or another model."""
    if description["class_name"] == "InputLayer":
        return [description]
    layers = description["config"].get("layers")
    inner = [one for one in layers or [] if one["class_name"] == "InputLayer"]
    return [
        {**one, "config": {**one["config"], "name": f"{one['config'].get('name')}_of_branch"}}
        for one in inner[:1]
    ]


# ---- a graph ----


def _functional(class_name: str, config: Any, origin: Origin, depth: int) -> Config:
    if not _is_graph(config) or not isinstance(config["layers"], list) or not config["layers"]:
        raise ValueError(
            f"the model is of the class {class_name!r} and described by its own code only, not by "
            "a graph of layers: make it by the code that it was saved with, and load its weights"
        )
    names = {str(entry.get("name")) for entry in config["layers"] if isinstance(entry, Mapping)}
    layers = [_graph_layer(entry, names, origin, depth) for entry in config["layers"]]
    modern = {
        "name": config.get("name"),
        "layers": layers,
        "input_layers": _ends(config["input_layers"]),
        "output_layers": _ends(config["output_layers"]),
    }
    if origin.version < 3:
        modern = renumbered(modern)
    if isinstance(config.get("trainable"), bool):
        modern["trainable"] = config["trainable"]
    custom = own_name(class_name, origin.custom)
    return _as_functional({k: v for k, v in modern.items() if v is not None}, custom)


def _as_functional(config: Config, custom: str | None = None) -> Config:
    return {
        "module": None if custom else "keras.src.models.functional",
        "class_name": custom or "Functional",
        "config": config,
        "registered_name": custom or "Functional",
    }


def _graph_layer(entry: Any, names: set[str], origin: Origin, depth: int) -> Config:
    class_name, config = class_and_config(entry)
    calls = entry.get("inbound_nodes")
    if not isinstance(calls, list):
        raise ValueError(f"the layer {entry.get('name')!r} does not say what comes into it")
    nodes = [modern_node(call, names) for call in calls]
    translated = operations.modern_operation(class_name, config, nodes)
    if translated is not None:
        description, nodes = translated
    else:
        description = modern_description(entry, origin, depth + 1)
        if class_name in MODELS and isinstance(entry.get("name"), str):
            description["config"].setdefault("name", entry["name"])
    return {**description, "name": entry.get("name"), "inbound_nodes": nodes}


def _ends(ends: Any) -> Any:
    """Inputs or outputs; a list of one stood for the tensor alone."""
    if ends in ([], {}):
        raise ValueError("a model without inputs or outputs computes nothing")
    if isinstance(ends, list) and len(ends) == 1 and isinstance(ends[0], list):
        return ends[0]
    return ends
