"""When EarlyStopping stops, which epoch it calls best, and which weights it leaves."""

from __future__ import annotations

from typing import Any

import keras

from areas.encoding import encode

# (monitored values, constructor arguments)
CASES: list[tuple[list[float], dict[str, Any]]] = [
    ([5.0, 4.0, 4.5, 4.2, 3.0], {}),
    ([5.0, 6.0, 4.0], {"patience": 0}),
    ([5.0, 5.0, 5.0], {"patience": 1}),
    ([5.0, 4.0, 4.5, 4.2, 3.0], {"patience": 2}),
    ([5.0, 4.0, 4.5, 4.2, 4.1, 3.0], {"patience": 3}),
    ([5.0, 4.0, 4.5, 4.2, 3.0], {"patience": 2, "restore_best_weights": True}),
    ([5.0, 4.0, 4.5], {"patience": 5, "restore_best_weights": True}),
    ([5.0, 4.0, 3.0], {"patience": 5, "restore_best_weights": True}),
    ([5.0, 4.9, 4.8, 4.7, 4.0], {"patience": 2, "min_delta": 0.5}),
    ([5.0, 4.9, 4.8, 4.0, 3.9], {"patience": 2, "min_delta": -0.5}),
    ([5.0, 4.5, 4.0], {"patience": 1, "min_delta": 0.5}),
    ([0.5, 0.6, 0.6, 0.55, 0.7], {"patience": 2, "mode": "max", "restore_best_weights": True}),
    ([0.5, 0.52, 0.54, 0.7], {"patience": 2, "mode": "max", "min_delta": 0.1}),
    ([5.0, 4.0, 3.5, 3.4], {"patience": 2, "baseline": 3.0}),
    ([5.0, 2.0, 2.5, 2.4, 2.3], {"patience": 2, "baseline": 3.0}),
    ([5.0, 4.0, 3.5, 2.0], {"patience": 2, "baseline": 3.0, "restore_best_weights": True}),
    ([1.0, 2.0, 3.0, 4.0, 5.0], {"patience": 1, "start_from_epoch": 2}),
    (
        [1.0, 2.0, 3.0, 2.5, 5.0, 6.0],
        {"patience": 1, "start_from_epoch": 2, "restore_best_weights": True},
    ),
    ([1.0, 2.0], {"patience": 1, "start_from_epoch": 5, "restore_best_weights": True}),
    ([5.0, float("nan"), 4.0, 4.5], {"patience": 1}),
    ([float("nan"), 4.0, 3.0, 2.0], {"patience": 2}),
    ([float("nan")] * 4, {"patience": 2, "restore_best_weights": True}),
    # better and better, but slower than the baseline asks; and beaten once, then never again
    ([10.0, 9.0, 8.0, 8.5, 7.0], {"patience": 2, "baseline": 1.0}),
    ([10.0, 9.0, 8.0, 7.0, 6.0, 5.0], {"patience": 2, "baseline": 1.0}),
    ([10.0, 0.5, 0.6, 0.7, 0.4], {"patience": 2, "baseline": 1.0}),
    (
        [0.5, 10.0, 9.0, 8.0],
        {"patience": 2, "baseline": 1.0, "restore_best_weights": True},
    ),
    (
        [3.0, 5.0, 4.0, 4.5, 6.0, 1.0],
        {"patience": 2, "baseline": 4.0, "mode": "max", "restore_best_weights": True},
    ),
    (
        [1.0, 1.0625, 1.25, 1.3125, 1.34375, 1.5],
        {"patience": 2, "min_delta": 0.125, "mode": "max", "restore_best_weights": True},
    ),
    (
        [1.0, 0.9375, 0.75, 0.6875, 0.65625, 0.5],
        {"patience": 2, "min_delta": 0.125, "restore_best_weights": True},
    ),
    (
        [9.0, 0.5, 1.0, 4.0, 5.0, 0.75],
        {"patience": 2, "start_from_epoch": 2, "restore_best_weights": True},
    ),
    ([0.5, 1.0, 0.75, 0.6], {"patience": 0, "start_from_epoch": 1}),
]

METRICS = (
    "Mean", "Sum", "Accuracy", "BinaryAccuracy", "CategoricalAccuracy",
    "SparseCategoricalAccuracy", "MeanSquaredError", "MeanAbsoluteError", "RootMeanSquaredError",
    "BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy",
)  # fmt: skip


class CountingModel:
    """Stand in for a model: its weights are the number of the epoch that made them."""

    def __init__(self) -> None:
        self.stop_training = False
        self.epoch: int | None = None

    def get_weights(self) -> int | None:
        """Return the epoch whose weights the model holds."""
        return self.epoch

    def set_weights(self, weights: int | None) -> None:
        """Take the weights of an earlier epoch back."""
        self.epoch = weights


def case(values: list[float], arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what the callback does with a sequence of monitored values."""
    callback = keras.callbacks.EarlyStopping(monitor="loss", **arguments)
    model = CountingModel()
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        model.epoch = epoch
        callback.on_epoch_end(epoch, {"loss": value})
        if model.stop_training:
            break
    callback.on_train_end()
    return {
        "arguments": arguments,
        "values": values,
        "epochs_run": epoch + 1,
        "stopped": model.stop_training,
        "stopped_epoch": callback.stopped_epoch,
        "best_epoch": callback.best_epoch,
        "best": encode(callback.best),
        "weights_of_epoch": model.epoch,
    }


def facts() -> dict[str, Any]:
    """Return the cases and the direction in which mode="auto" takes each metric."""
    directions = {
        name: getattr(getattr(keras.metrics, name)(), "_direction", None) for name in METRICS
    }
    return {"cases": [case(*row) for row in CASES], "direction_of_metrics": directions}
