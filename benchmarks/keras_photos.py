"""Networks for photos: the same program for pylego and Keras."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from photo_networks import Application, Transfer, folder_of_photos

Run = Callable[[], Any]


def application_of(keras: ModuleType, network: Application) -> Any:
    """Compiled, with random weights."""
    model = getattr(keras.applications, network.name)(weights=None)
    model.compile(optimizer="adam", loss=network.loss, metrics=["accuracy"])
    return model


def transfer(keras: ModuleType, network: Transfer) -> Run:
    """Find the files, make the network, train its head: the files lie there already."""
    folder = folder_of_photos(network.photos).name
    size = (network.side, network.side)

    def run() -> Any:
        photos = keras.utils.image_dataset_from_directory(
            folder, image_size=size, batch_size=network.batch, verbose=False
        )
        model = frozen_with_head(keras, (*size, 3))
        return model.fit(photos, epochs=network.epochs, verbose=0)

    return run


def frozen_with_head(keras: ModuleType, shape: tuple[int, ...]) -> Any:
    """Augmentation, a frozen MobileNetV2 and a new head, as TensorFlow's tutorial has them."""
    layers, of_network = keras.layers, keras.applications.mobilenet_v2
    base = keras.applications.MobileNetV2(input_shape=shape, include_top=False, weights=None)
    base.trainable = False
    inputs = keras.Input(shape)
    x = layers.RandomRotation(0.2)(layers.RandomFlip("horizontal")(inputs))
    x = base(of_network.preprocess_input(x), training=False)
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
    model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model
