"""Load MNIST: 70,000 grey images of handwritten digits, 28 by 28 pixels."""

from __future__ import annotations

import os

from pylego.datasets.four_files import Part, Source, load_cached, load_path

KERAS_NAME = "mnist.npz"

SOURCE = Source(
    folder="mnist",
    mirrors=(
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
    ),
    checksums={
        "train-images-idx3-ubyte.gz": (
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
        ),
        "train-labels-idx1-ubyte.gz": (
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
        ),
        "t10k-images-idx3-ubyte.gz": (
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
        ),
        "t10k-labels-idx1-ubyte.gz": (
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
        ),
    },
)


def load_data(path: str | os.PathLike[str] = KERAS_NAME) -> tuple[Part, Part]:
    """Load MNIST from the cache folder (downloading what is missing there), or from `path`.

    The cache is `$PYLEGO_HOME/mnist`, by default `~/.pylego/mnist`. The four IDX files in it may
    be zipped or not, and may hold fewer images than the official ones.

    Args:
        path: a folder of the four IDX files, or a `.npz` file as Keras stores it, to be read
            instead of the cache. The default, Keras's own, means the cache.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, all uint8: images of shape `(60000, 28, 28)` and
        `(10000, 28, 28)` with values 0 (paper) to 255 (ink), labels 0 to 9 of shapes `(60000,)`
        and `(10000,)`.

    Raises:
        ConnectionError: a file is missing and cannot be downloaded; the text says where to put it.
        FileNotFoundError: `path` does not lead to the data.
        ValueError: a file is damaged, or images and labels differ in number.

    Source: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to
    document recognition", Proceedings of the IEEE 86 (1998).

    >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
    >>> x_train.shape, y_train[:5]  # doctest: +SKIP
    ((60000, 28, 28), array([5, 0, 4, 1, 9], dtype=uint8))
    """
    return load_cached(SOURCE) if path == KERAS_NAME else load_path(path)
