"""The programs of a model's steps and calls, and what makes the next call of one quick.

A step that comes once more with arrays of the same shapes, while nothing was set, needs none of the
checks and preparations of the first one: it is remembered, with the program that did it.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Hashable, Iterator
from typing import Any, NamedTuple

import numpy as np

from pylego import engine, versions
from pylego.core import bfloat16
from pylego.core.tensor import Tensor
from pylego.core.tree import leaves, map_leaves, outline
from pylego.programs.cache import LRUCache, ProgramCache
from pylego.programs.program import ALL_PASSES, Program
from pylego.programs.reads import Reads

MOST_COPIED = 1 << 20  # bytes: a step with more numbers takes long in any case
MOST_AGAIN = 32  # steps that are remembered, with arrays for their numbers
MOST_CALLS = 4096  # whose layouts are remembered, without a program
_IN_PYTHON = object()  # in the place of what a call reads: it cannot be recorded
WAY_OUT = "run every step in Python: compile(run_eagerly=True), or model.run_eagerly = True"


def signature_of(batch: Any) -> Hashable:
    """Return structure and layouts of a batch: batches with the same ones can share a program."""
    layouts = [engine.layout(x._handle) for x in leaves(batch) if isinstance(x, Tensor)]
    return outline(batch), *layouts


class _Unknown:
    """The layout of what is neither array nor tensor: it equals no other."""


def _layout(part: Any) -> Hashable:
    """What the numbers of a call must have in common with those of the last one."""
    if type(part) in (np.ndarray, Tensor):
        return part.dtype, part.shape
    if type(part) is dict:
        return dict, *part, *map(_layout, part.values())
    if type(part) in (list, tuple):
        return type(part), *map(_layout, part)
    return None if part is None else _Unknown()


class _Again(NamedTuple):
    """A call that was remembered. Its numbers are copied into arrays that the program reads: that
    takes less time than to hand over new ones, and converts them on the way."""

    program: Program
    inputs: list[np.ndarray]
    outputs: list[np.ndarray]
    arguments: tuple  # of `run_over_rows`
    unpack: Callable[[list[np.ndarray]], Any]


class _Single(NamedTuple):
    """A call of one array that was remembered, and its output."""

    key: tuple  # must be equal the next time
    reads: Reads | None  # and this be current; None: all that the program read has a version
    program: Program
    shape: tuple[int, ...] = ()
    dtype: np.dtype | None = None


def _array_key(x: np.ndarray, setting: Any) -> tuple:
    """What the choice of a program for x depends on; last, whether it can read x in place."""
    flags = x.flags
    return versions.number, setting, x.dtype, x.shape, flags.c_contiguous and flags.aligned


class Programs:
    """The programs of one model.

    >>> Programs().find("train", ())
    """

    def __init__(self) -> None:
        self._cache = ProgramCache(shares_memory=True)
        self._called: LRUCache[Any] = LRUCache(MOST_CALLS)
        self._again: LRUCache[_Again] = LRUCache(MOST_AGAIN)
        self._is_busy = threading.Lock()
        self._single: _Single | None = None
        self._called_last: _Single | None = None

    # ---- the cache ----

    def refresh(self, model: Any) -> None:
        """Find out which state the model is in, if something was set since the last time."""
        self._cache.refresh(model)

    check_state = refresh

    def is_current(self) -> bool:
        """Return whether nothing was set since the last `refresh`."""
        return self._cache.is_current()

    def find(self, kind: Hashable, signature: Hashable) -> Program | None:
        """Return the program that does this in the model's state, None if there is none."""
        return self._cache.find(kind, signature)

    def latest(self, step: str) -> Program | None:
        """Return the program of that step ("train") which was used last."""
        return self._cache.latest(step) or self._cache.latest(f"{step}_on_batch")

    def record(
        self,
        model: Any,
        kind: Hashable,
        signature: Hashable,
        function: Callable,
        batch: Any,
        passes: int = ALL_PASSES,
        keeps_logits: bool = False,
        is_kept: bool = True,
    ) -> Program:
        """Record the function of a batch, and keep the program, unless it is only inspected."""
        return self._cache.record(
            model,
            kind,
            signature,
            function,
            (batch,),
            name=f"the step of {model.name!r}",
            way_out=WAY_OUT,
            passes=passes,
            keeps_logits=keeps_logits,
            is_kept=is_kept,
        )

    def __len__(self) -> int:
        return len(self._cache)

    def __iter__(self) -> Iterator[Program]:
        """Iterate over the programs, the most recently used one last."""
        return iter(self._cache)

    def __reduce__(self) -> tuple:
        """A copy begins empty: programs write the variables of the model they were made for."""
        return Programs, ()

    def clear(self) -> None:
        """Forget all programs."""
        self._cache.clear()
        self._called.clear()
        self._again.clear()
        self._single = self._called_last = None

    # ---- steps that come again ----

    def remember(
        self,
        name: str,
        setting: Hashable,
        given: Any,
        program: Program | None,
        unpack: Callable[[list[np.ndarray]], Any] | None = None,
    ) -> None:
        """Remember which program did a step, if it is quicker the next time.

        Args:
            name: of the method.
            setting: another of its arguments.
            given: the arrays and tensors that it got, in the structure that the program takes.
            program: what did it.
            unpack: makes of the arrays of outputs what the method returns; by default it copies
                them.
        """
        outputs = None if program is None else program.outputs()
        if program is None or outputs is None or not self._cache.is_current():
            return
        tables = _tables(given)
        kinds = [engine.DTYPES[kind] for kind, _, _ in program.inputs]
        if bfloat16.NAME in (*kinds, *(kind for _, kind in outputs)):  # arrays are others
            return
        inputs = [np.empty(shape, kind) for kind, (_, shape, _) in zip(kinds, program.inputs)]
        is_alike = len(tables) == len(inputs) and all(map(_fits, tables, inputs))
        if not is_alike or sum(mine.nbytes for mine in inputs) > MOST_COPIED:
            return
        columns = [engine.tensor_around(mine) for mine in inputs]
        if [engine.layout(column) for column in columns] != program.inputs:  # strides
            return
        results = [np.empty(shape, kind) for shape, kind in outputs]
        arguments = (columns, None, 0, 1, [engine.tensor_around(result) for result in results])
        key = (name, self._cache.state, setting, _layout(given))
        unpack = unpack or functools.partial(_copied, program)
        self._again[key] = _Again(program, inputs, results, arguments, unpack)

    def again(self, name: str, setting: Hashable, given: Any) -> Any:
        """Do a step like the last one by that name; None if something is not as it was then."""
        last = self._again.get((name, self._cache.state, setting, _layout(given)))
        if last is None or not self._cache.is_current() or engine.is_recording():
            return None
        if not self._is_busy.acquire(blocking=False):  # another thread is at it
            return None
        try:
            for mine, table in zip(last.inputs, _tables(given)):
                mine[...] = table
            last.program.run_over_rows(*last.arguments)
            return last.unpack(last.outputs)
        finally:
            self._is_busy.release()

    # ---- data of one batch ----

    def predict_again(self, x: Any, batch_size: int | None) -> Any:
        """Return what `predict` gives, if it ran for such data before and nothing was set since."""
        if type(x) is np.ndarray:
            return self._predict_single(x, batch_size)
        return self.again("predict", batch_size, x)

    def remember_predict(self, x: Any, batch_size: int | None, program: Program) -> None:
        """Remember the program that `predict` ran, if x is data of one batch.

        A single array is read where it lies, if the program needs no conversion.
        """
        if type(x) is not np.ndarray:
            self.remember("predict", batch_size, x, program)
        elif _runs_on(program, x):
            self._remember_single(x, batch_size, program)

    def _remember_single(self, x: np.ndarray, batch_size: int | None, program: Program) -> None:
        outputs, key = program.outputs(), _array_key(x, batch_size)
        if not outputs or outputs[0][1] == bfloat16.NAME:
            return
        if key[-1] and self._cache.is_current():
            shape, dtype = outputs[0]
            reads = self._cache.reads_without_version()
            self._single = _Single(key, reads, program, shape, np.dtype(dtype))

    def _predict_single(self, x: np.ndarray, batch_size: int | None) -> np.ndarray | None:
        last = self._single
        if last is None or last.key != _array_key(x, batch_size):
            return None
        if last.reads is not None and not last.reads.are_current():
            return None
        y = np.empty(last.shape, last.dtype)
        last.program.run_on(x, y)
        return y

    def call_again(self, x: np.ndarray, training: bool | None) -> Any:
        """Return model(x), if it was called with such an array last and nothing was set since."""
        last = self._called_last
        if last is None or last.key != _array_key(x, training) or last.program.is_watched():
            return None
        if last.reads is not None and not last.reads.are_current():
            return None
        return last.program.pack(last.program.run([engine.tensor_around(x)]))

    # ---- calls of the model ----

    def call(self, model: Any, inputs: Any, training: bool | None) -> Any:
        """Return model(inputs), run as a program; None if it has to run in Python.

        That is so if more would happen in Python than is computed, if gradients need a tape, and
        the first time that a layout comes: many come only once.

        Args:
            model: it is built.
            inputs: arrays and tensors of the engine's dtypes, or a structure of them.
            training: as the model was called.
        """
        self._cache.refresh(model)
        if not self._cache.only_computes():
            return None
        if type(inputs) is Tensor:
            tensors, handles = inputs, [inputs._handle]
        else:
            tensors = map_leaves(_as_tensor, inputs)
            handles = [x._handle for x in leaves(tensors)]
        if any(map(engine.is_watched, handles)):
            return None
        program = self._program_of_call(model, tensors, handles, training)
        if program is None or program.leaves_traces or program.is_watched():
            return None
        if type(inputs) is np.ndarray and (key := _array_key(inputs, training))[-1]:
            self._called_last = _Single(key, self._cache.reads_without_version(), program)
        return program.pack(program.run(handles))

    def _program_of_call(
        self, model: Any, tensors: Any, handles: list[engine.Handle], training: bool | None
    ) -> Program | None:
        kind = ("call", training)
        signature = engine.layout(handles[0]) if type(tensors) is Tensor else signature_of(tensors)
        program = self._cache.find(kind, signature)
        if program is not None:
            return program
        key, reading = (kind, self._cache.state, signature), self._cache.reading
        if self._called.get(key) is _IN_PYTHON:
            return None
        if self._called.get(key) != reading:  # the first call, or one that changed what it reads
            self._called[key] = reading
            return None
        try:
            return self.record(
                model,
                kind,
                signature,
                lambda x: model(x, training=training),
                tensors,
                keeps_logits=True,
            )
        except TypeError:  # it looks at numbers; what else it may be, the call itself raises
            self._called[key] = _IN_PYTHON
            return None


def _runs_on(program: Program, x: np.ndarray) -> bool:
    """Whether one run of the program for x, as it lies, gives one array."""
    if not program.gives_one_tensor() or not engine.has_dtype_of(x):
        return False
    return program.inputs == [engine.layout(engine.tensor_around(x))]


def _tables(given: Any) -> list:
    """The arrays and tensors of a structure, in order."""
    if type(given) is np.ndarray:
        return [given]
    return [table for table in leaves(given) if table is not None]


def _fits(table: Any, mine: np.ndarray) -> bool:
    """Whether the numbers can be copied as `fit` converts them: floats to another precision."""
    if type(table) not in (np.ndarray, Tensor) or table.shape != mine.shape:
        return False  # layouts of others, such as pandas' tables, are not compared
    kind = np.dtype(table.dtype)
    return kind == mine.dtype or kind.kind == mine.dtype.kind == "f"


def _copied(program: Program, outputs: list[np.ndarray]) -> Any:
    if program.gives_one_tensor():
        return outputs[0].copy()
    return program.arranged([output.copy() for output in outputs])


def _as_tensor(x: Any) -> Tensor:
    return Tensor(engine.tensor_around(x)) if type(x) is np.ndarray else x
