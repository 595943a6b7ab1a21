"""The base of layers that do something with one other layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pylego import registry
from pylego.layers.layer import Layer


class Wrapper(Layer):
    """Hold another layer: the base of layers that call one in a way of their own.

    A subclass defines `call`. The weights are those of the layer that is held.

    Args:
        layer: the one that is held.
        **kwargs: see `Layer`.

    Raises:
        TypeError: when it is not a layer.

    >>> class Twice(Wrapper):
    ...     def call(self, inputs):
    ...         return self.layer(self.layer(inputs))
    >>> from pylego.layers import Dense
    >>> Twice(Dense(3)).compute_output_shape((None, 3))
    (None, 3)
    """

    def __init__(self, layer: Layer, **kwargs: Any):
        if not isinstance(layer, Layer):
            raise TypeError(
                f"{type(self).__name__} is made with a layer, as in {type(self).__name__}"
                f"(Dense(3)). Received: layer={layer!r}"
            )
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        if not self.layer.built:
            self.layer.build(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "layer": registry.serialize(self.layer)}

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Wrapper:
        """Make a layer, and the one that it holds, from what `get_config` returned."""
        layer = registry.deserialize(config["layer"], custom_objects)
        return cls(**(config | {"layer": layer}))
