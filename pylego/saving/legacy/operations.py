"""Functions in a graph: as a .h5 file of Keras 3 describes them, and as TensorFlow 2 did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Config = dict[str, Any]

# Functions of TensorFlow in graphs of tf.keras: Keras's class, and what TensorFlow calls the
# arguments after the first, in the order of Keras's.
_TENSORFLOW: dict[str, tuple[str, tuple[str, ...]]] = {
    "__operators__.add": ("Add", ("y",)),
    "math.abs": ("Absolute", ()),
    "math.add": ("Add", ("y",)),
    "math.divide": ("Divide", ("y",)),
    "math.exp": ("Exp", ()),
    "math.log": ("Log", ()),
    "math.maximum": ("Maximum", ("y",)),
    "math.minimum": ("Minimum", ("y",)),
    "math.multiply": ("Multiply", ("y",)),
    "math.negative": ("Negative", ()),
    "math.pow": ("Power", ("y",)),
    "math.reduce_max": ("Max", ("axis", "keepdims")),
    "math.reduce_mean": ("Mean", ("axis", "keepdims")),
    "math.reduce_min": ("Min", ("axis", "keepdims")),
    "math.reduce_sum": ("Sum", ("axis", "keepdims")),
    "math.sigmoid": ("Sigmoid", ()),
    "math.sqrt": ("Sqrt", ()),
    "math.square": ("Square", ()),
    "math.subtract": ("Subtract", ("y",)),
    "math.tanh": ("Tanh", ()),
    "math.truediv": ("TrueDivide", ("y",)),
    "nn.relu": ("Relu", ()),
    "nn.relu6": ("Relu6", ()),
    "nn.sigmoid": ("Sigmoid", ()),
    "nn.softmax": ("Softmax", ("axis",)),
    "nn.tanh": ("Tanh", ()),
    "reshape": ("Reshape", ("shape",)),
}
_NN = ("Relu", "Relu6", "Sigmoid", "Softmax", "Tanh")


def modern_operation(
    class_name: str, config: Any, nodes: list[Config]
) -> tuple[Config, list[Config]] | None:
    """Return a function's description and its calls, or None for what is a layer.

    Raises:
        ValueError: for a function that is not translated.
    """
    if not isinstance(config, Mapping):
        return None
    if class_name in ("TFOpLambda", "TensorFlowOpLayer", "SlicingOpLambda"):
        return _of_tensorflow(class_name, config, nodes)
    # Every layer says whether it trains, and every operation does not.
    if "trainable" in config or "layers" in config or class_name == "InputLayer" or not nodes:
        return None
    if set(config) <= {"name"} or nodes[0].get("args") and "dtype" not in config:
        return (_operation(class_name, dict(config)), nodes) if _is_today(nodes) else None
    return None


def _is_today(nodes: list[Config]) -> bool:
    return all({"args", "kwargs"} == {*node} for node in nodes)


def _operation(class_name: str, config: Config) -> Config:
    return {
        "module": "keras.src.ops.nn" if class_name in _NN else "keras.src.ops.numpy",
        "class_name": class_name,
        "config": config,
        "registered_name": class_name,
    }


def _of_tensorflow(
    class_name: str, config: Mapping[str, Any], nodes: list[Config]
) -> tuple[Config, list[Config]]:
    function = config.get("function")
    if not isinstance(function, str) or function not in _TENSORFLOW:
        called = function if isinstance(function, str) else config.get("name")
        raise ValueError(
            f"the graph calls a function of TensorFlow, {called!r}, that is not translated: make "
            "the model by code, and load the weights of the file"
        )
    keras_class, names = _TENSORFLOW[function]
    calls = []
    for node in nodes:
        args, kwargs = [*node["args"]], dict(node["kwargs"])
        kwargs.pop("name", None)
        for name in names:
            if name in kwargs:
                args.append(kwargs.pop(name))
        calls.append({"args": args, "kwargs": kwargs})
    return _operation(keras_class, {"name": config.get("name")}), calls
