"""A residual network on CIFAR-10: layers that only learn what is to be changed.

    python examples/residual_cifar10.py [cifar-10-batches-py]

The pictures are downloaded once, 170 MB. Or name the folder that "CIFAR-10 python version"
(cifar-10-python.tar.gz, University of Toronto) unpacks to.

A residual block adds what it computes to what came in: Add()([x, y]). If there is nothing to do,
the block has only to give zeros, so deep networks learn as easily as flat ones. The way past the
block makes the network a graph, and Model(inputs, outputs) is told where it begins and ends.
"""

import sys

from pylego import utils
from pylego.datasets import cifar10
from pylego.layers import (
    Activation,
    Add,
    BatchNormalization,
    Conv2D,
    Dense,
    GlobalAveragePooling2D,
    Input,
    RandomFlip,
)
from pylego.models import Model

CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def convolution(x, filters, size, strides=1):
    """A convolution without bias, and a normalization that shifts what comes out."""
    x = Conv2D(filters, size, strides=strides, padding="same", use_bias=False)(x)
    return BatchNormalization(momentum=0.9)(x)


def residual(x, filters, strides=1):
    """Add what two convolutions see to the picture; strides=2 makes it half as large.

    Where the shape changes, a convolution of one pixel brings the picture into the new one.
    """
    y = Activation("relu")(convolution(x, filters, 3, strides))
    y = convolution(y, filters, 3)
    if strides != 1 or x.shape[-1] != filters:
        x = convolution(x, filters, 1, strides)
    return Activation("relu")(Add()([x, y]))


path = sys.argv[1] if len(sys.argv) > 1 else None
(x_train, y_train), (x_test, y_test) = cifar10.load_data(path)
x_train, x_test = x_train.astype("float32") / 255, x_test.astype("float32") / 255
y_train, y_test = y_train.ravel(), y_test.ravel()

utils.set_random_seed(7)

# The head: a first convolution, and three blocks on ever smaller and deeper pictures.
image = Input((32, 32, 3))
x = RandomFlip("horizontal")(image)
x = Activation("relu")(convolution(x, 16, 3))
x = residual(x, 16)
x = residual(x, 32, strides=2)
x = residual(x, 64, strides=2)
x = GlobalAveragePooling2D()(x)
model = Model(image, Dense(10, activation="softmax")(x), name="residual")
model.summary()

# The torso and the legs.
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])

# Learning.
model.fit(x_train, y_train, batch_size=64, epochs=10, validation_data=(x_test, y_test))
model.save("residual_cifar10.keras")

# What is easy, what is hard?
guesses = model.predict(x_test, verbose=0).argmax(axis=1)
for label, name in enumerate(CLASSES):
    found = (guesses[y_test == label] == label).mean()
    print(f"{name:>10}: {found:.0%} found")
