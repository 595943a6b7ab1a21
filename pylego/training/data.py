"""What users train on, read once: NumPy arrays, lists, tensors and tables, as arrays of rows."""

from __future__ import annotations

import contextlib
import math
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pylego import checks, config
from pylego.core import dtypes
from pylego.core.tensor import Tensor, convert_to_tensor
from pylego.utils.packing import pack_x_y_sample_weight

DEFAULT_BATCH_SIZE = 32

Batch = Any  # x, (x, y) or (x, y, sample_weight), of tensors


@dataclass(frozen=True)
class Rows:
    """Inputs, targets and weights, one row per sample; all of one length."""

    x: Any  # an array, or `SparseRows`
    y: np.ndarray | None = None
    sample_weight: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.x)

    def __iter__(self) -> Iterator[Any]:
        return iter((self.x, self.y, self.sample_weight))

    def take(self, places: Any) -> Rows:
        """Return some of the rows, by slice or by numbers."""
        y = None if self.y is None else self.y[places]
        weight = None if self.sample_weight is None else self.sample_weight[places]
        return Rows(self.x[places], y, weight)


class SparseRows:
    """Rows of a sparse matrix of SciPy, which are made dense when a batch is made of them.

    Args:
        matrix: in any of SciPy's formats, of two axes.
    """

    def __init__(self, matrix: Any):
        self._matrix = matrix.tocsr()
        if len(self._matrix.shape) != 2:
            raise ValueError(f"A sparse x has two axes. Received: shape {matrix.shape}")

    @property
    def shape(self) -> tuple[int, ...]:
        """(rows, columns)."""
        return tuple(map(int, self._matrix.shape))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, places: Any) -> SparseRows:
        return SparseRows(self._matrix[places])

    def dense(self) -> np.ndarray:
        """Return the rows as an array."""
        return _read("x", self._matrix.toarray())


def is_sparse(x: Any) -> bool:
    """Return whether x is a sparse matrix or array of SciPy, which need not be installed."""
    return hasattr(x, "tocsr") and hasattr(x, "toarray")


def to_batch(rows: Rows) -> Batch:
    """Make tensors of rows."""
    return pack_x_y_sample_weight(*map(_as_tensor, rows))


def _as_tensor(part: Any) -> Tensor | None:
    if isinstance(part, SparseRows):
        part = part.dense()
    return None if part is None else convert_to_tensor(part)


def read_rows(x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None) -> Rows:
    """Read inputs, targets and weights as arrays of equal length.

    Raises:
        ValueError: when they differ in length, or one of them is not there or is not a table.
        TypeError: for what holds no numbers.
    """
    if x is None:
        raise ValueError("There is no data: x is None")
    rows = Rows(
        _read_inputs(x),
        None if y is None else _read("y", y),
        None if sample_weight is None else _read("sample_weight", sample_weight),
    )
    _check_lengths(rows)
    if class_weight is None:
        return rows
    if sample_weight is not None:
        raise ValueError(
            "class_weight and sample_weight were both given. Multiply them yourself: "
            "sample_weight * np.array([class_weight[label] for label in labels])"
        )
    return replace(rows, sample_weight=weights_of_classes(rows.y, class_weight))


def _read_inputs(x: Any) -> Any:
    if isinstance(x, SparseRows):
        return x
    return SparseRows(x) if is_sparse(x) else _read("x", x)


def _read(name: str, value: Any) -> np.ndarray:
    """Read one table; floats become `config.floatx()`, integers and truths stay what they are."""
    if _is_list_of_arrays(value) and len(value) == 1:  # as models of several inputs want it
        value = value[0]
    _refuse_structures(name, value)
    if isinstance(value, Tensor):
        value = value.numpy()
    elif is_sparse(value):  # targets and weights are small
        value = value.toarray()
    elif hasattr(value, "to_numpy"):  # a table or column of pandas
        value = value.to_numpy()
    array = _as_array(name, value)
    if array.ndim == 0:
        raise ValueError(f"{name} must have rows; {value!r} is a single number")
    return array.astype(config.floatx(), copy=False) if array.dtype.kind == "f" else array


def _as_array(name: str, value: Any) -> np.ndarray:
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(
            f"{name}: its rows are of unequal length: fill the short ones up, or cut the long ones"
        ) from error
    try:
        return dtypes.ready_array(array)
    except (TypeError, ValueError) as error:
        is_text = array.dtype.kind in "US" or isinstance(next(iter(array.flat), None), str)
        if is_text and name == "y":
            raise type(error)(
                f"y: it holds text, such as {str(array.flat[0])!r}. Number the classes first: "
                "names, y = np.unique(y, return_inverse=True)"
            ) from error
        raise type(error)(f"{name}: {error}") from error


def _refuse_structures(name: str, value: Any) -> None:
    if isinstance(value, Mapping):
        raise ValueError(
            f"{name} is a dictionary ({', '.join(map(repr, value))}): models of several inputs or "
            f"outputs are not trained by fit. Give one array of rows, such as "
            f"np.column_stack(list({name}.values()))"
        )
    if _is_list_of_arrays(value):
        raise ValueError(
            f"{name} is a {type(value).__name__} of {len(value)} arrays. If each is a sample, "
            f"stack them: np.stack({name}); models of several inputs or outputs are not trained by "
            "fit"
        )


def _is_list_of_arrays(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and any(getattr(x, "shape", ()) for x in value[:1])


def _check_lengths(rows: Rows) -> None:
    names = ("x", "y", "sample_weight")
    shapes = {name: part.shape for name, part in zip(names, rows) if part is not None}
    if len({shape[0] for shape in shapes.values()}) > 1:
        listed = ", ".join(f"{name} {shape[0]} (shape {shape})" for name, shape in shapes.items())
        raise ValueError(f"Each sample needs one row everywhere, but the numbers differ: {listed}")


# ---- parts of the rows ----------------------------------------------------------------------


def split(rows: Rows, validation_split: float) -> tuple[Rows, Rows]:
    """Return the first rows for training, and the last ones for validation.

    Raises:
        ValueError: when nothing would be left for one of them.
    """
    if not 0 < checks.real_number("validation_split", validation_split) < 1:
        raise ValueError(
            f"validation_split is a share between 0 and 1. Received: {validation_split}"
        )
    count = len(rows)
    first = int(count * (1.0 - validation_split))
    if first in (0, count):
        raise ValueError(
            f"validation_split={validation_split} of {count} rows leaves {first} to train on and "
            f"{count - first} to validate on; both need at least one"
        )
    return rows.take(slice(first)), rows.take(slice(first, None))


def weights_of_classes(y: np.ndarray | None, class_weight: Any) -> np.ndarray:
    """Return the weight of each row's class; 1 for classes that are not mentioned.

    Args:
        y: labels of shape (N,) or (N, 1), or one-hot rows (N, classes).
        class_weight: {number of a class: weight}.

    Raises:
        TypeError: when `class_weight` is not a dictionary of numbers.
        ValueError: when there are no targets, or not one label per row; for a class that one-hot
            rows have no place for.
    """
    shares = _shares(class_weight)
    labels = _labels(y)
    assert y is not None
    if _is_one_hot(y):
        _refuse_unknown(shares, range(y.shape[-1]))
    weights = np.ones(len(labels), config.floatx())
    for label, share in shares.items():
        weights[labels == label] = share
    return weights


def check_classes(y: Any, class_weight: Any) -> None:
    """Refuse weights of classes that all the data have no sample of.

    Raises:
        TypeError: as `weights_of_classes`.
        ValueError: the same, and for a class that is not among the labels.
    """
    shares = _shares(class_weight)
    y = None if y is None else _read("y", y)
    labels = _labels(y)
    if not _is_one_hot(y):
        _refuse_unknown(shares, np.unique(labels[np.isfinite(labels)]).astype(int).tolist())


def classes_of(y: Any) -> set[int]:
    """Return the classes among labels; of one-hot rows all that they have a place for."""
    y = _read("y", y)
    if _is_one_hot(y):
        return set(range(y.shape[-1]))
    labels = _labels(y)
    return set(labels[np.isfinite(labels)].astype(int).tolist())


def warn_of_missing_classes(class_weight: Any, found: set[int]) -> None:
    """Warn of weights of classes that a whole pass had no sample of."""
    missing = [label for label in _shares(class_weight) if label not in found]
    if missing:
        warnings.warn(
            f"class_weight has the key {missing[0]}, but a whole pass through the data had no "
            f"sample of that class: the classes are {', '.join(map(str, sorted(found)))}",
            stacklevel=2,
        )


def _shares(class_weight: Any) -> dict[int, float]:
    if not isinstance(class_weight, Mapping):
        raise TypeError(
            "class_weight is a dictionary {class number: weight}, such as {0: 1.0, 1: 5.0}. "
            f"Received: {class_weight!r}"
        )
    return {_class_number(label): _share(label, weight) for label, weight in class_weight.items()}


def _share(label: Any, weight: Any) -> float:
    share = checks.real_number(f"the weight of class {label!r}", weight, owner="class_weight")
    if abs(share) == math.inf:
        raise ValueError(f"class_weight: the weight of class {label!r} is {share}: give a number")
    return share


def _class_number(label: Any) -> int:
    """The whole number that a key is; `np.unique` of floats and truths gives such, too."""
    is_number = isinstance(label, (bool, int, float, np.generic, Tensor))
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        if is_number and int(label) == label:
            return int(label)
    advice = ": write {int(label): weight ...}" if str(label).lstrip("-").isdigit() else ""
    raise TypeError(f"The keys of class_weight are numbers of classes, not {label!r}{advice}")


def _is_one_hot(y: np.ndarray) -> bool:
    return y.ndim == 2 and y.shape[-1] != 1


def _labels(y: np.ndarray | None) -> np.ndarray:
    """One label per row."""
    if y is None or y.ndim > 2:
        shape = None if y is None else y.shape
        raise ValueError(f"class_weight needs one label per row in y; y has shape {shape}")
    return y.argmax(axis=-1) if _is_one_hot(y) else np.round(y.reshape(len(y)))


def _refuse_unknown(shares: Mapping[int, float], classes: Sequence[int]) -> None:
    unknown = [label for label in shares if label not in classes]
    if unknown:
        listed = ", ".join(map(str, classes[:20])) + (" ..." if len(classes) > 20 else "")
        raise ValueError(
            f"class_weight has the key {unknown[0]}, which is no class of the data: the classes in "
            f"y are {listed}. Give weights for those only"
        )


# ---- mistakes in numbers --------------------------------------------------------------------


def warn_of_missing_numbers(rows: Rows) -> None:
    """Warn, once, with the place of the first NaN or infinity in inputs and targets."""
    for name, part in (("x", rows.x), ("y", rows.y)):
        place = None if part is None else _first_not_finite(part)
        if place is None:
            continue
        assert part is not None
        at = ", ".join(map(str, place))
        column = f", column {place[1]}" if len(place) > 1 else ""
        warnings.warn(
            f"{name}[{at}] is {part[place]} (row {place[0]}{column}): training on it makes the "
            f"loss nan. Drop such rows, or fill them: {name} = np.nan_to_num({name})",
            stacklevel=3,
        )
        return


_OF_NO_CLASS = re.compile(r".*?\blabel (-?\d+) at \(.*?\), but there are (\d+ classes: .*)", re.S)


def bad_label(y: np.ndarray | None, message: str) -> str | None:
    """Return what the engine says of a label in a batch, with its place in all targets.

    None where the message is about something else, or the label is not found.
    """
    if y is None:
        return None
    if "the label at" in message:
        told = _first_broken_label(y)
        return told and f"{told}. {message}"
    found = _OF_NO_CLASS.fullmatch(message)
    if found is None:
        return None
    places = np.argwhere(y == int(found[1]))
    return (
        f"{_place(places[0])} is the label {found[1]}, but there are {found[2]}"
        if len(places)
        else None
    )


def _place(numbers: Any) -> str:
    return f"y[{', '.join(map(str, numbers))}]"


def _first_broken_label(y: np.ndarray) -> str | None:
    """Say where the first label is that is not a whole number; None where all are."""
    if y.dtype.kind != "f":
        return None
    with np.errstate(invalid="ignore"):
        is_bad = y - np.floor(y) != 0
    if not is_bad.any():
        return None
    place = tuple(map(int, np.unravel_index(is_bad.argmax(), y.shape)))
    return f"{_place(place)} is {y[place]}, which is no whole number"


def _first_not_finite(array: np.ndarray) -> tuple[int, ...] | None:
    if array.dtype.kind != "f":
        return None
    with np.errstate(all="ignore"):
        if np.isfinite(array.sum()):  # a sum takes no memory, and is nearly always enough
            return None
    is_bad = ~np.isfinite(array)
    return tuple(map(int, np.unravel_index(is_bad.argmax(), array.shape))) if is_bad.any() else None
