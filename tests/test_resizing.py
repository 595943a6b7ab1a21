"""Resizing by wide curves, smoothed and not, beside Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load

from pylego import layers, names, ops
from pylego.autograd import GradientTape
from pylego.preprocessing.image import smart_resize

GOLDEN = load("resizing")


def label(case: dict[str, Any]) -> str:
    return " ".join(map(str, case["arguments"].values())) + f" {case.get('size', '')}"


@pytest.mark.parametrize("case", GOLDEN["floats"], ids=label)
def test_pictures_and_their_gradients(case: dict[str, Any]) -> None:
    x = ops.convert_to_tensor(array(GOLDEN["input"]))
    with GradientTape() as tape:
        tape.watch(x)
        y = ops.image.resize(x, case["size"], **case["arguments"])
        loss = ops.sum(y * array(case["factors"]))
    expect_close(y, case["output"], rtol=1e-5, atol=1.5e-5)
    expect_close(tape.gradient(loss, x), case["gradient"], rtol=1e-5, atol=1.5e-5)


@pytest.mark.parametrize(
    "case", GOLDEN["integers"], ids=lambda case: f"{case['interpolation']} {case['dtype']}"
)
def test_integers_keep_to_their_range(case: dict[str, Any]) -> None:
    y = ops.image.resize(np.array(case["input"], case["dtype"]), (9, 10), case["interpolation"])
    assert y.dtype == case["dtype"]
    assert np.abs(y.numpy().astype(int) - np.array(case["output"])).max() <= 1  # at a half
    assert (y.numpy() == np.array(case["output"])).mean() > 0.95


@pytest.mark.parametrize("case", GOLDEN["layers"], ids=label)
def test_layers(case: dict[str, Any]) -> None:
    names.reset_names()
    layer = getattr(layers, case["class"])(**case["arguments"])
    x = array(case["input"])
    expect_close(layer(x), case["output"], rtol=1e-5, atol=1e-5)
    assert layer.compute_output_shape((None, *x.shape[1:])) == (None, *layer(x).shape[1:])
    plain = {key: value for key, value in layer.get_config().items() if key != "dtype"}
    golden = {key: case["config"][key] for key in plain}
    assert {k: list(v) if isinstance(v, tuple) else v for k, v in plain.items()} == golden
    assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()


@pytest.mark.parametrize("method", ["bilinear", "bicubic", "lanczos3", "lanczos5"])
def test_a_smoothed_picture_keeps_its_mean(method: str) -> None:
    """And fine stripes become grey; without antialiasing every fourth pixel alone is seen."""
    stripes = np.tile([0.0, 2.0], 32)[None, :, None]
    smooth = ops.image.resize(stripes, (1, 16), method, antialias=True).numpy()
    np.testing.assert_allclose(smooth[0, 2:-2, 0], 1, atol=0.02)
    one = np.ones((5, 11, 1))
    for size in ((3, 4), (9, 30), (1, 1)):
        for antialias in (False, True):
            same = ops.image.resize(one, size, method, antialias).numpy()
            np.testing.assert_allclose(same, 1, atol=1e-6)


ONE_ROW = np.arange(1.0, 6, dtype=np.float32).reshape(1, 5, 1)
TINY = [(2, 3, 1), (3, 2, 1), (1, 1, 1), (1, 5, 2), (5, 1, 3), (2, 1, 4, 1), (0, 4, 4, 3)]


@pytest.mark.parametrize("shape", TINY)
@pytest.mark.parametrize("size", [(1, 4), (4, 1), (1, 1), (3, 5), (9, 2)])
def test_pictures_of_one_row_one_column_or_none(shape: tuple, size: tuple) -> None:
    """Something is always left of what is cropped, and what is all ones stays so."""
    ones = np.ones(shape, np.float32)
    wanted = np.ones((*shape[:-3], *size, shape[-1]), np.float32)
    for method in ("nearest", "bilinear", "bicubic", "lanczos3"):
        for options in ({}, {"crop_to_aspect_ratio": True}, {"antialias": True},
                        {"pad_to_aspect_ratio": True, "fill_value": 1}):  # fmt: skip
            y = ops.image.resize(ones, size, method, **options).numpy()
            np.testing.assert_allclose(y, wanted, atol=1e-6)
            layer = layers.Resizing(*size, method, **options)
            np.testing.assert_array_equal(layer(ones), y)
            assert layer.compute_output_shape(shape) == y.shape
    np.testing.assert_array_equal(smart_resize(ones, size), wanted)
    for layer in (layers.CenterCrop(*size), layers.RandomCrop(*size, seed=1)):
        np.testing.assert_allclose(layer(ones), wanted, atol=1e-6)
        assert layer.compute_output_shape(shape) == wanted.shape


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int16", "float32", "int64", "float64"])
@pytest.mark.parametrize(
    "shape", [(3, 7, 5, 1), (2, 9, 4, 3), (2, 31, 3, 30), (1, 3, 2, 200), (40, 60, 20, 2)]
)
def test_the_nearest_are_taken(shape: tuple, dtype: str) -> None:
    x = np.random.default_rng(0).integers(0, 100, shape).astype(dtype)
    for size in ((4, 9), (1, 1), (30, 2), (shape[1], shape[2]), (23, 41)):
        rows, columns = (
            (2 * np.arange(n) + 1) * length // (2 * n) for n, length in zip(size, shape[1:3])
        )
        y = ops.image.resize(x, size, "nearest")
        assert y.dtype == dtype
        np.testing.assert_array_equal(y, x[:, rows][:, :, columns])


def test_what_is_cropped_is_the_middle() -> None:
    crop = {"crop_to_aspect_ratio": True, "interpolation": "nearest"}
    picture = np.arange(30.0, dtype=np.float32).reshape(5, 6, 1)
    for size, wanted in (
        ((2, 1), picture[:, 2:4]), ((1, 2), picture[1:4]), ((1, 1), picture[:, :5]),
        ((1, 6), picture[2:3]), ((1, 9), picture[2:3]), ((5, 1), picture[:, 2:3]),
        ((5, 6), picture),
    ):  # fmt: skip
        y = ops.image.resize(picture, size, **crop)
        np.testing.assert_array_equal(y, ops.image.resize(wanted, size, "nearest"))
        first = ops.image.resize(
            picture.transpose(2, 0, 1), size, data_format="channels_first", **crop
        )
        np.testing.assert_array_equal(first[0], y[..., 0])
    assert ops.image.resize(ONE_ROW, (1, 1), **crop).numpy().item() == 3
    assert ops.image.resize(ONE_ROW[:, :4], (1, 1), **crop).numpy().item() == 2


def test_the_older_function_crops_in_either_layout() -> None:
    x = np.random.default_rng(1).uniform(size=(2, 4, 9, 3)).astype("float32")
    for method in ("nearest", "bicubic"):
        last = smart_resize(x, (2, 3), method)
        wanted = ops.image.resize(x[:, :, 1:7], (2, 3), method)
        np.testing.assert_array_equal(last, wanted)
        first = smart_resize(x.transpose(0, 3, 1, 2), (2, 3), method, "channels_first")
        np.testing.assert_array_equal(first.transpose(0, 2, 3, 1), last)


def test_what_is_padded_is_in_the_middle() -> None:
    pad = {"pad_to_aspect_ratio": True, "interpolation": "nearest", "fill_value": 9}
    wide = ops.image.resize(ONE_ROW, (5, 5), **pad).numpy()[..., 0]
    assert wide[2].tolist() == [1, 2, 3, 4, 5]
    assert (wide[[0, 1, 3, 4]] == 9).all()
    high = ops.image.resize(ONE_ROW.transpose(1, 0, 2), (5, 5), **pad).numpy()[..., 0]
    np.testing.assert_array_equal(high, wide.T)
    many = ops.image.resize(ONE_ROW[None], (5, 5), **pad).numpy()
    np.testing.assert_array_equal(many[0, ..., 0], wide)
    exact = ops.image.resize(ONE_ROW, (1, 5), **pad)
    np.testing.assert_array_equal(exact, ONE_ROW)


@pytest.mark.parametrize("layout", ["channels_last", "channels_first"])
def test_sizes_are_height_then_width(layout: str) -> None:
    x = np.random.default_rng(1).uniform(size=(2, 4, 6, 3)).astype("float32")
    given = x if layout == "channels_last" else x.transpose(0, 3, 1, 2)
    rows = ops.image.resize(given, (2, 6), "nearest", data_format=layout).numpy()
    columns = ops.image.resize(given, (4, 3), "nearest", data_format=layout).numpy()
    if layout == "channels_first":
        rows, columns = rows.transpose(0, 2, 3, 1), columns.transpose(0, 2, 3, 1)
    np.testing.assert_array_equal(rows, x[:, 1::2])
    np.testing.assert_array_equal(columns, x[:, :, 1::2])


def test_bytes_stay_within_their_range() -> None:
    edge = np.array([[[0], [0], [255], [255]]], np.uint8)
    y = ops.image.resize(edge, (1, 16), "bicubic").numpy().ravel()
    assert y.dtype == np.uint8
    assert (y[:6] == 0).all()
    assert (y[-6:] == 255).all()
    flags = ops.image.resize(edge > 0, (1, 8), "bilinear").numpy().ravel()
    assert flags.dtype == bool
    assert flags[[0, 7]].tolist() == [False, True]
