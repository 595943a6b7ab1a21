"""Tell clothes apart: Fashion-MNIST out of a CSV file, read, reshaped and learned by a network.

    python examples/fashion_mnist_csv.py fashion-mnist_train.csv

Each row is a label from 0 to 9 and the 784 pixels of a picture of 28 x 28, from 0 to 255, below a
header. Without a file one is written first, from the pictures that pylego.datasets loads: from the
network once, or from the folder that PYLEGO_HOME names.
"""

import sys

import numpy as np

from pylego.datasets import fashion_mnist
from pylego.layers import Conv2D, Dense, Dropout, Flatten
from pylego.models import Sequential
from pylego.utils import to_categorical

ROWS, COLUMNS, CLASSES = 28, 28, 10


def write_csv(path):
    """Write the training pictures as such a file."""
    (x, y), _ = fashion_mnist.load_data()
    header = ",".join(["label", *(f"pixel{i + 1}" for i in range(ROWS * COLUMNS))])
    table = np.column_stack([y, x.reshape(len(x), -1)])
    np.savetxt(path, table, "%d", delimiter=",", header=header, comments="")


if len(sys.argv) > 1:
    path = sys.argv[1]
else:
    path = "fashion-mnist_train.csv"
    write_csv(path)

# Reading: the first column says what it is, the others how it looks.
data = np.loadtxt(path, dtype=np.uint8, delimiter=",", skiprows=1)
y = to_categorical(data[:, 0], CLASSES)

# Pixels from 0 to 1, and in the shape that Conv2D takes: (pictures, rows, columns, channels).
x = data[:, 1:] / 255
x = x.reshape(len(x), ROWS, COLUMNS, 1)

# The head: three layers of filters. Strides of 2 look at every second place only.
model = Sequential()
model.add(
    Conv2D(32, kernel_size=(3, 3), strides=2, activation="relu", input_shape=(ROWS, COLUMNS, 1))
)
model.add(Dropout(0.2))
model.add(Conv2D(64, kernel_size=(3, 3), strides=2, activation="relu"))
model.add(Dropout(0.2))
model.add(Conv2D(64, kernel_size=(3, 3), activation="relu"))
model.add(Flatten())
model.add(Dense(128, activation="relu"))
model.add(Dropout(0.2))
model.add(Dense(CLASSES, activation="softmax"))
model.summary()

# The torso and the legs.
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])

# Learning: the last fifth of the pictures is held back to see how it does on new ones.
model.fit(x, y, batch_size=128, epochs=5, validation_split=0.2)

# Some of those, and what it takes them for.
guesses = model.predict(x[-5:], verbose=0).argmax(axis=1)
for label, guess in zip(data[-5:, 0], guesses):
    print(f"{fashion_mnist.CLASSES[label]}: it says {fashion_mnist.CLASSES[guess]}")
