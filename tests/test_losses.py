"""Losses give Keras's numbers and gradients, and refuse what does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load

import pylego
from pylego import GradientTape, losses, ops, saving

GOLDEN = load("losses")


def inputs(name: str) -> tuple[np.ndarray, np.ndarray]:
    pair = GOLDEN["inputs"][name]
    return array(pair["y_true"]), array(pair["y_pred"]).astype(np.float32)


def title(case: dict[str, Any]) -> str:
    return f"{case.get('class') or case['function']}-{case['input']}-{case.get('arguments', '')}"


def is_comparable(case: dict[str, Any]) -> bool:
    """Keras spreads label smoothing over the last axis whatever `axis` is; we over the classes."""
    is_categorical = case["function"] == "categorical_crossentropy"
    smooths_elsewhere = is_categorical and {"axis", "label_smoothing"} <= case["arguments"].keys()
    return "raises" not in case and not smooths_elsewhere


VARIANTS = [case for case in GOLDEN["variants"] if is_comparable(case)]
FUNCTIONS = [case for case in GOLDEN["functions"] if is_comparable(case)]


@pytest.mark.parametrize("case", VARIANTS, ids=title)
def test_value_and_gradient(case: dict[str, Any]) -> None:
    y_true, y_pred = inputs(case["input"])
    loss = getattr(losses, case["class"])(**case["arguments"])
    outputs = ops.convert_to_tensor(y_pred)
    with GradientTape() as tape:
        tape.watch(outputs)
        value = loss(y_true, outputs)
    expect_close(value, case["value"], rtol=1e-5)
    gradient, golden = tape.gradient(value, outputs).numpy(), array(case["gradient"])
    if case["class"].startswith("MeanAbsolute"):  # at no error JAX has a slope of 1, we one of 0
        golden = np.where(np.reshape(y_true, y_pred.shape) == y_pred, 0, golden)
    expect_close(gradient, golden, rtol=1e-4, atol=1e-5)
    unreduced = getattr(losses, case["class"])(**{**case["arguments"], "reduction": "none"})
    expect_close(unreduced(y_true, y_pred), case["unreduced"], rtol=1e-5)


@pytest.mark.parametrize("case", GOLDEN["weighted"], ids=title)
def test_weights_and_reductions(case: dict[str, Any]) -> None:
    y_true, y_pred = inputs(case["input"])
    for reduction, value in case["values"].items():
        wish = None if reduction == "None" else reduction
        loss = getattr(losses, case["class"])(**case["arguments"], reduction=wish)
        expect_close(loss(y_true, y_pred, case["sample_weight"]), value, rtol=1e-5)


@pytest.mark.parametrize("case", FUNCTIONS, ids=title)
def test_functions(case: dict[str, Any]) -> None:
    y_true, y_pred = inputs(case["input"])
    ours = getattr(losses, case["function"])(y_true, y_pred, **case["arguments"])
    expect_close(ours, case["value"], rtol=1e-5)


@pytest.mark.parametrize("name", GOLDEN["default_configs"])
def test_config_is_keras_s_and_comes_round(name: str) -> None:
    loss = getattr(losses, name)()
    config = loss.get_config()
    golden = GOLDEN["default_configs"][name]
    assert {key: config[key] for key in golden} == golden
    assert type(loss).from_config(config).get_config() == config
    assert losses.deserialize(losses.serialize(loss)).get_config() == config


@pytest.mark.parametrize("name", GOLDEN["strings"])
def test_names(name: str) -> None:
    golden = GOLDEN["strings"][name]
    if golden == "ValueError":
        with pytest.raises(ValueError, match="Unknown loss"):
            losses.get(name)
        return
    part = losses.get(name)
    found = type(part).__name__ if isinstance(part, losses.Loss) else part.__name__
    assert found == golden.split()[1]


def test_did_you_mean() -> None:
    with pytest.raises(ValueError, match="Did you mean 'categorical_crossentropy'"):
        losses.get("categorical_crossentrophy")


MISFITS = [
    ("mean_squared_error", (4,), (4, 3)),
    ("mean_squared_error", (3,), (4, 3)),  # Keras broadcasts these two in silence
    ("mean_squared_error", (4, 1), (4, 3)),
    ("mean_squared_error", (4, 3), (4, 1)),
    ("mean_absolute_error", (4,), (5,)),
    ("binary_crossentropy", (4, 1), (4, 3)),
    ("categorical_crossentropy", (4,), (4, 3)),
]


@pytest.mark.parametrize(("name", "targets", "outputs"), MISFITS)
def test_targets_are_never_broadcast(name: str, targets: tuple, outputs: tuple) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the texts are looked at below
        getattr(losses, name)(np.zeros(targets, np.float32), np.full(outputs, 0.5, np.float32))
    message = str(caught.value)
    assert name in message
    assert str(targets) in message
    assert str(outputs) in message


def test_one_number_is_the_target_of_all_outputs() -> None:
    """As Keras has it: a GAN calls all outputs of its discriminator real, 1.0."""
    outputs = np.array([[0.5], [-2.0], [0.0]], "float32")
    for name in ("Hinge", "MeanSquaredError", "BinaryCrossentropy"):
        loss = getattr(losses, name)()
        assert loss(1.0, outputs).item() == loss(np.ones((3, 1)), outputs).item()


def test_flat_targets_are_lined_up() -> None:
    y = np.array([0.0, 1.0, 1.0, 0.0], np.float32)
    p = np.array([[0.2], [0.7], [0.6], [0.1]], np.float32)
    flat = losses.BinaryCrossentropy()(y, p)
    assert float(flat) == float(losses.BinaryCrossentropy()(y[:, None], p))


@pytest.mark.parametrize("labels", [[0, 3], [-1, 0]])
def test_labels_out_of_range_are_refused(labels: list[int]) -> None:
    bad = next(label for label in labels if not 0 <= label < 3)
    with pytest.raises(IndexError, match=str(bad)):
        losses.sparse_categorical_crossentropy(labels, np.full((2, 3), 1 / 3, np.float32))


def test_one_hot_targets_for_labels_are_explained() -> None:
    with pytest.raises(ValueError, match="categorical_crossentropy"):
        losses.sparse_categorical_crossentropy(np.eye(3), np.full((3, 3), 1 / 3, np.float32))


def test_unknown_reduction() -> None:
    with pytest.raises(ValueError, match="Did you mean 'sum'"):
        losses.MeanSquaredError(reduction="summ")


# name -> (targets, outputs, arguments): all finite and with no kink near
DRAWN = {
    "mean_absolute_percentage_error": ((0.5, 2.0), (-2.0, 2.0), {}),
    "mean_squared_logarithmic_error": ((0.5, 2.0), (0.5, 2.0), {}),
    "huber": ((-2.0, 2.0), (-2.0, 2.0), {"delta": 0.7}),
    "log_cosh": ((-2.0, 2.0), (-2.0, 2.0), {}),
    "cosine_similarity": ((-2.0, 2.0), (-2.0, 2.0), {"axis": 0}),
    "poisson": ((0.0, 4.0), (0.5, 2.0), {}),
    "kl_divergence": ((0.1, 0.9), (0.1, 0.9), {}),
    "hinge": ((-2.0, 2.0), (-2.0, 2.0), {}),
    "squared_hinge": ((-2.0, 2.0), (-2.0, 2.0), {}),
    "categorical_hinge": ((0.0, 1.0), (-2.0, 2.0), {}),
    "binary_focal_crossentropy": ((0.0, 1.0), (0.1, 0.9), {"gamma": 1.5}),
    "categorical_focal_crossentropy": ((0.0, 1.0), (0.1, 0.9), {"gamma": 0.7}),
    "dice": ((0.0, 1.0), (0.1, 0.9), {"axis": 1}),
    "tversky": ((0.0, 1.0), (0.1, 0.9), {"alpha": 0.3, "beta": 0.9}),
}


@pytest.mark.parametrize("name", DRAWN)
def test_gradients_are_differences(name: str) -> None:
    (low, high), (lowest, highest), arguments = DRAWN[name]
    rng = np.random.default_rng(3)
    y_true = rng.uniform(low, high, (4, 5))
    y_pred, step = rng.uniform(lowest, highest, (4, 5)), 1e-6 * rng.normal(size=(4, 5))
    function = getattr(losses, name)
    outputs = ops.convert_to_tensor(y_pred)
    with GradientTape() as tape:
        tape.watch(outputs)
        value = ops.sum(function(y_true, outputs, **arguments))
    slope = np.sum(tape.gradient(value, outputs).numpy() * step)
    ends = [ops.sum(function(y_true, y_pred + s, **arguments)).item() for s in (step, -step)]
    np.testing.assert_allclose(slope, (ends[0] - ends[1]) / 2, rtol=1e-5, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("Huber", {"delta": 0.1}),
        ("CosineSimilarity", {"axis": 0}),
        ("BinaryFocalCrossentropy", {"apply_class_balancing": True}),
        ("BinaryFocalCrossentropy", {"apply_class_balancing": True, "alpha": 0.6}),
        ("BinaryFocalCrossentropy", {"gamma": 1.0}),
        ("BinaryFocalCrossentropy", {"from_logits": True}),
        ("BinaryFocalCrossentropy", {"label_smoothing": 0.1}),
        ("CategoricalFocalCrossentropy", {"alpha": 0.5}),
        ("CategoricalFocalCrossentropy", {"gamma": 1.0}),
        ("CategoricalFocalCrossentropy", {"from_logits": True}),
        ("CategoricalFocalCrossentropy", {"label_smoothing": 0.1}),
        ("CategoricalFocalCrossentropy", {"axis": 0}),
        ("Dice", {"axis": 1}),
        ("Tversky", {"alpha": 0.9}),
        ("Tversky", {"beta": 0.9}),
        ("Tversky", {"axis": 1}),
        ("Huber", {"reduction": "sum"}),
        ("Dice", {"dtype": "float64"}),
    ],
)
def test_each_argument_changes_something(name: str, more: dict[str, Any]) -> None:
    y_true = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    y_pred = np.array([[0.2, 0.5, 0.3], [0.1, 0.7, 0.4]])
    plain, other = (getattr(losses, name)(**one)(y_true, y_pred) for one in ({}, more))
    assert plain.dtype != other.dtype or float(plain) != float(other)
    assert other.dtype == more.get("dtype", "float32")
    config = getattr(losses, name)(**more).get_config()
    assert more.keys() - {"dtype"} <= config.keys()


def test_arguments_of_circle_change_something() -> None:
    labels, rows = inputs("embeddings")
    plain = losses.Circle(gamma=2.0)(labels, rows)
    for more in ({"gamma": 3.0}, {"margin": 0.1}, {"remove_diagonal": False}):
        assert float(losses.Circle(**{"gamma": 2.0, **more})(labels, rows)) != float(plain)
    compared = losses.circle(labels, rows, labels[:2], rows[:2], gamma=2.0, remove_diagonal=False)
    assert compared.shape == (5,)
    with pytest.raises(ValueError, match="3 labels for"):
        losses.circle(labels[:3], rows)


def test_mistaken_arguments_of_losses() -> None:
    with pytest.raises(TypeError, match="Did you mean 'delta'"):
        losses.Huber(delt=2.0)
    with pytest.raises(ValueError, match="q must lie between 0 and 1"):
        losses.CategoricalGeneralizedCrossEntropy(q=1.0)
    with pytest.raises(ValueError, match="Huber: delta"):
        losses.Huber(delta=-1.0)


def test_generalized_cross_entropy_of_what_is_impossible_is_the_largest_one() -> None:
    p = pylego.Variable([[1.0, 0.0], [0.0, 1.0]])
    with GradientTape() as tape:
        found = losses.categorical_generalized_cross_entropy([1, 1], p, 0.5)
    assert found.numpy().tolist() == [2.0, 0.0]  # (1 - 0^q) / q
    assert np.isfinite(tape.gradient(found, p)).all()


@pytest.mark.parametrize("labels", [[0, 3], [-1, 0]])
def test_generalized_cross_entropy_refuses_labels_that_are_no_class(labels: list[int]) -> None:
    p = np.full((2, 3), 1 / 3, np.float32)
    for outputs in (p, ops.softmax(p)):
        with pytest.raises(IndexError):
            losses.categorical_generalized_cross_entropy(labels, outputs, 0.5)


@pytest.mark.parametrize("size", [1e4, -1e4])
def test_new_losses_are_stable(size: float) -> None:
    far = ops.convert_to_tensor([[size, -size, 0.0]])
    ones = [[1.0, 0.0, 0.0]]
    for compute in (
        lambda x: losses.binary_focal_crossentropy(ones, x, from_logits=True),
        lambda x: losses.categorical_focal_crossentropy(ones, x, from_logits=True),
        lambda x: losses.categorical_generalized_cross_entropy([0], ops.softmax(x), 0.3),
        lambda x: losses.log_cosh(ones, x),
        lambda x: losses.huber(ones, x),
        lambda x: losses.cosine_similarity(ones, x),
        lambda x: losses.cosine_similarity(ones, 0.0 * x),
    ):
        with GradientTape() as tape:
            tape.watch(far)
            value = compute(far)
        assert np.isfinite(value.numpy()).all()
        assert np.isfinite(tape.gradient(value, far).numpy()).all()


@pytest.mark.parametrize("size", [1e4, -1e4])
def test_stable_at_large_logits(size: float) -> None:
    logits = np.array([[size, -size, 0.0]], np.float32)
    for value in (
        losses.binary_crossentropy([[1.0, 0.0, 1.0]], logits, from_logits=True),
        losses.categorical_crossentropy([[1.0, 0.0, 0.0]], logits, from_logits=True),
        losses.sparse_categorical_crossentropy([0], logits, from_logits=True),
    ):
        assert np.isfinite(value.numpy()).all()


@pytest.mark.parametrize(
    ("activation", "loss", "target"),
    [
        (ops.sigmoid, losses.binary_crossentropy, [[1.0, 0.0]]),
        (ops.softmax, losses.categorical_crossentropy, [[1.0, 0.0]]),
        (ops.softmax, losses.sparse_categorical_crossentropy, [0]),
    ],
)
def test_a_unit_that_is_sure_and_wrong_can_learn(activation, loss, target) -> None:
    x = ops.convert_to_tensor([[-200.0, 200.0]])  # its probabilities are exactly 0 and 1
    with GradientTape() as tape:
        tape.watch(x)
        value = loss(target, activation(x))
    np.testing.assert_array_less(tape.gradient(value, x).numpy() * [[1, -1]], -0.4)
    plain = activation(x) * 1.0  # no longer straight out of the activation
    assert value.numpy().item() > loss(target, plain).numpy().item() > 5


def test_logits_of_one_activation_are_not_taken_for_those_of_the_other() -> None:
    x = np.array([[0.3, -1.0]], np.float32)
    for activation, loss in (
        (ops.sigmoid, losses.categorical_crossentropy),
        (ops.softmax, losses.binary_crossentropy),
    ):
        p = activation(x)
        expect_close(loss([[1, 0]], p), loss([[1, 0]], p.numpy()))


# ---- nothing, one row, weights that differ (Keras's numbers) --------------------------------

ROWS = {
    "nothing": ((0, 2), None, 0.0, 0.0, 0.0),
    "one row": ((1, 3), None, 14 / 3, 14 / 3, 14 / 3),
    "one row that counts twice": ((1, 3), [2.0], 28 / 3, 28 / 3, 14 / 3),
    "rows without weight": ((3, 2), [0.0, 0.0, 0.0], 0.0, 0.0, 0.0),
    "other weights": ((3, 2), [0.0, 1.0, 3.0], 104 / 3, 104.0, 26.0),
}


@pytest.mark.parametrize("case", ROWS)
def test_reductions_of_few_rows_and_none(case: str) -> None:
    shape, weight, mean, total, weighted = ROWS[case]
    y_pred = np.arange(1.0, 1 + np.prod(shape)).reshape(shape).astype(np.float32)
    wanted = {"sum_over_batch_size": mean, "mean": mean, "sum": total}
    wanted["mean_with_sample_weight"] = weighted
    for reduction, value in wanted.items():
        loss = losses.MeanSquaredError(reduction=reduction)
        found = loss(np.zeros(shape), y_pred, sample_weight=weight)
        np.testing.assert_allclose(found, value, rtol=1e-6)
    each = losses.MeanSquaredError(reduction=None)(np.zeros(shape), y_pred, sample_weight=weight)
    assert each.shape == shape[:1]
    np.testing.assert_allclose(each.numpy().sum(), total, rtol=1e-6)


def test_a_users_loss_sees_targets_and_outputs_of_one_shape():
    seen = []

    def loss(y_true, y_pred):
        seen.append((y_true.shape, y_pred.shape))
        return pylego.ops.mean((y_true - y_pred) ** 2)

    model = pylego.Sequential([pylego.layers.Dense(1)])
    model.compile("sgd", loss)
    model.fit(np.ones((8, 3)), np.ones(8), verbose=0)
    assert set(seen) == {((8, 1), (8, 1))}


def test_the_config_of_a_loss_of_a_function_holds_the_function() -> None:
    def cubes(y_true: Any, y_pred: Any, power: int = 3) -> Any:
        return ops.mean(ops.abs(y_true - y_pred) ** power, axis=-1)

    loss = losses.LossFunctionWrapper(cubes, reduction="sum", power=2)
    with saving.custom_object_scope({"cubes": cubes}):
        again = losses.LossFunctionWrapper.from_config(loss.get_config())
    assert (again.fn, again.name, again.reduction) == (cubes, "cubes", "sum")
    assert float(again([[1.0], [2.0]], [[3.0], [4.0]])) == 8.0
