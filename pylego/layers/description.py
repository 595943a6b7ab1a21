"""How a layer is described, so that it can be made and built again."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from pylego import registry
from pylego.dtype_policies import DTypePolicy
from pylego.registry.shown import shown

# What `Layer` takes out of its **kwargs.
_FIRST_LAYER = ("input_shape", "input_dim", "batch_input_shape", "batch_size", "weights")


class Described:
    """The part of `Layer` that describes it in Keras's dictionaries.

    A layer with an `__init__` but without a `get_config` of its own is described by the arguments
    it was made with.
    """

    name: str
    _trainable: bool
    _dtype_policy: DTypePolicy
    _init_arguments: tuple[tuple, dict[str, Any]]
    activity_regularizer: Any
    _defines_build: bool
    _own_layers: Any
    # What build() was called with, by the names of its arguments; None before.
    _build_shapes: dict[str, Any] | None = None

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make the layer again, as plain data.

        Raises:
            NotImplementedError: when one of them cannot be described.
        """
        config: dict[str, Any] = {
            "name": self.name,
            "trainable": self._trainable,
            "dtype": registry.serialize(self._dtype_policy),
        }
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = registry.serialize(self.activity_regularizer)
        return registry.completed(self, config)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make a layer from what `get_config` returned."""
        return cls(**registry.read_arguments(cls, config))

    def get_build_config(self) -> dict[str, Any] | None:
        """Return the shapes that the layer was built for; None before, and without weights."""
        shapes = self._build_shapes
        if shapes is None or not (self._defines_build or self._own_layers()):
            return None
        if len(shapes) == 1:
            return {"input_shape": next(iter(shapes.values()))}
        return {"shapes_dict": shapes}

    def build_from_config(self, config: Mapping[str, Any]) -> None:
        """Build the layer for the shapes that `get_build_config` returned.

        Raises:
            ValueError: when it has no such shapes.
        """
        if not isinstance(config, Mapping):
            raise ValueError(f"build_config must be a dictionary. Received: {shown(config)}")
        try:
            if "input_shape" in config:
                self.build(_as_shape(config["input_shape"]))  # type: ignore[attr-defined]
            elif isinstance(config.get("shapes_dict"), Mapping):
                given = config["shapes_dict"].items()  # a user's build() may take more than shapes
                shapes = {k: _as_shape(x) if k.endswith("_shape") else x for k, x in given}
                self.build(**shapes)  # type: ignore[attr-defined]
        except (LookupError, ArithmeticError, TypeError) as error:
            raise ValueError(
                f"Layer {self.name!r} cannot be built for {shown(dict(config))}: {error}"
            ) from error

    def _note_build(self, build: Any, shapes: tuple, named_shapes: dict[str, Any]) -> None:
        """Remember what build() was called with."""
        bound = inspect.signature(build).bind(self, *shapes, **named_shapes).arguments
        self._build_shapes = {key: value for key, value in bound.items() if value is not self}


def _as_shape(shape: Any) -> Any:
    """Shapes are tuples; JSON has only lists."""
    if isinstance(shape, Mapping):
        return {key: _as_shape(value) for key, value in shape.items()}
    if isinstance(shape, (list, tuple)):
        is_shape = all(length is None or type(length) is int for length in shape)
        return tuple(shape) if is_shape else [_as_shape(one) for one in shape]
    if shape is not None:
        raise TypeError(f"{shown(shape)} is not a shape of a batch, such as (None, 784)")
    return shape


def argument_names(cls: type) -> list[str]:
    """List the names of all arguments that a class and its bases take, for "did you mean"."""
    found: dict[str, None] = {}
    for base in cls.__mro__[:-1]:
        if "__init__" in vars(base):
            parameters = inspect.signature(base.__init__).parameters  # type: ignore[misc]
            found.update(dict.fromkeys(parameters))
    found.update(dict.fromkeys(_FIRST_LAYER))
    return [name for name in found if name not in ("self", "args", "kwargs")]
