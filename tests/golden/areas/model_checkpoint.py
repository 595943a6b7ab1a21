"""What ModelCheckpoint saves, under which names, and what it prints and refuses."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import warnings
from typing import Any

# Constructor arguments; losses of epochs, each a list of those after its batches.
EPOCHS = [[5.0, 4.0], [4.5, 4.25], [3.0, 2.0], [2.5, 2.125]]
CASES: list[dict[str, Any]] = [
    {"filepath": "m.keras"},
    {"filepath": "m.keras", "verbose": 1},
    {"filepath": "m.h5", "verbose": 1},
    {"filepath": "m.weights.h5", "save_weights_only": True, "verbose": 1},
    {"filepath": "in/a/folder/{epoch:02d}-{loss:.2f}.keras", "verbose": 1},
    {"filepath": "{epoch}-{val_loss:.3f}.weights.h5", "save_weights_only": True},
    {"filepath": "m.keras", "monitor": "loss", "save_best_only": True, "verbose": 1},
    {"filepath": "m.keras", "save_best_only": True, "verbose": 1},
    {"filepath": "{epoch}.keras", "monitor": "loss", "save_best_only": True},
    {
        "filepath": "m.keras", "monitor": "loss", "save_best_only": True, "verbose": 1,
        "initial_value_threshold": 2.25,
    },
    {
        "filepath": "m.keras", "monitor": "loss", "save_best_only": True, "verbose": 1,
        "mode": "max",
    },
    {"filepath": "m.keras", "monitor": "loss", "save_best_only": True, "mode": "min"},
    {"filepath": "{epoch:02d}-{batch:02d}.keras", "save_freq": 1, "verbose": 1},
    {"filepath": "{epoch}-{batch}.keras", "save_freq": 3, "verbose": 1},
    {"filepath": "{epoch}-{loss:.1f}.keras", "save_freq": 5},
    {"filepath": "m.keras", "save_freq": 2, "save_best_only": True, "monitor": "loss"},
    {"filepath": "m.keras", "save_freq": 100},
    {"filepath": "m.keras", "monitor": "missing", "save_best_only": True, "verbose": 1},
    {"filepath": "{missing}.keras"},
    {"filepath": "{batch}.keras"},
    {"filepath": "m"},
    {"filepath": "m.hdf5"},
    {"filepath": "m.h5", "save_weights_only": True},
    {"filepath": "m.keras", "save_weights_only": True},
    {"filepath": "m.weights.h5"},
    {"filepath": "m.keras", "save_freq": "batch"},
    {"filepath": "m.keras", "save_freq": 1.5},
    {"filepath": "m.keras", "monitor": "mine", "save_best_only": True},
]  # fmt: skip


class WritingModel:
    """Stand in for a model: it notes what it should write, and writes an empty file."""

    metrics = ()

    def __init__(self) -> None:
        self.written: list[list[str]] = []

    def save(self, path: str, overwrite: bool) -> None:
        """Note it."""
        self._write("model", path)

    def save_weights(self, filepath: str, overwrite: bool) -> None:
        """Note it."""
        self._write("weights", filepath)

    def _write(self, what: str, path: str) -> None:
        self.written.append([what, os.path.relpath(path)])
        with open(path, "w"):
            pass


def run(checkpoint_class: Any, arguments: dict[str, Any], steps_per_call: int) -> dict[str, Any]:
    """Return what a checkpoint does in the epochs, called after so many batches at a time."""
    model = WritingModel()
    found: dict[str, Any] = {"error": None}
    text = io.StringIO()
    with contextlib.redirect_stdout(text), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            train(checkpoint_class(**arguments), model, steps_per_call)
        except Exception as error:
            found["error"] = [type(error).__name__, str(error)]
    found |= {"written": model.written, "printed": text.getvalue(), "warnings": len(warned)}
    return found


def train(checkpoint: Any, model: Any, steps_per_call: int) -> None:
    """Call the hooks as fit does."""
    checkpoint.set_model(model)
    checkpoint.on_train_begin()
    for epoch, losses in enumerate(EPOCHS):
        checkpoint.on_epoch_begin(epoch)
        for batch in range(steps_per_call - 1, len(losses), steps_per_call):
            checkpoint.on_train_batch_end(batch, {"loss": losses[batch]})
        logs = {"loss": losses[-1], "val_loss": losses[-1] + 1, "mine": 0.5 + epoch}
        checkpoint.on_epoch_end(epoch, logs)


def facts() -> dict[str, Any]:
    """Run all cases with Keras; the tests run them without it."""
    import keras
    from keras.src.utils import io_utils

    io_utils.enable_interactive_logging()
    found = []
    for arguments in CASES:
        for steps in (1, 2):
            with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
                outcome = run(keras.callbacks.ModelCheckpoint, arguments, steps)
            found.append({"arguments": arguments, "steps": steps, **outcome})
    return {"cases": found}
