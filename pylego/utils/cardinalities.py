"""How many elements a dataset has, from how many those have that it is made of."""

from __future__ import annotations

INFINITE, UNKNOWN = -1, -2  # as tf.data writes them


def same(count: int) -> int:
    """As many."""
    return count


def of_some(count: int) -> int:
    """None of none, endlessly many of endlessly many; else nobody knows before a pass."""
    return count if count in (0, INFINITE) else UNKNOWN


def of_first(count: int, most: int) -> int:
    """Of at most so many from the beginning; a negative number takes all."""
    if most < 0 or count == UNKNOWN:
        return count
    return most if count == INFINITE else min(most, count)


def behind(count: int, skipped: int) -> int:
    """Of what follows so many; a negative number leaves nothing."""
    if skipped < 0:
        return 0
    return count if count < 0 else max(count - skipped, 0)


def of_repeated(count: int, times: int) -> int:
    """Of all of them, so many times; a negative number never ends."""
    if times < 0:
        return INFINITE if count else 0
    return 0 if times == 0 else count if count < 0 else count * times


def of_batches(count: int, size: int, is_whole: bool) -> int:
    """Of batches of a size; those that are not whole count unless `is_whole`."""
    if count < 0:
        return count
    return count // size if is_whole else -(-count // size)
