"""The compiled engine, and its statuses as exceptions."""

from __future__ import annotations

from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
from typing import Any

from pylego import _lego
from pylego._lego import ffi, lib

__all__ = ["MAX_RANK", "ffi", "lib"]

MAX_RANK = int(lib.LEGO_MAX_RANK)


def _load_handles() -> Any:
    """Load the module of csrc/handles.c, which lies in the library of cffi's module."""
    loader = ExtensionFileLoader("pylego._handles", _lego.__file__)
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


handles = _load_handles()

_EXCEPTIONS: dict[int, type[Exception]] = {
    lib.LEGO_BAD_SHAPE: ValueError,
    lib.LEGO_BAD_DTYPE: TypeError,
    lib.LEGO_BAD_VALUE: ValueError,
    lib.LEGO_BAD_INDEX: IndexError,
    lib.LEGO_BAD_NAME: NameError,
    lib.LEGO_NO_GRADIENT: ValueError,
    lib.LEGO_NO_MEMORY: MemoryError,
    lib.LEGO_BAD_LABEL: IndexError,
}


def raise_failure(status: int) -> None:
    """Raise the exception of a status, with the engine's message."""
    sentence = ffi.string(lib.lego_last_error()).decode("utf-8", "replace")
    error = _EXCEPTIONS[status](sentence)
    error.is_of_engine = True  # type: ignore[attr-defined]  # until `recording.locate` names the layer
    if status == lib.LEGO_BAD_LABEL:
        error.refused_label = _refused_label()  # type: ignore[attr-defined]
    raise error


def _refused_label() -> tuple[int | None, int]:
    """The label that is not a class (None: not a whole number), and the number of classes."""
    label, classes = ffi.new("int64_t *"), ffi.new("int64_t *")
    is_whole = lib.lego_refused_label(label, classes)
    return (label[0] if is_whole else None), classes[0]


def check(status: int) -> None:
    """Raise the exception of a status, unless it is LEGO_OK."""
    if status:
        raise_failure(status)
