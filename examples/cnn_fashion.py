"""Tell clothes apart with a network that sees: Fashion-MNIST, convolutions and pooling.

The files come from the network once, or from the folder that PYLEGO_HOME names.
"""

import time

from pylego import utils
from pylego.datasets import fashion_mnist
from pylego.layers import Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from pylego.models import Sequential

utils.set_random_seed(7)
(x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()

# Pixels from 0 to 1, and an axis for the channels: these pictures have one, grey.
x_train = x_train.reshape(-1, 28, 28, 1) / 255
x_test = x_test.reshape(-1, 28, 28, 1) / 255

# The head. A pooling layer keeps the largest of 2 x 2 numbers: where exactly a filter found its
# stroke matters less and less on the way up.
model = Sequential()
model.add(Conv2D(32, (3, 3), padding="same", activation="relu", input_shape=(28, 28, 1)))
model.add(MaxPooling2D((2, 2)))
model.add(Conv2D(64, (3, 3), padding="same", activation="relu"))
model.add(MaxPooling2D((2, 2)))
model.add(Flatten())
model.add(Dense(128, activation="relu"))
model.add(Dropout(0.3))
model.add(Dense(10, activation="softmax"))
model.summary()

# The torso and the legs.
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])

# Learning, and how long it takes.
start = time.perf_counter()
model.fit(x_train, y_train, batch_size=32, epochs=5)
seconds = time.perf_counter() - start

loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"{len(x_train)} pictures, 5 times: {seconds:.1f} s.")
print(f"Of {len(x_test)} pictures that it had never seen it knows {accuracy:.1%}.")

# The first of those, and what it takes them for.
guesses = model.predict(x_test[:5], verbose=0).argmax(axis=1)
for label, guess in zip(y_test, guesses):
    print(f"{fashion_mnist.CLASSES[label]}: it says {fashion_mnist.CLASSES[guess]}")
