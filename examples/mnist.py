"""Read handwritten digits as 784 numbers each: MNIST, the first tutorial of most people.

The files come from the network once, or from the folder that PYLEGO_HOME names.
"""

from pylego.datasets import mnist
from pylego.layers import Dense
from pylego.models import Sequential
from pylego.utils import to_categorical

(x_train, y_train), (x_valid, y_valid) = mnist.load_data()

# Each picture of 28 x 28 pixels becomes a row of 784 numbers from 0 to 1.
x_train = x_train.reshape(-1, 784) / 255
x_valid = x_valid.reshape(-1, 784) / 255

# Each digit becomes ten numbers, of which one is 1: 3 is 0 0 0 1 0 0 0 0 0 0.
y_train = to_categorical(y_train, 10)
y_valid = to_categorical(y_valid, 10)

# The head.
model = Sequential()
model.add(Dense(units=512, activation="relu", input_shape=(784,)))
model.add(Dense(units=512, activation="relu"))
model.add(Dense(units=10, activation="softmax"))
model.summary()

# The torso; the legs are the usual ones (RMSprop) when nobody names any.
model.compile(loss="categorical_crossentropy", metrics=["accuracy"])

# Learning: every picture five times.
history = model.fit(x_train, y_train, epochs=5, verbose=1, validation_data=(x_valid, y_valid))

# What it knows now are numbers: a matrix and a bias for each brick.
for weights in model.get_weights():
    print(weights.shape)
