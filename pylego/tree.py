"""`keras.tree`: structures of lists, tuples, deques and dictionaries, and the leaves in them.

Dictionaries are gone through in the order of their sorted keys, an `OrderedDict` in its own.
Nothing else is a structure: an array is a leaf, and so is None, where nothing else is said.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from pylego import lazy

Path = tuple[Any, ...]


class MAP_TO_NONE:
    """What a function of `traverse` returns where None should stand: None itself means 'go on'."""


def is_nested(structure: Any) -> bool:
    """Return whether it is a structure: a list, a tuple, a deque or a dictionary, empty or not.

    >>> is_nested([]), is_nested("text")
    (True, False)
    """
    return isinstance(structure, (list, tuple, dict, deque))


def flatten(structure: Any) -> list[Any]:
    """List the leaves.

    >>> flatten({"b": 1, "a": [2, (3, None)]})
    [2, 3, None, 1]
    """
    return [leaf for _, leaf in _paths(structure)]


def flatten_with_path(structure: Any) -> list[tuple[Path, Any]]:
    """List pairs of where a leaf is, keys and indices from outside to inside, and the leaf.

    >>> flatten_with_path({"b": 1, "a": [2]})
    [(('a', 0), 2), (('b',), 1)]
    """
    return list(_paths(structure))


def _paths(structure: Any, above: Path = ()) -> Iterator[tuple[Path, Any]]:
    if not is_nested(structure):
        yield above, structure
        return
    for key, part in _parts(structure):
        yield from _paths(part, (*above, key))


def _parts(structure: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(structure, dict):
        keys = list(structure) if isinstance(structure, OrderedDict) else sorted(structure)
        return iter([(key, structure[key]) for key in keys])
    return enumerate(structure)


def map_structure(func: Callable, *structures: Any, none_is_leaf: bool = True) -> Any:
    """Return a structure of what a function makes of the leaves in the same place of structures.

    Args:
        func: takes a leaf of each structure.
        *structures: of the same lengths and keys.
        none_is_leaf: False leaves None where it is, and does not call the function.

    Raises:
        ValueError: for structures that differ.

    >>> map_structure(lambda x, y: x + y, {"a": 1}, {"a": 10})
    {'a': 11}
    """
    first, *others = structures
    for other in others:
        assert_same_structure(first, other)
    return _mapped(func, structures, none_is_leaf)


def _mapped(func: Callable, structures: Any, none_is_leaf: bool) -> Any:
    first = structures[0]
    if first is None and not none_is_leaf:
        return None
    if not is_nested(first):
        return func(*structures)
    keys = first.keys() if isinstance(first, dict) else range(len(first))
    parts = {key: _mapped(func, [one[key] for one in structures], none_is_leaf) for key in keys}
    return _of_kind(first, parts)


def _of_kind(like: Any, parts: dict) -> Any:
    """A structure of the same kind, of parts by their keys or indices."""
    if isinstance(like, defaultdict):
        return defaultdict(like.default_factory, parts)
    if isinstance(like, dict):
        return type(like)(parts)
    if isinstance(like, deque):
        return deque(parts.values(), like.maxlen)
    return type(like)(*parts.values()) if hasattr(like, "_fields") else type(like)(parts.values())


def map_structure_up_to(shallow_structure: Any, func: Callable, *structures: Any) -> Any:
    """Do the same, with all for leaves that is in the place of a leaf of `shallow_structure`.

    >>> map_structure_up_to([0, 0], len, [[1, 2], [3]])
    [2, 1]
    """
    return _mapped(lambda _, *parts: func(*parts), [shallow_structure, *structures], True)


def map_shape_structure(func: Callable, structure: Any) -> Any:
    """Return a structure of what a function makes of the shapes in it: tuples of lengths or None.

    >>> map_shape_structure(len, {"a": (None, 3), "b": [(1,)]})
    {'a': 2, 'b': [1]}
    """
    if is_nested(structure) and not _is_shape(structure):
        parts = {key: map_shape_structure(func, part) for key, part in _parts(structure)}
        return _of_kind(structure, parts)
    return func(structure)


def _is_shape(structure: Any) -> bool:
    lengths = structure if isinstance(structure, (list, tuple)) else [()]
    return all(length is None or isinstance(length, int) for length in lengths)


def traverse(func: Callable, structure: Any, top_down: bool = True) -> Any:
    """Replace parts of a structure, whole ones as well as leaves.

    Args:
        func: takes a part; what it returns replaces the part, None leaves it; `MAP_TO_NONE` stands
            for None.
        structure: that is gone through.
        top_down: whether it is asked about a structure before its parts; what it replaced is not
            gone into then.

    >>> traverse(lambda x: tuple(x) if isinstance(x, list) else None, [1, [2]], top_down=False)
    (1, (2,))
    """
    if top_down and (found := func(structure)) is not None:
        return None if found is MAP_TO_NONE else found
    if is_nested(structure):
        parts = {key: traverse(func, part, top_down) for key, part in _parts(structure)}
        structure = _of_kind(structure, parts)
    if not top_down and (found := func(structure)) is not None:
        return None if found is MAP_TO_NONE else found
    return structure


def lists_to_tuples(structure: Any) -> Any:
    """Return the structure with tuples in the place of lists.

    >>> lists_to_tuples([1, {"a": [2]}])
    (1, {'a': (2,)})
    """
    return traverse(lambda x: tuple(x) if isinstance(x, list) else None, structure, top_down=False)


def pack_sequence_as(structure: Any, flat_sequence: Any) -> Any:
    """Return the structure with other leaves, in the order of `flatten`.

    Raises:
        ValueError: for another number of leaves.

    >>> pack_sequence_as({"b": 1, "a": 2}, [10, 20])
    {'b': 20, 'a': 10}
    """
    given, wanted = list(flat_sequence), len(flatten(structure))
    if len(given) != wanted:
        raise ValueError(f"The structure has {wanted} leaves, but {len(given)} were given")
    waiting = iter(given)
    packed = traverse(lambda x: None if is_nested(x) else _Leaf(next(waiting)), structure)
    packed = _mapped(lambda leaf: leaf.value, [packed], True)
    return _in_order_of(structure, packed)


class _Leaf:
    """A value, so that None can be one."""

    def __init__(self, value: Any):
        self.value = value


def _in_order_of(like: Any, structure: Any) -> Any:
    """Give dictionaries the order of keys that they have in another structure."""
    if not is_nested(like):
        return structure
    keys = like.keys() if isinstance(like, dict) else range(len(like))
    return _of_kind(like, {key: _in_order_of(like[key], structure[key]) for key in keys})


def assert_same_structure(a: Any, b: Any, check_types: Any = None) -> None:
    """Check that two structures differ in their leaves only.

    Args:
        a: one.
        b: the other.
        check_types: accepted for Keras's sake: kinds of structures are compared.

    Raises:
        ValueError: with the first place where they differ.

    >>> assert_same_structure([1, (2,)], [3, (4,)])
    """
    _check_same(a, b, ())


def _check_same(a: Any, b: Any, place: Path) -> None:
    if not is_nested(a) and not is_nested(b):
        return
    where = f" at {place}" if place else ""
    if type(a) is not type(b):
        kinds = f"{type(a).__name__} and {type(b).__name__}"
        raise ValueError(f"The structures differ{where}: {kinds}")
    keys, others = ([key for key, _ in _parts(x)] for x in (a, b))
    if keys != others:
        raise ValueError(f"The structures differ{where}: they have the parts {keys} and {others}")
    for key in keys:
        _check_same(a[key], b[key], (*place, key))


def assert_same_paths(a: Any, b: Any) -> None:
    """Check that two structures have leaves in the same places, whatever kinds they are of.

    Raises:
        ValueError: with the places where only one has a leaf.

    >>> assert_same_paths([1, 2], (3, 4))
    """
    one, other = ({path for path, _ in _paths(x)} for x in (a, b))
    if one != other:
        raise ValueError(
            f"`a` and `b` don't have the same paths. Only in `a`: {sorted(one - other, key=str)}; "
            f"only in `b`: {sorted(other - one, key=str)}"
        )


if not TYPE_CHECKING:
    __getattr__ = lazy.refuse_others(__name__)
