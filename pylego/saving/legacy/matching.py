"""Find out which arrays of a file are for which variables of a model.

A file has a group for each layer, and in it the arrays in the order of `layer_names` and
`weight_names`. For a model inside of a model there is one group, in which the arrays that train
come first; just what that means has changed, so the names of arrays are looked at as well.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from pylego.core.variable import Variable
from pylego.layers import InputLayer
from pylego.saving.errors import CorruptFileError
from pylego.saving.legacy.layer_weights import Source, Target, modern_arrays

# What is at the end of an array's name, and the variable that it means today.
_KINDS = {
    "W": "kernel",
    "b": "bias",
    "beta": "beta",
    "bias": "bias",
    "gamma": "gamma",
    "kernel": "kernel",
    "moving_mean": "moving_mean",
    "moving_variance": "moving_variance",
    "running_mean": "moving_mean",
    "running_std": "moving_variance",  # it held the variance
}
_SPLIT_BY_GATES = {"ConvLSTM2D": 12, "GRU": 9, "LSTM": 12}  # arrays in Keras 1


class Group(NamedTuple):
    """A layer in the file: the path of its group, and the names of its arrays."""

    name: str
    path: str
    arrays: list[str]


class Place(NamedTuple):
    """A layer without layers of its own to look into, and its arrays in the file."""

    layer: Any
    training: list[str]  # paths of arrays that train
    states: list[str]  # and of others


class Leaf(NamedTuple):
    """A layer of the model, with its variables in Keras's order."""

    layer: Any
    training: list[Variable]  # or would, if the layer was not frozen
    states: list[Variable]


# ---- the file ----


def groups_in(file: Any, root: str) -> list[Group]:
    """List the layers that have arrays, in the file's order.

    Raises:
        CorruptFileError: when the file names what is not in it.
    """
    if "nb_layers" in file.attribute_names(root):  # Keras 0
        return [*_numbered_groups(file, root)]
    names = listed(file, root, "layer_names")
    groups = []
    for name in dict.fromkeys(names):
        path = f"{root}/{name}" if root else name
        arrays = listed(file, path, "weight_names")
        if arrays:
            groups.append(Group(name, path, [f"{path}/{array}" for array in arrays]))
    return groups


def listed(file: Any, path: str, name: str) -> list[str]:
    """Return an attribute that is a list of names."""
    found = file.attribute(path, name, [])
    found = [] if isinstance(found, np.ndarray) and found.size == 0 else found
    if isinstance(found, str):
        found = [found]
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise CorruptFileError(f"the attribute {name!r} of {path or '/'!r} is not a list of names")
    return found


def _numbered_groups(file: Any, root: str) -> Iterator[Group]:
    for number in range(_count(file, root, "nb_layers")):
        path = f"{root}/layer_{number}" if root else f"layer_{number}"
        count = _count(file, path, "nb_params")
        if count:
            yield Group(path, path, [f"{path}/param_{which}" for which in range(count)])


def _count(file: Any, path: str, name: str) -> int:
    count = np.asarray(file.attribute(path, name, 0))
    if count.ndim or count.dtype.kind not in "iu" or not 0 <= count < 100_000:
        raise CorruptFileError(f"the attribute {name!r} of {path or '/'!r} is not a count")
    return int(count)


def source_of(file: Any, root: str, groups: list[Group]) -> Source:
    """Find out which Keras wrote the arrays, and whether Theano computed with them.

    Keras 1 did not note its backend. But TensorFlow ends the names of variables in ':0', and
    Theano does not.
    """
    if "nb_layers" in file.attribute_names(root):
        return Source(1, flips=True)
    version = version_of(file, root)
    backend = file.attribute(root, "backend") or file.attribute("", "backend")
    if backend is not None or version > 1:
        return Source(version, flips=backend == "theano")
    names = [path.rpartition("/")[2] for group in groups for path in group.arrays]
    named = [name for name in names if not name.startswith("param_")]
    return Source(1, flips=bool(named) and not any(":" in name for name in named))


def version_of(file: Any, root: str) -> int:
    """Return the major version of the Keras that wrote the file."""
    return major(file.attribute(root, "keras_version") or file.attribute("", "keras_version"))


def major(version: Any) -> int:
    """Return the first number of a version; 1 where it is not noted.

    >>> major("2.4.0-tf"), major(None)
    (2, 1)
    """
    first = str(version or "1").partition(".")[0]
    return int(first) if first.isdecimal() and len(first) < 3 else 1


# ---- the model ----


def leaves_of(layer: Any) -> list[Leaf]:
    """List the layers that hold variables, looking into models, in order."""
    found: dict[int, Leaf] = {}
    todo = [layer]
    while todo:
        one = todo.pop(0)
        if isinstance(one, InputLayer):
            continue
        inner = _layers_of(one)
        if inner is not None:
            todo = [*inner, *todo]
        elif one.weights:
            found.setdefault(id(one), leaf_of(one))
    return [*found.values()]


def own_variables(model: Any) -> list[Variable]:
    """List the variables that belong to the model itself, and to none of its layers."""
    inner = {id(weight) for layer in model.layers for weight in layer.weights}
    return [weight for weight in model.weights if id(weight) not in inner]


def _layers_of(layer: Any) -> list[Any] | None:
    """The layers of a model; None for a layer that is none."""
    is_model = hasattr(layer, "compile") and isinstance(getattr(layer, "layers", None), list)
    return layer.layers if is_model else None


def leaf_of(layer: Any) -> Leaf:
    frozen = {id(weight) for one in layer._flatten_layers() for weight in one._frozen}
    trains = [weight.trainable or id(weight) in frozen for weight in layer.weights]
    return Leaf(
        layer,
        [weight for weight, does in zip(layer.weights, trains) if does],
        [weight for weight, does in zip(layer.weights, trains) if not does],
    )


def pair_up(model: Any, groups: list[Group]) -> list[tuple[Any, Group]]:
    """Pair layers with groups: by name where all names agree, else by order.

    Raises:
        ValueError: when their numbers differ.
    """
    layers = [layer for layer in model.layers if layer.weights]
    candidates = [layers, [leaf.layer for leaf in leaves_of(model)]]  # Keras 1 looked into branches
    for found in candidates:
        by_name = {layer.name: layer for layer in found}
        if set(by_name) == {group.name for group in groups} and len(by_name) == len(found):
            return [(by_name[group.name], group) for group in groups]
    for found in candidates:
        if len(found) == len(groups):
            return [*zip(found, groups)]
    raise ValueError(
        f"the file has {len(groups)} layers with weights, and the model {model.name!r} has "
        f"{len(layers)}: {', '.join(repr(layer.name) for layer in layers[:8])}"
    )


# ---- arrays of one group ----


def places_in(layer: Any, group: Group, sizes: dict[str, int]) -> list[Place]:
    """Return which arrays of a group are for which layer inside of the group's layer.

    Args:
        layer: a layer, or a model inside of the model.
        group: its group in the file.
        sizes: how many numbers each array has.

    Raises:
        ValueError: when there are too many or too few arrays.
    """
    leaves = leaves_of(layer)
    if len(leaves) == 1 and leaves[0].layer is layer:
        return [_only_place(leaves[0], group)]
    counts = _counts(leaves, len(group.arrays))
    if counts is None:
        expected = sum(len(leaf.training) + len(leaf.states) for leaf in leaves)
        raise ValueError(_wrong_count(layer, expected, group))
    orders = [_as_flagged(leaves), _training_first(leaves), _layer_by_layer(leaves)]
    dealt = [_deal(order, counts, group.arrays) for order in orders]
    best = min(dealt, key=lambda pieces: _misfits(pieces, leaves, sizes))
    return [
        Place(leaf.layer, best[number, "training"], best[number, "states"])
        for number, leaf in enumerate(leaves)
    ]


def _only_place(leaf: Leaf, group: Group) -> Place:
    split = len(group.arrays) - len(leaf.states)
    return Place(leaf.layer, group.arrays[:split], group.arrays[split:])


def _wrong_count(layer: Any, expected: int, group: Group) -> str:
    return (
        f"the layer {layer.name!r} has {expected} arrays of weights, and the file has "
        f"{len(group.arrays)} for it (in {group.path!r})"
    )


Pieces = dict[tuple[int, str], list[str]]


def _counts(leaves: list[Leaf], total: int) -> dict[tuple[int, str], int] | None:
    """How many arrays each leaf has in the file: as many as today, or as many as in Keras 1."""
    for split in (False, True):
        counts = {}
        for number, leaf in enumerate(leaves):
            kind = type(leaf.layer).__name__
            gates = _SPLIT_BY_GATES.get(kind) if split else None
            counts[number, "training"] = gates or len(leaf.training)
            counts[number, "states"] = len(leaf.states)
        if sum(counts.values()) == total:
            return counts
    return None


def _as_flagged(leaves: list[Leaf]) -> list[tuple[int, str]]:
    """What trains, then what does not, a frozen layer's arrays among it."""
    trained = [(n, "training") for n, leaf in enumerate(leaves) if leaf.layer.trainable]
    others = [
        piece
        for n, leaf in enumerate(leaves)
        for piece in ([] if leaf.layer.trainable else [(n, "training")]) + [(n, "states")]
    ]
    return trained + others


def _training_first(leaves: list[Leaf]) -> list[tuple[int, str]]:
    return [(n, kind) for kind in ("training", "states") for n in range(len(leaves))]


def _layer_by_layer(leaves: list[Leaf]) -> list[tuple[int, str]]:
    return [(n, kind) for n in range(len(leaves)) for kind in ("training", "states")]


def _deal(
    order: list[tuple[int, str]], counts: dict[tuple[int, str], int], arrays: list[str]
) -> Pieces:
    pieces, start = {}, 0
    for piece in order:
        pieces[piece] = arrays[start : start + counts[piece]]
        start += counts[piece]
    return pieces


def _misfits(pieces: Pieces, leaves: list[Leaf], sizes: dict[str, int]) -> int:
    """Count the arrays whose size or name speaks of another variable."""
    count = 0
    for (number, kind), paths in pieces.items():
        variables = getattr(leaves[number], kind)
        if len(paths) != len(variables):
            continue
        for path, variable in zip(paths, variables):
            count += sizes[path] != variable.size
            count += kind_of(path) not in (None, variable.name)
    return count


def kind_of(path: str) -> str | None:
    """Return which variable an array's name speaks of, or None.

    >>> kind_of("model_weights/conv2d_1/conv2d_1/kernel:0"), kind_of("dense_1/dense_1_W")
    ('kernel', 'kernel')
    """
    name = path.rpartition("/")[2].partition(":")[0]
    for end, kind in _KINDS.items():
        if name == end or name.endswith(f"_{end}"):
            return kind
    return None


# ---- numbers for variables ----


def assignments_for(
    file: Any, place: Place, source: Source, skip_mismatch: bool = False
) -> list[tuple[Variable, np.ndarray]]:
    """Read a layer's arrays, and pair them with its variables.

    Args:
        file: open.
        place: of the layer.
        source: what wrote the file.
        skip_mismatch: whether what does not fit is left out, with a warning.

    Raises:
        ValueError: when they do not fit.
    """
    leaf = leaf_of(place.layer)
    variables = [*leaf.training, *leaf.states]
    stored = [numbers_at(file, path) for path in (*place.training, *place.states)]
    arrays = rearranged(place.layer, variables, stored, source)
    if len(arrays) != len(variables):
        group = Group("", (place.training or place.states or [""])[0], list(map(str, arrays)))
        return _misfit(_wrong_count(place.layer, len(variables), group), skip_mismatch)
    pairs = []
    for variable, array in zip(variables, arrays):
        if array.shape == variable.shape:
            pairs.append((variable, array))
        else:
            _misfit(
                f"the weight {variable.path!r} of the layer {place.layer.name!r} has shape "
                f"{variable.shape}, and the file has {array.shape} for it",
                skip_mismatch,
            )
    return pairs


def rearranged(
    layer: Any, variables: list[Variable], stored: list[np.ndarray], source: Source
) -> list[np.ndarray]:
    """Return a layer's arrays as the layer has them today.

    Raises:
        ValueError: when they are not arrays of such a layer.
    """
    if source.version >= 3:
        return stored
    shapes = [variable.shape for variable in variables]
    target = Target(type(layer).__name__, layer.get_config(), shapes)
    try:
        return modern_arrays(target, stored, source)
    except (IndexError, TypeError, ValueError) as error:
        raise ValueError(
            f"the arrays of the layer {layer.name!r} have shapes "
            f"{[array.shape for array in stored]}, which no {target.class_name} of Keras "
            f"{source.version} has"
        ) from error


def size_at(file: Any, path: str) -> int:
    """Return how many numbers an array has.

    Raises:
        CorruptFileError: when it is none.
    """
    if not file.is_dataset(path):
        raise CorruptFileError(f"{path!r} should be an array, and is a group")
    return math.prod(file.shape(path))


def numbers_at(file: Any, path: str) -> np.ndarray:
    """Read an array of numbers.

    Raises:
        CorruptFileError: when it is none.
    """
    size_at(file, path)
    array = file.read(path)
    if array.dtype.kind not in "biuf":
        raise CorruptFileError(f"{path!r} holds {array.dtype}, which are not numbers")
    return array


def _misfit(sentence: str, is_skipped: bool) -> list[Any]:
    if not is_skipped:
        raise ValueError(sentence)
    warnings.warn(f"{sentence}: it stays as it is", stacklevel=2)
    return []
