"""What the parts of training were called in Keras 1 and 2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego.callbacks import History
from pylego.construction import explained
from pylego.core.tensor import Tensor


class CompiledMetrics:
    """The metrics of `compile`, as a `train_step` for Keras 2 updates them.

    Args:
        model: whose metrics they are.
    """

    def __init__(self, model: Any):
        self._model = model

    @property
    def metrics(self) -> list:
        """The metrics, once outputs are known."""
        return self._model._compile_metrics.metrics

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch."""
        self._model.compute_metrics(None, y_true, y_pred, sample_weight)

    def reset_state(self) -> None:
        """Start again."""
        for metric in self.metrics:
            metric.reset_state()


class OlderNames:
    """The part of `Model` that programs for Keras 1 and 2 still call.

    `max_queue_size`, `workers` and `use_multiprocessing` say nothing here.
    """

    def compiled_loss(
        self: Any,
        y_true: Any,
        y_pred: Any,
        sample_weight: Any = None,
        regularization_losses: Sequence[Any] | None = None,
    ) -> Tensor:
        """Return the loss of `compile` for a batch, and note it for the logs.

        Args:
            y_true: the targets.
            y_pred: the outputs.
            sample_weight: how much each sample counts.
            regularization_losses: what is added: `self.losses`.

        Raises:
            ValueError: before `compile`, or when it has no loss.
        """
        loss = self._loss_of_compile("compiled_loss")(y_true, y_pred, sample_weight)
        for added in regularization_losses or ():
            loss = loss + added
        self._track_loss(loss, y_pred)
        return loss

    @property
    def compiled_metrics(self) -> CompiledMetrics:
        """The metrics of `compile`, for their method `update_state`."""
        return CompiledMetrics(self)

    def reset_states(self: Any) -> None:
        """Make the states of all layers with stateful=True 0."""
        for layer in self._flatten_layers():
            if layer is not self and getattr(layer, "stateful", False):
                layer.reset_state()

    @explained
    def fit_generator(
        self: Any,
        generator: Any,
        steps_per_epoch: int | None = None,
        epochs: int = 1,
        verbose: str | int = 1,
        callbacks: Any = None,
        validation_data: Any = None,
        validation_steps: int | None = None,
        validation_freq: int | Sequence[int] = 1,
        class_weight: dict[int, float] | None = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        shuffle: bool = True,
        initial_epoch: int = 0,
    ) -> History:
        """Learn from a generator of batches: `fit` under its older name."""
        return self.fit(
            generator,
            steps_per_epoch=steps_per_epoch,
            epochs=epochs,
            verbose=verbose,
            callbacks=callbacks,
            validation_data=validation_data,
            validation_steps=validation_steps,
            validation_freq=validation_freq,
            class_weight=class_weight,
            initial_epoch=initial_epoch,
        )

    @explained
    def evaluate_generator(
        self: Any,
        generator: Any,
        steps: int | None = None,
        callbacks: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        verbose: str | int = 0,
    ) -> Any:
        """Evaluate on a generator of batches: `evaluate` under its older name."""
        return self.evaluate(generator, steps=steps, callbacks=callbacks, verbose=verbose)

    @explained
    def predict_generator(
        self: Any,
        generator: Any,
        steps: int | None = None,
        callbacks: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        verbose: str | int = 0,
    ) -> Any:
        """Predict for a generator of batches: `predict` under its older name."""
        return self.predict(generator, steps=steps, callbacks=callbacks, verbose=verbose)
