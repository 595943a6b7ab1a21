"""Bounding boxes: Keras's numbers, ways there and back, and what is refused."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load

from pylego import GradientTape, ops
from pylego.utils import bounding_boxes

GOLDEN = load("bounding_boxes")
INPUTS = {name: array(values) for name, values in GOLDEN["inputs"].items()}
SIZE = GOLDEN["size"]
MANY = INPUTS["many"]


@pytest.mark.parametrize("formats", GOLDEN["formats"])
def test_formats(formats: str) -> None:
    source, target = formats.split()
    found = bounding_boxes.convert_format(MANY, source, target, **SIZE)
    assert found.dtype == "float32"
    expect_close(found, GOLDEN["formats"][formats])
    again = bounding_boxes.convert_format(found, target, source.upper(), **SIZE)
    expect_close(again, MANY, atol=2e-3)


@pytest.mark.parametrize("case", GOLDEN["calls"], ids=lambda case: case["function"])
def test_calls(case: dict[str, Any]) -> None:
    function = getattr(bounding_boxes, case["function"])
    found = function(*(INPUTS[name] for name in case["inputs"]), **case["arguments"])
    expect_close(found, case["y"], rtol=1e-5, atol=2e-6)


def test_masked_overlaps() -> None:
    found = bounding_boxes.compute_iou(MANY - 40.0, INPUTS["others"], "xyxy", True, -7)
    assert -7 in np.ravel(GOLDEN["masked"])
    expect_close(found, GOLDEN["masked"])


def test_affine_transform() -> None:
    case = GOLDEN["affine"]
    expect_close(bounding_boxes.affine_transform(MANY, **case["arguments"]), case["y"], atol=2e-5)
    one = {name: n[:1] if isinstance(n, list) else n for name, n in case["arguments"].items()}
    expect_close(bounding_boxes.affine_transform(MANY[0], **one), case["y"][0], atol=2e-5)


def test_clipping() -> None:
    boxes = {"boxes": MANY, "labels": np.array([[1, 2, 3], [4, 5, 6]], "int32")}
    found = bounding_boxes.clip_to_image_size(boxes, height=30, width=25)
    expect_close(found["boxes"], GOLDEN["clipped"]["boxes"])
    assert found["labels"].numpy().tolist() == GOLDEN["clipped"]["labels"]
    assert -1 in found["labels"].numpy()
    assert boxes["boxes"] is MANY
    shares = {"boxes": [[-0.5, 0.25, 0.5, 2.0]]}
    found = bounding_boxes.clip_to_image_size(shares, bounding_box_format="rel_xyxy")
    assert found["boxes"].numpy().tolist() == [[0.0, 0.25, 0.5, 1.0]]
    one_hot = {"boxes": [[5.0, 5.0, 5.0, 9.0]], "labels": [[0.0, 1.0]]}
    found = bounding_boxes.clip_to_image_size(one_hot, 10, 10)
    assert found["labels"].numpy().tolist() == [[-1.0, -1.0]]


@pytest.mark.parametrize("encoding", ["center_yxhw", "center_xywh"])
def test_offsets_lead_back(encoding: str) -> None:
    anchors = INPUTS["anchors"]
    variance = [0.1, 0.1, 0.2, 0.25]
    formats = {"anchor_format": "xyxy", "box_format": "xyxy", "variance": variance}
    deltas = bounding_boxes.encode_box_to_deltas(anchors, MANY, encoding_format=encoding, **formats)
    levels = bounding_boxes.decode_deltas_to_boxes(
        {"p3": anchors}, {"p3": deltas}, encoded_format=encoding, **formats
    )
    expect_close(levels["p3"], MANY, rtol=1e-4, atol=1e-3)


def test_dictionaries_stay_as_they_are() -> None:
    boxes = {"boxes": MANY, "labels": [1]}
    found = bounding_boxes.convert_format(boxes, "xyxy", "yxyx", dtype="float64")
    assert found["labels"] == [1]
    assert found["boxes"].dtype == "float64"
    np.testing.assert_array_equal(boxes["boxes"], MANY)
    np.testing.assert_array_equal(found["boxes"], MANY[..., [1, 0, 3, 2]])


def test_overlaps_have_gradients() -> None:
    x = ops.convert_to_tensor(MANY[0] + np.array([1.0, 2.0, 4.0, 3.0], "float32"))
    with GradientTape() as tape:
        tape.watch(x)
        loss = ops.sum(1.0 - bounding_boxes.compute_ciou(x, MANY[0], "xyxy"))
    gradient = tape.gradient(loss, x).numpy()
    assert np.isfinite(gradient).all()
    step = bounding_boxes.compute_ciou(x.numpy() - 0.01 * gradient, MANY[0], "xyxy")
    assert float(ops.sum(1.0 - step)) < float(loss)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f: f.convert_format(MANY, "xxyy", "xyxy"), ValueError, "format: source 'xxyy'"),
        (lambda f: f.convert_format(MANY, "xyxy", "rel_xyxy"), ValueError, "height and the width"),
        (lambda f: f.convert_format([1, 2, 3], "xyxy", "xyxy"), ValueError, "four numbers"),
        (lambda f: f.clip_to_image_size({"boxes": MANY}), ValueError, "height= and width="),
        (
            lambda f: f.clip_to_image_size({"boxes": MANY}, 1, 1, "xywh"),
            NotImplementedError,
            "convert_format",
        ),
        (lambda f: f.crop(MANY, 0, 0, 1, 1, "yxyx"), NotImplementedError, "target='xyxy'"),
        (lambda f: f.compute_iou(MANY[0, 0], MANY, "xyxy"), ValueError, "boxes1 has the shape"),
        (lambda f: f.compute_iou(MANY, MANY, "rel_xyxy"), ValueError, "image_shape="),
        (
            lambda f: f.encode_box_to_deltas(MANY, MANY, "xyxy", "xyxy", "xywh"),
            ValueError,
            "encoding_format 'xywh'",
        ),
        (
            lambda f: f.encode_box_to_deltas(MANY, MANY, "xyxy", "xyxy", variance=[1.0, 2.0]),
            ValueError,
            "variance has four numbers",
        ),
    ],
)
def test_refusals(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        call(bounding_boxes)
