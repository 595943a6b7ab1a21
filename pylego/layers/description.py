"""How a layer is described, so that it can be made and built again."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from pylego import registry
from pylego.core import dtypes
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
    _dtype: str
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
            "dtype": dtypes.policy(self._dtype),
        }
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = registry.serialize(self.activity_regularizer)
        if needs_recording(type(self)):
            accepted, takes_any = _accepted_arguments(type(self))
            config = {k: v for k, v in config.items() if takes_any or k in accepted}
            recorded = _recorded_arguments(type(self), *self._init_arguments)
            config = {**config, **{k: v for k, v in recorded.items() if k not in config}}
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make a layer from what `get_config` returned."""
        return cls(**(registry.read_parts(config) if needs_recording(cls) else config))

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
        if "input_shape" in config:
            self.build(_as_shape(config["input_shape"]))  # type: ignore[attr-defined]
        elif isinstance(config.get("shapes_dict"), Mapping):
            shapes = {key: _as_shape(shape) for key, shape in config["shapes_dict"].items()}
            self.build(**shapes)  # type: ignore[attr-defined]

    def _note_build(self, build: Any, shapes: tuple, named_shapes: dict[str, Any]) -> None:
        """Remember what build() was called with."""
        bound = inspect.signature(build).bind(self, *shapes, **named_shapes).arguments
        self._build_shapes = {key: value for key, value in bound.items() if value is not self}


def _as_shape(shape: Any) -> Any:
    """Shapes are tuples; JSON has only lists."""
    if isinstance(shape, Mapping):
        return {key: _as_shape(value) for key, value in shape.items()}
    if isinstance(shape, (list, tuple)):
        is_shape = all(length is None or isinstance(length, int) for length in shape)
        return tuple(shape) if is_shape else [_as_shape(one) for one in shape]
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


def needs_recording(cls: type) -> bool:
    """Return whether the class has an __init__ of its own, but no get_config that knows it."""
    return not issubclass(_definer(cls, "get_config"), _definer(cls, "__init__"))


def _definer(cls: type, method: str) -> type:
    return next(base for base in cls.__mro__ if method in vars(base))


def _accepted_arguments(cls: type) -> tuple[set[str], bool]:
    """Return the names that __init__ takes, and whether it takes any others (**kwargs)."""
    parameters = inspect.signature(cls.__init__).parameters.values()  # type: ignore[misc]
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters)
    return {p.name for p in parameters}, takes_any


def _recorded_arguments(cls: type, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments that __init__ was called with, by name, as get_config() shows them.

    Raises:
        NotImplementedError: for an argument that cannot be described.
    """
    bound = inspect.signature(cls.__init__).bind(None, *args, **kwargs)  # type: ignore[misc]
    given = dict(list(bound.arguments.items())[1:])
    for name, parameter in bound.signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            given.update(given.pop(name, {}))
        elif parameter.kind is parameter.VAR_POSITIONAL:
            given.pop(name, None)  # on their way to a base class, whose get_config knows them
    return {name: _describe(cls, name, value) for name, value in given.items()}


def _describe(cls: type, name: str, value: Any) -> Any:
    try:
        return registry.serialize(value)
    except TypeError as error:
        raise NotImplementedError(
            f"{cls.__name__} was made with {name}={shown(value)}, which cannot be described by "
            f"itself ({error}): define get_config(self), and from_config(cls, config) where the "
            "argument has to be made again"
        ) from error
