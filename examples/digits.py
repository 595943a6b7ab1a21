"""Teach a network to read handwritten digits, and look at what it learned (`make demo`).

A model is a LEGO person: the head is the network, the torso the loss, the legs the optimizer.
`compile` puts the three together, `fit` teaches the figure. The 1,797 digits are in the package.
"""

import numpy as np

from pylego import utils
from pylego.datasets import digits
from pylego.layers import Dense, Dropout, Flatten
from pylego.models import Sequential

INK = " ░▒▓█"  # from paper to pen: pixels count from 0 to 16


def drawing(image):
    """The eight lines of a digit, two characters a pixel."""
    return ["".join(INK[int(pixel) // 4] * 2 for pixel in row) for row in image]


def show(images, labels, guesses, certainty):
    """Print digits side by side, and below each what it is and what the network says."""
    for lines in zip(*[drawing(image) for image in images]):
        print("  ".join(lines))
    for label, guess, sure in zip(labels, guesses, certainty):
        verdict = "is" if label == guess else f"is {label}, not"
        print(f"{f'{verdict} {guess} ({sure:.0%})':^18}", end="")
    print("\n")


utils.set_random_seed(7)
(x_train, y_train), (x_test, y_test) = digits.load_data()

# The head: layers are bricks, put one on the other.
model = Sequential()
model.add(Flatten(input_shape=(8, 8)))
model.add(Dense(256, activation="relu"))
model.add(Dropout(0.3))
model.add(Dense(256, activation="relu"))
model.add(Dropout(0.3))
model.add(Dense(10, activation="softmax"))
model.summary()

# The torso and the legs.
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])

# Learning: 1,442 digits are shown 30 times; 355 others are held back.
model.fit(x_train / 16, y_train, epochs=30, validation_data=(x_test / 16, y_test))

loss, accuracy = model.evaluate(x_test / 16, y_test, verbose=0)
probabilities = model.predict(x_test / 16, verbose=0)
guesses = probabilities.argmax(axis=1)
certainty = probabilities.max(axis=1)

print(f"\nOf {len(x_test)} digits that it had never seen it reads {accuracy:.1%} correctly:\n")
first = slice(0, 4)
show(x_test[first], y_test[first], guesses[first], certainty[first])

wrong = np.flatnonzero(guesses != y_test)[:4]
if len(wrong):
    print("and these it does not:\n")
    show(x_test[wrong], y_test[wrong], guesses[wrong], certainty[wrong])
