"""Programs: the work of a function on tensors, recorded once and run by the engine in one call."""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from pylego import engine
from pylego.autograd import stopped_tapes
from pylego.core import recording
from pylego.core.recording import Recording
from pylego.core.tensor import Tensor
from pylego.core.tree import leaves, map_leaves, with_leaves
from pylego.core.variable import Variable, variables_at
from pylego.engine import DTYPES
from pylego.programs.room import Room

if TYPE_CHECKING:  # imported on the first inspection
    from pylego.inspection import ProgramView

ALL_PASSES = sum(engine.PASSES.values())
WAY_OUT = "run it without recording"


@dataclass(frozen=True)
class _OutputSpec:
    """Stands for a tensor in the structure of a program's outputs."""

    index: int  # among the outputs of the program
    shape: tuple[int, ...]
    dtype: str
    activation: str | None = None  # the function that made the tensor of its logits
    logits: int = -1  # the index of the logits among the outputs


@dataclass(frozen=True)
class _Input:
    """Stands for an input in the structure of a program's arguments."""

    place: int


class Program:
    """A recording of what a function does, finished and ready to run; `Program.record` makes it.

    Variables are read and written in place. Other tensors from outside the function, and Python
    values, are frozen: they stay as they were at the recording.

    Attributes:
        inputs: the layouts of its inputs.
        room: memory for its outputs.
        leaves_traces: whether the function did something that a run does not repeat.
        name: what messages call it.
        passes: those that improved it.

    >>> from pylego import ops
    >>> double = Program.record(lambda x: {"y": x * 2}, [ops.convert_to_tensor([0.0, 0.0])])
    >>> print(double(ops.convert_to_tensor([1.0, 2.0]))["y"])
    Tensor(shape=(2,), dtype=float32, [2. 4.])
    """

    def __init__(
        self, under_way: Recording, inputs: Any, outputs: Any, passes: int, keeps_logits: bool
    ):
        handles: list[engine.Handle] = []
        self._structure = map_leaves(lambda y: _output_spec(y, handles, keeps_logits), outputs)
        engine.finish_program(under_way.pointer, handles, passes)
        self._recording = under_way.pointer
        self.inputs = [engine.layout(x._handle) for x in leaves(inputs) if is_input(x)]
        places = itertools.count()
        self._given = map_leaves(lambda x: _Input(next(places)) if is_input(x) else x, inputs)
        self._output_count = len(handles)
        self._outputs = self._specs()
        self.room = Room(self._outputs or [])
        self._asked = under_way.asked_before_runs
        self.leaves_traces = under_way.leaves_traces
        self._explanations = under_way.explanations
        self._kinds = under_way.kinds
        self.name = under_way.name
        self.passes = passes

    @classmethod
    def record(
        cls,
        function: Callable,
        inputs: Sequence[Any],
        name: str = "the program",
        sibling: Program | None = None,
        passes: int = ALL_PASSES,
        way_out: str = WAY_OUT,
        keeps_logits: bool = True,
    ) -> Program:
        """Call the function on symbolic tensors, and record the bricks that it applies.

        Args:
            function: of tensors, or structures of them.
            inputs: its arguments. A tensor among them says shape, strides and dtype of an input;
                what is none goes into the function as it is.
            name: what messages call it.
            sibling: another program, to share its memory with. Of siblings one runs at a time.
            passes: which of `engine.PASSES` improve it, added up; no pass changes a bit.
            way_out: what a user can do whose code must look at numbers.
            keeps_logits: whether tensors that come out know the logits they were made of.

        Raises:
            TypeError: when the function looks at numbers.
            ValueError: when it makes a variable each time that it is called.
        """

        def attempt(may_make_variables: bool) -> tuple[Program, bool]:
            pointer = engine.new_program(None if sibling is None else sibling._recording)
            under_way = Recording(pointer, name, way_out, may_make_variables)
            symbolic_inputs = map_leaves(lambda x: _symbolic_input(pointer, x), tuple(inputs))
            with stopped_tapes(), under_way.open():
                outputs = function(*symbolic_inputs)
                program = cls(under_way, symbolic_inputs, outputs, passes, keeps_logits)
            return program, under_way.has_made_variables

        program, has_made_variables = attempt(True)
        # A function may make variables in its first call only: the second attempt checks that.
        return attempt(False)[0] if has_made_variables else program

    def __reduce__(self) -> tuple:
        raise TypeError(
            f"{self.name} is made for this process and its variables: it cannot be copied or "
            "pickled. Copy the model or the function, which records it anew"
        )

    # ---- running ----

    def __call__(self, *inputs: Any) -> Any:
        """Run it once.

        Args:
            *inputs: of the structure, the shapes, strides and dtypes that it was recorded for.

        Returns the outputs in the structure that the function returned.
        """
        return self.pack(self.run([x._handle for x in leaves(inputs) if is_input(x)]))

    def run(self, inputs: Sequence[engine.Handle]) -> list[engine.Handle]:
        """Run it once on handles; return the handles of its outputs."""
        if self._asked:
            self._ask()
        try:
            return engine.run_program(self._recording, inputs, self._output_count)
        except Exception as error:
            self._fail(error)

    def run_on(self, x: np.ndarray, y: np.ndarray) -> None:
        """Run it once from array to array, as `engine.run_program_on` does."""
        if self._asked:
            self._ask()
        try:
            engine.run_program_on(self._recording, x, y)
        except Exception as error:
            self._fail(error)

    def run_over_rows(
        self,
        columns: Sequence[engine.Handle],
        order: Any,
        first: int,
        steps: int,
        outputs: Sequence[engine.Handle],
        is_stacked: bool = False,
        seconds: float = float("inf"),
    ) -> int:
        """Run it for one batch of rows after another; return the number of batches that were run.

        Arguments as for `engine.run_program_over_rows`.
        """
        if self._asked:
            self._ask()
            steps = min(steps, 1)
        try:
            return engine.run_program_over_rows(
                self._recording, columns, order, first, steps, seconds, outputs, is_stacked
            )
        except Exception as error:
            self._fail(error)

    def is_watched(self) -> bool:
        """Return whether gradients are asked for of variables or tensors that it reads."""
        return engine.is_program_watched(self._recording)

    def _ask(self) -> None:
        with stopped_tapes():
            for variable, ask in self._asked:
                variable.assign(ask())

    def _fail(self, error: Exception) -> NoReturn:
        """Raise the error with the layer, loss or metric whose instruction failed."""
        label = getattr(error, "label", "")
        if label:
            recording.locate(error, lambda: recording.place(label, self._kinds.get(label, "")))
        for explanation in self._explanations:
            if explanation.fits(error, label, self._kinds.get(label)):
                raise explanation.error_kind(f"{error}. {explanation.sentence}") from error
        raise error

    # ---- inspection ----

    def view(self, name: str | None = None, profile: bool = False, steps: int = 20) -> ProgramView:
        """Return what it does, line by line: to be printed, saved as a page, shown in notebooks.

        Args:
            name: what the print-out calls it.
            profile: whether each instruction is timed. The program runs on zeros for that, and its
                variables get their numbers back.
            steps: how many runs are timed.
        """
        from pylego.inspection import view_program

        variables = self.variables()
        paths = {variable._handle: variable.path for variable in variables}
        if not profile:
            return view_program(self._recording, name or self.name, paths)
        kept = [variable.numpy() for variable in variables]
        try:
            zeros = [
                engine.tensor_around(x, DTYPES[kind])
                for x, (kind, _, _) in zip(self.zeros(), self.inputs)
            ]
            run = functools.partial(engine.run_program, self._recording, zeros, self._output_count)
            return view_program(self._recording, name or self.name, paths, run, steps)
        finally:
            with stopped_tapes():
                for variable, numbers in zip(variables, kept):
                    variable.assign(numbers)

    def zeros(self, rows: int | None = None) -> list[np.ndarray]:
        """Make an array for each input; of so many rows, if another number than its own is asked
        for."""
        return [
            np.zeros(
                (shape[0] if rows is None else rows, *shape[1:]) if shape else (),
                engine.MEMORY_DTYPES[DTYPES[kind]],
            )
            for kind, shape, _ in self.inputs
        ]

    def example(self, rows: int | None = None) -> tuple:
        """Make arguments like those that it was recorded for, of zeros; see `zeros`."""
        arrays = self.zeros(rows)
        return map_leaves(lambda x: arrays[x.place] if type(x) is _Input else x, self._given)

    def variables(self) -> list[Variable]:
        """List the variables that it reads and writes."""
        buffers = engine.buffers_of(self._recording)
        return variables_at(buffer.address for buffer in buffers if buffer.kind == "variable")

    def __str__(self) -> str:
        return str(self.view())

    def __repr__(self) -> str:
        return f"<Program {self.name}>"

    def _repr_html_(self) -> str:
        return self.view()._repr_html_()

    def save_html(self, path: str | os.PathLike) -> None:
        """Write a page with the print-out, the timeline of the arena and the graph of bricks."""
        self.view().save_html(path)

    # ---- outputs ----

    def pack(self, handles: Sequence[engine.Handle]) -> Any:
        """Put outputs into the structure that the function returned."""
        structure = self._structure
        if type(structure) is _OutputSpec:
            return _kept(structure, handles)
        return map_leaves(
            lambda leaf: _kept(leaf, handles) if type(leaf) is _OutputSpec else leaf, structure
        )

    def arranged(self, things: Sequence) -> Any:
        """Put other things into that structure, one for each output."""
        return with_leaves(self._structure, things)

    def nbytes(self) -> int:
        """Return what it takes of memory: instructions and constants, without the arena."""
        recording = self._recording
        return engine.record_bytes(recording) + engine.constant_bytes(recording)

    def gives_one_tensor(self) -> bool:
        """Return whether it returns a tensor, and no structure of tensors."""
        return type(self._structure) is _OutputSpec

    def outputs(self) -> list[tuple[tuple[int, ...], str]] | None:
        """List shape and dtype of all outputs; None when not all that comes out are tensors."""
        return self._outputs

    def _specs(self) -> list[tuple[tuple[int, ...], str]] | None:
        found = leaves(self._structure)
        if len(found) != self._output_count or not all(type(leaf) is _OutputSpec for leaf in found):
            return None
        return [(leaf.shape, leaf.dtype) for leaf in found]


def is_input(x: Any) -> bool:
    """Whether x is an input. A variable is not: it is read and written in place."""
    return isinstance(x, Tensor) and not isinstance(x, Variable)


def _symbolic_input(pointer: Any, x: Any) -> Any:
    return Tensor(engine.program_input(pointer, x._handle)) if is_input(x) else x


def _output_spec(y: Any, handles: list[engine.Handle], keeps_logits: bool) -> Any:
    if not isinstance(y, Tensor):
        return y
    index = len(handles)
    handles.append(y._handle)
    if not keeps_logits or isinstance(y, Variable) or y.logits is None:
        return _OutputSpec(index, y.shape, y.dtype)
    handles.append(y.logits[1]._handle)
    return _OutputSpec(index, y.shape, y.dtype, y.logits[0], index + 1)


def _kept(spec: _OutputSpec, handles: Sequence[engine.Handle]) -> Tensor:
    y = Tensor(handles[spec.index])
    if spec.activation is not None:
        y.logits = (spec.activation, Tensor(handles[spec.logits]))
    return y
