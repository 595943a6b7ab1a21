"""Single batches: `train_on_batch`, `test_on_batch`, `predict_on_batch`.

Reinforcement learning lives on them, so a step that comes again is its program and little else.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from pylego import engine
from pylego.callbacks.callback_list import as_number, as_numbers
from pylego.programs.program import Program
from pylego.training import data
from pylego.training.batch_function import BatchFunction, RecordedFunction, holds_texts, joined
from pylego.training.data import Batch, to_batch
from pylego.training.inspection import Inspection
from pylego.training.messages import NamedLabels
from pylego.training.nested_passes import SavedTotals
from pylego.training.programs import signature_of


class SingleBatches(Inspection):
    """The part of `Model` that does single steps on request."""

    # Whether it has one input and one output, as a stack of layers; or their names.
    _is_single: bool | data.Single = False

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: dict[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Do one step of training with a batch.

        Args:
            x: the inputs, one row per sample.
            y: the targets.
            sample_weight: how much each sample counts.
            class_weight: {class: how much its samples count}.
            return_dict: whether the results come with their names.

        Returns what `evaluate` returns, for this batch.
        """
        self._check_compiled("train_on_batch")
        return self._on_batch("train", (x, y, sample_weight), class_weight, return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Evaluate a batch; arguments and results as for `train_on_batch`."""
        self._check_compiled("test_on_batch")
        return self._on_batch("test", (x, y, sample_weight), None, return_dict)

    def _on_batch(self, step: str, given: tuple, class_weight: Any, return_dict: bool) -> Any:
        """One step; when the same comes again, its program is all that runs."""
        if class_weight is None and not self._under_way.count:
            try:
                results = self.programs.again(step, return_dict, given)
            except IndexError:  # of a label: the long way explains it
                results = None
            if results is not None:
                return results
        x, y, sample_weight = given
        rows = data.some_rows(data.read_rows(x, y, sample_weight, class_weight, self._is_single))
        with self._kept_apart(), NamedLabels(rows):
            batch = to_batch(rows)
            self._prepare(lambda: batch)
            batch = self._behind_prefix(batch)
            logs, program = self._step_from_zero(step, self._function_of(step), batch)
        in_order = _as_dict if return_dict else self._in_order
        results = in_order(as_numbers(logs))
        if self._has_prefix() or class_weight is not None:  # more than a program is at work
            return results
        if program is not None and program.outputs() is not None:
            places = program.arranged(range(len(logs)))
            unpack = _unpacking(in_order(dict(sorted(places.items()))))
            self.programs.remember(step, return_dict, given, program, unpack)
        return results

    def predict_on_batch(self, x: Any) -> Any:
        """Compute the outputs for a batch, as a NumPy array."""
        if not self._under_way.count:
            outputs = self.programs.again("predict_on_batch", None, x)
            if outputs is not None:
                return outputs
        batch = to_batch(data.read_rows(x, is_single=self._is_single))
        with self._kept_apart():
            predict = self._function_of("predict")
            outputs = joined([predict(batch)])
        is_more = engine.is_recording() or self._has_prefix() or holds_texts(batch)
        if type(predict) is RecordedFunction and not is_more:
            program = predict._program(signature_of(batch), lambda: batch)
            self.programs.remember("predict_on_batch", None, x, program)
        return outputs

    def _step_from_zero(
        self, step: str, function: BatchFunction, batch: Batch
    ) -> tuple[dict[str, Any], Program | None]:
        """Reset the metrics and run one step; also return the program that did both, if one did."""
        is_usual = type(function) is RecordedFunction and self._resets_by_bricks()
        if not is_usual or engine.is_recording() or holds_texts(batch):
            self.reset_metrics()
            return function(batch), None

        def from_zero(batch: Batch) -> dict[str, Any]:
            self.reset_metrics()
            return function.function(batch)

        both = RecordedFunction(self, f"{step}_on_batch", from_zero)
        program = both._program(signature_of(batch), lambda: batch)
        return program(batch), program

    def _in_order(self, logs: dict[str, float]) -> Any:
        """The results in the order of `metrics_names`; a single one as a number."""
        known = [name for name in self.metrics_names if name in logs]
        results = [logs[name] for name in [*known, *sorted(logs.keys() - set(known))]]
        return results[0] if len(results) == 1 else results

    # ---- nested passes ----

    def _pass(self) -> contextlib.AbstractContextManager[None]:
        """A pass through data. If a callback begins it inside another one, the totals of metrics
        are saved and restored."""
        return self._inner_pass() if self._under_way.count else self._under_way

    def _kept_apart(self) -> contextlib.AbstractContextManager[None]:
        """The same for a single batch."""
        return self._inner_pass() if self._under_way.count else contextlib.nullcontext()

    @contextlib.contextmanager
    def _inner_pass(self) -> Iterator[None]:
        totals = SavedTotals([*self.metrics, self._loss_watch] if self.compiled else self.metrics)
        try:
            with self._under_way:
                yield
        finally:
            for metric in self.metrics:
                if metric not in totals:  # made in the inner pass
                    metric.reset_state()
            totals.put_back()


def _as_dict(logs: dict[str, Any]) -> dict[str, Any]:
    return logs


def _unpacking(places: Any) -> Callable[[list[np.ndarray]], Any]:
    """Return a function that puts numbers, one for each output, where their places stand."""
    if isinstance(places, dict):
        return lambda found: {name: as_number(found[place]) for name, place in places.items()}
    if isinstance(places, list):
        return lambda found: [as_number(found[place]) for place in places]
    return lambda found: as_number(found[places])
