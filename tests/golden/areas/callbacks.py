"""Learning rates that ReduceLROnPlateau and LearningRateScheduler leave after each epoch, the table
that CSVLogger writes, and what a model with averaged weights says to its validation data.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np

# (monitored values, constructor arguments)
PLATEAUS: list[tuple[list[float], dict[str, Any]]] = [
    ([5.0, 4.0, 4.0, 4.0, 4.0, 4.0], {"patience": 2}),
    ([5.0, 4.0, 4.0, 4.0, 4.0, 4.0], {"patience": 1, "factor": 0.5}),
    ([5.0, 5.0, 5.0, 4.0, 5.0, 5.0], {"patience": 1, "factor": 0.5, "cooldown": 2}),
    ([5.0, 5.0, 5.0, 5.0, 5.0, 5.0], {"patience": 0, "factor": 0.5}),
    ([5.0, 5.0, 5.0, 5.0, 5.0], {"patience": 1, "factor": 0.25, "min_lr": 0.02}),
    ([5.0, 4.9999, 4.9998, 4.9997], {"patience": 1, "factor": 0.5}),
    ([5.0, 4.9, 4.8, 4.7], {"patience": 2, "factor": 0.5, "min_delta": 0.15}),
    ([5.0, 4.75, 4.5, 4.25], {"patience": 1, "factor": 0.5, "min_delta": 0.25}),
    ([5.0, 5.1, 5.2, 4.0, 4.5, 3.0], {"patience": 2, "factor": 0.5}),
    ([0.5, 0.6, 0.6, 0.6, 0.7, 0.7], {"patience": 2, "factor": 0.5, "mode": "max"}),
    ([5.0, float("nan"), float("nan"), 4.0], {"patience": 1, "factor": 0.5}),
    ([float("nan"), 5.0, 4.0, 4.0], {"patience": 1, "factor": 0.5}),
    ([5.0] * 8, {"patience": 2, "factor": 0.5, "cooldown": 1}),
    ([5.0, 5.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0], {"patience": 2, "factor": 0.5, "cooldown": 3}),
]


def rates(values: list[float], arguments: dict[str, Any]) -> list[float]:
    callback = keras.callbacks.ReduceLROnPlateau(**arguments)
    optimizer = keras.optimizers.SGD(0.1)
    callback.set_model(SimpleNamespace(optimizer=optimizer, metrics=[]))
    callback.on_train_begin()
    after = []
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {"val_loss": value})
        after.append(float(np.asarray(optimizer.learning_rate)))
    return after


def table(logs: list[dict[str, float]], **arguments: Any) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        callback = keras.callbacks.CSVLogger(path, **arguments)
        callback.on_train_begin()
        for epoch, numbers in enumerate(logs):
            callback.on_epoch_end(epoch, numbers)
        callback.on_train_end()
        return path.read_bytes().decode()


TABLES: list[tuple[list[dict[str, float]], dict[str, Any]]] = [
    ([{"loss": 0.5, "accuracy": 0.25}, {"loss": 0.25, "accuracy": 0.5}], {}),
    ([{"loss": 0.5, "val_loss": 0.75}, {"loss": 0.25}], {}),
    ([{"loss": 0.5}, {"loss": 0.25, "val_loss": 1.5}], {"separator": ";"}),
]


def averaged(swap_on_epoch: bool) -> dict[str, Any]:
    """A line of one weight that is trained with averages, and judged by them."""
    x = np.array([[1.0], [2.0], [3.0], [4.0]], "float32")
    y = 2 * x
    model = keras.Sequential(
        [keras.layers.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")]
    )
    model.compile(keras.optimizers.SGD(0.02, use_ema=True, ema_momentum=0.5), "mse")
    seen: list[float] = []
    swap = keras.callbacks.SwapEMAWeights(swap_on_epoch)
    note = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(float(model.get_weights()[0][0, 0]))
    )
    fitted = model.fit(
        x, y, 2, 3, validation_data=(x, y), shuffle=False, verbose=0, callbacks=[swap, note]
    )
    history = {name: [float(v) for v in values] for name, values in fitted.history.items()}
    return {"weights": seen, "last": float(model.get_weights()[0][0, 0]), "history": history}


def facts() -> dict[str, Any]:
    return {
        "plateaus": [
            {"values": values, "arguments": arguments, "rates": rates(values, arguments)}
            for values, arguments in PLATEAUS
        ],
        "tables": [
            {"logs": logs, "arguments": arguments, "text": table(logs, **arguments)}
            for logs, arguments in TABLES
        ],
        "averaged": {str(swap): averaged(swap) for swap in (False, True)},
    }
