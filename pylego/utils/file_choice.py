"""Which files of a folder a data set is made of: their classes, their order, and their split."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pylego import checks, names, random
from pylego.console import tell
from pylego.utils.class_folders import (
    LabelledFiles,
    existing_directory,
    files_in,
    files_of_classes,
    why_no_files,
)

_LABEL_MODES = ("int", "categorical", "binary", None)
_DATASETS = ("tf", "grain")  # of Keras
_SUBSETS = ("training", "validation", "both")
_WAY_OUT = "labels=None reads them flat, without labels"


@dataclass(frozen=True)
class FileKind:
    """What is looked for: a name for messages, such as 'image', and what names of files end in."""

    name: str
    formats: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """The files of one data set.

    Args:
        files: with their labels.
        label_mode: how labels are written; None where there are none.
        batch_size: None for single files.
        seed: of the order of each pass; None where it is that of the files.
    """

    files: LabelledFiles
    label_mode: str | None
    batch_size: int | None
    seed: int | None


def chosen_parts(
    directory: Any,
    kind: FileKind,
    labels: Any,
    label_mode: str | None,
    class_names: Sequence[str] | None,
    batch_size: int | None,
    shuffle: bool,
    seed: int | None,
    validation_split: float | None,
    subset: str | None,
    follow_links: bool,
    format: str,
    verbose: bool,
) -> list[Part]:
    """Find the files of a folder; return what one data set is made of, or two for subset 'both'.

    Args:
        directory: with a folder for each class.
        kind: of the files.
        labels: 'inferred', None, or a list of numbers.
        label_mode: 'int', 'categorical', 'binary' or None.
        class_names: the folders, in the order of the classes.
        batch_size: how many files make a batch.
        shuffle: whether each pass has an order of its own.
        seed: of the order.
        validation_split: the share of the files that is held back.
        subset: 'training', 'validation' or 'both'.
        follow_links: whether to go into folders that are links.
        format: 'tf' or 'grain'.
        verbose: whether to print how many files were found.

    Raises:
        FileNotFoundError: when there is no such directory.
        NotADirectoryError: when it is a file.
        ValueError: when no files are there, or arguments do not fit.
    """
    if label_mode not in _LABEL_MODES:
        raise names.unknown("label_mode", label_mode, [m for m in _LABEL_MODES if m])
    if format not in _DATASETS:
        raise names.unknown("format", format, _DATASETS)
    _check_split(validation_split, subset, shuffle, seed)
    size = None if batch_size is None else checks.whole_number("batch_size", batch_size, 1)
    has_labels = labels is not None and label_mode is not None
    files = _found(directory, kind, labels if has_labels else None, class_names, follow_links)
    if not len(files):
        why = why_no_files(directory, kind.name, kind.formats, files.class_names, _WAY_OUT)
        raise ValueError(why)
    _check_labels(label_mode, files)
    _tell(verbose, _count_text(files))
    seed = random.make_default_seed() if seed is None else seed
    files = _shuffled(files, seed) if shuffle else files
    parts = []
    for part in ("training", "validation") if subset == "both" else (subset,):
        chosen = _part(files, validation_split, part)
        if not len(chosen):
            raise ValueError(
                f"{directory} has no {kind.name}s for {part}: validation_split={validation_split} "
                f"of {len(files)} {kind.name}s leaves none"
            )
        if part is not None:
            _tell(verbose, f"Using {len(chosen)} files for {part}.")
        is_shuffled = shuffle and not (subset == "both" and part == "validation")
        mode = label_mode if has_labels else None
        parts.append(Part(chosen, mode, size, seed if is_shuffled else None))
    return parts


# ---- arguments ------------------------------------------------------------------------------


def _check_labels(label_mode: str | None, files: LabelledFiles) -> None:
    classes = files.class_names
    if files.labels is None or classes is None or label_mode not in ("binary", "categorical"):
        return
    if label_mode == "binary" and len(classes) != 2:
        raise ValueError(
            f"label_mode='binary' needs two classes; there are {len(classes)}: {', '.join(classes)}"
        )
    if not np.isin(files.labels, range(len(classes))).all():
        raise ValueError(
            f"label_mode={label_mode!r} needs labels from 0 to {len(classes) - 1}, as there are "
            f"{len(classes)} classes; there are {', '.join(classes)}"
        )


def _check_split(share: Any, subset: str | None, shuffle: bool, seed: int | None) -> None:
    if (share is None) != (subset is None):
        raise ValueError(
            f"validation_split and subset go together. Received: validation_split={share}, "
            f"subset={subset!r}"
        )
    if share is None:
        return
    if subset not in _SUBSETS:
        raise names.unknown("subset", subset, _SUBSETS)
    if not 0 < checks.real_number("validation_split", share) < 1:
        raise ValueError(f"validation_split is a share between 0 and 1. Received: {share}")
    if shuffle and seed is None and subset != "both":
        raise ValueError(
            "Two calls split shuffled files in the same way only with the same seed: pass seed, or "
            "subset='both', or shuffle=False"
        )


# ---- files ----------------------------------------------------------------------------------


def _found(
    directory: Any, kind: FileKind, labels: Any, class_names: Any, follow_links: bool
) -> LabelledFiles:
    if isinstance(labels, str) and labels == "inferred":
        return files_of_classes(directory, kind.formats, class_names, follow_links)
    if class_names is not None:
        raise ValueError("class_names names folders, which are classes for labels='inferred' only")
    paths = list(files_in(existing_directory(directory), kind.formats, follow_links))
    if labels is None:
        return LabelledFiles(paths)
    numbers = _own_labels(labels, len(paths), kind.name, os.fspath(directory))
    return LabelledFiles(paths, numbers, [str(n) for n in np.unique(numbers)])


def _own_labels(labels: Any, count: int, kind: str, directory: str) -> np.ndarray:
    """One whole number for each file."""
    wanted = f"'inferred', None, or a whole number for each of the {count} {kind}s in {directory}"
    if isinstance(labels, str) or not hasattr(labels, "__len__"):
        raise ValueError(f"labels is {wanted}. Received: labels={labels!r}")
    if len(labels) != count:
        raise ValueError(f"labels is {wanted}. Received: {len(labels)} labels")
    given = np.asarray(labels)
    is_real = given.ndim == 1 and given.dtype.kind in "biuf"
    if not is_real or (given % 1 != 0).any():
        first = ", ".join(repr(label) for label in given[:3].tolist())
        raise ValueError(f"labels is {wanted}. Received: labels=[{first}, ...]")
    return given.astype(np.int32)


def _count_text(files: LabelledFiles) -> str:
    classes = files.class_names
    return f"Found {len(files)} files" + (
        f" belonging to {len(classes)} classes." if classes else "."
    )


def _tell(verbose: bool, text: str) -> None:
    if verbose:
        tell(text)


def _shuffled(files: LabelledFiles, seed: int) -> LabelledFiles:
    """In the order of Keras, which holds back the same files for the same seed."""
    order = np.arange(len(files))
    np.random.RandomState(seed % 2**32).shuffle(order)
    return files.take(order)


def _part(files: LabelledFiles, share: float | None, subset: str | None) -> LabelledFiles:
    """Validation takes the last files."""
    first = len(files) - int((share or 0) * len(files))
    return files.take(slice(first, None) if subset == "validation" else slice(first))
