"""Tell ten kinds of things apart in small colour pictures: CIFAR-10, with pictures made new.

    python examples/cifar10_small.py cifar-10-batches-py

The folder is what "CIFAR-10 python version" (cifar-10-python.tar.gz, University of Toronto) unpacks
to: five files data_batch_1 ... data_batch_5 to learn from, and test_batch.

Few pictures are soon learned by heart. So each time a picture is shown it is another one: mirrored
or not, and moved a little, by layers that do so in training only.
"""

import pickle
import sys
from pathlib import Path

import numpy as np

from pylego import utils
from pylego.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    GlobalAveragePooling2D,
    MaxPooling2D,
    RandomFlip,
    RandomTranslation,
)
from pylego.models import Sequential

CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def read(*paths):
    """Return the pictures of some files, (pictures, 32, 32, 3) from 0 to 1, and their labels."""
    parts = [pickle.loads(path.read_bytes(), encoding="bytes") for path in paths]
    x = np.concatenate([part[b"data"] for part in parts])
    y = np.concatenate([part[b"labels"] for part in parts])
    # A row holds all of red, then all of green, then all of blue: channels first.
    return x.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1).astype(np.float32) / 255, y


def add_convolution(filters):
    """A convolution whose outputs are normalized before they go on.

    The normalization shifts them, so that a bias would be for nothing. What it keeps for later are
    means over about the last ten batches (momentum): an epoch has few.
    """
    model.add(Conv2D(filters, (3, 3), padding="same", use_bias=False))
    model.add(BatchNormalization(momentum=0.9))
    model.add(Activation("relu"))


folder = Path(sys.argv[1] if len(sys.argv) > 1 else "cifar-10-batches-py")
x_test, y_test = read(folder / "test_batch")
x_train, y_train = read(*sorted(folder.glob("data_batch_*")))

utils.set_random_seed(7)

# The head. At its bottom the pictures are made new; after each pooling they are half as large.
# They move by whole pixels ("nearest"): anything between would blur them, and the network would
# learn from pictures that are less sharp than those it is asked about.
model = Sequential()
model.add(RandomFlip("horizontal", input_shape=(32, 32, 3)))
model.add(RandomTranslation(0.1, 0.1, interpolation="nearest"))
add_convolution(32)
add_convolution(32)
model.add(MaxPooling2D())
add_convolution(64)
add_convolution(64)
model.add(MaxPooling2D())
add_convolution(128)
model.add(GlobalAveragePooling2D())
model.add(Dropout(0.3))
model.add(Dense(10, activation="softmax"))
model.summary()

# The torso and the legs.
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])

# Learning.
model.fit(x_train, y_train, batch_size=64, epochs=15, validation_data=(x_test, y_test))

# What is easy, what is hard?
guesses = model.predict(x_test, verbose=0).argmax(axis=1)
for label, name in enumerate(CLASSES):
    found = (guesses[y_test == label] == label).mean()
    print(f"{name:>10}: {found:.0%} found")
