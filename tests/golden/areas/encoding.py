"""Turn arrays, tensors and configs into JSON that is small, exact and readable in a diff."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

WIDTH = 100


def encode(value: Any) -> Any:
    """Return `value` as plain JSON types; float32 keeps the shortest digits that round-trip."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, dict):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    if isinstance(value, float):
        return float(value)
    if isinstance(value, np.dtype | type):
        return np.dtype(value).name
    return encode_array(np.asarray(value))


def encode_array(array: np.ndarray) -> Any:
    """Return an array (any rank) as nested lists."""
    if array.ndim:
        return [encode_array(row) for row in array]
    return float(str(array)) if array.dtype.kind == "f" else array.item()


def outcome(call: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
    """Return what `call` gives as `{"value": ...}`, or `{"raises": ...}` with the type's name."""
    try:
        return {"value": encode(call(*arguments))}
    except Exception as error:
        return {"raises": type(error).__name__}


def answer(call: Callable[..., Any], *arguments: Any) -> Any:
    """Return what `call` gives, or the name of the exception type that it raises."""
    facts = outcome(call, *arguments)
    return facts.get("value", facts.get("raises"))


def dumps(value: Any, indent: int = 0) -> str:
    """Return JSON with short containers on one line; NaN and Infinity as Python's json reads."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= WIDTH or not contains_containers(value):
        return flat
    pad = " " * (indent + 1)
    if isinstance(value, dict):
        lines = [
            f"{pad}{json.dumps(key)}: {dumps(item, indent + 1)}" for key, item in value.items()
        ]
        return "{\n" + ",\n".join(lines) + "\n" + " " * indent + "}"
    lines = [pad + dumps(item, indent + 1) for item in value]
    return "[\n" + ",\n".join(lines) + "\n" + " " * indent + "]"


def contains_containers(value: Any) -> bool:
    """Say whether a list or dict is worth breaking: it holds another, or is a dict."""
    if isinstance(value, dict):
        return True
    return isinstance(value, list) and any(isinstance(item, list | dict) for item in value)
