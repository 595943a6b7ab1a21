"""What training was called when batches came from a generator, before `fit` took these too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego.callbacks import History
from pylego.construction import explained


class OlderNames:
    """The part of `Model` that programs for Keras 1 and 2 still call.

    All of them take `max_queue_size`, `workers` and `use_multiprocessing`, which say nothing here.
    """

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
