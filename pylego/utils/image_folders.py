"""A folder of images, with a folder inside for each class, as batches to train on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from pylego import checks, config, names, random
from pylego.construction import explained
from pylego.ops.image import METHODS
from pylego.utils import image_utils
from pylego.utils.class_folders import (
    LabelledFiles,
    existing_directory,
    files_in,
    files_of_classes,
    why_no_images,
)
from pylego.utils.image_dataset import ImageDataset, Reading

FORMATS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
_INTERPOLATIONS = (*METHODS, "area", "hamming", "lanczos")
_LABEL_MODES = ("int", "categorical", "binary", None)
_DATASETS = ("tf", "grain")  # of Keras
_SUBSETS = ("training", "validation", "both")
_WAY_OUT = "labels=None reads them flat, without labels"


@explained
def image_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: Any = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Read the images of a folder as batches of (images, labels).

    Args:
        directory: with a folder of images for each class.
        labels: 'inferred': the folders are the classes; None: there are no labels; or a list of
            whole numbers, one for each file of the directory in the order of the alphabet.
        label_mode: 'int' gives numbers of classes, shape (batch,); 'categorical' one-hot rows;
            'binary' 0.0 or 1.0, shape (batch, 1); None no labels.
        class_names: the folders, in the order of the classes; by default that of the alphabet.
        color_mode: 'rgb', 'rgba' or 'grayscale': 3, 4 or 1 channels.
        batch_size: 32 by default; None yields single images.
        image_size: (height, width) of what comes out.
        shuffle: whether each pass has an order of its own.
        seed: of the order; by default it follows from pylego's global seed.
        validation_split: the share of the files that is held back for validation.
        subset: which part is wanted: 'training', 'validation', or 'both', as a pair.
        interpolation: how images are resized: 'bilinear', 'nearest', 'bicubic', 'lanczos3',
            'lanczos5' as by `ops.image.resize`; 'area', 'hamming' and 'lanczos' by Pillow, which
            averages when it makes them smaller.
        follow_links: whether to go into folders that are links.
        crop_to_aspect_ratio: whether the middle is cut out first, so that nothing is distorted.
        pad_to_aspect_ratio: whether black borders are added first, to the same end.
        data_format: 'channels_last' or 'channels_first'.
        format: 'tf' or 'grain', accepted for Keras's sake: one kind of data set comes out.
        verbose: whether to print how many files were found.

    Returns an `ImageDataset` of float32 images from 0 to 255 where Keras returns a tf.data.Dataset;
    for subset 'both' two of them. Its `map(function)` changes the batches, its `take(n)` yields the
    first ones.

    Raises:
        FileNotFoundError: when there is no such directory.
        NotADirectoryError: when it is a file.
        ValueError: when no images are there, or arguments do not fit; while reading, for a file
            that is not an image, by its name.
    """
    if interpolation not in _INTERPOLATIONS:
        raise names.unknown("interpolation", interpolation, _INTERPOLATIONS)
    if label_mode not in _LABEL_MODES:
        raise names.unknown("label_mode", label_mode, [m for m in _LABEL_MODES if m])
    if format not in _DATASETS:
        raise names.unknown("format", format, _DATASETS)
    _check_split(validation_split, subset, shuffle, seed)
    image_utils.check_color_mode(color_mode)
    reading = Reading(
        color_mode,
        image_utils.height_and_width("image_size", image_size),
        interpolation,
        _fit(crop_to_aspect_ratio, pad_to_aspect_ratio),
        config.standardize_data_format(data_format),
    )
    size = None if batch_size is None else checks.whole_number("batch_size", batch_size, 1)
    has_labels = labels is not None and label_mode is not None
    files = _found(directory, labels if has_labels else None, class_names, follow_links)
    if not len(files):
        raise ValueError(why_no_images(directory, FORMATS, files.class_names, _WAY_OUT))
    _check_labels(label_mode, files)
    _tell(verbose, _count_text(files))
    seed = random.make_default_seed() if seed is None else seed
    files = _shuffled(files, seed) if shuffle else files

    def dataset(part: str | None, seed: int | None) -> ImageDataset:
        chosen = _part(files, validation_split, part)
        if not len(chosen):
            raise ValueError(
                f"{directory} has no images for {part}: validation_split={validation_split} of "
                f"{len(files)} images leaves none"
            )
        if part is not None:
            _tell(verbose, f"Using {len(chosen)} files for {part}.")
        return ImageDataset(chosen, reading, label_mode if has_labels else None, size, seed)

    if subset == "both":
        return dataset("training", seed if shuffle else None), dataset("validation", None)
    return dataset(subset, seed if shuffle else None)


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


def _fit(crop: bool, pad: bool) -> str:
    if crop and pad:
        raise ValueError("crop_to_aspect_ratio and pad_to_aspect_ratio exclude each other")
    return "crop" if crop else "pad" if pad else "stretch"


# ---- files ----------------------------------------------------------------------------------


def _found(
    directory: Any, labels: Any, class_names: Sequence[str] | None, follow_links: bool
) -> LabelledFiles:
    if isinstance(labels, str) and labels == "inferred":
        return files_of_classes(directory, FORMATS, class_names, follow_links)
    if class_names is not None:
        raise ValueError("class_names names folders, which are classes for labels='inferred' only")
    paths = list(files_in(existing_directory(directory), FORMATS, follow_links))
    if labels is None:
        return LabelledFiles(paths)
    numbers = _own_labels(labels, len(paths), os.fspath(directory))
    return LabelledFiles(paths, numbers, [str(n) for n in np.unique(numbers)])


def _own_labels(labels: Any, count: int, directory: str) -> np.ndarray:
    """One whole number for each image."""
    wanted = f"'inferred', None, or a whole number for each of the {count} images in {directory}"
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
        print(text)


def _shuffled(files: LabelledFiles, seed: int) -> LabelledFiles:
    """In the order of Keras, which holds back the same files for the same seed."""
    order = np.arange(len(files))
    np.random.RandomState(seed % 2**32).shuffle(order)
    return files.take(order)


def _part(files: LabelledFiles, share: float | None, subset: str | None) -> LabelledFiles:
    """Validation takes the last files."""
    first = len(files) - int((share or 0) * len(files))
    return files.take(slice(first, None) if subset == "validation" else slice(first))
