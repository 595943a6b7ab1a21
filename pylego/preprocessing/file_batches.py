"""Endless batches of images out of files, for `ImageDataGenerator`."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from pylego import names
from pylego.console import tell
from pylego.preprocessing.class_columns import (
    class_numbers,
    column,
    is_several,
    known_classes,
    numbers,
    refuse_missing,
)
from pylego.preprocessing.image_batches import Augmenter, ImageBatches, check_part, chosen_rows
from pylego.utils import image_utils
from pylego.utils.class_folders import (
    LabelledFiles,
    existing_directory,
    files_of_classes,
    why_no_files,
)
from pylego.utils.file_reading import FileReader

FORMATS = (".png", ".jpg", ".jpeg", ".bmp", ".ppm", ".tif", ".tiff")
_LABEL_MODES = ("categorical", "binary", "sparse")
_OTHER_MODES = ("input", "multi_output", "raw")
_WAY_OUT = (
    "classes=['.'], class_mode=None reads them flat, as image_dataset_from_directory does with "
    "labels=None"
)


class FileBatches(ImageBatches):
    """Batches out of files.

    Attributes:
        filenames: of the files, from their directory.
        filepaths: the same, whole.
        classes: the number of the class of each file, where there are classes.
        class_indices: {class: number}.
        num_classes: how many there are.
        class_mode: how labels are written.
        target_size: (height, width) of the images.
    """

    def __init__(
        self,
        generator: Augmenter,
        directory: str,
        files: LabelledFiles,
        class_mode: str | None,
        reading: dict[str, Any],
        order: tuple,
    ):
        channels = image_utils.check_color_mode(reading["color_mode"])
        self.target_size = image_utils.height_and_width("target_size", reading["target_size"])
        self.filepaths = files.paths
        self.filenames = [os.path.relpath(path, directory or ".") for path in files.paths]
        self.classes = files.labels
        self.class_indices = {name: i for i, name in enumerate(files.class_names or ())}
        self.num_classes = len(self.class_indices)
        self.class_mode = class_mode
        self.sample_weight: np.ndarray | None = None
        self._reading = reading
        self._reader = FileReader()
        is_first = generator.data_format == "channels_first"
        shape = (channels, *self.target_size) if is_first else (*self.target_size, channels)
        super().__init__(generator, len(files), shape, *order)

    loads_ahead = True  # files are read while a model trains on the batch before
    max_queue_size = 2

    @property
    def labels(self) -> Any:
        """What belongs to each file: the number of its class."""
        return self.classes

    def _images(self, places: np.ndarray) -> np.ndarray:
        images = np.empty((len(places), *self.image_shape), self.image_data_generator.dtype)
        files = [self.filepaths[place] for place in places]
        self._reader.fill(self._read, files, images)
        return images

    def _read(self, path: str) -> np.ndarray:
        image = image_utils.load_img(path, **self._reading)
        return image_utils.img_to_array(image, self.image_data_generator.data_format, "uint8")

    def _with_targets(self, images: np.ndarray, places: np.ndarray) -> Any:
        if self.class_mode is None:
            return images
        targets = images.copy() if self.class_mode == "input" else self._targets(places)
        if self.sample_weight is None:
            return images, targets
        return images, targets, self.sample_weight[places]

    def _targets(self, places: np.ndarray) -> Any:
        if self.class_mode == "multi_output":
            return [column[places] for column in self.labels]
        labels = self.labels[places]
        if self.class_mode == "raw":
            return labels
        dtype = self.image_data_generator.dtype
        if self.class_mode == "categorical":
            return _hot(labels, self.num_classes, dtype)
        return labels.astype(dtype)


def _hot(labels: np.ndarray, count: int, dtype: str) -> np.ndarray:
    """Rows with a one for the class of a file, or for each of several."""
    rows = np.zeros((len(labels), count), dtype)
    for row, own in zip(rows, labels):
        row[own] = 1
    return rows


def _check_class_mode(class_mode: str | None, known: Sequence[str]) -> None:
    if class_mode is not None and class_mode not in known:
        raise names.unknown("class_mode", class_mode, known)


def _check_two(class_mode: str | None, classes: Sequence[Any]) -> None:
    if class_mode == "binary" and len(classes) != 2:
        raise ValueError(
            f"class_mode='binary' needs two classes; there are {len(classes)}: "
            f"{', '.join(map(str, classes))}. class_mode='categorical' or 'sparse' takes any number"
        )


# ---- folders --------------------------------------------------------------------------------


class DirectoryBatches(FileBatches):
    """Batches out of a folder for each class; see `ImageDataGenerator.flow_from_directory`."""

    def __init__(
        self,
        generator: Augmenter,
        directory: Any,
        classes: Sequence[str] | None,
        class_mode: str | None,
        subset: str | None,
        follow_links: bool,
        reading: dict[str, Any],
        order: tuple,
    ):
        _check_class_mode(class_mode, (*_LABEL_MODES, "input"))
        self.directory = existing_directory(directory)
        found = files_of_classes(directory, FORMATS, classes or None, follow_links)
        if not len(found):
            raise ValueError(why_no_files(directory, "image", FORMATS, found.class_names, _WAY_OUT))
        _check_two(class_mode, found.class_names or ())
        files = _part_of_each_class(found, generator.validation_split, subset)
        check_part(len(files), len(found), generator.validation_split, subset)
        super().__init__(generator, self.directory, files, class_mode, reading, order)
        tell(f"Found {self.n} images belonging to {self.num_classes} classes.")


def _part_of_each_class(files: LabelledFiles, share: float, subset: str | None) -> LabelledFiles:
    labels = np.asarray(files.labels)
    places = [np.flatnonzero(labels == number) for number in range(len(files.class_names or ()))]
    parts = [one[chosen_rows(len(one), share, subset)] for one in places]
    return files.take(np.concatenate(parts)) if parts else files


# ---- tables ---------------------------------------------------------------------------------


class FrameBatches(FileBatches):
    """Batches out of files that a table names; see `ImageDataGenerator.flow_from_dataframe`."""

    def __init__(
        self,
        generator: Augmenter,
        dataframe: Any,
        directory: Any,
        columns: tuple[str, Any, str | None],
        classes: Sequence[str] | None,
        class_mode: str | None,
        subset: str | None,
        validate_filenames: bool,
        reading: dict[str, Any],
        order: tuple,
    ):
        _check_class_mode(class_mode, (*_LABEL_MODES, *_OTHER_MODES))
        x_col, y_col, weight_col = columns
        root = os.fspath(directory or "")
        files = _file_names(dataframe, x_col)
        paths = [os.path.join(root, name) for name in files]
        rows = _readable(paths) if validate_filenames else np.arange(len(paths))
        class_names = labels = None
        if class_mode in _LABEL_MODES:
            values = _complete(dataframe, y_col, files)
            rows, labels, class_names = _classified(rows, values, classes, class_mode)
        elif classes:
            _warn_of_classes(class_mode)
        chosen = chosen_rows(len(rows), generator.validation_split, subset)
        check_part(len(rows[chosen]), len(rows), generator.validation_split, subset)
        rows, labels = rows[chosen], None if labels is None else labels[chosen]
        self._given = _given_targets(dataframe, y_col, class_mode, rows)
        labelled = LabelledFiles([paths[i] for i in rows], labels, class_names)
        super().__init__(generator, root, labelled, class_mode, reading, order)
        if weight_col is not None:
            self.sample_weight = _weights(dataframe, weight_col, files)[rows]
        of = f" belonging to {self.num_classes} classes" if class_names else ""
        kind = "validated" if validate_filenames else "non-validated"
        tell(f"Found {self.n} {kind} image filenames{of}.")

    @property
    def labels(self) -> Any:
        """What belongs to each file: the number of its class, or what the table says."""
        return self.classes if self._given is None else self._given


def _complete(table: Any, name: Any, files: list) -> list:
    """A column that has something in each row."""
    values = column(table, name)
    if len(values) != len(files):
        raise ValueError(f"Column {name!r} has {len(values)} rows, that of files {len(files)}")
    refuse_missing(values, name, files)
    return values


def _file_names(table: Any, x_col: str) -> list:
    files = column(table, x_col)
    refuse_missing(files, x_col, files)
    others = [name for name in files if not isinstance(name, (str, os.PathLike))]
    if others:
        raise TypeError(f"x_col={x_col!r} must have names of files. Received: {others[0]!r}")
    return files


def _readable(paths: list[str]) -> np.ndarray:
    """The numbers of the files that are there; warns of others."""
    there = [i for i, p in enumerate(paths) if p.lower().endswith(FORMATS) and os.path.isfile(p)]
    if len(there) < len(paths):
        first = paths[next(i for i in range(len(paths)) if i >= len(there) or there[i] != i)]
        left_out = f"{len(paths) - len(there)} of {len(paths)} files are left out"
        text = f"{left_out}: there is no image {first!r}"
        if not there:
            raise ValueError(
                f"{text} (looked in {os.getcwd()!r}). directory says where files are, and names "
                f"have their endings: {', '.join(FORMATS)}"
            )
        warnings.warn(text, stacklevel=2)
    return np.array(there, int)


def _classified(
    rows: np.ndarray, values: list, classes: Sequence[Any] | None, class_mode: str | None
) -> tuple[np.ndarray, np.ndarray, list]:
    """The rows that are of a class, the number of each one's class, and the names of classes.

    Where files have several classes, their numbers are lists.
    """
    values = [values[i] for i in rows]
    several = [value for value in values if is_several(value)]
    if several and class_mode != "categorical":
        raise ValueError(
            f"class_mode={class_mode!r} needs one class for each file. Received: {several[0]!r}. "
            "class_mode='categorical' makes multi-hot rows of lists"
        )
    class_names = known_classes(values, classes)
    _check_two(class_mode, class_names)
    found = class_numbers(values, class_names)
    kept = [i for i, number in enumerate(found) if number is not None]
    if not kept:
        raise ValueError(
            f"No file is of the classes {', '.join(map(repr, class_names))}; the first one is of "
            f"{values[0]!r}"
        )
    labels = np.empty(len(kept), object if several else np.int32)
    for place, i in enumerate(kept):
        labels[place] = found[i]
    return rows[kept], labels, class_names


def _warn_of_classes(class_mode: str | None) -> None:
    warnings.warn(f"classes are not used by class_mode={class_mode!r}", stacklevel=2)


def _given_targets(table: Any, y_col: Any, class_mode: str | None, rows: np.ndarray) -> Any:
    """The numbers of the table itself: a column for each output, or side by side."""
    if class_mode == "raw":
        return numbers(table, y_col)[rows]
    if class_mode != "multi_output":
        return None
    if not isinstance(y_col, (list, tuple)):
        raise TypeError(
            f"class_mode='multi_output' has a column for each output. Received: y_col={y_col!r}"
        )
    return [numbers(table, name)[rows] for name in y_col]


def _weights(table: Any, name: str, files: list) -> np.ndarray:
    weights = np.array(_complete(table, name, files))
    if weights.dtype.kind not in "biuf":
        raise TypeError(f"weight_col={name!r} must have numbers. Received: {weights[0].item()!r}")
    return weights
