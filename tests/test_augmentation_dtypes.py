"""Layers that change images keep to their dtype, also to one of whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pylego
from pylego import layers

PIXELS = np.arange(2 * 6 * 5 * 3, dtype="uint8").reshape((2, 6, 5, 3))
LAYERS: dict[str, tuple[Any, ...]] = {
    "AugMix": (),
    "AutoContrast": (),
    "CenterCrop": (4, 3),
    "ContrastLimitedAdaptiveHistogramEqualization": (),
    "CutMix": (),
    "Equalization": (),
    "MixUp": (),
    "RandAugment": (),
    "RandomBrightness": (0.5,),
    "RandomColorJitter": (),
    "RandomContrast": (0.5,),
    "RandomCrop": (4, 3),
    "RandomElasticTransform": (),
    "RandomErasing": (),
    "RandomFlip": (),
    "RandomGaussianBlur": (),
    "RandomHue": (0.2,),
    "RandomInvert": (),
    "RandomPerspective": (),
    "RandomPosterization": (4,),
    "RandomRotation": (0.2,),
    "RandomSharpness": (0.5,),
    "RandomTranslation": (0.2, 0.2),
    "RandomZoom": (0.2,),
    "Solarization": (),
}


@pytest.mark.parametrize("is_training", [True, False])
@pytest.mark.parametrize("dtype", ["uint8", "int32", "mixed_bfloat16", "float16"])
@pytest.mark.parametrize("name", LAYERS)
def test_outputs_have_the_dtype_of_the_layer(name: str, dtype: str, is_training: bool) -> None:
    layer = getattr(layers, name)(*LAYERS[name], dtype=dtype)
    y = layer(PIXELS, training=is_training)
    assert y.dtype == layer.compute_dtype
    assert y.dtype == layer.compute_output_spec(pylego.KerasTensor((2, 6, 5, 3), "uint8")).dtype


@pytest.mark.parametrize("name", ["RandomContrast", "RandomHue", "RandomZoom", "AutoContrast"])
def test_whole_numbers_are_those_of_floats_rounded(name: str) -> None:
    seeds = {} if name == "AutoContrast" else {"seed": 3}
    whole, floats = (
        getattr(layers, name)(*LAYERS[name], **seeds, dtype=dtype)(PIXELS, training=True).numpy()
        for dtype in ("uint8", "float32")
    )
    assert (whole == np.clip(np.round(floats), 0, 255)).all()
