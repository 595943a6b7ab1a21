"""All cases by their names, and the bricks that no case is for."""

from __future__ import annotations

from sweep import elementwise, indices, moves, normalization, reductions
from sweep.case import Case

FAMILIES = (elementwise, reductions, moves, indices, normalization)


def unique(cases: list[Case]) -> dict[str, Case]:
    """By name; what is drawn may meet what is named, and that one stays."""
    found: dict[str, Case] = {}
    for case in cases:
        if case.name not in found or case.is_named:
            found[case.name] = case
    return found


CASES = unique([case for family in FAMILIES for case in family.cases()])
