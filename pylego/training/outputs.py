"""The outputs of many batches, put together."""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego import engine
from pylego.programs.program import Program


class OutputRows:
    """Arrays with one row per sample, which programs write into.

    Args:
        length: how many samples there are at most.
    """

    def __init__(self, length: int):
        self._length = length
        self._arrays: list[np.ndarray] | None = None
        self.program: Program | None = None  # the first that wrote
        self.count = 0  # of rows that are written

    def fit(self, program: Program, size: int) -> bool:
        """Return whether all outputs of a program for batches of that size go into the arrays."""
        outputs = program.outputs() or []
        if not all(shape[:1] == (size,) for shape, _ in outputs):
            return False
        if self._arrays is None:
            self._arrays = [np.empty((self._length, *shape[1:]), kind) for shape, kind in outputs]
            self.program = program
        kinds = [(shape[1:], kind) for shape, kind in outputs]
        return kinds == [(array.shape[1:], array.dtype.name) for array in self._arrays]

    def handles_of(self, first: int, count: int) -> list[engine.Handle]:
        """Return tensors over some of the rows, one for each output."""
        assert self._arrays is not None
        return [engine.tensor_around(array[first : first + count]) for array in self._arrays]

    def is_of_single_batch(self, x: np.ndarray) -> bool:
        """Return whether one run of a program for x, as it lies, gave one array of these rows."""
        program = self.program
        assert program is not None
        if not program.gives_one_tensor() or not engine.has_dtype_of(x):
            return False
        return program.inputs == [engine.layout(engine.tensor_around(x))]

    def result(self) -> Any:
        """Return what was written, in the structure of the outputs."""
        assert self._arrays is not None
        assert self.program is not None
        if self.count < self._length:
            self._arrays = [array[: self.count].copy() for array in self._arrays]
        return self.program.arranged(self._arrays)


def joined(outputs: list) -> Any:
    """The outputs of all batches as one array, or a structure of arrays, in memory of its own."""
    first = outputs[0]
    if isinstance(first, dict):
        return {key: joined([output[key] for output in outputs]) for key in first}
    if isinstance(first, (list, tuple)):
        return type(first)(joined(list(parts)) for parts in zip(*outputs))
    return np.concatenate([np.asarray(output) for output in outputs])
