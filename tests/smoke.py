"""Try an installed pylego from outside its tree: the least that a package must do.

`make dist` and `.ci/run` run it in an environment that holds nothing but the built package.
"""

import numpy as np

import pylego
from pylego.datasets import digits
from pylego.layers import Dense, Flatten
from pylego.models import Sequential

(x_train, y_train), (x_test, y_test) = digits.load_data()
pylego.utils.set_random_seed(1)
model = Sequential([Flatten(), Dense(32, activation="relu"), Dense(10, activation="softmax")])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train / 16, y_train, epochs=5, verbose=0)
loss, accuracy = model.evaluate(x_test / 16, y_test, verbose=0)
assert accuracy > 0.85, accuracy
assert np.array_equal(model.predict(x_test[:2] / 16, verbose=0).shape, (2, 10))
print(f"pylego {pylego.__version__} from {pylego.__file__}: accuracy {accuracy:.3f}")
