"""Tables that name files and their classes: pandas, or whatever gives columns by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pylego import names

_SEVERAL = (list, tuple, set, frozenset, np.ndarray)  # classes of one file


def column(table: Any, name: Any) -> list:
    """Return what a column holds, as a list.

    Raises:
        TypeError: for several names.
        ValueError: when the table has no such column.

    >>> column({"class": ("cat", "dog")}, "class")
    ['cat', 'dog']
    """
    if isinstance(name, (list, tuple)):
        raise TypeError(
            f"One column is wanted. Received: {name!r}. Several columns of numbers are targets of "
            "class_mode='raw' and 'multi_output'"
        )
    try:
        return list(table[name])
    except KeyError:
        known = [str(one) for one in getattr(table, "columns", table)]
    raise names.unknown("column", name, known)


def numbers(table: Any, name: Any) -> np.ndarray:
    """Return a column of numbers or of rows of numbers; of several names, columns side by side."""
    if isinstance(name, (list, tuple)):
        return np.stack([numbers(table, one) for one in name], axis=1)
    return np.array(column(table, name))


def refuse_missing(values: Sequence[Any], name: Any, files: Sequence[Any]) -> None:
    """Refuse a column with None or NaN in it, or in a list in it.

    Args:
        values: of the column.
        name: of the column.
        files: the file of each row.

    Raises:
        ValueError: with the first such row.
    """
    missing = [i for i, value in enumerate(values) if any(map(_is_missing, classes_of(value)))]
    if missing:
        first = missing[0]
        raise ValueError(
            f"Column {name!r} has nothing in {len(missing)} of {len(values)} rows, first in row "
            f"{first} (file {files[first]!r}): {values[first]!r}. Leave such rows out: "
            f"dataframe.dropna(subset=[{name!r}])"
        )


def _is_missing(value: Any) -> bool:
    """None, NaN, and what pandas has for them: NA and NaT."""
    is_nan = isinstance(value, (float, np.floating)) and value != value
    return value is None or is_nan or type(value).__name__ in ("NAType", "NaTType")


def is_several(value: Any) -> bool:
    """Whether these are classes in a list or tuple, not a single one."""
    return isinstance(value, _SEVERAL)


def classes_of(value: Any) -> list:
    """The classes of one file, in a list."""
    return list(value) if is_several(value) else [value]


def known_classes(values: Sequence[Any], classes: Sequence[Any] | None) -> list:
    """Return the classes in their order: as given, else those that occur, sorted.

    Raises:
        TypeError: for classes that cannot be sorted, such as words beside numbers.
    """
    if isinstance(classes, str):
        raise TypeError(f"classes is a list of names. Received: classes={classes!r}")
    if classes:
        return list(dict.fromkeys(classes))
    found = dict.fromkeys(one for value in values for one in classes_of(value))
    try:
        return sorted(found)
    except TypeError:
        kinds = sorted({type(one).__name__ for one in found})
        raise TypeError(
            f"Classes are of one kind, best words; there are {' and '.join(kinds)}: "
            "dataframe['class'].astype(str) makes words of all"
        ) from None


def class_numbers(values: Sequence[Any], classes: Sequence[Any]) -> list:
    """Return the number of each file's class; for several classes a list of their numbers.

    None stands for files that are of none of the classes, or of none of several.

    >>> class_numbers(["b", ["b", "a"], "c", ["c", "a"], ["c"]], ["a", "b"])
    [1, [1, 0], None, [0], None]
    """
    number = {name: i for i, name in enumerate(classes)}
    found: list[Any] = []
    for value in values:
        kept = [number[one] for one in classes_of(value) if one in number]
        is_left_out = not kept and len(classes_of(value)) > 0
        found.append(None if is_left_out else kept if is_several(value) else kept[0])
    return found
