"""ImageDataGenerator: exact changes, numbers of Keras, seeds, threads, and fit as in tutorials."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from goldens import expect_close, load

pytest.importorskip("PIL")

from photos import CIFAR_FOLDERS, FLOWERS, make_folders, needs_real_pictures

import pylego
from pylego import config, layers
from pylego.models import Sequential
from pylego.preprocessing.image import (
    DirectoryIterator,
    ImageDataGenerator,
    NumpyArrayIterator,
    img_to_array,
    load_img,
)
from pylego.training.loading import load_batches

GOLDEN = load("image_data_generator")
SQUARES = np.random.default_rng(5).uniform(0, 255, (10, 6, 6, 3)).astype("float32")
WIDE = np.random.default_rng(6).uniform(0, 255, (10, 5, 8, 1)).astype("float32")
LABELS = np.arange(10) % 2
ALL_RANGES: dict[str, Any] = {
    "rotation_range": 40, "width_shift_range": 0.2, "height_shift_range": 0.2,
    "shear_range": 20, "zoom_range": 0.2, "horizontal_flip": True, "vertical_flip": True,
    "channel_shift_range": 20.0, "brightness_range": (0.5, 1.5),
}  # fmt: skip


def whole_pass(batches: Any) -> np.ndarray:
    return np.concatenate([batches[number] for number in range(len(batches))])


# ---- single changes -------------------------------------------------------------------------


@pytest.mark.parametrize("fact", GOLDEN["transforms"], ids=lambda fact: str(fact["parameters"]))
def test_changes_are_kerass(fact: dict) -> None:
    """On squares: of other images Keras takes the center wrongly."""
    generator = ImageDataGenerator(fill_mode=fact["fill_mode"])
    image = np.array(GOLDEN["image"], "float32")
    ours = generator.apply_transform(image, fact["parameters"])
    expect_close(ours, fact["output"], rtol=1e-4, atol=1e-2)


def test_exact_changes() -> None:
    generator, image = ImageDataGenerator(), WIDE[0]

    def change(**parameters: Any) -> np.ndarray:
        return generator.apply_transform(image, parameters)

    np.testing.assert_array_equal(change(), image)
    np.testing.assert_array_equal(change(flip_horizontal=True), image[:, ::-1])
    np.testing.assert_array_equal(change(flip_vertical=True), image[::-1])
    np.testing.assert_array_equal(change(tx=2)[:, :-2], image[:, 2:])
    np.testing.assert_array_equal(change(ty=-1)[1:], image[:-1])
    np.testing.assert_array_equal(change(theta=180), image[::-1, ::-1])
    turned = generator.apply_transform(SQUARES[0], {"theta": 90})
    np.testing.assert_array_equal(turned, np.rot90(SQUARES[0]))
    np.testing.assert_allclose(change(brightness=2.0), np.minimum(image * 2, 255), rtol=1e-6)
    shifted = change(channel_shift_intensity=-9.0)
    np.testing.assert_array_equal(shifted, np.clip(image - 9, image.min(), image.max()))
    signed = ImageDataGenerator().apply_transform(image - 300, {"brightness": 0.0})
    assert (signed == (image - 300).min()).all()


def test_changes_of_color_follow_one_another() -> None:
    """Channels are shifted within their range, then all becomes brighter."""
    image = WIDE[0]
    both = ImageDataGenerator().apply_transform(
        image, {"channel_shift_intensity": 60.0, "brightness": 1.5, "flip_vertical": True}
    )
    shifted = np.clip(image + 60, image.min(), image.max())
    np.testing.assert_allclose(both, np.clip(shifted * 1.5, 0, 255)[::-1], rtol=1e-5)
    spread = (image - image.min()) / np.ptp(image)
    for wide in (image * 2, spread * 235.6 + 20, spread * 200 - 0.5):
        low, high = wide.min(), wide.max()  # beyond 0 to 255 it keeps to the range of the image
        bright = ImageDataGenerator().apply_transform(wide, {"brightness": 1.5})
        wanted = np.clip(low + (wide - low) * 1.5, low, high)
        np.testing.assert_allclose(bright, wanted, rtol=1e-5, atol=1e-4)
    whole = ImageDataGenerator().apply_transform(spread * 255, {"brightness": 0.5})
    assert whole.max() == 127.5
    dark = ImageDataGenerator().apply_transform(spread * 200 + 40, {"brightness": 0.5})
    np.testing.assert_allclose(dark, spread * 100 + 20, rtol=1e-5)


def test_settings_of_what_lies_beyond_the_edges() -> None:
    image = WIDE[0]
    for settings, beyond in (({"fill_mode": "constant", "cval": 7}, np.full((5, 2, 1), 7)),
                             ({"fill_mode": "wrap"}, image[:, :2]),
                             ({"fill_mode": "reflect"}, image[:, :-3:-1]),
                             ({}, image[:, [-1, -1]])):  # fmt: skip
        shifted = ImageDataGenerator(**settings).apply_transform(image, {"tx": 2})
        np.testing.assert_array_equal(shifted[:, -2:], beyond)
    half = {"tx": 0.5}
    smooth = ImageDataGenerator().apply_transform(image, half)
    np.testing.assert_allclose(smooth[:, :-1], (image[:, :-1] + image[:, 1:]) / 2, rtol=1e-5)
    nearest = ImageDataGenerator(interpolation_order=0).apply_transform(image, half)
    assert np.isin(nearest, image).all()


def test_ranges_of_one_number_go_both_ways() -> None:
    draw = ImageDataGenerator(
        width_shift_range=3, height_shift_range=0.25, zoom_range=0.2
    ).get_random_transform
    drawn = [draw((20, 40, 1), seed=seed) for seed in range(300)]
    for name, low, high in (("tx", -3, 3), ("ty", -5, 5), ("zx", 0.8, 1.2), ("zy", 0.8, 1.2)):
        values = np.array([one[name] for one in drawn])
        assert low <= values.min() < low + 0.05 * (high - low)
        assert high - 0.05 * (high - low) < values.max() <= high
    assert any(one["zx"] != one["zy"] for one in drawn)
    first = ImageDataGenerator(width_shift_range=0.5, data_format="channels_first")
    shifts = [first.get_random_transform((1, 20, 40), seed=seed)["tx"] for seed in range(99)]
    assert 18 < max(shifts) <= 20


@pytest.mark.parametrize(("given", "most"), [(0.5, 10.0), (1, 1.0), (1.0, 1.0), (3, 3.0)])
def test_shifts_below_one_are_shares_and_others_pixels(given: float, most: float) -> None:
    generator = ImageDataGenerator(height_shift_range=given)
    drawn = [generator.get_random_transform((20, 40, 1), seed=seed)["ty"] for seed in range(200)]
    assert 0.9 * most < max(map(abs, drawn)) <= most


def test_what_happens_to_an_image_is_drawn_separately() -> None:
    """No draw tells another one; and later versions draw the same from a seed."""
    generator = ImageDataGenerator(**ALL_RANGES)
    drawn = [generator.get_random_transform((20, 40, 1), seed=seed) for seed in range(400)]
    columns = np.array([list(one.values()) for one in drawn], float).T
    likeness = np.corrcoef(columns) - np.eye(10)
    assert np.abs(likeness).max() < 0.2
    assert drawn[3] == pytest.approx({
        "theta": -30.65395447, "tx": 0.82453083, "ty": 2.12184523, "shear": 4.30885106,
        "zx": 1.11413987, "zy": 0.94436021, "flip_horizontal": True, "flip_vertical": False,
        "channel_shift_intensity": 0.72703704, "brightness": 1.15242052,
    })  # fmt: skip


def test_channels_first_is_the_other_order() -> None:
    last, first = (
        ImageDataGenerator(**ALL_RANGES),
        ImageDataGenerator(**ALL_RANGES, data_format="channels_first"),
    )
    one = whole_pass(last.flow(WIDE, seed=1))
    other = whole_pass(first.flow(WIDE.transpose(0, 3, 1, 2), seed=1))
    np.testing.assert_array_equal(other.transpose(0, 2, 3, 1), one)
    first.fit(WIDE.transpose(0, 3, 1, 2), augment=True, seed=1)


def test_random_changes_follow_from_the_seed() -> None:
    generator = ImageDataGenerator(**ALL_RANGES)
    one = generator.get_random_transform((6, 6, 3), seed=3)
    assert one == generator.get_random_transform((6, 6, 3), seed=3)
    assert one != generator.get_random_transform((6, 6, 3))
    image = generator.random_transform(SQUARES[0], seed=3)
    np.testing.assert_array_equal(image, generator.apply_transform(SQUARES[0], one))
    plain = ImageDataGenerator().get_random_transform((6, 6, 3))
    assert plain["brightness"] is None
    assert (plain["theta"], plain["zx"], plain["flip_vertical"]) == (0, 1, False)


def test_ranges_are_kept() -> None:
    generator = ImageDataGenerator(
        **{**ALL_RANGES, "width_shift_range": [1, 3], "height_shift_range": 2, "zoom_range": (1, 3)}
    )
    drawn = [generator.get_random_transform((20, 40, 1), seed=seed) for seed in range(300)]
    columns = {name: np.array([one[name] for one in drawn]) for name in drawn[0]}
    assert set(columns["tx"]) == {-3, -1, 1, 3}
    for name, low, high in (
        ("theta", -40, 40), ("ty", -2, 2), ("shear", -20, 20), ("zx", 1, 3), ("zy", 1, 3),
        ("channel_shift_intensity", -20, 20), ("brightness", 0.5, 1.5),
    ):  # fmt: skip
        values, margin = columns[name], 0.05 * (high - low)
        assert low <= values.min() < low + margin
        assert high - margin < values.max() <= high
    assert 100 < columns["flip_horizontal"].sum() < 200
    shares = ImageDataGenerator(width_shift_range=0.5).get_random_transform
    shifts = [shares((20, 40, 1), seed=seed)["tx"] for seed in range(200)]
    assert -20 <= min(shifts) < -18
    assert 18 < max(shifts) <= 20


# ---- batches --------------------------------------------------------------------------------


def test_pictures_depend_on_seed_image_and_pass_alone() -> None:
    """Not on the size of batches, the order, or the number of threads."""
    generator = ImageDataGenerator(**ALL_RANGES)
    first = whole_pass(generator.flow(SQUARES, batch_size=10, shuffle=False, seed=3))
    before = config.num_threads()
    for size, threads in ((1, 1), (3, 2), (4, 5)):
        config.set_num_threads(threads)
        again = whole_pass(generator.flow(SQUARES, batch_size=size, shuffle=False, seed=3))
        np.testing.assert_array_equal(again, first)
    config.set_num_threads(before)
    shuffled = generator.flow(SQUARES, batch_size=4, seed=3)
    order = shuffled.index_array
    np.testing.assert_array_equal(whole_pass(shuffled), first[order])
    other = whole_pass(generator.flow(SQUARES, shuffle=False, seed=4))
    assert not (other == first).all((1, 2, 3)).any()


def test_batches_go_on_without_end() -> None:
    batches = ImageDataGenerator(**ALL_RANGES).flow(SQUARES, LABELS, batch_size=4, seed=1)
    assert isinstance(batches, NumpyArrayIterator)
    assert (len(batches), batches.n, batches.samples, batches.batch_size) == (3, 10, 10, 4)
    assert batches.image_shape == (6, 6, 3)
    assert iter(batches) is batches
    shown = [next(batches) for _ in range(6)]
    assert [len(x) for x, _ in shown] == [4, 4, 2, 4, 4, 2]
    assert sorted(np.concatenate([y for _, y in shown[:3]])) == sorted(LABELS)
    assert not np.array_equal(shown[0][0], shown[3][0])
    x, _ = batches.next()
    batches.reset()
    np.testing.assert_array_equal(batches.next()[0], x)
    with pytest.raises(IndexError, match="batches 0 to 2"):
        batches[3]


def test_no_images_make_no_batches() -> None:
    batches = ImageDataGenerator().flow(SQUARES[:0], LABELS[:0])
    assert (len(batches), list(batches)) == (0, [])


def test_weights_come_along() -> None:
    batches = ImageDataGenerator().flow(
        SQUARES, LABELS, sample_weight=np.arange(10.0), batch_size=10, seed=1
    )
    x, y, weight = batches[0]
    order = batches.index_array
    np.testing.assert_array_equal(x, SQUARES[order])
    np.testing.assert_array_equal(y, LABELS[order])
    np.testing.assert_array_equal(weight, order)


def test_validation_takes_the_first_rows() -> None:
    generator = ImageDataGenerator(validation_split=0.2)
    options: dict = {"shuffle": False, "batch_size": 10}
    x = generator.flow(SQUARES, LABELS, subset="validation", **options)[0][0]
    np.testing.assert_array_equal(x, SQUARES[:2])
    assert generator.flow(SQUARES, LABELS, subset="training", **options).n == 8
    with pytest.raises(ValueError, match=r"no image of the classes \[1\]"):
        generator.flow(SQUARES, np.sort(LABELS), subset="validation")


def test_a_part_keeps_what_belongs_to_its_images() -> None:
    generator = ImageDataGenerator(validation_split=0.25)
    places = np.arange(10)
    seen = []
    for part, wanted in (("validation", places[:2]), ("training", places[2:])):
        batches = generator.flow(
            SQUARES, places, sample_weight=places * 10, batch_size=3, subset=part, seed=1,
            ignore_class_split=True,
        )  # fmt: skip
        x, y, weight = (np.concatenate(column) for column in zip(*map(next, [batches] * 3)))
        np.testing.assert_array_equal(x, SQUARES[y])
        np.testing.assert_array_equal(weight, y * 10)
        assert set(y) == set(wanted)
        assert batches.image_shape == (6, 6, 3)
        seen.append(y[: len(wanted)])
    assert not np.array_equal(seen[1], np.sort(seen[1]))
    everything = generator.flow(SQUARES, places, seed=1)
    assert everything.n == 10


def test_passes_differ_and_keep_images_and_labels_together() -> None:
    """Over three passes, with a last batch that is smaller."""

    def passes(seed: int) -> list:
        batches = ImageDataGenerator().flow(SQUARES, np.arange(10), batch_size=4, seed=seed)
        orders = []
        for _ in range(3):
            x, y = (np.concatenate(column) for column in zip(*[next(batches) for _ in range(3)]))
            np.testing.assert_array_equal(x, SQUARES[y])
            assert sorted(y) == list(range(10))
            orders.append(y.tolist())
        return orders

    orders = passes(3)
    assert len({tuple(order) for order in [*orders, range(10), *passes(4)]}) == 7
    assert passes(3) == orders


def test_fit_and_next_see_the_same_passes() -> None:
    """By number and one after the other, an epoch's batches are the same, and so is the next's."""
    by_number, by_next = (
        ImageDataGenerator(rotation_range=90).flow(SQUARES, batch_size=4, seed=1) for _ in range(2)
    )
    first = None
    for _ in range(2):
        numbered = [by_number[i] for i in (2, 0, 1, 0)]
        assert np.array_equal(numbered[1], numbered[3])
        for number, batch in zip((0, 1, 2), (next(by_next) for _ in range(3))):
            np.testing.assert_array_equal(numbered[[1, 2, 0][number]], batch)
        by_number.on_epoch_end()
        assert first is None or not np.array_equal(first, numbered[1])
        first = numbered[1]
    for wrong in (-1, 3):
        with pytest.raises(IndexError, match="batches 0 to 2"):
            by_number[wrong]


def test_unshuffled_passes_change_pictures_anew() -> None:
    batches = ImageDataGenerator(rotation_range=90).flow(SQUARES, batch_size=10, shuffle=False)
    first, second = next(batches), next(batches)
    assert not (first == second).all((1, 2, 3)).any()
    assert batches.index_array.tolist() == list(range(10))


def test_pictures_and_masks_change_alike_with_one_seed() -> None:
    """As tutorials of segmentation do it: two generators of the same settings, one seed."""
    changes = {"rotation_range": 90, "width_shift_range": 0.2, "horizontal_flip": True}
    pictures = ImageDataGenerator(**changes).flow(SQUARES, batch_size=4, seed=7)
    masks = ImageDataGenerator(**changes, rescale=-1).flow(SQUARES[..., :1], batch_size=4, seed=7)
    for _ in range(5):
        np.testing.assert_array_equal(next(pictures)[..., :1], -next(masks))


def test_all_batches_of_all_passes_are_saved(tmp_path: Path) -> None:
    batches = ImageDataGenerator().flow(SQUARES[:3], batch_size=2, seed=1, save_to_dir=tmp_path)
    for _ in range(4):
        next(batches)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"_{i}.png" for i in range(6)]


@pytest.mark.parametrize("layout", ["channels_last", "channels_first"])
def test_what_is_saved_is_what_comes_out(tmp_path: Path, layout: str) -> None:
    batches = ImageDataGenerator(data_format=layout, vertical_flip=True, rescale=1 / 255).flow(
        SQUARES if layout == "channels_last" else SQUARES.transpose(0, 3, 1, 2),
        batch_size=4, save_to_dir=tmp_path, save_prefix="a", save_format="bmp", seed=1,
    )  # fmt: skip
    order = batches.index_array[:4]
    x = next(batches)
    assert {path.name for path in tmp_path.iterdir()} == {f"a_{i}.bmp" for i in order}
    for image, number in zip(x, order):
        image = image.transpose(1, 2, 0) if layout == "channels_first" else image
        spread = (image - image.min()) / np.ptp(image) * 255
        saved = img_to_array(load_img(tmp_path / f"a_{number}.bmp"))
        assert np.abs(saved - spread).max() <= 1


def test_files_are_saved_too(tmp_path: Path) -> None:
    make_folders(tmp_path / "in", {"a": 2, "b": 1})
    (tmp_path / "out").mkdir()
    settings = {"save_to_dir": tmp_path / "out", "save_prefix": "x", "save_format": "jpg"}
    next(ImageDataGenerator().flow_from_directory(tmp_path / "in", shuffle=False, **settings))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "x_0.jpg", "x_1.jpg", "x_2.jpg",
    ]  # fmt: skip


# ---- normalizing ----------------------------------------------------------------------------


@pytest.mark.parametrize("fact", GOLDEN["standardized"], ids=lambda fact: str(fact["arguments"]))
def test_normalizing_is_kerass(fact: dict) -> None:
    images = np.array(GOLDEN["images"], "float32")
    generator = ImageDataGenerator(**fact["arguments"])
    generator.fit(images)
    expect_close(generator.standardize(images[0]), fact["output"], rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(
        generator.standardize(images)[0], generator.standardize(images[0]), rtol=1e-5, atol=1e-5
    )


def test_whitening_takes_the_place_of_the_spread() -> None:
    both = ImageDataGenerator(zca_whitening=True, featurewise_std_normalization=True)
    alone = ImageDataGenerator(zca_whitening=True)
    for generator in (both, alone):
        generator.fit(SQUARES)
        assert generator.std is None
        assert generator.mean.shape == (1, 1, 3)
        assert generator.zca_whitening_matrix.shape == (108, 108)
    np.testing.assert_array_equal(both.standardize(SQUARES), alone.standardize(SQUARES))
    plain = ImageDataGenerator(featurewise_center=True)
    plain.fit(SQUARES)
    assert plain.std is plain.zca_whitening_matrix is None
    smooth = ImageDataGenerator(zca_whitening=True, zca_epsilon=1e9)
    smooth.fit(SQUARES)
    assert np.abs(smooth.zca_whitening_matrix).max() < 1e-8


def test_whitened_pixels_are_independent() -> None:
    images = np.random.default_rng(1).normal(5, 2, (200, 2, 2, 1)).cumsum(1).astype("float32")
    generator = ImageDataGenerator(zca_whitening=True)
    generator.fit(images)
    white = generator.standardize(images).reshape(200, 4)
    np.testing.assert_allclose(white.T @ white / 200, np.eye(4), atol=1e-3)


def test_the_mean_is_of_what_is_rescaled() -> None:
    generator = ImageDataGenerator(featurewise_center=True, rescale=0.5)
    generator.fit(np.full((3, 2, 2, 1), 4))
    assert generator.mean.tolist() == [[[2]]]
    assert generator.standardize(np.full((2, 2, 1), 8.0)).max() == 2
    assert ImageDataGenerator(rescale=0.5).standardize(np.full((2, 2, 1), 4)).min() == 2


def test_all_normalizing_together_in_its_order() -> None:
    """The function, rescaling, each image's own numbers, those of the data; as in Keras."""
    generator = ImageDataGenerator(
        featurewise_std_normalization=True, samplewise_std_normalization=True, rescale=0.1,
        preprocessing_function=lambda image: image**2, dtype="float64",
    )  # fmt: skip
    assert generator.featurewise_center
    assert generator.samplewise_center
    generator.fit(SQUARES)
    x = SQUARES.astype("float64") * 0.1
    mean, std = x.mean((0, 1, 2)), (x - x.mean((0, 1, 2))).std((0, 1, 2))
    np.testing.assert_allclose(generator.mean.ravel(), mean)
    np.testing.assert_allclose(generator.std.ravel(), std)
    y = SQUARES[3].astype("float64") ** 2 * 0.1
    y = (y - y.mean()) / (y.std() + 1e-6)
    wanted = (y - mean) / (std + 1e-6)
    for ours in (generator.standardize(SQUARES[3]), generator.standardize(SQUARES)[3]):
        np.testing.assert_allclose(ours, wanted)
        assert ours.dtype == np.float64
    flat = ImageDataGenerator(samplewise_std_normalization=True).standardize(np.ones((2, 2, 1)))
    assert flat.tolist() == np.zeros((2, 2, 1)).tolist()
    only = ImageDataGenerator(samplewise_center=True).standardize(SQUARES[:2])
    np.testing.assert_allclose(only, SQUARES[:2] - SQUARES[:2].mean((1, 2, 3), keepdims=True))


def test_what_is_learned_from_changed_images() -> None:
    seen: list[np.ndarray] = []

    class Watched(ImageDataGenerator):
        def learn(self, images: np.ndarray) -> None:
            seen.append(images.copy())
            super().learn(images)

    generator = Watched(featurewise_center=True, rescale=0.5, width_shift_range=[2], cval=4,
                        fill_mode="constant")  # fmt: skip
    generator.fit(SQUARES, augment=True, rounds=2, seed=1)
    generator.fit(SQUARES, augment=True, seed=1)
    generator.fit(SQUARES, augment=True, seed=2)
    generator.fit(SQUARES, rounds=2, seed=1)
    two, one, other, plain = seen
    assert [len(images) for images in seen] == [20, 10, 10, 10]
    np.testing.assert_array_equal(two[:10], one)
    assert not np.array_equal(two[10:], one)
    assert not np.array_equal(other, one)
    np.testing.assert_array_equal(plain, SQUARES / 2)
    for image, given in zip(two, np.concatenate([SQUARES, SQUARES])):
        right = np.array_equal(image[:, :-2], given[:, 2:] / 2) and (image[:, -2:] == 4).all()
        left = np.array_equal(image[:, 2:], given[:, :-2] / 2) and (image[:, :2] == 4).all()
        assert right or left
    np.testing.assert_allclose(generator.mean.ravel(), plain.mean((0, 1, 2)), rtol=1e-5)


OPTIONS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "samplewise": {"samplewise_std_normalization": True},
    "featurewise": {"featurewise_std_normalization": True, "rescale": 0.1},
    "whitening": {"zca_whitening": True},
    "constant": {"width_shift_range": 0.5, "fill_mode": "constant", "cval": 9.0},
    "heights": {"height_shift_range": [1, 2], "fill_mode": "wrap", "interpolation_order": 0},
    "shear": {"shear_range": 40, "fill_mode": "reflect"},
    "zoom": {"zoom_range": (0.4, 0.7)},
    "colors": {"channel_shift_range": 90.0, "brightness_range": (0.2, 0.6)},
    "function": {"preprocessing_function": lambda image: image * (1 + np.arange(image.size).reshape(
        image.shape) % 2), "vertical_flip": True},
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in OPTIONS if name != "function"])
def test_each_option_with_channels_first(name: str) -> None:
    options = OPTIONS[name]
    images = np.random.default_rng(8).uniform(0, 255, (10, 4, 6, 3)).astype("float32")
    last = ImageDataGenerator(**options)
    first = ImageDataGenerator(**options, data_format="channels_first")
    turned = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
    last.fit(images, augment=True, seed=3)
    first.fit(turned, augment=True, seed=3)
    if last.mean is not None:
        assert first.mean.shape == (3, 1, 1)
        np.testing.assert_allclose(first.mean.ravel(), last.mean.ravel(), rtol=1e-5)
    one = last.flow(images, batch_size=4, seed=2)
    other = first.flow(turned, batch_size=4, seed=2)
    assert other.image_shape == (3, 4, 6)
    for _ in range(4):
        x, y = next(one), next(other).transpose(0, 2, 3, 1)
        np.testing.assert_allclose(y, x, rtol=1e-3, atol=1e-3)
    drawn = first.get_random_transform((3, 4, 6), seed=5)
    assert drawn == last.get_random_transform((4, 6, 3), seed=5)


@pytest.mark.parametrize("name", OPTIONS)
def test_each_option_in_double_precision(name: str) -> None:
    batches = []
    for dtype in ("float32", "float64"):
        generator = ImageDataGenerator(**OPTIONS[name], dtype=dtype)
        generator.fit(SQUARES)
        batches.append(generator.flow(SQUARES, batch_size=4, seed=2)[0])
        assert batches[-1].dtype == dtype
    single, double = batches
    scale = np.abs(double).max()
    np.testing.assert_allclose(single / scale, double / scale, atol=1e-4)


def test_integers_are_not_normalized() -> None:
    for setting in ("rescale", "samplewise_center", "featurewise_center", "zca_whitening"):
        with pytest.raises(ValueError, match=f"dtype='uint8' has no fractions, as {setting} needs"):
            ImageDataGenerator(**{setting: 1 / 255}, dtype="uint8")
    flipped = ImageDataGenerator(vertical_flip=True, dtype="uint8").flow(SQUARES, seed=1)
    assert next(flipped).dtype == np.uint8


def test_functions_see_single_images() -> None:
    seen: list[tuple] = []

    def negative(image: np.ndarray) -> np.ndarray:
        seen.append(image.shape)
        return -image

    batches = ImageDataGenerator(preprocessing_function=negative, rescale=1 / 255).flow(
        SQUARES, shuffle=False
    )
    np.testing.assert_allclose(batches[0], -SQUARES / 255, rtol=1e-6)
    assert seen == [(6, 6, 3)] * 10


def test_data_are_left_alone() -> None:
    kept = SQUARES.copy()
    generator = ImageDataGenerator(
        rescale=2, samplewise_std_normalization=True, featurewise_center=True, **ALL_RANGES
    )
    generator.fit(SQUARES, augment=True, rounds=2, seed=1)
    whole_pass(generator.flow(SQUARES))
    generator.standardize(SQUARES[0])
    np.testing.assert_array_equal(SQUARES, kept)


def test_without_fit_there_is_a_warning() -> None:
    with pytest.warns(UserWarning, match=r"generator\.fit\(x_train\) first"):
        ImageDataGenerator(featurewise_center=True).standardize(SQUARES[0])


# ---- folders --------------------------------------------------------------------------------


def test_folders_are_classes(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    make_folders(tmp_path, {"cat": 3, "dog": 5}, size=(4, 5))
    batches = ImageDataGenerator(rescale=0.5).flow_from_directory(
        tmp_path, target_size=(4, 5), batch_size=8, shuffle=False
    )
    assert isinstance(batches, DirectoryIterator)
    assert capsys.readouterr().out == "Found 8 images belonging to 2 classes.\n"
    assert batches.class_indices == {"cat": 0, "dog": 1}
    assert batches.classes.tolist() == batches.labels.tolist() == [0] * 3 + [1] * 5
    assert batches.filenames[0] == str(Path("cat", "00.png"))
    assert (batches.samples, batches.num_classes, batches.image_shape) == (8, 2, (4, 5, 3))
    x, y = next(batches)
    np.testing.assert_array_equal(x[3], img_to_array(load_img(batches.filepaths[3])) / 2)
    np.testing.assert_array_equal(y.argmax(1), batches.classes)


def test_files_are_read_while_the_model_trains(tmp_path: Path) -> None:
    make_folders(tmp_path, {"cat": 3, "dog": 3})
    flow = ImageDataGenerator().flow_from_directory(tmp_path, (4, 4), batch_size=2)
    read: list[str] = []
    second_is_read = threading.Event()
    own = flow._read

    def count(path: str) -> np.ndarray:
        read.append(path)
        if len(read) == 4:
            second_is_read.set()
        return own(path)

    flow._read = count
    batches = load_batches(flow, range(3))
    assert next(batches)[0].shape == (2, 4, 4, 3)
    assert second_is_read.wait(20)
    batches.close()


@pytest.mark.parametrize(
    ("mode", "shape"), [("binary", (2,)), ("sparse", (2,)), ("input", (2, 3, 3, 1)), (None, None)]
)
def test_class_modes(tmp_path: Path, mode: Any, shape: Any) -> None:
    make_folders(tmp_path, {"a": 2, "b": 2})
    batches = ImageDataGenerator().flow_from_directory(
        tmp_path, target_size=(3, 3), color_mode="grayscale", class_mode=mode, batch_size=2
    )
    batch = next(batches)
    assert (batch.shape if mode is None else batch[0].shape) == (2, 3, 3, 1)
    assert mode is None or batch[1].shape == shape


def test_folders_are_read_as_is_said(tmp_path: Path) -> None:
    make_folders(tmp_path, {"a": 2, "b": 1}, size=(6, 9))
    generator = ImageDataGenerator(dtype="float64")
    for settings in (
        {"interpolation": "bilinear"},
        {"interpolation": "nearest", "keep_aspect_ratio": True},
        {"interpolation": "lanczos", "color_mode": "grayscale"},
        {"color_mode": "rgba", "keep_aspect_ratio": True},
    ):
        batches = generator.flow_from_directory(
            tmp_path, target_size=(3, 5), classes=["b", "a"], shuffle=False, **settings
        )
        assert batches.class_indices == {"b": 0, "a": 1}
        x, y = batches[0]
        wanted = [
            img_to_array(load_img(path, target_size=(3, 5), **settings))
            for path in batches.filepaths
        ]
        np.testing.assert_array_equal(x, wanted)
        assert batches.image_shape == x.shape[1:]
        assert (x.dtype, y.dtype, y.tolist()) == ("float64", "float64", [[1, 0], [0, 1], [0, 1]])
        if "keep_aspect_ratio" in settings:
            continue
        table = {"filename": batches.filepaths}
        rows = generator.flow_from_dataframe(
            table, target_size=(3, 5), shuffle=False, class_mode=None, **settings
        )
        np.testing.assert_array_equal(rows[0], wanted)
    first = ImageDataGenerator(data_format="channels_first").flow_from_directory(
        tmp_path, target_size=(3, 5), shuffle=False, **settings, classes=["b", "a"]
    )
    assert first.image_shape == (4, 3, 5)
    np.testing.assert_array_equal(first[0][0].transpose(0, 2, 3, 1), wanted)


def test_links_are_followed_where_that_is_said(tmp_path: Path) -> None:
    make_folders(tmp_path / "in", {"a": 1, "b": 1})
    make_folders(tmp_path, {"far": 2})
    (tmp_path / "in" / "b" / "link").symlink_to(tmp_path / "far", target_is_directory=True)
    flow = ImageDataGenerator().flow_from_directory
    assert flow(tmp_path / "in").n == 2
    assert flow(tmp_path / "in", follow_links=True).classes.tolist() == [0, 1, 1, 1]


def test_each_class_is_split(tmp_path: Path) -> None:
    make_folders(tmp_path, {"a": 4, "b": 8})
    generator = ImageDataGenerator(validation_split=0.25)
    parts = [
        generator.flow_from_directory(tmp_path, subset=part) for part in ("training", "validation")
    ]
    assert [np.bincount(part.classes).tolist() for part in parts] == [[3, 6], [1, 2]]
    assert not set(parts[0].filenames) & set(parts[1].filenames)


def test_images_without_folders_are_told_about_classes(tmp_path: Path) -> None:
    make_folders(tmp_path / "all", {"a": 2})
    flat = tmp_path / "all" / "a"
    generator = ImageDataGenerator()
    with pytest.raises(
        ValueError, match=r"Classes are folders.*2 images \(00.png, 01.png\)"
    ) as told:
        generator.flow_from_directory(flat)
    assert "classes=['.'], class_mode=None reads them flat" in str(told.value)
    assert "labels=None" in str(told.value)
    batches = generator.flow_from_directory(flat, classes=["."], class_mode=None)
    assert batches[0].shape == (2, 256, 256, 3)
    with pytest.raises(ValueError, match="has no images: it is empty"):
        generator.flow_from_directory(make_folders(tmp_path / "none", {"c": 0}) / "c")
    with pytest.raises(ValueError, match=r"its folders \(c\) are empty"):
        generator.flow_from_directory(tmp_path / "none")
    make_folders(tmp_path / "half", {"a": 1, "b": 0})
    with pytest.raises(ValueError, match="has no images in the folders b"):
        generator.flow_from_directory(tmp_path / "half", classes=["b"])
    with pytest.raises(TypeError, match="list of names"):
        generator.flow_from_directory(tmp_path / "half", classes="a")
    (tmp_path / "none" / "c" / "a.xcf").write_bytes(b"")
    with pytest.raises(ValueError, match=r"none of its 1 file \(c.a.xcf\) ends in .png, .jpg"):
        generator.flow_from_directory(tmp_path / "none")


def test_binary_classes_are_two(tmp_path: Path) -> None:
    make_folders(tmp_path, {"a": 1, "b": 1, "c": 1})
    flow = ImageDataGenerator().flow_from_directory
    with pytest.raises(ValueError, match="'binary' needs two classes; there are 3: a, b, c"):
        flow(tmp_path, class_mode="binary")
    two = flow(tmp_path, class_mode="binary", classes=["c", "a"], shuffle=False)
    assert [Path(name).parent.name for name in two.filenames] == ["c", "a"]
    assert two[0][1].tolist() == [0, 1]
    for mode in ("categorical", "sparse", "input", None):
        assert flow(tmp_path, class_mode=mode).n == 3


def test_a_part_without_images_is_refused(tmp_path: Path) -> None:
    make_folders(tmp_path, {"a": 3, "b": 3})
    table = {"filename": ["a/00.png", "b/00.png"], "class": ["a", "b"]}
    for share, text in ((0.3, r"no images for validation: .* is 0.3 of"), (0, "is not set")):
        generator = ImageDataGenerator(validation_split=share)
        with pytest.raises(ValueError, match=text):
            generator.flow_from_directory(tmp_path, subset="validation")
        with pytest.raises(ValueError, match=text):
            generator.flow_from_dataframe(table, tmp_path, subset="validation")
        with pytest.raises(ValueError, match=text):
            generator.flow(SQUARES[:3], subset="validation")


def test_bad_folders_are_refused_by_name(tmp_path: Path) -> None:
    generator = ImageDataGenerator()
    with pytest.raises(FileNotFoundError, match="nowhere"):
        generator.flow_from_directory(tmp_path / "nowhere")
    make_folders(tmp_path, {"a": 1, "b": 1})
    with pytest.raises(NotADirectoryError, match=r"00\.png' is a file"):
        generator.flow_from_directory(tmp_path / "a" / "00.png")
    with pytest.raises(ValueError, match="Did you mean 'categorical'"):
        generator.flow_from_directory(tmp_path, class_mode="categoricl")
    with pytest.raises(ValueError, match="no folder for the classes c"):
        generator.flow_from_directory(tmp_path, classes=["a", "c"])
    (tmp_path / "b" / "broken.jpg").write_bytes(b"no image")
    with pytest.raises(ValueError, match=r"broken\.jpg is not an image"):
        next(generator.flow_from_directory(tmp_path))


# ---- tables ---------------------------------------------------------------------------------


def test_tables_name_files(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    make_folders(tmp_path, {"a": 2, "b": 3}, size=(4, 4))
    table = {
        "filename": ["a/00.png", "b/00.png", "b/01.png", "a/01.png", "b/02.png"],
        "class": ["cat", "dog", "dog", "cat", "cow"],
        "age": [1.5, 2.5, 3.5, 4.5, 5.5],
        "weight": [1.0, 2.0, 3.0, 4.0, 5.0],
    }
    options: dict = {"target_size": (4, 4), "shuffle": False}
    flow = ImageDataGenerator(validation_split=0.4).flow_from_dataframe
    batches = flow(table, tmp_path, weight_col="weight", **options)
    assert capsys.readouterr().out == "Found 5 validated image filenames belonging to 3 classes.\n"
    assert batches.class_indices == {"cat": 0, "cow": 1, "dog": 2}
    x, y, weight = next(batches)
    assert y.argmax(1).tolist() == [0, 2, 2, 0, 1]
    assert weight.tolist() == table["weight"]
    np.testing.assert_array_equal(x[4], img_to_array(load_img(tmp_path / "b" / "02.png")))
    assert batches.filenames == [str(Path(name)) for name in table["filename"]]
    raw = flow(table, tmp_path, y_col=["age", "weight"], class_mode="raw", **options)
    assert next(raw)[1].tolist() == [[a, b] for a, b in zip(table["age"], table["weight"])]
    two = flow(table, tmp_path, classes=["dog", "cat"], class_mode="binary", **options)
    assert next(two)[1].tolist() == [1, 0, 0, 1]
    parts = [flow(table, tmp_path, subset=part).n for part in ("training", "validation")]
    assert parts == [3, 2]
    whole = {"filename": [str(tmp_path / "a" / "00.png"), "nowhere.png"], "class": ["a", "b"]}
    with pytest.warns(UserWarning, match=r"1 of 2 files are left out: there is no image 'nowhere"):
        assert flow(whole, class_mode=None).n == 1
    with pytest.raises(ValueError, match="class_mode"):
        flow(table, tmp_path, class_mode="rew")


class Table:
    """What `flow_from_dataframe` asks of a table: columns by name, as pandas gives them."""

    def __init__(self, columns: dict[str, list]):
        self.columns = list(columns)
        self._columns = columns

    def __getitem__(self, name: str) -> tuple:
        return tuple(self._columns[name])


def pandas_table(columns: dict[str, list]) -> Any:
    pandas = pytest.importorskip("pandas")
    return pandas.DataFrame(columns, index=[7 * i for i in range(len(columns["filename"]))])


every_table = pytest.mark.parametrize("table", [dict, Table, pandas_table])
FILES = ["a/00.png", "b/00.png", "b/01.png", "a/01.png"]
FLOW: dict[str, Any] = {"target_size": (2, 2), "shuffle": False}


def flow_of(folder: Path, table: Any, **settings: Any) -> Any:
    return ImageDataGenerator().flow_from_dataframe(table, folder, **{**FLOW, **settings})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folders(tmp_path, {"a": 2, "b": 2})


@every_table
def test_lists_of_classes_are_multi_hot_rows(folder: Path, table: Any) -> None:
    """As keras-preprocessing 1.1 had it; Keras 3 gives the same."""
    rows = table({"filename": FILES, "class": [["x", "y"], ("y",), ["x"], "y"]})
    batches = flow_of(folder, rows)
    assert batches.class_indices == {"x": 0, "y": 1}
    y = next(batches)[1]
    assert (y.dtype, y.tolist()) == ("float32", [[1, 1], [0, 1], [1, 0], [0, 1]])
    assert list(batches.classes) == [[0, 1], [1], [0], 1]
    ordered = flow_of(folder, rows, classes=["y", "z", "x"], batch_size=3)
    assert [len(y) for _, y in (next(ordered), next(ordered))] == [3, 1]
    assert ordered[0][1].tolist() == [[1, 0, 1], [1, 0, 0], [0, 0, 1]]
    twice = flow_of(folder, rows, classes=["y", "x", "y"])
    assert twice.class_indices == {"y": 0, "x": 1}
    of_x = flow_of(folder, rows, classes=["x"])
    assert of_x.filenames == [str(Path(FILES[i])) for i in (0, 2)]
    assert of_x[0][1].tolist() == [[1], [1]]
    part = ImageDataGenerator(validation_split=0.5).flow_from_dataframe(
        rows, folder, subset="validation", **FLOW
    )
    assert part[0][1].tolist() == [[1, 1], [0, 1]]
    none = table({"filename": FILES, "class": [["x"], [], ["x", "x"], ["y"]]})
    assert flow_of(folder, none)[0][1].tolist() == [[1, 0], [0, 0], [1, 0], [0, 1]]


@pytest.mark.parametrize("mode", ["binary", "sparse"])
def test_lists_of_classes_are_for_categorical_alone(folder: Path, mode: str) -> None:
    table = {"filename": FILES, "class": ["x", ["x", "y"], "y", "y"]}
    with pytest.raises(ValueError, match=r"one class for each file.*\['x', 'y'\].*multi-hot"):
        flow_of(folder, table, class_mode=mode)


@every_table
@pytest.mark.parametrize("nothing", [None, float("nan"), np.float32("nan"), ["x", None]])
def test_a_missing_class_is_told_with_its_row(folder: Path, table: Any, nothing: Any) -> None:
    rows = table({"filename": FILES, "kind": ["x", "y", nothing, nothing]})
    text = r"'kind' has nothing in 2 of 4 rows, first in row 2 \(file 'b/01.png'\)"
    for settings in ({}, {"classes": ["x", "y"]}, {"class_mode": "sparse"}):
        with pytest.raises(ValueError, match=text):
            flow_of(folder, rows, y_col="kind", **settings)
    assert flow_of(folder, rows, y_col="kind", class_mode=None).n == 4


@pytest.mark.parametrize("missing", ["NA", "NaT"])
def test_missing_values_of_pandas_are_told(folder: Path, missing: str) -> None:
    pandas = pytest.importorskip("pandas")
    rows = pandas.DataFrame({"filename": FILES, "class": ["x", "y", "x", getattr(pandas, missing)]})
    with pytest.raises(ValueError, match="first in row 3"):
        flow_of(folder, rows)
    strings = pandas.DataFrame({"filename": FILES, "class": ["x", "y", "x", None]}, dtype="string")
    with pytest.raises(ValueError, match="first in row 3"):
        flow_of(folder, strings)


def test_missing_names_and_weights_are_told(folder: Path) -> None:
    table = {"filename": [*FILES[:3], None], "class": list("xyxy"), "w": [1, float("nan"), 2, 3]}
    with pytest.raises(ValueError, match="'filename' has nothing in 1 of 4 rows, first in row 3"):
        flow_of(folder, table)
    table["filename"] = FILES
    with pytest.raises(ValueError, match="'w' has nothing in 1 of 4 rows, first in row 1"):
        flow_of(folder, table, weight_col="w")


@pytest.mark.parametrize(
    ("columns", "settings", "error", "text"),
    [
        ({"class": list("xyzx")}, {"class_mode": "binary"}, ValueError, "two .* are 3: x, y, z"),
        ({"class": list("xxxx")}, {"class_mode": "binary"}, ValueError, "two .* are 1: x"),
        ({"class": list("xyxy")}, {"class_mode": "binary", "classes": list("xyz")}, ValueError,
         "two classes; there are 3"),
        ({"class": list("xyxy")}, {"classes": ["q"]}, ValueError, "the classes 'q'; .* is of 'x'"),
        ({"class": list("xyxy")}, {"classes": "x"}, TypeError, "classes is a list"),
        ({"class": ["x", 1, "x", 2]}, {}, TypeError, "one kind.* int and str"),
        ({"clas": list("xyxy")}, {}, ValueError, "Unknown column 'class'. Did you mean 'clas'"),
        ({"class": list("xyxy")}, {"weight_col": "w"}, ValueError, "Unknown column 'w'"),
        ({"class": list("xyxy"), "w": list("1234")}, {"weight_col": "w"}, TypeError, "numbers"),
        ({"class": list("xyx")}, {}, ValueError, "'class' has 3 rows, that of files 4"),
        ({"a": [1] * 4, "b": [2] * 4}, {"y_col": ["a", "b"]}, TypeError, "One column is wanted"),
        ({"class": list("xyxy")}, {"class_mode": "multi_output"}, TypeError, "for each output"),
        ({"filename": [1, 2, 3, 4]}, {"class_mode": None}, TypeError, "names of files"),
        ({"filename": ["a/00"] * 4}, {"class_mode": None}, ValueError, "have their endings: .png"),
    ],
)  # fmt: skip
def test_tables_that_do_not_fit_are_refused(
    folder: Path, columns: dict, settings: dict, error: type, text: str
) -> None:
    with pytest.raises(error, match=text):
        flow_of(folder, {"filename": FILES, **columns}, **settings)


@every_table
def test_outputs_of_a_table_come_as_they_are(folder: Path, table: Any) -> None:
    rows = table({"filename": FILES, "a": [1, 2, 3, 4], "b": [[1.5, 2], [3, 4], [5, 6], [7, 8]]})
    y = flow_of(folder, rows, y_col=["a", "b"], class_mode="multi_output", batch_size=2)[1][1]
    assert [one.tolist() for one in y] == [[3, 4], [[5, 6], [7, 8]]]
    raw = flow_of(folder, rows, y_col="b", class_mode="raw")
    assert raw[0][1].tolist() == [[1.5, 2], [3, 4], [5, 6], [7, 8]]
    x, same = flow_of(folder, rows, class_mode="input")[0]
    np.testing.assert_array_equal(x, same)
    assert same is not x
    with pytest.warns(UserWarning, match="classes are not used by class_mode='raw'"):
        flow_of(folder, rows, y_col="a", class_mode="raw", classes=["x"])


@every_table
def test_weights_stay_with_their_rows(folder: Path, table: Any) -> None:
    """Whichever rows are left out: of other classes, of no file, of the other part."""
    rows = table({"filename": FILES, "class": list("abab"), "weight": [1, 2, 3, 4]})
    of_b = flow_of(folder, rows, classes=["b"], weight_col="weight")
    assert of_b[0][2].tolist() == [2, 4]
    assert of_b.filenames == [str(Path(FILES[i])) for i in (1, 3)]
    gone = ["a/00.png", "nowhere.png", "b/01.png", "a/01.png"]
    with pytest.warns(UserWarning, match="1 of 4 files are left out: there is no image .*nowhere"):
        left = flow_of(folder, table({"filename": gone, "class": list("abab"),
                                      "weight": [1, 2, 3, 4]}), weight_col="weight")  # fmt: skip
    assert left[0][1].argmax(1).tolist() == [0, 0, 1]
    assert left[0][2].tolist() == [1, 3, 4]
    with pytest.warns(UserWarning, match="1 of 4 files are left out"):
        raw = flow_of(folder, table({"filename": gone, "class": [1.5, 2.5, 3.5, 4.5]}),
                      class_mode="raw")  # fmt: skip
    assert raw[0][1].tolist() == [1.5, 3.5, 4.5]
    generator = ImageDataGenerator(validation_split=0.5)
    for part, wanted in (("validation", [1, 2]), ("training", [3, 4])):
        batches = generator.flow_from_dataframe(
            rows, folder, weight_col="weight", subset=part, target_size=(2, 2), seed=1
        )
        _, y, weights = batches[0]
        assert sorted(weights.tolist()) == wanted
        assert weights.tolist() == [wanted[i] for i in batches.index_array]
        assert y.argmax(1).tolist() == [int(weight in (2, 4)) for weight in weights]
    raw = flow_of(folder, rows, y_col="weight", class_mode="raw", weight_col="weight")
    np.testing.assert_array_equal(*raw[0][1:])


def test_names_that_are_not_looked_at_are_read_later(
    folder: Path, capsys: pytest.CaptureFixture
) -> None:
    table = {"filename": [*FILES, "nowhere.png"], "class": list("ababa")}
    batches = flow_of(folder, table, validate_filenames=False, batch_size=4)
    assert capsys.readouterr().out == (
        "Found 5 non-validated image filenames belonging to 2 classes.\n"
    )
    assert len(batches[0][0]) == 4
    with pytest.raises(FileNotFoundError, match="nowhere"):
        batches[1]


# ---- training -------------------------------------------------------------------------------


def model_for(shape: tuple) -> Sequential:
    model = Sequential([layers.Flatten(input_shape=shape), layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


def test_fit_as_tutorials_have_it() -> None:
    generator = ImageDataGenerator(rescale=1 / 255, **ALL_RANGES)
    train = generator.flow(SQUARES, LABELS, batch_size=4, seed=1)
    plain = ImageDataGenerator(rescale=1 / 255).flow(SQUARES, LABELS, batch_size=5, shuffle=False)
    model = model_for((6, 6, 3))
    history = model.fit(train, epochs=2, validation_data=plain, verbose=0)
    assert len(history.history["val_loss"]) == 2
    model.fit(train, steps_per_epoch=7, epochs=2, verbose=0, validation_data=plain,
              validation_steps=3)  # fmt: skip
    model.fit_generator(train, steps_per_epoch=len(SQUARES) // 4, epochs=1, verbose=0, workers=2)
    outputs = model.predict(plain, verbose=0)
    np.testing.assert_array_equal(outputs, model.predict_generator(plain, steps=2))
    np.testing.assert_allclose(outputs, model.predict(SQUARES / 255, verbose=0), rtol=1e-5)
    assert model.evaluate(plain, verbose=0) == model.evaluate_generator(plain, steps=2)


def test_training_follows_from_the_seed() -> None:
    def weights() -> list[bytes]:
        pylego.utils.set_random_seed(5)
        model = model_for((6, 6, 3))
        generator = ImageDataGenerator(rescale=1 / 255, **ALL_RANGES)
        model.fit(generator.flow(SQUARES, LABELS, batch_size=4), epochs=2, verbose=0)
        return [weight.tobytes() for weight in model.get_weights()]

    assert weights() == weights()


def test_datasets_of_ones_own_are_taken() -> None:
    """As a PyDataset: a length, batches by number, on_epoch_end."""

    class Squares:
        ends = 0

        def __len__(self) -> int:
            return 2

        def __getitem__(self, number: int) -> tuple:
            return SQUARES[5 * number : 5 * number + 5] / 255, LABELS[5 * number : 5 * number + 5]

        def on_epoch_end(self) -> None:
            self.ends += 1

    data = Squares()
    model = model_for((6, 6, 3))
    model.fit(data, epochs=3, verbose=0)
    assert data.ends == 3
    assert model.predict(data, verbose=0).shape == (10, 1)


@needs_real_pictures
def test_real_pictures() -> None:
    generator = ImageDataGenerator(rescale=1 / 255, rotation_range=20, horizontal_flip=True)
    train = generator.flow_from_directory(
        CIFAR_FOLDERS / "train", target_size=(32, 32), batch_size=50, class_mode="sparse", seed=1
    )
    assert train.samples == 200
    model = Sequential([layers.Flatten(), layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    history = model.fit(train, epochs=3, verbose=0).history["loss"]
    assert history[-1] < history[0]
    flowers = generator.flow_from_directory(FLOWERS, target_size=(150, 150), class_mode="binary")
    x, y = next(flowers)
    assert x.shape == (2, 150, 150, 3)
    assert sorted(y) == [0, 1]
    assert 0 <= x.min() < x.max() <= 1


# ---- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"fill_mode": "neerest"}, "Did you mean 'nearest'"),
        ({"zoom_range": (1, 2, 3)}, "zoom_range has two numbers"),
        ({"brightness_range": 0.5}, "brightness_range has two numbers"),
        ({"validation_split": 1.5}, "between 0 and 1"),
        ({"data_format": "channel_last"}, "Did you mean 'channels_last'"),
        ({"interpolation_order": 3}, "interpolation_order"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        ImageDataGenerator(**arguments)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda g: ImageDataGenerator(horizontal_flop=True),
         "ImageDataGenerator got an unknown argument 'horizontal_flop'. .* 'horizontal_flip'"),
        (lambda g: g.flow(SQUARES, batchsize=3), "flow .* mean 'batch_size'"),
        (lambda g: g.flow_from_directory("a", targetsize=3), "from_directory .* 'target_size'"),
        (lambda g: g.flow_from_dataframe({}, xcol="a"), "flow_from_dataframe .* mean 'x_col'"),
        (lambda g: g.fit(SQUARES, augmented=True), "fit .* mean 'augment'"),
        (lambda g: g.random_transform(SQUARES[0], seeds=1), "mean 'seed'"),
        (lambda g: g.get_random_transform((1, 1, 1), seeds=1), "mean 'seed'"),
        (lambda g: g.apply_transform(SQUARES[0], {"thta": 3}), "mean 'theta'"),
    ],
)  # fmt: skip
def test_unknown_keywords_are_mended(call: Any, text: str) -> None:
    with pytest.raises(TypeError, match=text):
        call(ImageDataGenerator())


def test_wrong_data_are_refused() -> None:
    generator = ImageDataGenerator()
    with pytest.raises(ValueError, match=r"shape \(10, 6, 6\)"):
        generator.flow(SQUARES[..., 0])
    with pytest.raises(ValueError, match="x has 10 images, y 9 rows"):
        generator.flow(SQUARES, LABELS[1:])
    with pytest.raises(ValueError, match="Did you mean 'training'"):
        generator.flow(SQUARES, subset="trainig")
    with pytest.raises(ValueError, match="three axes"):
        generator.random_transform(SQUARES)
    with pytest.raises(ValueError, match="four axes"):
        generator.fit(SQUARES[0])
    with pytest.raises(TypeError, match="turn"):
        generator.apply_transform(SQUARES[0], {"turn": 3})
