"""What Keras's older functions of single images show beyond the edges of a square image.

Needs scipy beside Keras.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.ndimage
from keras.src.legacy.preprocessing.image import apply_affine_transform

from areas.encoding import encode

# Keras 3.15.1 asks for a name that scipy has dropped.
scipy.ndimage.interpolation = getattr(scipy.ndimage, "interpolation", scipy.ndimage)

IMAGE = np.random.default_rng(41).integers(0, 256, (6, 6, 1)).astype("float32")
MODES = ("nearest", "constant", "reflect", "wrap")
# No place lies halfway between two pixels, where rounding would decide.
CHANGES: list[dict[str, float]] = [
    {"theta": 25.0},
    {"tx": 1.3, "ty": -0.8},
    {"tx": 1, "ty": 2},
    {"tx": 3.9},
    {"theta": 90},
    {"zx": 1.3, "zy": 1.7},
    {"theta": -40.0, "tx": 0.5, "ty": 1.25, "shear": 10.0, "zx": 1.25, "zy": 0.8},
]


def changed(mode: str, order: int, change: dict[str, float]) -> dict[str, Any]:
    output = apply_affine_transform(
        IMAGE, row_axis=0, col_axis=1, channel_axis=2, fill_mode=mode, cval=7.0, order=order,
        **change,
    )  # fmt: skip
    return {"mode": mode, "order": order, "change": change, "output": encode(output.round(4))}


def facts() -> dict[str, Any]:
    cases = [changed(m, order, change) for m in MODES for order in (0, 1) for change in CHANGES]
    return {"image": encode(IMAGE), "cases": cases}
