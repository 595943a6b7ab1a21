"""The outputs of many batches, put together."""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego import engine
from pylego.program import Program


class OutputRows:
    """Arrays with one row per sample, which programs write into.

    Args:
        length: how many samples there are at most.
    """

    def __init__(self, length: int):
        self._length = length
        self._arrays: list[np.ndarray] | None = None
        self._program: Program | None = None
        self.count = 0  # of rows that are written

    def fit(self, program: Program, size: int) -> bool:
        """Return whether all outputs of a program for batches of that size go into the arrays."""
        outputs = program.outputs() or []
        if not all(shape[:1] == (size,) for shape, _ in outputs):
            return False
        if self._arrays is None:
            self._arrays = [np.empty((self._length, *shape[1:]), kind) for shape, kind in outputs]
            self._program = program
        kinds = [(shape[1:], kind) for shape, kind in outputs]
        return kinds == [(array.shape[1:], array.dtype.name) for array in self._arrays]

    def room_for(self, first: int, count: int) -> list[engine.Handle]:
        """Return tensors over some of the rows, one for each output."""
        assert self._arrays is not None
        return [engine.tensor_around(array[first : first + count]) for array in self._arrays]

    def result(self) -> Any:
        """Return what was written, in the structure of the outputs."""
        assert self._arrays is not None
        assert self._program is not None
        if self.count < self._length:
            self._arrays = [array[: self.count].copy() for array in self._arrays]
        return self._program.arranged(self._arrays)


def joined(outputs: list) -> Any:
    """The outputs of all batches as one array, or a structure of arrays, in memory of its own."""
    first = outputs[0]
    if isinstance(first, dict):
        return {key: joined([output[key] for output in outputs]) for key in first}
    if isinstance(first, (list, tuple)):
        return type(first)(joined(list(parts)) for parts in zip(*outputs))
    return np.concatenate([np.asarray(output) for output in outputs])
