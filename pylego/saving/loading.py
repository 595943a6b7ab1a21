"""Take over numbers from a file: all of them are read and checked before the first is assigned."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from pylego.core.stored_variables import StoresVariables, as_numbers_for, match_variables
from pylego.core.variable import Variable
from pylego.layers import Layer
from pylego.optimizers import Optimizer
from pylego.saving.errors import CorruptFileError
from pylego.saving.walk import objects_with_state
from pylego.saving.warning import warn

_OF_ANY_OPTIMIZER = 2  # variables: the number of steps, and the learning rate


class _Place(NamedTuple):
    """An object of the model and its arrays in the file."""

    path: str
    object: Any
    store: Any

    def __str__(self) -> str:
        kind = "layer" if isinstance(self.object, Layer) else "part"
        place = f" (in the file: {self.path})" if self.path else ""
        return f"{kind} {self.object.name!r}{place}"


def load_state(
    model: Any, file: Any, name: str, skip_mismatch: bool = False, skip: Iterable[Any] = ()
) -> None:
    """Take over the numbers of a model, and all that is inside it, from an open file.

    Args:
        model: a built model. If anything is raised, it is as it was.
        file: gives a store of arrays for each path, and the groups at a path: `WeightsFile`.
        name: of the file, in messages.
        skip_mismatch: whether objects that do not fit are left as they are, with a warning.
        skip: objects that are left as they are.

    Raises:
        ValueError: with a list of all that does not fit.
    """
    places = [
        _Place(path, found, file.store(path)) for path, found in objects_with_state(model, skip)
    ]
    plan = _Plan()
    for place in places:
        plan.add(place)
    if plan.misfits and not skip_mismatch:
        raise ValueError(_refusal(model, name, plan.misfits))
    plan.read()
    plan.assign(skip_mismatch)
    for sentence in _sentences(model, name, plan, _left_over(model, file)):
        warn(sentence)


class _Plan:
    """What will be assigned, and what does not fit."""

    def __init__(self) -> None:
        self.misfits: list[str] = []  # of layers
        self.starting_anew: list[str] = []  # optimizers and the like
        self._pairs: list[tuple[Variable, Any, str]] = []
        self._found: list[StoresVariables] = []
        self._by_code: list[_Place] = []
        self._assignments: list[tuple[Variable, np.ndarray]] = []

    def add(self, place: _Place) -> None:
        """Find out how an object takes over its numbers."""
        found, store = place.object, place.store
        if type(found).load_own_variables is not StoresVariables.load_own_variables:
            self._by_code.append(place)
            return
        if not isinstance(found, Layer) and not store:
            return  # not every file has the state of optimizers, metrics and random numbers
        variables = found._stored_variables()
        if isinstance(found, Optimizer) and len(store) <= _OF_ANY_OPTIMIZER < len(variables):
            return  # it was saved before its first step
        match = match_variables(variables, store)
        if not match.misfits:
            self._pairs += [(variable, store, key) for variable, key in match.pairs]
            self._found.append(found)
        elif isinstance(found, Layer):
            self.misfits += [f"{place}: {_advised(found, misfit)}" for misfit in match.misfits]
        else:
            self.starting_anew.append(f"{place}: {_advised(found, match.misfits[0])}")

    def read(self) -> None:
        """Read all numbers from the file; the model is not touched."""
        for variable, store, key in self._pairs:
            numbers = as_numbers_for(variable, store[key])
            numbers.flags.writeable = False  # nobody else has it, so assigning need not copy it
            self._assignments.append((variable, numbers))

    def assign(self, skip_mismatch: bool) -> None:
        """Give the model its numbers."""
        with _restored_if_it_fails(place.object for place in self._by_code):
            for place in self._by_code:
                self._load_by_code(place, skip_mismatch)
            for variable, numbers in self._assignments:
                variable.assign(numbers)
            for found in self._found:
                found._take_up_loaded()

    def _load_by_code(self, place: _Place, skip_mismatch: bool) -> None:
        """Let a user's `load_own_variables` read the store."""
        try:
            with _restored_if_it_fails([place.object]):
                place.object.load_own_variables(place.store)
        except CorruptFileError:
            raise
        except Exception as error:
            misfit = f"{place}: its load_own_variables raised {type(error).__name__}: {error}"
            if not skip_mismatch:
                raise ValueError(misfit) from error
            self.misfits.append(misfit)


@contextlib.contextmanager
def _restored_if_it_fails(objects: Iterable[Any]) -> Iterator[None]:
    """Give the variables of objects their numbers back if the `with` block raises."""
    former = [
        (variable, variable.numpy()) for one in objects for variable in one._stored_variables()
    ]
    try:
        yield
    except BaseException:
        for variable, numbers in former:
            variable.assign(numbers)
        raise


# ---- what is said ----


def _advised(found: Any, misfit: str) -> str:
    if isinstance(found, Optimizer) and not found.built:
        return f"{misfit}. To have it, build it before: build(model.trainable_variables)"
    if isinstance(found, Optimizer):
        return f"{misfit}. Where `trainable` of a layer changes, compile the model after that"
    if isinstance(found, Layer) and not found.built and not found._stored_variables():
        return f"{misfit}. It is not built: call the model on data before, or define its build()"
    return misfit


def _refusal(model: Any, name: str, misfits: list[str]) -> str:
    return (
        f"{name} does not fit the model {model.name!r}, so nothing was loaded:\n"
        + "\n".join(f"- {misfit}" for misfit in misfits)
        + "\nMake the model by the code that it was saved with, or load what fits: "
        "load_weights(..., skip_mismatch=True)"
    )


def _sentences(model: Any, name: str, plan: _Plan, left_over: list[str]) -> Iterator[str]:
    if plan.misfits:
        yield f"{name}: what does not fit {model.name!r} stays as it is:\n" + "\n".join(
            f"- {misfit}" for misfit in plan.misfits
        )
    if plan.starting_anew:
        yield f"{name}: its state does not fit, so this starts anew: " + "; ".join(
            plan.starting_anew
        )
    if left_over:
        yield (
            f"{name} has numbers that the model {model.name!r} has no place for: "
            f"{', '.join(left_over)}"
        )


def _left_over(model: Any, file: Any) -> list[str]:
    """Paths of layers in the file, beside those of the model, that nobody asked for."""
    paths = [path.split("/") for path, _ in objects_with_state(model)]
    known = {"/".join(parts[:end]) for parts in paths for end in range(len(parts) + 1)}
    lists = {"/".join(parts[:-1]) for parts in paths if len(parts) > 1}
    return [
        path
        for parent in sorted(lists)
        for child in file.groups(parent)
        if (path := f"{parent}/{child}") not in known and file.has_numbers(path)
    ]
