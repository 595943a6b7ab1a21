"""The functions that `fit`, `evaluate` and `predict` run for each batch: eager, or as programs."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from pylego import engine
from pylego.programs.program import ALL_PASSES, Program
from pylego.training.batch_iterator import BatchRange
from pylego.training.data import Batch
from pylego.training.outputs import OutputRows
from pylego.training.programs import signature_of

# The longest time of one call into the engine. Between calls, Ctrl-C and progress bars are served.
SECONDS = 0.05


class BatchFunction:
    """A function of a batch, run brick by brick.

    Args:
        function: of a batch.
    """

    def __init__(self, function: Callable[[Batch], Any]):
        self.function = function

    def __call__(self, batch: Batch) -> Any:
        """Run it for one batch."""
        return self.function(batch)

    def run_over(self, batches: Any, rows: OutputRows | None = None) -> tuple[int, Any]:
        """Run it for the next batches of the data: as many as `SECONDS` allow.

        Args:
            batches: one batch, or a `BatchRange`.
            rows: takes the outputs if they have one row per sample.

        Returns how many batches were run, and the output of the last one; None if outputs are in
        `rows`.
        """
        return 1, self(batches.first_batch() if isinstance(batches, BatchRange) else batches)


class RecordedFunction(BatchFunction):
    """A function of a batch, recorded per layout of the batch, and run as a program.

    Args:
        model: its `programs` keep the recordings.
        kind: the step: "train", "test" or "predict".
        function: of a batch.
    """

    def __init__(self, model: Any, kind: str, function: Callable[[Batch], Any]):
        super().__init__(function)
        self._model = model
        self._passes = 0 if model.jit_compile is False else ALL_PASSES
        self._kind = (kind, self._passes)
        model.programs.check_state(model)

    def __call__(self, batch: Batch) -> Any:
        if engine.is_recording():
            return self.function(batch)
        return self._program(signature_of(batch), lambda: batch)(batch)

    def _program(self, signature: Hashable, batch: Callable[[], Batch]) -> Program:
        programs = self._model.programs
        programs.refresh(self._model)
        program = programs.find(self._kind, signature)
        if program is None:
            program = programs.record(
                self._model, self._kind, signature, self.function, batch(), self._passes
            )
        return program

    def run_over(self, batches: Any, rows: OutputRows | None = None) -> tuple[int, Any]:
        if not isinstance(batches, BatchRange) or batches.size == 0 or engine.is_recording():
            return super().run_over(batches)
        program = self._program(batches.rows.signature(batches.size), batches.first_batch)
        outputs = program.outputs()
        if outputs is None:
            return super().run_over(batches)
        if rows is not None and rows.fit(program, batches.size):
            return self._run_into_rows(program, batches, rows), None
        handles = [engine.tensor_around(np.empty(shape, dtype)) for shape, dtype in outputs]
        done = program.run_over_rows(
            batches.rows.handles,
            batches.order,
            batches.first,
            batches.steps,
            handles,
            seconds=SECONDS,
        )
        return done, program.pack(handles)

    def _run_into_rows(self, program: Program, batches: BatchRange, rows: OutputRows) -> int:
        done = program.run_over_rows(
            batches.rows.handles,
            batches.order,
            batches.first,
            batches.steps,
            rows.handles_of(batches.first, batches.size * batches.steps),
            is_stacked=True,
            seconds=SECONDS,
        )
        rows.count += done * batches.size
        return done


def batch_function(model: Any, kind: str, function: Callable[[Batch], Any]) -> BatchFunction:
    """Return the function, recorded or eager as the settings of the model say."""
    if model.runs_eagerly():
        return BatchFunction(function)
    return RecordedFunction(model, kind, function)
