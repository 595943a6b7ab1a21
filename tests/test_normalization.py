"""Normalizing layers, and activations as layers: Keras's numbers, gradients and rules."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load

from pylego import config, layers, names, ops, testing
from pylego.autograd import GradientTape
from pylego.core.tensor import apply_all
from pylego.models import Sequential

GOLDEN = load("normalization")
CASES = GOLDEN["cases"]
BATCH = [name for name, case in CASES.items() if "weights_after_training" in case]


@pytest.fixture(autouse=True)
def names_from_the_start() -> None:
    names.reset_names()


def made(case: dict[str, Any]) -> layers.Layer:
    layer = getattr(layers, case["class"])(**case["arguments"])
    layer.build(np.shape(case["input"]))
    layer.set_weights([array(weight) for weight in case["weights"]])
    return layer


# ---- real Keras -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_outputs_weights_and_losses(name: str) -> None:
    case = CASES[name]
    layer = made(case)
    x = array(case["input"])
    expect_close(layer(x), case["output"], rtol=1e-5)
    expect_close([loss.item() for loss in layer.losses], case["losses"], rtol=1e-5)
    assert [weight.path for weight in layer.weights] == case["weight_paths"]
    assert len(layer.trainable_weights) == case["trainable_weights"]
    assert layer.compute_output_shape((None, *x.shape[1:])) == (None, *x.shape[1:])


@pytest.mark.parametrize("name", CASES)
def test_gradients(name: str) -> None:
    case = CASES[name]
    layer = made(case)
    x = ops.convert_to_tensor(array(case["input"]))
    with GradientTape() as tape:
        tape.watch(x)
        loss = ops.sum(layer(x, training=True) * array(case["factors"]))
    found = tape.gradient(loss, [x, *layer.trainable_weights])
    for ours, golden in zip(found, case["gradients"], strict=True):
        expect_close(ours, golden, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_configs(name: str) -> None:
    case = CASES[name]
    config = made(case).get_config()
    assert set(config) == set(case["config"]) - {"quantization_config"}
    plain = {key: value for key, value in config.items() if not isinstance(value, dict)}
    assert plain == {key: case["config"][key] for key in plain}
    cls = getattr(layers, case["class"])
    assert cls.from_config(config).get_config() == config


@pytest.mark.parametrize("name", BATCH)
def test_training_uses_the_batch_and_moves_the_averages(name: str) -> None:
    case = CASES[name]
    layer = made(case)
    expect_close(layer(array(case["input"]), training=True), case["output_of_training"], rtol=1e-5)
    for ours, golden in zip(layer.get_weights(), case["weights_after_training"], strict=True):
        expect_close(ours, golden)


@pytest.mark.parametrize("eager", [False, True])
def test_fit(eager: bool) -> None:
    case = GOLDEN["fit"]
    model = network(eager)
    model.set_weights([array(weight) for weight in case["first_weights"]])
    x, y = array(case["x"]), array(case["y"])
    history = model.fit(x, y, epochs=3, batch_size=4, shuffle=False, verbose=0)
    expect_close(history.history["loss"], case["loss"], rtol=1e-5)
    for ours, golden in zip(model.get_weights(), case["weights"], strict=True):
        expect_close(ours, golden, rtol=1e-4, atol=1e-5)
    expect_close(model.predict(x, verbose=0), case["predicted"], rtol=1e-4, atol=1e-5)


def network(eager: bool) -> Sequential:
    model = Sequential(
        [
            layers.Dense(4),
            layers.BatchNormalization(momentum=0.8),
            layers.ReLU(),
            layers.Dense(3),
            layers.LayerNormalization(),
            layers.PReLU(),
            layers.Dense(1),
        ]
    )
    model.build((None, 3))
    model.compile("sgd", "mse", run_eagerly=eager)
    return model


# ---- programs -------------------------------------------------------------------------------


def test_programs_train_to_the_same_bits_as_eager() -> None:
    weights = network(False).get_weights()
    generator = np.random.default_rng(0)
    x = generator.normal(size=(50, 3)).astype(np.float32)
    y = generator.normal(size=(50, 1)).astype(np.float32)
    seen = []
    for eager in (False, True):
        model = network(eager)
        model.set_weights(weights)
        model.fit(x, y, epochs=2, batch_size=16, shuffle=False, verbose=0)
        seen.append([weight.tobytes() for weight in model.get_weights()])
    assert seen[0] == seen[1]


def test_freezing_after_compile_stops_the_moving_averages() -> None:
    model = network(False)
    x, y = np.ones((8, 3), np.float32), np.ones((8, 1), np.float32)
    model.fit(x, y, verbose=0)
    layer = model.layers[1]
    layer.trainable = False
    model.compile("sgd", "mse")
    before = layer.moving_mean.numpy().copy()
    model.fit(x, y, verbose=0)
    assert (layer.moving_mean.numpy() == before).all()
    layer.trainable = True
    model.compile("sgd", "mse")
    model.fit(x, y, verbose=0)
    assert (layer.moving_mean.numpy() != before).any()


def test_a_recorded_batch_normalization_takes_two_passes_each_way() -> None:
    """Forward: the moments and a fused loop. Backward: the sums and a fused loop that makes dx."""
    stack = [layers.ReLU(), layers.BatchNormalization(), layers.ReLU(), layers.Flatten()]
    model = Sequential([layers.Input((8, 8, 16)), layers.BatchNormalization(), *stack])
    model.add(layers.Dense(1))
    model.compile("sgd", "mse")
    lines = str(model.program(batch_size=4)).splitlines()
    heads = [line for line in lines if line[:3].strip().isdigit() and "4x8x8x16" in line]
    forward = ["moments", "normalize"] * 2  # each with its relu
    # The gradient of relu is the epilogue of a product; then comes the fused loop of dx.
    back = ["matmul", "centered_sums", "multiply", "centered_sums"]
    assert [head.split()[1] for head in heads] == forward + back


# ---- numbers --------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(4096, 3), (70, 9, 9, 64), (3, 5, 70, 70), (2, 700)])
@pytest.mark.parametrize("mean", [0.0, 1e3])
def test_moments_are_those_of_float64(shape: tuple[int, ...], mean: float) -> None:
    x = np.random.default_rng(1).normal(mean, 1.0, shape).astype(np.float32)
    for axis in range(len(shape)):
        axes = tuple(a for a in range(len(shape)) if a != axis)
        ours = ops.moments(x, axes)
        exact = x.astype(np.float64)
        np.testing.assert_allclose(ours[0].numpy(), exact.mean(axes), rtol=1e-7, atol=1e-7)
        np.testing.assert_allclose(ours[1].numpy(), exact.var(axes), rtol=2e-7)


def test_moments_of_equal_numbers_have_no_variance() -> None:
    mean, variance = ops.moments(np.full((1000, 3), 1 / 3, np.float32), axes=0)
    assert (mean.numpy() == np.float32(1 / 3)).all()
    assert (variance.numpy() == 0).all()


def test_an_outlier_in_front_costs_no_bits() -> None:
    x = np.random.default_rng(2).normal(size=(1000, 1))
    x[0] = 1e12
    variance = ops.moments(x, axes=0)[1].numpy()
    np.testing.assert_allclose(variance, x.var(axis=0), rtol=1e-12)


@pytest.mark.parametrize(
    "layer",
    [
        layers.BatchNormalization(dtype="float64"),
        layers.BatchNormalization(axis=1, dtype="float64"),
        layers.LayerNormalization(axis=[1, 2], dtype="float64"),
        layers.GroupNormalization(2, dtype="float64"),
    ],
    ids=lambda layer: layer.name,
)
def test_gradients_are_slopes(layer: layers.Layer) -> None:
    x = np.random.default_rng(3).normal(size=(3, 2, 4))
    options = {"training": True} if "training" in layer._call_names else {}
    testing.check_gradients(lambda x: layer(x, **options), [x])


@pytest.mark.parametrize("shape", [(20_000, 11), (300, 517), (9, 20_000)])
def test_gradients_of_many_lines_are_numpys(shape: tuple[int, int]) -> None:
    random = np.random.default_rng(4)
    dy, x = (random.normal(size=shape).astype(np.float32) for _ in range(2))
    gamma = random.normal(size=shape[1:]).astype(np.float32)
    m, r = x.mean(1, keepdims=True), 1 / x.std(1, keepdims=True)
    f, c = dy.astype(float) * gamma, x - m.astype(float)
    t, s = (f * c).mean(1, keepdims=True), f.mean(1, keepdims=True)
    wanted = (r * f - c * r.astype(float) ** 3 * t - r * s, (dy * c * r).sum(0), dy.sum(0, float))

    seen = set()
    before = config.isa(), config.num_threads()
    for isa, threads in itertools.product(config.isas(), (1, 2)):
        config.set_isa(isa)
        config.set_num_threads(threads)
        ours = apply_all("normalize_lines_gradient", (dy, x, gamma, m, r), 3, axis=1, is_centered=1)
        for y, expected in zip(ours, wanted):
            np.testing.assert_allclose(y.numpy(), expected, rtol=1e-5, atol=1e-4)
        seen.add(b"".join(y.numpy().tobytes() for y in ours))
    config.set_isa(before[0])
    config.set_num_threads(before[1])
    assert len(seen) == 1


# ---- refusals -------------------------------------------------------------------------------


def test_mistakes_name_the_layer_and_the_shapes() -> None:
    cases = [
        (lambda: layers.BatchNormalization(axis=3)(np.ones((2, 3))), r"axis=3.*\(2, 3\)"),
        (lambda: layers.LayerNormalization(axis=2)(np.ones((2, 3))), r"axis=2.*\(2, 3\)"),
        (lambda: layers.GroupNormalization()(np.ones((2, 3))), "3 channels.*32 groups"),
        (lambda: layers.GroupNormalization(0), "groups=0"),
        (lambda: layers.PReLU(shared_axes=[2])(np.ones((2, 3))), "shared_axes"),
        (lambda: layers.ReLU(max_value=-1.0), "max_value"),
        (lambda: layers.LeakyReLU(-1.0), "negative_slope"),
        (lambda: ops.batch_normalization(np.ones((2, 3)), [0.0], [1.0], -1), r"\(3,\)"),
    ]
    for call, message in cases:
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(TypeError, match="axis='last'"):
        layers.LayerNormalization(axis="last")
    with pytest.raises(TypeError, match="momentum"):
        layers.BatchNormalization(momentun=0.9)


def test_softmax_leaves_out_what_is_masked() -> None:
    layer = layers.Softmax()
    shares = layer([[1.0, 2.0, 1.0], [0.0, 0.0, 0.0]], mask=[[True, False, True], [False] * 3])
    assert shares.numpy().tolist() == [[0.5, 0.0, 0.5], [0.0, 0.0, 0.0]]


def test_an_old_mode_divides_by_the_deviation_alone() -> None:
    x, scale = np.arange(12, dtype=np.float32).reshape(3, 4), np.arange(4, dtype=np.float32)
    found = ops.layer_normalization(x, scale, epsilon=0.0, rms_scaling=True)
    np.testing.assert_allclose(found, x / x.std(1, keepdims=True) * scale, rtol=1e-6)
