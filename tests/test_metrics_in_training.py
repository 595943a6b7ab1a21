"""Metrics in programs: batch by batch, with weights and masks, they are what NumPy computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import pylego
from pylego import layers, metrics, ops

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 4)).astype("float32")
YES = (X[:, :1] + RNG.normal(size=(90, 1)) > 0).astype("float32")
ONE_HOT = np.eye(3, dtype="float32")[RNG.integers(0, 3, 90)]
WEIGHT = RNG.uniform(0, 2, 90).astype("float32")


def of_one_column() -> list[Any]:
    return [
        metrics.AUC(name="auc"),
        metrics.AUC(curve="PR", name="pr"),
        metrics.Precision(thresholds=[0.4, 0.6], name="precision"),
        metrics.Recall(name="recall"),
        metrics.TrueNegatives(name="tn"),
        metrics.SensitivityAtSpecificity(0.5, name="sensitivity"),
        metrics.BinaryIoU(name="iou", dtype="float32"),
        metrics.R2Score(name="r2"),
        metrics.Hinge(name="hinge"),
        metrics.RootMeanSquaredError(name="rmse"),
    ]


def of_classes() -> list[Any]:
    return [
        metrics.AUC(multi_label=True, name="auc"),
        metrics.F1Score(name="f1"),
        metrics.F1Score(average="weighted", name="weighted f1"),
        metrics.TopKCategoricalAccuracy(k=2, name="top"),
        metrics.Precision(top_k=2, name="top precision"),
        metrics.Recall(class_id=1, name="recall"),
        metrics.OneHotMeanIoU(3, name="iou", dtype="float32"),
        metrics.PearsonCorrelation(name="pearson"),
        metrics.KLDivergence(name="kl"),
    ]


def trained(
    make: Callable[[], list], y: np.ndarray, run_eagerly: bool
) -> tuple[Any, dict, dict[str, Any]]:
    pylego.utils.set_random_seed(1)
    units, activation = (1, "sigmoid") if y.shape[1] == 1 else (3, "softmax")
    model = pylego.Sequential([layers.Dense(units, activation)])
    model.compile("sgd", "mse", metrics=make(), weighted_metrics=make(), run_eagerly=run_eagerly)
    history = model.fit(X, y, batch_size=32, epochs=2, verbose=0, sample_weight=WEIGHT)
    return (
        model,
        history.history,
        model.evaluate(X, y, batch_size=32, verbose=0, sample_weight=WEIGHT, return_dict=True),
    )


def test_given_thresholds_take_the_place_of_their_number() -> None:
    y, outputs = [0, 1, 1, 0], [0.1, 0.9, 0.4, 0.6]
    found = metrics.AUC(num_thresholds=None, thresholds=[0, 0.5, 1.0])
    assert float(found(y, outputs)) == 0.5  # as in Keras
    assert found.get_config()["num_thresholds"] == 5
    with pytest.raises(ValueError, match="AUC needs num_thresholds"):
        metrics.AUC(num_thresholds=None)


@pytest.mark.parametrize(("make", "y"), [(of_one_column, YES), (of_classes, ONE_HOT)])
def test_programs_give_what_the_metric_gives_by_itself(make: Callable, y: np.ndarray) -> None:
    model, history, results = trained(make, y, run_eagerly=False)
    _, eager, eager_results = trained(make, y, run_eagerly=True)
    for name in history:
        np.testing.assert_array_equal(history[name], eager[name], name)
    for name in results:
        np.testing.assert_array_equal(results[name], eager_results[name], name)
    y_pred = model.predict(X, verbose=0)
    for metric, again in zip(make(), make()):
        metric.update_state(y, y_pred)
        again.update_state(y, y_pred, WEIGHT)
        np.testing.assert_allclose(results[metric.name], metric.result(), 2e-5)
        weighted = results[f"weighted_{metric.name}"]
        np.testing.assert_allclose(weighted, again.result(), 2e-5, 1e-6)


def test_several_numbers_are_shown_by_their_mean(capsys: pytest.CaptureFixture) -> None:
    model = pylego.Sequential([layers.Dense(3, "softmax")])
    model.compile("sgd", "mse", metrics=[metrics.F1Score(name="scores")])
    history = model.fit(X, ONE_HOT, verbose=2)
    scores = history.history["scores"][0]
    assert scores.shape == (3,)
    assert f"scores: {scores.mean():.4f}" in capsys.readouterr().out
    assert model.train_on_batch(X, ONE_HOT)[1].shape == (3,)


class Total(metrics.Metric):
    """A user's metric whose total has the shape of the outputs."""

    total: Any = None

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        if self.total is None:
            self.total = self.add_weight(y_pred.shape[1:], name="total")
        self.total.assign_add(ops.sum(y_pred, axis=0))

    def result(self) -> Any:
        return 0.0 if self.total is None else ops.sum(self.total)


def test_totals_that_the_first_batch_makes_are_reset_with_the_epoch() -> None:
    model = pylego.Sequential([layers.Dense(3, "softmax")])
    model.compile("sgd", "mse", metrics=[Total(name="total")])
    history = model.fit(X, ONE_HOT, batch_size=32, epochs=3, verbose=0)
    np.testing.assert_allclose(history.history["total"], [90.0] * 3, rtol=1e-5)


MASKED = [
    metrics.AUC, metrics.Precision, metrics.TruePositives, metrics.BinaryAccuracy,
    lambda: metrics.SpecificityAtSensitivity(0.5), lambda: metrics.BinaryIoU(dtype="float32"),
]  # fmt: skip


@pytest.mark.parametrize("make", MASKED)
def test_what_a_mask_leaves_out_does_not_count(make: Callable) -> None:
    y = RNG.integers(0, 2, (6, 5)).astype("float32")
    p, mask = RNG.uniform(size=(6, 5)).astype("float32"), RNG.uniform(size=(6, 5)) < 0.6
    outputs = ops.convert_to_tensor(p) * 1.0
    outputs._keras_mask = ops.convert_to_tensor(mask)
    masked, by_weight = make(), make()
    masked.update_state(y, outputs)
    by_weight.update_state(y, p, sample_weight=mask.astype("float32"))
    np.testing.assert_allclose(masked.result(), by_weight.result(), 1e-6)


# ---- laws against NumPy ----------------------------------------------------------------------


@st.composite
def answers(draw: Callable) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = draw(st.integers(1, 40))
    p = rng.uniform(-0.2, 1.0, n).astype("float32")
    p[rng.uniform(size=n) < 0.3] = draw(st.sampled_from((0.0, 0.25, 0.5, 1.0)))
    return rng.integers(0, 2, n), p, rng.uniform(0, 2, n).astype("float32")


@settings(max_examples=40, deadline=None)
@given(answers(), st.sampled_from(((0.5,), (0.7, 0.25, 0.5), (0.0, 0.25, 0.5, 0.75, 1.0))))
def test_counts_are_numpys(drawn: tuple, thresholds: tuple[float, ...]) -> None:
    y, p, weight = drawn
    for name, says, is_so in (
        ("TruePositives", True, True), ("FalsePositives", True, False),
        ("TrueNegatives", False, False), ("FalseNegatives", False, True),
    ):  # fmt: skip
        metric = getattr(metrics, name)(thresholds=list(thresholds))
        counts = [weight[((p > t) == says) & (y == is_so)].sum() for t in thresholds]
        found = np.reshape(metric(y, p, weight), -1)
        np.testing.assert_allclose(found, counts, rtol=1e-5, atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(answers())
def test_the_area_is_how_often_a_positive_sample_comes_first(drawn: tuple) -> None:
    y, p, _ = drawn
    steps = np.round(np.clip(p, 0, 1) * 32) / 32 * 0.999  # between the thresholds
    positive, negative = steps[y == 1], steps[y == 0]
    if len(positive) and len(negative):
        first = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
        area = metrics.AUC(num_thresholds=1025)(y, steps)
        np.testing.assert_allclose(area, first.mean(), atol=1e-5)


def test_nan_is_above_no_threshold() -> None:
    y, p = np.array([1, 0, 1]), np.array([np.nan, 0.2, 0.9], "float32")
    for thresholds in ([0.5], [0.0, 0.5, 1.0]):
        recall = metrics.Recall(thresholds=thresholds)(y, p)
        assert np.reshape(recall, -1)[0] == 0.5


# ---- arguments -------------------------------------------------------------------------------

COLUMNS = np.array([[0, 1, 1], [1, 0, 0], [1, 1, 0], [0, 0, 1]])
SCORES = np.array([[0.2, 0.6, 0.7], [0.9, 0.1, 0.4], [0.3, 0.35, 0.8], [0.05, 0.5, 0.15]])
MORE = [
    ("Precision", {}, {"thresholds": 0.2}),
    ("Precision", {}, {"top_k": 1}),
    ("Precision", {}, {"class_id": 0}),
    ("Recall", {}, {"thresholds": 0.2}),
    ("Recall", {}, {"top_k": 1}),
    ("Recall", {"thresholds": 0.3}, {"class_id": 0}),
    ("AUC", {}, {"num_thresholds": 3}),
    ("AUC", {}, {"curve": "PR"}),
    ("AUC", {"num_thresholds": 4}, {"summation_method": "minoring"}),
    ("AUC", {}, {"thresholds": [0.3]}),
    ("AUC", {}, {"multi_label": True}),
    ("AUC", {}, {"label_weights": [1.0, 0.0, 5.0]}),
    ("AUC", {"num_thresholds": 9}, {"from_logits": True}),
    ("SensitivityAtSpecificity", {"specificity": 0.5}, {"specificity": 0.9}),
    ("SensitivityAtSpecificity", {"specificity": 0.5}, {"num_thresholds": 3}),
    ("SensitivityAtSpecificity", {"specificity": 0.5}, {"class_id": 1}),
    ("FBetaScore", {"average": "macro"}, {"average": "micro"}),
    ("FBetaScore", {"average": "macro"}, {"beta": 3.0}),
    ("FBetaScore", {"average": "macro"}, {"threshold": 0.32}),
    ("R2Score", {}, {"class_aggregation": None}),
    ("R2Score", {}, {"num_regressors": 1}),
    ("BinaryIoU", {}, {"threshold": 0.2}),
    ("BinaryIoU", {}, {"target_class_ids": [1]}),
    ("TopKCategoricalAccuracy", {"k": 1}, {"k": 2}),
    ("PearsonCorrelation", {}, {"axis": 0}),
    ("ConcordanceCorrelation", {}, {"axis": 0}),
    ("CosineSimilarity", {}, {"axis": 0}),
    ("OneHotMeanIoU", {"num_classes": 3}, {"ignore_class": 0}),
    ("OneHotMeanIoU", {"num_classes": 3}, {"axis": 0}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "first", "more"), MORE)
def test_each_argument_changes_something(name: str, first: dict, more: dict) -> None:
    made = [getattr(metrics, name)(**one) for one in (first, {**first, **more})]
    scores = SCORES[:3] if more.get("axis") == 0 and "IoU" in name else SCORES
    results = [metric(COLUMNS[: len(scores)], scores).numpy() for metric in made]
    assert not np.array_equal(*results)
    again = metrics.deserialize(metrics.serialize(made[1]))
    np.testing.assert_array_equal(again(COLUMNS[: len(scores)], scores), results[1])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: metrics.AUC(curve="RC"), "Did you mean 'ROC'"),
        (lambda: metrics.AUC(summation_method="minor"), "Did you mean 'minoring'"),
        (lambda: metrics.AUC(num_threshold=5), "Did you mean 'num_thresholds'"),
        (lambda: metrics.AUC(num_thresholds=1), "num_thresholds"),
        (lambda: metrics.AUC(num_labels=3), "multi_label"),
        (lambda: metrics.Precision(thresholds=[0.5, 2]), "thresholds must be a number from 0 to 1"),
        (lambda: metrics.Recall(top_k=0), "top_k"),
        (lambda: metrics.F1Score(average="makro"), "Did you mean 'macro'"),
        (lambda: metrics.FBetaScore(beta=0.0), "beta"),
        (lambda: metrics.FBetaScore(threshold=0.0), "threshold"),
        (lambda: metrics.IoU(2, [2]), "classes are from 0 to 1"),
        (lambda: metrics.R2Score("uniform"), "Did you mean 'uniform_average'"),
        (lambda: metrics.PrecisionAtRecall(1.5), "recall"),
        (lambda: metrics.Recall(class_id=3)(COLUMNS, SCORES), "class_id=3 is not a column"),
        (lambda: metrics.F1Score()(COLUMNS[0], SCORES[0]), r"shape \(N, classes\)"),
        (lambda: metrics.Precision()(COLUMNS[:, 0], SCORES), "do not fit"),
        (lambda: metrics.MeanIoU(3)([1, 2], [1]), "as many"),
    ],
)
def test_mistakes_are_refused(make: Callable, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        make()


def test_weights_that_are_no_whole_numbers_are_warned_of_where_counts_are() -> None:
    with pytest.warns(UserWarning, match="dtype='float32'"):
        metrics.MeanIoU(2).update_state([0, 1], [0, 1], sample_weight=[0.5, 1.0])
    metrics.MeanIoU(2).update_state([0, 1], [0, 1], sample_weight=[2, 1])


@pytest.mark.parametrize("form", [list, tuple, lambda made: [made]])
def test_a_metric_that_compile_was_given_is_listed_once(form: Callable) -> None:
    model = pylego.Sequential([layers.Input((4,)), layers.Dense(1)])
    made = [metrics.MeanAbsoluteError(name="far"), metrics.RootMeanSquaredError(name="rmse")]
    model.compile("sgd", "mse", metrics=form(made), weighted_metrics=[metrics.Hinge(name="hinge")])
    assert len(model.evaluate(X, YES, verbose=0)) == 4
    assert model.metrics_names == ["loss", "far", "rmse", "hinge"]
    assert len(model.train_on_batch(X, YES)) == 4


class _Measured(layers.Layer):
    def call(self, inputs: Any) -> Any:
        self.add_metric(ops.sum(inputs, axis=-1), name="total", aggregation="mean")
        return inputs


@pytest.mark.parametrize("eager", [False, True])
def test_layers_and_models_add_metrics_as_in_keras_2(eager: bool) -> None:
    rows = np.random.default_rng(0).normal(size=(32, 3)).astype(np.float32)
    totals = rows.sum(-1)
    x = layers.Input((3,))
    hidden = _Measured()(x)
    model = pylego.Model(x, layers.Dense(1)(hidden))
    model.add_metric(hidden * 0 + 1, name="doubled", aggregation="mean")
    model.add_metric(hidden * 2, name="doubled", aggregation="mean")  # the last one counts
    model.compile("sgd", "mse", run_eagerly=eager)
    logs = model.fit(rows, totals, epochs=2, batch_size=16, validation_split=0.5, verbose=0).history
    assert logs["total"] == pytest.approx([totals[:16].mean()] * 2, rel=1e-5)
    assert logs["val_total"] == pytest.approx([totals[16:].mean()] * 2, rel=1e-5)
    assert logs["doubled"] == pytest.approx([2 * rows[:16].mean()] * 2, rel=1e-5)
    assert {"loss", "total", "doubled"} == set(
        model.evaluate(rows, totals, verbose=0, return_dict=True)
    )
    with pytest.raises(ValueError, match="has a name"):
        model.add_metric(hidden)
    for measured in (hidden, rows):
        with pytest.raises(ValueError, match="aggregation"):
            model.add_metric(measured, name="total", aggregation="sum")
