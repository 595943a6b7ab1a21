"""A brick of your own: a layer that Keras does not have, its gradient checked, then trained.

The layer computes y = a x + (1 - a) tanh(x W + b): it lets a learned share `a` of its input pass by
and sends the rest through a dense part. Its gradient comes by itself, for it is made of bricks.
"""

import numpy as np

from pylego import ops, testing, utils
from pylego.datasets import digits
from pylego.layers import Dense, Flatten, Layer
from pylego.models import Sequential


class Bypass(Layer):
    """Pass a learned share of the input by, the rest through tanh(x W + b)."""

    def build(self, input_shape):
        units = input_shape[-1]
        self.kernel = self.add_weight(shape=(units, units), name="kernel")
        self.bias = self.add_weight(shape=(units,), initializer="zeros", name="bias")
        self.share = self.add_weight(shape=(), initializer="zeros", name="share")

    def call(self, x):
        a = ops.sigmoid(self.share)  # between 0 and 1, and one half at first
        return a * x + (1 - a) * ops.tanh(ops.matmul(x, self.kernel) + self.bias)

    def compute_output_shape(self, input_shape):
        return input_shape


# Before a brick is trusted: does its gradient agree with small steps in every direction?
utils.set_random_seed(3)
x = np.random.normal(size=(4, 5))
layer = Bypass(dtype="float64")
testing.check_gradients(layer, [x])
print("the gradient of Bypass is right")

(x_train, y_train), (x_test, y_test) = digits.load_data()
model = Sequential([Flatten(), Dense(64), Bypass(), Bypass(), Dense(10, activation="softmax")])
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(x_train / 16, y_train, epochs=20, verbose=0)
loss, accuracy = model.evaluate(x_test / 16, y_test, verbose=0)
print(f"accuracy on digits held back: {accuracy:.1%}")
for brick in model.layers[2:4]:
    print(f"{brick.name} lets {float(ops.sigmoid(brick.share)):.0%} pass by")
