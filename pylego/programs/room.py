"""Where a program that runs over rows writes its outputs."""

from __future__ import annotations

import numpy as np

from pylego import engine
from pylego.core import dtypes


class Room:
    """Memory for the outputs of a program. Where all are numbers without axes, such as the logs of
    a step, it is kept from run to run.

    Args:
        specs: shape and dtype of each output.

    Attributes:
        is_of_numbers: whether no output has axes.
    """

    def __init__(self, specs: list[tuple[tuple[int, ...], str]]):
        self._specs = specs
        self.is_of_numbers = all(shape == () for shape, _ in specs)
        self._free: list[_Outputs] = []  # one, but where threads run the program together

    def take(self) -> _Outputs:
        """Return memory that nobody else writes until it is given back."""
        try:
            return self._free.pop()
        except IndexError:
            return _Outputs(self._specs)

    def give_back(self, outputs: _Outputs) -> list:
        """Return the numbers that a run left there, and keep the memory for the next one."""
        kinds = (kind for _, kind in self._specs)
        numbers = [number.item() for number in map(dtypes.as_numpy, outputs.arrays, kinds)]
        self._free.append(outputs)
        return numbers


class _Outputs:
    """Arrays, and tensors of the engine around them, one for each output."""

    def __init__(self, specs: list[tuple[tuple[int, ...], str]]):
        kinds = [kind for _, kind in specs]
        self.arrays = [np.empty(shape, engine.MEMORY_DTYPES[kind]) for shape, kind in specs]
        self.handles = list(map(engine.tensor_around, self.arrays, kinds))
