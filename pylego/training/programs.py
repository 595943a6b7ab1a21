"""The programs of one model: a cache, and the check that none of them is stale."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any, NamedTuple, cast

import numpy as np

from pylego import engine, versions
from pylego.core.tensor import Tensor
from pylego.core.tree import leaves, outline
from pylego.programs.lru_cache import LRUCache
from pylego.programs.program import ALL_PASSES, LEAST_PROGRAMS, MOST_BYTES, MOST_PROGRAMS, Program
from pylego.training.fingerprint import Fingerprint

MOST_STATES = 64  # they are compared one by one
MOST_CALLS = 4096  # whose layouts are remembered, without a program
WAY_OUT = "run every step in Python: compile(run_eagerly=True), or model.run_eagerly = True"


class _ArrayCall(NamedTuple):
    """The last call of the model, when its input was an array in row-major order."""

    key: tuple
    program: Program


def _array_key(x: np.ndarray, setting: Any) -> tuple:
    """All that the choice of a program for x depends on; last, whether it can read x in place."""
    is_plain = x.flags.c_contiguous and x.flags.aligned
    return versions.number, setting, x.dtype, x.shape, is_plain


def signature_of(batch: Any) -> Hashable:
    """Return structure and layouts of a batch: batches with the same ones can share a program."""
    layouts = [engine.layout(x._handle) for x in leaves(batch) if x is not None]
    return outline(batch), *layouts


def _weight(key: Hashable, program: Program) -> int:
    """The bytes of a program without its arena, which all programs of a model share."""
    return program.nbytes()


class _SingleBatch(NamedTuple):
    """The last call of `predict`, when its data were a single batch in row-major order."""

    key: tuple  # must be equal the next time
    program: Program
    shape: tuple[int, ...]  # of the output
    dtype: np.dtype


class Programs:
    """The programs that a model used most recently: as many as a bound on their memory allows.

    The key of a program is the step ("train"), the layout of the batch, and the state of the model:
    its settings and parts. So freezing a layer and thawing it again costs two recordings in all,
    not one each time.
    """

    def __init__(self) -> None:
        self._recent: LRUCache[Program] = LRUCache(
            MOST_PROGRAMS, MOST_BYTES, _weight, LEAST_PROGRAMS
        )
        self._states: LRUCache[tuple[int, Fingerprint]] = LRUCache(MOST_STATES)
        self._next_state = 0
        self._state = -1
        self._seen_change = -1
        self._sibling: Program | None = None
        self._single: _SingleBatch | None = None
        self._array_call: _ArrayCall | None = None
        self._called: LRUCache[bool] = LRUCache(MOST_CALLS)
        self.has_users_code = False
        self.adds_losses = False

    def refresh(self, model: Any) -> None:
        """Find out which state the model is in, if something was set since the last time."""
        if self._seen_change != versions.number:
            self.check_state(model)

    def check_state(self, model: Any) -> None:
        """Find out which state the model is in, by a new fingerprint.

        `refresh` relies on the version number. Lists and dictionaries of the user's own code
        change without a new version, so models with such code are read anew each time.
        """
        if self._seen_change == versions.number and not self.has_users_code:
            return
        change = versions.number
        found = Fingerprint(model)
        self.has_users_code = found.has_users_code
        self.adds_losses = found.adds_losses
        self._state = self._number_of(found)
        self._seen_change = change

    def _number_of(self, found: Fingerprint) -> int:
        for number, known in self._states:
            if known == found:
                self._states.get(number)
                return number
        self._next_state += 1
        self._states[self._next_state] = (self._next_state, found)
        return self._next_state

    def find(self, kind: Hashable, signature: Hashable) -> Program | None:
        """Return the program that does this in the model's state, None if there is none."""
        return self._recent.get((kind, self._state, signature))

    def latest(self, step: str) -> Program | None:
        """Return the program of that step ("train") which was used last."""
        found = None
        for key, program in self._recent.items():
            (kind, _), _, _ = cast(tuple, key)
            found = program if kind == step else found
        return found

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
        program = Program.record(
            function,
            (batch,),
            name=f"the step of {model.name!r}",
            sibling=self._sibling,
            passes=passes,
            way_out=WAY_OUT,
            keeps_logits=keeps_logits,
        )
        if not is_kept:
            return program
        self.check_state(model)  # the first call of a step may set attributes
        self._sibling = program
        self._recent[kind, self._state, signature] = program
        return program

    def __iter__(self) -> Iterator[Program]:
        """Iterate over the programs, the most recently used one last."""
        return iter(self._recent)

    def __reduce__(self) -> tuple:
        """A copy begins empty: programs write the variables of the model they were made for."""
        return Programs, ()

    # ---- fast paths ----

    def remember_single(self, x: np.ndarray, batch_size: int | None, program: Program) -> None:
        """Remember the program that `predict` ran for data of one batch without conversion."""
        outputs = program.outputs()
        key = _array_key(x, batch_size)
        is_kept = not self.has_users_code and self._seen_change == versions.number
        if is_kept and outputs and key[-1]:
            shape, dtype = outputs[0]
            self._single = _SingleBatch(key, program, shape, np.dtype(dtype))

    def predict_single(self, x: np.ndarray, batch_size: int | None) -> np.ndarray | None:
        """Return what `predict` gives, if it ran for such data before and nothing was set since."""
        last = self._single
        if last is None or last.key != _array_key(x, batch_size):
            return None
        y = np.empty(last.shape, last.dtype)
        last.program.run_on(x, y)
        return y

    def call(self, model: Any, x: Tensor, training: bool | None) -> Any:
        """Return model(x), run as a program; None if it has to run in Python.

        That is so if the user's own code would be skipped, if losses are added, if gradients need
        a tape, and the first time that a layout comes: many come only once.
        """
        program = self._program_of_call(model, x, training)
        if program is None or program.is_watched():
            return None
        return program.pack(program.run([x._handle]))

    def call_on_array(self, model: Any, x: np.ndarray, training: bool | None) -> Any:
        """`call` for an array; it is remembered for `call_again`."""
        tensor = Tensor(engine.tensor_around(x))
        key = _array_key(x, training)
        program = self._program_of_call(model, tensor, training)
        if program is None or program.is_watched():
            return None
        if key[-1] and key[0] == versions.number:
            self._array_call = _ArrayCall(key, program)
        return program.pack(program.run([tensor._handle]))

    def call_again(self, x: np.ndarray, training: bool | None) -> Any:
        """Return model(x), if it was called with such an array last and nothing was set since."""
        last = self._array_call
        if last is None or last.key != _array_key(x, training) or last.program.is_watched():
            return None
        return last.program.pack(last.program.run([engine.tensor_around(x)]))

    def _program_of_call(self, model: Any, x: Tensor, training: bool | None) -> Program | None:
        self.refresh(model)
        if self.has_users_code or self.adds_losses or engine.is_watched(x._handle):
            return None
        kind, signature = ("call", training), engine.layout(x._handle)
        program = self.find(kind, signature)
        if program is None:
            key = (kind, self._state, signature)
            if not self._called.get(key):
                self._called[key] = True
                return None
            program = self.record(
                model, kind, signature, lambda x: model(x, training), x, keeps_logits=True
            )
        return program

    def clear(self) -> None:
        """Forget all programs."""
        self._recent.clear()
        self._states.clear()
        self._sibling = None
        self._single = None
        self._array_call = None
        self._called.clear()
        self._seen_change = -1
