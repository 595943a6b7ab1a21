"""Functions in a graph: as a .h5 file of Keras 3 describes them, and as TensorFlow 2 did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pylego.graph import keras_operations

Config = dict[str, Any]

# Functions of TensorFlow in graphs of tf.keras: which of pylego.ops it is, and what TensorFlow
# calls the arguments after the first, in the order of ours.
_TENSORFLOW: dict[str, tuple[str, tuple[str, ...]]] = {
    "__operators__.add": ("add", ("y",)),
    "math.abs": ("absolute", ()),
    "math.add": ("add", ("y",)),
    "math.divide": ("divide", ("y",)),
    "math.exp": ("exp", ()),
    "math.log": ("log", ()),
    "math.maximum": ("maximum", ("y",)),
    "math.minimum": ("minimum", ("y",)),
    "math.multiply": ("multiply", ("y",)),
    "math.negative": ("negative", ()),
    "math.pow": ("power", ("y",)),
    "math.reduce_max": ("max", ("axis", "keepdims")),
    "math.reduce_mean": ("mean", ("axis", "keepdims")),
    "math.reduce_min": ("min", ("axis", "keepdims")),
    "math.reduce_sum": ("sum", ("axis", "keepdims")),
    "math.sigmoid": ("sigmoid", ()),
    "math.sqrt": ("sqrt", ()),
    "math.square": ("square", ()),
    "math.subtract": ("subtract", ("y",)),
    "math.tanh": ("tanh", ()),
    "math.truediv": ("true_divide", ("y",)),
    "nn.relu": ("relu", ()),
    "nn.relu6": ("relu6", ()),
    "nn.sigmoid": ("sigmoid", ()),
    "nn.softmax": ("softmax", ("axis",)),
    "nn.tanh": ("tanh", ()),
    "reshape": ("reshape", ("shape",)),
}
_OF_TENSORFLOW = ("SlicingOpLambda", "TFOpLambda", "TensorFlowOpLayer")


def modern_operation(
    class_name: str, config: Any, nodes: list[Config]
) -> tuple[Config, list[Config]] | None:
    """Return a function's description and its calls, or None for what is a layer.

    Raises:
        ValueError: for a function that is not translated.
    """
    if not isinstance(config, Mapping):
        return None
    if class_name in _OF_TENSORFLOW:
        return _translated(config, nodes)
    # In Keras 3 every layer says whether it trains, and no function does.
    is_layer = "trainable" in config or "layers" in config or class_name == "InputLayer"
    module = None if is_layer else keras_operations.module_of(class_name)
    return None if module is None else (_operation(module, class_name, dict(config)), nodes)


def _operation(module: str, class_name: str, config: Config) -> Config:
    return {
        "module": module,
        "class_name": class_name,
        "config": config,
        "registered_name": class_name,
    }


def _translated(config: Mapping[str, Any], nodes: list[Config]) -> tuple[Config, list[Config]]:
    function = config.get("function")
    if not isinstance(function, str) or function not in _TENSORFLOW:
        called = function if isinstance(function, str) else config.get("name")
        raise ValueError(
            f"its graph calls a function of TensorFlow, {called!r}, which is not translated: make "
            "the model by code, and load the weights of the file"
        )
    ours, names = _TENSORFLOW[function]
    calls = []
    for node in nodes:
        args, kwargs = [*node["args"]], dict(node["kwargs"])
        kwargs.pop("name", None)
        args += [kwargs.pop(name) for name in names[:1] if name in kwargs]
        calls.append({"args": args, "kwargs": kwargs})
    return _operation("pylego.ops", ours, {"name": config.get("name")}), calls
