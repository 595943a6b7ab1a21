"""FeatureSpace: what it makes of a table of numbers and texts. It needs TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras.utils import FeatureSpace

TABLE = {
    "f": [0.0, 0.5, 1.5, 2.0],
    "n": [1.0, 2.0, 4.0, 9.0],
    "r": [1.0, 2.0, 3.0, 4.0],
    "d": [0.1, 0.2, 5.0, 9.0],
    "i": [3, 7, 3, 9],
    "h": [1, 2, 3, 4],
    "s": ["서울", "b", "서울", "c"],
    "sh": ["x", "y", "z", "w"],
}
KINDS = {
    "f": "float_discretized",
    "i": "integer_hashed",
    "s": "string_hashed",
    "r": "float_rescaled",
    "h": "integer_categorical",
}


def space(output_mode: str, of_columns: str) -> FeatureSpace:
    features = {
        "f": "float",
        "n": "float_normalized",
        "r": FeatureSpace.float_rescaled(2.0, 1.0),
        "d": FeatureSpace.float_discretized(3, output_mode=of_columns),
        "i": FeatureSpace.integer_categorical(output_mode=of_columns),
        "h": FeatureSpace.integer_hashed(4, output_mode=of_columns),
        "s": FeatureSpace.string_categorical(output_mode=of_columns, max_tokens=3),
        "sh": FeatureSpace.string_hashed(5, output_mode=of_columns),
    }
    crosses = [
        FeatureSpace.cross(("s", "i"), 6, output_mode=of_columns),
        FeatureSpace.cross(("i", "h"), 7, output_mode=of_columns),
    ]
    return FeatureSpace(features, output_mode=output_mode, crosses=crosses)


def adapted(made: FeatureSpace) -> FeatureSpace:
    made.adapt({key: TABLE[key] for key in made.features})
    return made


def lists(x: Any) -> Any:
    return {k: lists(v) for k, v in x.items()} if isinstance(x, dict) else np.asarray(x).tolist()


def facts() -> dict[str, Any]:
    rows = adapted(space("concat", "one_hot"))
    columns = adapted(space("dict", "int"))
    settings = {"num_discretization_bins": 4, "hashing_dim": 3, "crossing_dim": 5}
    words = adapted(FeatureSpace(KINDS, crosses=[("i", "s")], **settings))
    return {
        "rows": lists(rows(TABLE)),
        "row": lists(rows({key: value[1] for key, value in TABLE.items()})),
        "columns": lists(columns(TABLE)),
        "words": lists(words({key: TABLE[key] for key in KINDS})),
    }
