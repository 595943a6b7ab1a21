"""Every argument of optimizers, schedules, losses and metrics changes something, and is checked.

The tables are walked beside the public classes: an argument without an entry is red, and so is one
that nothing depends on. Callbacks have test_callback_arguments.py.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from pylego import Variable, losses, metrics, ops, optimizers
from pylego.optimizers import schedules

BASES = (
    "Optimizer", "OptimizerMap", "LearningRateSchedule", "Loss", "Metric", "LossFunctionWrapper",
    "MeanMetricWrapper",
)  # fmt: skip
PACKAGES = {
    "optimizers": optimizers, "schedules": schedules, "losses": losses, "metrics": metrics,
}  # fmt: skip
RANDOM = np.random.default_rng(5)


def absolute(y_true: Any, y_pred: Any, scale: float = 1.0) -> Any:
    return scale * ops.mean(ops.absolute(y_true - y_pred), axis=-1)


def all_classes() -> Iterator[tuple[str, type]]:
    for chapter, package in PACKAGES.items():
        for name in package.__all__:
            kind = getattr(package, name)
            if inspect.isclass(kind) and name not in BASES:
                yield chapter, kind


def arguments_of(kind: type) -> list[str]:
    parameters = inspect.signature(kind).parameters.values()
    return [p.name for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]


# ---- what classes need ------------------------------------------------------------------------

NEEDED: dict[str, dict[str, Any]] = {
    "LossScaleOptimizer": {"inner_optimizer": optimizers.SGD(0.1)},
    "MultiOptimizer": {"optimizer_map": optimizers.OptimizerMap(optimizers.SGD(0.1))},
    "CosineDecay": {"initial_learning_rate": 0.5, "decay_steps": 4},
    "CosineDecayRestarts": {"initial_learning_rate": 0.5, "first_decay_steps": 2},
    "ExponentialDecay": {"initial_learning_rate": 0.5, "decay_steps": 4, "decay_rate": 0.5},
    "InverseTimeDecay": {"initial_learning_rate": 0.5, "decay_steps": 4, "decay_rate": 0.5},
    "PiecewiseConstantDecay": {"boundaries": [2, 4], "values": [0.5, 0.25, 0.125]},
    "PolynomialDecay": {"initial_learning_rate": 0.5, "decay_steps": 4},
    "IoU": {"num_classes": 3, "target_class_ids": [0]},
    "MeanIoU": {"num_classes": 3},
    "OneHotIoU": {"num_classes": 3, "target_class_ids": [0]},
    "OneHotMeanIoU": {"num_classes": 3},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
}

# ---- another value of each argument -----------------------------------------------------------

# An argument: a value that is not the default, or that and what has to be there beside it.
EMA = {"use_ema": True}
OTHERS: dict[str, dict[str, Any]] = {
    "optimizers": {
        "learning_rate": 0.25, "weight_decay": 0.1, "clipnorm": 0.1, "clipvalue": 0.01,
        "global_clipnorm": 0.1, "use_ema": True, "ema_momentum": (0.5, EMA),
        "ema_overwrite_frequency": (2, EMA), "loss_scale_factor": 4.0,
        "gradient_accumulation_steps": 2, "name": "another", "beta_1": 0.5, "beta_2": 0.5,
        "epsilon": 0.1, "rho": 0.5, "momentum": 0.5, "nesterov": True,
    },
    "schedules": {
        "initial_learning_rate": 0.25, "decay_steps": 3, "decay_rate": 0.25, "alpha": 0.1,
        "staircase": True, "name": "another",
    },
    "losses": {
        "from_logits": True, "label_smoothing": 0.1, "axis": 0, "reduction": "sum",
        "name": "another", "dtype": "float64", "gamma": 1.0, "alpha": 0.75, "beta": 0.75,
    },
    "metrics": {
        "name": "another", "dtype": "float64", "axis": 0, "threshold": 0.3, "from_logits": True,
        "label_smoothing": 0.1, "thresholds": [0.2, 0.6], "class_id": 1, "num_thresholds": 3,
        "top_k": 1, "ignore_class": 0, "num_classes": 4, "target_class_ids": [1], "k": 2,
        "average": "macro", "sparse_y_true": False, "sparse_y_pred": False,
    },
}  # fmt: skip
SEPARATE: dict[str, dict[str, Any]] = {  # where a class has other values
    "SGD": {"nesterov": (True, {"momentum": 0.5})},
    "RMSprop": {"centered": True},
    "Adam": {"amsgrad": True},
    "AdamW": {"amsgrad": True},
    "Adagrad": {"initial_accumulator_value": 1.0},
    "Adafactor": {
        "beta_2_decay": -0.3, "epsilon_1": 0.1, "epsilon_2": 2.0, "clip_threshold": 0.5,
        "relative_step": False,
    },
    "Ftrl": {
        "learning_rate_power": -0.7, "initial_accumulator_value": 1.0, "beta": 0.1,
        "l1_regularization_strength": 0.1, "l2_regularization_strength": 0.1,
        "l2_shrinkage_regularization_strength": 0.1,
    },
    "LossScaleOptimizer": {
        "inner_optimizer": optimizers.SGD(0.2), "initial_scale": 8.0, "dynamic_growth_steps": 2,
    },
    "MultiOptimizer": {"optimizer_map": optimizers.OptimizerMap(optimizers.Adam(0.1))},
    "Muon": {
        "adam_beta_1": 0.5, "adam_beta_2": 0.5, "adam_weight_decay": 0.5, "weight_decay": 0.5,
        "exclude_layers": ["kern"], "exclude_embeddings": False, "muon_a": 2.0, "muon_b": -5.0,
        "muon_c": 0.5, "adam_lr_ratio": 0.5, "ns_steps": 2, "nesterov": False, "rms_rate": None,
    },
    "ScheduleFreeAdamW": {"warmup_steps": 3},
    "CosineDecay": {
        "warmup_target": 1.0, "warmup_steps": (2, {"warmup_target": 1.0}),
    },
    "CosineDecayRestarts": {"first_decay_steps": 3, "t_mul": 1.0, "m_mul": 0.5},
    "PiecewiseConstantDecay": {"boundaries": [1, 4], "values": [0.5, 0.25, 0.1]},
    "PolynomialDecay": {"end_learning_rate": 0.1, "power": 2.0, "cycle": True},
    "BinaryCrossentropy": {"axis": (0, {"reduction": "none"})},
    "BinaryFocalCrossentropy": {
        "axis": (0, {"reduction": "none"}),
        "apply_class_balancing": True, "alpha": (0.75, {"apply_class_balancing": True}),
    },
    "CategoricalGeneralizedCrossEntropy": {"q": 0.25},
    "Circle": {"margin": 0.1, "remove_diagonal": False},
    "Dice": {"reduction": ("sum", {"axis": -1})},
    "Tversky": {"reduction": ("sum", {"axis": -1})},
    "Huber": {"delta": 0.1},
    "SparseCategoricalCrossentropy": {"ignore_class": 1},
    "AUC": {
        "curve": "PR", "summation_method": "minoring", "multi_label": True,
        "num_labels": (2, {"multi_label": True}),
        "label_weights": ([0.5, 0.25, 0.25], {"multi_label": True}),
    },
    "FBetaScore": {"beta": (2.0, {"threshold": 0.3})},
    "PrecisionAtRecall": {"recall": 0.99},
    "RecallAtPrecision": {"precision": 0.1},
    "SensitivityAtSpecificity": {"specificity": 0.9},
    "SpecificityAtSensitivity": {"sensitivity": 0.9},
    "R2Score": {"class_aggregation": "variance_weighted_average", "num_regressors": 1},
    "SparseTopKCategoricalAccuracy": {"from_sorted_ids": (True, {"k": 1})},
    "IoU": {"axis": (0, {"sparse_y_true": False, "sparse_y_pred": False})},
    "MeanIoU": {"axis": (0, {"sparse_y_true": False, "sparse_y_pred": False})},
    "OneHotIoU": {"sparse_y_pred": True},
    "OneHotMeanIoU": {"sparse_y_pred": True},
}  # fmt: skip


def other_of(chapter: str, kind: type, argument: str) -> Any:
    table = {**OTHERS[chapter], **SEPARATE.get(kind.__name__, {})}
    assert argument in table, f"{kind.__name__}: no other value of {argument} is tried here"
    other = table[argument]
    return other if isinstance(other, tuple) else (other, {})


# ---- what comes of an object ------------------------------------------------------------------


def seen(*values: Any) -> list[Any]:
    """Numbers as bytes, so that dtypes count as well."""
    arrays = [np.asarray(v.numpy() if hasattr(v, "numpy") else v) for v in values]
    return [(array.dtype.name, array.tobytes()) for array in arrays]


def steps_of(optimizer: Any) -> Any:
    """Where seven steps lead, the state that is left, and the averages."""
    shapes = {"kernel": (4, 3), "bias": (3,), "embeddings": (3, 2)}
    random = np.random.default_rng(1)
    variables = [
        Variable(random.normal(size=shape).astype("f4"), name=name)
        for name, shape in shapes.items()
    ]
    for _ in range(7):
        gradients = [random.normal(size=v.shape).astype("f4") for v in variables]
        optimizer.apply(gradients, variables)
    steps = seen(*variables, *optimizer.variables)
    optimizer.finalize_variable_values(variables)
    return steps, seen(*variables), [v.path for v in optimizer.variables]


def rates_of(schedule: Any) -> Any:
    return [float(schedule(step)) for step in range(12)], schedule.name


SCORES = RANDOM.uniform(0.05, 1, (30, 3)).astype("f4")
PROBABILITIES = SCORES / SCORES.sum(axis=1, keepdims=True)
ONE_HOT = np.eye(3, dtype="f4")[RANDOM.integers(0, 3, 30)]
LABELS = np.array([0, 1, 2])  # as many samples as classes, so that either axis can be that of them
DATA: dict[str, tuple[Any, Any]] = {
    "CTC": (np.array([[1, 2], [2, 1]]), RANDOM.normal(size=(2, 4, 3)).astype("f4")),
    "Circle": (np.arange(30) % 4, SCORES / np.linalg.norm(SCORES, axis=1, keepdims=True)),
    "CategoricalGeneralizedCrossEntropy": (LABELS, PROBABILITIES[:3]),
    "SparseCategoricalCrossentropy": (LABELS, PROBABILITIES[:3]),
    "SparseCategoricalAccuracy": (LABELS, PROBABILITIES[:3]),
    "SparseTopKCategoricalAccuracy": (LABELS, np.argsort(-PROBABILITIES[:3]).astype("f4")),
    "IoU": (np.eye(3)[[0, 1, 0]].astype("i4"), np.eye(3)[[0, 2, 1]].astype("i4")),
    "MeanIoU": (np.eye(3)[[0, 1, 0]].astype("i4"), np.eye(3)[[0, 2, 1]].astype("i4")),
    "OneHotIoU": (np.eye(3)[[0, 1, 0]], np.eye(3)[[0, 2, 1]]),
    "OneHotMeanIoU": (np.eye(3)[[0, 1, 0]], np.eye(3)[[0, 2, 1]]),
    "BinaryIoU": (ONE_HOT, SCORES),
    "PrecisionAtRecall": (np.array([[0, 1]] * 3), np.array([[0.1, 0.7], [0.6, 0.3], [0.1, 0.9]])),
}


def loss_of(loss: Any) -> Any:
    y_true, y_pred = DATA.get(type(loss).__name__, (ONE_HOT, PROBABILITIES))
    return seen(loss(y_true, y_pred)), loss.name


def result_of(metric: Any) -> Any:
    """Two batches of different weights; a metric may refuse them, which is an answer as well."""
    y_true, y_pred = DATA.get(type(metric).__name__, (ONE_HOT, PROBABILITIES))
    try:
        if type(metric) in (metrics.Sum, metrics.Mean):
            metric.update_state(y_pred)
        else:
            metric.update_state(y_true, y_pred)
            metric.update_state(y_true[:2], y_pred[:2] * np.float32(0.5))
        result = seen(metric.result())
    except (TypeError, ValueError) as error:
        result = [str(error)]
    return result, [v.path for v in metric.variables], seen(*metric.variables)


OUTCOMES: dict[str, Callable[[Any], Any]] = {
    "optimizers": steps_of, "schedules": rates_of, "losses": loss_of, "metrics": result_of,
}  # fmt: skip
CASES = [(chapter, kind, a) for chapter, kind in all_classes() for a in arguments_of(kind)]
IDS = [f"{chapter}.{kind.__name__}: {argument}" for chapter, kind, argument in CASES]


def is_kept_for_keras(kind: type, argument: str) -> bool:
    return f"{argument}: kept for Keras's sake" in (kind.__doc__ or "")


@pytest.mark.parametrize(("chapter", "kind", "argument"), CASES, ids=IDS)
def test_every_argument_changes_something(chapter: str, kind: type, argument: str) -> None:
    other, beside = other_of(chapter, kind, argument)
    needed = {**NEEDED.get(kind.__name__, {}), **beside}
    if chapter in ("optimizers", "metrics"):
        needed = {"name": "one", **needed}
    plain, changed = (
        OUTCOMES[chapter](kind(**arguments)) for arguments in (needed, {**needed, argument: other})
    )
    assert (plain == changed) == is_kept_for_keras(kind, argument)


# ---- mistakes ---------------------------------------------------------------------------------

# What is taken as it comes: names are texts, and dtypes have their own messages.
FREE = {"name", "exclude_layers", "curve", "summation_method"}


@pytest.mark.parametrize(("chapter", "kind", "argument"), CASES, ids=IDS)
def test_every_argument_is_checked(chapter: str, kind: type, argument: str) -> None:
    if argument in FREE - {"curve", "summation_method"}:
        pytest.skip("any text will do")
    with pytest.raises((TypeError, ValueError), match=f"{argument}|nonsense"):
        kind(**{**NEEDED.get(kind.__name__, {}), argument: "nonsense"})
    if isinstance(other_of(chapter, kind, argument)[0], float):
        for value in (np.nan, 1 + 2j):
            with pytest.raises((TypeError, ValueError), match=argument):
                kind(**{**NEEDED.get(kind.__name__, {}), argument: value})


@pytest.mark.parametrize(
    ("name", "argument", "values"),
    [
        ("optimizers.SGD", "learning_rate", [-0.1, np.inf, -np.inf]),
        ("optimizers.SGD", "momentum", [-0.1, 1.1]),
        ("optimizers.Adam", "beta_1", [1, 1.5, -0.1]),
        ("optimizers.AdamW", "beta_2", [1, 1.5, -0.1]),
        ("optimizers.Lion", "beta_1", [0, 1.5]),
        ("optimizers.Adam", "epsilon", [-1e-7, np.inf]),
        ("optimizers.Adam", "use_ema", [2, "no", None]),
        ("optimizers.Adafactor", "clip_threshold", [0, -1]),
        ("optimizers.Adafactor", "beta_2_decay", [0.8]),
        ("optimizers.Ftrl", "learning_rate_power", [0.5]),
        ("optimizers.ScheduleFreeAdamW", "warmup_steps", [-1, 2.5]),
        ("schedules.ExponentialDecay", "initial_learning_rate", ["a", -1, np.inf]),
        ("schedules.ExponentialDecay", "decay_steps", [0, -3, np.inf]),
        ("schedules.CosineDecay", "warmup_steps", [-2]),
        ("schedules.CosineDecay", "alpha", [-0.1, 2]),
        ("schedules.CosineDecayRestarts", "t_mul", [0.5]),
        ("schedules.PiecewiseConstantDecay", "values", ["abc", [1, 2, "a"], 3, [-1, 1, 1]]),
        ("losses.BinaryFocalCrossentropy", "gamma", [-1]),
        ("losses.CategoricalFocalCrossentropy", "alpha", [-1, [0.5, "a"]]),
        ("losses.CategoricalGeneralizedCrossEntropy", "q", [0, 1]),
        ("losses.Dice", "axis", [1.5, (0, "a")]),
        ("metrics.BinaryAccuracy", "threshold", [np.inf, np.nan]),
        ("metrics.TopKCategoricalAccuracy", "k", [0, 1.5]),
        ("metrics.AUC", "label_weights", [[-1.0, 2.0], 3]),
        ("metrics.FBetaScore", "threshold", [0, 1.5]),
        ("metrics.Precision", "thresholds", [2, [0.5, -1]]),
    ],
)
def test_values_that_mean_nothing_are_refused(name: str, argument: str, values: list) -> None:
    chapter, name = name.split(".")
    for value in values:
        with pytest.raises((TypeError, ValueError), match=rf"^{name}: {argument} must"):
            getattr(PACKAGES[chapter], name)(**{**NEEDED.get(name, {}), argument: value})


def test_values_that_mean_none_or_no_limit_are_taken() -> None:
    optimizers.Adam(clipnorm=0, gradient_accumulation_steps=0, ema_overwrite_frequency=0)
    optimizers.Adam(clipvalue=np.inf, weight_decay=0)
    optimizers.Adafactor(clip_threshold=np.inf)
    metrics.BinaryAccuracy(threshold=-2.0)  # of logits
    losses.Tversky(axis=[0, 1])
    assert float(optimizers.SGD(np.float32(0.5)).learning_rate) == 0.5


def test_a_learning_rate_is_checked_where_it_is_set() -> None:
    optimizer = optimizers.SGD(0.5)
    for value in (-1.0, np.nan, "fast"):
        with pytest.raises((TypeError, ValueError), match="SGD: learning_rate must"):
            optimizer.learning_rate = value
    optimizer.learning_rate = ops.convert_to_tensor(0.25)
    assert float(optimizer.learning_rate) == 0.25


def test_the_class_that_was_made_is_named() -> None:
    class Mine(optimizers.Adam):
        pass

    with pytest.raises(ValueError, match=r"^Mine: beta_1 must be below 1"):
        Mine(beta_1=1)
    with pytest.raises(ValueError, match=r"^F1Score: threshold must"):
        metrics.F1Score(threshold=-1)


@pytest.mark.parametrize("wrapper", [losses.LossFunctionWrapper, metrics.MeanMetricWrapper])
def test_options_that_a_function_does_not_take_are_told_at_once(wrapper: type) -> None:
    wrapper(absolute, scale=2.0)
    wrapper(lambda y_true, y_pred, **others: y_pred, anything=1)
    with pytest.raises(TypeError, match=r"unknown argument 'scales'\. Did you mean 'scale'"):
        wrapper(absolute, scales=2.0)
    with pytest.raises(TypeError, match=r"unknown argument 'nam'\. Did you mean 'name'"):
        wrapper(absolute, nam="x")
    with pytest.raises(TypeError, match="needs a function"):
        wrapper("mse")


def first_use(kind: type) -> Callable[[], Any]:
    class Mine(kind):  # type: ignore[misc]
        def __init__(self) -> None:
            self.mine = 3

        def call(self, y_true: Any, y_pred: Any) -> Any:
            return y_pred

        def update_state(self, *args: Any) -> None:
            self.add_variable(())

    uses: dict[type, Callable[[Any], Any]] = {
        losses.Loss: lambda mine: mine([1.0], [2.0]),
        metrics.Metric: lambda mine: mine([1.0]),
        optimizers.Optimizer: lambda mine: mine.apply([ops.ones(1)], [Variable([1.0])]),
    }
    mine = Mine()
    assert mine.mine == 3
    return lambda: uses[kind](mine)


@pytest.mark.parametrize("kind", [losses.Loss, metrics.Metric, optimizers.Optimizer])
def test_who_forgets_the_base_is_told(kind: type) -> None:
    words = r"'Mine' object has no attribute .*: its __init__\(\) has to begin with super\(\)"
    with pytest.raises(AttributeError, match=words):
        first_use(kind)()
