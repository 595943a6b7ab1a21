"""Endless batches of images out of files, for `ImageDataGenerator`."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pylego import names
from pylego.preprocessing.image_batches import ImageBatches, chosen_rows
from pylego.utils import image_utils
from pylego.utils.class_folders import LabelledFiles, files_of_classes
from pylego.utils.numerical import to_categorical

if TYPE_CHECKING:
    from pylego.preprocessing.image_data_generator import ImageDataGenerator

FORMATS = (".png", ".jpg", ".jpeg", ".bmp", ".ppm", ".tif", ".tiff")
_LABEL_MODES = ("categorical", "binary", "sparse")
_THREADS = 4  # that read files: Pillow decodes without Python's lock


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
        generator: ImageDataGenerator,
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
        is_first = generator.data_format == "channels_first"
        shape = (channels, *self.target_size) if is_first else (*self.target_size, channels)
        super().__init__(generator, len(files), shape, *order)

    @property
    def labels(self) -> Any:
        """What belongs to each file: the number of its class."""
        return self.classes

    def _images(self, places: np.ndarray) -> np.ndarray:
        from concurrent.futures import ThreadPoolExecutor  # not needed by those without files

        with ThreadPoolExecutor(_THREADS) as pool:
            return np.stack(list(pool.map(self._read, places)))

    def _read(self, place: int) -> np.ndarray:
        image = image_utils.load_img(self.filepaths[place], **self._reading)
        generator = self.image_data_generator
        return image_utils.img_to_array(image, generator.data_format, generator.dtype)

    def _with_targets(self, images: np.ndarray, places: np.ndarray) -> Any:
        if self.class_mode is None:
            return images
        targets = images.copy() if self.class_mode == "input" else self._targets(places)
        if self.sample_weight is None:
            return images, targets
        return images, targets, self.sample_weight[places]

    def _targets(self, places: np.ndarray) -> np.ndarray:
        labels = self.labels[places]
        if self.class_mode == "categorical":
            labels = to_categorical(labels, self.num_classes)
        return (
            labels if self.class_mode == "raw" else labels.astype(self.image_data_generator.dtype)
        )


# ---- folders --------------------------------------------------------------------------------


class DirectoryBatches(FileBatches):
    """Batches out of a folder for each class; see `ImageDataGenerator.flow_from_directory`."""

    def __init__(
        self,
        generator: ImageDataGenerator,
        directory: Any,
        classes: Sequence[str] | None,
        class_mode: str | None,
        subset: str | None,
        follow_links: bool,
        reading: dict[str, Any],
        order: tuple,
    ):
        _check_class_mode(class_mode, (*_LABEL_MODES, "input"))
        self.directory = os.fspath(directory)
        files = files_of_classes(directory, FORMATS, classes or None, follow_links)
        files = _part_of_each_class(files, generator.validation_split, subset)
        super().__init__(generator, self.directory, files, class_mode, reading, order)
        print(f"Found {self.n} images belonging to {self.num_classes} classes.")


def _check_class_mode(class_mode: str | None, known: Sequence[str]) -> None:
    if class_mode is not None and class_mode not in known:
        raise names.unknown("class_mode", class_mode, known)


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
        generator: ImageDataGenerator,
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
        _check_class_mode(class_mode, (*_LABEL_MODES, "input", "raw"))
        x_col, y_col, weight_col = columns
        root = os.fspath(directory or "")
        paths = [os.path.join(root, name) for name in dataframe[x_col]]
        rows = _readable(paths) if validate_filenames else np.arange(len(paths))
        class_names = labels = None
        if class_mode in _LABEL_MODES:
            rows, labels, class_names = _classified(rows, list(dataframe[y_col]), classes)
        chosen = chosen_rows(len(rows), generator.validation_split, subset)
        rows, labels = rows[chosen], None if labels is None else labels[chosen]
        files = LabelledFiles([paths[i] for i in rows], labels, class_names)
        self._raw = _column(dataframe, y_col)[rows] if class_mode == "raw" else None
        super().__init__(generator, root, files, class_mode, reading, order)
        if weight_col is not None:
            self.sample_weight = _column(dataframe, weight_col)[rows]
        of = f" belonging to {self.num_classes} classes" if class_names else ""
        print(f"Found {self.n} validated image filenames{of}.")

    @property
    def labels(self) -> Any:
        """What belongs to each file: the number of its class, or what the table says."""
        return self.classes if self._raw is None else self._raw


def _readable(paths: list[str]) -> np.ndarray:
    """The numbers of the files that are there; warns of others."""
    there = [i for i, p in enumerate(paths) if p.lower().endswith(FORMATS) and os.path.isfile(p)]
    if len(there) < len(paths):
        first = next(path for i, path in enumerate(paths) if i not in set(there))
        warnings.warn(
            f"{len(paths) - len(there)} of {len(paths)} files are left out: there is no image "
            f"{first!r}",
            stacklevel=2,
        )
    return np.array(there, int)


def _classified(
    rows: np.ndarray, values: list, classes: Sequence[str] | None
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """The rows that are of a class, the number of each one's class, and the names of classes."""
    class_names = list(dict.fromkeys(classes or sorted({values[i] for i in rows})))
    numbers = {name: number for number, name in enumerate(class_names)}
    kept = [i for i in rows if values[i] in numbers]
    labels = np.array([numbers[values[i]] for i in kept], np.int32)
    return np.array(kept, int), labels, class_names


def _column(dataframe: Any, name: Any) -> np.ndarray:
    """A column of a table, or several beside each other."""
    if isinstance(name, (list, tuple)):
        return np.stack([_column(dataframe, one) for one in name], axis=1)
    return np.asarray(dataframe[name])
