"""A chain of layers that is one layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pylego import registry
from pylego.layers.layer import Layer
from pylego.registry.shown import shown


class Pipeline(Layer):
    """Apply layers one after another, as to prepare images: a layer, not a model.

    Args:
        layers: the layers, the one that gets the inputs first.
        name: of the layer.

    Raises:
        TypeError: for what is not a list of layers.

    >>> from pylego.layers import CenterCrop, Rescaling
    >>> Pipeline([CenterCrop(1, 1), Rescaling(0.5)])([[[2.0], [4.0], [6.0]]]).numpy().tolist()
    [[[2.0]]]
    """

    def __init__(self, layers: Sequence[Layer], name: str | None = None):
        if isinstance(layers, Layer) or not all(isinstance(layer, Layer) for layer in layers):
            raise TypeError(
                "Pipeline is made with a list of layers, as in Pipeline([Rescaling(1 / 255)]). "
                f"Received: layers={layers!r}"
            )
        super().__init__(name=name)
        self._pipeline_layers = list(layers)

    @property
    def layers(self) -> list[Layer]:
        """The layers, in the order in which they are applied."""
        return list(self._pipeline_layers)

    def call(self, inputs: Any, training: bool = True, mask: Any = None) -> Any:
        given = {"training": training} if mask is None else {"training": training, "mask": mask}
        for layer in self._pipeline_layers:
            known = {name: given[name] for name in given if name in layer._call_names}
            inputs = layer(inputs, **known)
            given.pop("mask", None)  # later layers find the one that their inputs carry
        return inputs

    def get_config(self) -> dict[str, Any]:
        layers = [registry.serialize(layer) for layer in self._pipeline_layers]
        return {"name": self.name, "layers": layers}

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Pipeline:
        """Make a layer, and those that it applies, from what `get_config` returned.

        Raises:
            ValueError: for what describes no list of layers.
        """
        if not isinstance(config.get("layers"), (list, tuple)):
            raise ValueError(
                "A Pipeline is described by 'name' and a list of 'layers'. Received: "
                f"{shown(config)}"
            )
        layers = [registry.deserialize(layer, custom_objects) for layer in config["layers"]]
        return cls(**(config | {"layers": layers}))
