"""The numbers of a model in one HDF5 file, or in several that a `.json` lists."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

from pylego.saving.atomic import writing
from pylego.saving.errors import CorruptFileError, name_of
from pylego.saving.hdf5 import create_hdf5, open_hdf5
from pylego.saving.loading import load_state
from pylego.saving.training_state import (
    put_back_training_state,
    read_state_of_model,
    training_state_of,
    write_training_state,
)
from pylego.saving.weights import ArraysOnly, WeightsFile, WeightsFiles, write_weights

LARGEST_LIST = 1 << 26  # bytes of a `.json` that lists files


def write(model: Any, target: Any, skip: Iterable[Any] = ()) -> None:
    """Write the numbers to a path, whole or not at all, or to a binary file object."""
    with create_hdf5(target) as file:
        write_weights(file, model, skip)
        write_training_state(file, training_state_of(model))


def read(
    model: Any, source: Any, name: str, skip_mismatch: bool = False, skip: Iterable[Any] = ()
) -> None:
    """Take over numbers from a path or a binary file object: see `load_state`."""
    with open_hdf5(source) as file:
        numbers = WeightsFile(file)
        state = read_state_of_model(file, name)
        _build_optimizer(model, numbers)
        load_state(model, numbers, name, skip_mismatch, skip)
        if not (skip_mismatch or skip):
            put_back_training_state(model, state)


def _build_optimizer(model: Any, numbers: WeightsFile) -> None:
    """Make the optimizer's variables where there are numbers for them; `fit` does it too late."""
    optimizer = model.optimizer if getattr(model, "compiled", False) and model.built else None
    if optimizer is None or optimizer.built:
        return
    if len(numbers.store("optimizer")) > len(optimizer.variables):
        optimizer.build(model.trainable_variables)


# ---- several files ----


def write_shards(model: Any, path: str, max_shard_size: float, skip: Iterable[Any] = ()) -> None:
    """Write the numbers into files of a largest size, and the list of these to `.json`.

    Args:
        model: whose numbers they are.
        path: of the list; what is before `.weights.json` begins the names of the files.
        max_shard_size: in GB.
        skip: objects that are left out.

    Raises:
        ValueError: when one array is larger.
    """
    path = list_path(path)
    shards = _cut(ArraysOnly.of(model, skip), max_shard_size * 2**30)
    where: dict[str, list[str]] = {}
    for number, groups in enumerate(shards):
        name = f"{_stem(path)}_{number:05}.weights.h5"
        with create_hdf5(os.path.join(os.path.dirname(path), name)) as file:
            for group, arrays in groups.items():
                file.group(group)
                for key, array in arrays.items():
                    file.write(f"{group}/{key}", array)
                where.setdefault(f"/{group}", []).append(name)
    size = sum(a.nbytes for groups in shards for arrays in groups.values() for a in arrays.values())
    listed = {"metadata": {"total_size": size}, "weight_map": where}
    with writing(path) as file:  # last, so that it never lists what is not there
        file.write(json.dumps(listed, indent=4).encode())


Groups = dict[str, dict[str, Any]]


def _cut(groups: Groups, most: float) -> list[Groups]:
    """Deal arrays out to files, in order."""
    shards: list[Groups] = [{}]
    size = 0
    for group, arrays in groups.items():
        for key, array in arrays.items():
            if array.nbytes > most:
                raise ValueError(
                    f"The array {group}/{key} has {array.nbytes:,} bytes, and max_shard_size "
                    f"allows {int(most):,} in a file: give a larger max_shard_size (in GB)"
                )
            if size + array.nbytes > most:
                shards.append({})
                size = 0
            size += array.nbytes
            shards[-1].setdefault(group, {})[key] = array
    return shards


def read_shards(
    model: Any, path: str, skip_mismatch: bool = False, skip: Iterable[Any] = ()
) -> None:
    """Take over numbers from the files that a `.json` lists."""
    path = list_path(path)
    name = name_of(path)
    where = _read_list(path, name)
    folder = os.path.dirname(path)
    with ExitStack() as opened:
        files = {
            one: WeightsFile(opened.enter_context(open_hdf5(os.path.join(folder, one))))
            for one in sorted({one for names in where.values() for one in names})
        }
        found = WeightsFiles(files, where)
        load_state(model, found, name, skip_mismatch, skip)


def _read_list(path: str, name: str) -> dict[str, list[str]]:
    with open(path, "rb") as file:
        text = file.read(LARGEST_LIST)
    try:
        where = json.loads(text)["weight_map"]
        found = {k.strip("/"): [v] if isinstance(v, str) else [*v] for k, v in where.items()}
    except (ValueError, RecursionError, AttributeError, LookupError, TypeError):
        raise CorruptFileError(
            f"{name} is not a list of weights files, or it is damaged."
        ) from None
    names = [one for names in found.values() for one in names]
    if not all(isinstance(one, str) and one == os.path.basename(one) and one for one in names):
        raise CorruptFileError(f"{name} lists files that are not beside it.")
    return found


def list_path(path: str) -> str:
    """Return the path of the list of a model's files."""
    return path if path.endswith(".json") else f"{os.path.splitext(path)[0]}.json"


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0].replace(".weights", "")
