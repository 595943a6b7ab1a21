"""Is a number from 1 to 10 small (0) or big (1)? The smallest LEGO person that learns."""

import numpy as np

from pylego.layers import Dense
from pylego.models import Sequential

# What it sees, and what it should say: 1 to 5 are small, 6 to 10 are big.
X = np.array([[1], [2], [3], [4], [5], [6], [7], [8], [9], [10]])
Y = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])

# The head: a network of five bricks. Its first weights are random.
model = Sequential()
model.add(Dense(64, input_dim=1, activation="relu"))
model.add(Dense(64, activation="relu"))
model.add(Dense(64, activation="relu"))
model.add(Dense(64, activation="relu"))
model.add(Dense(1, activation="sigmoid"))

# A head alone can already answer, but it has learned nothing yet.
print("before learning, 3 is big with probability", model.predict(np.array([[3]])))

# The torso (what is a mistake?) and the legs (how to step away from it?).
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])

# Learning: all ten numbers, a hundred times.
model.fit(X, Y, epochs=100, batch_size=10)

print("after learning, 3 is big with probability", model.predict(np.array([[3]])))
print("after learning, 8 is big with probability", model.predict(np.array([[8]])))
