"""How a model is saved, and takes its weights from a file."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def _files() -> Any:
    # Files know models, so models only ask for them when they are saved.
    return import_module("pylego.saving.files")


class Saveable:
    """The part of `Model` that has to do with files."""

    def save(
        self,
        filepath: Any,
        overwrite: bool = True,
        zipped: bool | None = None,
        **older: Any,
    ) -> None:
        """Save the model: what it is made of, its weights, and how far training has come.

        Keras 3 opens the file, and `pylego.models.load_model` those of Keras.

        Args:
            filepath: a path that ends in `.keras`, or in `.h5` for the format of Keras 1 and 2; or
                a binary file object.
            overwrite: whether a file that is there is replaced.
            zipped: False makes a folder of the files that are otherwise zipped.
            **older: `include_optimizer`, of `.h5` files.

        Raises:
            FileExistsError: when there is one, and `overwrite` is False.
            ValueError: for another ending.

        >>> import tempfile
        >>> from pylego.models import Sequential, load_model
        >>> from pylego.layers import Dense
        >>> model = Sequential([Dense(2, input_shape=(3,))])
        >>> path = tempfile.mkdtemp() + "/model.keras"
        >>> model.save(path)
        >>> load_model(path).count_params()
        8
        """
        _files().save_model(self, filepath, overwrite, zipped, **older)

    def save_weights(
        self, filepath: Any, overwrite: bool = True, max_shard_size: float | None = None
    ) -> None:
        """Save the numbers of the model, for a model that is made by the same code.

        Args:
            filepath: a path that ends in `.weights.h5` or `.safetensors`, or a binary file object.
            overwrite: whether a file that is there is replaced.
            max_shard_size: in GB; larger models are cut into several files, which
                `.weights.json` lists.

        Raises:
            ValueError: for a model that is not built, and for another ending.
            FileExistsError: when there is a file, and `overwrite` is False.
        """
        _files().save_weights(self, filepath, overwrite, max_shard_size)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **options: Any) -> None:
        """Take over the numbers from a file of this or of another model.

        Args:
            filepath: `.weights.h5`, `.weights.json`, `.keras`, `.h5` or `.safetensors`.
            skip_mismatch: whether layers that do not fit are left as they are, with a warning.
            objects_to_skip: a list of layers that are left as they are.
            by_name: of `.h5` files: whether layers are found by their names.
            names: of `.safetensors` files: {name in the file: path of a variable, or a pair of it
                and of a function that makes its numbers of those in the file}.

        Raises:
            ValueError: with a list of what does not fit. The model is as it was then.
        """
        _files().load_weights(self, filepath, skip_mismatch, **options)
