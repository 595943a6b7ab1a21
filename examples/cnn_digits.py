"""Read handwritten digits with a network that sees: convolutions instead of rows of pixels.

A Dense layer sees 64 numbers and does not know which are neighbours. A Conv2D layer slides small
filters over the picture, so what it learns about a stroke in one corner holds in all others. The
1,797 digits are in the package; nothing is downloaded.
"""

import numpy as np

from pylego import utils
from pylego.datasets import digits
from pylego.layers import Conv2D, Dense, Dropout, Flatten
from pylego.models import Sequential

utils.set_random_seed(7)
(x_train, y_train), (x_test, y_test) = digits.load_data()

# Pixels from 0 to 1, and an axis for the channels: these pictures have one, grey.
x_train = x_train.reshape(-1, 8, 8, 1) / 16
x_test = x_test.reshape(-1, 8, 8, 1) / 16

# The head: 32 filters look at 3 x 3 pixels each, 64 others at what the first ones found.
model = Sequential()
model.add(Conv2D(32, (3, 3), padding="same", activation="relu", input_shape=(8, 8, 1)))
model.add(Conv2D(64, (3, 3), strides=2, padding="same", activation="relu"))
model.add(Dropout(0.3))
model.add(Flatten())
model.add(Dense(128, activation="relu"))
model.add(Dropout(0.3))
model.add(Dense(10, activation="softmax"))
model.summary()

# The torso and the legs.
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])

# Learning.
model.fit(x_train, y_train, batch_size=32, epochs=20, validation_data=(x_test, y_test))

loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"\nOf {len(x_test)} digits that it had never seen it reads {accuracy:.1%} correctly.")

# Which are hard to tell apart?
guesses = model.predict(x_test, verbose=0).argmax(axis=1)
for label, guess in zip(y_test[guesses != y_test], guesses[guesses != y_test]):
    print(f"a {label} that it took for a {guess}")

# A picture that moves a little stays a digit: shift all of them by one pixel and ask again.
moved = model.evaluate(np.roll(x_test, 1, axis=2), y_test, verbose=0)[1]
print(f"Moved to the right by one pixel, {moved:.1%} of them are still read.")
