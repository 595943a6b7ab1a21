"""Layers that change the colors of pictures, or mix pictures: Keras's numbers, and laws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from goldens import expect_close, load

from pylego import layers, ops, random, utils
from pylego.layers.augmentation.boxes import box_masks
from pylego.layers.augmentation.mixing import symmetric_beta
from pylego.models import Sequential
from pylego.ops.distributions import DRAWS_OF_GAMMA, log_gamma_of_rows

GOLDEN = load("image_layers")
COLORS = np.array(GOLDEN["colors"], "float32")
MANY = np.random.default_rng(3).uniform(0, 255, (12, 6, 8, 3)).astype("float32")


# ---- real Keras -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fact", GOLDEN["colored"], ids=lambda fact: f"{fact['layer']} {fact['arguments']}"
)
def test_colors_are_kerass(fact: dict) -> None:
    images = COLORS / 255 if "value_range" in fact["arguments"] else COLORS
    make = getattr(layers, fact["layer"])
    y = make(**fact["arguments"])(images, training=True)
    expect_close(y, fact["outputs"], rtol=1e-5, atol=1e-4)
    first = make(**fact["arguments"], data_format="channels_first")
    y_first = first(images.transpose(0, 3, 1, 2), training=True)
    np.testing.assert_array_equal(y_first, ops.transpose(y, (0, 3, 1, 2)))
    alone = make(**fact["arguments"])(images[1], training=True)
    np.testing.assert_array_equal(alone, y[1])


# What we draw where Keras draws a sign, too: between 0 and 1, for factors from 0 to 1.
OURS = {
    "RandomShear": ({"x_factor": (0, 1), "y_factor": (0, 1)}, [[0, 0.2, 0.3], [0, 0.7, 0]]),
    "RandomHue": ({"factor": 1.0}, [[0, 0.2], [0, 0.8]]),
    "Solarization": ({"addition_factor": 1.0, "threshold_factor": 1.0}, [[0.2, 0.4]] * 2),
}


@pytest.mark.parametrize("fact", GOLDEN["drawn"], ids=lambda fact: fact["layer"])
def test_what_is_drawn_does_what_it_does_in_keras(fact: dict) -> None:
    arguments, numbers = OURS[fact["layer"]]
    layer = getattr(layers, fact["layer"])(**arguments)
    y = layer.transform_images(COLORS, ops.convert_to_tensor(numbers, "float64"))
    expect_close(y, fact["outputs"], rtol=1e-4, atol=1e-3)


# ---- colors ---------------------------------------------------------------------------------


def test_plain_channels_stay_as_they_are() -> None:
    plain = np.full((2, 3, 3, 3), 40.0, "float32")
    np.testing.assert_array_equal(layers.AutoContrast()(plain), plain)
    np.testing.assert_array_equal(layers.Equalization()(plain), plain)


def test_only_training_equalizes() -> None:
    np.testing.assert_array_equal(layers.Equalization()(MANY, training=False), MANY)
    assert not np.array_equal(layers.AutoContrast()(MANY, training=False), MANY)


def test_equalized_numbers_are_about_equally_frequent() -> None:
    dark = np.random.default_rng(1).integers(0, 60, (1, 64, 64, 1)).astype("float32")
    y = layers.Equalization()(dark).numpy()
    counts, _ = np.histogram(y, 4, (0, 256))
    assert counts.min() > 0.2 * dark.size


@pytest.mark.parametrize("value_range", [(0, 255), (0, 1), (-1, 1)])
@pytest.mark.parametrize("name", ["ColorDegeneration", "Hue", "Saturation", "Sharpness", "Erasing"])
def test_colors_stay_within_their_range(name: str, value_range: tuple[float, float]) -> None:
    low, high = value_range
    images = MANY / 255 * (high - low) + low
    make = getattr(layers, f"Random{name}")
    y = make(factor=1.0, value_range=value_range, seed=1)(images).numpy()
    assert y.min() >= low - 1e-4
    assert y.max() <= high + 1e-4
    assert not np.array_equal(y, images)


def test_gray_has_one_color_and_so_many_are_gray() -> None:
    y = layers.RandomGrayscale(0.3, seed=2)(np.tile(MANY, (20, 1, 1, 1))).numpy()
    are_gray = np.all(y == y[..., :1], axis=(1, 2, 3))
    assert 0.2 < are_gray.mean() < 0.4


def test_erased_are_rectangles_of_the_scale() -> None:
    ones = np.ones((40, 20, 30, 1), "float32")
    y = layers.RandomErasing((1, 1), scale=(0.25, 0.25), fill_value=0.0, seed=1)(ones).numpy()
    for image in y[..., 0]:
        rows, columns = np.nonzero(image == 0)
        height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
        assert (height, width) == pytest.approx((10, 15), abs=1)
        assert len(rows) == height * width
    colored = layers.RandomErasing((1, 1), scale=(1, 1), fill_value=(1, 2, 3), seed=1)
    np.testing.assert_array_equal(colored(MANY)[0, 0, 0], [1, 2, 3])


def test_noise_is_normal() -> None:
    zeros = np.zeros((20, 32, 32, 3), "float32")
    layer = layers.RandomErasing((1, 1), scale=(1, 1), value_range=(-100, 100), seed=1)
    y = layer(zeros).numpy() / 100
    inside = y[np.abs(y) < 0.999]
    assert abs(inside.mean()) < 0.01
    assert np.mean(np.abs(y) < 0.5) == pytest.approx(0.3829, abs=0.01)


def test_boxes_lie_where_they_are_put() -> None:
    half = ops.convert_to_tensor([[0.5, 0.5]])
    for place, (top, left) in {(0, 0): (0, 0), (1, 0): (2, 0), (0.5, 1): (1, 3)}.items():
        mask = box_masks((4, 6), half, ops.convert_to_tensor([place], "float32")).numpy()
        wanted = np.zeros((1, 4, 6, 1), bool)
        wanted[:, top : top + 2, left : left + 3] = True
        np.testing.assert_array_equal(mask, wanted)


# ---- mixing ---------------------------------------------------------------------------------


@pytest.mark.parametrize("alpha", [0.1, 0.2, 0.5, 1.0, 4.0])
def test_shares_have_the_beta_distribution(alpha: float) -> None:
    u, v = random.uniform((2, 200_000), seed=1, dtype="float64")
    y = symmetric_beta(alpha, u, v).numpy()
    assert np.isfinite(y).all()
    assert 0 <= y.min() <= y.max() <= 1
    assert y.mean() == pytest.approx(0.5, abs=0.005)
    second = (alpha + 1) / (2 * (2 * alpha + 1))
    fourth = second * (alpha + 2) * (alpha + 3) / ((2 * alpha + 2) * (2 * alpha + 3))
    assert np.mean(y**2) == pytest.approx(second, abs=0.005)
    assert np.mean(y**4) == pytest.approx(fourth, abs=0.005)


@pytest.mark.parametrize("alpha", [0.3, 1.0, 2.5, 40.0])
def test_gamma_numbers_are_made_of_the_numbers_of_their_row(alpha: float) -> None:
    numbers = np.random.default_rng(5).random((20000, 3 * DRAWS_OF_GAMMA))
    found = np.exp(log_gamma_of_rows(ops.convert_to_tensor(numbers), 3, alpha).numpy())
    assert found.shape == (20000, 3)
    spread = np.sqrt(alpha)
    assert found.mean(axis=0) == pytest.approx(alpha, abs=0.03 * spread)
    assert found.var(axis=0) == pytest.approx(alpha, rel=0.1)
    assert np.abs(np.corrcoef(found.T) - np.eye(3)).max() < 0.03
    alone = np.exp(log_gamma_of_rows(ops.convert_to_tensor(numbers[7:8]), 3, alpha).numpy())
    assert np.array_equal(alone, found[7:8])


def test_aug_mix_is_a_weighted_mean_of_the_image_and_its_chains() -> None:
    layer = layers.AugMix(chain_depth=1, num_chains=2, factor=0.5, seed=4)
    numbers = layer.get_random_transformation(MANY)
    first, width = 2 + 2 * DRAWS_OF_GAMMA, layer._width()
    own = symmetric_beta(1.0, numbers[:, 0], numbers[:, 1]).numpy()[:, None, None, None]
    gammas = np.exp(log_gamma_of_rows(numbers[:, 2:first], 2, 1.0).numpy())
    shares = (gammas / gammas.sum(axis=1, keepdims=True))[..., None, None, None]
    x = ops.convert_to_tensor(MANY)
    chains = [
        layer._in_turn("transform_images", x, numbers[:, start : start + width], 12).numpy()
        for start in (first, first + width)
    ]
    mixed = sum(shares[:, chain] * chains[chain] for chain in (0, 1))
    wanted = np.clip(own * MANY + (1 - own) * mixed, 0, 255)
    expect_close(layer.transform_images(MANY, numbers), wanted, rtol=1e-5, atol=1e-3)
    kinds = [np.floor(numbers[:, start] * 12) for start in (first, first + width)]
    assert len(np.unique(np.stack(kinds))) > 6
    for kind, chain in zip(kinds, chains, strict=True):
        assert np.array_equal(chain[kind == 11], MANY[kind == 11])  # the way that changes nothing
    assert not hasattr(layers.AugMix(all_ops=False), "random_contrast")


def one_color_each(count: int) -> dict[str, np.ndarray]:
    """Image k has the number 1 in channel k only, as its label has."""
    labels = np.eye(count, dtype="float32")
    images = np.broadcast_to(labels[:, None, None], (count, 8, 10, count)).copy()
    return {"images": images, "labels": labels}


@pytest.mark.parametrize("layer", [layers.MixUp(1.0, seed=3), layers.CutMix(seed=3)])
def test_labels_are_mixed_as_the_pictures(layer: layers.Layer) -> None:
    both = layer(one_color_each(6), training=True)
    images, labels = both["images"].numpy(), both["labels"].numpy()
    # the edges of a rectangle lie between pixels: one row and one column more or less
    room = 1e-5 if isinstance(layer, layers.MixUp) else 1 / 8 + 1 / 10 + 1 / 80
    np.testing.assert_allclose(images.mean(axis=(1, 2)), labels, atol=room)
    np.testing.assert_allclose(labels.sum(axis=1), 1, atol=1e-6)
    assert not np.array_equal(labels, np.eye(6))
    same = layer(one_color_each(6), training=False)
    np.testing.assert_array_equal(same["labels"], np.eye(6))


def test_each_picture_gives_itself_to_one_other() -> None:
    both = layers.MixUp(0.5, seed=4)(one_color_each(8))
    weights = both["labels"].numpy()
    for picture, row in enumerate(weights):
        assert np.count_nonzero(np.delete(row, picture)) <= 1
    assert np.count_nonzero(weights, axis=0).max() <= 2


def test_labels_that_cannot_be_mixed_are_refused() -> None:
    with pytest.raises(ValueError, match="one_hot"):
        layers.MixUp()({"images": MANY, "labels": np.arange(12)})


# ---- dictionaries ---------------------------------------------------------------------------

SPATIAL: dict[str, dict[str, Any]] = {
    "RandomFlip": {},
    "RandomCrop": {"height": 3, "width": 4},
    "RandomTranslation": {"height_factor": 0.3, "width_factor": 0.3, "interpolation": "nearest"},
    "RandomShear": {"x_factor": 0.5, "interpolation": "nearest"},
    "RandomRotation": {"factor": 0.3, "interpolation": "nearest"},
    "CenterCrop": {"height": 3, "width": 4},
    "Resizing": {"height": 3, "width": 4, "interpolation": "nearest"},
    "CutMix": {},
    "MixUp": {},
}


@pytest.mark.parametrize("name", SPATIAL)
def test_masks_move_as_the_pictures(name: str) -> None:
    layer = getattr(layers, name)(**SPATIAL[name])
    y = layer({"images": MANY, "segmentation_masks": MANY[..., :1]})
    np.testing.assert_array_equal(y["images"][..., :1], y["segmentation_masks"])
    shapes = layer.compute_output_shape({"images": MANY.shape, "labels": (12, 4)})
    assert shapes == {"images": y["images"].shape, "labels": (12, 4)}


@pytest.mark.parametrize("name", ["RandomInvert", "AutoContrast", "Solarization", "RandomErasing"])
def test_labels_and_masks_of_other_colors_stay(name: str) -> None:
    masks = MANY[..., :1]
    y = getattr(layers, name)()({"images": MANY, "labels": [1] * 12, "segmentation_masks": masks})
    np.testing.assert_array_equal(y["segmentation_masks"], masks)
    np.testing.assert_array_equal(y["labels"], [1] * 12)
    assert not np.array_equal(y["images"], MANY)


def test_masks_of_rand_augment_move_and_keep_their_classes() -> None:
    masks = np.random.default_rng(1).integers(0, 3, (12, 6, 8, 1)).astype("float32")
    y = layers.RandAugment(num_ops=4, seed=2)({"images": MANY, "segmentation_masks": masks})
    moved = y["segmentation_masks"].numpy()
    assert set(np.unique(moved)) <= {0.0, 1.0, 2.0}
    assert not np.array_equal(moved, masks)


def test_dictionaries_are_checked() -> None:
    with pytest.raises(ValueError, match="needs 'images'"):
        layers.RandomFlip()({"labels": np.ones(3)})
    with pytest.raises(ValueError, match="segmentation_masks"):
        layers.RandomFlip()({"images": MANY, "segmentation_mask": MANY})


# ---- chains ---------------------------------------------------------------------------------


def test_a_pipeline_hands_on_its_mask() -> None:
    class Masked(layers.Layer):
        def call(self, inputs: Any, mask: Any = None) -> Any:
            return inputs if mask is None else inputs * ops.cast(mask, "float32")

    x = np.array([1.0, 2.0, 3.0], "float32")
    chain = layers.Pipeline([Masked(), layers.Rescaling(2.0)])
    assert chain(x, mask=np.array([True, False, True])).numpy().tolist() == [2.0, 0.0, 6.0]
    assert chain(x).numpy().tolist() == [2.0, 4.0, 6.0]
    for config in ({"name": "chain"}, {"layers": None}):
        with pytest.raises(ValueError, match="list of 'layers'"):
            layers.Pipeline.from_config(config)


@pytest.mark.parametrize("layer", ["RandomRotation", "RandomZoom", "RandomShear"])
def test_a_factor_is_a_number_or_two(layer: str) -> None:
    with pytest.raises(TypeError, match="factor must be a number"):
        getattr(layers, layer)({"dummy": 0.3})


def test_pipeline_applies_layers_in_turn_and_comes_round() -> None:
    chain = layers.Pipeline([layers.RandomInvert((1, 1)), layers.Rescaling(1 / 255)])
    np.testing.assert_allclose(chain(MANY), (255 - MANY) / 255, rtol=1e-6)
    np.testing.assert_allclose(chain(MANY, training=False), MANY / 255, rtol=1e-6)
    same = layers.Pipeline.from_config(chain.get_config())
    assert same.get_config() == chain.get_config()
    assert [type(layer) for layer in same.layers] == [type(layer) for layer in chain.layers]
    with pytest.raises(TypeError, match="list of layers"):
        layers.Pipeline(layers.Rescaling(1.0))


def test_rand_augment_trains_in_a_model_and_draws_for_each_image() -> None:
    utils.set_random_seed(1)
    model = Sequential(
        [
            layers.Input((6, 8, 3)),
            layers.RandAugment(seed=1),
            layers.AugMix(num_chains=2, chain_depth=2, seed=2),
            layers.Flatten(),
            layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(MANY, np.arange(12) % 2, verbose=0)
    same = np.tile(MANY[:1], (12, 1, 1, 1))
    assert len({image.tobytes() for image in layers.RandAugment(seed=3)(same).numpy()}) > 3


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.RandomHue(1.5), "from 0 to 1"),
        (lambda: layers.RandomInvert((0.1, 0.2, 0.3)), "number, or two"),
        (lambda: layers.RandomPosterization(9), "from 1 to 8"),
        (lambda: layers.Solarization(value_range=(1, 1)), "value_range has two numbers"),
        (lambda: layers.AutoContrast(3), "value_range has two numbers"),
        (lambda: layers.RandomErasing(fill_value=(1, 2)), "three, or None"),
        (lambda: layers.MixUp(0.0), "alpha"),
        (lambda: layers.AugMix(alpha=0.0), "alpha"),
        (lambda: layers.AugMix(num_chains=0), "num_chains"),
    ],
)
def test_bad_arguments_are_refused(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
