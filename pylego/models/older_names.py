"""What the parts of training were called in Keras 1 and 2."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from pylego.callbacks import History
from pylego.construction import explained
from pylego.core.tensor import Tensor
from pylego.core.tree import leaves
from pylego.names import in_todays_words, note_older


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
        **older: Any,
    ) -> History:
        """Learn from a generator of batches: `fit` under its older name.

        In the words of Keras 1, `samples_per_epoch` and `nb_val_samples` are numbers of samples.
        """
        given = _read("fit_generator", older, _FIT)
        samples, validation = given.get("samples"), given.get("validation_samples")
        generator, steps = _steps(generator, samples, steps_per_epoch)
        if validation is not None:
            validation_data, validation_steps = _steps(validation_data, validation, None)
        return self.fit(
            generator,
            steps_per_epoch=steps,
            epochs=given.get("epochs", epochs),
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
        **older: Any,
    ) -> Any:
        """Evaluate on a generator of batches: `evaluate` under its older name."""
        samples = _read("evaluate_generator", older, _SAMPLES).get("samples")
        generator, steps = _steps(generator, samples, steps)
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
        **older: Any,
    ) -> Any:
        """Predict for a generator of batches: `predict` under its older name."""
        samples = _read("predict_generator", older, _SAMPLES).get("samples")
        generator, steps = _steps(generator, samples, steps)
        return self.predict(generator, steps=steps, callbacks=callbacks, verbose=verbose)

    @explained
    def predict_classes(
        self: Any, x: Any, batch_size: int | None = None, verbose: str | int = 0
    ) -> np.ndarray:
        """Return the class of the largest output; of a single output, whether it is above 1/2."""
        note_older(
            "predict_classes()",
            "np.argmax(model.predict(x), axis=-1), or model.predict(x) > 0.5 of a single output",
        )
        outputs = self.predict(x, batch_size=batch_size, verbose=verbose)
        return outputs.argmax(-1) if outputs.shape[-1] > 1 else (outputs > 0.5).astype("int32")

    @explained
    def predict_proba(
        self: Any, x: Any, batch_size: int | None = None, verbose: str | int = 0
    ) -> np.ndarray:
        """Compute the outputs: `predict` under its older name."""
        note_older("predict_proba()", "predict()")
        return self.predict(x, batch_size=batch_size, verbose=verbose)


_SAMPLES = ("samples",)
_FIT = ("samples", "validation_samples", "epochs")


def _read(method: str, older: dict[str, Any], known: Sequence[str]) -> dict[str, Any]:
    return in_todays_words(method, older, known) if older else {}


def _steps(batches: Any, samples: int | None, steps: int | None) -> tuple[Any, int | None]:
    """Return batches, and how many of them have so many samples: the first one says it."""
    if samples is None or not hasattr(batches, "__iter__") or isinstance(batches, (tuple, list)):
        return batches, steps
    size = getattr(batches, "batch_size", None)
    if size is None:
        first = next(batches)
        batches = itertools.chain([first], batches)
        size = len(leaves(first)[0])
    return batches, -(-int(samples) // int(size))
