"""Who will get diabetes? A network reads eight measurements of each of 768 women.

    python examples/pima.py pima-indians-diabetes.csv

The table: 768 rows of 8 measurements and an outcome (0 or 1), without a header. It was made by the
National Institute of Diabetes and Digestive and Kidney Diseases and is found under that file name
in many collections of tutorial data.
"""

import sys

import numpy as np

from pylego.layers import Dense
from pylego.models import Sequential

path = sys.argv[1] if len(sys.argv) > 1 else "pima-indians-diabetes.csv"
dataset = np.loadtxt(path, delimiter=",")
X = dataset[:, 0:8]
Y = dataset[:, 8]

# The head: eight numbers in, one probability out.
model = Sequential()
model.add(Dense(12, input_dim=8, activation="relu"))
model.add(Dense(8, activation="relu"))
model.add(Dense(1, activation="sigmoid"))

# The torso and the legs.
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])

# Learning.
model.fit(X, Y, epochs=1500, batch_size=64)

# How well does the figure stand?
scores = model.evaluate(X, Y)
print("%s: %.2f%%" % (model.metrics_names[1], scores[1] * 100))
