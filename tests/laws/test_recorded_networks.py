"""Training steps of random small networks give the same bits now and recorded."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from recorded import ALL, Recorded, bits

from pylego import engine, optimizers, regularizers
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.layers import Dense, Dropout
from pylego.models import Sequential
from pylego.optimizers import Optimizer
from pylego.utils import set_random_seed

pytestmark = pytest.mark.filterwarnings("ignore:softmax over a single number")

STEPS = 4
ACTIVATIONS = (None, "relu", "sigmoid", "tanh", "softmax", "softplus", "elu", "gelu", "selu")
OPTIMIZERS: dict[str, tuple[type[Optimizer], dict[str, Any]]] = {
    "sgd": (optimizers.SGD, {}),
    "momentum": (optimizers.SGD, {"momentum": 0.9}),
    "nesterov": (optimizers.SGD, {"momentum": 0.9, "nesterov": True}),
    "rmsprop": (optimizers.RMSprop, {}),
    "centered": (optimizers.RMSprop, {"centered": True, "momentum": 0.5}),
    "adam": (optimizers.Adam, {}),
    "amsgrad": (optimizers.Adam, {"amsgrad": True}),
    "adamw": (optimizers.AdamW, {}),
}
EXTRAS: tuple[dict[str, Any], ...] = (
    {}, {"clipnorm": 0.1}, {"clipvalue": 0.01}, {"global_clipnorm": 0.1}, {"weight_decay": 0.1},
    {"use_ema": True, "ema_overwrite_frequency": 2}, {"gradient_accumulation_steps": 2},
    {"loss_scale_factor": 8.0}, {"gradient_accumulation_steps": 3, "use_ema": True},
)  # fmt: skip
# Each loss with its last activation, its metrics, and how many classes its targets have.
LOSSES: dict[str, tuple[str | None, tuple[str, ...]]] = {
    "mse": (None, ("mae",)),
    "mae": ("tanh", ("mse",)),
    "binary_crossentropy": ("sigmoid", ("accuracy", "binary_crossentropy")),
    "categorical_crossentropy": ("softmax", ("accuracy", "mse")),
    "sparse_categorical_crossentropy": ("softmax", ("accuracy", "sparse_categorical_crossentropy")),
}


class Plan:
    """What is drawn of a network: enough to build it twice."""

    def __init__(self, draw: Callable, optimizer: str):
        def choose(options: Sequence[Any]) -> Any:
            return draw(st.sampled_from(options))

        self.optimizer = optimizer
        self.batch = choose((1, 2, 5, 10, 33))
        self.inputs = choose((1, 3, 8))
        sizes = draw(st.lists(st.sampled_from((1, 2, 7, 64)), max_size=3))
        self.layers = [(size, choose(ACTIVATIONS), choose((None, None, "l2"))) for size in sizes]
        self.dropout = choose((None, 0.3))
        self.loss = choose(sorted(LOSSES))
        self.extra = choose(EXTRAS)
        self.seed = draw(st.integers(0, 1000))

    def model(self) -> Sequential:
        set_random_seed(self.seed)
        activation, metrics = LOSSES[self.loss]
        layers = [
            Dense(size, activation=kind, kernel_regularizer=term and regularizers.get(term))
            for size, kind, term in self.layers
        ]
        if self.dropout:
            layers.append(Dropout(self.dropout))
        model = Sequential([*layers, Dense(self.outputs, activation=activation)])
        make, arguments = OPTIMIZERS[self.optimizer]
        optimizer = make(**{**arguments, **self.extra})
        model.compile(optimizer=optimizer, loss=self.loss, metrics=list(metrics))
        model.train_on_batch(*[x.numpy() for x in self.data(0)])  # makes the variables
        return model

    @property
    def outputs(self) -> int:
        return 4 if "categorical" in self.loss else 2

    def data(self, step: int) -> list[Tensor]:
        generator = np.random.default_rng(self.seed + step)
        x = generator.normal(size=(self.batch, self.inputs)).astype("float32")
        labels = generator.integers(0, self.outputs, self.batch)
        y: np.ndarray = generator.normal(size=(self.batch, self.outputs)).astype("float32")
        if self.loss.startswith("sparse"):
            y = labels
        elif self.loss.startswith("categorical"):
            y = np.eye(self.outputs, dtype="float32")[labels]
        elif self.loss.startswith("binary"):
            y = (y > 0).astype("float32")
        return [Tensor(engine.tensor_around(array)) for array in (x, y)]


def train(model: Sequential) -> Callable[..., list[Tensor]]:
    """The model's training step, with its logs in the order of their names."""

    def step(x: Tensor, y: Tensor) -> list[Tensor]:
        logs = model.train_step((x, y))
        return [logs[name] for name in sorted(logs)]

    return step


def state(model: Sequential) -> list[Variable]:
    metrics = [variable for metric in model.metrics for variable in metric.variables]
    return [*model.variables, *model.optimizer.variables, *metrics]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@given(data=st.data())
def test_training_steps_give_the_same_bits(optimizer: str, data: Any) -> None:
    plan = Plan(data.draw, optimizer)
    some = data.draw(st.sets(st.sampled_from(sorted(engine.PASSES))))
    now = plan.model()
    models = [(plan.model(), ALL), (plan.model(), sum(engine.PASSES[name] for name in some))]
    steps = [Recorded(train(model), plan.data(0), passes) for model, passes in models]
    for number in range(STEPS):
        batch = plan.data(number)
        wanted = bits([*train(now)(*batch), *state(now)])
        for (model, passes), step in zip(models, steps):
            assert bits([*step(*batch), *state(model)]) == wanted, passes


@pytest.mark.parametrize(("loss", "extra"), list(zip(itertools.cycle(LOSSES), EXTRAS)))
@settings(max_examples=1)
@given(data=st.data())
def test_no_loss_and_no_setting_is_left_out(loss: str, extra: dict[str, Any], data: Any) -> None:
    plan = Plan(data.draw, "adam")
    plan.loss, plan.extra = loss, extra
    model = plan.model()
    other = plan.model()
    step = Recorded(train(other), plan.data(0))
    batch = plan.data(1)
    assert bits(step(*batch)) == bits(train(model)(*batch))
    assert bits(state(model)) == bits(state(other))
