"""One line that makes a run repeatable, and the seed of a run that was not given one."""

from __future__ import annotations

import random as python_random

import numpy as np

from pylego import random
from pylego.construction import explained


@explained
def set_random_seed(seed: int) -> None:
    """Start all random numbers anew: Python's, NumPy's and pylego's.

    The same seed gives the same bits, whatever the number of threads.

    Args:
        seed: from 0 to 2^32 - 1, as far as NumPy's seeds go.

    Raises:
        ValueError: for any other seed.

    >>> set_random_seed(42)
    >>> first = random.uniform((3,))
    >>> set_random_seed(42)
    >>> bool((random.uniform((3,)) == first).numpy().all())
    True
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**32:
        raise ValueError(f"A seed is a whole number from 0 to 2**32 - 1. Received: seed={seed!r}")
    python_random.seed(int(seed))
    np.random.seed(int(seed))
    random.set_global_seed(int(seed))


@explained
def get_random_seed() -> int:
    """Return the seed of this run: what `set_random_seed` set, or what was drawn at the start.

    With `set_random_seed` it repeats what pylego drew.

    >>> set_random_seed(42)
    >>> get_random_seed()
    42
    """
    return random.global_seed()
