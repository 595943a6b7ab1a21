"""Load Fashion-MNIST: 70,000 grey images of clothes, 28 by 28 pixels, in ten classes."""

from __future__ import annotations

import os

from pylego.datasets.four_files import Part, Source, load_cached, load_path

CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

SOURCE = Source(
    folder="fashion_mnist",
    mirrors=(
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/"
        "b2617bb6d3ffa2e429640350f613e3291e10b141/data/fashion/",
    ),
    checksums={
        "train-images-idx3-ubyte.gz": (
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"
        ),
        "train-labels-idx1-ubyte.gz": (
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"
        ),
        "t10k-images-idx3-ubyte.gz": (
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"
        ),
        "t10k-labels-idx1-ubyte.gz": (
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"
        ),
    },
)


def load_data(path: str | os.PathLike[str] | None = None) -> tuple[Part, Part]:
    """Load Fashion-MNIST from the cache folder (downloading what is missing), or from `path`.

    The cache is `$PYLEGO_HOME/fashion_mnist`, by default `~/.pylego/fashion_mnist`. The four IDX
    files in it may be zipped or not, and may hold fewer images than the official ones. `CLASSES`
    names what the labels stand for.

    Args:
        path: a folder of the four IDX files, or a `.npz` file, to be read instead of the cache.
            Defaults to None: the cache.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, all uint8: images of shape `(60000, 28, 28)` and
        `(10000, 28, 28)` with values 0 to 255, labels 0 to 9 of shapes `(60000,)` and `(10000,)`.

    Raises:
        ConnectionError: a file is missing and cannot be downloaded; the text says where to put it.
        FileNotFoundError: `path` does not lead to the data.
        ValueError: a file is damaged, or images and labels differ in number.

    Source: H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for
    Benchmarking Machine Learning Algorithms", arXiv:1708.07747 (2017); MIT licence, Zalando SE.

    >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
    >>> CLASSES[y_train[0]]  # doctest: +SKIP
    'Ankle boot'
    """
    return load_cached(SOURCE) if path is None else load_path(path)
