"""What recurrent layers take, and what mends a shape that is not a sequence.

Two slips are usual: a recurrent layer below that passes its last step on alone, and a series of
numbers without an axis of features.
"""

from __future__ import annotations

from pylego import given
from pylego.layers.input_spec import InputSpec, Shape


class SequenceSpec(InputSpec):
    """A batch of sequences, (batch, steps, features).

    >>> SequenceSpec().check("lstm", (None, 8))
    Traceback (most recent call last):
    ValueError: Layer 'lstm' expects sequences, (batch, steps, features). Received: shape \
(None, 8). A recurrent layer before it passes all its steps on with return_sequences=True; \
numbers in a row become steps by Reshape((8, 1)) before it
    """

    def __init__(self) -> None:
        super().__init__(ndim=3)

    def check(self, name: str, shape: Shape, dtype: str | None = None) -> None:
        if len(shape) != self.ndim:
            shape = given.shape(shape)
            raise ValueError(
                f"{self._slips(shape)}Layer {name!r} expects sequences, (batch, steps, features). "
                f"Received: shape {shape}{_rank_advice(shape)}"
            )
        super().check(name, shape, dtype)

    def _slips(self, shape: Shape) -> str:
        """What any layer says of slips; a free batch axis shows that it is not a single sample."""
        return self._exchange_advice() if shape[:1] == (None,) else self._advice(shape)


def _rank_advice(shape: Shape) -> str:
    if len(shape) != 2:
        return ""
    steps = -1 if shape[1] is None else shape[1]
    return (
        ". A recurrent layer before it passes all its steps on with return_sequences=True; numbers "
        f"in a row become steps by Reshape(({steps}, 1)) before it"
    )
