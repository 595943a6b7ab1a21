"""Layers of images: Keras's numbers where there is one choice, and the ranges of random changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from goldens import expect_close, load

import pylego
from pylego import config, layers, ops
from pylego.models import Sequential

GOLDEN = load("image_layers")
IMAGES = np.array(GOLDEN["images"], "float32")
MANY = np.random.default_rng(3).uniform(0, 255, (12, 6, 8, 3)).astype("float32")

RANDOM: dict[str, dict[str, Any]] = {
    "RandomFlip": {},
    "RandomRotation": {"factor": 0.3},
    "RandomTranslation": {"height_factor": 0.3, "width_factor": 0.3},
    "RandomZoom": {"height_factor": 0.5},
    "RandomContrast": {"factor": 0.9},
    "RandomCrop": {"height": 4, "width": 5},
    "RandomColorDegeneration": {"factor": 0.9},
    "RandomColorJitter": {"hue_factor": 0.5, "brightness_factor": 0.2},
    "RandomErasing": {},
    "RandomGrayscale": {"factor": 0.5},
    "RandomHue": {"factor": 0.9},
    "RandomInvert": {"factor": (0.5, 0.5)},
    "RandomPosterization": {"factor": 8},
    "RandomSaturation": {"factor": 0.9},
    "RandomSharpness": {"factor": 0.9},
    "RandomShear": {"x_factor": 0.5, "y_factor": 0.2},
    "AugMix": {"num_chains": 2},
    "RandAugment": {"num_ops": 3},
    "Solarization": {"threshold_factor": 1.0},
}
every_random = pytest.mark.parametrize("name", RANDOM)


def made(name: str, **arguments: Any) -> layers.Layer:
    return getattr(layers, name)(**{**RANDOM[name], **arguments})


def as_tuples(value: Any) -> Any:
    return tuple(map(as_tuples, value)) if isinstance(value, (list, tuple)) else value


# ---- real Keras -----------------------------------------------------------------------------


def name_of(fact: dict) -> str:
    return f"{fact['layer']} {fact['arguments']}"


@pytest.mark.parametrize("fact", GOLDEN["layers"], ids=name_of)
def test_outputs_are_kerass(fact: dict) -> None:
    make = getattr(layers, fact["layer"])
    y = make(**fact["arguments"])(IMAGES)
    expect_close(y, fact["outputs"], rtol=1e-5, atol=1e-4)
    assert make(**fact["arguments"]).compute_output_shape((None, *IMAGES.shape[1:])) == (
        None, *y.shape[1:],
    )  # fmt: skip
    if fact["layer"] == "Rescaling":
        return
    first = make(**fact["arguments"], data_format="channels_first")
    np.testing.assert_array_equal(
        first(IMAGES.transpose(0, 3, 1, 2)), ops.transpose(y, (0, 3, 1, 2))
    )
    alone = make(**fact["arguments"])
    np.testing.assert_array_equal(alone(IMAGES[0]), y[0])
    assert alone.compute_output_shape(IMAGES.shape[1:]) == y.shape[1:]


@pytest.mark.parametrize("fact", GOLDEN["contrast"], ids=lambda fact: str(fact["factor"]))
def test_contrast_is_kerass(fact: dict) -> None:
    layer = layers.RandomContrast(0.5)
    factor = ops.full((2, 1), fact["factor"])
    ours = layer.with_contrast(ops.convert_to_tensor(IMAGES), factor)
    expect_close(ours, fact["outputs"], rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("fact", GOLDEN["configs"], ids=name_of)
def test_configs_are_kerass_and_come_round(fact: dict) -> None:
    make = getattr(layers, fact["layer"])
    layer = make(**fact["arguments"], name="named")
    assert as_tuples(sorted(layer.get_config().items())) == as_tuples(
        sorted(fact["config"].items())
    )
    assert make.from_config(fact["config"]).get_config() == layer.get_config()


# ---- random changes -------------------------------------------------------------------------


@every_random
def test_only_training_changes_images(name: str) -> None:
    layer = made(name, seed=1)
    same = layer(MANY, training=False).numpy()
    if name == "RandomCrop":
        np.testing.assert_array_equal(same, MANY[:, 1:5, 1:6])
    else:
        np.testing.assert_array_equal(same, MANY)
    assert not np.array_equal(layer(MANY, training=True).numpy(), same)


@every_random
def test_seeds_repeat_and_calls_differ(name: str) -> None:
    one, other = made(name, seed=4), made(name, seed=4)
    first = one(MANY).numpy()
    np.testing.assert_array_equal(other(MANY), first)
    assert not np.array_equal(one(MANY), first)
    assert not np.array_equal(made(name, seed=5)(MANY), first)
    pylego.utils.set_random_seed(7)
    without = made(name)(MANY).numpy()
    pylego.utils.set_random_seed(7)
    np.testing.assert_array_equal(made(name)(MANY), without)


@every_random
def test_batches_and_threads_do_not_change_pictures(name: str) -> None:
    whole = made(name, seed=4)(MANY).numpy()
    parts = made(name, seed=4)
    sizes = np.split(MANY, (1, 4, 10))
    np.testing.assert_array_equal(np.concatenate([parts(part) for part in sizes]), whole)
    before = config.num_threads()
    for count in (1, 3):
        config.set_num_threads(count)
        np.testing.assert_array_equal(made(name, seed=4)(MANY), whole)
    config.set_num_threads(before)


@every_random
def test_integers_become_floats(name: str) -> None:
    pixels = MANY.astype("uint8")
    y = made(name, seed=4)(pixels)
    assert y.dtype == "float32"
    np.testing.assert_array_equal(y, made(name, seed=4)(pixels.astype("float32")))
    assert made(name, seed=4, dtype="float64")(pixels).dtype == "float64"


@every_random
def test_recorded_training_draws_anew_at_each_step(name: str) -> None:
    """What fit sees in each step, and what the same layer makes of the same images eagerly."""
    seen: list[np.ndarray] = []

    class Watch(pylego.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(np.array(kept.numpy()))

    class Keep(layers.Layer):
        def call(self, inputs: Any) -> Any:
            kept.assign(inputs)
            return inputs

        def compute_output_shape(self, input_shape: Any) -> Any:
            return input_shape

    x = MANY[:4]
    kept = pylego.Variable(np.zeros(made(name)(x).shape, "float32"))
    model = Sequential([made(name, seed=9), Keep(), layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x, np.zeros((4, 1)), epochs=3, shuffle=False, verbose=0, callbacks=[Watch()])
    alone = made(name, seed=9)
    expected = [alone(x).numpy() for _ in range(3)]
    for ours, wanted in zip(seen, expected, strict=True):
        np.testing.assert_array_equal(ours, wanted)
    assert not np.array_equal(seen[0], seen[1])


@every_random
def test_models_train_with_a_smaller_last_batch(name: str) -> None:
    scaled = layers.Rescaling(1 / 255)
    model = Sequential([made(name, seed=9), scaled, layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse")
    x, y = MANY, np.zeros((12, 1))
    model.fit(x, y, epochs=2, batch_size=5, verbose=0)
    np.testing.assert_array_equal(model.predict(x, verbose=0), model.predict(x, verbose=0))
    assert np.isfinite(model.evaluate(x, y, verbose=0))


def test_flips_take_both_sides() -> None:
    for mode, axes in (("horizontal", [2]), ("vertical", [1]), ("horizontal_and_vertical", [1, 2])):
        y = layers.RandomFlip(mode, seed=2)(np.repeat(MANY[:1], 200, 0)).numpy()
        flips = [(), *[(axis,) for axis in axes], *([(1, 2)] if len(axes) == 2 else [])]
        counts = [int((y == np.flip(MANY[:1], f)).all((1, 2, 3)).sum()) for f in flips]
        assert sum(counts) == 200
        assert min(counts) > 0.7 * 200 / len(counts)


def test_crops_are_windows_of_their_image() -> None:
    y = layers.RandomCrop(4, 5, seed=2)(np.repeat(MANY[:1], 100, 0)).numpy()
    windows = [MANY[0, i : i + 4, j : j + 5] for i in range(3) for j in range(4)]
    hits = [sum(np.array_equal(x, window) for x in y) for window in windows]
    assert sum(hits) == 100
    assert min(hits) > 0
    small = layers.RandomCrop(7, 7, seed=2)(MANY)
    np.testing.assert_array_equal(small, layers.CenterCrop(7, 7)(MANY))


def test_ranges_are_kept() -> None:
    ramp = np.broadcast_to(np.arange(100.0)[None, None, :, None], (200, 1, 100, 1))
    y = layers.RandomTranslation(0, (0.1, 0.2), fill_mode="nearest", seed=1)(ramp).numpy()
    shifts = 50 - y[:, 0, 50, 0]
    assert 10 <= shifts.min() < 11
    assert 19 < shifts.max() <= 20
    y = layers.RandomContrast((0.5, 0.25), value_range=(-1000, 1000), seed=1)(ramp).numpy()
    factors = (y[:, 0, 99, 0] - y[:, 0, 0, 0]) / 99
    assert 0.5 <= factors.min() < 0.52
    assert 1.23 < factors.max() <= 1.25
    y = layers.RandomZoom(0, (-0.5, 0.5), fill_mode="nearest", seed=1)(ramp).numpy()
    scales = y[:, 0, 51, 0] - y[:, 0, 50, 0]
    assert 0.5 <= scales.min() < 0.53
    assert 1.47 < scales.max() <= 1.5


def test_gradients_reach_images() -> None:
    x = ops.convert_to_tensor(MANY[:2].astype("float64"))
    matrix = layers.RandomRotation((0.1, 0.1), dtype="float64")
    pylego.testing.check_gradients(lambda images: matrix(images), [x])


EDGES = np.arange(1.0, 13, dtype=np.float32).reshape(1, 3, 4, 1)


def changed(make: Any, given: dict, **settings: Any) -> np.ndarray:
    """The small picture, changed by a layer; which is the same from its config, and turned."""
    layer = make(**given, **settings)
    y = layer(EDGES)
    np.testing.assert_array_equal(make.from_config(layer.get_config())(EDGES), y)
    first = make(**given, **settings, data_format="channels_first")
    np.testing.assert_array_equal(first(EDGES.transpose(0, 3, 1, 2))[:, 0], y[..., 0])
    return y.numpy()


@pytest.mark.parametrize(
    ("make", "given"),
    [
        (layers.RandomTranslation, {"height_factor": 0, "width_factor": (0.5, 0.5)}),
        (layers.RandomTranslation, {"height_factor": (-0.5, -0.5), "width_factor": 0}),
        (layers.RandomRotation, {"factor": (0.2, 0.2)}),
        (layers.RandomZoom, {"height_factor": (0.8, 0.8)}),
        (layers.RandomZoom, {"height_factor": (0.9, 0.9), "width_factor": (-0.5, -0.5)}),
    ],
)
def test_settings_of_edges_reach_the_pixels(make: Any, given: dict) -> None:
    near = {"interpolation": "nearest"}
    filled = changed(make, given, fill_mode="constant", fill_value=50.0, **near)
    assert np.isin(filled, [*EDGES.ravel(), 50]).all()
    assert (filled == 50).any()
    for mode in ("nearest", "reflect", "wrap"):
        inside = changed(make, given, fill_mode=mode, **near)
        assert np.isin(inside, EDGES).all()
        np.testing.assert_array_equal(inside[filled != 50], filled[filled != 50])
    nearest = changed(make, given, fill_mode="nearest")
    assert not np.array_equal(nearest, changed(make, given, fill_mode="wrap"))
    plain = changed(make, given, fill_mode="reflect", interpolation="bilinear", fill_value=0.0)
    np.testing.assert_array_equal(changed(make, given), plain)


def test_directions_are_those_that_are_said() -> None:
    image = np.arange(12.0, dtype=np.float32).reshape(3, 4, 1)
    down = layers.RandomTranslation((1 / 3, 1 / 3), 0, fill_mode="constant")(image).numpy()
    np.testing.assert_allclose(down[1:], image[:2], atol=1e-5)
    np.testing.assert_allclose(down[0], 0, atol=1e-5)
    right = layers.RandomTranslation(0, (0.25, 0.25), fill_mode="nearest")(image).numpy()
    np.testing.assert_array_equal(right[:, 1:], image[:, :3])
    np.testing.assert_array_equal(right[:, 0], image[:, 0])
    turned = layers.RandomRotation((0.25, 0.25))(np.arange(9.0).reshape(3, 3, 1)).numpy()
    np.testing.assert_allclose(turned[..., 0], np.rot90(np.arange(9.0).reshape(3, 3)), atol=1e-5)
    flat = layers.RandomZoom((-0.5, -0.5), 0, interpolation="nearest")(
        np.arange(4.0)[:, None, None]
    )
    assert flat.numpy().ravel().tolist() == [1, 1, 2, 2]


def test_colors_keep_to_their_range() -> None:
    image = np.array([[[0.2], [0.4], [0.9]]], np.float32)
    unit = {"value_range": (0.0, 1.0)}
    contrast = layers.RandomContrast((1.0, 0.0), **unit, seed=1)(image).numpy()
    assert contrast.mean() == pytest.approx(0.5)
    assert np.ptp(contrast) <= np.ptp(image)
    strong = layers.RandomContrast((0.0, 1.0), value_range=(0.3, 0.6), seed=1)(image).numpy()
    assert (strong.min(), strong.max()) == (np.float32(0.3), np.float32(0.6))
    gray = np.full((400, 1, 1, 1), 0.5, np.float32)
    for factor, low, high in ((0.2, 0.3, 0.7), ((-0.1, 0.3), 0.4, 0.8)):
        layer = layers.RandomBrightness(factor, **unit, seed=1)
        assert layer.get_config()["value_range"] == (0.0, 1.0)
        bright = layer(gray).numpy()
        assert low - 1e-6 <= bright.min() < low + 0.01
        assert high - 0.01 < bright.max() <= high + 1e-6
    wide = layers.RandomBrightness((0.5, 0.5), value_range=(-100, 100))(
        np.array([[[-100.0], [50]]])
    )
    assert wide.numpy().ravel().tolist() == [0, 100]
    assert layers.RandomBrightness((1, 1))(np.array([[[3.0]]])).numpy().item() == 255


def test_one_picture_is_a_batch_of_one() -> None:
    for name in RANDOM:
        alone, batch = made(name, seed=3), made(name, seed=3)
        for picture in MANY[:3]:
            np.testing.assert_array_equal(alone(picture), batch(picture[None])[0])
        first = made(name, seed=3, data_format="channels_first")
        np.testing.assert_array_equal(
            first(MANY.transpose(0, 3, 1, 2)).numpy().transpose(0, 2, 3, 1),
            made(name, seed=3)(MANY),
        )
        assert made(name, seed=3).compute_output_shape((None, 6, 8, 3))[1:] == batch(MANY).shape[1:]


def test_windows_of_the_whole_picture_leave_it_alone() -> None:
    for layer in (layers.RandomCrop(6, 8, seed=1), layers.CenterCrop(6, 8)):
        np.testing.assert_array_equal(layer(MANY), MANY)
    np.testing.assert_array_equal(layers.CenterCrop(3, 5)(MANY), MANY[:, 1:4, 1:6])
    rows = layers.RandomCrop(6, 1, seed=1)(np.repeat(MANY[:1], 60, 0)).numpy()
    columns = {int(np.flatnonzero(MANY[0, 0, :, 0] == row[0, 0, 0])[0]) for row in rows}
    assert columns == set(range(8))


# ---- resizing and rescaling -----------------------------------------------------------------


def test_integers_stay_integers_when_resized() -> None:
    y = layers.Resizing(3, 4)(MANY.astype("uint8"))
    assert y.dtype == "uint8"
    wanted = np.round(layers.Resizing(3, 4)(MANY.astype("uint8").astype("float32")).numpy())
    np.testing.assert_array_equal(y, wanted)


def test_rescaling_of_channels() -> None:
    layer = layers.Rescaling([1.0, 2.0, 3.0], offset=np.array([0.0, 1.0, 0.0]))
    np.testing.assert_allclose(layer(MANY), MANY * [1, 2, 3] + [0, 1, 0], rtol=1e-6)
    assert layers.Rescaling.from_config(layer.get_config()).get_config() == layer.get_config()
    assert layers.Rescaling(1 / 255)(np.array([255], "uint8")).numpy().tolist() == [1.0]


# ---- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("RandomFlip", {"mode": "horizontl"}, "Did you mean 'horizontal'"),
        ("RandomRotation", {"factor": 2}, "from -1 to 1"),
        ("RandomRotation", {"factor": (1, 2, 3)}, "a number, or two"),
        ("RandomRotation", {"factor": 0.1, "fill_mode": "reflection"}, "Did you mean 'reflect'"),
        ("RandomZoom", {"height_factor": 0.1, "interpolation": "linear"}, "Did you mean"),
        ("RandomContrast", {"factor": -0.1}, "from 0 to 1"),
        ("RandomCrop", {"height": 0, "width": 1}, "height must be 1 or more"),
        ("CenterCrop", {"height": 1, "width": 1, "data_format": "last"}, "data_format"),
        ("Resizing", {"height": 1, "width": 1, "interpolation": "cubic"}, "Did you mean 'bicubic'"),
        ("Resizing", {"height": 1, "width": 1, "fill_mode": "reflect"}, "fill_mode"),
        ("Resizing",
         {"height": 1, "width": 1, "crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True},
         "exclude"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_refused(name: str, arguments: dict, text: str) -> None:
    with pytest.raises((ValueError, NotImplementedError), match=text):
        getattr(layers, name)(**arguments)


@pytest.mark.parametrize("shape", [(5, 5), (2, 2, 5, 5, 1)])
def test_what_is_no_image_is_refused(shape: tuple) -> None:
    for layer in (layers.RandomFlip(), layers.CenterCrop(2, 2), layers.Resizing(2, 2)):
        with pytest.raises(ValueError, match="one channel"):
            layer(np.ones(shape))


# ---- the same change for several images ------------------------------------------------------


def test_what_is_drawn_once_changes_pictures_and_their_masks_alike() -> None:
    images = np.random.default_rng(0).uniform(0, 255, (3, 6, 5, 3)).astype(np.float32)
    for layer in (
        layers.RandomFlip(seed=1),
        layers.RandomRotation(0.3, seed=1),
        layers.RandomTranslation(0.3, 0.2, seed=1),
        layers.RandomZoom(0.4, seed=1),
        layers.RandomCrop(3, 2, seed=1),
        layers.RandomContrast(0.5, seed=1),
        layers.RandomBrightness(0.5, seed=1),
    ):
        drawn = layer.get_random_transformation(images)
        first, second = (layer.transform_images(images, drawn).numpy() for _ in range(2))
        assert (first == second).all()
        assert (type(layer).from_config(layer.get_config())(images).numpy() == first).all()
        assert layer.get_random_transformation(images, training=False) is None
        still = layer.transform_images(images, drawn, training=False).numpy()
        assert (still == layer(images, training=False).numpy()).all()
    for fixed in (layers.CenterCrop(3, 2), layers.Resizing(3, 2)):
        assert (fixed.transform_images(images).numpy() == fixed(images).numpy()).all()
