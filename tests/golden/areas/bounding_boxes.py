"""Bounding boxes: each format as each other one, overlaps, offsets from anchors, and moves."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from areas.encoding import encode

FORMATS = [
    "xyxy",
    "yxyx",
    "xywh",
    "center_xywh",
    "center_yxhw",
    "rel_xyxy",
    "rel_yxyx",
    "rel_xywh",
    "rel_center_xywh",
]
SIZE = {"height": 70, "width": 50}
IMAGE = (70, 50, 3)
VARIANCE = [0.1, 0.1, 0.2, 0.25]


def draw(seed: int, *shape: int) -> np.ndarray:
    """Return boxes of the format xyxy, some beyond the image."""
    generator = np.random.default_rng(seed)
    corner = generator.uniform(-20, 60, (*shape, 2))
    boxes = np.concatenate([corner, corner + generator.uniform(1, 40, (*shape, 2))], -1)
    return boxes.round(2).astype("float32")


MANY, OTHERS, FEW, ANCHORS = draw(1, 2, 3), draw(2, 2, 3), draw(3, 2), draw(4, 3)
INPUTS = {"many": MANY, "others": OTHERS, "few": FEW, "anchors": ANCHORS}
ANGLES = {
    "angle": [30.0, -50.0],
    "translate_x": [0.1, 0.2],
    "translate_y": [-0.1, 0.3],
    "scale": [1.25, 0.75],
    "shear_x": [5.0, 9.0],
    "shear_y": [-4.0, 20.0],
}

# function, its arguments: a word is one of the inputs
CALLS: list[tuple[str, list[str], dict[str, Any]]] = [
    ("compute_iou", ["many", "others"], {"bounding_box_format": "xyxy"}),
    ("compute_iou", ["few", "many"], {"bounding_box_format": "xywh"}),
    ("compute_iou", ["many", "few"], {"bounding_box_format": "center_xywh"}),
    ("compute_iou", ["few", "anchors"], {"bounding_box_format": "rel_yxyx", "image_shape": IMAGE}),
    ("compute_ciou", ["many", "others"], {"bounding_box_format": "xyxy"}),
    ("compute_ciou", ["anchors", "anchors"], {"bounding_box_format": "center_yxhw"}),
    ("crop", ["many"], {"top": 5, "left": 7, "height": 30, "width": 35}),
    ("pad", ["many"], {"top": 5, "left": 7}),
    *(
        (
            "encode_box_to_deltas",
            ["anchors", "many"],
            {
                "anchor_format": "xyxy",
                "box_format": "yxyx",
                "encoding_format": encoding,
                "variance": VARIANCE,
            },
        )
        for encoding in ("center_yxhw", "center_xywh")
    ),
    (
        "encode_box_to_deltas",
        ["anchors", "many"],
        {"anchor_format": "rel_xyxy", "box_format": "rel_xywh", "image_shape": IMAGE},
    ),
]


def facts() -> dict[str, Any]:
    """Return inputs, and what Keras makes of them."""
    functions = keras.utils.bounding_boxes
    arrays = {name: keras.ops.convert_to_tensor(value) for name, value in INPUTS.items()}
    angles = {name: keras.ops.convert_to_tensor(value) for name, value in ANGLES.items()}
    return {
        "inputs": encode(INPUTS),
        "size": SIZE,
        "formats": {
            f"{source} {target}": encode(functions.convert_format(MANY, source, target, **SIZE))
            for source in FORMATS
            for target in FORMATS
        },
        "calls": [
            {
                "function": name,
                "inputs": inputs,
                "arguments": encode(arguments),
                "y": encode(getattr(functions, name)(*(arrays[x] for x in inputs), **arguments)),
            }
            for name, inputs, arguments in CALLS
        ],
        "masked": encode(
            functions.compute_iou(arrays["many"] - 40.0, arrays["others"], "xyxy", True, -7)
        ),
        "affine": {
            "arguments": ANGLES | SIZE,
            "y": encode(functions.affine_transform(arrays["many"], **angles, **SIZE)),
        },
        "clipped": encode(
            functions.clip_to_image_size(
                {
                    "boxes": arrays["many"],
                    "labels": keras.ops.convert_to_tensor([[1, 2, 3], [4, 5, 6]]),
                },
                height=30,
                width=25,
            )
        ),
    }
