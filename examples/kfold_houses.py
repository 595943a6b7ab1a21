"""What does a house cost? Few rows are judged fairly by k-fold cross-validation.

    python examples/kfold_houses.py housing.csv

The table: 506 rows of 13 numbers about a quarter of Boston and the median price of its houses, in
thousands of dollars, without a heading (Harrison and Rubinfeld, 1978). It is found under that file
name in many collections of tutorial data.
"""

import sys

import numpy as np

from pylego.layers import Dense, Input
from pylego.models import Sequential
from pylego.utils import set_random_seed

FOLDS = 4

set_random_seed(1)
path = sys.argv[1] if len(sys.argv) > 1 else "housing.csv"
table = np.loadtxt(path, delimiter=",")
table = np.random.default_rng(1).permutation(table)
features, prices = table[:, :13], table[:, 13]


def build_model():
    """The head, the torso and the legs: new ones for each fold."""
    model = Sequential([Input((13,)), Dense(64, "relu"), Dense(64, "relu"), Dense(1)])
    model.compile(optimizer="rmsprop", loss="mse", metrics=["mae"])
    return model


# Each fold is judged by a figure that has not seen it, and learned from all others.
errors = []
for fold, held_back in enumerate(np.array_split(np.arange(len(table)), FOLDS)):
    rest = np.setdiff1d(np.arange(len(table)), held_back)
    usual, spread = features[rest].mean(axis=0), features[rest].std(axis=0)
    scaled = (features - usual) / spread  # what is usual, only the training rows may say
    model = build_model()
    model.fit(scaled[rest], prices[rest], epochs=100, batch_size=16, verbose=0)
    _, error = model.evaluate(scaled[held_back], prices[held_back], verbose=0)
    print(f"fold {fold + 1}: off by {error:.2f} thousand dollars")
    errors.append(error)

print(f"on the average of the folds: {np.mean(errors):.2f} thousand dollars")
print(f"who always says the mean is off by {np.abs(prices - prices.mean()).mean():.2f}")
