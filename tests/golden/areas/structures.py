"""Training on inputs and targets in dictionaries, lists and tuples, with losses of one's own."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from areas.encoding import encode

ROWS = 10


def data() -> dict[str, Any]:
    """Return the tables of the inputs, the targets and the weights."""
    random = np.random.default_rng(8)
    tables = {
        "a": random.normal(size=(ROWS, 3)),
        "b": random.normal(size=(ROWS, 3)),
        "number": random.normal(size=(ROWS, 1)),
        "pair": random.normal(size=(ROWS, 2)),
        "weight_of_number": random.uniform(size=ROWS),
        "weight_of_pair": random.uniform(size=ROWS),
    }
    return {name: table.round(3).astype("float32") for name, table in tables.items()}


class TwoHeads(keras.Model):
    """A network of two inputs and two outputs, which begins with equal weights everywhere."""

    def __init__(self, is_named: bool):
        super().__init__()
        self.is_named = is_named
        self.hidden = keras.layers.Dense(3, "tanh", kernel_initializer=_constant(0.3))
        self.number = keras.layers.Dense(1, kernel_initializer=_constant(-0.2))
        self.pair = keras.layers.Dense(2, kernel_initializer=_constant(0.1))

    def call(self, inputs: Any) -> Any:
        """Return {"number": ..., "pair": (...,)}, or the two in a list."""
        a, b = (inputs["a"], inputs["more"][0]) if self.is_named else inputs
        hidden = self.hidden(a) + self.hidden(b * 2)
        number, pair = self.number(hidden), self.pair(hidden)
        return {"number": number, "pair": (pair,)} if self.is_named else [number, pair]

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Return the weighted squares of what both outputs miss."""
        number, pair = self._parts(y)
        near_number, near_pair = self._parts(y_pred)
        losses = [
            ops.mean(ops.square(number - near_number), axis=-1),
            ops.mean(ops.square(pair - near_pair), axis=-1),
        ]
        weights = [1.0, 1.0] if sample_weight is None else self._parts(sample_weight)
        return sum(ops.mean(loss * weight) for loss, weight in zip(losses, weights))

    def _parts(self, outputs: Any) -> Any:
        return (outputs["number"], outputs["pair"][0]) if self.is_named else outputs


def _constant(value: float) -> Any:
    return keras.initializers.Constant(value)


def arranged(is_named: bool) -> tuple[Any, Any, Any]:
    """Return inputs, targets and weights in their structures."""
    t = data()
    weights = t["weight_of_number"], t["weight_of_pair"]
    if not is_named:
        return [t["a"], t["b"]], [t["number"], t["pair"]], list(weights)
    named = {"number": weights[0], "pair": (weights[1],)}
    return (
        {"a": t["a"], "more": (t["b"],)},
        {"number": t["number"], "pair": (t["pair"],)},
        named,
    )


FITS: dict[str, dict[str, Any]] = {
    "plain": {"batch_size": 4},
    "validation_split": {"batch_size": 3, "validation_split": 0.3},
    "steps": {"batch_size": 4, "steps_per_epoch": 2},
}


def scenario(is_named: bool, is_weighted: bool, fit: dict[str, Any]) -> dict[str, Any]:
    """Train, evaluate and predict."""
    x, y, weights = arranged(is_named)
    given = {"sample_weight": weights} if is_weighted else {}
    model = TwoHeads(is_named)
    model.compile(keras.optimizers.SGD(0.1))
    history = model.fit(x, y, epochs=3, shuffle=False, verbose=0, **given, **fit)
    evaluated = model.evaluate(x, y, batch_size=4, verbose=0, return_dict=True, **given)
    outputs = model.predict(x, batch_size=4, verbose=0)
    return {
        "is_named": is_named,
        "is_weighted": is_weighted,
        "fit": fit,
        "history": history.history,
        "evaluate": evaluated,
        "predict": encode(outputs),
        "train_on_batch": model.train_on_batch(x, y, return_dict=True),
        "predict_on_batch": encode(model.predict_on_batch(x)),
    }


def facts() -> dict[str, Any]:
    """Return the data, and what Keras makes of them."""
    scenarios = {
        f"{'named' if is_named else 'listed'}, {'weighted' if is_weighted else 'plain'}, {name}": (
            scenario(is_named, is_weighted, fit)
        )
        for is_named in (True, False)
        for is_weighted in (True, False)
        for name, fit in FITS.items()
    }
    return {"data": encode(data()), "scenarios": scenarios}
