"""Save and open models and weights, in the format that the name or the content says."""

from __future__ import annotations

import os
from typing import Any

from pylego.saving import keras_file
from pylego.saving.atomic import is_path
from pylego.saving.errors import name_of
from pylego.saving.hdf5 import create_hdf5, open_hdf5
from pylego.saving.loading import load_state
from pylego.saving.training_state import (
    put_back_training_state,
    read_training_state,
    training_state_of,
    write_training_state,
)
from pylego.saving.weights import WeightsFile, write_weights


def save_model(
    model: Any, filepath: Any, overwrite: bool = True, zipped: bool | None = None, **older: Any
) -> None:
    """Save a model: see `Model.save`."""
    _check_free(filepath, overwrite)
    keras_file.save(model, filepath)


def load_model(
    filepath: Any, custom_objects: Any = None, compile: bool = True, safe_mode: bool = True
) -> Any:
    """Open a model."""
    return keras_file.load(filepath, custom_objects, compile, safe_mode)


def save_weights(
    model: Any, filepath: Any, overwrite: bool = True, max_shard_size: float | None = None
) -> None:
    """Save the numbers of a model."""
    _check_free(filepath, overwrite)
    with create_hdf5(filepath) as file:
        write_weights(file, model)
        write_training_state(file, training_state_of(model))


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False, **options: Any) -> None:
    """Take over numbers from a file."""
    with open_hdf5(filepath) as file:
        name, numbers = name_of(filepath), WeightsFile(file)
        _build_optimizer(model, numbers)
        load_state(model, numbers, name, skip_mismatch)
        if not skip_mismatch:
            put_back_training_state(model, read_training_state(file, name))


def _build_optimizer(model: Any, numbers: WeightsFile) -> None:
    """Make the optimizer's variables if there are numbers for them, as `fit` would do later."""
    if not (model.compiled and model.built) or model.optimizer.built:
        return
    if len(numbers.store("optimizer")) > len(model.optimizer.variables):
        model.optimizer.build(model.trainable_variables)


def _check_free(filepath: Any, overwrite: bool) -> None:
    if not overwrite and is_path(filepath) and os.path.exists(filepath):
        raise FileExistsError(f"{name_of(filepath)} is there already: give overwrite=True")
