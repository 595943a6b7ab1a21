"""Functions of pictures: colors, borders and patches beside Keras, and those of older tutorials."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load

from pylego import layers, ops, testing, utils
from pylego.preprocessing import image as older

GOLDEN = load("image_functions")
BATCH = array(GOLDEN["pictures"]["batch"])
SQUARE = np.array(GOLDEN["pictures"]["bytes"], np.float32)
LAST = {"row_axis": 0, "col_axis": 1, "channel_axis": 2}


def pictures(which: str) -> np.ndarray:
    dtype = np.uint8 if which == "bytes" else np.float32
    return np.array(GOLDEN["pictures"][which], dtype)


def label(case: dict[str, Any]) -> str:
    return f"{case.get('function', '')} {case['arguments']}"


# ---- real Keras -----------------------------------------------------------------------------


@pytest.mark.parametrize("case", GOLDEN["calls"], ids=label)
def test_functions(case: dict[str, Any]) -> None:
    x = pictures(case["pictures"])
    y = getattr(ops.image, case["function"])(x, **case["arguments"])
    assert y.dtype == str(x.dtype)
    expect_close(y, case["output"])


@pytest.mark.parametrize("case", GOLDEN["first"], ids=label)
def test_functions_with_channels_first(case: dict[str, Any]) -> None:
    x = BATCH.transpose(0, 3, 1, 2)
    expect_close(getattr(ops.image, case["function"])(x, **case["arguments"]), case["output"])


@pytest.mark.parametrize("case", GOLDEN["smart_resize"], ids=lambda case: str(case["size"]))
def test_smart_resize(case: dict[str, Any]) -> None:
    y = older.smart_resize(BATCH, case["size"], **case["arguments"])
    assert isinstance(y, np.ndarray)
    expect_close(y, case["output"], rtol=1e-5)
    of_tensor = older.smart_resize(ops.convert_to_tensor(BATCH), case["size"], **case["arguments"])
    assert (of_tensor.numpy() == y).all()


@pytest.mark.parametrize("case", GOLDEN["older"], ids=label)
def test_functions_of_single_images(case: dict[str, Any]) -> None:
    y = getattr(older, case["function"])(SQUARE, **case["arguments"])
    expect_close(y, case["output"], rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("case", GOLDEN["brightened"], ids=lambda case: str(case["factor"]))
def test_brightness(case: dict[str, Any]) -> None:
    layer = layers.RandomBrightness((case["factor"],) * 2, case["value_range"])
    expect_close(layer(BATCH), case["output"])
    assert (layer(BATCH, training=False).numpy() == BATCH).all()
    assert not (layers.RandomBrightness(0.5, (0, 1), seed=1)(BATCH).numpy() == BATCH).all()


# ---- laws -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function",
    [
        ops.image.rgb_to_grayscale,
        ops.image.rgb_to_hsv,
        ops.image.hsv_to_rgb,
        lambda x: ops.image.crop_images(x, 1, 1, 1, 2),
        lambda x: ops.image.pad_images(x, 1, 1, 1, 2),
        lambda x: ops.image.extract_patches(x, 2, 1, padding="same"),
    ],
)
def test_gradients(function: Any) -> None:
    generator = np.random.default_rng(4)
    colors = generator.permuted(np.tile([0.2, 0.5, 0.8], (1, 3, 4, 1)), axis=-1)
    x = colors + generator.uniform(-0.1, 0.1, colors.shape)  # far from where colors are equal
    testing.check_gradients(function, [x])


def test_colors_come_back() -> None:
    back = ops.image.hsv_to_rgb(ops.image.rgb_to_hsv(BATCH))
    np.testing.assert_allclose(back.numpy(), BATCH, atol=1e-6)


def test_patches_beside_each_other_hold_all_pixels() -> None:
    patches = ops.image.extract_patches(SQUARE[:4, :4], 2).numpy()
    assert sorted(patches.ravel()) == sorted(SQUARE[:4, :4].ravel())
    assert (patches[1, 0].reshape(2, 2, 3) == SQUARE[2:4, :2]).all()


# ---- single images --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda x: older.random_rotation(x, 40, **LAST),
        lambda x: older.random_shift(x, 0.3, 0.2, **LAST),
        lambda x: older.random_shear(x, 20, **LAST),
        lambda x: older.random_zoom(x, (0.5, 2.0), **LAST),
        lambda x: older.random_channel_shift(x, 50.0, 2),
        lambda x: older.random_brightness(x, (0.2, 0.8)),
    ],
)
def test_chance_follows_the_seed(change: Any) -> None:
    seen = []
    for seed in (1, 1, 2):
        utils.set_random_seed(seed)
        seen.append(change(SQUARE))
    assert (seen[0] == seen[1]).all()
    assert (seen[0] != seen[2]).any()
    assert seen[0].shape == SQUARE.shape
    assert seen[0].dtype == np.float32


def test_shifts_move_along_the_axis_that_they_name() -> None:
    image = np.arange(60.0, dtype=np.float32).reshape(3, 4, 5)  # channels, rows, columns
    utils.set_random_seed(3)
    across = older.random_shift(image, 0.5, 0.0)
    np.testing.assert_allclose(np.diff(across, axis=1), 5, rtol=1e-5)  # rows stay apart
    np.testing.assert_array_equal(older.random_shift(image, 0.0, 0.0), image)
    left = older.apply_affine_transform(image, tx=1)
    np.testing.assert_array_equal(left[..., :-1], image[..., 1:])


def test_bytes_stay_bytes_where_pixels_move() -> None:
    image = SQUARE.astype(np.uint8)
    turned = older.apply_affine_transform(image, theta=90, **LAST)
    assert turned.dtype == np.uint8
    np.testing.assert_array_equal(turned, np.rot90(image))


def test_brightness_of_a_single_image() -> None:
    stretched = (SQUARE - SQUARE.min()) * (255 / np.ptp(SQUARE))
    half = older.apply_brightness_shift(SQUARE, 0.5)
    np.testing.assert_allclose(half, stretched / 2, rtol=1e-5)
    assert older.apply_brightness_shift(SQUARE, 3.0).max() == 255
    small = older.apply_brightness_shift(SQUARE / 500, 1.0, scale=True)
    np.testing.assert_allclose(small, stretched, atol=1e-3)


# ---- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ops.image.rgb_to_grayscale(np.ones((2, 2, 4))), "3 channels"),
        (lambda: ops.image.rgb_to_hsv(np.ones((2, 2, 3), np.uint8)), "/ 255"),
        (lambda: ops.image.crop_images(BATCH, 1, 1), "two of top_cropping, bottom_cropping"),
        (lambda: ops.image.crop_images(BATCH, 1, 1, 1, 1, 3), "two of top_cropping"),
        (lambda: ops.image.crop_images(BATCH, 3, 0, 2, 0), "leaves nothing"),
        (lambda: ops.image.crop_images(BATCH, -1, 0, 2, 0), "top_cropping must be 0 or more"),
        (lambda: ops.image.pad_images(BATCH, 3, 0, target_height=2, target_width=6), "-6 wide"),
        (lambda: ops.image.extract_patches(BATCH, 9), "a window of 9 does not fit into a length"),
        (lambda: ops.image.extract_patches(BATCH[0, 0], 2), "3 axes"),
        (lambda: older.random_zoom(SQUARE, 0.5), "zoom_range has two numbers"),
        (lambda: older.apply_affine_transform(BATCH), "three axes"),
        (lambda: layers.RandomBrightness(2), "from -1 to 1"),
        (lambda: layers.RandomBrightness(0.1, (0, 1, 2)), "value_range"),
    ],
)
def test_mistakes_are_told(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
