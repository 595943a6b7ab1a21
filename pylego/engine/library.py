"""The compiled engine, and its statuses as exceptions."""

from __future__ import annotations

from pylego._lego import ffi, lib

__all__ = ["MAX_RANK", "CData", "ffi", "lib"]

CData = ffi.CData
MAX_RANK = int(lib.LEGO_MAX_RANK)

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
    """The label that is no class, None if it is no whole number; and the number of classes."""
    label, classes = ffi.new("int64_t *"), ffi.new("int64_t *")
    is_whole = lib.lego_refused_label(label, classes)
    return (label[0] if is_whole else None), classes[0]


def check(status: int) -> None:
    """Raise the exception of a status, unless it is LEGO_OK."""
    if status:
        raise_failure(status)
