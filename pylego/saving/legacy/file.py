"""The .h5 files of Keras 3, and those of Keras 1 and 2: a model's description, weights and state.

A file has the attributes model_config and training_config, JSON both, and the groups model_weights
and optimizer_weights. A file of weights alone is what model_weights is, at its root.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from pylego import registry
from pylego.core.stored_variables import as_numbers_for
from pylego.core.variable import Variable
from pylego.registry import custom
from pylego.saving.errors import CorruptFileError, name_of
from pylego.saving.hdf5 import open_hdf5
from pylego.saving.legacy import model_configs, optimizer_state, training_configs
from pylego.saving.legacy.known_layers import refuse_unknown
from pylego.saving.legacy.layer_configs import Origin
from pylego.saving.legacy.layer_weights import Source
from pylego.saving.legacy.matching import (
    Group,
    Place,
    assignments_for,
    groups_in,
    leaves_of,
    major,
    numbers_at,
    own_variables,
    pair_up,
    places_in,
    size_at,
    source_of,
    version_of,
)
from pylego.saving.training_state import put_back_training_state, read_state_of_model

Assignments = list[tuple[Variable, np.ndarray]]

WEIGHTS = "model_weights"
TOP_LEVEL = "top_level_model_weights"  # of a model's own variables


def load(
    filepath: Any,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> Any:
    """Open a model that was saved in HDF5 by Keras 1, 2 or 3, or here.

    Args:
        filepath: a path, or a binary file.
        custom_objects: {name: class or function} of your own.
        compile: whether the model is compiled as it was; what pylego has not is warned of, and
            leaves it without.
        safe_mode: whether code in the file is refused.

    Raises:
        CorruptFileError: for a damaged file.
        ValueError: for layers that pylego has not, with their names.
    """
    with open_hdf5(filepath) as file:
        name = name_of(filepath)
        try:
            with custom.scope(custom_objects):
                return _load(file, name, compile, safe_mode)
        except CorruptFileError:
            raise
        except (NotImplementedError, TypeError, ValueError) as error:
            raise ValueError(f"{name} cannot be opened: {error}") from error


def _load(file: Any, name: str, is_compiled: bool, safe_mode: bool) -> Any:
    config = read_json(file, "model_config")
    if config is None:
        raise ValueError(
            "it holds weights only, without a model: make the model, and call "
            "model.load_weights(...)"
        )
    model = model_of(config, version_of(file, WEIGHTS), safe_mode)
    if not model.built:
        raise ValueError(
            "the model was saved without the shape of its inputs: make it by code, call it on "
            "data, and load the weights with model.load_weights(...)"
        )
    groups = groups_in(file, WEIGHTS)
    source = source_of(file, WEIGHTS, groups)
    assignments, places = planned(file, model, WEIGHTS, groups, source)
    assign(assignments)
    if source.flips:
        _warn_of_padding(model, name)
    training = read_json(file, "training_config") if is_compiled else None
    if training is not None and _compile(model, training, name):
        _restore_optimizer(model, file, places, source, name)
        put_back_training_state(model, read_state_of_model(file, name))
    return model


def model_of(config: Any, version: int, safe_mode: bool = True) -> Any:
    """Make the model that Keras 1, 2 or 3 describes in a .h5 file, without its weights.

    Raises:
        TypeError: for what is not a description.
        ValueError: for layers that are not there, and what they do not take.
    """
    own = frozenset(custom.known_names())
    origin = Origin(version, custom=own, refuses_code=safe_mode)
    with registry.reading(config, safe_mode=safe_mode):
        description = model_configs.modern_description(config, origin)
        refuse_unknown(description)
        model = registry.deserialize(description)
    if not hasattr(model, "layers"):
        raise ValueError(f"it describes a {type(model).__name__}, which is not a model")
    return model


def model_from_json(config: Mapping[str, Any], custom_objects: Any = None) -> Any:
    """Make the model that `to_json` of Keras 1 or 2 described, with new weights.

    Args:
        config: the JSON text, read; it has 'keras_version'.
        custom_objects: {name: class or function} of your own.

    Raises:
        ValueError: for layers that pylego has not, and for what is not a description.
    """
    try:
        with custom.scope(custom_objects):
            return model_of(config, major(config.get("keras_version")), registry.is_safe())
    except (NotImplementedError, TypeError, ValueError) as error:
        raise ValueError(f"The model cannot be made of its JSON text: {error}") from error


def read_json(file: Any, attribute: str) -> Any:
    """Read an attribute of the file's root that is JSON; None where it is missing.

    Raises:
        CorruptFileError: when it is none.
    """
    text = file.attribute("", attribute)
    if text is None:
        return None
    try:
        return json.loads(text)
    except (RecursionError, TypeError, ValueError) as error:
        raise CorruptFileError(f"the attribute {attribute!r} is not JSON: {error}") from error


# ---- weights ----


def planned(
    file: Any,
    model: Any,
    root: str,
    groups: list[Group],
    source: Source,
    by_name: bool = False,
    skip_mismatch: bool = False,
) -> tuple[Assignments, list[Place]]:
    """Read what the variables of a model will be; the model is not touched.

    Raises:
        ValueError: when the file does not fit the model.
    """
    own = [group for group in groups if group.name == TOP_LEVEL]
    groups = [group for group in groups if group.name != TOP_LEVEL]
    pairs = named_pairs(model, groups) if by_name else pair_up(model, groups)
    places: list[Place] = []
    assignments: Assignments = []
    for layer, group in pairs:
        sizes = {path: size_at(file, path) for path in group.arrays}
        try:
            inside = places_in(layer, group, sizes)
        except ValueError as error:
            if not skip_mismatch:
                raise
            warnings.warn(f"{error}: it stays as it is", stacklevel=4)
            continue
        for place in inside:
            assignments += assignments_for(file, place, source, skip_mismatch)
        places += inside
    for group in own:
        assignments += own_assignments(file, model, group)
    return assignments, places


def own_assignments(file: Any, model: Any, group: Group) -> Assignments:
    """Pair the variables of the model itself, outside of its layers, with arrays.

    Raises:
        ValueError: when they do not fit.
    """
    variables = own_variables(model)
    arrays = [numbers_at(file, path) for path in group.arrays]
    if [array.shape for array in arrays] != [variable.shape for variable in variables]:
        raise ValueError(
            f"the model {model.name!r} itself, outside of its layers, has {len(variables)} "
            f"variables, and the file has {len(arrays)} arrays of these or other shapes"
        )
    return [*zip(variables, arrays)]


def named_pairs(model: Any, groups: list[Group]) -> list[tuple[Any, Group]]:
    """Pair groups with the layers of the same name; others are left out."""
    by_name = {layer.name: layer for layer in model.layers if layer.weights}
    pairs = [(by_name[group.name], group) for group in groups if group.name in by_name]
    if groups and not pairs:
        warnings.warn(
            f"no layer of the model {model.name!r} has the name of a layer in the file, which has "
            f"{', '.join(repr(group.name) for group in groups[:8])}: nothing was loaded",
            stacklevel=5,
        )
    return pairs


def assign(assignments: Assignments) -> None:
    """Give variables their numbers, which fit."""
    for variable, numbers in assignments:
        variable.assign(as_numbers_for(variable, numbers))


def load_weights(
    model: Any, filepath: Any, by_name: bool = False, skip_mismatch: bool = False
) -> None:
    """Take over weights from a .h5 file: of weights alone, or of a whole model.

    Args:
        model: built. If anything is raised, it is as it was.
        filepath: a path, or a binary file.
        by_name: whether layers are found by name, and others left as they are; else the order of
            layers counts.
        skip_mismatch: whether layers that do not fit are left as they are, with a warning.

    Raises:
        CorruptFileError: for a damaged file.
        ValueError: when the weights do not fit the model.
    """
    with open_hdf5(filepath) as file:
        names = file.attribute_names("")
        is_alone = "layer_names" in names or "layer_names0" in names or "nb_layers" in names
        root = "" if is_alone else WEIGHTS
        try:
            if not is_alone and not file.has(WEIGHTS):
                raise CorruptFileError(f"{name_of(filepath)} has no weights of layers in it")
            groups = groups_in(file, root)
            source = source_of(file, root, groups)
            planned_for = planned(file, model, root, groups, source, by_name, skip_mismatch)
        except CorruptFileError:
            raise
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{name_of(filepath)} does not fit the model, so nothing was loaded: {error}"
            ) from error
        assign(planned_for[0])


def _warn_of_padding(model: Any, name: str) -> None:
    """Theano padded strided convolutions, and even kernels, at other sides than TensorFlow."""
    others = [
        leaf.layer.name
        for leaf in leaves_of(model)
        if type(leaf.layer).__name__.startswith("Conv")
        and getattr(leaf.layer, "padding", None) == "same"
        and (
            any(stride > 1 for stride in leaf.layer.strides)
            or any(size % 2 == 0 for size in leaf.layer.kernel_size)
        )
    ]
    if others:
        warnings.warn(
            f"{name}: Theano wrote this file, which pads at other sides than Keras today where "
            "padding='same' meets strides or kernels of even sizes. Outputs will differ from those "
            f"of that time, because of the layers {', '.join(map(repr, others))}",
            stacklevel=4,
        )


# ---- what it was compiled with ----


def _compile(model: Any, training: Any, name: str) -> bool:
    """Compile the model as it was; return whether that could be done."""
    try:
        arguments = training_configs.compile_arguments(training)
        model.compile(**arguments)
    except (TypeError, ValueError, NotImplementedError) as error:
        warnings.warn(
            f"{name}: the model is opened but not compiled: {error}. Call model.compile(...) "
            "before it is trained",
            stacklevel=5,
        )
        return False
    return True


def _restore_optimizer(
    model: Any, file: Any, places: list[Place], source: Source, name: str
) -> None:
    if not file.has(optimizer_state.ROOT):
        return
    optimizer = model.optimizer
    optimizer.build(model.trainable_variables)
    try:
        state = optimizer_state.state_for(optimizer, file, places, source)
    except CorruptFileError:
        raise
    except (LookupError, TypeError, ValueError) as error:
        warnings.warn(f"{name}: the optimizer starts anew: {error}", stacklevel=5)
        return
    assign(state)
