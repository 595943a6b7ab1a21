"""Training, evaluation and prediction over many batches."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from pylego import checks, config, names
from pylego.callbacks import CallbackList, History
from pylego.callbacks.callback_list import as_numbers
from pylego.core.tree import map_leaves
from pylego.optimizers import Optimizer
from pylego.training import data, mistakes
from pylego.training.batch_function import OutputRows, joined
from pylego.training.class_weight import check_classes
from pylego.training.data import Batch
from pylego.training.data_adapter import Adapter, make_adapter, yields_batches
from pylego.training.epoch_iterator import Arguments, EpochIterator
from pylego.training.interrupts import KeyboardInterruptGuard
from pylego.training.loop import EpochLoop, predict_epoch
from pylego.training.messages import NamedLabels, given_rows, named
from pylego.training.nested_passes import Training
from pylego.training.on_batch import SingleBatches
from pylego.training.own_draws import OwnDraws
from pylego.training.progress import Progress
from pylego.training.row_adapter import RowAdapter
from pylego.training.row_order import RandomOrder
from pylego.training.step import Steps
from pylego.utils.packing import unpack_x_y_sample_weight

VERBOSITIES = ("auto", 0, 1, 2)
FIT_ARGUMENTS = (
    "x", "y", "batch_size", "epochs", "verbose", "callbacks", "validation_split",
    "validation_data", "shuffle", "class_weight", "sample_weight", "initial_epoch",
    "steps_per_epoch", "validation_steps", "validation_batch_size", "validation_freq",
)  # fmt: skip
EVALUATE_ARGUMENTS = (
    "x", "y", "batch_size", "verbose", "sample_weight", "steps", "callbacks", "return_dict",
)  # fmt: skip
PREDICT_ARGUMENTS = ("x", "batch_size", "verbose", "steps", "callbacks")


class Trainer(SingleBatches):
    """The part of `Model` that goes through data: fit, evaluate, predict."""

    stop_training = False  # a callback sets it, to end `fit`
    stop_evaluating = False
    stop_predicting = False
    history: History
    _progress: Progress | None = None  # of the training that runs
    _own_draws: OwnDraws | None = None  # of a model that comes from a file

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over the attributes of the model that this one is a copy of."""
        vars(self).update(state)
        history = state.get("history")
        if isinstance(history, History) and history.model is None:
            history.set_model(self)

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
        **older: Any,
    ) -> History:
        """Learn from data.

        Ctrl-C ends it after the running step; the model can be used, and trained on.

        Args:
            x: the inputs, one row per sample: an array, a list, a tensor, a sparse matrix of SciPy
                (made dense a batch at a time); or batches x, (x, y),
                (x, y, sample_weight): a generator, a `PyDataset`, an `ImageDataGenerator`'s flow.
            y: the targets, one row per sample.
            batch_size: how many samples make a step; 32 by default.
            epochs: at which epoch it ends: how many times all samples are shown, if it starts at 0.
            verbose: 'auto' or 1 shows a progress bar, 2 one line per epoch, 0 nothing. Where the
                output is not a terminal and no notebook there is one line per epoch.
            callbacks: objects of `pylego.callbacks`.
            validation_split: the share of the last rows that are held back to validate on.
            validation_data: (x, y) or (x, y, sample_weight) to validate on after each epoch.
            shuffle: whether each epoch has an order of its own; `set_random_seed` repeats it.
            class_weight: {class: how much its samples count}.
            sample_weight: how much each sample counts.
            initial_epoch: at which epoch it starts.
            steps_per_epoch: batches per epoch; by default all.
            validation_steps: batches per validation, from the first on; by default all.
            validation_batch_size: `batch_size` by default.
            validation_freq: validate after every so many epochs, or after those in a list.
            older: words of Keras 1: `nb_epoch` for `epochs`, `show_accuracy`.

        Returns the history: `history.history['loss']` has a number for each epoch.

        Raises:
            ValueError: before `compile`, and for data or settings that do not fit.
            TypeError: for data that hold no numbers.

        >>> from pylego.layers import Dense
        >>> from pylego.models import Sequential
        >>> from pylego.utils import set_random_seed
        >>> set_random_seed(1)
        >>> model = Sequential([Dense(1)])
        >>> model.compile(optimizer="sgd", loss="mse")
        >>> history = model.fit([[1.0], [2.0]], [[2.0], [4.0]], epochs=50, verbose=0)
        >>> history.history["loss"][-1] < 0.1
        True
        """
        self._check_compiled("fit")
        if older:
            epochs = self._read_older("fit", older, FIT_ARGUMENTS).get("epochs", epochs)
        epochs = _within_limit(checks.whole_number("epochs", epochs, 0))
        plan = range(checks.whole_number("initial_epoch", initial_epoch, 0), epochs)
        if class_weight is not None and not yields_batches(x):
            check_classes(data.read("y", y, self._is_single), class_weight)
        if validation_split and validation_data is None:
            held_back = self._hold_back(x, y, sample_weight, validation_split)
            (x, y, sample_weight), validation_data = held_back
        order = self._row_order if _is_shuffled(shuffle) else None
        adapter = self._adapter(
            x, y, sample_weight, batch_size, steps_per_epoch, class_weight, order
        )
        if isinstance(adapter, RowAdapter):
            data.warn_of_missing_numbers(adapter.rows)
        with Training(self), self._pass(), given_rows(adapter), NamedLabels(adapter):
            self._prepare(first := _first_of(adapter))
            mistakes.warn_once(self, self._compile_loss, _targets(adapter, first))
            batches = EpochIterator(adapter, steps_per_epoch, Arguments("x", "steps_per_epoch"))
            calls = self._calls(callbacks, verbose, batches.steps, epochs, add_history=True)
            history = self.history
            size = batch_size if validation_batch_size is None else validation_batch_size
            vars(self)["validation_data"] = _listed(validation_data)
            validate, validation_batches = self._validation(
                validation_data, size, validation_steps, validation_freq
            )
            progress = Progress(self, calls, first, batches, validation_batches)
            vars(self)["_progress"] = progress
            with _EndedLine(calls):
                self._run_epochs(plan, batches, validate, calls, progress)
        return history

    def _run_epochs(
        self,
        plan: range,
        batches: EpochIterator,
        validate: Callable,
        calls: CallbackList,
        progress: Progress,
    ) -> None:
        train = self._function_of("train")
        most = self.steps_per_execution
        epochs = EpochLoop("train", batches, train, calls, most, lambda: self.stop_training)
        self.stop_training = False
        self._loss_watch.begin_training()
        calls.on_train_begin()  # there a callback may put back the progress of a former process
        logs = progress.logs
        with KeyboardInterruptGuard(not train.is_one_call) as interrupts:
            for epoch in progress.rest_of(plan):
                calls.on_epoch_begin(epoch)
                self._begin_epoch()
                progress.begin_epoch(epoch)
                batches.number = epoch + 1
                last = epochs.run(interrupts)
                if last is None and batches.done:  # a former process did them all
                    last = progress.logs
                if last is None:  # no more data
                    break
                logs = as_numbers(last)
                self._loss_watch.end_epoch(epoch, logs)
                logs.update(validate(epoch, calls))
                progress.end_epoch()
                calls.on_epoch_end(epoch, logs)
                if self.stop_training:
                    break
        optimizer = self.optimizer
        if optimizer is not None and _sets_final_values(optimizer):
            optimizer.finalize_variable_values(self.trainable_variables)
        calls.on_train_end(logs)

    def _validation(
        self, given: Any, batch_size: int | None, steps: int | None, frequency: int | Sequence[int]
    ) -> tuple[Callable[[int, CallbackList], dict[str, float]], EpochIterator | None]:
        """Return a function that validates after an epoch and returns the logs, and its batches."""
        if given is None:
            return lambda epoch, calls: {}, None
        if yields_batches(given):
            parts, batch_size = (given, None, None), None
        elif not isinstance(given, (list, tuple)) or (type(given) is list and len(given) == 1):
            raise ValueError(
                f"validation_data is (x, y) or (x, y, sample_weight). Received: a "
                f"{type(given).__name__}"
            )
        else:
            with named("validation_data"):
                parts = unpack_x_y_sample_weight(given)
        is_due = _due_epochs(frequency)
        with named("validation_data"):
            adapter = self._adapter(*parts, batch_size, steps)
        with given_rows(adapter), named("validation_data"), NamedLabels(adapter):
            self._try(adapter.first())
        words = Arguments("validation_data", "validation_steps")
        # Each epoch is validated on the same rows, unless they come once only.
        batches = EpochIterator(adapter, steps, words, not isinstance(given, Iterator))

        def validate(epoch: int, calls: CallbackList) -> dict[str, float]:
            if not is_due(epoch + 1):
                return {}
            batches.number = epoch + 1
            with NamedLabels(adapter, "validation_data: "):
                logs = self._run_evaluation(batches, calls)
            return {f"val_{name}": value for name, value in logs.items()}

        return validate, batches

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **older: Any,
    ) -> Any:
        """Compute loss and metrics on data, without learning from them.

        Args:
            x: the inputs, as for `fit`.
            y: the targets.
            batch_size: how many samples are looked at in one go; 32 by default.
            verbose: as for `fit`.
            sample_weight: how much each sample counts.
            steps: how many batches; by default all.
            callbacks: objects of `pylego.callbacks`.
            return_dict: whether the results come with their names.
            older: words of Keras 1: `show_accuracy`.

        Returns the loss; with metrics a list in the order of `metrics_names`, or a dictionary.

        Raises:
            ValueError: before `compile`, and for data that do not fit.
        """
        self._check_compiled("evaluate")
        if older:
            self._read_older("evaluate", older, EVALUATE_ARGUMENTS)
        adapter = self._adapter(x, y, sample_weight, batch_size, steps)
        with self._pass(), given_rows(adapter), NamedLabels(adapter):
            self._prepare(_first_of(adapter))
            batches = EpochIterator(adapter, steps)
            calls = self._calls(callbacks, verbose, batches.steps)
            with _EndedLine(calls):
                logs = self._run_evaluation(batches, calls)
        return logs if return_dict else self._in_order(logs)

    def _run_evaluation(self, batches: EpochIterator, calls: CallbackList) -> dict[str, float]:
        test = self._function_of("test")
        most, self.stop_evaluating = self.steps_per_execution, False
        epochs = EpochLoop("test", batches, test, calls, most, lambda: self.stop_evaluating)
        self.reset_metrics()
        calls.on_test_begin()
        results = as_numbers(epochs.run(KeyboardInterruptGuard()))
        calls.on_test_end(results)
        return results

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        steps: int | None = None,
        callbacks: Any = None,
        **older: Any,
    ) -> Any:
        """Compute the outputs for data.

        Args:
            x: the inputs, as for `fit`.
            batch_size: how many samples are computed in one go; 32 by default.
            verbose: as for `fit`.
            steps: how many batches; by default all.
            callbacks: objects of `pylego.callbacks`.

        Returns a NumPy array with one row per sample.

        Raises:
            ValueError: for data that do not fit.
        """
        if older:
            self._read_older("predict", older, PREDICT_ARGUMENTS)
        is_whole = steps is None and config.max_steps_per_epoch() is None
        is_plain = verbose == 0 and callbacks is None and is_whole and _are_arrays(x)
        if is_plain and not self._under_way.count:
            known = self.programs.predict_again(x, batch_size)
            if known is not None:
                return known
        adapter = make_adapter(x, batch_size=batch_size, steps=steps, is_single=self._is_single)
        batches = EpochIterator(adapter, steps)
        calls = self._calls(callbacks, verbose, batches.steps)
        rows = None
        is_quiet = not calls.wants_batches("predict")
        if is_quiet and isinstance(adapter, RowAdapter) and adapter.is_dense:
            rows = OutputRows(len(adapter.rows))
        with self._pass(), given_rows(adapter), _EndedLine(calls):
            calls.on_predict_begin()
            predict = self._function_of("predict")
            most, self.stop_predicting = self.steps_per_execution, False
            stops = (most, lambda: self.stop_predicting)
            outputs = predict_epoch(batches, predict, calls, rows, *stops)
            calls.on_predict_end()
        if rows is not None and rows.program is not None:
            if is_plain:
                self.programs.remember_predict(x, batch_size, rows.program)
            return joined([rows.result(), *outputs]) if outputs else rows.result()
        if not outputs:
            raise ValueError("There is no data: x yields no batches")
        return joined(outputs)

    # ---- arguments and results ----

    def _read_older(self, method: str, older: dict[str, Any], known: Sequence[str]) -> dict:
        """Read arguments of Keras 1 and 2 in today's words."""
        given = names.in_todays_words(method, older, (*known, "show_accuracy"))
        compiled = self._compile_arguments or {}
        if given.pop("show_accuracy", False) and not compiled.get("metrics"):
            names.note_older(f"{method}(show_accuracy=)", "compile(metrics=['accuracy'])")
            self.compile(**{**compiled, "metrics": ["accuracy"]})
        return given

    def _adapter(
        self,
        x: Any,
        y: Any,
        sample_weight: Any,
        batch_size: int | None,
        steps: int | None,
        class_weight: Any = None,
        order: RandomOrder | None = None,
    ) -> Adapter:
        """The data as batches, each of which has some rows."""
        adapter = make_adapter(
            x, y, sample_weight, batch_size, steps, class_weight, self._is_single, order
        )
        if isinstance(adapter, RowAdapter):
            data.some_rows(adapter.rows)
        else:
            adapter.needs_rows = True
            adapter.is_aligned = self._has_usual_steps()
        return adapter

    def _has_usual_steps(self) -> bool:
        own = type(self)
        return own.train_step is Steps.train_step and own.test_step is Steps.test_step

    def _hold_back(
        self, x: Any, y: Any, sample_weight: Any, validation_split: float
    ) -> tuple[tuple, tuple]:
        """The first rows, for training, and the last ones, for validation."""
        if yields_batches(x):
            raise ValueError(
                "validation_split needs arrays; x yields batches: pass validation_data"
            )
        rows = data.read_rows(x, y, sample_weight, is_single=self._is_single)
        first, last = data.split(rows, validation_split)
        return tuple(first), tuple(last)

    def _calls(
        self,
        callbacks: Any,
        verbose: str | int,
        steps: int | None,
        epochs: int = 1,
        add_history: bool = False,
    ) -> CallbackList:
        if verbose not in VERBOSITIES:
            raise ValueError(f"verbose is one of {VERBOSITIES}. Received: verbose={verbose!r}")
        return CallbackList(
            callbacks,
            add_history,
            add_progbar=verbose != 0,
            model=self,
            verbose=verbose,
            epochs=epochs,
            steps=steps,
        )


def _listed(validation_data: Any) -> list | None:
    """What callbacks for Keras 1 and 2 read: [x, y, sample_weight], without structures around x."""
    if not isinstance(validation_data, (tuple, list)):
        return None
    x, *others = validation_data
    is_several = isinstance(x, (list, tuple)) and all(hasattr(one, "shape") for one in x)
    return [*(x if is_several else [x]), *others]


def _are_arrays(x: Any) -> bool:
    """Whether x is an array, or several in a list, tuple or dictionary."""
    if type(x) is np.ndarray:
        return True
    if type(x) not in (list, tuple, dict):
        return False
    return all(type(part) is np.ndarray for part in (x.values() if type(x) is dict else x))


def _first_of(adapter: Adapter) -> Callable[[], Batch]:
    """Return what returns the first batch. Of rows it is made only where somebody asks for it."""
    if isinstance(adapter, RowAdapter):
        return adapter.first
    batch = adapter.first()
    return lambda: batch


def _targets(adapter: Adapter, first: Callable[[], Batch]) -> Any:
    """All targets as an array; those of the first batch if the data are not rows."""
    if isinstance(adapter, RowAdapter):
        return adapter.rows.y
    y = unpack_x_y_sample_weight(first())[1]
    return None if y is None else map_leaves(np.asarray, y)


class _EndedLine:
    """End the line of the progress bar if an error comes inside the `with` block."""

    def __init__(self, calls: CallbackList):
        self._calls = calls

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if error is not None:
            self._calls.abandon()


def _within_limit(epochs: int) -> int:
    """No more epochs than `config.max_epochs()` allows."""
    most = config.max_epochs()
    if most is None or epochs <= most:
        return epochs
    warnings.warn(f"Limiting epochs to {most}", stacklevel=3)
    return most


def _sets_final_values(optimizer: Optimizer) -> bool:
    """Whether there is something to do after training. To list a model's variables takes as long as
    a step of a small one."""
    own = type(optimizer).finalize_variable_values
    return optimizer.use_ema or own is not Optimizer.finalize_variable_values


def _is_shuffled(shuffle: Any) -> bool:
    if isinstance(shuffle, str):
        raise ValueError(f"shuffle is True or False. Received: shuffle={shuffle!r}")
    return bool(shuffle)


def _due_epochs(frequency: int | Sequence[int]) -> Callable[[int], bool]:
    """Return the test for epochs, counted from 1, that are validated."""
    if isinstance(frequency, (list, tuple, set, range)):
        return lambda epoch: epoch in frequency
    every = checks.whole_number("validation_freq", frequency, 1)
    return lambda epoch: epoch % every == 0
