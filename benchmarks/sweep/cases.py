"""All cases by their names, and the bricks that no case is for."""

from __future__ import annotations

from sweep import (
    attention,
    chances,
    convolution_layers,
    convolutions,
    elementwise,
    indices,
    moves,
    normalization,
    poolings,
    products,
    programs,
    recurrences,
    reductions,
)
from sweep.case import Case

FAMILIES = (
    elementwise,
    reductions,
    moves,
    indices,
    normalization,
    convolution_layers,
    convolutions,
    poolings,
    products,
    recurrences,
    attention,
    chances,
    programs,
)

# Bricks without a case, and why.
NOT_MEASURED = {
    "max_pool_gather": "only second derivatives through max pooling run it",
    "add_along_axis": "the gradient of take_along_axis; no peer has it alone in NumPy's form",
    "subtract_rows": "only programs run it: steps of training on a table of rows",
    "affine_adjoint": "only gradients through turned images run it; no peer has it alone",
}


def unique(cases: list[Case]) -> dict[str, Case]:
    """By name, one family after another. What is drawn may meet what is named: that one stays."""
    families = list(dict.fromkeys(case.family for case in cases))
    found: dict[str, Case] = {}
    for case in sorted(cases, key=lambda case: families.index(case.family)):
        if case.name not in found or case.is_named:
            found[case.name] = case
    return found


CASES = unique([case for family in FAMILIES for case in family.cases()])
