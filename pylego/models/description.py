"""How a model is described: its graph or its arguments, how it was built, how it was compiled."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from pylego import registry
from pylego.layers.description import Described
from pylego.models import graph_config, graph_reading
from pylego.registry.shown import shown
from pylego.training.step import Steps

_COMPILE_ARGUMENTS = (
    "optimizer", "loss", "loss_weights", "metrics", "weighted_metrics", "run_eagerly",
    "steps_per_execution", "jit_compile",
)  # fmt: skip


class DescribedModel(Described):
    """The part of `Model` that describes it, and makes it again."""

    built: bool
    optimizer: Any
    _function: Any

    @property
    def _keras_identity(self) -> tuple[str, str] | None:
        """What Keras calls Model(inputs, outputs)."""
        is_plain = type(self).__module__ == "pylego.models.model"
        is_functional = is_plain and graph_config.is_functional(self)
        return ("keras.src.models.functional", "Functional") if is_functional else None

    def get_config(self) -> dict[str, Any]:
        """Return the description of the graph, or the arguments that make the model again.

        A model with a graph is described by its layers and their calls, one with an `__init__` of
        its own by the arguments that it was made with.

        Raises:
            NotImplementedError: when one of these cannot be described.
        """
        if graph_config.is_functional(self) and takes_graph(type(self)):
            ends = {"name": self.name, "trainable": self.trainable}  # type: ignore[attr-defined]
            with registry.sharing():
                return {**ends, **graph_config.describe_graph(self)}
        return super().get_config()

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Any:
        """Make a new model, with new weights, from what `get_config` returned.

        Args:
            config: the description.
            custom_objects: {name: class or function} of your own.

        Raises:
            ValueError: for an unknown layer, with the nearest names, and for a graph that cannot
                be followed.
            TypeError: for what describes no model.
        """
        if not isinstance(config, Mapping):
            raise TypeError(
                f"A model is made of the dictionary that get_config() returned. Received: "
                f"{shown(config)}"
            )
        with registry.reading(config, custom_objects):
            if graph_config.is_graph(config) and takes_graph(cls):
                return _from_graph(cls, config)
            return super().from_config(config)

    def get_build_config(self) -> dict[str, Any] | None:
        """Return the shapes that the model was built for; None before it is built."""
        if graph_config.is_functional(self):
            return {"input_shape": None}  # what its layers say
        return super().get_build_config()

    def get_compile_config(self) -> dict[str, Any]:
        """Return what `compile` was given, as plain data; {} before.

        Raises:
            TypeError: for a loss or a metric that cannot be described, such as a lambda.
        """
        given = getattr(self, "_compile_arguments", None)
        if given is None:
            return {}
        return {name: registry.serialize(given[name]) for name in _COMPILE_ARGUMENTS}

    def compile_from_config(self, config: Mapping[str, Any]) -> None:
        """Compile the model with what `get_compile_config` returned.

        A model with a `compile` of its own is left uncompiled, with a warning, and so is one whose
        loss or metrics are not known.

        Raises:
            TypeError: for what describes no settings.
            ValueError: for settings that `compile` does not take.
        """
        if type(self).compile is not Steps.compile:  # type: ignore[attr-defined]
            warnings.warn(
                f"{type(self).__name__} has a compile() of its own, so that it was not compiled: "
                "compile it, or define get_compile_config() and compile_from_config(config)",
                stacklevel=2,
            )
            return
        if not isinstance(config, Mapping):
            raise TypeError(f"compile is described by a dictionary. Received: {shown(config)}")
        try:
            settings = registry.read_parts(config)
        except registry.UnknownNameError as error:
            warnings.warn(
                f"The model was not compiled: {error}. It can predict; compile it to train it",
                stacklevel=2,
            )
            return
        self.compile(**settings)  # type: ignore[attr-defined]
        if self.built and self.optimizer is not None:
            self.optimizer.build(self.trainable_variables)  # type: ignore[attr-defined]

    def to_json(self, **kwargs: Any) -> str:
        """Return the description of the model, without its weights, as JSON.

        Args:
            **kwargs: of `json.dumps`, such as `indent=2`.

        >>> from pylego import Sequential, layers, models
        >>> model = Sequential([layers.Dense(2, input_shape=(3,))])
        >>> models.model_from_json(model.to_json()).output_shape
        (None, 2)
        """
        import json

        with registry.sharing():
            return json.dumps(registry.serialize(self), **kwargs)


def takes_graph(cls: type) -> bool:
    """Return whether the class is made of inputs and outputs, as `Model` is."""
    maker = next(base for base in cls.__mro__ if "__init__" in vars(base))
    parameters = list(inspect.signature(maker.__init__).parameters.values())[1:]  # type: ignore[misc]
    kinds = {parameter.kind for parameter in parameters}
    takes_any = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD} <= kinds
    return takes_any or [p.name for p in parameters[:2]] == ["inputs", "outputs"]


def _from_graph(cls: type, config: Mapping[str, Any]) -> Any:
    others = {key: value for key, value in config.items() if key not in graph_config.KEYS}
    trainable = others.pop("trainable", True)
    inputs, outputs = graph_reading.read_graph(config)
    model = cls(inputs=inputs, outputs=outputs, **registry.read_parts(others))
    if trainable is False:  # else each layer says whether it trains
        model.trainable = False
    return model


def _is_older(config: Any) -> bool:
    """Whether Keras 1 or 2 wrote it: Keras 3 names modules, and no version."""
    return isinstance(config, Mapping) and "keras_version" in config and "module" not in config


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Make a model, with new weights, of what `to_json` returned, here or in Keras.

    Args:
        json_string: the description.
        custom_objects: {name: class or function} of your own.

    Raises:
        ValueError: for what is not JSON, or describes what cannot be made.
        TypeError: for what describes no model.
    """
    import json

    if not isinstance(json_string, (str, bytes, bytearray)):
        raise TypeError(f"A model is read of a JSON text. Received: {shown(json_string)}")
    try:
        config = json.loads(json_string)
    except RecursionError:
        raise ValueError("The JSON text is nested too deeply to describe a model") from None
    except ValueError as error:
        raise ValueError(f"The model is not described in JSON: {error}") from error
    if _is_older(config):
        return import_module("pylego.saving.legacy").model_from_json(config, custom_objects)
    model = registry.deserialize(config, custom_objects, kind="model")
    if not isinstance(model, DescribedModel):
        raise TypeError(f"The JSON text describes {shown(model)}, which is not a model")
    return model
