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


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 4, 3), (4, 1, 3), (2, 1, 1, 3), (0, 2, 4, 3)])
def test_pictures_of_one_row_one_column_or_none(shape: tuple) -> None:
    x = np.random.default_rng(1).uniform(0.2, 0.8, shape).astype("float32")
    same = (slice(None),) * (x.ndim - 3)
    assert np.array_equal(ops.image.crop_images(x, 0, 0, 0, 0), x)
    padded = ops.image.pad_images(x, 1, 2, 3, 4).numpy()
    assert padded.shape == (*shape[:-3], shape[-3] + 4, shape[-2] + 6, 3)
    inside = (*same, slice(1, 1 + shape[-3]), slice(2, 2 + shape[-2]))
    np.testing.assert_array_equal(padded[inside], x)
    assert padded.sum() == pytest.approx(x.sum(), rel=1e-5)
    np.testing.assert_array_equal(ops.image.crop_images(padded, 1, 2, 3, 4), x)
    assert np.array_equal(ops.image.extract_patches(x, 1), x)
    around = ops.image.extract_patches(x, 3, 1, padding="same").numpy()
    assert around.shape == (*shape[:-1], 27)
    np.testing.assert_array_equal(around[..., 12:15], x)
    back = ops.image.hsv_to_rgb(ops.image.rgb_to_hsv(x)).numpy()
    np.testing.assert_allclose(back, x, atol=1e-6)
    assert ops.image.rgb_to_grayscale(x).shape == (*shape[:-1], 1)
    turned = ops.image.affine_transform(x, [-1, 0, shape[-2] - 1, 0, -1, shape[-3] - 1, 0, 0])
    np.testing.assert_array_equal(turned, x[..., ::-1, ::-1, :])


def test_borders_are_found_from_any_two_of_three() -> None:
    x = np.arange(35.0, dtype=np.float32).reshape(5, 7, 1)
    wanted = x[1:4, 2:6]
    for rows in ({"top_cropping": 1, "bottom_cropping": 1}, {"top_cropping": 1, "target_height": 3},
                 {"bottom_cropping": 1, "target_height": 3}):  # fmt: skip
        for columns in ({"left_cropping": 2, "right_cropping": 1},
                        {"left_cropping": 2, "target_width": 4},
                        {"right_cropping": 1, "target_width": 4}):  # fmt: skip
            cut = ops.image.crop_images(x, **rows, **columns)
            np.testing.assert_array_equal(cut, wanted)
            first = ops.image.crop_images(
                x.transpose(2, 0, 1), **rows, **columns, data_format="channels_first"
            )
            np.testing.assert_array_equal(first[0], wanted[..., 0])
            laid = {key.replace("cropping", "padding"): n for key, n in (rows | columns).items()}
            laid = {k: {"target_height": 5, "target_width": 7}.get(k, n) for k, n in laid.items()}
            padded = ops.image.pad_images(wanted, **laid).numpy()
            np.testing.assert_array_equal(padded[1:4, 2:6], wanted)
            assert padded.shape == x.shape
            assert padded.sum() == wanted.sum()
    assert ops.image.crop_images(x, 2, 3, 2, 3).numpy().item() == x[2, 3, 0]
    for nothing in ((3, 0, 2, 0), (0, 3, 0, 4)):
        with pytest.raises(ValueError, match="leaves nothing"):
            ops.image.crop_images(x, *nothing)


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
def test_random_images_follow_the_seed(change: Any) -> None:
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


def test_settings_reach_the_functions_that_draw() -> None:
    """Fill mode, value, interpolation and axes."""
    image = np.arange(1.0, 25, dtype=np.float32).reshape(2, 3, 4)  # channels, rows, columns
    settings: dict[str, Any] = {"fill_mode": "constant", "cval": 50.0, "interpolation_order": 0}
    for change in (
        lambda x, **axes: older.random_shift(x, 0.9, 0.9, **axes, **settings),
        lambda x, **axes: older.random_rotation(x, 170, **axes, **settings),
        lambda x, **axes: older.random_shear(x, 60, **axes, **settings),
        lambda x, **axes: older.random_zoom(x, (1.5, 2.5), **axes, **settings),
    ):
        seen = []
        for picture, axes in ((image, {}), (image.transpose(1, 2, 0), LAST)):
            utils.set_random_seed(5)
            seen.append(change(picture, **axes))
        np.testing.assert_array_equal(seen[0].transpose(1, 2, 0), seen[1])
        assert 50 in seen[0]
        assert np.isin(seen[0], [*image.ravel(), 50]).all()
    zoomed = older.random_zoom(image, (2, 2), fill_mode="constant", interpolation_order=0)
    wanted = older.apply_affine_transform(image, zx=2, zy=2, fill_mode="constant", order=0)
    np.testing.assert_array_equal(zoomed, wanted)


def test_what_is_drawn_keeps_to_its_range() -> None:
    """And reaches both ends of it."""
    row = np.arange(100.0, dtype=np.float32).reshape(1, 1, 100)
    utils.set_random_seed(1)
    shifts = [older.random_shift(row, 0.1, 0.0)[0, 0, 50] - 50 for _ in range(200)]
    assert -10 <= min(shifts) < -9
    assert 9 < max(shifts) <= 10
    column = row.transpose(0, 2, 1)
    downs = [older.random_shift(column, 0.0, 0.1)[0, 50, 0] - 50 for _ in range(200)]
    assert -10 <= min(downs) < -9
    assert 9 < max(downs) <= 10
    more = [older.random_channel_shift(row, 20.0)[0, 0, 50] - 50 for _ in range(200)]
    assert -20 <= min(more) < -18
    assert 18 < max(more) <= 20
    bright = [older.random_brightness(row, (0.2, 0.4), False)[0, 0, 50] / 50 for _ in range(200)]
    assert 0.2 <= min(bright) < 0.21
    assert 0.39 < max(bright) <= 0.4
    sizes = [np.ptp(older.random_zoom(row, (0.2, 0.4))) / 99 for _ in range(200)]
    assert 0.2 <= min(sizes) + 1e-6 < 0.21
    assert 0.39 < max(sizes) <= 0.4 + 1e-6


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


@pytest.mark.parametrize("layout", ["channels_last", "channels_first"])
def test_an_elastic_transform_bends_all_channels_alike(layout: str) -> None:
    height, width = 80, 100
    columns = np.broadcast_to(np.arange(width, dtype=np.float32), (height, width))
    rows = np.broadcast_to(np.arange(height, dtype=np.float32)[:, None], (height, width))
    images = np.stack([columns, rows, columns, np.full_like(rows, 7.0)], -1)[None].repeat(3, 0)
    given = images if layout == "channels_last" else np.moveaxis(images, -1, 1)
    bent = ops.image.elastic_transform(given, alpha=4.0, sigma=3.0, seed=5, data_format=layout)
    assert bent.shape == given.shape
    bent = bent.numpy() if layout == "channels_last" else np.moveaxis(bent.numpy(), 1, -1)
    np.testing.assert_array_equal(bent[..., 0], bent[..., 2])
    np.testing.assert_allclose(bent[..., 3], 7.0, rtol=1e-6)
    inside = (slice(None), slice(20, -20), slice(20, -20))
    moves = (bent - images)[..., :2][inside]
    # normal numbers of deviation s, averaged by a bell of width s: s / (2 sqrt(pi) s)
    assert moves.std() == pytest.approx(4.0 / (2 * np.sqrt(np.pi)), rel=0.25)
    assert np.abs(moves[0] - moves[1]).max() > 0.5
    again = ops.image.elastic_transform(given, 4.0, 3.0, seed=5, data_format=layout)
    np.testing.assert_array_equal(ops.shape(again), given.shape)


def test_an_elastic_transform_of_one_picture_of_integers_and_mistakes() -> None:
    picture = np.arange(60, dtype=np.uint8).reshape(5, 4, 3)
    transform = ops.image.elastic_transform
    np.testing.assert_array_equal(transform(picture, alpha=0.0), picture)
    assert transform(picture, seed=1).dtype == "uint8"
    np.testing.assert_array_equal(transform(picture, seed=1), transform(picture, seed=1))
    for options, words in (
        ({"sigma": 0.0}, "sigma must be above 0"),
        ({"interpolation": "cubic"}, "interpolation"),
        ({"fill_mode": "zero"}, "fill_mode"),
    ):
        with pytest.raises(ValueError, match=words):
            transform(picture, **options)
    with pytest.raises(ValueError, match="one picture has 3 axes"):
        transform(picture[0])
