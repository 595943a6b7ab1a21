"""What `fit`, `evaluate` and `predict` run for their batches: in Python, or as programs."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from pylego import engine
from pylego.programs.program import ALL_PASSES, Program
from pylego.training.data import Batch
from pylego.training.outputs import OutputRows
from pylego.training.passage import Stretch
from pylego.training.programs import signature_of

SECONDS = (
    0.05  # so long may one call into the engine take: then Ctrl-C and progress have their turn
)


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

    def run_over(self, piece: Any, rows: OutputRows | None = None) -> tuple[int, Any]:
        """Run it for batches of a piece of data: as many as a moment takes.

        Args:
            piece: a batch, or a `Stretch` of them.
            rows: where the outputs go if they have a row per sample.

        Returns how many batches were run, and what the last one gave; None if that is in `rows`.
        """
        return 1, self(piece.first_batch() if isinstance(piece, Stretch) else piece)


class RecordedFunction(BatchFunction):
    """A function of a batch, recorded per layout of the batch, and run as a program.

    Args:
        model: whose `programs` keep what is recorded.
        kind: what it does: "train", "test", "predict".
        function: of a batch.
    """

    def __init__(self, model: Any, kind: str, function: Callable[[Batch], Any]):
        super().__init__(function)
        self._model = model
        self._passes = 0 if model.jit_compile is False else ALL_PASSES
        self._kind = (kind, self._passes)
        model.programs.look_closely(model)

    def __call__(self, batch: Batch) -> Any:
        if engine.is_recording():
            return self.function(batch)
        return self._program(signature_of(batch), lambda: batch)(batch)

    def _program(self, signature: Hashable, batch: Callable[[], Batch]) -> Program:
        programs = self._model.programs
        programs.look(self._model)
        program = programs.find(self._kind, signature)
        if program is None:
            program = programs.record(
                self._model, self._kind, signature, self.function, batch(), self._passes
            )
        return program

    def run_over(self, piece: Any, rows: OutputRows | None = None) -> tuple[int, Any]:
        if not isinstance(piece, Stretch) or piece.size == 0 or engine.is_recording():
            return super().run_over(piece)
        program = self._program(piece.columns.signature(piece.size), piece.first_batch)
        outputs = program.outputs()
        if outputs is None:
            return super().run_over(piece)
        if rows is not None and rows.fit(program, piece.size):
            return self._run_into_rows(program, piece, rows), None
        handles = [engine.tensor_around(np.empty(shape, dtype)) for shape, dtype in outputs]
        done = program.run_over_rows(
            piece.columns.handles, piece.order, piece.first, piece.steps, handles, seconds=SECONDS
        )
        return done, program.pack(handles)

    def _run_into_rows(self, program: Program, piece: Stretch, rows: OutputRows) -> int:
        done = program.run_over_rows(
            piece.columns.handles,
            piece.order,
            piece.first,
            piece.steps,
            rows.room_for(piece.first, piece.size * piece.steps),
            is_stacked=True,
            seconds=SECONDS,
        )
        rows.count += done * piece.size
        return done


def batch_function(model: Any, kind: str, function: Callable[[Batch], Any]) -> BatchFunction:
    """Return the function as the model's settings want it: recorded, or run eagerly."""
    if model.runs_eagerly():
        return BatchFunction(function)
    return RecordedFunction(model, kind, function)
