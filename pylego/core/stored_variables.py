"""How an object hands the numbers of its variables to a file, and takes them back.

Whatever has state that is saved with a model is a `StoresVariables`: layers, optimizers, metrics,
generators of random numbers. A store is a dictionary of arrays; by default its keys are "0", "1"
and so on, in the order of the variables, as in the files of Keras.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from pylego.core import bfloat16
from pylego.core.variable import Variable

MOST_LISTED = 6  # a network has hundreds of variables


class StoresVariables:
    """An object whose variables are saved with the model that it belongs to."""

    name: str

    def _stored_variables(self) -> Sequence[Variable]:
        """The variables of its own, without those of objects inside it."""
        raise NotImplementedError

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Put the numbers of its own variables into a store; override it to store other things.

        Args:
            store: takes arrays and tensors by name.
        """
        for number, variable in enumerate(self._stored_variables()):
            store[str(number)] = variable.numpy()

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Take over numbers that `save_own_variables` has stored.

        Args:
            store: arrays by name.

        Raises:
            ValueError: when they do not fit; then nothing was changed.
        """
        match = match_variables(self._stored_variables(), store)
        if match.misfits:
            raise ValueError(f"The variables of {self.name!r}: {'; '.join(match.misfits)}")
        arrays = [as_numbers_for(variable, store[key]) for variable, key in match.pairs]
        for (variable, _), array in zip(match.pairs, arrays):
            variable.assign(array)
        self._take_up_loaded()

    def _take_up_loaded(self) -> None:
        """Do what follows from numbers that were read: here nothing."""


class Match(NamedTuple):
    """Variables and the keys of the arrays that belong to them; sentences about what does not fit.

    Where there is a misfit, the pairs are of no use.
    """

    pairs: list[tuple[Variable, str]]
    misfits: list[str]


def match_variables(variables: Sequence[Variable], store: Mapping[str, Any]) -> Match:
    """Find the array of each variable, without reading numbers."""
    if len(store) != len(variables) or any(str(k) not in store for k in range(len(variables))):
        return Match([], [_counted(variables, store)])
    pairs = [(variable, str(number)) for number, variable in enumerate(variables)]
    misfits = [
        f"{variable.name!r} has the shape {variable.shape}, and {shape} is stored"
        for variable, key in pairs
        if (shape := _shape_of(store, key)) != variable.shape
    ]
    return Match(pairs, misfits)


def as_numbers_for(variable: Variable, array: Any) -> np.ndarray:
    """Return the array in the dtype of the variable.

    Raises:
        ValueError: when it does not hold numbers.
    """
    array = bfloat16.widened(array)
    if array.dtype.kind not in "biuf":
        raise ValueError(
            f"{variable.path!r} takes numbers, and what is stored for it is of dtype {array.dtype}"
        )
    if variable.dtype == bfloat16.NAME:  # which NumPy has not: assigning rounds them
        return array
    return array.astype(variable.dtype, copy=False)


def _counted(variables: Sequence[Variable], store: Mapping[str, Any]) -> str:
    mine = _few([f"{v.name} {v.shape}" for v in variables])
    keys = sorted(store, key=lambda key: (len(key), key))  # "2" before "10"
    stored = _few([f"{key} {_shape_of(store, key)}" for key in keys[:MOST_LISTED]], len(keys))
    return f"it has {len(variables)} variables ({mine}), and {len(store)} are stored ({stored})"


def _few(texts: Sequence[str], count: int | None = None) -> str:
    """The first of so many texts, and how many more there are."""
    left_over = (len(texts) if count is None else count) - MOST_LISTED
    ends = [f"{left_over} more"] if left_over > 0 else []
    return ", ".join([*texts[:MOST_LISTED], *ends]) or "none"


def _shape_of(store: Mapping[str, Any], key: str) -> tuple[int, ...]:
    """The shape of an array; stores that read from files know it without reading numbers."""
    shape_of = getattr(store, "shape_of", None)
    return tuple(shape_of(key)) if shape_of else np.shape(store[key])
