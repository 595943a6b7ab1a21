"""The draws without a seed of a model that comes from a file."""

from __future__ import annotations

from pylego import random


class OwnDraws:
    """While the model trains, draws without a seed go on where they were when it was saved.

    Only then: what else the program draws does not depend on which files it opened. A seed that is
    set after the file was opened goes before.

    Args:
        draws: the seed and the count of draws, as `random.global_draws` gives them.
    """

    def __init__(self, draws: list[int]):
        self.draws = draws
        self._times_seeded = random.times_seeded()
        self._others: list[int] | None = None  # those of the rest of the program, while it trains

    def __enter__(self) -> None:
        if self._times_seeded == random.times_seeded():
            self._others = random.global_draws()
            random.set_global_draws(self.draws)

    def __exit__(self, *error: object) -> None:
        if self._others is not None:
            self.draws = random.global_draws()
            random.set_global_draws(self._others)
            self._others = None

    def are_current(self) -> bool:
        """Return whether the model will train with them; not while it does."""
        return self._others is None and self._times_seeded == random.times_seeded()
