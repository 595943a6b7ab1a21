"""Resizing by wide curves, smoothed and not, beside Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load

from pylego import layers, names, ops
from pylego.autograd import GradientTape

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
