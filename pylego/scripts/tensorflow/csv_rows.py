"""Rows of comma-separated values: `tf.io.decode_csv` and `tf.data.experimental.make_csv_dataset`.

A column's dtype is that of its default: a value stands where a field is empty, and a dtype alone
says that there is a value in each row.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from pylego.core import dtypes
from pylego.core.tensor import Tensor, convert_to_tensor
from pylego.core.text_array import Text, text_array
from pylego.scripts.tensorflow.folders import glob
from pylego.scripts.tensorflow.values import Dataset
from pylego.utils.dataset import Dataset as AnyDataset

__all__ = ["decode_csv", "make_csv_dataset"]

_TEXT = "string"
_INFERRED_FROM = 100  # rows
_KINDS: tuple[tuple[str, Callable], ...] = (("int32", int), ("float32", float))


class _Column(NamedTuple):
    """How the fields of a column are read."""

    dtype: str
    default: Any  # None: each row needs a value

    def read(self, field: str, na_value: str) -> Any:
        if field in ("", na_value):
            if self.default is None:
                raise ValueError(f"a column of {self.dtype} without a default has an empty field")
            field = self.default
        if self.dtype == _TEXT:
            return Text(field)
        return np.dtype(self.dtype).type(field)


def _column(default: Any) -> _Column:
    """Read [0.0], ["NA"], a plain value, an empty tensor or the name of a dtype."""
    if isinstance(default, Tensor):
        default = default.numpy()
    if isinstance(default, np.ndarray):
        return _Column(default.dtype.name, default.flat[0] if default.size else None)
    if isinstance(default, (list, tuple)):
        default = default[0]
    elif isinstance(default, str) and (default == _TEXT or default in dtypes.engine.DTYPES):
        return _Column(default, None)
    is_text = isinstance(default, (str, bytes))
    return _Column(_TEXT if is_text else convert_to_tensor(default).dtype, default)


def decode_csv(
    records: Any,
    record_defaults: Sequence[Any],
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    name: Any = None,
    select_cols: Sequence[int] | None = None,
) -> list[Any]:
    """Read a line, or an array of lines; return what is in each column.

    Args:
        records: texts.
        record_defaults: for each column that is read: a value for empty fields, alone or in a list,
            or a dtype, where no field is empty.
        field_delim: what stands between fields.
        use_quote_delim: whether quotes hold fields together.
        na_value: what else stands for an empty field.
        name: says nothing here.
        select_cols: numbers of the columns that are read; all by default.

    Raises:
        ValueError: for lines of another number of fields, and for empty fields without a default.

    >>> decode_csv("1.5,red", [[0.0], [""]])
    [Tensor(shape=(), dtype=float32, 1.5), 'red']
    """
    lines = text_array(records)
    columns = [_column(default) for default in record_defaults]
    rows = [
        _fields(line, field_delim, use_quote_delim, columns, select_cols)
        for line in lines.reshape(-1)
    ]
    return [
        _shaped([column.read(row[place], na_value) for row in rows], column.dtype, lines.shape)
        for place, column in enumerate(columns)
    ]


def _fields(
    line: str, delimiter: str, quotes: bool, columns: list[_Column], places: Sequence[int] | None
) -> list[str]:
    found = next(_reader([line], delimiter, quotes), [])
    if places is not None:
        return [found[place] for place in places]
    if len(found) != len(columns):
        raise ValueError(f"a line has {len(columns)} fields. Received: {len(found)} in {line!r}")
    return found


def _reader(lines: Any, delimiter: str, quotes: bool) -> Iterator[list[str]]:
    if quotes:
        return csv.reader(lines, delimiter=delimiter)
    return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)


def _shaped(values: list, dtype: str, shape: tuple[int, ...]) -> Any:
    if dtype == _TEXT:
        return text_array(values).reshape(shape) if shape else values[0]
    return convert_to_tensor(np.array(values, dtype).reshape(shape))


def make_csv_dataset(
    file_pattern: Any,
    batch_size: int,
    column_names: Sequence[str] | None = None,
    column_defaults: Sequence[Any] | None = None,
    label_name: str | None = None,
    select_columns: Sequence[Any] | None = None,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    header: bool = True,
    num_epochs: int | None = None,
    shuffle: bool = True,
    shuffle_buffer_size: int = 10000,
    shuffle_seed: int | None = None,
    **options: Any,
) -> AnyDataset:
    """Return the batches of rows of files: {name of column: values}, or such a pair with labels.

    Args:
        file_pattern: the path of a file, a pattern of paths, or a list of them.
        batch_size: how many rows make a batch.
        column_names: by default the first line of the first file.
        column_defaults: see `decode_csv`; by default the first rows tell the dtypes, and empty
            fields are 0 or ''.
        label_name: of the column that holds the labels.
        select_columns: names or numbers of the columns that are read.
        field_delim: what stands between fields.
        use_quote_delim: whether quotes hold fields together.
        na_value: what else stands for an empty field.
        header: whether the first line of each file holds names.
        num_epochs: how often the rows come; without end by default.
        shuffle: whether rows come in random order.
        shuffle_buffer_size: from how many rows the next one is drawn.
        shuffle_seed: of the order.
        **options: how fast TensorFlow reads, which says nothing here.

    Raises:
        ValueError: without files, and for columns that are not there.
    """
    paths = glob(file_pattern if isinstance(file_pattern, str) else list(map(str, file_pattern)))
    if not paths:
        raise ValueError(f"make_csv_dataset: there is no file {file_pattern!r}")

    def lines() -> Iterator[list[str]]:
        for path in paths:
            with open(path, encoding="utf-8", newline="") as file:
                yield from islice(_reader(file, field_delim, use_quote_delim), int(header), None)

    names = list(column_names or _first_line(paths[0], field_delim, use_quote_delim))
    places = _places(names, select_columns)
    if label_name is not None and label_name not in names:
        raise ValueError(f"make_csv_dataset: label_name is one of {names}, not {label_name!r}")
    defaults = column_defaults
    columns = (
        _inferred(lines(), places, na_value) if defaults is None else [*map(_column, defaults)]
    )

    def rows() -> Iterator[Any]:
        for line in filter(None, lines()):
            read = zip(places, columns)
            row = {names[place]: column.read(line[place], na_value) for place, column in read}
            yield row if label_name is None else (row, row.pop(label_name))

    dataset = Dataset.from_generator(rows)
    if shuffle:
        dataset = dataset.shuffle(shuffle_buffer_size, shuffle_seed)
    return dataset.repeat(num_epochs).batch(batch_size, drop_remainder=num_epochs is None)


def _first_line(path: str, delimiter: str, quotes: bool) -> list[str]:
    with open(path, encoding="utf-8", newline="") as file:
        return next(_reader(file, delimiter, quotes))


def _places(names: list[str], chosen: Sequence[Any] | None) -> list[int]:
    if chosen is None:
        return list(range(len(names)))
    return [names.index(one) if isinstance(one, str) else int(one) for one in chosen]


def _inferred(lines: Iterator[list[str]], places: list[int], na_value: str) -> list[_Column]:
    first = [line for line in islice(lines, _INFERRED_FROM) if line]
    return [_kind([line[place] for line in first], na_value) for place in places]


def _kind(fields: list[str], na_value: str) -> _Column:
    """The narrowest kind that reads all fields."""
    known = [field for field in fields if field not in ("", na_value)]
    for dtype, read in _KINDS:
        try:
            for field in known:
                read(field)
        except ValueError:
            continue
        return _Column(dtype, 0)
    return _Column(_TEXT, "")
