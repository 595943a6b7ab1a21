"""Tell ten kinds of things apart in small colour pictures: CIFAR-10, with pictures made new.

    python examples/cifar10_small.py [cifar-10-batches-py]

The pictures are downloaded once, 170 MB. Or name the folder that "CIFAR-10 python version"
(cifar-10-python.tar.gz, University of Toronto) unpacks to.

Few pictures are soon learned by heart. So each time a picture is shown it is another one: mirrored
or not, and moved a little, by layers that do so in training only.
"""

import sys

from pylego import utils
from pylego.datasets import cifar10
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


def add_convolution(filters):
    """A convolution whose outputs are normalized before they go on.

    The normalization shifts them, so that a bias would be for nothing. What it keeps for later are
    means over about the last ten batches (momentum): an epoch has few.
    """
    model.add(Conv2D(filters, (3, 3), padding="same", use_bias=False))
    model.add(BatchNormalization(momentum=0.9))
    model.add(Activation("relu"))


path = sys.argv[1] if len(sys.argv) > 1 else None
(x_train, y_train), (x_test, y_test) = cifar10.load_data(path)
x_train, x_test = x_train.astype("float32") / 255, x_test.astype("float32") / 255
y_train, y_test = y_train.ravel(), y_test.ravel()

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
