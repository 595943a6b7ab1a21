"""Pooling, up-sampling, padding and cropping beyond single outputs; resizing as Keras does it."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from goldens import expect_close, load

from pylego import config, layers, names, ops, utils
from pylego.autograd import GradientTape
from pylego.models import Sequential

GOLDEN = load("pooling_layers")
GRADIENTS = GOLDEN["gradients"]


@pytest.fixture(autouse=True)
def names_from_the_start() -> None:
    names.reset_names()


def floats(values: Any) -> np.ndarray:
    return np.array(values, np.float32)


# ---- real Keras -----------------------------------------------------------------------------


@pytest.mark.parametrize("label", GRADIENTS)
def test_gradient(label: str) -> None:
    case, golden = GOLDEN["cases"][label], GRADIENTS[label]
    layer = getattr(layers, case["class"])(**case["arguments"])
    x = ops.convert_to_tensor(floats(case["input"]))
    with GradientTape() as tape:
        tape.watch(x)
        y = ops.sum(layer(x) * floats(golden["weights"]))
    expect_close(tape.gradient(y, x), golden["gradient"], atol=1e-5)


@pytest.mark.parametrize("case", GOLDEN["resized"], ids=lambda case: f"{case['arguments']}")
def test_resized(case: dict[str, Any]) -> None:
    y = ops.image.resize(floats(case["input"]), case["size"], **case["arguments"])
    expect_close(y, case["output"], rtol=1e-5)


@pytest.mark.parametrize("case", GOLDEN["resized_integers"], ids=lambda case: f"{case}"[:40])
def test_resized_integers_stay_integers(case: dict[str, Any]) -> None:
    x = np.array(case["input"], np.uint8)
    y = ops.image.resize(x, case["size"], **case["arguments"])
    assert y.dtype == "uint8"
    assert y.numpy().tolist() == case["output"]


# ---- pooling --------------------------------------------------------------------------------


def test_the_gradient_goes_to_the_first_of_the_largest() -> None:
    x = ops.ones((1, 4, 1))
    x.requires_grad = True
    layers.MaxPooling1D(3, 1)(x).backward()
    assert x.grad.reshape(4).numpy().tolist() == [1, 1, 0, 0]


def test_nan_is_larger_than_all_numbers() -> None:
    x = ops.convert_to_tensor([[[1.0], [np.nan], [np.inf], [np.nan]]])
    x.requires_grad = True
    y = layers.MaxPooling1D(4)(x)
    y.backward()
    assert np.isnan(y.numpy()).all()
    assert x.grad.reshape(4).numpy().tolist() == [0, 1, 0, 0]


@pytest.mark.parametrize("size", [16, 17])  # 256 places, of which each has a byte, and more
def test_gradients_find_their_place_in_large_windows(size: int) -> None:
    x = np.random.default_rng(size).permutation(4 * size * size * 3).reshape(1, 2 * size, -1, 3)
    with GradientTape() as tape:
        inputs = ops.convert_to_tensor(x.astype("float64"))
        tape.watch(inputs)
        loss = ops.sum(ops.max_pool(inputs, size) * 2.0)
    windows = x.reshape(2, size, 2, size, 3)
    largest = windows == windows.max((1, 3), keepdims=True)
    assert (tape.gradient(loss, inputs).numpy() == 2.0 * largest.reshape(x.shape)).all()


def test_integers_are_pooled() -> None:
    x = np.arange(16, dtype=np.int32).reshape(1, 4, 4, 1)
    largest, mean = layers.MaxPooling2D()(x), layers.AveragePooling2D(2)(x)
    assert (largest.dtype, largest.numpy().ravel().tolist()) == ("int32", [5, 7, 13, 15])
    assert (mean.dtype, mean.numpy().ravel().tolist()) == ("float32", [2.5, 4.5, 10.5, 12.5])


def test_other_names_are_the_same_classes() -> None:
    for rank, kind in itertools.product((1, 2, 3), ("", "Global")):
        for short, long in (("MaxPool", "MaxPooling"), ("AvgPool", "AveragePooling")):
            ours = getattr(layers, f"{kind}{short}{rank}D")
            assert ours is getattr(layers, f"{kind}{long}{rank}D")


def test_batches_may_be_empty() -> None:
    x = np.zeros((0, 4, 4, 3), np.float32)
    assert layers.MaxPooling2D()(x).shape == (0, 2, 2, 3)
    assert layers.AveragePooling2D(2)(x).shape == (0, 2, 2, 3)
    assert layers.UpSampling2D()(x).shape == (0, 8, 8, 3)
    assert layers.UpSampling2D(interpolation="bilinear")(x).shape == (0, 8, 8, 3)
    assert layers.GlobalAveragePooling2D()(x).shape == (0, 3)


def test_the_mean_of_a_long_window_keeps_its_digits() -> None:
    x = np.full((1, 100_000, 1), 0.1, np.float32)
    y = layers.AveragePooling1D(100_000)(x)
    assert y.item() == np.float32(0.1)


def losses_of_training(run_eagerly: bool) -> list[float]:
    """Of a network whose gradients go through every layer of this file."""
    generator = np.random.default_rng(0)
    y = np.repeat([0, 1], 8)
    x = generator.normal(size=(16, 8, 8, 1)) + y[:, None, None, None]
    utils.set_random_seed(1)
    model = Sequential([
        layers.Input((8, 8, 1)),
        layers.Dense(3, "relu", bias_initializer="ones"),
        layers.ZeroPadding2D(1),
        layers.MaxPooling2D(3, 2),
        layers.UpSampling2D(interpolation="bilinear"),
        layers.UpSampling2D(2),
        layers.Cropping2D(1),
        layers.AveragePooling2D(2, padding="same"),
        layers.GlobalMaxPooling2D(keepdims=True),
        layers.GlobalAveragePooling2D(),
        layers.Dense(1, "sigmoid", kernel_initializer="ones"),
    ])  # fmt: skip
    model.compile("sgd", "binary_crossentropy", run_eagerly=run_eagerly)
    return model.fit(x, y, 16, 30, verbose=0, shuffle=False).history["loss"]


def test_networks_with_pooling_learn_the_same_eagerly_and_as_programs() -> None:
    losses = losses_of_training(False)
    assert losses[-1] < 0.9 * losses[0]
    assert losses == losses_of_training(True)


# ---- what is refused ------------------------------------------------------------------------


def test_a_window_that_does_not_fit_names_layer_shapes_and_what_would_mend_it() -> None:
    text = (
        "'max_pooling2d': a window of 5 x 2 does not fit into pictures of 4 x 4. padding='same' or "
        "a smaller pool_size would do"
    )
    layer = layers.MaxPooling2D((5, 2))
    for call in (layer, lambda x: layer.compute_output_shape(x.shape)):
        with pytest.raises(ValueError, match=text):
            call(np.zeros((1, 4, 4, 1)))
    model = Sequential([layers.Input((4, 4, 1)), layers.MaxPooling2D(), layers.MaxPooling2D()])
    with pytest.raises(ValueError, match=r"'max_pooling2d_3': a window of 2 x 2 .* of 1 x 1"):
        model.add(layers.MaxPooling2D())


def test_cropping_everything_away_is_refused() -> None:
    layer = layers.Cropping2D(((2, 2), (0, 0)), data_format="channels_first")
    for call in (layer, lambda x: layer.compute_output_shape(x.shape)):
        with pytest.raises(ValueError, match=r"'cropping2d': cropping=.* nothing of .* of 4 x 6"):
            call(np.zeros((1, 2, 4, 6)))


def test_nothing_has_no_mean() -> None:
    with pytest.raises(ValueError, match="'global_average_pooling2d': pictures of 0 x 3"):
        layers.GlobalAveragePooling2D()(np.zeros((1, 0, 3, 2)))


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: layers.MaxPooling2D(0), ValueError, "MaxPooling2D: pool_size must be 1 or more"),
        (lambda: layers.MaxPooling2D(2, 0), ValueError, "MaxPooling2D: strides must be 1 or more"),
        (lambda: layers.MaxPooling2D((2, 2, 2)), ValueError, "pool_size is a number, or 2 of them"),
        (lambda: layers.AveragePooling1D(2.5), TypeError, "pool_size must be a whole number"),
        (lambda: layers.MaxPooling2D(padding="full"), ValueError, "Unknown padding 'full'"),
        (lambda: layers.MaxPooling2D(pool=2), TypeError, "Did you mean 'pool_size'"),
        (lambda: layers.GlobalMaxPooling1D("last"), ValueError, "channels_last"),
        (lambda: layers.ZeroPadding2D(-1), ValueError, "ZeroPadding2D: padding must be 0 or more"),
        (lambda: layers.ZeroPadding2D((1, 2, 3)), ValueError, "or 2 pairs"),
        (lambda: layers.Cropping3D((1, 1)), ValueError, "or 3 pairs"),
        (lambda: layers.UpSampling1D("2"), TypeError, "UpSampling1D: size must be a whole number"),
        (lambda: layers.UpSampling2D(interpolation="area"), ValueError, "Unknown interpolation"),
    ],
)
def test_wrong_arguments_are_refused(make: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        make()


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"size": (2, 2, 2)}, ValueError, "a pair"),
        ({"size": (0, 2)}, ValueError, "size must be 1 or more"),
        ({"size": (2, 2), "interpolation": "lanczos"}, ValueError, "lanczos3"),
        ({"size": (2, 2), "fill_mode": "reflect"}, ValueError, "fill_mode"),
        (
            {"size": (2, 2), "crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True},
            ValueError,
            "exclude each other",
        ),
    ],
)
def test_wrong_sizes_are_refused(
    arguments: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        ops.image.resize(np.zeros((4, 4, 1)), **arguments)


@pytest.mark.parametrize("pool", [ops.max_pool, ops.average_pool])
def test_functions_refuse_what_does_not_fit(pool: Any) -> None:
    with pytest.raises(ValueError, match="a window of 5 does not fit into axis 1"):
        pool(np.zeros((1, 4, 1)), 5)
    with pytest.raises(ValueError, match="3, 4 or 5 axes"):
        pool(np.zeros((4, 1)), 2)
    with pytest.raises(ValueError, match="padding"):
        pool(np.zeros((1, 4, 1)), 2, padding="full")
    with pytest.raises(ValueError, match="one number, or one for each of 1 spatial axes"):
        pool(np.zeros((1, 4, 1)), (2, 2))


@pytest.mark.parametrize("isa", config.isas())
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("channels", [1, 2, 3, 5, 7, 15, 16, 17, 30, 33, 64, 70, 129])
def test_windows_of_any_number_of_channels_are_numpys(isa: str, dtype: str, channels: int) -> None:
    before = config.isa()
    config.set_isa(isa)
    x = np.random.default_rng(channels).standard_normal((2, 7, 8, channels)).astype(dtype)
    x[0, 3, 3] = np.nan
    seen = np.lib.stride_tricks.sliding_window_view(x, (3, 3), (1, 2))[:, ::2, ::2]
    largest, means = np.array(ops.max_pool(x, 3, 2)), np.array(ops.average_pool(x, 3, 2))
    config.set_isa(before)
    np.testing.assert_array_equal(largest, seen.max((-1, -2)))
    np.testing.assert_allclose(means, seen.mean((-1, -2)), 1e-4, 1e-6)


def test_remembered_windows_do_not_let_other_types_in() -> None:
    x = np.zeros((1, 4, 1))
    ops.max_pool(x, 1)
    for other in (True, 1.0, (1.0,)):
        with pytest.raises((TypeError, ValueError), match="pool_size"):
            ops.max_pool(x, other)
