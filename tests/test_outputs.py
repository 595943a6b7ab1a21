"""Models of several inputs and outputs: losses, metrics and weights of each, in steps and programs.

The numbers in `KERAS` are what Keras 3.15 on JAX logs for the same weights and data (SGD(0.1), one
batch an epoch).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pylego import metrics, ops, optimizers
from pylego.core.tree import map_leaves
from pylego.layers import Dense
from pylego.models import Model
from pylego.training import per_output
from pylego.training.compile import CompileLoss, CompileMetrics

A = np.linspace(-1, 1, 18).reshape(6, 3).astype("float32")
B = np.cos(np.arange(12)).reshape(6, 2).astype("float32")
P = np.sin(np.arange(6)).reshape(6, 1).astype("float32")
Q = np.array([0, 1, 1, 0, 1, 0]).reshape(6, 1)
R = np.array([0, 1, 2, 2, 1, 0])
W = np.linspace(0, 1, 6).astype("float32")
X = {"a": A, "b": B}
D, T, N = {"p": P, "q": Q, "r": R}, (P, Q, R), {"z": (P, Q), "y": R}
BCE, SCE = "binary_crossentropy", "sparse_categorical_crossentropy"
WEIGHTS = {"p": W, "q": W[::-1].copy(), "r": np.ones(6, "float32")}

# Outputs, targets, weights of samples, arguments of compile.
CASES: dict[str, tuple[str, Any, Any, dict[str, Any]]] = {
    "a dictionary": ("dict", D, None, {
        "loss": {"p": "mse", "q": BCE, "r": SCE}, "loss_weights": {"p": 0.5, "q": 2.0, "r": 1.0},
        "metrics": {"q": ["accuracy", "mae"], "p": "mse", "r": ["accuracy"]}}),
    "losses of some": ("dict", D, None, {
        "loss": {"r": SCE, "p": "mae"}, "metrics": {"q": ["acc"]}}),
    "a single loss": ("dict", D, None, {"loss": {"p": "mse", "q": None}}),
    "a list for a dictionary": ("dict", D, None, {
        "loss": ["mse", BCE, SCE], "loss_weights": [1.0, 2.0, 3.0]}),
    "weights of samples": ("dict", D, WEIGHTS, {
        "loss": {"p": "mse", "q": BCE, "r": SCE}, "metrics": {"p": ["mae"]},
        "weighted_metrics": {"p": ["mae"], "r": ["accuracy"]}}),
    "one weight for all": ("tuple", T, W, {
        "loss": ["mse", BCE, SCE], "weighted_metrics": [["mae"], None, ["accuracy"]]}),
    "a tuple": ("tuple", T, None, {
        "loss": ["mse", BCE, SCE], "metrics": [["mae"], ["accuracy", "mae"], ["accuracy"]]}),
    "a tuple, some": ("tuple", T, None, {
        "loss": ["mse", None, SCE], "metrics": [None, "mae", None]}),
    "nested": ("nest", N, None, {
        "loss": {"z": ("mse", BCE), "y": SCE}, "metrics": {"z": ("mae", None), "y": "accuracy"}}),
    "one for all": ("tuple", T, None, {
        "loss": ["mse", "mse", SCE], "loss_weights": [1.0, 2.0, 3.0]}),
}  # fmt: skip

KERAS: dict[str, dict[str, list[float]]] = {
    "a dictionary": {
        "loss": [5.135464, 4.746089, 4.432139], "p_loss": [3.022235, 2.421226, 1.96283],
        "p_mse": [3.022235, 2.421226, 1.96283], "q_accuracy": [0.1666667, 0.3333333, 0.3333333],
        "q_loss": [0.9279923, 0.8961061, 0.8660331], "q_mae": [0.5894944, 0.5783117, 0.5672176],
        "r_accuracy": [0.1666667, 0.1666667, 0.1666667], "r_loss": [1.768362, 1.743263, 1.718658]},
    "losses of some": {
        "loss": [3.302281, 3.183358, 3.064928], "p_loss": [1.533919, 1.440095, 1.34627],
        "q_acc": [0.1666667, 0.1666667, 0.1666667], "r_loss": [1.768362, 1.743263, 1.718658]},
    "a single loss": {"loss": [3.022235, 1.901788, 1.275226]},
    "a list for a dictionary": {
        "loss": [10.18331, 8.775475, 7.878513], "p_loss": [3.022235, 1.901788, 1.275226],
        "q_loss": [0.9279923, 0.8961061, 0.8660331], "r_loss": [1.768362, 1.693825, 1.62374]},
    "weights of samples": {
        "loss": [4.227645, 3.632418, 3.227155], "p_loss": [2.007204, 1.444453, 1.071018],
        "p_mae": [1.533919, 1.377766, 1.245431], "p_weighted_mae": [1.771423, 1.540969, 1.351497],
        "q_loss": [0.4520793, 0.4447019, 0.4374789],
        "r_accuracy": [0.1666667, 0.1666667, 0.1666667], "r_loss": [1.768362, 1.743263, 1.718658]},
    "one weight for all": {
        "accuracy": [0.2, 0.2, 0.2], "binary_crossentropy_loss": [0.475913, 0.4725075, 0.4691449],
        "loss": [3.467648, 2.886938, 2.495873], "mae": [1.771423, 1.540969, 1.351497],
        "mse_loss": [2.007204, 1.444453, 1.071018],
        "sparse_categorical_crossentropy_loss": [0.9845309, 0.9699776, 0.9557102]},
    "a tuple": {
        "accuracy": [0.1666667, 0.1666667, 0.3333333],
        "accuracy_1": [0.1666667, 0.1666667, 0.1666667],
        "binary_crossentropy_loss": [0.9279923, 0.9119327, 0.8963299],
        "loss": [5.718589, 4.556984, 3.890214], "mae": [1.533919, 1.218242, 0.9836],
        "mae_1": [0.5894944, 0.5839364, 0.5783951], "mse_loss": [3.022235, 1.901788, 1.275226],
        "sparse_categorical_crossentropy_loss": [1.768362, 1.743263, 1.718658]},
    "a tuple, some": {
        "loss": [4.790597, 3.645051, 2.993884], "mae": [0.5894944, 0.5894944, 0.5894944],
        "mse_loss": [3.022235, 1.901788, 1.275226],
        "sparse_categorical_crossentropy_loss": [1.768362, 1.743263, 1.718658]},
    "nested": {
        "accuracy": [0.1666667, 0.1666667, 0.1666667], "loss": [5.718589, 4.556984, 3.890214],
        "mae": [1.533919, 1.218242, 0.9836], "y_loss": [1.768362, 1.743263, 1.718658],
        "z/binary_crossentropy_loss": [0.9279923, 0.9119327, 0.8963299],
        "z/mse_loss": [3.022235, 1.901788, 1.275226]},
    "one for all": {
        "loss": [9.046699, 7.690404, 6.841424], "mse_loss": [0.359689, 0.3535711, 0.3474883],
        "sparse_categorical_crossentropy_loss": [1.768362, 1.693825, 1.62374]},
}  # fmt: skip


class Outputs(Model):
    """A model of two inputs and three outputs, in a structure that it is told."""

    def __init__(self, kind: str):
        super().__init__()
        self.kind = kind
        self.p, self.q = Dense(1), Dense(1, activation="sigmoid")
        self.r = Dense(3, activation="softmax")

    def call(self, inputs: dict[str, Any]) -> Any:
        h = ops.concatenate([inputs["a"], inputs["b"]], axis=-1)
        p, q, r = self.p(h), self.q(h), self.r(h)
        if self.kind == "dict":
            return {"p": p, "q": q, "r": r}
        return (p, q, r) if self.kind == "tuple" else {"z": (p, q), "y": r}


def outputs(kind: str, **options: Any) -> Outputs:
    model = Outputs(kind)
    model(X)
    for scale, layer in enumerate((model.p, model.q, model.r), 1):
        shape = layer.kernel.shape
        kernel = np.sin(np.arange(np.prod(shape)) * scale).reshape(shape)
        layer.set_weights([kernel, np.zeros(shape[-1])])
    model.compile(optimizers.SGD(0.1), **options)
    return model


def batch(*parts: Any) -> tuple:
    return tuple(map_leaves(ops.convert_to_tensor, part) for part in parts if part is not None)


def steps(model: Model, make: Callable, given: tuple, count: int = 3) -> dict[str, list[float]]:
    """The logs of so many steps, each with metrics that begin anew."""
    found: dict[str, list[float]] = {}
    model._prepare(lambda: given)
    for _ in range(count):
        model.reset_metrics()
        for name, value in make()(given).items():
            found.setdefault(name, []).append(float(value))
    return dict(sorted(found.items()))


@pytest.mark.filterwarnings("ignore:the loss does not depend")
@pytest.mark.parametrize("name", CASES)
def test_logs_are_those_of_keras(name: str) -> None:
    kind, y, weights, options = CASES[name]
    given = batch(X, y, weights)
    recorded, eager = outputs(kind, **options), outputs(kind, run_eagerly=True, **options)
    found = steps(recorded, recorded.make_train_function, given)
    assert found == steps(eager, eager.make_train_function, given)
    assert list(found) == list(KERAS[name])
    for log, values in KERAS[name].items():
        np.testing.assert_allclose(found[log], values, rtol=2e-5, err_msg=log)
    assert sorted(set(recorded.metrics_names)) == list(found)
    tested = steps(recorded, recorded.make_test_function, given, 1)
    assert tested == steps(eager, eager.make_test_function, given, 1)
    for one, other in zip(recorded.get_weights(), eager.get_weights()):
        assert one.tobytes() == other.tobytes()


def test_results_begin_with_the_losses() -> None:
    kind, y, _, options = CASES["a dictionary"]
    model = outputs(kind, **options)
    steps(model, model.make_train_function, batch(X, y), 1)
    names = ["loss", "p_loss", "q_loss", "r_loss", "p_mse", "q_accuracy", "q_mae", "r_accuracy"]
    assert model.metrics_names == names


def test_the_order_of_keys_does_not_matter() -> None:
    _, y, _, options = CASES["a dictionary"]
    one, other = outputs("dict", **options), outputs("dict", **options)
    turned = [dict(reversed(part.items())) for part in (X, y)]
    wanted = steps(one, one.make_train_function, batch(X, y))
    assert steps(other, other.make_train_function, batch(*turned)) == wanted
    # Batches of the same layouts in another order are another program.
    assert steps(one, one.make_test_function, batch(X, y), 1) == steps(
        one, one.make_test_function, batch(*turned), 1
    )


def test_metrics_of_outputs_are_of_any_kind() -> None:
    own = metrics.MeanAbsoluteError(name="own")
    model = outputs("tuple", loss="mse", metrics=[own, None, None])
    found = steps(model, model.make_train_function, batch(X, (P, Q, np.eye(3)[R])))
    assert sorted(found) == ["loss", "mse_loss", "own"]


def test_logs_call_functions_and_classes_as_keras_does() -> None:
    def MyLoss(y_true: Any, y_pred: Any) -> Any:  # noqa: N802
        return ops.mean(y_true - y_pred, axis=-1)

    class FooBar2:
        __call__ = staticmethod(MyLoss)

    measures = [MyLoss, lambda y_true, y_pred: ops.mean(y_pred, axis=-1), FooBar2()]
    model = outputs("tuple", loss=measures, metrics=[[one] for one in measures])
    found = steps(model, model.make_train_function, batch(X, (P, Q, np.eye(3)[R])))
    names = ["foo_bar2", "lambda", "my_loss"]
    assert sorted(found) == sorted(["loss", *names, *(f"{name}_loss" for name in names)])


REFUSED: dict[str, tuple[str, Any, dict[str, Any], str]] = {
    "an unknown output": ("dict", D, {"loss": {"p": "mse", "s": "mse"}}, "'s'"),
    "an unknown output of metrics": (
        "dict", D, {"loss": {"p": "mse"}, "metrics": {"pp": "mae"}}, "'pp'.*'p'"),
    "too few losses": ("tuple", T, {"loss": ["mse", "mse"]}, "loss has 2 parts.*3 outputs"),
    "a dictionary for a tuple": ("tuple", T, {"loss": {"p": "mse"}}, "'p'"),
    "metrics for nobody": (
        "dict", D, {"loss": {"p": "mse"}, "metrics": ["mae"]}, "metrics has 1 parts.*p, q, r"),
    "too few weights": (
        "dict", D, {"loss": {"p": "mse", "q": "mse"}, "loss_weights": [1.0]},
        "1 weights for 2 losses"),
    "no targets": (
        "dict", {"p": P}, {"loss": {"p": "mse", "q": "mse"}}, "output 'q' needs targets"),
    "one array of targets": ("dict", P, {"loss": {"p": "mse", "q": "mse"}}, "y is a single array"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_match_the_outputs_is_refused(name: str) -> None:
    kind, y, options, message = REFUSED[name]
    for eager in (True, False):
        model = outputs(kind, run_eagerly=eager, **options)
        with pytest.raises(ValueError, match=message):
            steps(model, model.make_train_function, batch(X, y))


def test_unknown_names_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="mean_squared_error"):
        CompileLoss({"p": "mse", "q": "mean_squared_eror"})
    with pytest.raises(ValueError, match="mae"):
        CompileMetrics({"p": ["maee"]})
    with pytest.raises((TypeError, ValueError), match="loss_weights"):
        CompileLoss({"p": "mse"}, {"p": "much"})


def test_programs_of_several_inputs_and_outputs_are_shown() -> None:
    kind, y, _, options = CASES["a dictionary"]
    model = outputs(kind, **options)
    with pytest.raises(ValueError, match="not known"):
        model.program("train")
    model.make_predict_function()(batch(X)[0])
    for step in ("predict", "test", "train"):
        assert "7x3" in str(model.program(step, batch_size=7))
    assert model.memory(batch_size=7)["parameters"].planned == 30 * 4
    steps(model, model.make_train_function, batch(X, y), 1)
    assert "input 4" in str(model.program("train", batch_size=9))
    model.program("train", profile=True)


def test_a_list_is_in_the_order_of_names() -> None:
    named = {"q": 1, "p": 2}
    assert per_output.matched("loss", ["a", "b"], named, {}) == [(("p",), "a"), (("q",), "b")]
    assert per_output.of_output([P, Q], named, ("q",)) is Q
    assert per_output.matched("loss", {"q": "a", "p": "b"}, named, {})[0] == (("q",), "a")


def test_what_predict_on_batch_returned_of_several_outputs_is_not_written_again() -> None:
    class Two(Model):
        def call(self, inputs: Any) -> Any:
            return {"one": inputs * 1.0, "pair": (inputs * 2.0, inputs[:, 0])}

    model = Two()
    for scale in (1.0, 2.0, 3.0):
        kept = [model.predict_on_batch(A * np.float32(s)) for s in (scale, 5.0)]
        np.testing.assert_array_equal(kept[0]["one"], A * np.float32(scale))
        np.testing.assert_array_equal(kept[0]["pair"][0], A * np.float32(scale) * 2)
        np.testing.assert_array_equal(kept[1]["pair"][1], A[:, 0] * 5)
