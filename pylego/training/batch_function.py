"""The functions that `fit`, `evaluate` and `predict` run for each batch: eager, or as programs."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from pylego import engine
from pylego.core import dtypes
from pylego.core.text_array import TextArray
from pylego.core.tree import leaves, with_leaves
from pylego.programs.program import ALL_PASSES, Program
from pylego.training.data import Batch
from pylego.training.interrupts import KeyboardInterruptGuard
from pylego.training.programs import signature_of
from pylego.training.row_adapter import BatchRange

# The longest time of one call into the engine. Between calls, Ctrl-C and progress bars are served.
SECONDS = 0.05


class BatchFunction:
    """A function of a batch, run brick by brick.

    Args:
        function: of a batch.

    Attributes:
        is_one_call: whether a run is one call into the engine, which Ctrl-C waits for.
    """

    is_one_call = False

    def __init__(self, function: Callable[[Batch], Any]):
        self.function = function

    def __call__(self, batch: Batch) -> Any:
        """Run it for one batch."""
        return self.function(as_batch(batch))

    def run_over(self, batches: Any, rows: OutputRows | None = None) -> tuple[int, Any]:
        """Run it for the next batches of the data: as many as `SECONDS` allow.

        Args:
            batches: one batch, or a `BatchRange`.
            rows: takes the outputs if they have one row per sample.

        Returns how many batches were run, and the output of the last one; None if outputs are in
        `rows`. Outputs without axes may come as Python numbers.
        """
        return 1, self(batches.first_batch() if isinstance(batches, BatchRange) else batches)


class RecordedFunction(BatchFunction):
    """A function of a batch, recorded per layout of the batch, and run as a program.

    Args:
        model: its `programs` keep the recordings.
        kind: the step: "train", "test" or "predict".
        function: of a batch.
    """

    is_one_call = True

    def __init__(self, model: Any, kind: str, function: Callable[[Batch], Any]):
        super().__init__(function)
        self._model = model
        self._passes = 0 if model.jit_compile is False else ALL_PASSES
        self._kind = (kind, self._passes)
        model.programs.check_state(model)

    def __call__(self, batch: Batch) -> Any:
        batch = self._model._behind_prefix(as_batch(batch))
        if engine.is_recording() or holds_texts(batch):
            return self.function(batch)
        return self._program(signature_of(batch), lambda: batch)(batch)

    def run_over(self, batches: Any, rows: OutputRows | None = None) -> tuple[int, Any]:
        is_range = isinstance(batches, BatchRange) and batches.size and batches.adapter.is_dense
        if not is_range or engine.is_recording() or self._model._has_prefix():
            return super().run_over(batches)
        program = self._program(batches.adapter.signature(batches.size), batches.first_batch)
        if program.outputs() is None:  # not all that comes out are tensors
            return super().run_over(batches)
        if rows is not None and rows.fit(program, batches.size):
            handles = rows.handles_of(batches.first, batches.size * batches.steps)
            done = _run(program, batches, handles, is_stacked=True)
            rows.count += done * batches.size
            return done, None
        outputs = program.room.take()
        done = _run(program, batches, outputs.handles, is_stacked=False)
        if program.room.is_of_numbers:
            return done, program.arranged(program.room.give_back(outputs))
        return done, program.pack(outputs.handles)

    def _program(self, signature: Hashable, batch: Callable[[], Batch]) -> Program:
        programs = self._model.programs
        programs.refresh(self._model)
        program = programs.find(self._kind, signature)
        if program is None:
            with KeyboardInterruptGuard() as interrupts:
                program = interrupts.run(
                    programs.record,
                    *(self._model, self._kind, signature, self.function, batch(), self._passes),
                )
        return program


def _run(
    program: Program, batches: BatchRange, outputs: list[engine.Handle], is_stacked: bool
) -> int:
    adapter, order, first, _, steps = batches
    return program.run_over_rows(adapter.handles, order, first, steps, outputs, is_stacked, SECONDS)


def holds_texts(batch: Batch) -> bool:
    """Return whether texts are left, which the model's own code reads: no program takes them."""
    return any(type(x) is TextArray for x in leaves(batch))


class OneBatch(tuple):
    """A batch as functions for Keras want it: (x, y), or an iterator of which `next` gives it."""

    def __next__(self) -> tuple:
        return tuple(self)


def as_batch(batch: Batch) -> Batch:
    """Return the batch as a model's own steps take it."""
    return tuple(batch) if type(batch) is OneBatch else batch


class FunctionOfUser(BatchFunction):
    """A function that a subclass's make_train_function returned, run brick by brick."""

    def __call__(self, batch: Batch) -> Any:
        return self.function(OneBatch(batch) if type(batch) is tuple else batch)


def over_batches(function: Callable) -> BatchFunction:
    """Return the function of a batch as one that runs over many."""
    return function if isinstance(function, BatchFunction) else FunctionOfUser(function)


def batch_function(model: Any, kind: str, function: Callable[[Batch], Any]) -> BatchFunction:
    """Return the function, recorded or eager as the settings of the model say."""
    if model.runs_eagerly():
        return BatchFunction(function)
    return RecordedFunction(model, kind, function)


# ---- outputs of many batches ----------------------------------------------------------------


class OutputRows:
    """Arrays with one row per sample, which programs write into.

    Args:
        length: how many samples there are at most.
    """

    def __init__(self, length: int):
        self._length = length
        self._arrays: list[np.ndarray] | None = None
        self._rows: list[tuple[tuple[int, ...], str]] = []  # shape and dtype of a row of each
        self.program: Program | None = None  # the first that wrote
        self.count = 0  # of rows that are written

    def fit(self, program: Program, size: int) -> bool:
        """Return whether all outputs of a program for batches of that size go into the arrays."""
        outputs = program.outputs() or []
        if not all(shape[:1] == (size,) for shape, _ in outputs):
            return False
        rows = [(shape[1:], kind) for shape, kind in outputs]
        if self._arrays is None:
            self._arrays = [
                np.empty((self._length, *shape), engine.MEMORY_DTYPES[kind]) for shape, kind in rows
            ]
            self._rows = rows
            self.program = program
        return rows == self._rows

    def handles_of(self, first: int, count: int) -> list[engine.Handle]:
        """Return tensors over some of the rows, one for each output."""
        assert self._arrays is not None
        return [
            engine.tensor_around(array[first : first + count], kind)
            for array, (_, kind) in zip(self._arrays, self._rows)
        ]

    def result(self) -> Any:
        """Return what was written, in the structure of the outputs."""
        assert self._arrays is not None
        assert self.program is not None
        if self.count < self._length:
            self._arrays = [array[: self.count].copy() for array in self._arrays]
        kinds = (kind for _, kind in self._rows)
        return self.program.arranged(list(map(dtypes.as_numpy, self._arrays, kinds)))


def joined(outputs: list) -> Any:
    """The outputs of all batches as one array, or a structure of arrays, in memory of its own."""
    columns = zip(*map(leaves, outputs))
    whole = [np.concatenate([np.asarray(part) for part in column]) for column in columns]
    return with_leaves(outputs[0], whole)
