"""What training goes on from besides the numbers of a model, in the file that holds these.

It is a group of its own in the HDF5 file, also inside of `.keras`: a text in JSON, and the arrays
that the text refers to. Keras does not look for it.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from pylego import random
from pylego.core.variable import Variable
from pylego.saving.errors import CorruptFileError
from pylego.saving.hdf5 import HDF5File, NewHDF5File
from pylego.training.own_draws import OwnDraws

GROUP = "training_state"
FORMAT = 1


def training_state_of(model: Any) -> dict[str, Any]:
    """Return what belongs to a model itself: the order of rows, and counters of random numbers."""
    if not _learns(model):
        return {}
    own = model._own_draws
    draws = own.draws if own and own.are_current() else random.global_draws()
    seeds = [seed.numpy().tolist() for seed in _seeds_of(model)]
    return {"row_order": model._row_order.state(), "draws": draws, "seeds": seeds}


def read_state_of_model(file: HDF5File, name: str) -> dict[str, Any] | None:
    """Read what `training_state_of` returned; None where there is nothing.

    Raises:
        CorruptFileError: for anything else.
    """
    state = read_training_state(file, name)
    if not state:
        return None
    try:
        row_order = state["row_order"]
        counters = [[row_order["seed"], row_order["drawn"]], state["draws"], *state["seeds"]]
    except (LookupError, TypeError) as error:
        raise CorruptFileError(f"{name}: its state of training is damaged: {error}") from error
    if not all(map(_is_counter, counters)):
        raise CorruptFileError(f"{name}: its state of training is damaged: {counters!r:.200}")
    return state


def put_back_training_state(model: Any, state: dict[str, Any] | None) -> None:
    """Let a model go on from what `training_state_of` returned, if both were compiled."""
    if not (_learns(model) and state):
        return
    model._row_order.put_back(state["row_order"])
    model._own_draws = OwnDraws(state["draws"])
    seeds = _seeds_of(model)
    if len(seeds) == len(state["seeds"]):
        for seed, numbers in zip(seeds, state["seeds"]):
            seed.assign(numbers)


def _is_counter(found: Any) -> bool:
    return (
        isinstance(found, list)
        and len(found) == 2
        and all(type(number) is int and 0 <= number < 2**63 for number in found)
    )


def _seeds_of(model: Any) -> list[Variable]:
    """The states of the generators in layers: `.h5` files of Keras have no other place for them."""
    weights = {id(weight) for weight in model.weights}
    return [variable for variable in model.variables if id(variable) not in weights]


def _learns(model: Any) -> bool:
    return getattr(model, "compiled", False)  # layers have weights files as well


def write_training_state(file: NewHDF5File, state: dict[str, Any]) -> None:
    """Write a tree of numbers, texts and arrays into an open file.

    Raises:
        TypeError: for anything else.
    """
    arrays: list[np.ndarray] = []
    text = json.dumps({"format": FORMAT, "state": _without_arrays(state, arrays)})
    file.write(f"{GROUP}/json", np.frombuffer(text.encode(), np.uint8))
    for number, array in enumerate(arrays):
        file.write(f"{GROUP}/arrays/{number}", array)


def read_training_state(file: HDF5File, name: str) -> dict[str, Any] | None:
    """Read what `write_training_state` wrote; None where there is nothing.

    Args:
        file: the open file.
        name: of the file, for messages.

    Raises:
        CorruptFileError: for what is no such text.
        ValueError: for what a later version of pylego wrote.
    """
    if not file.has(f"{GROUP}/json"):
        return None
    try:
        document = json.loads(file.read(f"{GROUP}/json").tobytes())
        if document["format"] == FORMAT:
            return _with_arrays(document["state"], file)
    except CorruptFileError:
        raise
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise CorruptFileError(f"{name}: its state of training is damaged: {error}") from error
    raise ValueError(
        f"{name} has a state of training in format {document['format']!r}, from another version of "
        f"pylego; this one reads format {FORMAT}."
    )


def _without_arrays(tree: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(tree, np.ndarray):
        arrays.append(tree)
        return {"array": len(arrays) - 1}
    if isinstance(tree, np.generic):
        return tree.item()
    if isinstance(tree, dict):
        return {"tree": {name: _without_arrays(part, arrays) for name, part in tree.items()}}
    if isinstance(tree, (list, tuple)):
        return [_without_arrays(part, arrays) for part in tree]
    if tree is None or isinstance(tree, (bool, int, float, str)):
        return tree
    raise TypeError(
        "The state of a callback is made of numbers, texts and arrays, in dictionaries and lists. "
        f"get_training_state() returned: {tree!r} (a {type(tree).__name__})"
    )


def _with_arrays(tree: Any, file: HDF5File) -> Any:
    if isinstance(tree, list):
        return [_with_arrays(part, file) for part in tree]
    if not isinstance(tree, dict):
        return tree
    if "array" in tree:
        return file.read(f"{GROUP}/arrays/{tree['array']}")
    return {name: _with_arrays(part, file) for name, part in tree["tree"].items()}
