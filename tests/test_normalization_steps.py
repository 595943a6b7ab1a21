"""Normalizing layers in several steps beside Keras: masks, renormalization, all arguments."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load

from pylego import layers, names, ops, testing
from pylego.autograd import GradientTape

CASES = load("normalization_steps")["cases"]
RENORMALIZED = [name for name in CASES if name.startswith("renorm")]


@pytest.fixture(autouse=True)
def names_from_the_start() -> None:
    names.reset_names()


def made(case: dict[str, Any], **others: Any) -> layers.Layer:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of rms_scaling
        layer = getattr(layers, case["class"])(**case["arguments"], **others)
    layer.build(np.shape(case["factors"]))
    return layer


def options(layer: layers.Layer, case: dict[str, Any]) -> dict[str, Any]:
    training = {"training": True} if "training" in layer._call_names else {}
    return training if case["mask"] is None else {**training, "mask": np.array(case["mask"], bool)}


@pytest.mark.parametrize("name", CASES)
def test_steps(name: str) -> None:
    case = CASES[name]
    layer = made(case)
    assert [weight.path for weight in layer.weights] == case["weight_paths"]
    expect_all(layer.get_weights(), case["first_weights"])
    for step in case["steps"]:
        x = ops.convert_to_tensor(array(step["input"]))
        with GradientTape() as tape:
            tape.watch(x)
            y = layer(x, **options(layer, case))
            loss = ops.sum(y * array(case["factors"]))
        expect_close(y, step["output"], rtol=1e-5, atol=2e-6)
        expect_all(tape.gradient(loss, [x, *layer.trainable_weights]), step["gradients"], 1e-4)
        expect_all(layer.get_weights(), step["weights"])
    expect_close(layer(x), case["inference"], rtol=1e-5, atol=2e-6)
    expect_close([loss.item() for loss in layer.losses], case["losses"], rtol=1e-5)


def expect_all(ours: list, goldens: list, rtol: float = 4e-6) -> None:
    for our, golden in zip(ours, goldens, strict=True):
        expect_close(our, golden, rtol, atol=max(rtol / 10, 2e-6))


@pytest.mark.parametrize("name", CASES)
def test_configs(name: str) -> None:
    case = CASES[name]
    layer = made(case)
    config = layer.get_config()
    assert set(config) == set(case["config"])
    plain = {key: value for key, value in config.items() if not hasattr(value, "keys")}
    assert plain == {key: case["config"][key] for key in plain}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert type(layer).from_config(config).get_config() == config


@pytest.mark.parametrize("name", RENORMALIZED)
def test_renormalized_programs_have_the_bits_of_eager_steps(name: str) -> None:
    from pylego.models import Sequential

    case = CASES[name]
    if case["mask"] is not None:
        return
    x = np.concatenate([array(step["input"]) for step in case["steps"]])
    seen = []
    for eager in (False, True):
        layer = made(case)
        model = Sequential([layer, layers.Flatten(), layers.Dense(1, kernel_initializer="ones")])
        model.compile("sgd", "mse", run_eagerly=eager)
        model.fit(x, np.ones((len(x), 1), np.float32), batch_size=4, shuffle=False, verbose=0)
        seen.append([weight.tobytes() for weight in model.get_weights()])
    assert seen[0] == seen[1]


@pytest.mark.parametrize("name", [name for name in CASES if "renorm" not in name])
def test_gradients_are_slopes(name: str) -> None:
    """But for renormalization, whose corrections are constants to the gradient."""
    case = CASES[name]
    layer = made(case, dtype="float64")
    x = np.array(case["steps"][0]["input"])
    testing.check_gradients(lambda x: layer(x, **options(layer, case)), [x])


def test_what_a_mask_leaves_out_changes_nothing() -> None:
    case = CASES["batch, masked"]
    x, mask = array(case["steps"][0]["input"]), np.array(case["mask"], bool)
    seen = []
    for value in (0.0, 1e6):
        layer = made(case)
        y = layer(np.where(mask[..., None], x, np.float32(value)), training=True, mask=mask)
        seen.append((y.numpy()[mask].tobytes(), layer.moving_variance.numpy().tobytes()))
    assert seen[0] == seen[1]


def test_a_mask_of_nothing_leaves_numbers() -> None:
    layer = layers.BatchNormalization(momentum=0.5)
    layer(np.ones((3, 5, 2)), training=True, mask=np.zeros((3, 5), bool))
    assert layer.moving_mean.numpy().tolist() == [0.0, 0.0]
    assert layer.moving_variance.numpy().tolist() == [0.5, 0.5]


def test_mistakes_name_the_layer_and_the_shapes() -> None:
    batch = layers.BatchNormalization
    cases = [
        (lambda: batch(renorm=True, renorm_clipping={"rmx": 1.0}), "rmx.*rmax"),
        (lambda: batch(renorm_clipping={"rmin": 2.0, "rmax": 1.0}), "between rmin and rmax"),
        (lambda: batch(renorm_clipping={"dmax": -1.0}), "dmax"),
        (
            lambda: batch(name="n")(np.ones((2, 3, 1)), training=True, mask=[True, False]),
            r"'n'.*\(2, 3\).*\(2,\)",
        ),
        (lambda: layers.RMSNormalization(axis=2)(np.ones((2, 3))), r"axis=\[2\].*\(2, 3\)"),
    ]
    for call, message in cases:
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(TypeError, match="axis='last'"):
        layers.RMSNormalization(axis="last")
    with pytest.warns(UserWarning, match="RMSNormalization"):
        layers.LayerNormalization(rms_scaling=True)
