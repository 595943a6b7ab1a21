"""The programs of one model: which there are, and whether they still are what its steps do."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any, NamedTuple, cast

import numpy as np

from pylego import engine, versions
from pylego.core.tensor import Tensor
from pylego.core.tree import leaves
from pylego.programs.lru_cache import LRUCache
from pylego.programs.program import ALL_PASSES, LEAST_PROGRAMS, MOST_BYTES, MOST_PROGRAMS, Program
from pylego.training.fingerprint import Fingerprint

MOST_STATES = 64  # they are compared one by one
MOST_CALLS = 4096  # whose layouts are remembered, without a program
WAY_OUT = "run every step in Python: compile(run_eagerly=True), or model.run_eagerly = True"


class _ArrayCall(NamedTuple):
    """What the model was called with last, when that was an array in row-major order."""

    facts: tuple
    program: Program


def _facts(x: np.ndarray, setting: Any) -> tuple:
    """What decides which program runs for x, and whether it can read x where it lies."""
    is_plain = x.flags.c_contiguous and x.flags.aligned
    return versions.number, setting, x.dtype, x.shape, is_plain


def signature_of(batch: Any) -> Hashable:
    """Return what batches of one program have in common."""
    return tuple(engine.layout(x._handle) for x in leaves(batch))


def _weight(key: Hashable, program: Program) -> int:
    """The programs of a model share their arena, which is as large as the largest needs it."""
    return program.nbytes()


class _SingleBatch(NamedTuple):
    """What `predict` was asked for last, when that was a single batch in row-major order."""

    facts: tuple  # what must be the same again
    program: Program
    shape: tuple[int, ...]  # of the output
    dtype: np.dtype


class Programs:
    """The programs that a model used most recently: as many as a bound on their memory allows.

    A program is found by what it does ("train"), by the layout of the batch, and by the state that
    the model was in: its settings and parts. So to freeze a layer and to thaw it again costs two
    recordings, not one each time.
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

    def look(self, model: Any) -> None:
        """Settle which state the model is in; look closely only after something was set."""
        if self._seen_change != versions.number:
            self.look_closely(model)

    def look_closely(self, model: Any) -> None:
        """Settle which state the model is in, also where the user's own code has lists and
        dictionaries that change unnoticed."""
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
        """Record the function of a batch, and remember it, unless it is only to be looked at."""
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
        self.look_closely(model)  # the first call of a step may settle things
        self._sibling = program
        self._recent[kind, self._state, signature] = program
        return program

    def __iter__(self) -> Iterator[Program]:
        """Go through the programs, the one that was used last at the end."""
        return iter(self._recent)

    def __reduce__(self) -> tuple:
        """Begin empty as a copy: programs write the variables of the model they were made for."""
        return Programs, ()

    # ---- short ways ----

    def remember_single(self, x: np.ndarray, batch_size: int | None, program: Program) -> None:
        """Remember what `predict` ran for data that were one batch, and had nothing to convert."""
        outputs = program.outputs()
        facts = _facts(x, batch_size)
        is_kept = not self.has_users_code and self._seen_change == versions.number
        if is_kept and outputs and facts[-1]:
            shape, dtype = outputs[0]
            self._single = _SingleBatch(facts, program, shape, np.dtype(dtype))

    def predict_single(self, x: np.ndarray, batch_size: int | None) -> np.ndarray | None:
        """Return what `predict` gives, if it ran for such data before and nothing was set since."""
        last = self._single
        if last is None or last.facts != _facts(x, batch_size):
            return None
        y = np.empty(last.shape, last.dtype)
        last.program.run_on(x, y)
        return y

    def call(self, model: Any, x: Tensor, training: bool | None) -> Any:
        """Return model(x), run as a program; None where Python has to be asked.

        That is where the user's own code would be skipped, losses are added, gradients need a
        history, and the first time that a layout comes: many come only once.
        """
        program = self._program_of_call(model, x, training)
        if program is None or program.is_watched():
            return None
        return program.pack(program.run([x._handle]))

    def call_on_array(self, model: Any, x: np.ndarray, training: bool | None) -> Any:
        """`call` for an array; it is remembered for `call_again`."""
        tensor = Tensor(engine.tensor_around(x))
        facts = _facts(x, training)
        program = self._program_of_call(model, tensor, training)
        if program is None or program.is_watched():
            return None
        if facts[-1] and facts[0] == versions.number:
            self._array_call = _ArrayCall(facts, program)
        return program.pack(program.run([tensor._handle]))

    def call_again(self, x: np.ndarray, training: bool | None) -> Any:
        """Return model(x), if it was called with such an array last and nothing was set since."""
        last = self._array_call
        if last is None or last.facts != _facts(x, training) or last.program.is_watched():
            return None
        return last.program.pack(last.program.run([engine.tensor_around(x)]))

    def _program_of_call(self, model: Any, x: Tensor, training: bool | None) -> Program | None:
        self.look(model)
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
