"""Write small .h5 files as Keras 0 to 2 wrote them: what tests open."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

# Sixteen published models of Keras 1 and 2, which are not part of the repository.
SHARED = Path("/work/shared/data/old_keras_models")
needs_old_models = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no old models in {SHARED}")

Weights = Mapping[str, Mapping[str, np.ndarray]]  # layer: {name of the array: array}


def old_file(
    config: Any,
    weights: Weights,
    version: str | None = None,
    backend: str | None = None,
    training: Any = None,
    state: Mapping[str, np.ndarray] | None = None,
) -> io.BytesIO:
    """Return a file of a whole model.

    Args:
        config: {'class_name', 'config'} of the model.
        weights: arrays of each layer, in order.
        version: of Keras; Keras 1 noted it at the root only, and no backend.
        backend: what it computed with.
        training: the training_config.
        state: arrays of the optimizer, in order.
    """
    target = io.BytesIO()
    with h5py.File(target, "w") as file:
        file.attrs["model_config"] = json.dumps(config).encode()
        file.attrs["keras_version"] = (version or "1.2.2").encode()
        if training is not None:
            file.attrs["training_config"] = json.dumps(training).encode()
        write_weights(file.create_group("model_weights"), weights, version, backend)
        if state:
            _write_arrays(file.create_group("optimizer_weights"), state)
    target.seek(0)
    return target


def weights_file(
    weights: Weights, version: str | None = None, backend: str | None = None
) -> io.BytesIO:
    """Return a file of weights alone."""
    target = io.BytesIO()
    with h5py.File(target, "w") as file:
        write_weights(file, weights, version, backend)
    target.seek(0)
    return target


def numbered_file(layers: Sequence[Sequence[np.ndarray]]) -> io.BytesIO:
    """Return a file of weights of Keras 0, where layers and arrays have numbers for names."""
    target = io.BytesIO()
    with h5py.File(target, "w") as file:
        file.attrs["nb_layers"] = len(layers)
        for number, arrays in enumerate(layers):
            group = file.create_group(f"layer_{number}")
            group.attrs["nb_params"] = len(arrays)
            for which, array in enumerate(arrays):
                group[f"param_{which}"] = array
    target.seek(0)
    return target


def write_weights(
    group: Any, weights: Weights, version: str | None = None, backend: str | None = None
) -> None:
    """Write what `model_weights` has."""
    group.attrs["layer_names"] = _bytes(weights)
    if version is not None:
        group.attrs["keras_version"] = version.encode()
    if backend is not None:
        group.attrs["backend"] = backend.encode()
    for layer, arrays in weights.items():
        _write_arrays(group.create_group(layer), arrays)


def _write_arrays(group: Any, arrays: Mapping[str, np.ndarray]) -> None:
    group.attrs["weight_names"] = _bytes(arrays)
    for name, array in arrays.items():
        group[name] = array


def _bytes(names: Any) -> list[bytes]:
    return [name.encode() for name in names]


def sequential(*layers: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a Sequential as Keras 1 described it: a plain list."""
    described = [{"class_name": name, "config": config} for name, config in layers]
    return {"class_name": "Sequential", "config": described}
