"""Every layer of pictures: its description, the shape and the dtype of what comes out."""

from __future__ import annotations

from typing import Any

import keras

from areas.encoding import encode

SEQUENCE, PICTURE, VOLUME = (2, 8, 4), (2, 8, 9, 4), (2, 8, 9, 7, 4)
INPUTS = {1: SEQUENCE, 2: PICTURE, 3: VOLUME}
FILTERS = {"filters": 3, "kernel_size": 2}

# family -> arguments, and in how many dimensions it comes
FAMILIES: dict[str, tuple[dict[str, Any], tuple[int, ...]]] = {
    "Conv{}D": (FILTERS, (1, 2, 3)),
    "Conv{}DTranspose": (FILTERS, (1, 2, 3)),
    "DepthwiseConv{}D": ({"kernel_size": 2}, (1, 2)),
    "SeparableConv{}D": (FILTERS, (1, 2)),
    "MaxPooling{}D": ({}, (1, 2, 3)),
    "AveragePooling{}D": ({"pool_size": 2}, (1, 2, 3)),
    "GlobalMaxPooling{}D": ({}, (1, 2, 3)),
    "GlobalAveragePooling{}D": ({}, (1, 2, 3)),
    "ZeroPadding{}D": ({}, (1, 2, 3)),
    "Cropping{}D": ({}, (1, 2, 3)),
    "UpSampling{}D": ({}, (1, 2, 3)),
    "SpatialDropout{}D": ({"rate": 0.5}, (1, 2, 3)),
}
OTHERS: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    ("Activation", {"activation": "relu"}, SEQUENCE),
    ("AlphaDropout", {"rate": 0.5}, SEQUENCE),
    ("BatchNormalization", {}, PICTURE),
    ("BatchNormalization", {"renorm": True, "renorm_clipping": {"rmax": 2.0}}, PICTURE),
    ("CenterCrop", {"height": 3, "width": 4}, PICTURE),
    ("Dense", {"units": 3}, SEQUENCE),
    ("Dropout", {"rate": 0.5}, SEQUENCE),
    ("ELU", {}, SEQUENCE),
    ("Flatten", {}, PICTURE),
    ("GaussianDropout", {"rate": 0.5}, SEQUENCE),
    ("GaussianNoise", {"stddev": 0.5}, SEQUENCE),
    ("GroupNormalization", {"groups": 2}, PICTURE),
    ("Identity", {}, PICTURE),
    ("LayerNormalization", {}, PICTURE),
    ("LeakyReLU", {}, SEQUENCE),
    ("PReLU", {"shared_axes": [1]}, SEQUENCE),
    ("Permute", {"dims": [2, 1]}, SEQUENCE),
    ("RMSNormalization", {}, PICTURE),
    ("RandomBrightness", {"factor": 0.2}, PICTURE),
    ("RandomContrast", {"factor": 0.2}, PICTURE),
    ("RandomCrop", {"height": 3, "width": 4}, PICTURE),
    ("RandomFlip", {}, PICTURE),
    ("RandomRotation", {"factor": 0.1}, PICTURE),
    ("RandomTranslation", {"height_factor": 0.1, "width_factor": 0.2}, PICTURE),
    ("RandomZoom", {"height_factor": 0.1}, PICTURE),
    ("ReLU", {}, SEQUENCE),
    ("RepeatVector", {"n": 3}, (2, 4)),
    ("Rescaling", {"scale": 0.5}, PICTURE),
    ("Reshape", {"target_shape": [4, 8]}, SEQUENCE),
    ("Resizing", {"height": 3, "width": 4}, PICTURE),
    ("Softmax", {}, SEQUENCE),
    ("UnitNormalization", {}, SEQUENCE),
]


def case(name: str, arguments: dict[str, Any], shape: tuple[int, ...]) -> dict[str, Any]:
    """Return how a layer describes itself, and what it says comes out."""
    keras.utils.clear_session()
    layer = getattr(keras.layers, name)(**arguments)
    placeholder = keras.KerasTensor((None, *shape[1:]))
    layer.build(placeholder.shape)
    spec = layer.compute_output_spec(placeholder)
    return encode(
        {
            "class": name,
            "arguments": arguments,
            "input_shape": shape,
            "config": layer.get_config(),
            "output_shape": spec.shape,
            "output_dtype": spec.dtype,
        }
    )


def facts() -> dict[str, Any]:
    """Return the content of descriptions.json."""
    rows = [
        (family.format(rank), arguments, INPUTS[rank])
        for family, (arguments, ranks) in FAMILIES.items()
        for rank in ranks
    ]
    return {
        "about": "config and compute_output_spec of layers for inputs (None, *input_shape[1:])",
        "cases": [case(*row) for row in rows + OTHERS],
    }
