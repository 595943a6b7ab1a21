"""Hashes of what small trainings leave behind: weights, predictions, histories.

They are held from one version to the next, for machines with fused multiply-add and without. After
a change that is meant to change numbers, say which ones in CHANGELOG.md and write them anew:

    python tests/training_bits.py --write
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pylego import config, layers, optimizers, utils
from pylego.models import Sequential

GOLDEN = Path(__file__).parent / "golden" / "training_bits.json"
ROWS, CLASSES = 50, 5


def vectors() -> list[layers.Layer]:
    return [
        layers.Input((13,)),
        layers.Dense(33, activation="relu"),
        layers.Dropout(0.2),
        layers.Dense(64, activation="tanh"),
        layers.BatchNormalization(),
        layers.Dense(17, activation="gelu"),
        layers.LayerNormalization(),
        layers.AlphaDropout(0.1),
        layers.GaussianNoise(0.1),
        layers.GaussianDropout(0.1),
        layers.Dense(16, activation="swish"),
        layers.UnitNormalization(),
        layers.PReLU(),
        layers.ELU(),
    ]


def pictures() -> list[layers.Layer]:
    return [
        layers.Input((17, 19, 3)),
        layers.Conv2D(16, 3, activation="relu", padding="same"),
        layers.Conv2D(16, 3, use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(),
        layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2),
        layers.LeakyReLU(),
        layers.SeparableConv2D(24, 3, strides=1, activation="relu"),
        layers.SpatialDropout2D(0.2),
        layers.AveragePooling2D(2, strides=1),
        layers.Conv2DTranspose(12, 3, strides=2, activation="elu"),
        layers.GroupNormalization(4),
        layers.UpSampling2D(2),
        layers.ZeroPadding2D(1),
        layers.Cropping2D(1),
        layers.Conv2D(33, 1, activation="relu"),
        layers.Conv2D(32, 3, dilation_rate=2),
        layers.RMSNormalization(),
        layers.Conv2D(32, 5, strides=2, padding="same", groups=4),
        layers.GlobalAveragePooling2D(),
    ]


def sequences() -> list[layers.Layer]:
    return [
        layers.Input((40, 5)),
        layers.Conv1D(16, 5, activation="relu"),
        layers.MaxPooling1D(),
        layers.Conv1D(32, 3, padding="causal"),
        layers.Permute((2, 1)),
        layers.Permute((2, 1)),
        layers.DepthwiseConv1D(3),
        layers.Conv1DTranspose(8, 3),
        layers.GlobalMaxPooling1D(),
        layers.RepeatVector(3),
        layers.Flatten(),
    ]


def volumes() -> list[layers.Layer]:
    return [
        layers.Input((9, 8, 7, 2)),
        layers.Conv3D(8, 3, activation="relu"),
        layers.MaxPooling3D(2),
        layers.Conv3D(8, 2, padding="same"),
        layers.UpSampling3D(2),
        layers.AveragePooling3D(2),
        layers.Flatten(),
    ]


def augmented() -> list[layers.Layer]:
    return [
        layers.Input((16, 16, 3)),
        layers.RandomFlip(),
        layers.RandomRotation(0.2),
        layers.RandomTranslation(0.1, 0.1),
        layers.RandomZoom(0.2),
        layers.RandomContrast(0.2),
        layers.RandomBrightness(0.2, value_range=(0, 1)),
        layers.RandomCrop(12, 12),
        layers.Rescaling(2.0, -1.0),
        layers.Resizing(14, 14),
        layers.Conv2D(32, 3, activation="relu"),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
    ]


NETS = {net.__name__: net for net in (vectors, pictures, sequences, volumes, augmented)}
OPTIMIZERS: dict[str, Callable[[], optimizers.Optimizer]] = {
    "sgd": lambda: optimizers.SGD(0.01, momentum=0.9, nesterov=True),
    "adam": lambda: optimizers.Adam(0.002),
    "rmsprop": lambda: optimizers.RMSprop(0.001),
}


def training_hash(net: str, optimizer: str, is_eager: bool) -> str:
    """Train for two epochs and hash all that is left of it."""
    utils.set_random_seed(7)
    model = Sequential([*NETS[net](), layers.Dense(CLASSES, activation="softmax")])
    rng = np.random.default_rng(5)
    x = rng.random((ROWS, *model.input_shape[1:])).astype(np.float32)
    y = np.random.default_rng(5).integers(0, CLASSES, ROWS)
    model.compile(
        OPTIMIZERS[optimizer](),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        run_eagerly=is_eager,
    )
    history = model.fit(x, y, epochs=2, batch_size=16, verbose=0)
    digest = hashlib.sha256()
    for weight in model.get_weights():
        digest.update(np.ascontiguousarray(weight).tobytes())
    digest.update(model.predict(x[:7], verbose=0).tobytes())
    digest.update(repr(history.history).encode())
    return digest.hexdigest()[:16]


def main() -> None:
    former, found = config.isa(), {}
    for isa in ("generic", "avx2"):
        config.set_isa(isa)
        for net in NETS:
            for optimizer in OPTIMIZERS:
                found[f"{isa} {net} {optimizer}"] = training_hash(net, optimizer, False)
    config.set_isa(former)
    if "--write" in sys.argv:
        GOLDEN.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
