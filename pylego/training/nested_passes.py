"""Passes inside passes: `evaluate` in a callback of `fit`, with the same metrics.

The inner pass resets the metrics, so their totals are saved before it and restored after it.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from pylego.autograd import stopped_tapes
from pylego.core.variable import Variable
from pylego.metrics import Metric
from pylego.training.loss_watch import LossWatch

_OWNERS = (Metric, LossWatch)
_STRUCTURE = ("_variables", "_zeros")  # the parts of a metric, which no batch changes


class SavedTotals:
    """A copy of the running totals of metrics, to be restored later.

    Args:
        owners: metrics and the watch over the loss; metrics inside of them are found.
    """

    def __init__(self, owners: list[Any]):
        self._variables: list[tuple[Variable, np.ndarray]] = []
        self._attributes: list[tuple[Any, str, Any, Any]] = []  # and a copy of the contents
        self._known: set[int] = set()
        self._owners = owners  # kept alive, so that no other object gets their ids
        self._take(owners)

    @property
    def variables(self) -> list[Variable]:
        """The variables that hold the totals."""
        return [variable for variable, _ in self._variables]

    def __contains__(self, owner: Any) -> bool:
        return id(owner) in self._known

    def _take(self, thing: Any) -> None:
        if isinstance(thing, (list, tuple)):
            for part in thing:
                self._take(part)
        elif isinstance(thing, dict):
            self._take(list(thing.values()))
        elif id(thing) in self._known:
            return
        elif isinstance(thing, Variable):
            self._known.add(id(thing))
            self._variables.append((thing, thing.numpy()))
        elif isinstance(thing, _OWNERS):
            self._known.add(id(thing))
            for name, value in vars(thing).items():
                self._take(value)
                if name not in _STRUCTURE:
                    self._attributes.append((thing, name, value, _content(value)))

    def put_back(self) -> None:
        """Restore all totals."""
        with stopped_tapes():
            for variable, numbers in self._variables:
                variable.assign(numbers)
        for owner, name, value, content in self._attributes:
            if vars(owner).get(name) is not value:
                setattr(owner, name, value)
            _restore(value, content)


def _content(value: Any) -> Any:
    """A copy of a value that is changed in place; None for others."""
    return copy.copy(value) if type(value) in (list, dict, set, np.ndarray) else None


def _restore(value: Any, content: Any) -> None:
    if type(value) is list:
        value[:] = content
    elif type(value) in (dict, set):
        value.clear()
        value.update(content)
    elif type(value) is np.ndarray and value.flags.writeable:
        value[...] = content


class Training:
    """A training of a model inside the `with` block; if a callback began it inside of another one,
    the outer one goes on after it.

    Args:
        model: its progress, its history and its own draws are those of one training at a time.
    """

    def __init__(self, model: Any):
        self._model = model
        self._progress = model._progress
        self._draws = model._own_draws
        names = ("history", "stop_training") if model._under_way.count else ()
        self._outer = {name: vars(model)[name] for name in names if name in vars(model)}

    def __enter__(self) -> None:
        if self._draws is not None:
            self._draws.__enter__()

    def __exit__(self, kind: type | None, *error: object) -> None:
        if self._draws is not None:
            self._draws.__exit__(kind, *error)
        attributes = vars(self._model)
        attributes["_progress"] = self._progress
        attributes.pop("validation_data", None)
        if kind is None:
            for name, value in self._outer.items():
                setattr(self._model, name, value)


class PassesUnderWay:
    """How many passes of `fit`, `evaluate` and `predict` a model is in: one inside the other.

    Inside a `with` block there is one more.
    """

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> None:
        self.count += 1

    def __exit__(self, *error: object) -> None:
        self.count -= 1

    def __reduce__(self) -> tuple:
        """A copy of a model is in no pass."""
        return PassesUnderWay, ()
