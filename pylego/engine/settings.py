"""The engine as a whole: its threads, its memory, and how convolutions are multiplied."""

from __future__ import annotations

from pylego.engine.library import check, ffi, lib

__all__ = [
    "block_bytes",
    "memory_used",
    "set_threads",
    "set_winograd",
    "threading",
    "threads",
    "trim_memory",
    "winograd",
]


def set_threads(count: int) -> None:
    """Set the number of threads that large jobs are shared by."""
    check(lib.lego_set_threads(count))


def threads() -> int:
    """Return the number of threads that large jobs are shared by."""
    return lib.lego_threads()


def threading() -> str:
    """Return where threads come from: 'OpenMP' or 'pthreads'."""
    return ffi.string(lib.lego_threading()).decode()


def set_winograd(tile: int) -> None:
    """Set the tiles of Winograd's algorithm: 2 or 4 outputs a side, or 0 for none of them."""
    check(lib.lego_set_winograd(tile))


def winograd() -> int:
    """Return the tiles of Winograd's algorithm: outputs a side, or 0."""
    return lib.lego_winograd()


def block_bytes(count: int) -> int:
    """Return what a tensor of so many bytes takes: blocks come in four sizes per power of two."""
    return lib.lego_memory_block(count)


def memory_used() -> int:
    """Return the bytes that tensors hold now."""
    return lib.lego_memory_used()


def trim_memory() -> None:
    """Give the memory that waits for the next tensors back to the system."""
    lib.lego_memory_trim()
