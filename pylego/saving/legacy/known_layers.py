"""Refuse a model whose layers pylego does not have, by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pylego import names
from pylego.graph import keras_operations
from pylego.keras_names import NOT_THERE_YET
from pylego.registry import custom
from pylego.saving.legacy.layer_configs import layer_class
from pylego.saving.legacy.layer_names import MODELS


def refuse_unknown(description: Mapping[str, Any]) -> None:
    """Refuse a description in today's form that has layers which are not there.

    Raises:
        ValueError: with a sentence that names them.
    """
    unknown: dict[str, list[str]] = {}
    for class_name, name in _layers_in(description):
        if layer_class(class_name) is None and custom.find(class_name) is None:
            unknown.setdefault(class_name, []).append(name)
    if not unknown:
        return
    later = {*NOT_THERE_YET["layers"].split()}
    listed = "; ".join(
        f"{class_name} ({', '.join(map(repr, titles[:3]))}{', ...' if titles[3:] else ''})"
        for class_name, titles in unknown.items()
    )
    if later.issuperset(unknown):
        raise ValueError(f"it has layers of these classes: {listed}. {names.LATER}")
    own = next(class_name for class_name in unknown if class_name not in later)
    raise ValueError(
        f"it has layers of these classes, which pylego does not know: {listed}. A class of your "
        f"own is found when it is given: custom_objects={{{own!r}: {own}}}"
    )


def _layers_in(description: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    class_name, config = description["class_name"], description["config"]
    if isinstance(config, Mapping):
        inner = [one for one in config.get("layers", []) if _is_layer(one)]
        inner += [config[key] for key in ("layer", "cell") if _is_layer(config.get(key))]
        for one in inner:
            yield from _layers_in(one)
    is_operation = keras_operations.is_operation(description.get("module"))
    if class_name not in MODELS and not is_operation:
        yield class_name, str((config or {}).get("name") or "")


def _is_layer(found: Any) -> bool:
    return isinstance(found, Mapping) and "class_name" in found and "config" in found
