"""Rewrite the description of a layer from Keras 1 or 2 into today's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pylego.layers.description import argument_names
from pylego.older import arguments, layer_words
from pylego.registry import public
from pylego.saving.legacy import layer_names, parts

Config = dict[str, Any]


class Origin(NamedTuple):
    """What is known about the program that wrote a description."""

    version: int = 2  # of Keras
    data_format: str = "channels_last"  # of layers that do not say it
    custom: frozenset[str] = frozenset()  # names of the user's own classes
    refuses_code: bool = True


class Layer(NamedTuple):
    """A layer in today's words: its class and its arguments."""

    class_name: str
    config: Config

    @property
    def name(self) -> str:
        return str(self.config.get("name") or "")


def class_and_config(entry: Any) -> tuple[str, Any]:
    """Return the two parts of a layer's description.

    Keras 0.3 has no 'class_name': it says 'name' for it, and 'custom_name' for the name.

    Raises:
        ValueError: when it is not a description.
    """
    if isinstance(entry, Mapping):
        if isinstance(entry.get("class_name"), str) and "config" in entry:
            return entry["class_name"], entry["config"]
        if isinstance(entry.get("name"), str) and "class_name" not in entry:
            config = {key: value for key, value in entry.items() if key != "custom_name"}
            return entry["name"], {**config, "name": entry.get("custom_name")}
    raise ValueError("a layer is described by 'class_name' and 'config', which one here is not")


def own_name(class_name: str, custom: frozenset[str]) -> str | None:
    """Return under which name a class is one of the user's own; None where it is not.

    A registered class is called 'package>Name' in files; it may be given as 'Name'.
    """
    for name in (class_name, class_name.rpartition(">")[2]):
        if name in custom:
            return name
    return None


def modern_layer(class_name: str, config: Any, origin: Origin) -> Layer:
    """Rewrite one layer; what is in today's words already stays.

    Args:
        class_name: of any version.
        config: the arguments of that version.
        origin: who wrote it.

    Raises:
        ValueError: for what has no counterpart today.
    """
    if not isinstance(config, Mapping) or not all(isinstance(key, str) for key in config):
        raise ValueError(f"the arguments of a {class_name} layer are not a dictionary")
    own = own_name(class_name, origin.custom)
    if own is not None:
        return Layer(own, _without(config, {"batch_input_shape"}))
    if origin.version >= 3:
        return Layer(class_name, dict(config))
    given = {key: parts.plain(value) for key, value in config.items()}
    if class_name in layer_names.GONE:
        raise ValueError(
            f"the layer {given.get('name')!r} is a {class_name}, "
            f"{layer_names.GONE[class_name]}: Keras 2 or 3 dropped this layer, and pylego has no "
            f"counterpart. Write it yourself and give custom_objects={{{class_name!r}: ...}}"
        )
    if class_name == "Merge":
        return merge_layer(given)
    modern = layer_words.CLASSES.get(class_name, class_name)
    given = _with_modern_values(arguments.renamed(modern, arguments.joined(given)))
    meant = {
        **layer_names.MEANT.get(modern, {}),
        **layer_names.MEANT_BY_OLD_CLASS.get(class_name, {}),
    }
    given.update({key: value for key, value in meant.items() if given.get(key) is None})
    rewrite = _SPECIAL.get(modern)
    if rewrite is not None:
        given = rewrite(given, origin)
    return Layer(modern, _accepted(modern, given, origin))


# ---- steps ----


def _with_modern_values(given: Config) -> Config:
    return {key: _modern_value(key, value) for key, value in given.items()}


def _modern_value(key: str, value: Any) -> Any:
    if key in layer_words.VALUES:
        return arguments.today_value(key, value)
    if key.endswith("_initializer"):
        return parts.initializer(value)
    if key.endswith("_regularizer"):
        return parts.regularizer(value)
    if key.endswith("_constraint"):
        return parts.constraint(value)
    if key in ("activation", "recurrent_activation"):
        return parts.activation(value)
    return parts.dtype(value) if key == "dtype" else value


def _accepted(modern: str, given: Config, origin: Origin) -> Config:
    """Leave out what says nothing, and say what the writer's defaults were."""
    dropped = layer_names.DROPPED - layer_names.KEPT_OF.get(modern, frozenset())
    given = _without(given, dropped | layer_names.DROPPED_OF.get(modern, frozenset()))
    if modern != "Embedding":
        given.pop("input_dim", None)
    if modern != "InputLayer" and "float" not in str(given.get("dtype")):
        given.pop("dtype", None)  # in Keras 1 and 2 that was the dtype of the input
    kind = layer_class(modern)
    if kind is None:
        return given
    known = set(argument_names(kind))
    neutral = layer_names.NEUTRAL
    given = {k: v for k, v in given.items() if k in known or (v and v != neutral.get(k))}
    if "data_format" in known and given.get("data_format") is None:
        if not modern.endswith("1D"):
            given["data_format"] = origin.data_format
        elif modern not in layer_names.WITHOUT_DATA_FORMAT:
            given["data_format"] = "channels_last"
    return given


def layer_class(name: str) -> type | None:
    """Return pylego's own layer of that name, or None."""
    return public.find_class("keras.layers", name)


def _without(given: Mapping[str, Any], names: Any) -> Config:
    return {key: value for key, value in given.items() if key not in names}


# ---- merging ----


def merge_layer(given: Config) -> Layer:
    """Return the layer that does what `Merge(mode=...)` of Keras 1 did.

    Raises:
        ValueError: for a mode that is code.
    """
    mode = given.get("mode", "sum")
    if given.get("mode_type", "raw") != "raw" or mode not in layer_words.MERGES:
        raise ValueError(
            f"the layer {given.get('name')!r} merges by a function of its own, whose code is in "
            "the file and is not run"
        )
    class_name, taken = layer_words.MERGES[mode]
    config: Config = {"name": given.get("name")}
    if "concat_axis" in taken:
        config["axis"] = given.get("concat_axis", -1)
    if "dot_axes" in taken:
        config["axes"] = given.get("dot_axes", -1)
        config["normalize"] = mode == "cos"
    return Layer(class_name, config)


# ---- layers that need more than a table ----


def _batch_normalization(given: Config, origin: Origin) -> Config:
    mode = given.pop("mode", 0)
    if mode != 0:
        raise ValueError(
            f"the layer {given.get('name')!r} is a BatchNormalization(mode={mode!r}), which "
            "normalizes by each row or batch alone: Keras 2 dropped these modes"
        )
    axis = given.get("axis")
    if isinstance(axis, list) and len(axis) == 1:
        given["axis"] = axis[0]
    return given


def _zero_padding(given: Config, origin: Origin) -> Config:
    padding = given.get("padding")
    if isinstance(padding, Mapping):
        sides = [padding.get(f"{side}_pad", 0) for side in ("top", "bottom", "left", "right")]
        given["padding"] = _pairs(sides) if "top_pad" in padding else sides[2:]
    elif isinstance(padding, list) and len(padding) == 4:
        given["padding"] = _pairs(padding)
    return given


def _pairs(sides: list[Any]) -> list[list[Any]]:
    return [sides[:2], sides[2:]]


def _lambda(given: Config, origin: Origin) -> Config:
    """Hand on what Lambda is described by today; code is refused there, in safe mode."""
    function = given.get("function")
    if isinstance(function, list):
        if origin.refuses_code:
            raise ValueError(
                f"the layer {given.get('name')!r} is a Lambda whose Python code is in the file, "
                "and running that is running whatever its author wanted. If you trust where the "
                "file comes from, open it with safe_mode=False"
            )
        given["function"] = {
            "class_name": "__lambda__",
            "config": {"value": function},
        }
    elif isinstance(function, str):
        given["function"] = {
            "class_name": "function",
            "config": function,
            "module": "builtins",
            "registered_name": function,
        }
    for key in ("function_type", "module", "output_shape_type", "output_shape_module"):
        given.pop(key, None)
    if isinstance(given.get("output_shape"), list) and not all(
        isinstance(size, (int, type(None))) for size in given["output_shape"]
    ):
        given.pop("output_shape")  # code, too: pylego finds out by itself
    return given


def _wrapper(given: Config, origin: Origin) -> Config:
    for key in ("layer", "backward_layer", "cell"):
        if isinstance(given.get(key), Mapping):
            given[key] = _inner(given[key], origin)
    return given


def _cells(given: Config, origin: Origin) -> Config:
    given["cells"] = [_inner(cell, origin) for cell in given.get("cells", [])]
    return given


def _inner(entry: Any, origin: Origin) -> Config:
    class_name, config = class_and_config(entry)
    if class_name in layer_names.MODELS:
        raise ValueError("a model inside of a wrapper is not translated")
    layer = modern_layer(class_name, config, origin)
    return {"module": "keras.layers", "class_name": layer.class_name, "config": layer.config}


def _input(given: Config, origin: Origin) -> Config:
    if isinstance(given.get("dtype"), str) and given["dtype"].startswith("float"):
        given["dtype"] = parts.dtype(given["dtype"])
    return {
        key: given[key]
        for key in ("batch_shape", "dtype", "sparse", "name", "shape", "batch_size", "optional")
        if given.get(key) is not None
    }


_SPECIAL: dict[str, Callable[[Config, Origin], Config]] = {
    "BatchNormalization": _batch_normalization,
    "Bidirectional": _wrapper,
    "InputLayer": _input,
    "Lambda": _lambda,
    "RNN": _wrapper,
    "StackedRNNCells": _cells,
    "TimeDistributed": _wrapper,
    "ZeroPadding1D": _zero_padding,
    "ZeroPadding2D": _zero_padding,
}
