"""Save and open models and weights, in the format that the name or the content says."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from pylego import names
from pylego.construction import explained
from pylego.core.variable import Variable
from pylego.keras_imports import is_as_keras
from pylego.older.notes import note
from pylego.saving import keras_file, numbers_file, tensors_file
from pylego.saving.atomic import is_path
from pylego.saving.errors import name_of
from pylego.saving.hdf5 import open_hdf5
from pylego.saving.opening import reading
from pylego.saving.warning import warn

_LEGACY = (".h5", ".hdf5")
_ZIP, _HDF5 = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"


# ---- models ----


def save_model(
    model: Any, filepath: Any, overwrite: bool = True, zipped: bool | None = None, **older: Any
) -> None:
    """Save a model: what it is made of, its weights, and how far training has come.

    Args:
        model: the model.
        filepath: a path that ends in `.keras`, or in `.h5` for the format of Keras 1 and 2; or a
            binary file object, into which a `.keras` file is written.
        overwrite: whether a file that is there is replaced.
        zipped: False makes a folder of the files that are otherwise zipped.
        **older: `include_optimizer`, of `.h5` files.

    Raises:
        FileExistsError: when there is a file, and `overwrite` is False.
        ValueError: for another ending.
    """
    include_optimizer = older.pop("include_optimizer", True)
    older.pop("save_format", None)  # the ending says it
    if older:
        known = ("filepath", "overwrite", "zipped", "include_optimizer")
        raise names.unknown_argument("save", next(iter(older)), known)
    path = _path(filepath)
    if zipped is None and path and is_as_keras() and not path.endswith((".keras", *_LEGACY)):
        note(f"a model saved as {path!r}", f"{path + '.keras'!r}")
        zipped = False
    _check_free(path, overwrite)
    if not model.built:
        warn(f"{model.name!r} is not built, so no weights are saved: call it on data before")
    if path.endswith(_LEGACY):
        _legacy().save(model, filepath, include_optimizer=include_optimizer)
    elif zipped is False:
        keras_file.save_folder(model, _folder(path))
    elif not is_path(filepath) or path.endswith(".keras"):
        keras_file.save(model, filepath)
    else:
        raise ValueError(
            f"A model is saved under a name that ends in '.keras', or in '.h5' for the format of "
            f"Keras 1 and 2. Received: {name_of(filepath)}"
        )


def load_model(
    filepath: Any, custom_objects: Any = None, compile: bool = True, safe_mode: bool = True
) -> Any:
    """Open a model that was saved here, or by Keras 1, 2 or 3.

    The content decides, whatever the name ends in. Nothing in a file is run, unless
    `safe_mode=False` allows it.

    Args:
        filepath: a path, or a binary file object.
        custom_objects: {name: class or function} of your own.
        compile: whether it is compiled as it was. A loss, a metric or an optimizer that is not
            known leaves it uncompiled, with a warning.
        safe_mode: whether functions that are stored as code are refused.

    Returns the model.

    Raises:
        FileNotFoundError: when there is no such file.
        CorruptFileError: a ValueError, for a file that is damaged, or no model.
        ValueError: for layers that are not known, and weights that do not fit.

    >>> import tempfile
    >>> from pylego.models import Sequential
    >>> from pylego.layers import Dense
    >>> path = tempfile.mkdtemp() + "/model.keras"
    >>> save_model(Sequential([Dense(2, input_shape=(3,))]), path)
    >>> load_model(path).output_shape
    (None, 2)
    """
    if is_path(filepath) and os.path.isdir(filepath):
        return keras_file.load_folder(_path(filepath), custom_objects, compile, safe_mode)
    beginning = _beginning(filepath)
    if beginning == _HDF5:
        return _legacy().load(filepath, custom_objects, compile, safe_mode)
    if beginning.startswith(_ZIP) or _path(filepath).endswith(".keras"):
        return keras_file.load(filepath, custom_objects, compile, safe_mode)
    raise ValueError(f"{name_of(filepath)} is not a model: it is neither a .keras nor an HDF5 file")


# ---- weights ----


@explained
def save_weights(
    model: Any,
    filepath: Any,
    overwrite: bool = True,
    max_shard_size: float | None = None,
    objects_to_skip: Iterable[Any] = (),
) -> None:
    """Save the numbers of a model: see `Model.save_weights`."""
    filepath = _with_ending(filepath)
    path = _path(filepath)
    if not _has_numbers(model):
        raise ValueError(
            f"{model.name!r} is not built, so it has no weights to save: call it on data before, "
            "or build it"
        )
    if max_shard_size is not None and path.endswith((".weights.h5", ".weights.json")):
        _check_free(numbers_file.list_path(path), overwrite)
        numbers_file.write_shards(model, path, max_shard_size, objects_to_skip)
        return
    _check_free(path, overwrite)
    if path.endswith(".safetensors"):
        tensors_file.write(model, filepath)
    elif not is_path(filepath) or path.endswith(".weights.h5"):
        numbers_file.write(model, filepath, objects_to_skip)
    elif path.endswith(_LEGACY):
        _legacy().save_weights(model, filepath)
    else:
        raise ValueError(
            "Weights are saved under a name that ends in '.weights.h5', '.safetensors', or in "
            "'.weights.json' for several files of a max_shard_size. Received: "
            f"{name_of(filepath)}"
        )


def _has_numbers(model: Any) -> bool:
    """Whether a model is built; one that has no `call`, as GANs, is where its parts are."""
    parts = [layer for layer in model._flatten_layers() if layer is not model]
    return model.built or (bool(parts) and all(part.built for part in parts))


@explained
def load_weights(
    model: Any,
    filepath: Any,
    skip_mismatch: bool = False,
    objects_to_skip: Iterable[Any] = (),
    by_name: bool = False,
    names: Any = None,
) -> None:
    """Take over numbers from a file: see `Model.load_weights`."""
    if is_path(filepath) and not os.path.exists(filepath):
        filepath = _with_ending(filepath)
    path = _path(filepath)
    if not _has_numbers(model):
        raise ValueError(
            f"{model.name!r} is not built, so it has no weights to load into: call it on data "
            "before, or build it"
        )
    with _compiled_rate_kept(model):
        _load_weights(model, filepath, path, skip_mismatch, objects_to_skip, by_name, names)


def _load_weights(
    model: Any,
    filepath: Any,
    path: str,
    skip_mismatch: bool,
    objects_to_skip: Iterable[Any],
    by_name: bool,
    names: Any,
) -> None:
    if path.endswith(".safetensors"):
        _only_for("HDF5", objects_to_skip=objects_to_skip, by_name=by_name)
        tensors_file.read(model, filepath, names, skip_mismatch)
        return
    _only_for("safetensors", names=names)
    if path.endswith(".json"):
        numbers_file.read_shards(model, path, skip_mismatch, objects_to_skip)
    elif is_path(filepath) and os.path.isdir(filepath):
        inside = os.path.join(path, keras_file.WEIGHTS)
        numbers_file.read(model, inside, name_of(filepath), skip_mismatch, objects_to_skip)
    elif _is_legacy(filepath):
        _only_for(".weights.h5", objects_to_skip=objects_to_skip)
        _legacy().load_weights(model, filepath, by_name, skip_mismatch)
    elif _beginning(filepath).startswith(_ZIP) or path.endswith(".keras"):
        _only_for(".h5", by_name=by_name)
        keras_file.load_weights(model, filepath, skip_mismatch, objects_to_skip)
    else:
        _only_for(".h5", by_name=by_name)
        numbers_file.read(model, filepath, name_of(filepath), skip_mismatch, objects_to_skip)


@contextlib.contextmanager
def _compiled_rate_kept(model: Any) -> Iterator[None]:
    """Let an optimizer that has not begun keep its learning rate, which somebody has just chosen:
    it takes over how far training has come, but not how fast that went."""
    optimizer = getattr(model, "optimizer", None) if getattr(model, "compiled", False) else None
    has_begun = optimizer is None or optimizer.built
    rate: Any = None if has_begun else getattr(optimizer, "learning_rate", None)
    chosen = rate.numpy() if isinstance(rate, Variable) else None
    yield
    if chosen is not None:
        rate.assign(chosen)


# ---- what a file is ----


def _with_ending(filepath: Any) -> Any:
    """Give checkpoints of TensorFlow's, which had no ending or '.ckpt', the ending of weights."""
    if not is_as_keras() or not is_path(filepath):
        return filepath
    path = os.fsdecode(filepath)
    if path.endswith((".keras", ".safetensors", ".json", *_LEGACY)):
        return filepath
    note(f"weights saved as {path!r}", f"{path + '.weights.h5'!r}")
    return f"{path}.weights.h5"


def _path(filepath: Any) -> str:
    """The path as text; "" for file objects."""
    if is_path(filepath):
        return os.fsdecode(filepath)
    if hasattr(filepath, "read") or hasattr(filepath, "write"):
        return ""
    raise TypeError(
        f"A file is a path or a binary file object. Received: {filepath!r} of type "
        f"{type(filepath).__name__}"
    )


def _beginning(filepath: Any) -> bytes:
    with reading(filepath) as file:
        place = file.tell()
        found = file.read(len(_HDF5)) or b""
        file.seek(place)
    return found


def _is_legacy(filepath: Any) -> bool:
    """Whether it is an HDF5 file of Keras 1 or 2, or one in their format."""
    if _beginning(filepath) != _HDF5:
        return False
    with open_hdf5(filepath) as file:
        marks = {"layer_names", "layer_names0", "nb_layers"} & {*file.attribute_names("")}
        return bool(marks) or file.has("model_weights")


def _legacy() -> Any:
    return import_module("pylego.saving.legacy")  # few files are of that kind


def _folder(path: str) -> str:
    if path.endswith(".keras"):
        raise ValueError(
            f"zipped=False makes a folder, and {path!r} is a name for a file: leave '.keras' out"
        )
    return path


def _check_free(path: str, overwrite: bool) -> None:
    if not overwrite and path and os.path.exists(path):
        raise FileExistsError(
            f"{path!r} is there already, and overwrite=False keeps it: choose another name, or "
            "leave overwrite=False out"
        )


def _only_for(kind: str, **given: Any) -> None:
    for name, value in given.items():
        if value is not None and value is not False and value != ():
            raise ValueError(f"{name} is for {kind} files only")
