"""Write the golden files next to this script: what real Keras answers, as JSON facts.

`python tests/golden/make_golden.py` writes every area, `... make_golden.py losses ops` only these.
Needs Keras 3.15.1 and jax, which pylego itself does not; data_sets asks for TensorFlow besides.
Two areas need it as the backend:
`KERAS_BACKEND=tensorflow python tests/golden/make_golden.py text_layers feature_space`, with
tensorflow-cpu 2.21.
"""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import importlib
import sys
import warnings
from pathlib import Path

import keras
from areas import encoding

HERE = Path(__file__).parent
AREAS = (
    "applications",
    "optimizers",
    "optimizer_runs",
    "losses",
    "ctc",
    "metrics",
    "activations",
    "training",
    "callbacks",
    "layers",
    "ops",
    "regularizers",
    "constraints",
    "initializers",
    "progress",
    "pooling_layers",
    "shapes_and_noise",
    "convolution",
    "convolution_layers",
    "image_layers",
    "image_data_generator",
    "normalization",
    "normalization_steps",
    "resizing",
    "masks",
    "descriptions",
    "configs",
    "graphs",
    "image_functions",
    "bounding_boxes",
    "fill_modes",
    "structures",
    "merging",
    "operations",
    "numpy_ops",
    "op_dtypes",
    "op_shapes",
    "adapters",
    "spectrograms",
    "mixed_precision",
    "lambda_layers",
    "summaries",
    "model_checkpoint",
    "output_logs",
    "recurrent",
    "sequences",
    "sequence_models",
    "conv_lstm",
    "text_layers",
    "feature_space",
    "attention",
    "data_sets",
)


def write_area(name: str) -> None:
    """Run the module of one area and write its JSON file."""
    facts = importlib.import_module(f"areas.{name}").facts()
    header = {
        "made_by": f"tests/golden/make_golden.py {name}",
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
    }
    path = HERE / f"{name}.json"
    path.write_text(encoding.dumps(header | facts) + "\n", encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size / 1024:.1f} KB")


def main(names: list[str]) -> None:
    """Write the named areas, or all of them."""
    warnings.simplefilter("ignore")
    for name in names or AREAS:
        write_area(name)


if __name__ == "__main__":
    main(sys.argv[1:])
