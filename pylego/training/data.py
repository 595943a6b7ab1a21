"""What users train on, read once: arrays, lists, tensors and tables, as arrays of rows.

Inputs, targets and weights are one table each, or as many as a model has inputs and outputs, in
dictionaries, lists and tuples. None stands where there is nothing, such as for an output without
weights.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from pylego import checks
from pylego.core import dtypes
from pylego.core.tensor import Tensor, convert_to_tensor
from pylego.core.text_array import TextArray, holds_texts, text_array
from pylego.core.tree import leaves, map_leaves
from pylego.training.class_weight import weights_of_classes
from pylego.utils.packing import pack_x_y_sample_weight

Batch = Any  # x, (x, y) or (x, y, sample_weight): structures of tensors


@dataclass(eq=False)
class Rows:
    """Inputs, targets and weights, one row per sample: structures of arrays of one length.

    Some may be `LazyRows`. Nothing sets an attribute later.

    Attributes:
        tables: all arrays, in the order in which they lie in a batch.
    """

    x: Any
    y: Any = None
    sample_weight: Any = None

    def __post_init__(self) -> None:
        parts = leaves((self.x, self.y, self.sample_weight))
        self.tables: list[Any] = [table for table in parts if table is not None]

    def __iter__(self) -> Iterator[Any]:
        return iter((self.x, self.y, self.sample_weight))

    def __len__(self) -> int:
        return len(self.tables[0]) if self.tables else 0

    def map(self, function: Callable[[Any], Any]) -> Rows:
        """Return the same structures, of what the function makes of each array."""
        return Rows(*(map_leaves(lambda table: _of_some(function, table), part) for part in self))

    def take(self, places: Any) -> Rows:
        """Return some of the rows, by slice or by numbers."""
        return self.map(lambda table: table[places])


def _of_some(function: Callable[[Any], Any], table: Any) -> Any:
    return None if table is None else function(table)


class LazyRows:
    """Rows that become an array of numbers only when a batch is made of them."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(rows, ...)."""
        raise NotImplementedError

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, places: Any) -> LazyRows:
        raise NotImplementedError

    def dense(self) -> np.ndarray:
        """Return the rows as an array that a model can be given."""
        raise NotImplementedError


class FileRows(LazyRows):
    """Rows of a file that is mapped into memory, as `np.memmap` does, and may be larger than it.

    Args:
        mapped: numbers of another dtype, or in another order, than a model is given.
    """

    def __init__(self, mapped: np.ndarray):
        self._mapped = mapped

    @property
    def shape(self) -> tuple[int, ...]:
        return self._mapped.shape

    def __getitem__(self, places: Any) -> FileRows:
        return FileRows(self._mapped[places])

    def dense(self) -> np.ndarray:
        return _read_array("x", np.array(self._mapped))


def _needs_copy(mapped: np.memmap) -> bool:
    """Whether a model cannot be given the numbers as they lie in the file."""
    is_other_float = mapped.dtype.kind == "f" and mapped.dtype != dtypes.array_dtype()
    return is_other_float or not (mapped.flags.c_contiguous and mapped.dtype.isnative)


def _is_mapped(array: Any) -> bool:
    """Whether the numbers of an array lie in a file."""
    while array is not None and not isinstance(array, np.memmap):
        array = getattr(array, "base", None)
    return array is not None


class TextRows(LazyRows):
    """Rows of texts, which the model reads when a batch is made of them.

    Args:
        texts: an array of any shape.
    """

    def __init__(self, texts: TextArray):
        self._texts = texts

    @property
    def shape(self) -> tuple[int, ...]:
        return self._texts.shape

    def __getitem__(self, places: Any) -> TextRows:
        return TextRows(self._texts[places])

    def dense(self) -> np.ndarray:
        """Return the texts."""
        return self._texts


class SparseRows(LazyRows):
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

    def __getitem__(self, places: Any) -> SparseRows:
        return SparseRows(self._matrix[places])

    def dense(self) -> np.ndarray:
        """Return the rows as an array."""
        return _read_table("x", self._matrix.toarray())


def is_sparse(x: Any) -> bool:
    """Return whether x is a sparse matrix or array of SciPy, which need not be installed."""
    return hasattr(x, "tocsr") and hasattr(x, "toarray")


def is_column(x: Any) -> bool:
    """Return whether x is a column of a data set of Hugging Face's, which need not be installed."""
    return type(x).__module__.startswith("datasets.") and hasattr(x, "column_name")


def some_rows(rows: Rows, owner: str = "There is no data: x") -> Rows:
    """Return the rows.

    Raises:
        ValueError: where there is none of them.
    """
    if len(rows) == 0:
        shape = map_leaves(lambda table: table.shape, rows.x)
        raise ValueError(f"{owner} has shape {shape}, which holds no rows")
    return rows


def to_batch(rows: Rows) -> Batch:
    """Make tensors of rows."""
    return pack_x_y_sample_weight(*rows.map(_as_tensor))


def _as_tensor(table: Any) -> Any:
    array = table.dense() if isinstance(table, LazyRows) else table
    return array if isinstance(array, TextArray) else convert_to_tensor(array)


class Single(NamedTuple):
    """The names of the one input and the one output of a model."""

    input: str
    output: str


# ---- reading --------------------------------------------------------------------------------


def read_rows(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    class_weight: Any = None,
    is_single: bool | Single = False,
    is_aligned: bool = True,
) -> Rows:
    """Read inputs, targets and weights as arrays of equal length.

    Args:
        x: the inputs: a table, or a structure of tables.
        y: the targets.
        sample_weight: how much each sample counts.
        class_weight: {class: how much its samples count}.
        is_single: whether the model has one input and one output, so that a list of arrays is a
            mistake; or their names, by which a dictionary may give them.
        is_aligned: whether a difference in length is refused.

    Raises:
        ValueError: when they differ in length, or one of them is not there or is not a table.
        TypeError: for what holds no numbers.
    """
    if all(one is None for one in (x if type(x) in (list, tuple) and len(x) else [x])):
        raise ValueError(f"There is no data: x is {x}")
    rows = Rows(
        read("x", x, is_single),
        read("y", y, is_single),
        read("sample_weight", sample_weight, is_single),
    )
    if is_aligned:
        _check_lengths(rows)
    if class_weight is None:
        return rows
    if sample_weight is not None:
        raise ValueError(
            "class_weight and sample_weight were both given. Multiply them yourself: "
            "sample_weight * np.array([class_weight[label] for label in labels])"
        )
    return replace(rows, sample_weight=weights_of_classes(rows.y, class_weight))


def read(name: str, value: Any, is_single: bool | Single = False) -> Any:
    """Read a table, or a structure of tables; None stays.

    Args:
        name: for messages: the argument, and then the place in it.
        value: what was given.
        is_single: whether a structure is refused, but for a dictionary by the names in it.
    """
    if value is None:
        return None
    if type(value) is np.ndarray:  # the usual case, on the fast path
        return _read_array(name, value)
    if isinstance(value, (list, tuple)) and len(value) == 1 and is_structure(value):
        value = value[0]  # as models of several inputs want it
    if is_single and is_structure(value):
        value = _by_name(name, value, is_single)
    return _read_nested(name, value)


def _by_name(name: str, value: Any, single: bool | Single) -> Any:
    """Take out of {name: array} what belongs to the one input or output; other inputs may be there,
    as in a data set that feeds several models."""
    key = single[name != "x"] if isinstance(single, Single) else None
    if key is None or not isinstance(value, Mapping) or key not in value:
        raise _refusal_of_structure(name, value, key)
    if len(value) > 1 and name != "x":
        raise _refusal_of_structure(name, value, key)
    return value[key]


def _read_nested(name: str, value: Any) -> Any:
    if not is_structure(value):
        return value if value is None else _read_table(name, value)
    if isinstance(value, Mapping):
        return {key: _read_nested(f"{name}[{key!r}]", part) for key, part in value.items()}
    parts = [_read_nested(f"{name}[{place}]", part) for place, part in enumerate(value)]
    return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)


def is_structure(value: Any) -> bool:
    """Return whether a value is several tables: a dictionary, or a list that begins with an array.

    Other lists are rows. A list of lists of arrays is rows, too, unless there is something else in
    it.

    >>> is_structure([[1.0, 2.0], [3.0, 4.0]]), is_structure([np.ones(2), np.ones(2)])
    (False, True)
    """
    if isinstance(value, Mapping):
        return not is_sparse(value)  # of SciPy's formats one is a dictionary
    if not isinstance(value, (list, tuple)):
        return False
    first = next((part for part in value if part is not None), None)
    if bool(getattr(first, "shape", ())) or any(isinstance(part, Mapping) for part in value):
        return True
    return is_structure(first) and not all(map(is_structure, value))


def _refusal_of_structure(name: str, value: Any, key: str | None) -> ValueError:
    if isinstance(value, Mapping):
        named = f", and the {'input' if name == 'x' else 'output'} is named {key!r}" if key else ""
        return ValueError(
            f"{name} is a dictionary ({', '.join(map(repr, value))}), but this model has one input "
            f"and one output{named}. Give one array of rows, such as "
            f"np.column_stack(list({name}.values()))"
        )
    return ValueError(
        f"{name} is a {type(value).__name__} of {len(value)} arrays. If each is a sample, stack "
        f"them: np.stack({name}); this model has one input and one output"
    )


def _read_table(name: str, value: Any) -> Any:
    """Read one table; floats become `config.floatx()`, integers and truths stay what they are."""
    if isinstance(value, LazyRows):
        return value
    if name.startswith("x") and isinstance(value, np.memmap) and value.ndim and _needs_copy(value):
        return FileRows(value)
    if isinstance(value, Tensor):
        value = value.numpy()
    elif is_sparse(value):  # targets and weights are small
        if name.startswith("x"):
            return SparseRows(value)
        value = value.toarray()
    elif is_column(value):
        value = value[:]
    elif hasattr(value, "to_numpy"):  # a table or column of pandas
        value = value.to_numpy()
    return _read_array(name, value)


def _read_array(name: str, value: Any) -> Any:
    array = _as_array(name, value)
    if isinstance(array, TextRows):
        return array
    if array.ndim == 0:
        raise ValueError(f"{name} must have rows; {value!r} is a single number")
    return array.astype(dtypes.array_dtype(), copy=False) if array.dtype.kind == "f" else array


def _as_array(name: str, value: Any) -> Any:
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(
            f"{name}: its rows are of unequal length: fill the short ones up, or cut the long ones"
        ) from error
    try:
        return dtypes.ready_array(array)
    except (TypeError, ValueError) as error:
        is_text = holds_texts(array)
        if is_text and name[0] == "x" and array.ndim and all(map(_is_text, array.flat)):
            return TextRows(text_array(array))
        if is_text and name[0] == "y":
            raise type(error)(
                f"{name}: it holds text, such as {str(array.flat[0])!r}. Number the classes first: "
                f"names, {name} = np.unique({name}, return_inverse=True)"
            ) from error
        raise type(error)(f"{name}: {error}") from error


def _is_text(x: Any) -> bool:
    return isinstance(x, (str, bytes))


def named_tables(rows: Rows) -> Iterator[tuple[str, Any]]:
    """Go through all arrays with their names, such as "x['image']"."""
    for name, part in zip(("x", "y", "sample_weight"), rows):
        yield from _named(name, part)


def _named(name: str, part: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(part, (dict, list, tuple)):
        for key, inner in part.items() if isinstance(part, dict) else enumerate(part):
            yield from _named(f"{name}[{key!r}]", inner)
    elif part is not None:
        yield name, part


def _check_lengths(rows: Rows) -> None:
    if len({table.shape[0] for table in rows.tables}) > 1:
        shapes = [(name, table.shape) for name, table in named_tables(rows)]
        listed = ", ".join(f"{name} {shape[0]} (shape {shape})" for name, shape in shapes)
        raise ValueError(f"Each sample needs one row everywhere, but the numbers differ: {listed}")


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


# ---- mistakes in numbers --------------------------------------------------------------------


def warn_of_missing_numbers(rows: Rows) -> None:
    """Warn, once, with the place of the first NaN or infinity in inputs, targets and weights."""
    if _have_finite_sums(rows.tables):
        return
    for name, table in named_tables(rows):
        is_finite = _have_finite_sums([table])
        place = None if is_finite else _first_place(~np.isfinite(table))
        if place is None:
            continue
        at = ", ".join(map(str, place))
        column = f", column {place[1]}" if len(place) > 1 else ""
        warnings.warn(
            f"{name}[{at}] is {table[place]} (row {place[0]}{column}): training on it makes the "
            f"loss nan. Drop such rows, or fill them: {name} = np.nan_to_num({name})",
            stacklevel=3,
        )
        return


@np.errstate(all="ignore")
def _have_finite_sums(tables: list[Any]) -> bool:
    """Whether all numbers are finite, for sure: a sum takes no memory, and nearly always knows.

    Lazy rows and files are left out: a file is read once.
    """
    return all(
        isinstance(table, LazyRows)
        or table.dtype.kind != "f"
        or _is_mapped(table)
        or math.isfinite(np.add.reduce(table, axis=None))
        for table in tables
    )


def told_label(y: Any, error: IndexError) -> str | None:
    """Return what an error says of a label in a batch, with its place in all targets.

    None where the error is about something else, or the label is not found, or in several outputs.
    """
    origin: BaseException = error
    while not hasattr(origin, "refused_label"):
        if origin.__cause__ is None:
            return None
        origin = origin.__cause__
    label, classes = origin.refused_label
    found = list(_places_of_label(y, label))
    if len(found) != 1:
        return None
    if label is None:
        return f"{found[0]}, which is not a class: labels are whole numbers from 0 to {classes - 1}"
    advice = str(error).removeprefix(str(origin))  # added to it on its way
    return f"{found[0]}, but there are {classes} classes: 0 to {classes - 1}{advice}"


def _places_of_label(y: Any, label: int | None) -> Iterator[str]:
    """Say where the label, or one that is not a whole number, is first in each output's targets."""
    for name, table in named_tables(Rows(None, y)):
        place = _first_place(_is_broken(table) if label is None else table == label)
        if place is not None:
            at = f"{name}[{', '.join(map(str, place))}]"
            yield f"{at} is {table[place]}" if label is None else f"{at} is the label {label}"


def _is_broken(y: np.ndarray) -> np.ndarray:
    """Where the labels are not whole numbers."""
    with np.errstate(invalid="ignore"):
        return y - np.floor(y) != 0


def _first_place(is_there: np.ndarray) -> tuple[int, ...] | None:
    if not is_there.any():
        return None
    return tuple(map(int, np.unravel_index(is_there.argmax(), is_there.shape)))
