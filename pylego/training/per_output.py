"""Losses, metrics, targets and weights of each output of a model.

Outputs are a tensor, or dictionaries, lists and tuples of tensors. An output is found by its
*path*: the keys and indices that lead to it, `()` for a single tensor. Outputs of a graph also have
names, those of the layers they come out of: what is given by name for outputs in a list is put in
the order of the list (`by_position`), and logs say the names.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pylego import names
from pylego.keras_imports import is_as_keras

Path = tuple[Any, ...]


def is_structure(value: Any) -> bool:
    """Return whether a value holds what is for several outputs; the description of an object, a
    dictionary with a 'class_name', does not."""
    if isinstance(value, Mapping):
        return "class_name" not in value
    return isinstance(value, (list, tuple))


def parts_of(value: Any) -> list:
    """List what a structure holds."""
    return list(value.values() if isinstance(value, Mapping) else value)


def map_parts(function: Callable, value: Any) -> Any:
    """Return the structure with what the function makes of each part that is none; None stays."""
    if not is_structure(value):
        return None if value is None else function(value)
    if isinstance(value, Mapping):
        return {key: map_parts(function, part) for key, part in value.items()}
    return [map_parts(function, part) for part in value]


def flat(value: Any) -> list:
    """List all parts, whatever they are nested in."""
    if not is_structure(value):
        return [] if value is None else [value]
    return [leaf for part in parts_of(value) for leaf in flat(part)]


def named_paths(y_pred: Any, names: Sequence[str] | None) -> dict[Path, str]:
    """Return the names of outputs by their paths; nothing where there are not as many names.

    >>> named_paths({"y": 1, "a": [2, 3]}, ["p", "q", "r"])
    {('a', 0): 'p', ('a', 1): 'q', ('y',): 'r'}
    """
    paths = _paths(y_pred, ())
    return dict(zip(paths, names)) if names is not None and len(names) == len(paths) else {}


def _paths(y_pred: Any, path: Path) -> list[Path]:
    if not isinstance(y_pred, (dict, list, tuple)):
        return [path]
    return [one for place in _places(y_pred) for one in _paths(y_pred[place], (*path, place))]


def by_position(argument: str, value: Any, y_pred: Any, names_of: dict[Path, str]) -> Any:
    """Return what was given by names of outputs, or in their order, in the structure of outputs.

    Args:
        argument: for messages.
        value: for outputs, perhaps in a dictionary.
        y_pred: the outputs.
        names_of: the names of outputs by their paths.

    Raises:
        ValueError: for a name of no output, with the nearest ones.
    """
    is_named = isinstance(value, Mapping) and is_structure(value)
    if isinstance(value, (list, tuple)) and _is_nested(y_pred):
        return _in_structure(value, y_pred)
    if not is_named or not names_of or isinstance(y_pred, dict):
        return value
    known = list(names_of.values())
    if _is_nested(y_pred):
        if not value.keys() <= set(known):
            return value
        return _placed({path: value.get(name) for path, name in names_of.items()}, y_pred)
    for key in value:
        if key not in known:
            raise names.unknown(f"output in {argument}", str(key), known)
    found = [value.get(name) for name in known]
    return found if isinstance(y_pred, (list, tuple)) else found[0]


def _is_nested(y_pred: Any) -> bool:
    return is_structure(y_pred) and any(map(is_structure, parts_of(y_pred)))


def _in_structure(value: Sequence, y_pred: Any) -> Any:
    """A flat list for all of nested outputs, in their structure."""
    paths = _paths(y_pred, ())
    if len(value) != len(paths) or len(paths) == len(y_pred) or any(map(is_structure, value)):
        return value
    return _placed(dict(zip(paths, value)), y_pred)


def _placed(by_path: Mapping[Path, Any], y_pred: Any, path: Path = ()) -> Any:
    """What is known by paths, in the structure of the outputs, keys in their order."""
    if not is_structure(y_pred):
        return by_path[path]
    places = _places(y_pred)
    found = [_placed(by_path, y_pred[place], (*path, place)) for place in places]
    return dict(zip(places, found)) if isinstance(y_pred, dict) else found


def names_others(value: Any, known: Sequence[str] | None) -> bool:
    """Return whether a dictionary has other keys than the names of outputs."""
    is_named = isinstance(value, Mapping) and is_structure(value)
    return is_named and known is not None and not value.keys() <= set(known)


def only_one(argument: str, value: Any) -> Any:
    """Return what is for a single output, also out of a list or dictionary of one.

    Raises:
        ValueError: when there are more.
    """
    while is_structure(value):
        if len(value) != 1:
            raise ValueError(
                f"compile: {argument} must be for one output, the model has no more. "
                f"Received: {argument}={value!r}"
            )
        value = parts_of(value)[0]
    return value


def matched(
    argument: str,
    given: Any,
    y_pred: Any,
    names_of: dict[Path, str],
    is_spread: bool = False,
    path: Path = (),
) -> list[tuple[Path, Any]]:
    """List the paths of outputs for which something was given, and that.

    Args:
        argument: of `compile`, for messages.
        given: the structure of the outputs, or a list in the order of their names.
        y_pred: the outputs.
        names_of: the names of outputs by their paths, for messages.
        is_spread: whether what is given once is given for each output.
        path: to y_pred.

    Raises:
        ValueError: when the structures differ.
    """
    if given is None:
        return []
    if not isinstance(y_pred, (dict, list, tuple)):
        if path and isinstance(given, Mapping) and is_structure(given):
            name = names_of.get(path, "/".join(map(str, path)))
            raise ValueError(
                f"compile: {argument} has a dictionary for the output {name!r}, which is a single "
                f"tensor. Received: {given!r}"
            )
        return [(path, given)]
    places = _places(y_pred)
    listed = [names_of.get((*path, place), str(place)) for place in places]
    if isinstance(given, Mapping) and is_structure(given):
        for key in given:
            if key not in places:
                raise names.unknown(f"output in {argument}", str(key), listed)
        pairs = list(given.items())
    elif is_structure(given):
        if len(given) != len(places) and argument == "metrics" and is_as_keras():
            return [(one, copy.deepcopy(given)) for one in _paths(y_pred, path)]  # as Keras 2 did
        if len(given) != len(places):
            raise ValueError(
                f"compile: {argument} has {len(given)} parts, but the model has {len(places)} "
                f"outputs: {', '.join(listed)}. Give one for each, None for none"
            )
        pairs = list(zip(places, given))
    elif is_spread:
        pairs = [(place, given) for place in places]
    else:
        raise ValueError(
            f"compile: the model has {len(places)} outputs, {', '.join(listed)}: give "
            f"{argument} for each, in a dictionary or list. Received: {argument}={given!r}"
        )
    return [
        found
        for place, part in pairs
        for found in matched(argument, part, y_pred[place], names_of, is_spread, (*path, place))
    ]


def _places(structure: Any) -> list:
    """The keys of a dictionary in their order, which is what a list means, or the indices."""
    return sorted(structure) if isinstance(structure, dict) else list(range(len(structure)))


def map_outputs(function: Callable, y_pred: Any, path: Path = ()) -> Any:
    """Return the structure of what the function makes of the path and the tensor of each output."""
    if not isinstance(y_pred, (dict, list, tuple)):
        return function(path, y_pred)
    places = [*y_pred] if isinstance(y_pred, dict) else _places(y_pred)
    found = [map_outputs(function, y_pred[place], (*path, place)) for place in places]
    return dict(zip(places, found)) if isinstance(y_pred, dict) else found


def inside(structure: Any, path: Path) -> Any:
    """Return what lies there in a structure."""
    for place in path:
        structure = structure[place]
    return structure


def of_output(value: Any, y_pred: Any, path: Path) -> Any:
    """Return what belongs to an output: of targets or weights of the same structure, or in a list
    in the order of names; what is one array belongs to all. None where there is nothing."""
    for place in path:
        if isinstance(value, Mapping):
            value = value.get(place)
        elif isinstance(value, (list, tuple)):
            index = _places(y_pred).index(place)
            value = value[index] if index < len(value) else None
        y_pred = y_pred[place]
    while isinstance(value, (list, tuple, Mapping)) and len(value) == 1:
        value = parts_of(value)[0]
    return value


def spread(value: Any, paths: list[Path], y_pred: Any) -> Any:
    """Return targets or weights that were listed for the outputs with a loss only as a list for all
    outputs, None for the others.

    >>> spread(["of b", "of c"], [(1,), (2,)], ["a", "b", "c"])
    [None, 'of b', 'of c']
    """
    is_listed = isinstance(value, (list, tuple)) and isinstance(y_pred, (list, tuple))
    if not is_listed or not len(value) == len(paths) < len(y_pred):
        return value
    if any(len(path) != 1 for path in paths):
        return value
    found: list[Any] = [None] * len(y_pred)
    for (place,), one in zip(paths, value):
        found[place] = one
    return found


def weights_for(paths: list[Path], weights: Any, names_of: dict[Path, str]) -> list[float | None]:
    """Return the weight of the loss of each output.

    Args:
        paths: of the outputs that have a loss.
        weights: one number for all, or a structure of them; None stands for 1.
        names_of: the names of outputs by their paths, for messages.

    Raises:
        ValueError: when a weight is of no loss, or there are not as many weights as losses.
    """
    if not is_structure(weights):
        return [weights] * len(paths)
    if isinstance(weights, Mapping):
        _check_weight_keys(paths, weights)
        return [_weight_at(weights, path) for path in paths]
    if len(weights) == len(names_of) and all(len(path) == 1 for path in paths):
        return [_weight_at(weights, path) for path in paths]  # also of outputs without a loss
    found = flat(weights)
    if len(found) != len(paths):
        raise ValueError(
            f"compile: loss_weights must be a number for each loss. Received: {len(found)} weights "
            f"for {len(paths)} losses"
        )
    return found


def _check_weight_keys(paths: list[Path], weights: Mapping) -> None:
    known = [str(path[0]) for path in paths if path]
    for key in weights:
        if known and str(key) not in known:
            raise names.unknown("output in loss_weights", str(key), known)


def _weight_at(weights: Any, path: Path) -> float | None:
    """The weight of a loss; None, which leaves the loss, where there is none."""
    for place in path:
        weights = weights.get(place) if isinstance(weights, Mapping) else weights[place]
        if not is_structure(weights):
            return weights
    return only_one("loss_weights", weights)


def loss_name(path: Path, loss: str, name: str | None) -> str:
    """Return what logs call the loss of an output: by its key, or its name, or the loss; before
    that, the places that lead there."""
    keys = [str(place) for place in path]
    if not path or not isinstance(path[-1], str):
        keys[-1:] = [name or loss]
    return f"{'/'.join(keys)}_loss"


def metric_prefix(path: Path, y_pred: Any, names_of: dict[Path, str]) -> str:
    """Return what stands before the names of an output's metrics: the key in a flat dictionary of
    outputs, or the output's name; nothing for a single output."""
    if isinstance(y_pred, dict) and not any(map(is_structure, y_pred.values())):
        return f"{path[0]}_" if len(y_pred) > 1 or not names_of else ""
    return f"{names_of[path]}_" if len(names_of) > 1 else ""
