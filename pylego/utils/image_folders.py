"""A folder of images, with a folder inside for each class, as batches to train on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import config, names
from pylego.construction import explained
from pylego.ops.image import METHODS
from pylego.utils import image_utils
from pylego.utils.file_choice import FileKind, chosen_parts
from pylego.utils.image_dataset import ImageDataset, Reading

FORMATS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
_INTERPOLATIONS = (*METHODS, "area", "hamming", "lanczos")


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
    image_utils.check_color_mode(color_mode)
    reading = Reading(
        color_mode,
        image_utils.height_and_width("image_size", image_size),
        interpolation,
        _fit(crop_to_aspect_ratio, pad_to_aspect_ratio),
        config.standardize_data_format(data_format),
    )
    parts = chosen_parts(
        directory,
        FileKind("image", FORMATS),
        labels,
        label_mode,
        class_names,
        batch_size,
        shuffle,
        seed,
        validation_split,
        subset,
        follow_links,
        format,
        verbose,
    )
    datasets = tuple(ImageDataset(part, reading) for part in parts)
    return datasets if subset == "both" else datasets[0]


def _fit(crop: bool, pad: bool) -> str:
    if crop and pad:
        raise ValueError("crop_to_aspect_ratio and pad_to_aspect_ratio exclude each other")
    return "crop" if crop else "pad" if pad else "stretch"
