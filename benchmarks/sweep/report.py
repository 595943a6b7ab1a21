"""What is printed: a line a family, and the worst rows."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

import table

from sweep.rows import LEAST, LEAST_OF_LONG, LIMITS, NEAR, PEERS, WANTED, Row

COLUMNS = ("pylego", *PEERS, *LIMITS)


def heading(width: int = 68) -> str:
    return f"{'':{width}}" + "".join(f"{name:>12}" for name in COLUMNS) + f"{'ratio':>8}"


def line(row: Row, width: int = 68) -> str:
    """Times, the best peer's over ours, and `<` where the rule is broken."""
    cells = [table.time(s) if (s := row.seconds(name)) else "-" for name in COLUMNS]
    ratio = row.ratio()
    mark = " <" if row.breaks else " |" if row.is_near_limit else ""
    shown = f"{ratio:8.2f}" if ratio else f"{'-':>8}"
    return f"{row.case.name[:width]:{width}}" + "".join(f"{c:>12}" for c in cells) + shown + mark


def mean(ratios: Iterable[float | None]) -> float | None:
    numbers = [ratio for ratio in ratios if ratio]
    return statistics.geometric_mean(numbers) if numbers else None


def families(rows: Sequence[Row], threads: int) -> None:
    """Geometric means of the ratios: against the best peer, and each."""
    unit = "CPU seconds" if threads == 1 else "wall clock"
    print(f"\n{threads} thread{'s' * (threads > 1)}, {unit}; the peer's time over ours")
    titles = ("best", *PEERS, "limit", "breaks")
    print(f"{'family':16}{'cases':>7}" + "".join(f"{title:>8}" for title in titles))
    for family in dict.fromkeys(row.case.family for row in rows):
        print(family_line(family, [row for row in rows if row.case.family == family]))


def family_line(family: str, rows: list[Row]) -> str:
    """`limit` and `breaks` count the rows that are near a limit, or break the rule. A family whose
    rows are all near a limit does not break it, whatever its mean is: nothing is left to gain."""
    best = mean(row.ratio() for row in rows)
    means = (best, *(mean(row.ratio(peer) for row in rows) for peer in PEERS))
    cells = "".join(f"{m:8.2f}" if m else f"{'-':>8}" for m in means)
    near, broken = (sum(row.is_near_limit for row in rows), sum(row.breaks for row in rows))
    mark = "  <" if best and best < WANTED and near < len(rows) else ""
    return f"{family:16}{len(rows):7}{cells}{near:8}{broken:8}{mark}"


def worst(rows: Sequence[Row], threads: int, most: int) -> None:
    """The rows that break the rule, those with the smallest ratios first."""
    broken = sorted((row for row in rows if row.breaks), key=lambda row: row.ratio())
    rule = f"from 10 us on under {LEAST_OF_LONG}, any under {LEAST}, not within {NEAR} of a limit"
    print(f"\n{len(broken)} rows break the rule, threads: {threads} ({rule})")
    if broken:
        print(heading())
    for row in broken[:most]:
        print(line(row))
    if len(broken) > most:
        print(f"... and {len(broken) - most} more: --worst {len(broken)}")


def troubles(rows: Sequence[Row]) -> None:
    """What could not be timed, though it has a statement: each reason once."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for name, figure in row.figures.items():
            if isinstance(figure, str) and figure != "-":
                reasons.setdefault((name, figure), []).append(row.case.name)
    for (name, figure), names in reasons.items():
        print(f"{name}, {names[0]} and {len(names) - 1} more: {figure}")
