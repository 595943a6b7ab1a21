"""One network, two answers: which digit it is, and whether the digit has a hole.

An Inception block looks at a picture through small and large windows at once, and puts what they
see side by side. A stack cannot branch like that. So layers are called on what comes out of other
layers, beginning with Input, and Model is told where that begins and ends.
"""

import numpy as np

from pylego import utils
from pylego.datasets import digits
from pylego.layers import Concatenate, Conv2D, Dense, GlobalMaxPooling2D, Input, MaxPooling2D
from pylego.models import Model

utils.set_random_seed(7)
(x_train, y_train), (x_test, y_test) = digits.load_data()
x_train = x_train.reshape(-1, 8, 8, 1) / 16
x_test = x_test.reshape(-1, 8, 8, 1) / 16

HOLES = [0, 6, 8, 9]  # the digits that are drawn around a hole
hole_train, hole_test = np.isin(y_train, HOLES), np.isin(y_test, HOLES)


def inception(x, filters):
    """Four ways of looking at the same picture, side by side."""
    point = Conv2D(filters, 1, padding="same", activation="relu")(x)
    small = Conv2D(filters, 1, padding="same", activation="relu")(x)
    small = Conv2D(filters, 3, padding="same", activation="relu")(small)
    large = Conv2D(filters, 1, padding="same", activation="relu")(x)
    large = Conv2D(filters, 5, padding="same", activation="relu")(large)
    pooled = MaxPooling2D(3, strides=1, padding="same")(x)
    pooled = Conv2D(filters, 1, padding="same", activation="relu")(pooled)
    return Concatenate()([point, small, large, pooled])


# The head. It parts at the end: each question has a layer of its own, and a name.
image = Input((8, 8, 1), name="image")
seen = inception(image, 8)
seen = MaxPooling2D(2)(seen)
seen = inception(seen, 16)
seen = GlobalMaxPooling2D()(seen)
digit = Dense(10, activation="softmax", name="digit")(seen)
hole = Dense(1, activation="sigmoid", name="hole")(seen)
model = Model(image, [digit, hole])
model.summary()

# The torso and the legs. Each output has a loss; loss_weights say how much it counts.
model.compile(
    optimizer="adam",
    loss={"digit": "sparse_categorical_crossentropy", "hole": "binary_crossentropy"},
    loss_weights={"digit": 1.0, "hole": 0.5},
    metrics={"digit": ["accuracy"], "hole": ["accuracy"]},
)

# Learning. The names of the logs are those of the outputs: digit_loss, hole_accuracy, ...
targets = {"digit": y_train, "hole": hole_train}
model.fit(x_train, targets, batch_size=32, epochs=15, verbose=2)

# Results.
results = model.evaluate(x_test, [y_test, hole_test], verbose=0, return_dict=True)
print(f"digits: {results['digit_accuracy']:.1%} right")
print(f"holes: {results['hole_accuracy']:.1%} right")
