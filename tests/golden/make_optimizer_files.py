"""Files of real Keras with the state of every optimizer: `optimizer_files.zip` beside this script.

`python tests/golden/make_optimizer_files.py` writes it, with Keras 3.15 and jax: for each optimizer
a model after three steps, and the weights after three more.
"""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import json
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from keras import optimizers
from keras.optimizers import schedules

HERE = Path(__file__).parent

MAKERS: dict[str, Callable[[], optimizers.Optimizer]] = {
    "sgd": lambda: optimizers.SGD(0.05, momentum=0.9, nesterov=True),
    "rmsprop": lambda: optimizers.RMSprop(0.01, momentum=0.5, centered=True),
    "adam": lambda: optimizers.Adam(0.01, amsgrad=True),
    "adamw": lambda: optimizers.AdamW(0.01, use_ema=True),
    "adadelta": lambda: optimizers.Adadelta(1.0),
    "adagrad": lambda: optimizers.Adagrad(0.1),
    "adamax": lambda: optimizers.Adamax(0.01, clipnorm=0.5),
    "nadam": lambda: optimizers.Nadam(0.01),
    "ftrl": lambda: optimizers.Ftrl(0.1, l1_regularization_strength=0.01),
    "lion": lambda: optimizers.Lion(0.01, weight_decay=0.1),
    "lamb": lambda: optimizers.Lamb(0.01),
    "adafactor": lambda: optimizers.Adafactor(0.1),
    "muon": lambda: optimizers.Muon(0.01),
    "schedule_free": lambda: optimizers.ScheduleFreeAdamW(0.01, warmup_steps=2),
    "accumulation": lambda: optimizers.Nadam(0.01, gradient_accumulation_steps=2),
    "loss_scale": lambda: optimizers.LossScaleOptimizer(
        optimizers.Adam(0.01), initial_scale=64.0, dynamic_growth_steps=2
    ),
    "several": lambda: optimizers.MultiOptimizer(
        optimizers.OptimizerMap(
            optimizers.SGD(0.05, momentum=0.9), {".*/dense_1/.*": optimizers.Adam(0.01)}
        )
    ),
    "schedule": lambda: optimizers.Adam(
        schedules.CosineDecay(0.001, decay_steps=10, warmup_target=0.1, warmup_steps=2)
    ),
    "piecewise": lambda: optimizers.SGD(
        schedules.PiecewiseConstantDecay([2, 4], [0.1, 0.05, 0.01])
    ),
}


def make_model(optimizer: optimizers.Optimizer) -> keras.Model:
    """Return a model of two layers whose weights begin at round numbers."""
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(3, activation="tanh"), keras.layers.Dense(2)]
    )
    random = np.random.default_rng(3)
    model.set_weights([random.normal(size=w.shape).round(2) for w in model.get_weights()])
    model.compile(optimizer=optimizer, loss="mse")
    return model


def parts_of(optimizer: optimizers.Optimizer) -> list[optimizers.Optimizer]:
    """Return the optimizers that have learning rates."""
    return getattr(optimizer, "optimizers", [optimizer])


def data() -> tuple[np.ndarray, np.ndarray]:
    """Return one batch of rows and targets."""
    random = np.random.default_rng(4)
    return tuple(random.normal(size=(8, n)).round(2).astype("float32") for n in (4, 2))


def write(folder: Path) -> None:
    """Write `name.keras` for each optimizer, and what becomes of it."""
    x, y = data()
    expected = {"x": x.tolist(), "y": y.tolist(), "cases": {}}
    for name, make in MAKERS.items():
        keras.utils.clear_session()
        model = make_model(make())
        for _ in range(3):
            model.train_on_batch(x, y)
        # Averages share jax's buffers with the weights, and jax takes those that a step has read.
        model.set_weights(model.get_weights())
        model.save(folder / f"{name}.keras")
        model.save_weights(folder / f"{name}.weights.h5")
        for _ in range(3):
            model.train_on_batch(x, y)
        flat = np.concatenate([w.ravel() for w in model.get_weights()])
        expected["cases"][name] = {
            "weights": [float(str(w)) for w in flat],
            "learning_rate": [float(one.learning_rate) for one in parts_of(model.optimizer)],
            "config": model.optimizer.get_config(),
        }
    text = json.dumps(expected, default=float)
    (folder / "expected.json").write_text(text, encoding="utf-8")


def pack(target: Path) -> None:
    """Write all into one archive."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(target, "w") as archive:
        write(Path(folder))
        for path in sorted(Path(folder).iterdir()):
            archive.write(path, path.name, zipfile.ZIP_DEFLATED, 9)


if __name__ == "__main__":
    pack(HERE / "optimizer_files.zip")
