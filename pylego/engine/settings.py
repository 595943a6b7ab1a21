"""The engine as a whole: its threads and its memory."""

from __future__ import annotations

from pylego.engine.library import check, lib

__all__ = ["block_bytes", "memory_used", "set_threads", "threads", "trim_memory"]


def set_threads(count: int) -> None:
    """Set how many threads large work is spread over."""
    check(lib.lego_set_threads(count))


def threads() -> int:
    """Return how many threads large work is spread over."""
    return lib.lego_threads()


def block_bytes(count: int) -> int:
    """Return what a tensor of so many bytes takes: blocks come in four sizes per power of two."""
    return lib.lego_memory_block(count)


def memory_used() -> int:
    """Return the bytes that tensors hold now."""
    return lib.lego_memory_used()


def trim_memory() -> None:
    """Give the memory that waits for the next tensors back to the system."""
    lib.lego_memory_trim()
