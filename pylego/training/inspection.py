"""Inspection of a model: the program of a step, and the memory that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pylego import checks, names, ops
from pylego.core import dtypes
from pylego.core.tree import map_leaves
from pylego.programs.program import ALL_PASSES, Program
from pylego.training import per_output
from pylego.training.programs import signature_of
from pylego.training.step import Steps
from pylego.utils.packing import pack_x_y_sample_weight, unpack_x_y_sample_weight

if TYPE_CHECKING:  # imported on the first inspection
    from pylego.inspection import MemoryBill, ProgramView

STEPS = ("train", "test", "predict")
USUAL_BATCH = 32


class Inspection(Steps):
    """The part of `Model` that shows the programs of its steps."""

    def program(
        self,
        step: str | None = None,
        batch_size: int | None = None,
        profile: bool = False,
        passes: int = ALL_PASSES,
    ) -> ProgramView:
        """Return the program of a step, to be printed: instruction by instruction.

        Args:
            step: 'train', 'test' or 'predict'. By default that of training, or of prediction where
                the model is not compiled.
            batch_size: for batches of so many rows; by default as in the last call of `fit`,
                `evaluate` or `predict`, or 32.
            profile: whether each instruction is timed over a few runs, on zeros; the weights stay
                what they are.
            passes: which of `engine.PASSES` make it fast, added up: 0 shows what was recorded.

        Raises:
            ValueError: where the shapes of inputs and targets are not known: before the model was
                built, or trained.

        >>> from pylego.layers import Dense
        >>> from pylego.models import Sequential
        >>> model = Sequential([Dense(2, input_shape=(3,))])
        >>> print(str(model.program("predict", batch_size=4)).splitlines()[0])
        predict: 1 instructions, arena 0 B, variables 32 B, 56 operations a run
        """
        step = self._checked_step(step)
        return self._program_of(step, batch_size, passes).view(step, profile)

    def memory(self, batch_size: int | None = None, step: str | None = None) -> MemoryBill:
        """Return what a step takes of memory, line by line and exact to the byte, before it runs.

        Not on the bill is what kernels take while they run: some megabytes for convolutions.

        Args:
            batch_size: for batches of so many rows; by default as for `program`.
            step: 'train', 'test' or 'predict'; by default as for `program`.

        Raises:
            ValueError: as `program` does.

        >>> from pylego.layers import Dense
        >>> from pylego.models import Sequential
        >>> model = Sequential([Dense(2, input_shape=(3,))])
        >>> model.memory(batch_size=4, step="predict")["parameters"].planned
        32
        """
        from pylego.inspection import memory_of

        step = self._checked_step(step)
        view = self._program_of(step, batch_size, ALL_PASSES).view(step)
        roles = {"parameters": self.variables}
        if self.compiled:
            metrics = [v for metric in self.metrics for v in metric.variables]
            of_optimizer = [] if self.optimizer is None else self.optimizer.variables
            roles.update(optimizer=of_optimizer, metrics=metrics)
        handles = {role: [v._handle for v in variables] for role, variables in roles.items()}
        return memory_of(view.info, handles, is_gathered=step == "train")

    def _checked_step(self, step: str | None) -> str:
        if step is None:
            return "train" if self.compiled else "predict"
        if step not in STEPS:
            raise names.unknown("step", step, STEPS)
        if step != "predict":
            self._check_compiled("program")
        return step

    def _program_of(self, step: str, batch_size: int | None, passes: int) -> Program:
        known = self.programs.latest(step)
        if known is not None and batch_size is None and known.passes == passes:
            return known
        batch = map_leaves(_as_tensor, self._zeros(step, batch_size))
        if self.compiled:
            self._prepare(lambda: batch)
        function = self._function_of(step).function
        kind, signature = (step, passes), signature_of(batch)
        found = self.programs.find(kind, signature)
        return found or self.programs.record(
            self, kind, signature, function, batch, passes, is_kept=False
        )

    def _zeros(self, step: str, batch_size: int | None) -> Any:
        """A batch of zeros that the step takes: as in earlier steps, or as the model says."""
        if batch_size is not None:
            checks.whole_number("batch_size", batch_size, 1)
        earlier = [self.programs.latest(name) for name in (step, *STEPS)]
        known = [program.example(batch_size)[0] for program in earlier if program is not None]
        parts = [unpack_x_y_sample_weight(batch) for batch in known]
        whole = [some for some in parts if some[1] is not None]
        if step != "predict" and whole:
            return pack_x_y_sample_weight(*whole[0])
        x = parts[0][0] if parts else self._first_inputs(batch_size or USUAL_BATCH)
        return pack_x_y_sample_weight(x, None if step == "predict" else self._first_targets(x))

    def _first_inputs(self, rows: int) -> np.ndarray:
        if self._has_prefix():
            raise ValueError(
                f"The program of {self.name!r} begins behind layers that read texts or look at "
                "numbers: call fit or predict first, so that there is something to read"
            )
        shape = getattr(self, "input_shape", None) or self.batch_input_shape
        if shape is None or None in shape[1:]:
            raise ValueError(
                f"The program of {self.name!r} depends on the shape of its inputs, which is not "
                "known: give the first layer an input_shape, or call fit or predict first"
            )
        return np.zeros((rows, *shape[1:]), dtypes.array_dtype())

    def _first_targets(self, x: Any) -> Any:
        """Labels for the sparse cross-entropy; for other losses what the outputs look like."""
        y_pred = self._ask_outputs(map_leaves(_as_tensor, x))
        names = {} if self._compile_loss is None else self._compile_loss.names_for(y_pred)

        def target(path: per_output.Path, y: Any) -> np.ndarray:
            is_sparse = "sparse" in names.get(path, "").lower()
            return np.zeros(y.shape[:-1], "int64") if is_sparse else np.zeros(y.shape, y.dtype)

        return per_output.map_outputs(target, y_pred)


def _as_tensor(x: Any) -> Any:
    return x if x is None else ops.convert_to_tensor(x)
