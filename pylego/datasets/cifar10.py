"""Load CIFAR-10: 60,000 color images of 32 by 32 pixels, in ten classes."""

from __future__ import annotations

import os

from pylego.datasets import cifar
from pylego.datasets.cifar import Part

CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)

SOURCE = cifar.Source(
    folder="cifar10",
    archive="cifar-10-python.tar.gz",
    checksum="6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    inside="cifar-10-batches-py",
    train=tuple(f"data_batch_{number}" for number in range(1, 6)),
    test="test_batch",
)


def load_data(path: str | os.PathLike[str] | None = None) -> tuple[Part, Part]:
    """Load CIFAR-10 from the cache folder (downloading it first), or from `path`.

    The cache is `$PYLEGO_HOME/cifar10`, by default `~/.pylego/cifar10`; Keras's,
    `~/.keras/datasets`, is looked into as well. The files may hold fewer images than the official
    ones. `CLASSES` names what the labels stand for; a few images have a wrong one.

    Args:
        path: the folder cifar-10-batches-py of the official archive, to be read instead of the
            cache. Defaults to None: the cache.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, all uint8: images of shape `(50000, 32, 32, 3)` and
        `(10000, 32, 32, 3)` with values 0 to 255, labels 0 to 9 of shapes `(50000, 1)` and
        `(10000, 1)`. With `config.set_image_data_format("channels_first")` the images have shape
        `(50000, 3, 32, 32)`.

    Raises:
        ConnectionError: the archive is missing and cannot be downloaded; the text says where to
            put it.
        FileNotFoundError: `path` does not lead to the files.
        ValueError: a file is damaged.

    Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009).

    >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
    >>> CLASSES[y_train[0, 0]]  # doctest: +SKIP
    'frog'
    """
    parts = cifar.load_data(SOURCE, "labels", len(CLASSES), path)
    (x_train, y_train), (x_test, y_test) = parts
    return (x_train, y_train.astype("uint8")), (x_test, y_test.astype("uint8"))
