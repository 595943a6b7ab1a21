"""A row: the seconds of a case in each library, and whether that keeps the rule of the house."""

from __future__ import annotations

from dataclasses import dataclass

from peers import Figure

from sweep.case import Case

PEERS = ("torch", "numpy")
LIMITS = ("bytes", "operations")
LONG = 10e-6  # from here on a row needs 0.8 of the best peer's speed; shorter ones 0.6
LEAST_OF_LONG, LEAST = 0.8, 0.6
NEAR = 1.2  # this near to a limit of the machine a row is right whatever peers do
WANTED = 1.1  # of a family's geometric mean


@dataclass(frozen=True)
class Row:
    """Ratios are a peer's time over ours: above 1 we are faster."""

    case: Case
    threads: int
    figures: dict[str, Figure]

    def seconds(self, name: str) -> float | None:
        figure = self.figures.get(name)
        return figure if isinstance(figure, float) else None

    @property
    def ours(self) -> float | None:
        return self.seconds("pylego")

    def best(self, names: tuple[str, ...] = PEERS) -> float | None:
        return min((s for name in names if (s := self.seconds(name))), default=None)

    def ratio(self, *names: str) -> float | None:
        """The best of these peers; of all of them, when none is named."""
        best = self.best(names or PEERS)
        return best / self.ours if best and self.ours else None

    @property
    def limit(self) -> float | None:
        """The larger of the two limits binds."""
        return max((s for name in LIMITS if (s := self.seconds(name))), default=None)

    @property
    def is_near_limit(self) -> bool:
        return bool(self.ours and self.limit and self.ours <= NEAR * self.limit)

    @property
    def breaks(self) -> bool:
        ratio = self.ratio()
        if ratio is None or self.is_near_limit:
            return False
        return ratio < (LEAST_OF_LONG if self.ours >= LONG else LEAST)
