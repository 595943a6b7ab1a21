"""Weights by name, in safetensors files: of this model, or of a program in PyTorch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from pylego import names as spelling
from pylego.core.stored_variables import as_numbers_for
from pylego.core.variable import Variable
from pylego.saving import safetensors_file
from pylego.saving.errors import name_of
from pylego.saving.warning import warn

Change = Callable[[np.ndarray], Any]


def write(model: Any, target: Any) -> None:
    """Write the weights by their paths: 'dense/kernel'."""
    arrays = {path: variable.numpy() for path, variable in _weights_of(model).items()}
    safetensors_file.write(target, arrays, {"format": "pylego"})


def read(model: Any, source: Any, names: Any = None, skip_mismatch: bool = False) -> None:
    """Take over weights.

    Args:
        model: a built model. If anything is raised, it is as it was.
        source: a path or a binary file object.
        names: {name in the file: path of a weight}, or a function that gives the path for a name;
            None leaves a name out. Instead of a path there may be a pair of it and of a function of
            the array: `("dense/kernel", np.transpose)`. By default the names are the paths.
        skip_mismatch: whether weights that do not fit are left as they are, with a warning.

    Raises:
        ValueError: with a list of what does not fit, and for unknown names.
    """
    name = name_of(source)
    arrays, weights = safetensors_file.read(source), _weights_of(model)
    pairs = _same_names(arrays, weights) if names is None else _given_names(names, arrays, weights)
    assignments, misfits = [], []
    places = {path: place for place, path in enumerate(weights)}
    for theirs, (ours, change) in sorted(pairs.items(), key=lambda pair: places[pair[1][0]]):
        array = np.asarray(change(arrays[theirs]) if change else arrays[theirs])
        if array.shape == weights[ours].shape:
            assignments.append((weights[ours], as_numbers_for(weights[ours], array)))
        else:
            misfits.append(_misfit(theirs, array, ours, weights[ours]))
    missing = [path for path in weights if path not in {ours for ours, _ in pairs.values()}]
    if names is None:
        misfits += [f"there is no {path!r} in the file" for path in missing]
    _refuse(name, model, misfits, skip_mismatch)
    for variable, numbers in assignments:
        variable.assign(numbers)


def _refuse(name: str, model: Any, misfits: list[str], skip_mismatch: bool) -> None:
    listed = "\n".join(f"- {misfit}" for misfit in misfits)
    if misfits and not skip_mismatch:
        raise ValueError(f"{name} does not fit {model.name!r}, so nothing was loaded:\n{listed}")
    if misfits:
        warn(f"{name}: what does not fit {model.name!r} stays as it is:\n{listed}")


def _misfit(theirs: str, array: np.ndarray, ours: str, weight: Variable) -> str:
    says = f"{ours!r} has the shape {weight.shape}, and {theirs!r} of the file {array.shape}"
    if array.shape[::-1] == weight.shape:
        return f"{says}: names={{{theirs!r}: ({ours!r}, np.transpose)}} turns it"
    return says


# ---- names ----


def _weights_of(model: Any) -> dict[str, Variable]:
    """The weights by their paths in the model; of those that share one, later ones get a number."""
    found: dict[str, Variable] = {}
    for weight in model.weights:
        whole = weight.path.removeprefix(f"{model.name}/")
        path, number = whole, 1
        while path in found:
            path, number = f"{whole}_{number}", number + 1
        found[path] = weight
    return found


Pairs = dict[str, tuple[str, Change | None]]


def _same_names(arrays: Mapping[str, Any], weights: Mapping[str, Any]) -> Pairs:
    """Pairs by name, where the numbers of automatic names count only by their order."""
    if set(arrays) == set(weights):
        return {name: (name, None) for name in arrays}
    ours = {ranked: path for path, ranked in _ranked(weights).items()}
    pairs = {name: ours.get(ranked) for name, ranked in _ranked(arrays).items()}
    return {name: (path, None) for name, path in pairs.items() if path is not None}


def _ranked(paths: Iterable[str]) -> dict[str, str]:
    """The paths with the numbers in them, as in 'dense_7', replaced by their ranks."""
    steps = {path: list(_steps(path)) for path in paths}
    numbers: dict[tuple[str, str], set[int]] = {}
    for whole in steps.values():
        for before, base, number in whole:
            numbers.setdefault((before, base), set()).add(number)
    ranks = {
        place: {number: rank for rank, number in enumerate(sorted(found))}
        for place, found in numbers.items()
    }
    return {
        path: "/".join(f"{base}_{ranks[before, base][number]}" for before, base, number in whole)
        for path, whole in steps.items()
    }


def _steps(path: str) -> Iterator[tuple[str, str, int]]:
    """For each part of a path what is before it, its word, and its number."""
    before = ""
    for part in path.split("/"):
        yield before, *_split(part)
        before += f"{part}/"


def _split(part: str) -> tuple[str, int]:
    found = re.fullmatch(r"(.*?)_(\d{1,9})", part)
    return (found[1], int(found[2])) if found else (part, 0)


def _given_names(names: Any, arrays: Mapping[str, Any], weights: Mapping[str, Any]) -> Pairs:
    if not callable(names) and not isinstance(names, Mapping):
        raise TypeError(
            "names is a dictionary {name in the file: path of a weight}, or a function that gives "
            f"the path for a name. Received: names={names!r}"
        )
    given = {theirs: names(theirs) for theirs in arrays} if callable(names) else names
    pairs: Pairs = {}
    for theirs, ours in given.items():
        if theirs not in arrays:
            raise spelling.unknown("tensor of the file", theirs, arrays)
        if ours is None:
            continue
        path, change = ours if isinstance(ours, tuple) else (ours, None)
        if path not in weights:
            raise spelling.unknown("weight", path, weights)
        pairs[theirs] = (path, change)
    return pairs
