"""What one step of training, evaluation and prediction does; subclasses may write their own.

The steps compute with bricks only and look at no numbers, so that they can be recorded.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Any

from pylego import checks, config, names, ops, optimizers, versions
from pylego.autograd import GradientTape
from pylego.core import recording
from pylego.core.tensor import Tensor
from pylego.core.tree import leaves
from pylego.layers import Layer, shape_inference
from pylego.metrics import Mean, Metric
from pylego.optimizers import Optimizer
from pylego.optimizers.loss_scale_optimizer import scaling_loss
from pylego.programs.program import ALL_PASSES
from pylego.training.batch_function import BatchFunction, batch_function, over_batches
from pylego.training.compile import CompileLoss, CompileMetrics, refuse_exchanged, result_of
from pylego.training.data import Batch
from pylego.training.loss_watch import LossWatch
from pylego.training.messages import label_advice, of_all_rows
from pylego.training.nested_passes import PassesUnderWay
from pylego.training.programs import Programs
from pylego.training.row_order import RandomOrder
from pylego.utils.packing import unpack_x_y_sample_weight

COMPILE_ARGUMENTS = (
    "optimizer", "loss", "loss_weights", "metrics", "weighted_metrics", "run_eagerly",
    "steps_per_execution", "jit_compile", "auto_scale_loss",
)  # fmt: skip


class _KnownMetrics:
    """The metrics in the attributes of a model, as they were after so many changes."""

    def __init__(self) -> None:
        self.change = self.reset_change = -1
        self.built_change = -1  # when all layers were built
        self.metrics: list[Metric] = []
        self.reset_by_bricks = False  # whether a reset only sets totals to zero
        self.total_count = 0  # of all metrics, in the same state


class Steps(Layer):
    """The part of `Model` that knows loss, optimizer and metrics, and does single steps."""

    compiled = False
    run_eagerly = False
    jit_compile: bool | str = "auto"
    steps_per_execution = 1
    loss: Any = None
    optimizer: Optimizer | None
    _compile_loss: CompileLoss | None = None
    _compile_arguments: dict[str, Any] | None = None  # for descriptions
    _compile_metrics: CompileMetrics
    _loss_tracker: Mean
    _loss_watch: LossWatch
    _row_order: RandomOrder
    _functions = frozenset({"train_function", "test_function", "predict_function"})
    _caches = _functions | {"_known_metrics", "_progress", "_under_way", "validation_data"}
    _unversioned = Layer._unversioned | _caches | {"_own_draws"}
    _not_copied = Layer._not_copied | _caches | {"programs"}

    _loss_takes_training = True
    train_function: Callable | None = None  # what a subclass's own make_train_function made
    test_function: Callable | None = None
    predict_function: Callable | None = None

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        if "compute_loss" in vars(cls):
            accepted = inspect.signature(cls.compute_loss).parameters
            takes_any = any(one.kind is one.VAR_KEYWORD for one in accepted.values())
            cls._loss_takes_training = takes_any or "training" in accepted

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
        auto_scale_loss: bool = True,
        **unknown: Any,
    ) -> None:
        """Say how the model learns: put head, torso and legs together.

        Args:
            optimizer: a name or an object; 'rmsprop' by default. None is for a model that is only
                evaluated, or whose own `train_step` needs no optimizer.
            loss: a name, a function of (y_true, y_pred) or an object. A model of several outputs
                takes one for each, in a dictionary by their names or in a list; the same holds for
                weights and metrics. Their logs are 'name_loss' and 'name_accuracy'.
            loss_weights: a number that the loss is multiplied by.
            metrics: a list of names ('accuracy', 'mse'), functions or
                objects. 'accuracy' or 'acc' becomes the binary, categorical or sparse one, by the
                shapes of targets and outputs.
            weighted_metrics: the same, with sample weights and class weights.
            run_eagerly: run every step in Python, brick by brick, for debugging. Otherwise the
                first run of a step is recorded, and later runs are one program.
            steps_per_execution: the number of batches between calls of callbacks for batches.
            jit_compile: False records steps without any pass, so that each brick is a separate
                instruction; the bits are the same.
            auto_scale_loss: whether the optimizer of a model whose dtype policy is "mixed_float16"
                works inside of a `LossScaleOptimizer`, so that small gradients do not become 0.

        Raises:
            ValueError: for unknown names, with the nearest ones.
            TypeError: for unknown arguments.
        """
        if unknown:
            names.in_todays_words("compile", unknown, COMPILE_ARGUMENTS)
        refuse_exchanged(optimizer, loss)
        inner = optimizers.get(optimizer)
        is_scaled = auto_scale_loss and self.dtype_policy.name == "mixed_float16"
        self.optimizer = scaling_loss(inner) if is_scaled and inner is not None else inner
        self.loss = loss
        outputs = getattr(self, "output_names", None)  # a graph gives names to outputs
        ready, plain, weighted = self._for_training(loss, metrics, weighted_metrics)
        self._compile_loss = None if loss is None else CompileLoss(ready, loss_weights, outputs)
        self._compile_metrics = CompileMetrics(plain, weighted, outputs)
        self._loss_tracker = Mean(name="loss")
        self._loss_watch = LossWatch()
        self._row_order = RandomOrder()
        self.run_eagerly = run_eagerly
        self.jit_compile = jit_compile
        self.steps_per_execution = checks.whole_number(
            "steps_per_execution", steps_per_execution, 1, owner="compile"
        )
        self._compile_arguments = {
            "optimizer": inner, "loss": loss, "loss_weights": loss_weights,
            "metrics": metrics, "weighted_metrics": weighted_metrics, "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution, "jit_compile": jit_compile,
        }  # fmt: skip
        self.programs.clear()
        self.compiled = True

    def _for_training(self, *parts: Any) -> tuple:
        """Losses and metrics as `compile` was given them; models with a graph may change them."""
        return parts

    @functools.cached_property
    def programs(self) -> Programs:
        """The recorded programs of the model's steps."""
        return Programs()

    @functools.cached_property
    def _under_way(self) -> PassesUnderWay:
        """The number of passes through data that the model is in now."""
        return PassesUnderWay()

    def runs_eagerly(self) -> bool:
        """Return whether steps run brick by brick instead of being recorded."""
        return self.run_eagerly or config.functions_run_eagerly()

    # ---- metrics ----

    @property
    def metrics(self) -> list[Metric]:
        """The loss's average, the metrics of `compile`, and those that the model's layers own."""
        if not self.compiled:
            return self._own_metrics()
        averages = [] if self._compile_loss is None else self._compile_loss.metrics
        compiled = [self._loss_tracker, *averages, *self._compile_metrics.metrics]
        return [*compiled, *self._own_metrics()]

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns; accuracies are among them after the first batch.

        Losses of two outputs may share a name, which then comes twice.
        """
        named = self._named_metrics()
        own = [name for name, metric in named if name == metric.name]
        return [*own, *sorted({name for name, _ in named} - set(own))]

    def _named_metrics(self) -> list[tuple[str, Metric]]:
        """All metrics with their names in logs; also those of a subclass's own `metrics`."""
        compiled = self._compile_metrics.named if self.compiled else {}
        names_of = {id(metric): name for name, metric in compiled.items()}
        return [(names_of.get(id(metric), metric.name), metric) for metric in self.metrics]

    def _own_metrics(self) -> list[Metric]:
        """Metrics in attributes of the model and of its layers, not of models inside it."""
        known = self._known_metrics
        if known.change != versions.number:
            known.change, known.metrics = versions.number, self._find_own_metrics()
        return known.metrics

    @functools.cached_property
    def _known_metrics(self) -> _KnownMetrics:
        return _KnownMetrics()

    def _find_own_metrics(self) -> list[Metric]:
        layers = [
            layer
            for layer in self._flatten_layers()
            if layer is self or not isinstance(layer, Steps)
        ]
        found = {id(metric): metric for layer in layers for metric in layer._held_metrics()}
        if self.compiled:
            found.pop(id(self._loss_tracker), None)
        return list(found.values())

    def reset_metrics(self) -> None:
        """Start all metrics again."""
        for metric in self.metrics:
            metric.reset_state()

    def _begin_epoch(self) -> None:
        """Reset metrics and the loss watch: as one program, if nobody wrote code for it."""
        if self.runs_eagerly() or not self._resets_by_bricks():
            self._forget_epoch()
            return
        self.programs.refresh(self)
        # The first batch may make metrics, such as the averages of the losses of several outputs,
        # and totals of metrics, whose shapes are those of outputs.
        kind = ("begin", ALL_PASSES, self._known_metrics.total_count)
        program = self.programs.find(kind, ())
        if program is None:
            program = self.programs.record(self, kind, (), lambda _: self._forget_epoch(), ())
        program.run([])

    def _resets_by_bricks(self) -> bool:
        """Whether resetting metrics only sets their totals to zero."""
        known = self._known_metrics
        if known.reset_change != versions.number:
            known.reset_change = versions.number
            metrics = self.metrics
            known.total_count = sum(len(metric.variables) for metric in metrics)
            known.reset_by_bricks = type(self).reset_metrics is Steps.reset_metrics and all(
                type(metric).reset_state is Metric.reset_state for metric in metrics
            )
        return known.reset_by_bricks

    def _forget_epoch(self) -> None:
        self.reset_metrics()
        self._loss_watch.begin_epoch()

    def get_metrics_result(self) -> dict[str, Any]:
        """Return the results of all metrics so far, by their names in logs."""
        results: dict[str, Any] = {}
        for name, metric in self._named_metrics():
            result = result_of(metric)
            results.update(result if isinstance(result, dict) else {name: result})
        return results

    # ---- steps ----

    def train_step(self, data: Batch) -> dict[str, Any]:
        """Learn from one batch: forward, loss, backward, update. Override it to train otherwise.

        Args:
            data: x, (x, y) or (x, y, sample_weight), of tensors.

        Returns the logs: names and numbers without axes.
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        optimizer = self._optimizer_of_compile()
        with GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self._compute_loss(x, y, y_pred, sample_weight, training=True)
            scaled_loss = optimizer.scale_loss(loss)
        self._track_loss(loss, x)
        weights = self.trainable_variables
        if weights:
            optimizer.apply(tape.gradient(scaled_loss, weights), weights)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data: Batch) -> dict[str, Any]:
        """Evaluate one batch; takes and returns what `train_step` does."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)
        loss = self._compute_loss(x, y, y_pred, sample_weight, training=False)
        self._track_loss(loss, x)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def predict_step(self, data: Batch) -> Any:
        """Return the outputs for one batch."""
        x, _, _ = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)
        _check_outputs(self, y_pred)
        return y_pred

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Tensor:
        """Return the loss of a batch: that of `compile`, plus regularizers and `add_loss`.

        Raises:
            ValueError: when there is none, when targets are missing, or do not fit the outputs.
            IndexError: for labels out of range.
        """
        with recording.Label("loss", "loss"):
            added = list(self.losses)
        if self._compile_loss is not None:
            _check_targets("the loss", y)
            added.insert(0, self._loss_of_targets(y, y_pred, sample_weight))
        if not added:
            raise ValueError("There is nothing to learn from: give a loss, compile(loss='mse')")
        with recording.Label("loss", "loss"):
            totals = [ops.sum(loss) if loss.shape else loss for loss in added]
            for loss in totals[1:]:
                totals[0] = totals[0] + loss
        return totals[0]

    def _compute_loss(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any, training: bool
    ) -> Tensor:
        """`compute_loss`, also of a subclass that knows no `training`, as in Keras 3.0."""
        told = {"training": training} if self._loss_takes_training else {}
        return self.compute_loss(x, y, y_pred, sample_weight, **told)

    def _loss_of_targets(self, y: Any, y_pred: Any, sample_weight: Any) -> Tensor:
        loss = self._loss_of_compile("compute_loss")
        _check_outputs(self, y_pred)
        advice = label_advice(self.name, leaves(y_pred))
        with (
            recording.explained(IndexError, advice, "loss") if loss.takes_labels else nullcontext()
        ):
            try:
                return loss(y, y_pred, sample_weight)
            except ValueError as error:
                if type(error) is not ValueError:
                    raise
                raise of_all_rows(error, leaves((y, y_pred))) from error

    def _track_loss(self, loss: Tensor, x: Any) -> None:
        with recording.Label(self._loss_tracker.name, "metric"):
            self._loss_tracker.update_state(loss, sample_weight=leaves(x)[0].shape[0])

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Update the metrics of `compile` with a batch; return the results of all."""
        if self._compile_metrics.metrics or not self._compile_metrics.built:
            _check_targets("the metrics", y)
            self._compile_metrics.update_state(y, y_pred, sample_weight)
        return self.get_metrics_result()

    # ---- steps as functions of a batch ----

    def make_train_function(self, force: bool = False) -> Callable[[Batch], dict[str, Any]]:
        """Return the function that `fit` runs for each batch.

        Override it to return another one, or to assign it to `train_function`. That one is called
        with a batch, of which `next` gives the batch as well, as of Keras's iterators.

        Args:
            force: accepted for Keras's sake; it is made anew in any case.
        """

        def train(batch: Batch) -> dict[str, Any]:
            logs = self.train_step(batch)
            if not isinstance(logs, dict):
                raise TypeError(
                    f"train_step of {type(self).__name__} must return a dictionary of names and "
                    f"numbers, such as {{'loss': loss}}. It returned {logs!r}"
                )
            with recording.Label("loss", "loss"):
                self._loss_watch.update(logs)
            return logs

        return self._made("train", train)

    def make_test_function(self, force: bool = False) -> Callable[[Batch], dict[str, Any]]:
        """Return the function that `evaluate` runs for each batch; see `make_train_function`."""
        return self._made("test", self.test_step)

    def make_predict_function(self, force: bool = False) -> Callable[[Batch], Any]:
        """Return the function that `predict` runs for each batch; see `make_train_function`."""
        return self._made("predict", self.predict_step)

    def _made(self, step: str, function: Callable) -> BatchFunction:
        made = batch_function(self, step, function)
        name = f"make_{step}_function"
        if getattr(type(self), name) is not getattr(Steps, name):  # an override may read it
            setattr(self, f"{step}_function", made)
        return made

    def _function_of(self, step: str) -> BatchFunction:
        """The function of a step: the model's, or one that a subclass makes."""
        made = getattr(self, f"make_{step}_function")()
        return over_batches(made or getattr(self, f"{step}_function"))

    # ---- before the first step ----

    def _check_compiled(self, method: str) -> None:
        if not self.compiled:
            raise ValueError(
                f"{method}() needs to know how {self.name!r} learns: call compile() first, for "
                "example model.compile(optimizer='adam', loss='mse')"
            )

    def _prepare(self, batch: Callable[[], Batch]) -> None:
        """Make all variables before the first step, by a symbolic call that finds bad shapes."""
        needs_outputs = not (self._is_built_inside() and self._compile_metrics.built)
        if needs_outputs and self._has_call():
            is_usual = type(self).train_step is Steps.train_step  # another may not use `call`
            with suppress(*() if is_usual else (TypeError, ValueError)):
                self._run_on_trial(*unpack_x_y_sample_weight(batch())[:2])
        optimizer = self.optimizer
        if optimizer is None or optimizer.built or not self._is_built_inside():
            return
        if self.trainable_variables:
            optimizer.build(self.trainable_variables)

    def _optimizer_of_compile(self) -> Optimizer:
        if self.optimizer is None:
            raise ValueError(
                f"{self.name!r} was compiled with optimizer=None, so it cannot learn: give an "
                "optimizer, compile(optimizer='adam')"
            )
        return self.optimizer

    def _has_call(self) -> bool:
        """Whether the model can be called; a GAN, say, may have a `train_step` only."""
        return type(self).call is not Layer.call

    def _run_on_trial(self, x: Any, y: Any) -> None:
        y_pred = self._ask_outputs(x)
        if self._compile_loss is not None and y is not None:
            self._compile_loss.build(y_pred)
        if not self._compile_metrics.built and y is not None:
            self._compile_metrics.build(y, y_pred)

    def _ask_outputs(self, x: Any) -> Any:
        """The outputs for x: only their shapes and dtypes have a meaning."""
        return shape_inference.ask(self, lambda x: self(x, training=False), self.run_prefix(x))

    def _try(self, batch: Batch) -> None:
        """Evaluate a batch without counting it: bad validation data raise an error before training,
        not after the first epoch."""
        if type(self).test_step is Steps.test_step:
            parts = unpack_x_y_sample_weight(self._behind_prefix(batch))
            self._check_labels(shape_inference.ask(self, self._evaluate_once, *parts), *parts)

    def _evaluate_once(self, x: Any, y: Any, sample_weight: Any) -> Any:
        y_pred = self(x, training=False)
        self._compute_loss(x, y, y_pred, sample_weight, training=False)
        return y_pred

    def _check_labels(self, y_pred: Any, x: Any, y: Any, sample_weight: Any) -> None:
        """Refuse labels outside the classes. Only a loss on numbers finds them, so it is computed
        for made-up outputs."""
        is_usual = type(self).compute_loss is Steps.compute_loss
        loss = self._compile_loss
        is_one = is_usual and isinstance(y_pred, Tensor)
        if is_one and loss is not None and loss.takes_labels:
            y_pred = ops.zeros(y_pred.shape, y_pred.dtype)
            self._loss_of_targets(y, y_pred, sample_weight)

    def _loss_of_compile(self, method: str) -> CompileLoss:
        self._check_compiled(method)
        if self._compile_loss is None:
            raise ValueError(f"{method}() needs a loss: give one, compile(loss='mse')")
        return self._compile_loss

    def _is_built_inside(self) -> bool:
        """Whether the layers are built: once all are, they stay so until something is set."""
        known = self._known_metrics
        if known.built_change != versions.number or not self.programs.is_current():
            is_built = all(layer.built for layer in self._flatten_layers())
            known.built_change = versions.number if is_built else -1
        return known.built_change == versions.number


def _check_targets(user: str, y: Any) -> None:
    if y is None:
        raise ValueError(
            f"{user} of compile() compares outputs with targets: y is missing, as in fit(x, y)"
        )


def _check_outputs(model: Layer, y_pred: Any) -> None:
    if y_pred is None:
        raise TypeError(f"call() of {model.name!r} returns nothing: end it with return")
