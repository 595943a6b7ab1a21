"""Write the .h5 files of Keras 3, which Keras calls legacy: a model, or its weights alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pylego import losses, registry
from pylego.core.variable import Variable
from pylego.keras_version import KERAS_VERSION
from pylego.losses.serialization import knows as is_known_loss
from pylego.registry import custom
from pylego.saving.hdf5 import create_hdf5
from pylego.saving.legacy.matching import own_variables
from pylego.saving.training_state import training_state_of, write_training_state

BACKEND = "pylego"

_OF_A_LAYER = ("class_name", "config", "name", "inbound_nodes", "shared_object_id")


def save(model: Any, filepath: Any, include_optimizer: bool = True) -> None:
    """Save a model in HDF5, as Keras 3 does: description, weights, optimizer.

    Args:
        model: built.
        filepath: a path that ends in .h5 or .hdf5, or a binary file.
        include_optimizer: whether what it was compiled with, and the optimizer's state, are saved.

    Raises:
        NotImplementedError: for a model that only its code describes.
        TypeError: for what cannot be described, such as a lambda.
        ValueError: for a model that is not built.
    """
    attributes = {"keras_version": KERAS_VERSION, "backend": BACKEND}
    attributes["model_config"] = json.dumps(model_config(model))
    optimizer = getattr(model, "optimizer", None) if include_optimizer else None
    if optimizer is not None:
        attributes["training_config"] = json.dumps(training_config(model))
    _check_built(model)
    with create_hdf5(filepath) as file:
        for name, value in attributes.items():
            file.set_attribute("", name, value)
        _write_layers(file, "model_weights", model)
        if optimizer is not None and optimizer.variables:
            _write_arrays(file, "optimizer_weights", optimizer.variables)
            write_training_state(file, training_state_of(model))


def save_weights(model: Any, filepath: Any) -> None:
    """Save the weights alone, as Keras 2's `save_weights("x.h5")` did.

    Args:
        model: built.
        filepath: a path, or a binary file.

    Raises:
        ValueError: for a model that is not built.
    """
    _check_built(model)
    with create_hdf5(filepath) as file:
        _write_layers(file, "", model)


def _check_built(model: Any) -> None:
    if not model.built:
        raise ValueError(
            f"The model {model.name!r} has no weights yet: call it on data, or build it, before it "
            "is saved"
        )


# ---- numbers ----


def _write_layers(file: Any, root: str, model: Any) -> None:
    layers = model.layers
    if root:
        file.group(root)
    file.set_attribute(root, "layer_names", [layer.name for layer in layers])
    file.set_attribute(root, "backend", BACKEND)
    file.set_attribute(root, "keras_version", KERAS_VERSION)
    for layer in layers:
        weights = [*layer.trainable_weights, *layer.non_trainable_weights]
        _write_arrays(file, _below(root, layer.name), weights)
    _write_arrays(file, _below(root, "top_level_model_weights"), own_variables(model))


def _below(root: str, name: str) -> str:
    return f"{root}/{name}" if root else name


def _write_arrays(file: Any, path: str, variables: list[Variable]) -> None:
    file.group(path)
    names = _distinct([variable.path for variable in variables])
    file.set_attribute(path, "weight_names", names)
    for name, variable in zip(names, variables):
        file.write(f"{path}/{name}", variable.numpy())


def _distinct(names: list[str]) -> list[str]:
    """Number the names that come again."""
    seen: dict[str, int] = {}
    distinct = []
    for name in names:
        number = seen[name] = seen.get(name, -1) + 1
        distinct.append(f"{name}_{number}" if number else name)
    return distinct


# ---- descriptions ----


def model_config(model: Any) -> dict[str, Any]:
    """Describe a model as Keras does in .h5 files: layers say their class, and no module."""
    description = registry.serialize(model)
    return _without_modules(description)


def _without_modules(description: Any) -> Any:
    """Take modules from the descriptions of layers, at every depth of models."""
    if not isinstance(description, Mapping) or "class_name" not in description:
        return description
    described = {key: description[key] for key in _OF_A_LAYER if key in description}
    described["class_name"] = _class_name(description)
    config = description["config"]
    if isinstance(config, Mapping) and isinstance(config.get("layers"), (list, tuple)):
        layers = [_without_modules(layer) for layer in config["layers"]]
        described["config"] = {**config, "layers": layers}
    return described


def _class_name(description: Mapping[str, Any]) -> str:
    registered = description.get("registered_name")
    is_own = registered and not str(description.get("module") or "").startswith("keras")
    return str(registered if is_own else description["class_name"])


def training_config(model: Any) -> dict[str, Any]:
    """Describe what a model was compiled with, as Keras does in .h5 files."""
    given = {**(model.get_compile_config() or {})}
    given.pop("optimizer", None)
    given["loss"] = _in_full(given.get("loss"))
    config = {key: _plain(value) for key, value in given.items()}
    optimizer = model.optimizer
    if optimizer is not None:
        config["optimizer_config"] = {
            "class_name": custom.name_of(type(optimizer)),
            "config": optimizer.get_config(),
        }
    return config


def _in_full(loss: Any) -> Any:
    """Losses by their full names, for Keras does not open a .h5 file that says 'mse'."""
    if isinstance(loss, str):
        return getattr(losses.get(loss), "__name__", loss) if is_known_loss(loss) else loss
    if isinstance(loss, Mapping) and "class_name" not in loss:
        return {key: _in_full(value) for key, value in loss.items()}
    return [_in_full(item) for item in loss] if isinstance(loss, list) else loss


def _plain(value: Any) -> Any:
    """Losses and metrics by name, or by class and arguments."""
    if isinstance(value, Mapping) and value.get("class_name") == "function":
        return value["config"]
    if isinstance(value, Mapping) and "class_name" in value and "config" in value:
        return {"class_name": _class_name(value), "config": value["config"]}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
