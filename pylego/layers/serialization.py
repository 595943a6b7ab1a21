"""Layers as descriptions, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pylego import registry
from pylego.layers.layer import Layer


def serialize(layer: Layer) -> dict[str, Any]:
    """Describe a layer so that `deserialize` makes it again, without its weights.

    >>> from pylego.layers import Flatten
    >>> serialize(Flatten(name="rows"))["config"]["name"]
    'rows'
    """
    return registry.serialize(layer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Layer:
    """Make the layer that `serialize` has described.

    Args:
        config: the description.
        custom_objects: {name of class: class} for layers of your own.

    Raises:
        ValueError: for an unknown class, with the nearest names.
        TypeError: for what describes no layer.
    """
    layer = registry.deserialize(config, custom_objects, kind="layer")
    if not isinstance(layer, Layer):
        raise TypeError(f"A description of a layer was expected. It describes {layer!r}")
    return layer
