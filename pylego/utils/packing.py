"""What a batch is: inputs, targets and weights in one, as `train_step` receives it."""

from __future__ import annotations

from typing import Any

from pylego.construction import explained


@explained
def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """Return x, (x, y) or (x, y, sample_weight), whichever is enough.

    >>> pack_x_y_sample_weight([1.0], [2.0])
    ([1.0], [2.0])
    """
    if sample_weight is not None:
        return (x, y, sample_weight)
    if y is not None:
        return (x, y)
    return (x,) if isinstance(x, (list, tuple)) else x


@explained
def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """Return (x, y, sample_weight) of a batch, with None for what it does not hold.

    Raises:
        ValueError: for more than three parts.

    >>> unpack_x_y_sample_weight(([1.0], [2.0]))
    ([1.0], [2.0], None)
    """
    if not isinstance(data, (list, tuple)):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ValueError(
            f"A batch is x, (x,), (x, y) or (x, y, sample_weight), but {len(data)} parts came"
        )
    x, y, sample_weight = (*data, None, None)[:3]
    return x, y, sample_weight
