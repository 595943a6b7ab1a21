"""Files with weights that were trained on ImageNet: where they are looked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import NamedTuple

from pylego.datasets import cache
from pylego.utils.cached_file import get_file, keras_home

OLDER = "https://storage.googleapis.com/tensorflow/keras-applications/"
NEWER = "https://storage.googleapis.com/keras-applications/"


class WeightFile(NamedTuple):
    """A published file of weights.

    Attributes:
        name: as Keras's folder of models has it.
        address: the folder where it is published.
        checksum: MD5 or SHA-256; None where none is published.
        published: its name at the address, where that is another one.
    """

    name: str
    address: str
    checksum: str | None = None
    published: str | None = None

    def path(self) -> str:
        """Return where the file is: in Keras's folder, or in ours, downloaded if need be.

        Raises:
            ConnectionError: where it is in neither and there is no network; the text says what to
                put where instead.
        """
        for folder in (keras_home(), cache.home()):
            path = os.path.join(folder, "models", self.name)
            if os.path.exists(path):
                return path
        return get_file(
            self.name,
            self.address + (self.published or self.name),
            file_hash=self.checksum,
            cache_subdir="models",
            cache_dir=cache.home(),
        )


def two_files(
    name: str, address: str, checksums: Sequence[str | None] = (None, None), without: str = "_notop"
) -> Callable[[bool], WeightFile]:
    """Return a function that chooses the file with the top or the one without.

    Args:
        name: with which both begin.
        address: the folder where they are published.
        checksums: of the file with the top, and of the other.
        without: what the name of the file without the top ends with.

    >>> two_files("b0", NEWER)(False).name
    'b0_notop.h5'
    """

    def choose(include_top: bool) -> WeightFile:
        ending = "" if include_top else without
        return WeightFile(f"{name}{ending}.h5", address, checksums[0 if include_top else 1])

    return choose


def tf_kernels(
    name: str, folder: str, checksums: Sequence[str | None]
) -> Callable[[bool], WeightFile]:
    """The two files of a network of Keras's first years.

    >>> tf_kernels("vgg16", "vgg16", ("1", "2"))(True).name
    'vgg16_weights_tf_dim_ordering_tf_kernels.h5'
    """
    return two_files(f"{name}_weights_tf_dim_ordering_tf_kernels", f"{OLDER}{folder}/", checksums)
