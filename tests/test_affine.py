"""Images under affine maps: exact where pixels only move, Keras's numbers where they mix."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from goldens import expect_close, load

from pylego import Sequential, config, ops, random
from pylego.core.tensor import convert_to_tensor
from pylego.layers import Layer
from pylego.ops.affine import about_center, affine_transform, matrices_of, sample
from pylego.random import SeedGenerator
from pylego.testing import check_gradients

IMAGES = np.random.default_rng(1).normal(size=(2, 5, 5, 3)).astype("float32")
ROW = np.array([[1.0, 2.0, 3.0]], "float32")[None, :, :, None]


def moved(images: Any, rows: Any, **options: Any) -> np.ndarray:
    return sample(convert_to_tensor(images), matrices_of(len(images), rows), **options).numpy()


# ---- exact ----------------------------------------------------------------------------------


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_identity_keeps_all_bits(interpolation: str, dtype: str) -> None:
    images = IMAGES.astype(dtype)
    images[0, 0, :4, 0] = np.nan, np.inf, -np.inf, -0.0
    same = moved(images, ((1, 0, 0), (0, 1, 0)), interpolation=interpolation)
    assert same.tobytes() == images.tobytes()


@pytest.mark.parametrize("quarters", [1, 2, 3])
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_right_angles_are_exact(quarters: int, interpolation: str) -> None:
    angle = quarters * math.pi / 2
    cos, sin = math.cos(angle), math.sin(angle)
    matrices = about_center(2, ((cos, sin), (-sin, cos)), (5, 5))
    turned = sample(convert_to_tensor(IMAGES), matrices, interpolation=interpolation).numpy()
    np.testing.assert_array_equal(turned, np.rot90(IMAGES, quarters, (1, 2)))


def test_flips_are_exact() -> None:
    flipped = sample(convert_to_tensor(IMAGES), about_center(2, ((1, 0), (0, -1)), (5, 5)))
    np.testing.assert_array_equal(flipped.numpy(), IMAGES[:, :, ::-1])
    flipped = sample(convert_to_tensor(IMAGES), about_center(2, ((-1, 0), (0, 1)), (5, 5)))
    np.testing.assert_array_equal(flipped.numpy(), IMAGES[:, ::-1])


def test_each_image_has_a_matrix_of_its_own() -> None:
    shifted = moved(IMAGES, ((1, 0, np.array([1.0, -2.0])), (0, 1, 0)), fill_mode="wrap")
    np.testing.assert_array_equal(shifted[0], np.roll(IMAGES[0], -1, 0))
    np.testing.assert_array_equal(shifted[1], np.roll(IMAGES[1], 2, 0))


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_long_rows_of_a_slope_stay_a_slope(channels: int, dtype: str) -> None:
    height, width = 20, 200
    down, right = np.mgrid[:height, :width].astype(dtype)
    images = np.repeat((3 * down + 5 * right)[None, ..., None], channels, -1)
    turned = moved(images, ((0.9, 0.03, 1.25), (-0.5, 0.95, 7.5)), fill_value=-1.0)
    rows, columns = 0.9 * down + 0.03 * right + 1.25, -0.5 * down + 0.95 * right + 7.5
    is_inside = (rows >= 0) & (rows <= height - 1) & (columns >= 0) & (columns <= width - 1)
    assert is_inside.any(1).all()
    assert not is_inside.all()
    np.testing.assert_allclose(
        turned[0][is_inside], np.repeat((3 * rows + 5 * columns)[is_inside][:, None], channels, -1),
        rtol=1e-4,
    )  # fmt: skip
    is_far = (rows < -1) | (rows > height) | (columns < -1) | (columns > width)
    np.testing.assert_allclose(turned[0][is_far], -1, rtol=1e-6)


@pytest.mark.parametrize("value", [0.1, np.inf])
def test_what_has_no_share_of_the_image_is_the_fill_value_itself(value: float) -> None:
    shifted = moved(np.ones((1, 4, 5, 1)), ((1, 0, -2), (0, 1, -3.4)), fill_value=value)
    assert (shifted[0, :2] == value).all()
    assert (shifted[0, :, :3] == value).all()
    inside = moved(np.ones((1, 4, 5, 1)), ((1, 0, -2), (0, 1, -3.4)), fill_value=0.0)
    assert (inside[0, 2:, 3:] > 0).all()


def test_outputs_far_away_see_the_fill_value_though_places_come_around() -> None:
    far = moved(np.ones((1, 4, 9, 1), "float32"), ((1, 2.0**30, 1), (0, 2.0**30, 1)))
    assert far[0, 0].ravel()[:4].tolist() == [1, 0, 0, 0]  # the next one is 2^64 / 2^32 away


def test_a_window_is_cut_out() -> None:
    cut = moved(IMAGES, ((1, 0, 1), (0, 1, 2)), size=(3, 2))
    np.testing.assert_array_equal(cut, IMAGES[:, 1:4, 2:4])


@pytest.mark.parametrize(
    ("mode", "left", "right"),
    [
        ("constant", [9, 9, 9, 9], [9, 9, 9, 9]),
        ("nearest", [1, 1, 1, 1], [3, 3, 3, 3]),
        ("reflect", [3, 3, 2, 1], [3, 2, 1, 1]),
        ("mirror", [1, 2, 3, 2], [2, 1, 2, 3]),
        ("wrap", [3, 1, 2, 3], [1, 2, 3, 1]),
    ],
)
def test_what_lies_beyond_the_edges(mode: str, left: list, right: list) -> None:
    for interpolation in ("nearest", "bilinear"):
        options: dict = {"size": (1, 11), "interpolation": interpolation, "fill_mode": mode}
        seen = moved(ROW, ((1, 0, 0), (0, 1, -4)), fill_value=9.0, **options)
        assert seen.ravel().tolist() == [*left, 1, 2, 3, *right]


def test_one_pixel_and_none() -> None:
    for mode in ("constant", "nearest", "reflect", "mirror", "wrap"):
        seen = moved(np.ones((1, 1, 1, 1)), ((1, 0, 0), (0, 1, -1)), size=(1, 3), fill_mode=mode)
        assert seen.ravel().tolist() == ([0, 1, 0] if mode == "constant" else [1, 1, 1])
    empty = moved(np.ones((1, 0, 0, 2)), ((1, 0, 0), (0, 1, 0)), size=(1, 2), fill_value=7.0)
    assert (empty == 7).all()
    assert moved(np.ones((0, 3, 3, 2)), ((1, 0, 0), (0, 1, 0))).shape == (0, 3, 3, 2)


def test_halves_go_away_from_zero() -> None:
    seen = moved(ROW, ((1, 0, 0), (0, 1, -0.5)), interpolation="nearest", fill_mode="nearest")
    assert seen.ravel().tolist() == [1, 2, 3]
    seen = moved(ROW, ((1, 0, 0), (0, 1, 0.5)), interpolation="nearest", fill_mode="nearest")
    assert seen.ravel().tolist() == [2, 3, 3]


@pytest.mark.parametrize("far", [1e300, -1e300, np.inf, np.nan])
def test_far_places_do_no_harm(far: float) -> None:
    for mode in ("constant", "nearest", "reflect", "mirror", "wrap"):
        seen = moved(ROW, ((far, far, far), (far, far, far)), fill_mode=mode)
        assert set(seen.ravel().tolist()) <= {0.0, 1.0, 2.0, 3.0}


# ---- Keras ----------------------------------------------------------------------------------


@pytest.mark.parametrize("fact", load("image_layers")["affine_transform"], ids=str)
def test_affine_transform_gives_kerass_numbers(fact: dict) -> None:
    golden = load("image_layers")
    images = np.array(golden["images"], "float32")
    ours = affine_transform(images, golden["transforms"], **fact["options"])
    expect_close(ours, fact["outputs"], rtol=1e-5, atol=1e-5)
    first = affine_transform(
        images.transpose(0, 3, 1, 2), golden["transforms"], data_format="channels_first",
        **fact["options"],
    )  # fmt: skip
    np.testing.assert_array_equal(first.numpy().transpose(0, 2, 3, 1), ours.numpy())
    alone = affine_transform(images[0], golden["transforms"][0], **fact["options"])
    np.testing.assert_array_equal(alone.numpy(), ours.numpy()[0])


# ---- gradients by the transform -------------------------------------------------------------


@pytest.mark.parametrize("fill_mode", ["constant", "nearest", "reflect", "mirror", "wrap", "cut"])
def test_gradients_flow_to_the_transform(fill_mode: str) -> None:
    generator = np.random.default_rng(3)
    pictures = generator.normal(size=(2, 5, 6, 3))
    transforms = np.eye(8)[[0, 0]] + np.eye(8)[[4, 4]] + generator.normal(size=(2, 8)) / 2

    def turned(images: Any, transform: Any) -> Any:
        return affine_transform(images, transform, fill_mode=fill_mode, fill_value=0.3)

    check_gradients(turned, [pictures, transforms], rtol=1e-4, atol=1e-6)
    check_gradients(lambda t: turned(pictures, t), [transforms], rtol=1e-4, atol=1e-6)
    check_gradients(lambda t: turned(pictures, t), [transforms[0]], rtol=1e-4, atol=1e-6)


def test_the_nearest_pixels_have_steps_and_no_slopes() -> None:
    transform = convert_to_tensor([1.0, 0, 0.2, 0, 1, 0, 0, 0])
    transform.requires_grad = True
    y = affine_transform(IMAGES, transform, interpolation="nearest")
    ops.sum(y * transform[0]).backward()
    np.testing.assert_array_equal(transform.grad.numpy()[1:], np.zeros(7))


def test_a_layer_learns_where_to_look() -> None:
    """Jaderberg et al., 2015: the smallest such network, in a program."""

    class Shift(Layer):
        def build(self, shape: Any) -> None:
            self.by = self.add_weight(shape=(2,), initializer="zeros")

        def call(self, x: Any) -> Any:
            ones, none = ops.ones_like(self.by[0]), ops.zeros_like(self.by[0])
            numbers = [ones, none, self.by[0], none, ones, self.by[1], none, none]
            return affine_transform(x, ops.stack(numbers), fill_mode="nearest")

    row, column = np.mgrid[0:9, 0:9] / 8.0
    x = np.sin(3 * row + 2 * column).astype("float32")[None, :, :, None]
    y = affine_transform(x, [1, 0, 1.25, 0, 1, -0.75, 0, 0], fill_mode="nearest").numpy()
    model = Sequential([Shift()])
    model.compile("adam", "mse")
    model.optimizer.learning_rate = 0.05
    model.fit(x, y, epochs=200, verbose=0)
    np.testing.assert_allclose(model.layers[0].by.numpy(), [1.25, -0.75], atol=0.02)


# ---- threads, keys, refusals ----------------------------------------------------------------


def test_bits_do_not_depend_on_threads() -> None:
    images = np.random.default_rng(2).normal(size=(7, 40, 50, 3)).astype("float32")
    angle = np.linspace(0, 3, 7)
    matrices = about_center(
        7, ((np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))), (40, 50), (1.5, 2.25)
    )
    before, seen = config.num_threads(), []
    for count in (1, 2, 5):
        config.set_num_threads(count)
        seen.append(sample(convert_to_tensor(images), matrices).numpy().tobytes())
    config.set_num_threads(before)
    assert seen[0] == seen[1] == seen[2]


def test_random_rows_do_not_depend_on_the_batch() -> None:
    one, other = SeedGenerator(5), SeedGenerator(5)
    whole = random.uniform_rows(one.next_keys(6), 9).numpy()
    parts = [random.uniform_rows(other.next_keys(count), 9).numpy() for count in (1, 3, 2)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    np.testing.assert_array_equal(one.next().numpy(), [5, 6])
    assert len(np.unique(whole)) == whole.size
    assert 0 <= whole.min() < whole.max() < 1


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"images": np.ones((4, 4))}, r"shape \(4, 4\)"),
        ({"transform": [1.0, 0.0, 0.0]}, "8 numbers"),
        ({"interpolation": "linear"}, "Did you mean 'bilinear'"),
        ({"fill_mode": "reflection"}, "Did you mean 'reflect'"),
        ({"data_format": "channel_last"}, "Did you mean 'channels_last'"),
    ],
)
def test_mistakes_are_refused(arguments: dict, text: str) -> None:
    given = {"images": IMAGES, "transform": [1, 0, 0, 0, 1, 0, 0, 0], **arguments}
    with pytest.raises(ValueError, match=text):
        affine_transform(**given)
