"""Metrics give Keras's numbers batch by batch, and keep them in variables of Keras's names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load

from pylego import DTypePolicy, Variable, losses, metrics, names, ops

GOLDEN = load("metrics")


def title(case: dict[str, Any]) -> str:
    return f"{case['class']}-{case['sequence']}-{case['arguments']}"


def feed(metric: metrics.Metric, update: dict[str, Any]) -> np.ndarray:
    values = [array(value) for value in update["values"]]
    metric.update_state(*values, sample_weight=update["sample_weight"])
    return metric.result().numpy()


def make(case: dict[str, Any]) -> metrics.Metric:
    names.reset_names()
    return getattr(metrics, case["class"])(**case["arguments"])


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=title)
def test_results_of_a_sequence(case: dict[str, Any]) -> None:
    metric = make(case)
    for update, result in zip(GOLDEN["sequences"][case["sequence"]], case["results"]):
        if not isinstance(result, dict):  # Keras refuses flat targets here, we line them up
            expect_close(feed(metric, update), result, rtol=1e-5)
    for variable, golden in zip(metric.variables, case["state"], strict=True):
        expect_close(variable, golden, rtol=1e-5)
    assert [v.path for v in metric.variables] == case["state_paths"]
    metric.reset_state()
    expect_close(metric.result(), np.nan_to_num(case["after_reset"]))  # R2Score's is NaN there


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=title)
def test_config_comes_round(case: dict[str, Any]) -> None:
    metric = make(case)
    config = metric.get_config()
    assert {**config, **case["config"]} == config
    assert config.keys() - case["config"].keys() <= {"axis"}  # which Keras forgets for one
    assert metric.name == case["name"]
    assert metrics.deserialize(metrics.serialize(metric)).get_config() == config


@pytest.mark.parametrize("name", GOLDEN["strings"])
def test_names(name: str) -> None:
    golden = GOLDEN["strings"][name]
    if golden == "ValueError":
        with pytest.raises(ValueError, match="Unknown metric"):
            metrics.get(name)
    else:
        assert type(metrics.get(name)).__name__ == golden


def test_batches_together_are_the_whole() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 50)
    p = rng.random((50, 3)).astype(np.float32)
    whole, parts = metrics.SparseCategoricalAccuracy(), metrics.SparseCategoricalAccuracy()
    whole.update_state(y, p)
    for rows in np.array_split(np.arange(50), 7):
        parts.update_state(y[rows], p[rows])
    assert float(whole.result()) == float(parts.result())
    expect_close(whole.result(), np.mean(p.argmax(1) == y))


def test_misfit_names_metric_and_shapes() -> None:
    with pytest.raises(ValueError, match=r"binary_accuracy.*\(4,\).*\(4, 3\)"):
        metrics.BinaryAccuracy().update_state(np.zeros(4), np.zeros((4, 3)))
    with pytest.raises(ValueError, match=r"sample_weight of shape \(3,\)"):
        metrics.Mean().update_state(np.zeros(4), sample_weight=np.ones(3))


# ---- nothing, one row, weights that differ --------------------------------------------------

FIRST = {case["class"]: case for case in reversed(GOLDEN["cases"])}


@pytest.mark.parametrize("name", FIRST)
def test_before_any_data_and_after_a_reset_the_result_is_0(name: str) -> None:
    metric = make(FIRST[name])
    assert not metric.result().numpy().any()
    metric.reset_state()
    assert not metric.result().numpy().any()


def test_rows_without_weight_and_no_rows_change_nothing() -> None:
    for make in (metrics.Mean, metrics.Sum):
        metric = make()
        metric.update_state(np.ones(3), sample_weight=np.zeros(3))
        metric.update_state(np.zeros(0))
        assert float(metric.result()) == 0.0
        metric.update_state([6.0])
        assert float(metric.result()) == 6.0
    error = metrics.MeanSquaredError()
    error.update_state(np.zeros((0, 2)), np.zeros((0, 2)))
    assert float(error.result()) == 0.0
    error.update_state(np.zeros((1, 2)), np.array([[1.0, 3.0]]))
    assert float(error.result()) == 5.0


def test_weights_of_values_and_of_samples() -> None:
    mean = metrics.Mean()
    mean.update_state(np.array([[1.0, 3.0, 5.0]]), sample_weight=np.array([[0.0, 1.0, 3.0]]))
    assert float(mean.result()) == 4.5
    mean.reset_state()
    rows = np.array([[1.0, 3.0], [5.0, 9.0], [2.0, 4.0]])
    for weight in (np.array([0.0, 1.0, 3.0]), np.array([[0.0], [1.0], [3.0]])):
        mean.reset_state()
        mean.update_state(rows, sample_weight=weight)
        assert float(mean.result()) == 4.0  # (7 + 3 * 3) / (1 + 3)
        total = metrics.Sum()
        total.update_state(rows, sample_weight=weight)
        assert float(total.result()) == 14.0 + 18.0


@pytest.mark.parametrize("threshold", [0, 0.0, 1, -1.5, 3.0, np.float32(0.0)])
def test_binary_accuracy_takes_any_threshold_for_logits(threshold: float) -> None:
    outputs = np.array([[-2.0], [-1.0], [0.0], [0.5], [2.0], [4.0]], "float32")
    targets = np.array([[0.0], [1.0], [0.0], [1.0], [1.0], [0.0]], "float32")
    metric = metrics.BinaryAccuracy(threshold=threshold)
    wanted = np.mean((outputs > threshold) == (targets > 0))
    assert float(metric(targets, outputs)) == pytest.approx(wanted)
    assert metrics.BinaryAccuracy.from_config(metric.get_config()).get_config()["threshold"] == (
        threshold
    )


def test_a_threshold_is_a_number() -> None:
    with pytest.raises(ValueError, match="threshold"):
        metrics.BinaryAccuracy(threshold=np.nan)


def test_totals_of_ones_own_are_made_in_both_of_kerass_ways() -> None:
    class Highest(metrics.Metric):
        def __init__(self) -> None:
            super().__init__()
            self.so_far = self.add_weight(name="so_far", initializer="zeros")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.so_far.assign(ops.maximum(self.so_far, ops.max(y_pred)))

        def result(self) -> Any:
            return self.so_far

    metric = Highest()
    metric.update_state(None, [1.0, 3.0, 2.0])
    assert float(metric.result()) == 3.0
    assert metric.so_far.path.endswith("/so_far")
    metric.reset_state()
    assert float(metric.result()) == 0.0


class _Both(metrics.Metric):
    """A metric of metrics, with a variable that was only assigned."""

    def __init__(self) -> None:
        super().__init__(name="both")
        self.precision = metrics.Precision()
        self.others = {"recall": [metrics.Recall()]}
        self.calls = Variable(0.0)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.precision.update_state(y_true, y_pred)
        self.others["recall"][0].update_state(y_true, y_pred)
        self.calls.assign_add(1.0)

    def result(self) -> Any:
        return self.precision.result() + self.others["recall"][0].result() + 10 * self.calls


def test_what_attributes_hold_is_reset_too() -> None:
    metric = _Both()
    assert len(metric.variables) == 5
    first = float(metric([1, 0], [0.9, 0.8]))
    metric.reset_state()
    assert first == 11.5
    assert float(metric.result()) == 0
    assert float(metric([1, 0], [0.9, 0.8])) == first


def test_numbers_handed_in_and_out_change_nothing() -> None:
    metric = _Both()
    numbers = metric.stateless_reset_state()
    for _ in range(2):
        numbers = metric.stateless_update_state(numbers, [1, 0], [0.9, 0.8])
    assert float(metric.stateless_result(numbers)) == 21.5
    assert float(metric.result()) == 0
    assert metrics.Mean().stateless_result([6.0, 2.0]).numpy() == 3.0
    assert metrics.Sum().stateless_result([6.0]).numpy() == 6.0  # the result is the variable
    with pytest.raises(ValueError, match="2 values were given for 5 variables"):
        metric.stateless_result(numbers[:2])


def test_the_root_of_squares_takes_a_weight_for_each_number() -> None:
    y_true, y_pred = np.array([[2.0, 4], [6, 8]]), np.array([[1.0, 3], [2, 3]])
    weights = np.array([[0.0, 1], [0, 1]])
    for shape in ((4,), (2, 2)):
        found = metrics.RootMeanSquaredError()(
            y_true.reshape(shape), y_pred.reshape(shape), weights.reshape(shape)
        )
        np.testing.assert_allclose(found, 13**0.5, rtol=1e-6)


def test_a_policy_says_in_what_a_metric_counts() -> None:
    policy = DTypePolicy("mixed_bfloat16")
    assert metrics.Mean(dtype=policy).dtype == losses.MeanSquaredError(dtype=policy).dtype
    assert metrics.Mean(dtype=policy).dtype == "bfloat16"
