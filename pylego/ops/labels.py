"""Labels of classes as the engine wants them: whole numbers."""

from __future__ import annotations

from pylego.core import dtypes
from pylego.core.tensor import Tensor
from pylego.ops.core import cast, where
from pylego.ops.elementwise import floor

# What stands for labels that are none; the engine's messages say so (csrc/bricks/losses.c).
NAN, FRACTION = -(2.0**62), -(2.0**61)


def whole_labels(labels: Tensor) -> Tensor:
    """Return labels as int64; a number that is not whole becomes one that is not a class."""
    if dtypes.is_float(labels.dtype):
        if labels.dtype not in ("float32", "float64"):
            labels = cast(labels, "float32")
        is_whole = labels - floor(labels) == 0
        labels = where(is_whole, labels, where(labels == labels, FRACTION, NAN))
    return labels if labels.dtype == "int64" else cast(labels, "int64")
