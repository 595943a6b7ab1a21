"""An optimizer's state in a .h5 file: which array is which variable's momentum, and so on.

Keras 3 writes the variables in its own order. Before, there was a number of steps, or not, and then
for each slot an array for each weight; or, from TensorFlow 2.11 on, the slots of a weight together.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego.core.variable import Variable
from pylego.saving.legacy.layer_weights import Source
from pylego.saving.legacy.matching import Place, leaf_of, listed, numbers_at, rearranged

Pairs = list[tuple[Variable, np.ndarray]]

ROOT = "optimizer_weights"

# The slots of older optimizers, in their order, by the names that they have today.
_SLOTS = {
    "Adadelta": ("accumulated_grad", "accumulated_delta_var"),
    "Adagrad": ("accumulator",),
    "Adam": ("momentum", "velocity"),
    "AdamW": ("momentum", "velocity"),
    "Adamax": ("momentum", "norm"),
    "Nadam": ("momentum", "velocity"),
    "RMSprop": ("velocity",),
    "SGD": ("momentum",),
}


def state_for(optimizer: Any, file: Any, places: list[Place], source: Source) -> Pairs:
    """Return what an optimizer's variables were when the file was written.

    Args:
        optimizer: built.
        file: open.
        places: the layers of the model, and their arrays in the file.
        source: what wrote the file.

    Raises:
        ValueError: when it does not fit this optimizer.
    """
    paths = [f"{ROOT}/{name}" for name in listed(file, ROOT, "weight_names")]
    arrays = [numbers_at(file, path) for path in paths]
    variables = optimizer.variables
    if source.version >= 3:
        return _paired(variables, arrays)
    older = _Older(optimizer, places, source)
    return older.pairs(paths, arrays)


def _paired(variables: list[Variable], arrays: list[np.ndarray]) -> Pairs:
    shapes = [variable.shape for variable in variables]
    if [array.shape for array in arrays] != shapes:
        raise ValueError(
            f"its state has {len(variables)} variables, and the file has {len(arrays)} arrays of "
            "these or other shapes"
        )
    return [*zip(variables, arrays)]


class _Older:
    """The state of an optimizer of Keras 1 or 2."""

    def __init__(self, optimizer: Any, places: list[Place], source: Source) -> None:
        self._optimizer = optimizer
        self._places = [
            place for place in places if place.training and leaf_of(place.layer).training
        ]
        self._places = [place for place in self._places if place.layer.trainable]
        self._source = source
        order = [path for place in self._places for path in place.training]
        if source.version < 2:  # sorted by name
            order.sort(key=lambda path: path.rpartition("/")[2])
        self._order = order

    def pairs(self, paths: list[str], arrays: list[np.ndarray]) -> Pairs:
        """Pair the optimizer's variables with arrays of the file."""
        numbers = [array for array in arrays if array.ndim == 0]
        paths = [path for path, array in zip(paths, arrays) if array.ndim]
        arrays = [array for array in arrays if array.ndim]
        slots = self._slots(paths, arrays)
        pairs: Pairs = []
        for name, slot in zip(_SLOTS.get(type(self._optimizer).__name__, ()), slots):
            pairs += self._pairs_of(name, dict(zip(self._order, slot)))
        if numbers:
            steps = self._optimizer.variables[0]
            pairs.append((steps, np.asarray(numbers[0]).astype(np.int64)))
        return pairs

    def _slots(self, paths: list[str], arrays: list[np.ndarray]) -> list[list[np.ndarray]]:
        count = len(self._order)
        if not count or len(arrays) % count:
            raise ValueError(
                f"{len(arrays)} arrays of state do not go evenly to {count} arrays of weights"
            )
        kinds = len(arrays) // count
        if kinds > 1 and _slot_first(paths[0]) != _slot_first(paths[1]):
            return [arrays[kind::kinds] for kind in range(kinds)]
        return [arrays[kind * count : (kind + 1) * count] for kind in range(kinds)]

    def _pairs_of(self, name: str, stored: dict[str, np.ndarray]) -> Pairs:
        states = [v for v in self._optimizer.variables if v.name.endswith(f"_{name}")]
        trained = self._optimizer._trainable_variables
        if len(states) != len(trained):
            return []  # SGD without momentum kept zeros
        of_weight = {id(weight): state for weight, state in zip(trained, states)}
        pairs: Pairs = []
        for place in self._places:
            weights = leaf_of(place.layer).training
            came = [stored[path] for path in place.training]
            turned = rearranged(place.layer, weights, came, self._source)
            pairs += _paired([of_weight[id(weight)] for weight in weights], turned)
        return pairs


def _slot_first(path: str) -> str:
    """Of 'optimizer_weights/Adam/m/dense/kernel:0': 'm', the slot since TensorFlow 2.11."""
    parts = path.split("/")
    return parts[2] if len(parts) > 4 else ""
